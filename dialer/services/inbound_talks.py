"""Callers of the inbound line and agents: who waits, who takes them, and the wrap-up after the talk.

Whoever we rang comes first: an agent on whom a ringing call counts takes no caller, for the person who answers would be
left alone. Then come those who rang us, then new calls. One event loop owns it, so a seat is reserved atomically.
"""

import asyncio
from collections.abc import Coroutine
from typing import Final

import structlog

from dialer.domain.disposition import LEFT_OPEN
from dialer.domain.errors import ExchangeUnavailable, StoreUnavailable
from dialer.domain.ids import InboundId, SeatId
from dialer.evidence.record import Actor, ActorKind
from dialer.pacing.floor import AgentState
from dialer.ports.clock import Clock
from dialer.ports.inbound import InboundCalls, InboundExchange, InboundRoute, InboundTalk
from dialer.ports.people import Roster
from dialer.services.board import Board
from dialer.services.lanes import WRAP_SECONDS_MAX
from dialer.services.matching import Matching
from dialer.services.seats import Agent, Place, Seats

CLOSING_SECONDS: Final = 30.0
"""How long a talk goes on after the caller refused further calls: the same as in a call of ours."""
RETRY_SECONDS: Final = 0.5
_TALKS: Final = (Place.TALKING, Place.CLOSING)
_PROCESS: Final = Actor(ActorKind.PROCESS, "dialer")
_log = structlog.get_logger()


