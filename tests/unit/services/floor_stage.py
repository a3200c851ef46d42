"""A whole dialer in simulated time: the product's services and storage, the shipped fake exchange, one event loop.

The database's clock is the loop's (SQLite's `julianday` is overlaid; no statement is changed), a transaction takes a few
drawn milliseconds of that time, and nothing waits for an operating system: the same seed gives the same day.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from dialer.calls.outcome import TrunkTrust
from dialer.demo.sample_organisation import DEMO_INSTANT
from dialer.domain.errors import StoreUnavailable
from dialer.domain.ids import AttemptId, LeadId, SeatId, UserId
from dialer.processes.floor import make_pacer
from dialer.rules.shipped import shipped_packs
from dialer.rules.spoken import refusal_phrases
from dialer.services.agent_desk import AgentDesk
from dialer.services.board import Board
from dialer.services.call_progress import CallProgress
from dialer.services.changes import Changes
from dialer.services.closing import Closing
from dialer.services.dialing import Dialing
from dialer.services.inbound import InboundLine
from dialer.services.inbound_desk import InboundDesk
from dialer.services.inbound_talks import InboundTalks
from dialer.services.lanes import Lanes
from dialer.services.matching import Matching
from dialer.services.preview_desk import PreviewDesk
from dialer.services.reconcile import Reconcile
from dialer.services.refusals import Refusals
from dialer.services.seats import Agent, Seats
from dialer.services.spoken_words import AgentsHeard, SpokenWords
from dialer.storage import store as store_room
from dialer.storage.calls import StoredCalls
from dialer.storage.campaigns import StoredCampaigns
from dialer.storage.clock import InstallationClock
from dialer.storage.heard import StoredHeardWords
from dialer.storage.inbound import StoredInbound
from dialer.storage.pacing_memory import StoredPacingMemory
from dialer.storage.personal import PersonalReader
from dialer.storage.recordings import StoredRecordings
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.refusal_spool import RefusalSpool
from dialer.storage.views_desk import DeskReader
from dialer.storage.views_inbound import InboundReader
from dialer.telephony.exchange import Exchange
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import Script, script_of
from dialer.testing.clock import run_in_simulated_time
from dialer.testing.exchange import SimulatedExchange
from tests.unit.services.floor_doors import (
    SECRET,
    USER,
    Desk,
    Egress,
    InboundGate,
    InLoopStore,
    LoopTime,
    MemoryVault,
    Reach,
    connection_on,
    exchange_of,
)
from tests.unit.storage.storage_world import World, fresh_sqlite

T = TypeVar("T")
EPOCH_JULIAN: Final = 2440587.5
DAY_SECONDS: Final = 86_400.0
TICK_SECONDS: Final = 0.25
PROBE_SECONDS: Final = 5.0
MACHINES: Final = (UserId("user-headless-1"), UserId("user-headless-2"))


@dataclass
class FloorStage:
    """One running dialer and everything around it."""

    world: World
    clock: LoopTime
    sim: SimulatedExchange
    server: AmiServer
    exchange: Exchange
    gate: Desk
    egress: Egress
    vault: MemoryVault
    dice: random.Random
    reach: Reach
    seats: Seats = field(default_factory=Seats)
    changes: Changes = field(default_factory=Changes)
    is_reconciled: bool = False
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        calls: StoredCalls = self.world.calls
        store, keys = self.world.store, self.world.keys
        campaigns = StoredCampaigns(store, shipped_packs())
        self.board = Board(self.seats, self.clock, make_pacer)
        self.refusals = Refusals(
            calls=calls,
            numbers=StoredDoNotCall(store, self.world.log, keys),
            telephony=self.exchange,
            egress=self.egress,
            spool=RefusalSpool(Path(self.world.url.removeprefix("sqlite:///")).with_suffix(".spool"), keys),
            clock=self.clock,
        )
        self.closing = Closing(calls, self.egress, self.refusals, TrunkTrust.TRUTHFUL)
        self.matching = Matching(
            telephony=self.exchange,
            seats=self.seats,
            board=self.board,
            clock=self.clock,
            changes=self.changes,
        )
        self.lanes = Lanes(
            calls=calls,
            seats=self.seats,
            matching=self.matching,
            refusals=self.refusals,
            closing=self.closing,
            audio=self.vault,
            recordings=StoredRecordings(store, self.world.log, keys),
            changes=self.changes,
        )
        self._wire_callers(campaigns)
        self.progress = CallProgress(
            telephony=self.exchange,
            board=self.board,
            matching=self.matching,
            lanes=self.lanes,
            reconcile=self._link_up,
            inbound=self.inbound.on_event,
        )
        reads = DeskReader(store, PersonalReader(keys), self.clock)
        self.previews = PreviewDesk(
            self.world.ledger, reads, self.seats, self.board, self.clock, self.changes
        )
        self.dialing = Dialing(
            ledger=self.world.ledger,
            calls=calls,
            campaigns=campaigns,
            telephony=self.exchange,
            board=self.board,
            changes=self.changes,
            memory=StoredPacingMemory(store),
            previews=self.previews,
            is_held=self.refusals.is_waiting,
        )
        self.desk = AgentDesk(
            seats=self.seats,
            board=self.board,
            progress=self.progress,
            refusals=self.refusals,
            calls=calls,
            roster=campaigns,
            telephony=self.exchange,
            reads=reads,
            clock=self.clock,
            changes=self.changes,
            browser_seats=(SeatId("seat-1"), SeatId("seat-2")),
            heard=self._listening(calls),
            previews=self.previews,
            callers=self.inbound_desk,
        )
        self.reconcile = Reconcile(
            calls=calls,
            telephony=self.exchange,
            seats=self.seats,
            board=self.board,
            roster=campaigns,
            clock=self.clock,
            on_event=self.progress.on_event,
            reseat=self._reseat,
            seat_found=self.matching.seat_found,
            inbound=self.inbound.match,
        )

    def _wire_callers(self, campaigns: StoredCampaigns) -> None:
        """Who rings our numbers."""
        self.callers = InboundGate(self.world)
        self.inbound_calls = StoredInbound(self.world.store, self.world.log, self.world.keys)
        self.inbound_talks = InboundTalks(
            calls=self.inbound_calls,
            telephony=self.exchange.inbound,
            seats=self.seats,
            board=self.board,
            matching=self.matching,
            roster=campaigns,
            clock=self.clock,
        )
        self.inbound = InboundLine(
            calls=self.inbound_calls,
            caller=self.callers,
            refusals=self.refusals,
            telephony=self.exchange.inbound,
            audio=self.vault,
            clock=self.clock,
            seats=self.seats,
            talks=self.inbound_talks,
        )
        self.inbound_desk = InboundDesk(
            seats=self.seats,
            line=self.inbound,
            talks=self.inbound_talks,
            calls=self.inbound_calls,
            telephony=self.exchange.inbound,
            reads=InboundReader(self.world.store, PersonalReader(self.world.keys)),
            clock=self.clock,
        )

    # -------------------------------------------------------------- running

    @property
    def memory(self) -> StoredPacingMemory:
        """What pacing keeps."""
        return StoredPacingMemory(self.world.store)

    def _listening(self, calls: StoredCalls) -> SpokenWords:
        """Nobody listens to simulated callees; the words of agents' dispositions count all the same."""
        return SpokenWords(
            worker=None,
            calls=calls,
            refusals=self.refusals,
            store=StoredHeardWords(self.world.store, self.world.log, self.world.keys),
            telephony=self.exchange,
            seats=self.seats,
            matching=self.matching,
            clock=self.clock,
            changes=self.changes,
            lists=refusal_phrases(),
            calendar=shipped_packs().calendars["cn"],
            agents=AgentsHeard.NO,
        )

    def start(self, work: Coroutine[Any, Any, object]) -> asyncio.Task[Any]:
        """Run something beside the test until the stage closes."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def every(self, seconds: float, job: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """A timer of the product's process: a turn that fails is followed by the next."""
        while True:
            await asyncio.sleep(seconds)
            try:
                await job()
            except StoreUnavailable:
                continue

    def run_timers(self) -> None:
        """What happens by the clock in the product's process, without the placing of calls."""
        self.start(self.every(TICK_SECONDS, self.refusals.cut_wanted))
        self.start(self.every(1.0, self.world.calls.lapse_expired))
        self.start(self.every(1.0, self.refusals.drain))

    async def call(self, lead: LeadId) -> AttemptId:
        """Place the one call that is due; its attempt."""
        assert await self.tick() == 1
        return AttemptId(self.world.one("SELECT id FROM attempt WHERE lead_id = :id", id=lead).id)

    async def reborn(self) -> FloorStage:
        """Kill this process and start another one on the same database and the same exchange."""
        await self.close()
        again = FloorStage(
            self.world,
            self.clock,
            self.sim,
            self.server,
            exchange_of(self.server, self.clock, self.dice, self.reach),
            self.gate,
            self.egress,
            self.vault,
            self.dice,
            self.reach,
        )
        again.callers.key = self.callers.key
        await again.begin()
        return again

    async def begin(self) -> None:
        """Connect and reconcile."""
        self.start(self.progress.run())
        await self.exchange.start()
        await self.until(lambda: self.is_reconciled)

    async def tick(self) -> int:
        """One turn of the dialing loop, as the process makes it."""
        if not self.is_reconciled or not self.exchange.is_up() or self.refusals.is_waiting():
            return 0
        return await self.dialing.tick()

    async def man(self, *users: UserId) -> None:
        """Agents whose phones are machines take their seats and are ready."""
        for place, user in enumerate(users, start=1):
            await self.desk.sit_machine(user, SeatId(f"headless-{place}"))
        await self.until(lambda: all(a.leg_up for a in self.seats.all()))

    async def until(self, condition: Callable[[], object], seconds: float = 120.0) -> None:
        """Let time pass until something holds; fails when it doesn't in time."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - what is waited for has no event to wait on
                await asyncio.sleep(0.05)

    async def state(self, attempt: AttemptId) -> str:
        """An attempt's state now."""
        return str(self.world.attempt(attempt).state)

    def _link_up(self) -> None:
        self.is_reconciled = False
        self.start(self._reconcile())

    async def _reconcile(self) -> None:
        while True:
            try:
                await self.reconcile.run()
            except Exception:  # the process tries again each second, whatever it was
                await asyncio.sleep(1.0)
            else:
                self.is_reconciled = True
                return

    async def _reseat(self, agent: Agent) -> None:
        self.seats.sit(agent)

    async def close(self) -> None:
        """End the process; calls that are up go on in the exchange."""
        ends = [*self.tasks, *self.lanes._tasks, *self.matching._tasks]
        for task in ends:
            task.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
        await self.exchange.stop()


