"""Two dialer nodes, a gate, an exchange and an egress as an explorer drives them: the product's own SQL, one step at a time.

What is the product's: claim, T1, T2, T3, lapse, void, moves, reports, cuts: the functions of `dialer.storage` on SQLite in
memory. What is modelled here: messages (lost, doubled, late), processes that die and start again, the egress's legs, and
the order in which `services.closing` looks at permit and egress. The gate's decision is the worst case: facts that were
read before anybody refused, so that T1 says yes and all rests on rows and indexes.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, TypeVar

from nacl.public import SealedBox

from dialer.compliance.facts import Facts
from dialer.compliance.outcome import _KEY_OF_THE_GATE, Allowed, Refusal
from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.ids import CampaignId, LeadId
from dialer.evidence.canonical import Json
from dialer.ports.keys import PlacedUnder
from dialer.storage.calls import StoredCalls
from dialer.storage.ledger import Ledger
from dialer.storage.log import LogWriter
from dialer.storage.sql import Engine, Row, Tx
from dialer.storage.times import moment
from dialer.vault.keyring import FileKeyring, NoSubjectKeys
from tests.unit.storage.storage_world import GATE_KEY, ORIGIN, World, fresh_sqlite, judge, keyring

T = TypeVar("T")
NODES: Final = ("node-1", "node-2")
TICK_SECONDS: Final = 8_000
"""One step of time: every lease, permit, ring and call that was open before it is over after it."""
HERE: Final = CampaignId(CAMPAIGN)


@dataclass(frozen=True, slots=True)
class Edit:
    """One rule left out: `old` of a statement's text becomes `new`."""

    old: str
    new: str


class EditedTx(Tx):
    """A transaction whose statements are edited before they run. `hits`: which edits met a statement at all."""

    __slots__ = ("_edits", "hits")

    def __init__(self, cursor: Any, edits: tuple[Edit, ...]) -> None:
        super().__init__(cursor, Engine.SQLITE)
        self._edits = edits
        self.hits: set[Edit] = set()

    def _edited(self, sql: str) -> str:
        for edit in self._edits:
            if edit.old in sql:
                self.hits.add(edit)
                sql = sql.replace(edit.old, edit.new)
        return sql

    def run(self, sql: str, **params: object) -> int:
        return super().run(self._edited(sql), **params)

    def one(self, sql: str, **params: object) -> Row | None:
        return super().one(self._edited(sql), **params)

    def all(self, sql: str, **params: object) -> list[Row]:
        return super().all(self._edited(sql), **params)


class OneTxStore:
    """The part of `Store` that storage uses, on one cursor: a write is a savepoint, as in the writer's thread."""

    def __init__(self, tx: Tx, cursor: sqlite3.Cursor) -> None:
        self._tx = tx
        self._cursor = cursor

    async def write(self, work: Callable[[Tx], T]) -> T:
        self._cursor.execute("SAVEPOINT one")
        try:
            value = work(self._tx)
        except Exception:
            self._cursor.execute("ROLLBACK TO SAVEPOINT one")
            self._cursor.execute("RELEASE SAVEPOINT one")
            raise
        self._cursor.execute("RELEASE SAVEPOINT one")
        return value

    async def read(self, work: Callable[[Tx], T]) -> T:
        return work(self._tx)


def now(work: Coroutine[Any, Any, T]) -> T:
    """The value of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("a step of the explorer waits for something")


@dataclass(frozen=True, slots=True)
class Ground:
    """A database as it stands before the first step, and what the gate says to each lead."""

    content: bytes
    began_us: int
    leads: tuple[LeadId, ...]
    numbers: dict[LeadId, bytes]
    facts: dict[LeadId, Facts]
    allowed: dict[LeadId, Allowed]


@cache
def ground(endings: tuple[int, ...]) -> Ground:
    """One lead for each ending (the same ending: the same number), each with the real gate's real yes."""

    async def prepare(world: World, began_us: int) -> Ground:
        leads = [await world.lead(ending) for ending in endings]
        await world.ledger.claim(HERE, len(leads))
        facts = {}
        for lead in leads:
            facts[lead] = world.store.read_now(partial(world.facts, lead_id=lead, now=moment(began_us)))
        decisions = {lead: judge(fact, moment(began_us)) for lead, fact in facts.items()}
        world.run("UPDATE lead SET state = 'queued', owner = NULL, fence = 0, due_us = 0, lease_until_us = 0")
        world.run("UPDATE clock_offset SET offset_us = 0")
        numbers = {
            lead: bytes(
                world.one(
                    "SELECT s.platform_hmac AS h FROM lead l JOIN subject s ON s.sid = l.sid WHERE l.id = :id",
                    id=lead,
                ).h
            )
            for lead in leads
        }
        allowed = {lead: _terse(said) for lead, said in decisions.items() if isinstance(said, Allowed)}
        assert len(allowed) == len(leads)
        return Ground(b"", began_us, tuple(leads), numbers, facts, allowed)

    with tempfile.TemporaryDirectory() as folder:
        world = World(fresh_sqlite(Path(folder)))
        try:
            prepared = asyncio.run(prepare(world, world.now_us() + 60_000_000))
        finally:
            world.close()
        file = sqlite3.connect(Path(folder) / "dialer.db")
        try:
            file.execute("PRAGMA journal_mode=DELETE")
            content = file.serialize()
        finally:
            file.close()
    return Ground(
        content, prepared.began_us, prepared.leads, prepared.numbers, prepared.facts, prepared.allowed
    )


