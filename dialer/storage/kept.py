"""Rows that no leaf leads to, for log shipping: registers, stops, imports, notices. Shipped by what changed in them.

The leaves of a commit bring the rows that they are about (`shipping.FOLLOWED`). Everything else that somebody was told is
done is here: after each commit that wrote to such a table its rows are compared with those shipped before.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from dialer.storage.sql import Row, Tx

PAGE_ROWS: Final = 500
_DAY_US: Final = 86_400_000_000
_LATELY: Final = f"NOW_US - {_DAY_US}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A table that is compared. `live`: which rows may still change, where it grows without end; one that isn't live any
    more is looked at once again. `own`: columns that a restored installation goes on with as they are."""

    table: str
    keys: tuple[str, ...] = ("id",)
    live: str = ""
    own: tuple[str, ...] = ()


BEFORE_LEAVES: Final = (
    Kept("organisation"),
    Kept("setting", ("name",)),
    Kept("user_account"),
    Kept("pause_code", ("org_id", "code")),
    Kept("sign_on", ("issuer", "subject")),
    Kept("account_ticket", ("token_sha256",)),
    Kept("caller_id"),
    Kept("consent_source"),
    Kept("consent_text"),
    Kept("script"),
    Kept("prompt"),
    Kept("campaign"),
    Kept("campaign_caller_id", ("campaign_id", "caller_id")),
    Kept("campaign_agent", ("campaign_id", "user_id")),
    Kept("register_change"),
    Kept("dialling_stop"),
    Kept("outside_list"),
    Kept("partner"),
    # whoever was told of an event before the loss is told again rather than never
    Kept("webhook", own=("next_seq",)),
)
"""What leaves' rows refer to, in an order that foreign keys allow."""
NEW_LEADS: Final = (Kept("subject", ("sid",)), Kept("lead"))
"""Not compared: what an import brings without a leaf, shipped with its run."""
AFTER_LEAVES: Final = (
    Kept("inbound_call", live=f"ended_us IS NULL OR received_us > {_LATELY}"),
    Kept("dossier", live=f"asked_us > NOW_US - {30 * _DAY_US}"),
    Kept("refusal_notice", ("entry_id",), live=f"sent_us IS NULL OR next_us > {_LATELY}"),
    Kept("refusal_import", live=f"at_us > {_LATELY}"),
    Kept("partner_message", ("partner_id", "message_id"), live=f"at_us > {_LATELY}"),
    Kept("import_run", live=f"at_us > {_LATELY}"),
)
"""What refers to leaves' rows."""
NOT_SHIPPED: Final = {
    "api_repeat": "answers to repeated requests, for a day",
    "login_session": "people log in again",
    "webhook_delivery": "made again from the leaves after `webhook.next_seq`",
    "checkpoint": "signed and witnessed again",
    "clock_offset": "the demo's, set when it was installed",
    "job_run": "when each timer ran last",
    "check_run": "made again by the next check",
    "pacing_memory": "learned again",
}
"""Tables in which nothing stands that anybody was told is done, each with the reason."""
KEPT: Final = {kept.table: kept for kept in (*BEFORE_LEAVES, *AFTER_LEAVES)}
WITHOUT_CONSENT: Final = (
    "SELECT * FROM lead WHERE import_id = :id AND consent_id IS NULL AND id > :after ORDER BY id LIMIT :rows"
)
"""Leads of an import that no leaf leads to: nobody may call them, and the supervisor sees them."""


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row as it stands; `row` None: it is gone. `is_new`: only where there is none, as a lead of an import."""

    table: str
    key: tuple[object, ...]
    row: dict[str, object] | None
    is_new: bool = False


@dataclass(slots=True)
class KeptRows:
    """What was shipped of these tables by this process, as hashes. Begins with everything.

    Rows here never come back to what they were: a process that did not see another's change in between would pass over it.
    """

    _known: dict[str, dict[tuple[object, ...], bytes]] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=lambda: set(KEPT))

    def changed(self, tx: Tx, written: set[str], ship: Callable[[list[KeptRow]], None]) -> None:
        """Ship what changed in the tables that were written, or could not be shipped before.

        Raises:
            OSError: `ship` did; the tables wait for the next time.
        """
        self._waiting |= written & KEPT.keys()
        for table in [table for table in KEPT if table in self._waiting]:
            self._table(tx, KEPT[table], ship)
            self._waiting.discard(table)

    def _table(self, tx: Tx, kept: Kept, ship: Callable[[list[KeptRow]], None]) -> None:
        where = f" WHERE {kept.live}" if kept.live else ""
        now = {_key(kept, row): row for row in tx.all(f"SELECT * FROM {kept.table}{where}")}
        before = self._known.get(kept.table)
        hashes = {key: _hash(kept, row) for key, row in now.items()}
        found = [
            KeptRow(kept.table, key, dict(now[key]._asdict()))
            for key, hashed in hashes.items()
            if (before or {}).get(key) != hashed
        ]
        for key in (before or {}).keys() - now.keys():
            row = tx.one(f"SELECT * FROM {kept.table} WHERE {_same(kept.keys)}", **_named(kept.keys, key))
            if row is None or _hash(kept, row) != (before or {})[key]:
                found.append(KeptRow(kept.table, key, None if row is None else dict(row._asdict())))
        if kept.table == "import_run" and before is not None:
            for run in found:
                _leads(tx, str(run.key[0]), ship)
        for first in range(0, len(found), PAGE_ROWS):
            ship(found[first : first + PAGE_ROWS])
        self._known[kept.table] = hashes


def _leads(tx: Tx, import_id: str, ship: Callable[[list[KeptRow]], None]) -> None:
    after = ""
    while rows := tx.all(WITHOUT_CONSENT, id=import_id, after=after, rows=PAGE_ROWS):
        people = tx.all_in("SELECT * FROM subject WHERE sid IN", [row.sid for row in rows])
        ship(
            [
                *(KeptRow("subject", (row.sid,), dict(row._asdict()), is_new=True) for row in people),
                *(KeptRow("lead", (row.id,), dict(row._asdict()), is_new=True) for row in rows),
            ]
        )
        after = rows[-1].id


def _key(kept: Kept, row: Row) -> tuple[object, ...]:
    return tuple(_plain(getattr(row, name)) for name in kept.keys)


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def _hash(kept: Kept, row: Row) -> bytes:
    values = {name: _plain(value) for name, value in row._asdict().items() if name not in kept.own}
    return sha256(repr(values).encode()).digest()


def _same(keys: tuple[str, ...]) -> str:
    return " AND ".join(f"{name} = :{name}" for name in keys)


def _named(keys: tuple[str, ...], values: tuple[object, ...]) -> dict[str, object]:
    return dict(zip(keys, values, strict=True))
