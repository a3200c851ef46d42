"""A random sample of an organisation's attempts and the inspector who looks at them; the seed is on the log first (D30)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.draw import SEED_BYTES, drawn
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.keys import PayloadKeys
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.times import micros

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


class Sampling:
    """Draws."""

    def __init__(self, store: Store, log: LogWriter, keys: PayloadKeys) -> None:
        self._store = store
        self._log = log
        self._keys = keys

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

        def choose(tx: Tx) -> Sample:
            attempts = drawn(seed, "attempt", _attempts(tx, org, since, until), count)
            auditors = tx.all(
                "SELECT id FROM user_account WHERE org_id = :org AND role = 'auditor' AND disabled_us IS NULL",
                org=org,
            )
            inspector = drawn(seed, "inspector", (str(row.id) for row in auditors), 1)
            return Sample(seq, seed, attempts, UserId(inspector[0]) if inspector else None)

        return await self._store.read(choose)


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
