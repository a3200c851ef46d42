"""Who looked at what: a leaf of the evidence log before the answer, in the transaction that reads it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from dialer.domain.ids import AttemptId, InboundId, OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.clock import Clock
from dialer.services.views.trail import Revealed
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.moves import leaf_of_attempt
from dialer.storage.personal import Key, PersonalReader
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment

SAME_LOOK_MINUTES: Final = 10
"""A page that reloads itself is one look: the same person at the same thing is logged once in this time."""
LOOKS_KEPT_MAX: Final = 10_000

LOOKS: Final = frozenset(
    str(kind)
    for kind in (
        EventType.EVIDENCE_ACCESSED,
        EventType.EVIDENCE_EXPORTED,
        EventType.VERIFY_RUN,
        EventType.NUMBER_REVEALED,
    )
)
"""Leaves of who looked: they come after what happened and change nothing of what is proven about it."""

_ERASED: Final = Declined(
    "person.erased",
    Sentence("此人的信息已删除，无法显示。", "This person's data were erased; nothing can be shown."),
)


@dataclass(slots=True)
class AccessLog:
    """Writes `evidence.accessed`, `evidence.exported`, `verify.run` and `number.revealed`."""

    store: Store
    log: LogWriter
    personal: PersonalReader
    clock: Clock
    _looks: dict[tuple[UserId, str, str], datetime] = field(default_factory=dict)

    async def looked(self, org: OrganisationId, user: UserId, attempt: AttemptId, what: str) -> bool:
        """Log that `user` opened `what` (page, recording, peaks) of an attempt; False: no such attempt here.

        Raises:
            StoreUnavailable: it isn't logged, so it must not be shown.
        """
        now, key = self.clock.now(), (user, str(attempt), what)
        if self._is_same_look(key, now):
            return True
        done = await self._leaf(org, user, attempt, EventType.EVIDENCE_ACCESSED, what)
        if done:
            self._remember(key, now)
        return done

    def _is_same_look(self, key: tuple[UserId, str, str], now: datetime) -> bool:
        before = self._looks.get(key)
        return before is not None and now - before < timedelta(minutes=SAME_LOOK_MINUTES)

    def _remember(self, key: tuple[UserId, str, str], now: datetime) -> None:
        self._looks.pop(key, None)
        self._looks[key] = now
        while len(self._looks) > LOOKS_KEPT_MAX:
            self._looks.pop(next(iter(self._looks)))

    async def looked_at_caller(
        self, org: OrganisationId, user: UserId, inbound_id: InboundId, what: str
    ) -> bool:
        """Log that `user` opened `what` of a call to our number; False: no such call here.

        Raises:
            StoreUnavailable: it isn't logged, so it must not be shown.
        """
        now, key = self.clock.now(), (user, str(inbound_id), what)
        if self._is_same_look(key, now):
            return True

        def work(tx: Tx) -> bool:
            row = tx.one(
                "SELECT i.id, i.sid, s.wrapped_key FROM inbound_call i LEFT JOIN subject s ON s.sid = i.sid"
                " WHERE i.id = :id AND i.org_id = :org",
                id=inbound_id,
                org=org,
            )
            if row is None:
                return False
            has_key = row.wrapped_key is not None
            draft = Draft(
                EventType.EVIDENCE_ACCESSED,
                Actor(ActorKind.USER, user),
                {"what": what, "inbound": row.id},
                org=org,
                subject=Subject(row.sid, bytes(row.wrapped_key)) if has_key else None,
                sid=None if has_key else row.sid,
            )
            self.log.append(tx, draft, tx.now_us())
            return True

        done = await self.store.write(work)
        if done:
            self._remember(key, now)
        return done

    async def exported(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bool:
        """Log the export of a bundle; False: no such attempt here."""
        return await self._leaf(org, user, attempt, EventType.EVIDENCE_EXPORTED, "bundle")

    async def verified(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bool:
        """Log that the bundle was verified; False: no such attempt here."""
        return await self._leaf(org, user, attempt, EventType.VERIFY_RUN, "bundle")

    async def reveal(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, reason: str
    ) -> Revealed | Declined | None:
        """Show a number; who, when and why are on the log in the same transaction, or nothing is shown.

        Raises:
            StoreUnavailable: it isn't logged, and nothing was shown.
        """

        def work(tx: Tx) -> Revealed | Declined | None:
            row = _attempt(tx, org, attempt)
            if row is None:
                return None
            number = self.personal.number(Key(row.sid, row.wrapped_key), row.number_ct)
            if number is None:
                return _ERASED
            actor = Actor(ActorKind.USER, user)
            seq = leaf_of_attempt(tx, self.log, row, EventType.NUMBER_REVEALED, actor, {"reason": reason})
            return Revealed(number, moment(tx.now_us()), seq)

        return await self.store.write(work)

    async def _leaf(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, kind: EventType, what: str
    ) -> bool:
        def work(tx: Tx) -> bool:
            row = _attempt(tx, org, attempt)
            if row is None:
                return False
            leaf_of_attempt(tx, self.log, row, kind, Actor(ActorKind.USER, user), {"what": what})
            return True

        return await self.store.write(work)


def _attempt(tx: Tx, org: OrganisationId, attempt: AttemptId) -> Row | None:
    return tx.one(
        "SELECT a.*, s.wrapped_key, s.number_ct FROM attempt a JOIN subject s ON s.sid = a.sid"
        " WHERE a.id = :id AND a.org_id = :org",
        id=attempt,
        org=org,
    )
