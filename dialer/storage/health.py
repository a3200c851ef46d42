"""What the database knows of an installation's own health, in one read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dialer.rules.pack import Place
from dialer.storage.places import read_places
from dialer.storage.sql import Tx
from dialer.storage.times import moment
from dialer.storage.views_status import read_witness

HOUR_US: Final = 3_600_000_000


@dataclass(frozen=True, slots=True)
class ListAge:
    """An outside list's current version."""

    kind: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class StoredHealth:
    """`revision`: of the tables; `witness_seconds`: how late the witness is, None when it isn't."""

    revision: str
    now: datetime
    witness_seconds: int | None
    stops: tuple[str, ...]
    lists: tuple[ListAge, ...]
    places: tuple[Place, ...]
    webhooks_failing: tuple[str, ...] = ()
    """Addresses in use with a message that was tried and not taken for an hour."""


def read_health(tx: Tx, now: datetime) -> StoredHealth:
    """Read it. `now`: the product's clock, aware UTC."""
    revision = str(tx.sole("SELECT version_num FROM alembic_version").version_num)
    witness = read_witness(tx, now)
    stops = tx.all("SELECT DISTINCT code FROM dialling_stop WHERE lifted_us IS NULL ORDER BY code")
    lists = tx.all("SELECT kind, as_of_us FROM outside_list WHERE current = :yes ORDER BY kind", yes=True)
    failing = tx.all(
        "SELECT DISTINCT w.id FROM webhook w JOIN webhook_delivery d ON d.webhook_id = w.id"
        " WHERE w.disabled_us IS NULL AND d.state = 'waiting' AND d.tries > 0 AND d.created_us < :old"
        " ORDER BY w.id",
        old=tx.now_us() - HOUR_US,
    )
    return StoredHealth(
        webhooks_failing=tuple(row.id for row in failing),
        revision=revision,
        now=moment(tx.now_us()),
        witness_seconds=(witness.age_seconds or 0) if witness.late else None,
        stops=tuple(str(row.code) for row in stops),
        lists=tuple(ListAge(str(row.kind), moment(row.as_of_us)) for row in lists),
        places=read_places(tx),
    )
