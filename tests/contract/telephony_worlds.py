"""The two worlds that the telephony contract is held in: the shipped fake, and real Asterisk on loopback."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from dialer.calls.events import ExchangeEvent
from dialer.calls.permit import Permit, mint
from dialer.domain.ids import AttemptId, SeatId
from dialer.rules.kinds.words import RecordingNotice
from dialer.telephony.exchange import Exchange
from dialer.telephony.link import LinkSettings
from dialer.telephony.pair import PairSettings
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import OpenDesk
from dialer.testing.exchange import SimulatedExchange, hurried
from tests.integration.asterisk_fixtures import World, Yes

SEAT, OTHER_SEAT = SeatId("headless-1"), SeatId("headless-2")
TALKS, BUSY, RINGS_FOR_EVER, PRESSES_NINE = "00", "20", "30", "70"

E = TypeVar("E")
_serial = itertools.count(1)


class RealClock:
    """The system's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class TelephonyWorld:
    """The port under test, and the few things that only the outside can do or see."""

    telephony: Exchange
    allow: Callable[[str, str], None]
    """Lets one token reach one number, once."""
    invites: Callable[[str], int]
    """INVITEs that the carrier accepted for a number."""
    kill_seat: Callable[[SeatId], Awaitable[None]]
    link: LinkSettings
    """Where the exchange's manager interface is."""
    heard: list[ExchangeEvent] = field(default_factory=list)

    def number(self, ending: str) -> str:
        """A plainly invented number whose callee behaves as its ending says."""
        return f"+86130000000{ending}"

    def permit(self, ending: str, patience_ms: int = 2000) -> Permit:
        """A permit for a callee, known to the gate of this world."""
        token = "pt" + secrets.token_hex(16)
        self.allow(token, self.number(ending))
        return self.unknown_permit(token, patience_ms)

    def unknown_permit(self, token: str, patience_ms: int = 2000) -> Permit:
        """A permit whose token the gate has not seen."""
        return mint(
            attempt_id=AttemptId(f"contract-{next(_serial)}-{secrets.token_hex(4)}"),
            token=token,
            expires=datetime.now(UTC) + timedelta(seconds=10),
            patience_ms=patience_ms,
            notice_prompt="notice-zh",
            recording_prompt="",
            recording_notice=RecordingNotice.AT_START,
        )

    def all(self, kind: type[E], about: str) -> list[E]:
        """What was heard of one kind about one attempt or seat, in order."""
        return [
            event
            for event in self.heard
            if isinstance(event, kind)
            and about in (getattr(event, "attempt_id", None), getattr(event, "seat_id", None))
        ]

    def kinds(self, attempt_id: AttemptId) -> list[str]:
        """The kinds of what was heard about one attempt, in order."""
        return [type(event).__name__ for event in self.all(object, attempt_id)]

    async def first(self, kind: type[E], about: str, seconds: float = 12.0) -> E:
        """Wait for the first event of a kind about an attempt or a seat."""
        async with asyncio.timeout(seconds):
            while not self.all(kind, about):  # noqa: ASYNC110 - the list is filled by another task
                await asyncio.sleep(0.005)
        return self.all(kind, about)[0]

    async def listen(self) -> None:
        """Keep all events."""
        async with aclosing(self.telephony.events()) as events:
            async for event in events:
                self.heard.append(event)


@asynccontextmanager
async def relayed(world: TelephonyWorld, port: int) -> AsyncIterator[TelephonyWorld]:
    """The same outside through another port and a link of its own, with little patience."""
    settings = replace(
        world.link,
        port=port,
        ping_interval_seconds=0.3,
        ping_deadline_seconds=0.5,
        action_deadline_seconds=2.0,
        backoff_seconds_min=0.05,
    )
    exchange = Exchange([PairSettings("relayed", settings)], RealClock(), lambda: 0.5)
    await exchange.start()
    try:
        async with _listening(replace(world, telephony=exchange, link=settings, heard=[])) as through:
            yield through
    finally:
        await exchange.stop()


@asynccontextmanager
async def _listening(world: TelephonyWorld) -> AsyncIterator[TelephonyWorld]:
    listener = asyncio.create_task(world.listen())
    try:
        yield world
    finally:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


@asynccontextmanager
async def fake_world() -> AsyncIterator[TelephonyWorld]:
    """The shipped fake behind its TCP server, ten times as fast as people."""
    desk = OpenDesk({})
    sim = SimulatedExchange(desk, hurried(10))

    async def kill(seat_id: SeatId) -> None:
        sim.seat_dies(seat_id)

    def invites(number: str) -> int:
        return sum(invite.number == number for invite in sim.invites)

    async with AmiServer(sim, "dialer", "contract") as server:
        settings = LinkSettings("127.0.0.1", server.port, "dialer", "contract")
        exchange = Exchange([PairSettings("fake", settings)], RealClock(), lambda: 0.5)
        await exchange.start()
        try:
            async with _listening(TelephonyWorld(exchange, desk.allow, invites, kill, settings)) as world:
                yield world
        finally:
            await exchange.stop()
            await sim.stop()


@asynccontextmanager
async def asterisk_world(real: World) -> AsyncIterator[TelephonyWorld]:
    """The three real instances."""
    settings = LinkSettings("127.0.0.1", real.pbx_settings.ami_port, "dialer", real.pbx_settings.ami_secret)
    exchange = Exchange([PairSettings("real", settings)], RealClock(), lambda: 0.5)

    def allow(token: str, number: str) -> None:
        real.gate.permits[token] = Yes(number)

    def invites(number: str) -> int:
        return sum(record.event == "INVITE" and record.number == number for record in real.journal())

    async def kill(seat_id: SeatId) -> None:
        for view in await exchange.channels():
            if view.seat_id == seat_id:
                await real.pbx.rx(f"channel request hangup {view.name}")

    await exchange.start()
    try:
        async with _listening(TelephonyWorld(exchange, allow, invites, kill, settings)) as world:
            yield world
    finally:
        await exchange.stop()