def _terse(said: Allowed) -> Allowed:
    """The gate's own yes without its table of rules, which would be written out at every step."""
    return Allowed(
        _KEY_OF_THE_GATE,
        decided_at=said.decided_at,
        terms=said.terms,
        rules=(),
        policy=said.policy,
        warnings=(),
    )


class TerseLedger(Ledger):
    """The product's ledger whose leaves say nothing: what a decision says is not this explorer's subject."""

    def _says(self, lead: Row, facts: Facts, decision: Allowed | Refusal) -> dict[str, Json]:
        del lead, facts, decision
        return {}


class QuickKeyring(FileKeyring):
    """The product's keyring that works a number's place in the refusal tree out once."""

    def dnc_place(self, scope: str, number: str, seq: int) -> bytes:
        del seq  # one key places everything here
        return self.dnc_places(scope, number)[0].place

    @cache  # noqa: B019 - one keyring a walk
    def dnc_places(self, scope: str, number: str) -> tuple[PlacedUnder, ...]:
        return super().dnc_places(scope, number)


@dataclass
class Rig:
    """The product's storage on one connection in memory, whose clock is `now_us`."""

    ground: Ground
    edits: tuple[Edit, ...] = ()
    drops_index: bool = False
    now_us: int = field(init=False)

    def __post_init__(self) -> None:
        self.now_us = self.ground.began_us
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.deserialize(self.ground.content)
        self.connection.create_function("julianday", 1, lambda _: self.now_us / 86_400e6 + 2440587.5)
        self.cursor = self.connection.cursor()
        if self.drops_index:
            self.cursor.execute("DROP INDEX uq_attempt_open_number")
        self.cursor.execute("BEGIN")
        self.tx = EditedTx(self.cursor, self.edits)
        self.keys = keyring(QuickKeyring)
        self.box: SealedBox[Any] = SealedBox(GATE_KEY)
        self.gate_log = LogWriter(ORIGIN, "gate", "boot", "test", NoSubjectKeys())
        store: Any = OneTxStore(self.tx, self.cursor)
        self.store = store
        self.logs = {node: LogWriter(ORIGIN, node, "boot", "test", self.keys) for node in NODES}
        self.ledgers = {
            node: TerseLedger(store, log, self.keys, read_facts=self._facts, decide=self._yes)
            for node, log in self.logs.items()
        }
        self.calls = {node: StoredCalls(store, log, self.keys) for node, log in self.logs.items()}

    def _facts(self, tx: Tx, lead_id: LeadId, at: datetime) -> Facts:
        del tx, at
        return self.ground.facts[lead_id]

    def _yes(self, facts: Facts, at: datetime) -> Allowed:
        del at
        return next(self.ground.allowed[lead] for lead, known in self.ground.facts.items() if known is facts)

    def unseal(self, sealed: bytes) -> bytes:
        """What only the gate's key opens."""
        return self.box.decrypt(sealed)

    def moment(self) -> datetime:
        """The database's time."""
        return moment(self.now_us)

    @contextmanager
    def tried(self, depth: int) -> Iterator[None]:
        """Whatever is done inside is undone at the end."""
        self.cursor.execute(f"SAVEPOINT step{depth}")
        try:
            yield
        finally:
            self.cursor.execute(f"ROLLBACK TO SAVEPOINT step{depth}")
            self.cursor.execute(f"RELEASE SAVEPOINT step{depth}")

    def close(self) -> None:
        """Forget it all."""
        self.connection.close()
