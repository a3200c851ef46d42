"""A random sample of an organisation's attempts and the inspector who looks at them; the seed is on the log first (D30)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.draw import SEED_BYTES, drawn
from dialer.evidence.payload import parse_payload
from dialer.evidence.record import Actor, ActorKind, EventType, parse_leaf
from dialer.ports.keys import PayloadKeys
from dialer.services.views.audit import SampleView
from dialer.services.views.words import Declined, Named, Sentence
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.times import micros, moment
from dialer.storage.views_trail import TrailReader

PAGE_ROWS = 5000
SAMPLE_MAX = 1000

NOT_OVER = Declined(
    "sample.period",
    Sentence("抽样期间须已结束。", "A sample is drawn from a time that is over, and ends after it begins."),
)
TOO_MANY = Declined("sample.size", Sentence("每次抽样 1 至 1000 件。", "A sample has 1 to 1,000 attempts."))


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn. `seq`: the leaf with the seed. `inspector`: one of the organisation's auditors; None: it has none."""

    seq: int
    seed: bytes
    attempts: tuple[str, ...]
    inspector: UserId | None


@dataclass(frozen=True, slots=True)
class Seed:
    """What a draw goes by, as leaf `seq` states it."""

    seq: int
    seed: bytes
    since: datetime
    until: datetime
    count: int


class Sampling:
    """Draws."""

    def __init__(self, store: Store, log: LogWriter, keys: PayloadKeys, trail: TrailReader) -> None:
        self._store = store
        self._log = log
        self._keys = keys
        self._trail = trail

    async def draw(
        self, org: OrganisationId, user: UserId, since: datetime, until: datetime, count: int
    ) -> Sample | Declined:
        """Commit a seed, then draw by it from the attempts authorised in [since, until)."""
        if not 0 < count <= SAMPLE_MAX:
            return TOO_MANY
        seed = self._keys.random_bytes(SEED_BYTES)

        def commit(tx: Tx) -> int | Declined:
            if not since < until or micros(until) > tx.now_us():
                return NOT_OVER
            says: dict[str, Json] = {
                "what": "sample",
                "seed": seed.hex(),
                "since": micros(since),
                "until": micros(until),
                "count": count,
            }
            draft = Draft(EventType.EVIDENCE_ACCESSED, Actor(ActorKind.USER, user), says, org=org)
            return self._log.append(tx, draft, tx.now_us())

        seq = await self._store.write(commit)
        if isinstance(seq, Declined):
            return seq
        return await self._store.read(lambda tx: _choose(tx, org, Seed(seq, seed, since, until, count)))

    async def drawn_for(
        self, org: OrganisationId, user: UserId, since: datetime, until: datetime, count: int
    ) -> SampleView | Declined:
        """The same as a page: `services.audit_desk.Samples`. Of a day that isn't over, what was of it until now."""
        until = min(until, moment(await self._store.read(lambda tx: tx.now_us())))
        sample = await self.draw(org, user, since, until, count)
        return sample if isinstance(sample, Declined) else await self._shown(org, sample, since, until, count)

    async def drawn_at(self, org: OrganisationId, seq: int) -> SampleView | None:
        """Draw again by the seed in leaf `seq`; None: that leaf is no sample of this organisation."""
        found = await self._store.read(lambda tx: _seed_at(tx, org, seq))
        if found is None:
            return None
        sample = await self._store.read(lambda tx: _choose(tx, org, found))
        return await self._shown(org, sample, found.since, found.until, found.count)

    async def _shown(
        self, org: OrganisationId, sample: Sample, since: datetime, until: datetime, count: int
    ) -> SampleView:
        rows = await self._trail.rows(org, sample.attempts)
        name = await self._store.read(
            lambda tx: tx.one("SELECT name FROM user_account WHERE id = :id", id=sample.inspector or "")
        )
        inspector = None
        if sample.inspector is not None and name is not None:
            inspector = Named(sample.inspector, Sentence(name.name, name.name))
        return SampleView(sample.seq, sample.seed.hex(), since, until, count, inspector, rows)


def _choose(tx: Tx, org: OrganisationId, by: Seed) -> Sample:
    attempts = drawn(by.seed, "attempt", _attempts(tx, org, by.since, by.until), by.count)
    auditors = tx.all(
        "SELECT id FROM user_account WHERE org_id = :org AND role = 'auditor' AND disabled_us IS NULL",
        org=org,
    )
    inspector = drawn(by.seed, "inspector", (str(row.id) for row in auditors), 1)
    return Sample(by.seq, by.seed, attempts, UserId(inspector[0]) if inspector else None)


def _seed_at(tx: Tx, org: OrganisationId, seq: int) -> Seed | None:
    """What the leaf says that a draw committed; it is in clear, for it concerns nobody."""
    row = tx.one(
        "SELECT l.body, p.ct FROM leaf l JOIN payload p ON p.seq = l.seq"
        " WHERE l.seq = :seq AND l.type = 'evidence.accessed' AND l.sid IS NULL AND p.sid IS NULL",
        seq=seq,
    )
    if row is None or parse_leaf(bytes(row.body)).event.org != org:
        return None
    payload = parse_payload(bytes(row.ct))
    seed, since, until, count = (payload.value(name) for name in ("seed", "since", "until", "count"))
    if payload.value("what") != "sample" or not isinstance(seed, str):
        return None
    if not isinstance(since, int) or not isinstance(until, int) or not isinstance(count, int):
        return None
    return Seed(seq, bytes.fromhex(seed), moment(since), moment(until), count)


def _attempts(tx: Tx, org: OrganisationId, since: datetime, until: datetime) -> Iterator[str]:
    after = ""
    while True:
        rows = tx.all(
            "SELECT id FROM attempt WHERE org_id = :org AND authorised_us >= :since AND authorised_us < :until"
            " AND id > :after ORDER BY id LIMIT :rows",
            org=org,
            since=micros(since),
            until=micros(until),
            after=after,
            rows=PAGE_ROWS,
        )
        yield from (str(row.id) for row in rows)
        if len(rows) < PAGE_ROWS:
            return
        after = str(rows[-1].id)
