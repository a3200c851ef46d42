"""A refusal, from whatever side it comes: T3 first, then every other live leg to the number is cut, again and again.

What isn't committed is not forgotten. The cutting is driven from `cut_wanted` in the database by a timer, so that any
live node repeats it until the attempt is final (rule 12); the call right here only makes it quick. A refusal whose
commit is not known goes, fsynced, into the spool; while one waits there nothing is dialled at all (decision 13).
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar

import structlog

from dialer.domain.disposition import REFUSED
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.errors import EgressUnavailable, ExchangeUnavailable, StoreUnavailable
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import Calls, CallView, RefusalHeard, Refusing
from dialer.ports.clock import Clock

CLOSING_SECONDS: Final = 30
COMMIT_SECONDS_MAX: Final = 2.0
"""A commit that takes longer is not known: the refusal goes to the spool, and committing it twice changes nothing."""
DRAINED_PER_TURN_MAX: Final = 200
_log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ToldRefusal:
    """A refusal of a number that was told to us outside a call. `number` is E.164; `via`: which door.

    `said_at`: when the person refused, as far as the teller knows; None: now. Never platform-wide: that takes the
    person's own word or a verified fraud, not an organisation's list (readings).
    """

    org_id: OrganisationId
    number: str = field(repr=False)
    purpose: str | None
    reason: DncReason
    actor: Actor
    said_at: datetime | None
    via: str


@dataclass(frozen=True, slots=True)
class Superseded:
    """The person consented after that refusal, with proof of ownership; `since`: when. Nothing was entered."""

    since: datetime


@dataclass(frozen=True, slots=True)
class HeardInCall:
    """A refusal in a call as the spool keeps it. `actor` None: the callee of that attempt, not looked up yet."""

    attempt_id: AttemptId
    reason: DncReason
    scope: DncScope
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The refusal's commit is not known: it is on disk, and nothing is dialled before it is committed."""

    at: datetime
    closing_until: datetime | None


Spooled = HeardInCall | ToldRefusal


class HangsUp(Protocol):
    """The dialer's exchange, or the egress behind it, as far as cutting needs it."""

    async def hang_up(self, attempt_id: AttemptId) -> None:
        """Hang up an attempt's legs; safe to repeat."""
        ...


class DoNotCall(Protocol):
    """Storage's part for numbers that were told."""

    async def refuse_number(self, told: ToldRefusal) -> RefusalHeard | Superseded:
        """T3 for a number; its subject is made when it is new.

        Raises:
            StoreUnavailable: the commit is not known.
        """
        ...

    async def open_calls_to(self, org: OrganisationId, number: str) -> tuple[AttemptId, ...]:
        """The organisation's consumed attempts to that number that may be up."""
        ...


class Spool(Protocol):
    """Refusals that wait for the database, on disk."""

    async def keep(self, refusal: Spooled) -> None:
        """Keep it, fsynced before this returns.

        Raises:
            StoreUnavailable: the disk failed, too; it is kept in memory alone, and still nothing is dialled.
        """
        ...

    def waiting(self) -> tuple[tuple[int, Spooled], ...]:
        """What waits, oldest first, each with its place."""
        ...

    async def committed(self, place: int) -> None:
        """Free a place: its refusal is on the list."""
        ...


