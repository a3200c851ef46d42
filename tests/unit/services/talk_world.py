"""A small floor: storage as it runs, the shipped fake exchange behind its line, seats, and the two talk services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dialer.calls.attempt import AttemptState
from dialer.calls.events import (
    CalleeAbandoned,
    CalleeAnswered,
    CalleeJoined,
    CalleeLeft,
    CalleeRinging,
    SeatUp,
)
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId, SeatId, UserId
from dialer.pacing.zero import ZeroPacer
from dialer.ports.calls import MoveFields
from dialer.ports.gate import GateYes
from dialer.services.agent_desk import DESK_STATES
from dialer.services.board import Board
from dialer.services.changes import Changes
from dialer.services.listening import Listening
from dialer.services.seats import Agent, Place, Seats
from dialer.services.talks import Talks
from dialer.services.views.desk import DeskView, Today
from dialer.services.views.taken import Shutter
from dialer.storage.clock import InstallationClock
from dialer.telephony.exchange import Exchange
from dialer.telephony.link import LinkSettings
from dialer.telephony.pair import PairSettings
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import Outcome, Yes
from dialer.testing.exchange import SimulatedExchange, Tempo
from tests.unit.storage.storage_world import MACHINE, World, fresh_sqlite

FIRST, SECOND, STRANGER = UserId("user-headless-1"), UserId("user-headless-2"), UserId("user-elsewhere")
SUPERVISOR = UserId("user-supervisor")
TALKS = 0


@dataclass
class GateDesk:
    """The permit gate of the fake egress: T2 on the database."""

    world: World

    async def consume(self, token: str, uid: str) -> Yes | None:
        answer = await self.world.gate(token, uid)
        return Yes(answer.number, answer.caller_id) if isinstance(answer, GateYes) else None

    async def report(self, outcome: Outcome) -> None:
        await self.world.report(outcome.token, outcome.uid, outcome.dialstatus)


@dataclass
class Desks:
    """`DeskReader` and `ReadyAgents`: the state alone, and who became free."""

    seats: Seats
    ready_again: list[UserId] = field(default_factory=list)
    shutter: Shutter = field(default_factory=Shutter)

    def agent_ready(self, agent: Agent) -> None:
        self.ready_again.append(agent.user_id)

    async def view(self, user: UserId) -> DeskView:
        agent = self.seats.of_user(user)
        assert agent is not None
        return DeskView(
            taken=self.shutter.taken(),
            state=DESK_STATES[agent.place],
            since=agent.since,
            pause_reason=None,
            seat_id=agent.seat_id,
            phone_up=agent.leg_up,
            queue=(),
            queue_due=0,
            queue_later=0,
            call=None,
            today=Today(0, 0, 0),
            idle_reason=None,
            ready_blocked=None,
            pause_reasons=(),
        )


@dataclass
class SmallFloor:
    """What the tests act on and look at."""

    world: World
    exchange: Exchange
    sim: SimulatedExchange
    seats: Seats
    desks: Desks
    talks: Talks
    listening: Listening

    def sit(self, user: UserId, seat: str, org: str = ORG, campaign: str = CAMPAIGN) -> None:
        """An agent takes a seat."""
        self.seats.sit(
            Agent(
                user_id=user,
                org_id=OrganisationId(org),
                name=user,
                campaigns=frozenset({CampaignId(campaign)}),
                seat_id=SeatId(seat),
                place=Place.CALLING,
                since=datetime.now(UTC),
                leg_up=False,
            )
        )

    async def ready(self, user: UserId) -> None:
        """The agent's phone waits."""
        agent = self.seats.of_user(user)
        assert agent is not None
        await self.exchange.call_seat(agent.seat_id)
        await until(lambda: self.place(user) is Place.READY)

    def place(self, user: UserId) -> Place | None:
        """Where the agent is."""
        agent = self.seats.of_user(user)
        return None if agent is None else agent.place

    async def talk(self, user: UserId = FIRST, ending: int = TALKS) -> AttemptId:
        """A lead that the gate allowed, answered and connected with this agent."""
        permit = await self.world.permit(await self.world.lead(ending))
        agent = self.seats.of_user(user)
        assert agent is not None
        self.seats.move(user, Place.RESERVED, datetime.now(UTC), permit.attempt_id)
        await self.exchange.originate(permit)
        await until(lambda: self.place(user) is Place.TALKING)
        return permit.attempt_id

    async def listen_to_events(self) -> None:
        """What the product's own progress does with the events that matter here."""
        async with aclosing(self.exchange.events()) as events:
            async for event in events:
                match event:
                    case SeatUp(seat_id=seat):
                        agent = self.seats.of_seat(seat)
                        if agent is not None:
                            self.seats.set_leg(agent.user_id, True)
                            self.seats.move(agent.user_id, Place.READY, datetime.now(UTC), None)
                    case CalleeRinging(attempt_id=attempt):
                        await self._to(attempt, AttemptState.RINGING)
                    case CalleeAnswered(attempt_id=attempt):
                        await self._to(attempt, AttemptState.ANSWERED)
                        agent = self.seats.of_attempt(attempt)
                        if agent is not None:
                            await self.exchange.connect(attempt, agent.seat_id)
                    case CalleeJoined(attempt_id=attempt, seat_id=seat):
                        agent = self.seats.of_seat(seat)
                        assert agent is not None
                        fields: MoveFields = {"agent_id": agent.user_id, "seat_id": seat}
                        await self.world.calls.advance(attempt, AttemptState.CONNECTED, MACHINE, fields, {})
                        self.seats.move(agent.user_id, Place.TALKING, datetime.now(UTC), attempt)
                    case CalleeAbandoned(attempt_id=attempt) | CalleeLeft(attempt_id=attempt):
                        await self._to(attempt, AttemptState.WRAPPING)
                        for agent in [a for a in self.seats.all() if a.attempt_id == attempt]:
                            self.seats.move(agent.user_id, Place.WRAPPING, datetime.now(UTC), attempt)
                    case _:
                        pass

    async def _to(self, attempt: AttemptId, state: AttemptState) -> None:
        await self.world.calls.advance(attempt, state, MACHINE, {}, {})


