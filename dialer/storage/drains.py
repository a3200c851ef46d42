"""Which exchanges are drained: no new call is placed there, calls and seats that are up go on.

Kept in the database, so that it outlives the dialer's process and any node sees it; each change is a leaf.
"""

from typing import Final

from dialer.evidence.record import Actor, EventType
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Tx
from dialer.storage.store import Store

_PREFIX: Final = "drained:"


def drained(tx: Tx) -> frozenset[str]:
    """The names of drained exchanges."""
    rows = tx.all("SELECT name FROM setting WHERE name LIKE 'drained:%'")
    return frozenset(str(row.name).removeprefix(_PREFIX) for row in rows)


def set_drained(tx: Tx, log: LogWriter, name: str, wanted: bool, actor: Actor) -> bool:
    """Drain an exchange or take it back; False when it was so already."""
    if (name in drained(tx)) is wanted:
        return False
    if wanted:
        tx.run("INSERT INTO setting (name, value) VALUES (:name, 'yes')", name=_PREFIX + name)
    else:
        tx.run("DELETE FROM setting WHERE name = :name", name=_PREFIX + name)
    says = {"exchange": name, "drained": "yes" if wanted else "no"}
    log.append(tx, Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says), tx.now_us())
    return True


class StoredDrains:
    """`services.drains.DrainStore` on the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def drained(self) -> frozenset[str]:
        return await self._store.read(drained)