class InboundTalks:
    """`matching.WhoRangUs`, and what the inbound line tells of its callers. Nothing here blocks."""

    def __init__(
        self,
        *,
        calls: InboundCalls,
        telephony: InboundExchange,
        seats: Seats,
        board: Board,
        matching: Matching,
        roster: Roster,
        clock: Clock,
    ) -> None:
        self._calls = calls
        self._telephony = telephony
        self._seats = seats
        self._board = board
        self._matching = matching
        self._roster = roster
        self._clock = clock
        self._waiting: dict[InboundId, InboundRoute] = {}
        self._wrapping: dict[InboundId, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        matching.who_rang_us = self

    # -------------------------------------------------------------- callers

    def waits(self, inbound_id: InboundId, route: InboundRoute) -> None:
        """A caller asked for an agent; the exchange itself bounds how long they wait."""
        self._waiting[inbound_id] = route
        self.offer()

    def offer(self) -> None:
        """Give waiting callers, the first who came first, the agents who are free for them."""
        for inbound_id, route in list(self._waiting.items()):
            agent = self._taker(inbound_id, route)
            if agent is None:
                continue
            del self._waiting[inbound_id]
            taken = self._seats.with_caller(agent.user_id, Place.RESERVED, self._clock.now(), inbound_id)
            self._board.agent(agent.user_id, AgentState.TALKING)
            self._matching.show(taken)
            self._spawn(self._connect(inbound_id, taken))

    def joined(self, inbound_id: InboundId, seat_id: SeatId) -> None:
        """Caller and agent hear each other, for the first time or again."""
        agent = self._seats.of_seat(seat_id)
        if agent is None:
            return
        goes_on = agent.caller == inbound_id and agent.place in _TALKS
        place, since = (agent.place, agent.since) if goes_on else (Place.TALKING, self._clock.now())
        self._matching.show(self._seats.with_caller(agent.user_id, place, since, inbound_id))

    def alone(self, inbound_id: InboundId) -> None:
        """The caller has no agent, any more or at all: the menu goes on."""
        self._waiting.pop(inbound_id, None)
        agent = self._seats.of_caller(inbound_id)
        if agent is None:
            return
        if agent.place in _TALKS:
            self._wrap_up(agent, inbound_id)
        elif agent.place is Place.RESERVED:
            self._free(agent)

    def left(self, inbound_id: InboundId) -> None:
        """The caller is gone: a talk goes into wrap-up, a reservation is undone."""
        self.alone(inbound_id)

    def closing(self, inbound_id: InboundId) -> None:
        """The caller said no: what is left of the talk is its closing words, and then it is cut."""
        agent = self._seats.of_caller(inbound_id)
        if agent is not None and agent.place is Place.TALKING:
            closing = self._seats.with_caller(agent.user_id, Place.CLOSING, self._clock.now(), inbound_id)
            self._matching.show(closing)
            self._spawn(self._cut(inbound_id))

    def disposed(self, inbound_id: InboundId) -> None:
        """What came of the talk is kept: its wrap-up is over."""
        self._wrapping.setdefault(inbound_id, asyncio.Event()).set()

    # -------------------------------------------------------------- agents

    def rejoin(self, agent: Agent) -> None:
        """The agent's page was reloaded in a talk: the new phone takes it over."""
        if agent.caller is not None:
            self._spawn(self._reconnect(agent.caller, agent.seat_id))

    # -------------------------------------------------------------- after a start or a reconnect

    def keep_waiting(self, there: frozenset[InboundId]) -> None:
        """Only these callers have a channel: nobody else waits any more."""
        self._waiting = {inbound: route for inbound, route in self._waiting.items() if inbound in there}

    async def adopt(self, talk: InboundTalk) -> None:
        """A talk that goes on in the exchange: its agent is in it."""
        if self._seats.of_caller(talk.inbound_id) is not None:
            return
        card = await self._roster.agent(talk.agent_id)
        if card is None:
            return
        self._seats.sit(
            Agent(
                user_id=card.user_id,
                org_id=card.org_id,
                name=card.name,
                campaigns=card.campaigns,
                languages=card.languages,
                seat_id=talk.seat_id,
                place=Place.TALKING,
                since=talk.at,
                leg_up=True,
                caller=talk.inbound_id,
            )
        )

    # -------------------------------------------------------------- inside

    def _taker(self, inbound_id: InboundId, route: InboundRoute) -> Agent | None:
        able = [
            a
            for a in self._seats.ready(route.campaign_id)
            if a.org_id == route.org_id
            and a.pause_after is None
            and self._telephony.reaches(inbound_id, a.seat_id)
            and self._board.may_pause(a)
        ]
        return self._seats.first_for(able, route.language)

    async def _connect(self, inbound_id: InboundId, agent: Agent) -> None:
        try:
            await self._telephony.connect(inbound_id, agent.seat_id)
        except ExchangeUnavailable:
            # the caller goes on to the callback by themselves; the agent is free again
            _log.warning("inbound.connect_failed", inbound_id=inbound_id, seat_id=agent.seat_id)
            self.alone(inbound_id)

    async def _reconnect(self, inbound_id: InboundId, seat_id: SeatId) -> None:
        try:
            await self._telephony.connect(inbound_id, seat_id)
        except ExchangeUnavailable:
            _log.warning("inbound.reconnect_failed", inbound_id=inbound_id, seat_id=seat_id)

    async def _cut(self, inbound_id: InboundId) -> None:
        await asyncio.sleep(CLOSING_SECONDS)
        agent = self._seats.of_caller(inbound_id)
        while agent is not None and agent.place in _TALKS:
            try:
                await self._telephony.hang_up(inbound_id)
            except ExchangeUnavailable:
                await asyncio.sleep(RETRY_SECONDS)
                agent = self._seats.of_caller(inbound_id)
            else:
                return

    def _wrap_up(self, agent: Agent, inbound_id: InboundId) -> None:
        wrapping = self._seats.with_caller(agent.user_id, Place.WRAPPING, self._clock.now(), inbound_id)
        self._board.agent(agent.user_id, AgentState.WRAPPING)
        self._matching.show(wrapping)
        self._spawn(self._wait_for_result(agent, inbound_id))

    async def _wait_for_result(self, agent: Agent, inbound_id: InboundId) -> None:
        done = self._wrapping.setdefault(inbound_id, asyncio.Event())
        try:
            await asyncio.wait_for(done.wait(), WRAP_SECONDS_MAX)
        except TimeoutError:
            await self._left_open(inbound_id)
        self._wrapping.pop(inbound_id, None)
        wrapped = self._seats.of_user(agent.user_id)
        if wrapped is not None and wrapped.caller == inbound_id:
            self._free(wrapped)

    async def _left_open(self, inbound_id: InboundId) -> None:
        try:
            await self._calls.disposed(inbound_id, LEFT_OPEN.code, _PROCESS)
        except StoreUnavailable:
            # nothing was chosen, and nothing says so: the agent is free all the same
            _log.warning("inbound.not_disposed", inbound_id=inbound_id)

    def _free(self, agent: Agent) -> None:
        self._board.agent(agent.user_id, AgentState.READY)
        self._matching.free(agent)
        self._matching.show(agent)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.error("inbound.talk_failed", failure=type(failure).__name__, exc_info=failure)