async def until(holds: Callable[[], bool], seconds_max: float = 8.0) -> None:
    """Wait for something to hold."""
    async with asyncio.timeout(seconds_max):
        while not holds():  # noqa: ASYNC110 - other tasks make it hold
            await asyncio.sleep(0.01)


@asynccontextmanager
async def small_floor(folder: Path) -> AsyncIterator[SmallFloor]:
    """Everything up, two agents of one campaign and one of elsewhere seated, nobody ready."""
    world = World(fresh_sqlite(folder))
    clock = InstallationClock(world.store)
    sim = SimulatedExchange(GateDesk(world), Tempo(pace=4, hold_seconds_max=4))
    seats = Seats()
    async with AmiServer(sim, "dialer", "talks") as server:
        link = LinkSettings("127.0.0.1", server.port, "dialer", "talks")
        exchange = Exchange([PairSettings("fake", link)], clock, lambda: 0.5)
        await exchange.start()
        board = Board(seats, clock, lambda mode, bounds, learned: ZeroPacer(10.0))
        desks = Desks(seats)
        talks = Talks(
            seats=seats,
            board=board,
            calls=world.calls,
            telephony=exchange,
            desk=desks,
            progress=desks,
            clock=clock,
            changes=Changes(),
        )
        listening = Listening(
            seats=seats,
            calls=world.calls,
            telephony=exchange,
            clock=clock,
            browser_seats=(SeatId("seat-1"), SeatId("seat-2")),
        )
        floor = SmallFloor(world, exchange, sim, seats, desks, talks, listening)
        floor.sit(FIRST, "headless-1")
        floor.sit(SECOND, "headless-2")
        floor.sit(STRANGER, "headless-3", org="org-elsewhere")
        pump = asyncio.create_task(floor.listen_to_events())
        try:
            yield floor
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            await exchange.stop()
            await sim.stop()
            world.close()
