"""Who talks with whom: callees who answered, agents whose phones wait, and the bridge between the two.

An answered callee is given to a reserved seat before anything is written: the law's two seconds run. All of it happens
in one event loop, so what is looked at here still holds when it is acted on.
"""

import asyncio
from collections.abc import Coroutine
from typing import Protocol

import structlog

from dialer.domain.errors import ExchangeUnavailable
from dialer.domain.ids import AttemptId, SeatId
from dialer.pacing.floor import AgentState
from dialer.ports.clock import Clock
from dialer.ports.exchange import Telephony
from dialer.services.board import Board
from dialer.services.changes import Changes, DeskChanged, FloorChanged
from dialer.services.seats import Agent, Place, Seats

_TALKS = (Place.TALKING, Place.CLOSING)
_log = structlog.get_logger()


class WhoRangUs(Protocol):
    """People on the inbound line who wait for an agent: they come behind those whom we rang."""

    def offer(self) -> None:
        """Agents may have become free for them."""
        ...

    def rejoin(self, agent: Agent) -> None:
        """An agent in a talk with one of them has a new phone."""
        ...


class NobodyRings:
    """Where no inbound line is: nobody waits."""

    def offer(self) -> None:
        """Nobody waits."""

    def rejoin(self, agent: Agent) -> None:
        """No agent talks with one of them."""


