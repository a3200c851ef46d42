"""The agent's verbs in a talk with somebody who rang our number."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from dialer.domain.disposition import INBOUND
from dialer.domain.errors import ExchangeUnavailable
from dialer.domain.ids import InboundId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import RefusalHeard
from dialer.ports.clock import Clock
from dialer.ports.inbound import InboundCalls, InboundExchange
from dialer.services.inbound import InboundLine
from dialer.services.inbound_talks import CLOSING_SECONDS, InboundTalks
from dialer.services.lanes import WRAP_SECONDS_MAX
from dialer.services.refusals import Waiting
from dialer.services.seats import Agent, Place, Seats
from dialer.services.views.caller import CallerRefused, DeskCaller, Stopped
from dialer.services.views.words import Declined, Sentence

_TALKS: Final = (Place.TALKING, Place.CLOSING)
_EXCHANGE: Final = Declined(
    "exchange.unavailable",
    Sentence("话务系统暂时不可用，请稍后再试。", "The exchange is unavailable now; try again soon."),
)
_WRONG_TIME: Final = Declined(
    "call.not_in_that_state", Sentence("这通电话现在不能这样操作。", "That can't be done to this call now.")
)
_NO_CODE: Final = Declined(
    "disposition.unknown", Sentence("没有这个结果选项。", "There is no such disposition.")
)


class CallerReads(Protocol):
    """The database's part."""

    async def caller(self, user: UserId, inbound_id: InboundId) -> DeskCaller | None:
        """Who rings; None: the database doesn't know them (yet)."""
        ...


@dataclass(slots=True)
class InboundDesk:
    """`InboundDeskService`, and what the agent's desk shows of a caller. Only who has the call may act on it."""

    seats: Seats
    line: InboundLine
    talks: InboundTalks
    calls: InboundCalls
    telephony: InboundExchange
    reads: CallerReads
    clock: Clock
    _refused: dict[InboundId, CallerRefused] = field(default_factory=dict)

    async def shown(self, agent: Agent | None) -> DeskCaller | None:
        """The caller at hand."""
        if agent is None or agent.caller is None:
            return None
        caller = await self.reads.caller(agent.user_id, agent.caller)
        if caller is None:
            return None
        until: datetime | None = None
        if agent.place is Place.WRAPPING:
            until = agent.since + timedelta(seconds=WRAP_SECONDS_MAX)
        return replace(caller, wrap_until=until, refused=self._refused.get(agent.caller))

    async def refused(self, user: UserId, inbound_id: InboundId) -> CallerRefused | Declined | None:
        """The caller wants no further calls: on the list now; the talk closes within 30 s."""
        if self._of(user, inbound_id) is None:
            return None
        if (before := self._refused.get(inbound_id)) is not None:
            return before
        heard = await self.line.said_no(inbound_id, user)
        if heard is None:
            return _WRONG_TIME
        closing_until = self.clock.now() + timedelta(seconds=CLOSING_SECONDS)
        said = CallerRefused(heard.at, _stopped(heard), closing_until)
        self._refused[inbound_id] = said
        return said

    async def hang_up(self, user: UserId, inbound_id: InboundId) -> Declined | bool | None:
        """End the talk; True when it was told to the exchange."""
        agent = self._of(user, inbound_id)
        if agent is None:
            return None
        if agent.place not in _TALKS:
            return _WRONG_TIME
        try:
            await self.telephony.hang_up(inbound_id)
        except ExchangeUnavailable:
            return _EXCHANGE
        return True

    async def dispose(self, user: UserId, inbound_id: InboundId, code: str) -> Declined | bool | None:
        """What came of the talk; ends the wrap-up. The first word stands."""
        agent = self._of(user, inbound_id)
        if agent is None:
            return None
        if code not in {d.code for d in INBOUND}:
            return _NO_CODE
        if agent.place not in (*_TALKS, Place.WRAPPING):
            return _WRONG_TIME
        await self.calls.disposed(inbound_id, code, Actor(ActorKind.USER, user))
        self.talks.disposed(inbound_id)
        self._refused.pop(inbound_id, None)
        return True

    def _of(self, user: UserId, inbound_id: InboundId) -> Agent | None:
        agent = self.seats.of_user(user)
        return agent if agent is not None and agent.caller == inbound_id else None


def _stopped(heard: RefusalHeard | Waiting) -> Stopped:
    if isinstance(heard, Waiting):
        return Stopped(0, 0, 0)
    return Stopped(heard.leads_dropped, heard.permits_void, len(heard.cut))
