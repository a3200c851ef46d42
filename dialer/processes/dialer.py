"""The dialer: web, pacing, the link to the exchange, timers. The one place where ports meet adapters for it."""

import asyncio
import random
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from aiohttp import web
from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry

import dialer.api
from dialer.api.app import build_app
from dialer.api.deps import Deps, WebSettings
from dialer.calls.outcome import TrunkTrust
from dialer.compliance.facts import Facts, Unknown, VaultState
from dialer.compliance.gate import decide
from dialer.compliance.outcome import Allowed, Refusal
from dialer.domain.campaign import PacingMode
from dialer.domain.errors import EgressUnavailable, ExchangeUnavailable, InstallationError, StoreUnavailable
from dialer.domain.ids import AttemptId, CampaignId, SeatId
from dialer.evidence.record import Actor, ActorKind
from dialer.jobs.timers import Timers
from dialer.pacing.chance import ChancePacer
from dialer.pacing.pacer import Pacer
from dialer.pacing.search import Proof
from dialer.pacing.zero import ZeroPacer
from dialer.ports import EgressControl, Signer
from dialer.processes.keeping import keeping_of
from dialer.processes.opening import open_log, open_store, software
from dialer.processes.public import public_pages
from dialer.processes.serving import main, serve_on_port, until_told
from dialer.rules.shipped import shipped_packs
from dialer.rules.spoken import refusal_phrases
from dialer.services.agent_desk import AgentDesk
from dialer.services.board import Board
from dialer.services.call_progress import CallProgress
from dialer.services.callbacks import Callbacks
from dialer.services.campaign_control import CampaignSwitch
from dialer.services.changes import Changes, FloorChanged, StatusChanged
from dialer.services.channel_accounts import ChannelAccounts
from dialer.services.checkpoints import COSIGN_EVERY_SECONDS, Checkpoints
from dialer.services.closing import Closing
from dialer.services.dialing import Dialing
from dialer.services.identity import Identity, PasswordChecker
from dialer.services.job_board import JobBoard
from dialer.services.lead_intake import LeadIntake
from dialer.services.listening import Listening
from dialer.services.live_floor import SeatsLiveFloor
from dialer.services.reconcile import Reconcile
from dialer.services.refusal_desk import RefusalDesk
from dialer.services.refusal_hooks import Partners, RefusalHooks
from dialer.services.refusal_reviews import Reviews
from dialer.services.refusals import Refusals
from dialer.services.seats import Agent, Seats
from dialer.services.stops import StopDesk
from dialer.services.talks import Talks
from dialer.services.trail import Bundles, Trail
from dialer.settings import Settings
from dialer.signing.doors import Door, GateControl, SignerDoor, WitnessSocket
from dialer.signing.keys import KeyFiles, read_public, read_secret, trust_of
from dialer.storage.access import AccessLog
from dialer.storage.bundles import StoredBundleParts
from dialer.storage.callbacks import StoredCallbacks
from dialer.storage.calls import StoredCalls
from dialer.storage.campaigns import StoredCampaigns
from dialer.storage.clock import InstallationClock
from dialer.storage.consent_capture import StoredCapture
from dialer.storage.consent_record import StoredConsents
from dialer.storage.control import StoredCampaignStates
from dialer.storage.dnc_desk import DncDesk
from dialer.storage.explain import Explain
from dialer.storage.explain_list import ExplainList
from dialer.storage.facts import FactsReader, Probes
from dialer.storage.heads import StoredHeads
from dialer.storage.identity import StoredIdentity
from dialer.storage.intake import StoredIntake
from dialer.storage.ledger import Ledger
from dialer.storage.log import LogWriter
from dialer.storage.personal import PersonalReader
from dialer.storage.recordings import StoredRecordings
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.refusal_partners import StoredImportReports, StoredPartners
from dialer.storage.refusal_reviews import StoredReviews
from dialer.storage.refusal_spool import RefusalSpool
from dialer.storage.stops import StoredStops
from dialer.storage.store import Store
from dialer.storage.views_attempt import AttemptReader
from dialer.storage.views_desk import DeskReader
from dialer.storage.views_floor import FloorReader
from dialer.storage.views_leads import LeadsReader
from dialer.storage.views_status import StatusReader
from dialer.storage.views_trail import TrailReader
from dialer.telephony.exchange import Exchange
from dialer.telephony.link import LinkSettings
from dialer.telephony.optouts import OptOutsUnreadable, read_optouts
from dialer.telephony.pair import PairSettings
from dialer.telephony.render import AMI_USER
from dialer.vault.keyring import FileKeyring
from dialer.vault.recordings import LocalVault
from dialer.vault.sound import FlacSound