def play(folder: Path, story: Callable[[FloorStage], Coroutine[Any, Any, None]], seed: int = 1) -> None:
    """Play one story on a floor of its own, in simulated time."""

    async def main() -> None:
        async with on_floor(folder, seed) as floor:
            await story(floor)

    run_in_simulated_time(main())


@asynccontextmanager
async def on_floor(
    folder: Path,
    seed: int = 1,
    scripts: Callable[[str], Script] = script_of,
    origin: datetime = DEMO_INSTANT,
) -> AsyncIterator[FloorStage]:
    """A dialer that is up. To be entered inside `run_in_simulated_time`."""
    url, loop, clock = fresh_sqlite(folder), asyncio.get_running_loop(), LoopTime(origin)
    began = origin.astimezone(UTC).timestamp() / DAY_SECONDS + EPOCH_JULIAN
    real, dice = store_room._Connection, random.Random(seed)
    real_bytes, chance = secrets.token_bytes, random.Random(f"{seed}-secrets")
    # Names of attempts and decisions decide who comes first on a tie: a seed has to name them too.
    secrets.token_bytes = lambda nbytes=None: chance.randbytes(32 if nbytes is None else nbytes)
    store_room._Connection = connection_on(  # type: ignore[misc]
        lambda: began + (loop.time() + clock.stepped_seconds) / DAY_SECONDS
    )
    try:
        world = World(url, store_kind=InLoopStore, clock_error_ms=lambda: trust.error_ms())
        assert isinstance(world.store, InLoopStore)
        world.store.dice = dice
        world.run("UPDATE clock_offset SET offset_us = 0")
        trust = InstallationClock(
            world.store, lambda: origin.timestamp() + loop.time() + clock.stepped_seconds, loop.time
        )
        vault = MemoryVault()
        gate = Desk(world, vault, clock)
        sim = SimulatedExchange(gate, scripts=scripts)
        server = AmiServer(sim, USER, SECRET)
        reach = Reach()
        exchange = exchange_of(server, clock, dice, reach)
        stage = FloorStage(world, clock, sim, server, exchange, gate, Egress(sim, gate), vault, dice, reach)
        watching = asyncio.create_task(stage.every(PROBE_SECONDS, trust.probe))
        await trust.probe()
        await stage.begin()
        try:
            yield stage
        finally:
            watching.cancel()
            await stage.close()
            await sim.stop()
            await server.shut()
            world.close()
    finally:
        store_room._Connection, secrets.token_bytes = real, real_bytes  # type: ignore[misc]