class Matching:
    """Gives callees to agents, and agents back to those who wait."""

    def __init__(
        self, *, telephony: Telephony, seats: Seats, board: Board, clock: Clock, changes: Changes
    ) -> None:
        self._telephony = telephony
        self._seats = seats
        self._board = board
        self._clock = clock
        self._changes = changes
        self.who_rang_us: WhoRangUs = NobodyRings()
        self._waiting: dict[AttemptId, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # -------------------------------------------------------------- callees

    def offer(self, attempt_id: AttemptId) -> None:
        """A callee answered: the longest-waiting agent takes the call, or the callee waits within the patience."""
        campaign = self._board.campaign_of(attempt_id)
        if campaign is None:
            return
        previewed = self._seats.of_attempt(attempt_id)
        if previewed is not None and previewed.place is Place.RESERVED:
            # whoever saw the lead before it was dialled has the call
            self._spawn(self._connect(attempt_id, previewed))
            self.show(previewed)
            return
        takers = self._board.takers(campaign)
        near = [a for a in takers if self._telephony.reaches(attempt_id, a.seat_id)]
        agent = self._seats.reserve(near, attempt_id, self._clock.now(), self._board.language_of(attempt_id))
        if agent is None:
            self._waiting[attempt_id] = None
            return
        self._waiting.pop(attempt_id, None)
        self._spawn(self._connect(attempt_id, agent))
        self.show(agent)

    def joined(self, attempt_id: AttemptId, seat_id: SeatId) -> None:
        """Callee and agent hear each other, for the first time or again."""
        agent = self._seats.of_seat(seat_id)
        if agent is None:
            return
        goes_on = agent.attempt_id == attempt_id and agent.place in _TALKS
        place = agent.place if goes_on else Place.TALKING
        since = agent.since if goes_on else self._clock.now()
        self._seats.move(agent.user_id, place, since, attempt_id)
        self._board.connected(attempt_id, agent.user_id)
        self.show(agent)

    def gives_up(self, attempt_id: AttemptId) -> None:
        """The callee hears the notice, or is gone: nobody needs to come any more."""
        self._waiting.pop(attempt_id, None)

    # -------------------------------------------------------------- agents

    def agent_ready(self, agent: Agent) -> None:
        """An agent became ready: somebody who answered and waits within the patience comes first."""
        for attempt_id in list(self._waiting):
            campaign = self._board.campaign_of(attempt_id)
            if campaign is not None and campaign in agent.campaigns:
                self.offer(attempt_id)
                return
        self.who_rang_us.offer()

    def free_of(self, attempt_id: AttemptId) -> None:
        """The call left its agent: a talk goes into wrap-up, a reservation is undone."""
        # two, for a moment, while a talk is handed from one to the other
        for agent in [a for a in self._seats.all() if a.attempt_id == attempt_id]:
            if agent.place in _TALKS:
                self._seats.move(agent.user_id, Place.WRAPPING, self._clock.now(), attempt_id)
            elif agent.place is Place.RESERVED:
                self.free(agent)
            self.show(agent)

    def is_closing(self, attempt_id: AttemptId) -> bool:
        """Whether only the closing words are left."""
        agent = self._seats.of_attempt(attempt_id)
        return agent is not None and agent.place is Place.CLOSING

    def closing(self, attempt_id: AttemptId) -> None:
        """The callee said no: what is left of the talk is its closing words."""
        agent = self._seats.of_attempt(attempt_id)
        if agent is not None and agent.place is Place.TALKING:
            self._seats.move(agent.user_id, Place.CLOSING, self._clock.now(), attempt_id)
            self.show(agent)

    def wrapped(self, attempt_id: AttemptId) -> None:
        """The wrap-up is over: the agent is free again."""
        agent = self._seats.of_attempt(attempt_id)
        if agent is None or agent.place is not Place.WRAPPING:
            return
        self._board.wrapped(agent.user_id)
        self.free(agent)
        self.show(agent)

    def has_agent(self, attempt_id: AttemptId) -> bool:
        """Whether an agent has that call, or its wrap-up."""
        return self._seats.of_attempt(attempt_id) is not None

    def let_pause(self) -> None:
        """Ready agents who asked for a pause, or are to leave a campaign, do so once no ringing call counts on them."""
        for agent in self._seats.wanting_pause():
            if agent.pause_after is not None and self._board.may_pause(agent):
                self._seats.pause(agent.user_id, agent.pause_after, self._clock.now())
                self._board.agent(agent.user_id, AgentState.PAUSED)
                self.show(agent)
        for agent in self._seats.wanting_to_move():
            if agent.campaigns_after is not None and (
                agent.place is not Place.READY or self._board.may_pause(agent)
            ):
                self.show(self._seats.join(agent.user_id, agent.campaigns_after))
        self.who_rang_us.offer()

    # -------------------------------------------------------------- seats

    def seat_up(self, seat_id: SeatId) -> None:
        """An agent's phone waits in its seat. In a talk it is a new one (the page was reloaded): it takes over."""
        agent = self._seats.of_seat(seat_id)
        if agent is None:
            return
        agent = self._seats.set_leg(agent.user_id, True)
        if agent.place in (Place.CALLING, Place.OFFLINE):
            agent = self._seats.move(agent.user_id, Place.READY, self._clock.now(), None)
            self.agent_ready(agent)
        elif agent.place in _TALKS and agent.attempt_id is not None and agent.held_since is None:
            # a callee on hold stays there until the agent takes them back
            self._spawn(self._reconnect(agent.attempt_id, seat_id))
        elif agent.place in _TALKS and agent.caller is not None:
            self.who_rang_us.rejoin(agent)
        self.show(agent)

    def seat_lost(self, seat_id: SeatId) -> None:
        """An agent's phone is gone; what becomes of a talk the exchange tells by itself."""
        agent = self._seats.of_seat(seat_id)
        if agent is None:
            return
        agent = self._seats.set_leg(agent.user_id, False)
        if agent.place in (Place.CALLING, Place.READY, Place.PAUSED):
            self._seats.move(agent.user_id, Place.OFFLINE, self._clock.now(), None)
        self.show(agent)

    def seats_unheard(self, seats: frozenset[SeatId]) -> None:
        """The link to these seats' exchange is lost: nobody is called for their agents from now on."""
        for agent in [a for a in self._seats.all() if a.leg_up and a.seat_id in seats]:
            agent = self._seats.set_unheard(agent.user_id)
            if agent.place is Place.READY:
                agent = self._seats.move(agent.user_id, Place.OFFLINE, self._clock.now(), None)
            self.show(agent)

    def seat_found(self, seat_id: SeatId) -> None:
        """A phone of which nothing was heard has waited, or talked, all the while: its agent goes on where they were."""
        agent = self._seats.of_seat(seat_id)
        if agent is None or not agent.unheard:
            return
        agent = self._seats.set_leg(agent.user_id, True)
        if agent.place in (Place.CALLING, Place.OFFLINE):
            agent = self._seats.move(agent.user_id, Place.READY, self._clock.now(), None)
            self.agent_ready(agent)
        self.show(agent)

    # -------------------------------------------------------------- inside

    async def _connect(self, attempt_id: AttemptId, agent: Agent) -> None:
        try:
            await self._telephony.connect(attempt_id, agent.seat_id)
        except ExchangeUnavailable:
            # the callee hears the notice by itself; the agent is free again
            _log.warning("connect.failed", attempt_id=attempt_id, seat_id=agent.seat_id)
            self.free_of(attempt_id)

    async def _reconnect(self, attempt_id: AttemptId, seat_id: SeatId) -> None:
        try:
            await self._telephony.connect(attempt_id, seat_id)
        except ExchangeUnavailable:
            # the callee is gone, or will hear the notice when the former phone is given up
            _log.warning("reconnect.failed", attempt_id=attempt_id, seat_id=seat_id)

    def free(self, agent: Agent) -> None:
        """The agent has no call any more: the pause that was asked for, or the next one who waits."""
        now = self._clock.now()
        if not agent.leg_up:
            self._seats.move(agent.user_id, Place.OFFLINE, now, None)
        elif agent.pause_after is not None:
            self._seats.pause(agent.user_id, agent.pause_after, now)
        else:
            self.agent_ready(self._seats.move(agent.user_id, Place.READY, now, None))

    def show(self, agent: Agent) -> None:
        """The agent's desk and their organisation's floor look different now."""
        self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.error("matching.failed", failure=type(failure).__name__, exc_info=failure)
