"""The dialer: web, pacing, the link to the exchange, timers. The one place where ports meet adapters for it."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress

from prometheus_client import CollectorRegistry

from dialer.domain.errors import InstallationError
from dialer.domain.ids import SeatId
from dialer.jobs.floor_meters import FloorMeters
from dialer.jobs.hook_meters import MeteredPost
from dialer.jobs.hook_post import HookPost
from dialer.jobs.timers import Timers
from dialer.processes.console import build_web
from dialer.processes.console_tls import open_tls
from dialer.processes.core import open_core
from dialer.processes.doctor import couriers_of, watch
from dialer.processes.floor import Floor
from dialer.processes.keeping import keeping_of
from dialer.processes.prompting import prompt_desk
from dialer.processes.public import refusal_notices
from dialer.processes.serving import main, serve_on_port, until_told
from dialer.services.alerts import Alerts
from dialer.services.checkpoints import COSIGN_EVERY_SECONDS, Checkpoints
from dialer.services.vault_sweep import VaultSweep
from dialer.services.webhooks import WebhookCourier
from dialer.settings import Exchange as ExchangeSettings
from dialer.settings import Settings
from dialer.signing.doors import Door, GateControl, SignerDoor, WitnessSocket
from dialer.storage.checks import StoredChecks
from dialer.storage.clock import InstallationClock
from dialer.storage.heads import StoredHeads
from dialer.storage.refusal_notices import StoredRefusalNotices
from dialer.storage.repeats import StoredRepeats
from dialer.storage.views_status import read_log_news
from dialer.storage.webhooks import StoredWebhooks
from dialer.telephony.exchange import Exchange
from dialer.telephony.link import LinkSettings
from dialer.telephony.pair import PairSettings
from dialer.telephony.render import AMI_USER
from dialer.telephony.trunk_profile import TrunkProfile, read_trunk_profile
from dialer.vault.sweep import SweptVault

TICK_SECONDS = 0.25
CUT_SECONDS = 0.25
GATE_SECONDS = 1.0
VAULT_SECONDS = 1.0
SPOOL_SECONDS = 30.0
HOUR_SECONDS = 3600.0
DAY_SECONDS = 86_400.0
MINUTE_SECONDS = 60.0
ACCOUNT_SECONDS = 15.0
ALERT_SECONDS = 60.0
NOTICE_SECONDS = 5.0
METER_SECONDS = 5.0
AWAY_SECONDS = 5.0


def make_exchange(settings: Settings, clock: InstallationClock) -> Exchange:
    """The links to every pair's Asterisk."""
    return Exchange([_pair(settings, said) for said in settings.exchanges], clock, random.random)


def _pair(settings: Settings, said: ExchangeSettings) -> PairSettings:
    try:
        secret = said.ami_secret_file.read_text().strip()
    except OSError as missing:
        raise InstallationError(f"the AMI secret file of the exchange {said.name} can't be read") from missing
    link = LinkSettings(said.ami_host, said.ami_port, AMI_USER, secret, said.ami_ca)
    own = (*said.browser_seats, *said.headless_seats)
    seats = frozenset(SeatId(seat) for seat in own) if settings.further_exchanges else frozenset()
    trunk = read_trunk_profile(settings.trunk.profile) if settings.trunk.profile else TrunkProfile()
    return PairSettings(said.name, link, said.channels_max, seats, trunk.calls_per_second_max)