TICK_SECONDS = 0.25
CUT_SECONDS = 0.25
GATE_SECONDS = 1.0
HOUR_SECONDS = 3600.0
ACCOUNT_SECONDS = 15.0
LIST_LEADS_MAX = 10_000
"""A longer list is explained on the command line, beside the dialer and not inside it."""
RING_SECONDS_MIN = 10.0
_log = structlog.get_logger()


def open_keyring(settings: Settings) -> FileKeyring:
    """The dialer's keys."""
    files = KeyFiles(settings.folders.keys)
    return FileKeyring(
        master_key=read_secret(files.master_key),
        pepper=read_secret(files.pepper),
        gate_public_key=read_public(files.gate_public),
        vrf_seed=read_secret(files.dnc_vrf),
    )


def judge(facts: Facts, now: datetime) -> Allowed | Refusal:
    """The gate with the packs that ship."""
    return decide(facts, shipped_packs(), now)


def make_pacer(campaign: CampaignId, mode: PacingMode) -> Pacer:
    """The pacer of a mode. Preview and progressive: one line per ready agent, nobody is abandoned."""
    del campaign
    match mode:
        case PacingMode.PREDICTIVE:
            return ChancePacer(Proof.CHANCE, RING_SECONDS_MIN)
        case PacingMode.PREDICTIVE_PROVABLE:
            return ChancePacer(Proof.WORST_CASE, RING_SECONDS_MIN)
        case PacingMode.PREVIEW | PacingMode.PROGRESSIVE:
            return ZeroPacer(RING_SECONDS_MIN)


class VaultProbe:
    """The vault's state as last measured; unknown before the first measurement."""

    def __init__(self, vault: LocalVault) -> None:
        self._vault = vault
        self._state: VaultState | None = None

    async def measure(self) -> None:
        """Look at both folders."""
        self._state = await asyncio.to_thread(self._vault.state)

    def state(self) -> VaultState | Unknown:
        """What was seen last."""
        return self._state if self._state is not None else Unknown("the vault was not probed yet")


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


@dataclass(frozen=True, slots=True)
class Core:
    """The database and everything that stands on it alone: shared with the command line."""

    settings: Settings
    store: Store
    keyring: FileKeyring
    log: LogWriter
    clock: InstallationClock
    vault: LocalVault
    vault_probe: VaultProbe
    facts: FactsReader
    ledger: Ledger
    calls: StoredCalls
    campaigns: StoredCampaigns
    personal: PersonalReader
    bundles: Bundles


