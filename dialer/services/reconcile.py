"""After a start and after every reconnect: each open attempt is matched with the channels that exist, and either adopted,
closed by what the egress says, or held as uncertain. Nothing is redialled."""

from collections.abc import Awaitable, Callable

import structlog

from dialer.calls.attempt import AttemptState
from dialer.calls.events import CalleeLeft, ExchangeEvent, SeatLost, SeatUp
from dialer.domain.ids import AttemptId, InboundId, SeatId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import Calls, CallView, PermitState
from dialer.ports.clock import Clock
from dialer.ports.exchange import Telephony
from dialer.ports.people import Roster
from dialer.services.board import Board
from dialer.services.seats import Agent, Place, Seats

_PROCESS = Actor(ActorKind.PROCESS, "dialer")
_UNHEARD = frozenset({AttemptState.PLACED, AttemptState.RINGING, AttemptState.ANSWERED})
_log = structlog.get_logger()


class Reconcile:
    """Matches the database with the exchange."""

    def __init__(
        self,
        *,
        calls: Calls,
        telephony: Telephony,
        seats: Seats,
        board: Board,
        roster: Roster,
        clock: Clock,
        on_event: Callable[[ExchangeEvent], None],
        reseat: Callable[[Agent], Awaitable[None]],
        seat_found: Callable[[SeatId], None],
        inbound: Callable[[frozenset[InboundId]], Awaitable[None]],
    ) -> None:
        self._calls = calls
        self._telephony = telephony
        self._seats = seats
        self._board = board
        self._roster = roster
        self._clock = clock
        self._on_event = on_event
        self._reseat = reseat
        self._seat_found = seat_found
        self._inbound = inbound
        self._reported: frozenset[AttemptId] = frozenset()

    async def run(self) -> int:
        """Look at every open attempt; how many there were.

        Raises:
            ExchangeUnavailable: the exchange can't say what it has; nothing was changed.
            StoreUnavailable: the attempts can't be read; nothing was changed.
        """
        channels = await self._telephony.channels()
        there = {c.attempt_id for c in channels if c.attempt_id is not None}
        calls = await self._calls.open_calls()
        self._seats_as_they_are(frozenset(c.seat_id for c in channels if c.seat_id is not None and c.is_up))
        await self._inbound(frozenset(c.inbound_id for c in channels if c.inbound_id is not None))
        for call in calls:
            await self._one(call, call.attempt_id in there)
        return len(calls)

    async def look_away(self) -> int:
        """Calls on an exchange of which nothing is heard: those whose end their egress has reported are over; how many.

        One has to be seen so in two looks: by then its exchange, where it lives, has ended it too and kept what was said.

        Raises:
            StoreUnavailable: the attempts can't be read; nothing was changed.
        """
        reported = frozenset(
            call.attempt_id
            for call in await self._calls.open_calls()
            if call.report is not None
            and call.state is not AttemptState.WRAPPING
            and self._telephony.is_away(call.attempt_id)
        )
        over, self._reported = reported & self._reported, reported
        for attempt_id in sorted(over):
            _log.info("call.over_by_report", attempt_id=attempt_id)
            self._on_event(CalleeLeft(attempt_id, 0, self._clock.now()))
        return len(over)

    def _seats_as_they_are(self, waiting: frozenset[SeatId]) -> None:
        """A phone that came or went unheard (the exchange restarted under it) came or went now: nobody is called for an
        agent who has none."""
        now = self._clock.now()
        for agent in self._seats.all():
            is_there = agent.seat_id in waiting
            if agent.unheard and is_there:
                self._seat_found(agent.seat_id)
            elif (agent.leg_up or agent.unheard) and not is_there:
                self._on_event(SeatLost(agent.seat_id, now))
            elif agent.place is Place.CALLING and is_there:
                self._on_event(SeatUp(agent.seat_id, now))

    async def _one(self, call: CallView, channel_is_there: bool) -> None:
        _log.info("reconcile", attempt_id=call.attempt_id, state=str(call.state), channel=channel_is_there)
        if channel_is_there:
            await self._adopt(call)
        elif call.permit is PermitState.ISSUED:
            # its bytes may still be unread somewhere: only the permit's end makes “not dialled” a fact (rule 7)
            if call.state is AttemptState.AUTHORISED:
                await self._calls.advance(
                    call.attempt_id, AttemptState.UNCERTAIN, _PROCESS, {}, {"why": "no channel after restart"}
                )
        else:
            if call.state in _UNHEARD:
                # what the callee heard meanwhile is not known: the egress's report will say
                await self._calls.advance(
                    call.attempt_id, AttemptState.UNCERTAIN, _PROCESS, {}, {"why": "channel gone unheard"}
                )
            self._on_event(CalleeLeft(AttemptId(call.attempt_id), 0, self._clock.now()))

    async def _adopt(self, call: CallView) -> None:
        if call.state in (
            AttemptState.PLACED,
            AttemptState.RINGING,
            AttemptState.AUTHORISED,
            AttemptState.UNCERTAIN,
        ):
            if call.state is AttemptState.UNCERTAIN and call.permit is PermitState.CONSUMED:
                await self._calls.advance(
                    call.attempt_id, AttemptState.PLACED, _PROCESS, {}, {"why": "its channel is there"}
                )
            if self._board.campaign_of(call.attempt_id) is None:
                self._board.placed(call.campaign_id, call.attempt_id)
            return
        if call.state is AttemptState.CONNECTED and call.agent_id is not None and call.seat_id is not None:
            if self._seats.of_attempt(call.attempt_id) is not None:
                return
            card = await self._roster.agent(call.agent_id)
            if card is None:
                return
            place = Place.CLOSING if call.closing_until is not None else Place.TALKING
            agent = Agent(
                user_id=card.user_id,
                org_id=card.org_id,
                name=card.name,
                campaigns=card.campaigns,
                languages=card.languages,
                seat_id=call.seat_id,
                place=place,
                since=call.connected_at or self._clock.now(),
                leg_up=True,
                attempt_id=call.attempt_id,
            )
            await self._reseat(agent)