def start_timers(floor: Floor, checkpoints: Checkpoints, registry: CollectorRegistry) -> Timers:
    """Everything that happens by the clock."""
    core = floor.core
    timers = Timers(registry, floor.jobs)
    timers.every(5, "clock", core.clock.probe)
    timers.every(VAULT_SECONDS, "vault", core.vault_probe.measure)
    timers.every(SPOOL_SECONDS, "spool", floor.leftover.seal)
    timers.every(GATE_SECONDS, "gate", floor.gate.measure)
    timers.every(TICK_SECONDS, "dialing", floor.tick)
    timers.every(CUT_SECONDS, "cut", floor.refusals.cut_wanted)
    timers.every(1, "refusals", floor.refusals.drain)
    timers.every(MINUTE_SECONDS, "outside lists", floor.lists.feeds.run)
    notices = refusal_notices(core.settings.sms, StoredRefusalNotices(core.store, core.log, core.keyring))
    if notices is not None:
        timers.every(NOTICE_SECONDS, "refusal notices", notices.run)
    timers.every(MINUTE_SECONDS, "reviews", floor.deadline.run)
    timers.every(1, "lapse", core.calls.lapse_expired)
    timers.every(1, "second", floor.second)
    timers.every(1, "trunk", floor.stops.watch_trunk)
    timers.every(ACCOUNT_SECONDS, "accounts", floor.accounts.look)
    timers.every(60, "inbound", floor.inbound.close_forgotten)
    timers.every(1, "drain", floor.drains.look)
    timers.every(AWAY_SECONDS, "away", floor.look_away)
    keeping = keeping_of(core.store, core.log, core.keyring, core.clock, core.vault.objects)
    timers.every(HOUR_SECONDS, "erase", keeping.rights.erase_ripe)
    timers.every(HOUR_SECONDS, "retention", keeping.retention.run)
    timers.every(HOUR_SECONDS, "repeats", StoredRepeats(core.store, core.keyring).purge)
    courier = WebhookCourier(
        StoredWebhooks(core.store, core.log, core.keyring),
        MeteredPost(HookPost(core.settings.webhooks.private_networks), registry),
        random.random,
    )
    timers.every(1, "webhooks", courier.round)
    timers.every(HOUR_SECONDS, "deliveries", courier.purge)
    sweep = VaultSweep(StoredChecks(core.store, core.log), SweptVault(core.vault.objects), core.clock)
    timers.every(DAY_SECONDS, "sweep", sweep.run)
    timers.every(1, "sign", checkpoints.sign)
    timers.every(COSIGN_EVERY_SECONDS, "cosign", checkpoints.cosign)
    alerts = Alerts(
        lambda: watch(core.settings, core.store, core.clock.now), couriers_of(core.settings), core.clock
    )
    timers.every(ALERT_SECONDS, "alerts", alerts.run)
    meters = FloorMeters(
        registry,
        seats=floor.seats,
        board=floor.board,
        down=floor.down,
        alerts=alerts,
        log_news=lambda seen: core.store.read(lambda tx: read_log_news(tx, seen)),
    )
    timers.every(METER_SECONDS, "meters", meters.measure)
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
        await prompt_desk(core).catch_up()
        exchange = make_exchange(settings, core.clock)
        floor = Floor(core, exchange, GateControl(doors["gate"]))
        stack.callback(floor.spool.close)
        stack.push_async_callback(floor.simulations.close)
        registry = CollectorRegistry()
        tls = open_tls(settings)
        runner = await serve_on_port(
            build_web(floor, registry),
            settings.web.host,
            settings.web.port,
            None if tls is None else tls.context,
        )
        stack.push_async_callback(runner.cleanup)
        await exchange.start()
        stack.push_async_callback(exchange.stop)
        stack.push_async_callback(floor.progress.close)
        events = asyncio.create_task(floor.progress.run())
        hearing = asyncio.create_task(floor.spoken.words.run())
        stack.callback(hearing.cancel)
        if floor.spoken.door is not None:
            stack.push_async_callback(floor.spoken.door.close)
        checkpoints = Checkpoints(
            StoredHeads(core.store, settings.origin), signer, WitnessSocket(doors["witness"])
        )
        timers = start_timers(floor, checkpoints, registry)
        if tls is not None:
            timers.every(MINUTE_SECONDS, "certificate", tls.look)
        stack.callback(timers.stop)
        stack.push_async_callback(floor.dialing.keep)
        await seat(floor)
        try:
            await until_told()
        finally:
            events.cancel()
            with suppress(asyncio.CancelledError):
                await events


if __name__ == "__main__":
    main("dialer", run)