class Refusals:
    """The one way onto the do-not-call list while the dialer runs."""

    def __init__(
        self,
        *,
        calls: Calls,
        numbers: DoNotCall,
        telephony: HangsUp,
        egress: HangsUp,
        spool: Spool,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._numbers = numbers
        self._telephony = telephony
        self._egress = egress
        self._spool = spool
        self._clock = clock
        self._closings: dict[AttemptId, datetime] = {}

    # -------------------------------------------------------------- heard in a call

    async def heard_in_call(
        self, call: CallView, reason: DncReason, actor: Actor, scope: DncScope = DncScope.ORGANISATION
    ) -> RefusalHeard | Waiting:
        """The callee of `call` refused. The conversation may close within `CLOSING_SECONDS`; all else is cut now."""
        try:
            heard = await self._commit_call(call, reason, actor, scope)
        except StoreUnavailable:
            return await self._wait_in_call(HeardInCall(call.attempt_id, reason, scope, actor))
        for attempt_id in heard.cut:
            await self.cut(attempt_id)
        return heard

    async def heard_in_attempt(
        self, attempt_id: AttemptId, reason: DncReason, actor: Actor | None
    ) -> RefusalHeard | Waiting | None:
        """As `heard_in_call`, also while the attempt can't be read. `actor` None: its callee. None: no such attempt."""
        try:
            call = await _known(self._calls.view(attempt_id))
        except StoreUnavailable:
            return await self._wait_in_call(HeardInCall(attempt_id, reason, DncScope.ORGANISATION, actor))
        if call is None:
            return None
        return await self.heard_in_call(call, reason, actor or Actor(ActorKind.CALLEE, call.sid))

    async def heard_while_away(self, attempt_id: AttemptId, actor: Actor) -> bool:
        """A key that the exchange itself kept while no dialer listened; True when it was news.

        Raises:
            StoreUnavailable: it isn't on the list yet; nobody may be dialled before it is.
        """
        if await self._calls.was_refused_in(attempt_id):
            return False
        call = await self._calls.view(attempt_id)
        if call is None:
            return False
        await self.heard_in_call(call, DncReason.KEY, actor)
        return True

    # -------------------------------------------------------------- told from outside

    async def told(self, told: ToldRefusal) -> RefusalHeard | Superseded | Waiting:
        """Somebody reports that a person refused: the same list, the same cutting, no conversation to close."""
        try:
            heard = await _known(self._numbers.refuse_number(told))
        except StoreUnavailable:
            try:
                await self._spool.keep(told)
            finally:
                await self._cut_calls_to(told)
            return Waiting(self._clock.now(), None)
        if isinstance(heard, RefusalHeard):
            for attempt_id in heard.cut:
                await self.cut(attempt_id)
        return heard

    # -------------------------------------------------------------- the spool

    def is_waiting(self) -> bool:
        """Whether a refusal waits for its commit: then nothing may be dialled."""
        return bool(self._spool.waiting())

    async def drain(self) -> int:
        """Commit what waits, oldest first; how many were. Stops at the first that the database doesn't take."""
        done = 0
        for place, refusal in self._spool.waiting()[:DRAINED_PER_TURN_MAX]:
            try:
                heard = await self._again(refusal)
            except (StoreUnavailable, LookupError) as away:
                _log.warning("refusal.waits", failure=type(away).__name__)
                break
            await self._spool.committed(place)
            done += 1
            if isinstance(heard, RefusalHeard):
                for attempt_id in heard.cut:
                    await self.cut(attempt_id)
        return done

    async def _again(self, refusal: Spooled) -> RefusalHeard | Superseded:
        if isinstance(refusal, ToldRefusal):
            return await _known(self._numbers.refuse_number(refusal))
        call = await _known(self._calls.view(refusal.attempt_id))
        if call is None:
            # the database may be older than the spool (a restore): an operator has to look, until then nobody is called
            raise LookupError("a refusal waits for an attempt that this database does not know")
        actor = refusal.actor or Actor(ActorKind.CALLEE, call.sid)
        return await self._commit_call(call, refusal.reason, actor, refusal.scope)

    # -------------------------------------------------------------- cutting

    async def cut_wanted(self) -> int:
        """Repeat every cut that is still wanted; how many there were."""
        now = self._clock.now()
        due = [attempt_id for attempt_id, until in self._closings.items() if until <= now]
        for attempt_id in due:
            del self._closings[attempt_id]
            await self.cut(attempt_id)
        wanted = await self._calls.wanted_cuts()
        for call in wanted:
            await self.cut(call.attempt_id)
        return len(due) + len(wanted)

    async def cut(self, attempt_id: AttemptId) -> None:
        """Hang up an attempt through the exchange and at the egress; a side that is away is tried again by the job."""
        with suppress(ExchangeUnavailable):
            await self._telephony.hang_up(attempt_id)
        with suppress(EgressUnavailable):
            await self._egress.hang_up(attempt_id)

    # -------------------------------------------------------------- inside

    async def _cut_calls_to(self, told: ToldRefusal) -> None:
        with suppress(StoreUnavailable):
            for attempt_id in await _known(self._numbers.open_calls_to(told.org_id, told.number)):
                await self.cut(attempt_id)

    async def _commit_call(
        self, call: CallView, reason: DncReason, actor: Actor, scope: DncScope
    ) -> RefusalHeard:
        heard = await _known(
            self._calls.refuse(
                Refusing(
                    sid=call.sid,
                    org_id=call.org_id,
                    scope=scope,
                    purpose=None,
                    reason=reason,
                    actor=actor,
                    said_in=call.attempt_id,
                    closing_seconds=CLOSING_SECONDS,
                )
            )
        )
        await _known(self._calls.dispose(call.attempt_id, REFUSED.code, REFUSED.answer_class, actor, ""))
        return heard

    async def _wait_in_call(self, refusal: HeardInCall) -> Waiting:
        until = self._clock.now() + timedelta(seconds=CLOSING_SECONDS)
        self._closings.setdefault(refusal.attempt_id, until)
        await self._spool.keep(refusal)
        return Waiting(self._clock.now(), self._closings[refusal.attempt_id])


async def _known(work: Coroutine[Any, Any, T]) -> T:
    """The value of a transaction whose commit is known in time.

    Raises:
        StoreUnavailable: it is not known; the transaction may commit later, which changes nothing.
    """
    try:
        return await asyncio.wait_for(work, COMMIT_SECONDS_MAX)
    except TimeoutError:
        raise StoreUnavailable("the commit took too long") from None
