"""The services of one running dialer, wired."""

import asyncio

import structlog

from dialer.calls.outcome import TrunkTrust
from dialer.domain.campaign import PacingMode
from dialer.domain.errors import EgressUnavailable, ExchangeUnavailable, StoreUnavailable
from dialer.domain.ids import AttemptId, InboundId
from dialer.evidence.record import Actor, ActorKind
from dialer.jobs.simulation_pool import DayProcesses, cores
from dialer.pacing.knowledge import Learned
from dialer.pacing.mode import PacingChoice, pacer_of
from dialer.pacing.pacer import Pacer
from dialer.pacing.zero import ZeroPacer
from dialer.ports.exchange import EgressControl
from dialer.processes.core import Core
from dialer.processes.listening import listening_of
from dialer.processes.lists import outside_lists_of
from dialer.rules.shipped import shipped_packs
from dialer.services.agent_desk import AgentDesk
from dialer.services.board import Board, Bounds
from dialer.services.call_progress import CallProgress
from dialer.services.changes import Changes, FloorChanged, StatusChanged
from dialer.services.channel_accounts import ChannelAccounts
from dialer.services.closing import Closing
from dialer.services.dialing import Dialing
from dialer.services.drains import Drains
from dialer.services.heard_desk import HeardDesk
from dialer.services.inbound import InboundLine
from dialer.services.inbound_desk import InboundDesk
from dialer.services.inbound_talks import InboundTalks
from dialer.services.job_board import JobBoard
from dialer.services.lanes import Lanes
from dialer.services.leftover_sound import LeftoverSound
from dialer.services.listening import Listening
from dialer.services.live_floor import SeatsLiveFloor
from dialer.services.matching import Matching
from dialer.services.preview_desk import PreviewDesk
from dialer.services.reconcile import Reconcile
from dialer.services.refusal_reviews import Deadline
from dialer.services.refusals import Refusals
from dialer.services.seats import Agent, Seats
from dialer.services.simulations import Simulations
from dialer.services.talks import Talks
from dialer.signing.doors import GateControl
from dialer.storage.drains import StoredDrains
from dialer.storage.history import StoredHistories
from dialer.storage.inbound import StoredInbound
from dialer.storage.pacing_memory import StoredPacingMemory
from dialer.storage.recordings import StoredRecordings
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.refusal_spool import RefusalSpool
from dialer.storage.stops import StoredStops
from dialer.storage.views_desk import DeskReader
from dialer.storage.views_inbound import InboundReader
from dialer.telephony.exchange import Exchange
from dialer.telephony.optouts import OptOut, OptOutsUnreadable, read_optouts, turn_over

_log = structlog.get_logger()


def make_pacer(mode: PacingMode, bounds: Bounds, learned: Learned | None) -> Pacer:
    """The pacer of a mode. Preview and progressive: one line per ready agent, nobody is abandoned."""
    return pacer_of(PacingChoice(mode, bounds.cap), bounds.ring_seconds_min, learned) or ZeroPacer(
        bounds.ring_seconds_min
    )


class GateProbe:
    """Whether gate and egress answer. While they don't, nothing is authorised that could not be dialled."""

    def __init__(self, egress: EgressControl) -> None:
        self._egress = egress
        self.is_up = False

    async def measure(self) -> None:
        """Ask for the legs of an attempt that never was."""
        try:
            await self._egress.legs(AttemptId("0" * 32))
        except EgressUnavailable:
            self.is_up = False
            raise
        self.is_up = True