def open_core(settings: Settings, signer: Signer) -> Core:
    """Open database, keys and vault."""
    keyring = open_keyring(settings)
    store = open_store(settings, "dialer")
    log = open_log(settings, keyring, "dialer")
    clock = InstallationClock(store)
    vault = LocalVault(settings.folders.vault, settings.folders.spool)
    probe = VaultProbe(vault)
    facts = FactsReader(keyring, Probes(clock_error_ms=clock.error_ms, vault_state=probe.state))
    trust = trust_of(KeyFiles(settings.folders.keys), settings.origin)
    return Core(
        settings=settings,
        store=store,
        keyring=keyring,
        log=log,
        clock=clock,
        vault=vault,
        vault_probe=probe,
        facts=facts,
        ledger=Ledger(store, log, keyring, read_facts=facts, decide=judge),
        calls=StoredCalls(store, log, keyring),
        campaigns=StoredCampaigns(store),
        personal=PersonalReader(keyring),
        bundles=Bundles(StoredBundleParts(store, keyring, trust, software()), vault, signer, trust),
    )


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
        self.progress = CallProgress(
            calls=core.calls,
            telephony=exchange,
            seats=self.seats,
            board=self.board,
            refusals=self.refusals,
            closing=Closing(core.calls, egress, self.refusals, trust),
            audio=core.vault,
            recordings=StoredRecordings(core.store, core.log, core.keyring),
            clock=clock,
            changes=self.changes,
            reconcile=self._reconcile_soon,
        )
        self.dialing = Dialing(
            ledger=core.ledger,
            calls=core.calls,
            campaigns=core.campaigns,
            telephony=exchange,
            board=self.board,
            changes=self.changes,
        )
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
            browser_seats=tuple(SeatId(f"seat-{n}") for n in range(1, settings.exchange.seats + 1)),
        )
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
            browser_seats=tuple(SeatId(f"seat-{n}") for n in range(1, settings.exchange.seats + 1)),
        )
        self.reconcile = Reconcile(
            calls=core.calls,
            telephony=exchange,
            seats=self.seats,
            board=self.board,
            roster=core.campaigns,
            clock=clock,
            on_event=self.progress.on_event,
            reseat=self._reseat,
        )
        self.stops = StoredStops(core.store, core.log)
        self.accounts = ChannelAccounts(exchange, core.calls, self.stops)
        self.jobs = JobBoard(clock)
        self.live = SeatsLiveFloor(self.seats, self.board, clock)
        self._is_reconciled = False
        self._tasks: set[asyncio.Task[None]] = set()

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
        if self.core.vault_probe.state() is not VaultState.WRITABLE:
            found.append("vault.full")
        if self.refusals.is_waiting():
            found.append("spool.pending")
        return tuple(found)

    async def second(self) -> None:
        """Once a second: staffed time, and the floor for whoever watches it."""
        self.live.tick(1.0)
        self.changes.touch(
            StatusChanged(), *(FloorChanged(org) for org in {a.org_id for a in self.seats.all()})
        )

    async def _reseat(self, agent: Agent) -> None:
        self.seats.sit(agent)

    def _reconcile_soon(self) -> None:
        self._is_reconciled = False
        self.keep(asyncio.create_task(self._reconcile()))

    async def _hear_kept_keys(self) -> None:
        """Keys pressed in the notice while this process was away: on the list before anybody is dialled."""
        for kept in await asyncio.to_thread(read_optouts, self.core.settings.exchange.optouts):
            call = await self.core.calls.view(kept.attempt_id)
            if call is not None:
                await self.refusals.heard_while_away(kept.attempt_id, Actor(ActorKind.CALLEE, call.sid))

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


class PartsReady:
    """`Readiness`."""

    def __init__(self, core: Core, exchange: Exchange) -> None:
        self._core = core
        self._exchange = exchange

    async def failing(self) -> tuple[str, ...]:
        found = [] if self._exchange.is_up() else ["exchange"]
        try:
            await self._core.store.read(lambda tx: tx.now_us())
        except StoreUnavailable:
            found.append("store")
        return tuple(found)


def build_web(floor: Floor, registry: CollectorRegistry) -> web.Application:
    """The console and its API."""
    core, settings = floor.core, floor.core.settings
    scheme = "https" if settings.web.certificate else "http"
    hosts = {settings.web.host, "localhost", "127.0.0.1"}
    floor_reader = FloorReader(core.store, core.clock, floor.live)
    partners = StoredPartners(core.store, core.log, core.keyring)
    refusal_desk = RefusalDesk(floor.refusals, StoredImportReports(core.store), core.clock, floor.changes)
    web_settings = WebSettings(
        origins=frozenset(f"{scheme}://{host}:{settings.web.port}" for host in hosts),
        exchange_ws_url=f"ws://127.0.0.1:{settings.exchange.http_port}/ws",
        console=Path(dialer.api.__file__).parent / "console",
    )
    intake = StoredIntake(core.store, core.log, core.keyring, core.clock)
    return build_app(
        Deps(
            settings=web_settings,
            clock=core.clock,
            identity=Identity(StoredIdentity(core.store), core.clock, PasswordChecker(PasswordHasher())),
            changes=floor.changes,
            desk=floor.desk,
            talks=floor.talks,
            callbacks=Callbacks(
                StoredCallbacks(core.store, core.log, core.keyring, core.facts, judge),
                core.clock,
                floor.changes,
            ),
            jobs=floor.jobs,
            stops=StopDesk(floor.stops, floor.changes),
            listening=floor.listening,
            status=StatusReader(core.store, core.clock, floor.down),
            floor=floor_reader,
            leads=LeadsReader(core.store, core.personal),
            explain=Explain(core.store, core.keyring, core.facts, judge),
            lists=ExplainList(core.store, core.keyring, core.facts, shipped_packs(), LIST_LEADS_MAX),
            consents=StoredCapture(core.store, core.keyring, intake, floor.changes),
            campaigns=CampaignSwitch(StoredCampaignStates(core.store, core.log), floor_reader, floor.changes),
            imports=LeadIntake(intake, floor.changes),
            trail=Trail(
                TrailReader(core.store, core.personal),
                AttemptReader(core.store, core.personal),
                AccessLog(core.store, core.log, core.personal, core.clock),
                core.bundles,
                FlacSound(),
            ),
            refusals=refusal_desk,
            hooks=RefusalHooks(refusal_desk, partners, core.clock, refusal_phrases()),
            partners=Partners(partners),
            reviews=Reviews(StoredReviews(core.store, core.log, core.keyring), floor.refusals, floor.changes),
            dnc=DncDesk(core.store, core.log, core.keyring, core.clock, settings.folders.vault / "lists"),
            readiness=PartsReady(core, floor.exchange),
            metrics=registry,
        ),
        public_pages(
            web_settings,
            settings.sms,
            StoredConsents(core.store, core.log, core.keyring),
            floor.refusals,
            core.clock,
            floor.changes,
        ),
    )


def make_exchange(settings: Settings, clock: InstallationClock) -> Exchange:
    """The link to the dialer's Asterisk."""
    said = settings.exchange
    try:
        secret = said.ami_secret_file.read_text().strip()
    except OSError as missing:
        raise InstallationError("the exchange's AMI secret file can't be read") from missing
    link = LinkSettings(said.ami_host, said.ami_port, AMI_USER, secret, said.ami_ca)
    return Exchange([PairSettings(said.name, link)], clock, random.random)


def start_timers(floor: Floor, checkpoints: Checkpoints, registry: CollectorRegistry) -> Timers:
    """Everything that happens by the clock."""
    core = floor.core
    timers = Timers(registry, floor.jobs)
    timers.every(5, "clock", core.clock.probe)
    timers.every(5, "vault", core.vault_probe.measure)
    timers.every(GATE_SECONDS, "gate", floor.gate.measure)
    timers.every(TICK_SECONDS, "dialing", floor.tick)
    timers.every(CUT_SECONDS, "cut", floor.refusals.cut_wanted)
    timers.every(1, "refusals", floor.refusals.drain)
    timers.every(1, "lapse", core.calls.lapse_expired)
    timers.every(1, "second", floor.second)
    timers.every(1, "trunk", floor.stops.watch_trunk)
    timers.every(ACCOUNT_SECONDS, "accounts", floor.accounts.look)
    keeping = keeping_of(core.store, core.log, core.keyring, core.clock, core.settings.folders.vault)
    timers.every(HOUR_SECONDS, "erase", keeping.rights.erase_ripe)
    timers.every(HOUR_SECONDS, "retention", keeping.retention.run)
    timers.every(1, "sign", checkpoints.sign)
    timers.every(COSIGN_EVERY_SECONDS, "cosign", checkpoints.cosign)
    timers.start()
    return timers


async def _nobody(floor: Floor) -> None:
    """Agents come through the console."""
    del floor


async def run(settings: Settings, seat: Callable[[Floor], Awaitable[None]] = _nobody) -> None:
    """Serve until told to stop. Calls that are up go on in the exchange.

    `seat`: who sits at the floor from the start; nobody, but for the demo.
    """
    async with AsyncExitStack() as stack:
        doors = {name: Door(settings.socket(name)) for name in ("signer", "witness", "gate")}
        for door in doors.values():
            stack.push_async_callback(door.close)
        signer = SignerDoor(doors["signer"])
        core = open_core(settings, signer)
        stack.callback(core.store.close)
        await core.clock.probe()
        await core.vault_probe.measure()
        exchange = make_exchange(settings, core.clock)
        floor = Floor(core, exchange, GateControl(doors["gate"]))
        stack.callback(floor.spool.close)
        registry = CollectorRegistry()
        tls = _tls(settings)
        runner = await serve_on_port(build_web(floor, registry), settings.web.host, settings.web.port, tls)
        stack.push_async_callback(runner.cleanup)
        await exchange.start()
        stack.push_async_callback(exchange.stop)
        events = asyncio.create_task(floor.progress.run())
        checkpoints = Checkpoints(
            StoredHeads(core.store, settings.origin), signer, WitnessSocket(doors["witness"])
        )
        timers = start_timers(floor, checkpoints, registry)
        stack.callback(timers.stop)
        await seat(floor)
        try:
            await until_told()
        finally:
            events.cancel()
            with suppress(asyncio.CancelledError):
                await events


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.web.certificate is None or settings.web.key is None:
        if settings.web.host not in ("127.0.0.1", "localhost", "::1"):
            raise InstallationError(
                "outside loopback the console needs a certificate: set web.certificate and web.key"
            )
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.web.certificate, settings.web.key)
    return context


if __name__ == "__main__":
    main("dialer", run)