class Floor:
    """The services of one running dialer, wired."""

    def __init__(self, core: Core, exchange: Exchange, egress: GateControl) -> None:
        settings, clock = core.settings, core.clock
        self.core = core
        self.exchange = exchange
        self.gate = GateProbe(egress)
        self.changes = Changes()
        self.seats = Seats()
        self.board = Board(self.seats, clock, make_pacer)
        self._wire_calls(core, exchange, egress)
        self._wire_callers(core, exchange, egress)
        self._wire_dialing(core, exchange)
        self._wire_desks(core, exchange)
        self.reconcile = Reconcile(
            calls=core.calls,
            telephony=exchange,
            seats=self.seats,
            board=self.board,
            roster=core.campaigns,
            clock=clock,
            on_event=self.progress.on_event,
            reseat=self._reseat,
            seat_found=self.matching.seat_found,
            inbound=self.inbound.match,
        )
        self.drains = Drains(StoredDrains(core.store), exchange, [said.name for said in settings.exchanges])
        self.stops = StoredStops(core.store, core.log)
        self.accounts = ChannelAccounts(exchange, core.calls, self.stops)
        self.jobs = JobBoard(clock)
        self.lists = outside_lists_of(core)
        self.live = SeatsLiveFloor(self.seats, self.board, clock, self.spoken.words.warning)
        # one core is left to the calls
        self.simulations = Simulations(
            DayProcesses(max(1, cores() - 1)),
            StoredHistories(core.store, shipped_packs()),
            self.seats.staffed,
        )
        self._is_reconciled = False
        self._tasks: set[asyncio.Task[None]] = set()

    def _wire_calls(self, core: Core, exchange: Exchange, egress: GateControl) -> None:
        """What happens to each attempt, and refusals."""
        settings, clock = core.settings, core.clock
        self.spool = RefusalSpool(settings.folders.vault / "refusals.spool", core.keyring)
        self.refusals = Refusals(
            calls=core.calls,
            numbers=StoredDoNotCall(core.store, core.log, core.keyring),
            telephony=exchange,
            egress=egress,
            spool=self.spool,
            clock=clock,
        )
        trust = TrunkTrust.TRUTHFUL if settings.trunk.truthful_603 else TrunkTrust.UNKNOWN
        self.matching = Matching(
            telephony=exchange, seats=self.seats, board=self.board, clock=clock, changes=self.changes
        )
        recordings = StoredRecordings(core.store, core.log, core.keyring)
        self.lanes = Lanes(
            calls=core.calls,
            seats=self.seats,
            matching=self.matching,
            refusals=self.refusals,
            closing=Closing(core.calls, egress, self.refusals, trust),
            audio=core.vault,
            recordings=recordings,
            changes=self.changes,
        )
        self.leftover = LeftoverSound(core.calls, core.vault, recordings, self.lanes.has)
        self.spoken = listening_of(core, exchange, self.refusals, self.seats, self.matching, self.changes)

    def _wire_callers(self, core: Core, exchange: Exchange, egress: GateControl) -> None:
        """Who rings our numbers."""
        clock = core.clock
        inbound_calls = StoredInbound(core.store, core.log, core.keyring)
        self.inbound_talks = InboundTalks(
            calls=inbound_calls,
            telephony=exchange.inbound,
            seats=self.seats,
            board=self.board,
            matching=self.matching,
            roster=core.campaigns,
            clock=clock,
        )
        self.inbound = InboundLine(
            calls=inbound_calls,
            caller=egress,
            refusals=self.refusals,
            telephony=exchange.inbound,
            audio=core.vault,
            clock=clock,
            seats=self.seats,
            talks=self.inbound_talks,
        )
        self.inbound_desk = InboundDesk(
            seats=self.seats,
            line=self.inbound,
            talks=self.inbound_talks,
            calls=inbound_calls,
            telephony=exchange.inbound,
            reads=InboundReader(core.store, core.personal),
            clock=clock,
        )

    def _wire_dialing(self, core: Core, exchange: Exchange) -> None:
        """Whom we call, and what the exchange tells of it."""
        settings, clock = core.settings, core.clock
        self.progress = CallProgress(
            telephony=exchange,
            board=self.board,
            matching=self.matching,
            lanes=self.lanes,
            reconcile=self._reconcile_soon,
            inbound=self.inbound.on_event,
            overheard=self.spoken.words.on_event,
        )
        self.previews = PreviewDesk(
            core.ledger,
            DeskReader(core.store, core.personal, clock),
            self.seats,
            self.board,
            clock,
            self.changes,
        )
        self.dialing = Dialing(
            ledger=core.ledger,
            calls=core.calls,
            campaigns=core.campaigns,
            telephony=exchange,
            board=self.board,
            changes=self.changes,
            memory=StoredPacingMemory(core.store),
            previews=self.previews,
            is_held=self._waits_for_refusals,
            trunk_channels_max=settings.trunk.channels_max,
        )

    def _wire_desks(self, core: Core, exchange: Exchange) -> None:
        """What agents and supervisors do."""
        settings, clock = core.settings, core.clock
        self.desk = AgentDesk(
            seats=self.seats,
            board=self.board,
            progress=self.progress,
            refusals=self.refusals,
            calls=core.calls,
            roster=core.campaigns,
            telephony=exchange,
            reads=DeskReader(core.store, core.personal, clock),
            clock=clock,
            changes=self.changes,
            browser_seats=settings.browser_seats,
            heard=self.spoken.words,
            previews=self.previews,
            callers=self.inbound_desk,
        )
        self.deadline = Deadline(self.spoken.store, self.refusals, clock, self.changes)
        self.heard = HeardDesk(self.spoken.words, self.desk)
        self.talks = Talks(
            seats=self.seats,
            board=self.board,
            calls=core.calls,
            telephony=exchange,
            desk=self.desk,
            progress=self.progress,
            clock=clock,
            changes=self.changes,
        )
        self.listening = Listening(
            seats=self.seats,
            calls=core.calls,
            telephony=exchange,
            clock=clock,
            browser_seats=settings.browser_seats,
        )

    def keep(self, task: "asyncio.Task[None]") -> None:
        """Hold a task that lives as long as the floor."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def tick(self) -> None:
        """Place calls, once the past is reconciled."""
        if self._is_reconciled and not self.down():
            await self.dialing.tick()

    def down(self) -> tuple[str, ...]:
        """Codes of what is away right now and without which nothing is dialled."""
        found = []
        if not self.exchange.is_up():
            found.append("exchange.down")
        if not self.gate.is_up:
            found.append("gate.down")
        if not self.core.vault_probe.takes_anything():
            found.append("vault.full")
        if self._waits_for_refusals():
            found.append("spool.pending")
        return tuple(found)

    def _waits_for_refusals(self) -> bool:
        return self.refusals.is_waiting() or self.inbound.is_waiting()

    async def second(self) -> None:
        """Once a second: staffed time, and the floor for whoever watches it."""
        self.live.tick(1.0)
        self.changes.touch(
            StatusChanged(), *(FloorChanged(org) for org in {a.org_id for a in self.seats.all()})
        )

    async def look_away(self) -> None:
        """What became of calls on a pair that is lost, while it is."""
        if not all(load.is_up for load in self.exchange.loads()):
            await self.reconcile.look_away()

    async def _reseat(self, agent: Agent) -> None:
        self.seats.sit(agent)

    def _reconcile_soon(self) -> None:
        self._is_reconciled = False
        self.keep(asyncio.create_task(self._reconcile()))

    def _kept_keys(self) -> list[OptOut]:
        return [kept for said in self.core.settings.exchanges for kept in read_optouts(said.optouts)]

    async def _hear_kept_keys(self) -> None:
        """Keys pressed in the notice while this process was away: on the list before anybody is dialled."""
        for kept in await asyncio.to_thread(self._kept_keys):
            call = await self.core.calls.view(kept.attempt_id)
            if call is not None:
                await self.refusals.heard_while_away(kept.attempt_id, Actor(ActorKind.CALLEE, call.sid))
            else:
                self.inbound.heard_while_away(InboundId(kept.attempt_id))
        for said in self.core.settings.exchanges:
            await asyncio.to_thread(turn_over, said.optouts)

    async def _reconcile(self) -> None:
        while True:
            try:
                await self._hear_kept_keys()
                # a former process's listeners: nobody knows to which talk they belong
                await self.exchange.end_listening(None)
                await self.reconcile.run()
            except (ExchangeUnavailable, StoreUnavailable, OptOutsUnreadable) as away:
                _log.warning("reconcile.waits", failure=type(away).__name__)
                await asyncio.sleep(1.0)
            else:
                self._is_reconciled = True
                return
