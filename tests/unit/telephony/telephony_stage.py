"""A stage for the link and the exchange: the shipped fake behind a real TCP server, and what was heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from panoramisk.message import Message

from dialer.calls.events import ExchangeEvent
from dialer.calls.permit import Permit, mint
from dialer.domain.ids import AttemptId
from dialer.rules.kinds.words import RecordingNotice
from dialer.telephony.exchange import Exchange
from dialer.telephony.link import LinkSettings
from dialer.telephony.pair import PairSettings
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import OpenDesk
from dialer.testing.exchange import SimulatedExchange, hurried

USER = "dialer"
SECRET = "only-on-this-stage"
NUMBER_THAT_TALKS = "+8613000000001"
NUMBER_THAT_RINGS = "+8613000000031"
NUMBER_THAT_PRESSES_NINE = "+8613000000071"

E = TypeVar("E")


class RealClock:
    """The system's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def half() -> float:
    """Jitter that is none."""
    return 0.5


def link_settings(port: int, secret: str = SECRET) -> LinkSettings:
    """A link with little patience, so that tests are short."""
    return LinkSettings(
        host="127.0.0.1",
        port=port,
        username=USER,
        secret=secret,
        ping_interval_seconds=0.1,
        ping_deadline_seconds=0.2,
        action_deadline_seconds=1.0,
        connect_deadline_seconds=1.0,
        backoff_seconds_min=0.02,
        backoff_seconds_max=0.1,
    )


def token_of(n: int) -> str:
    """The n-th token of a test."""
    return f"pt{n:032x}"


def permit_of(
    attempt: str, token: str, expires: datetime | None = None, recording_prompt: str = ""
) -> Permit:
    """A permit as the ledger would mint it."""
    return mint(
        attempt_id=AttemptId(attempt),
        token=token,
        expires=expires or datetime.now(UTC) + timedelta(seconds=10),
        patience_ms=2000,
        notice_prompt="notice-zh",
        recording_prompt=recording_prompt,
        recording_notice=RecordingNotice.AT_START,
    )


async def until(condition: Callable[[], object], seconds: float = 3.0) -> None:
    """Wait until something holds; fails when it doesn't in time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to wait on
            await asyncio.sleep(0.005)


@dataclass
class Stage:
    """One simulated exchange, its server, the adapter in front of it, and all that the adapter told."""

    desk: OpenDesk
    sim: SimulatedExchange
    server: AmiServer
    exchange: Exchange
    heard: list[ExchangeEvent] = field(default_factory=list)
    listener: asyncio.Task[None] | None = None

    def all(self, kind: type[E]) -> list[E]:
        """What was heard of one kind."""
        return [event for event in self.heard if isinstance(event, kind)]

    async def first(self, kind: type[E], seconds: float = 3.0) -> E:
        """Wait for the first event of a kind."""
        await until(lambda: self.all(kind), seconds)
        return self.all(kind)[0]

    def start_listening(self) -> None:
        """Keep what the adapter tells."""
        self.listener = asyncio.create_task(self._listen())

    async def stop_listening(self) -> None:
        """Leave the adapter's events to somebody else."""
        if self.listener is not None:
            self.listener.cancel()
            await asyncio.gather(self.listener, return_exceptions=True)

    async def _listen(self) -> None:
        async with aclosing(self.exchange.events()) as events:
            async for event in events:
                self.heard.append(event)


@asynccontextmanager
async def on_stage(
    pace: float = 50.0,
    settings: Callable[[LinkSettings], LinkSettings] = lambda given: given,
    events_queued_max: int = 20_000,
) -> AsyncIterator[Stage]:
    """Everything up, the link logged in, one consumer listening."""
    desk = OpenDesk({token_of(n): NUMBER_THAT_TALKS for n in range(100)})
    sim = SimulatedExchange(desk, hurried(pace))
    async with AmiServer(sim, USER, SECRET) as server:
        pair = PairSettings("one", settings(link_settings(server.port)))
        exchange = Exchange([pair], RealClock(), half, events_queued_max=events_queued_max)
        await exchange.start()
        stage = Stage(desk, sim, server, exchange)
        stage.start_listening()
        try:
            yield stage
        finally:
            await stage.stop_listening()
            await exchange.stop()
            await sim.stop()


def with_patience(**seconds: float) -> Callable[[LinkSettings], LinkSettings]:
    """Change a link's seconds."""
    return lambda given: replace(given, **seconds)  # type: ignore[arg-type]


@dataclass
class Ear:
    """A bare listener of one link."""

    messages: list[Message] = field(default_factory=list)
    ups: int = 0
    losses: int = 0
    room: int = 1_000_000

    def link_up(self) -> None:
        self.ups += 1

    def link_lost(self) -> None:
        self.losses += 1

    def heard(self, message: Message) -> bool:
        if len(self.messages) >= self.room:
            return False
        self.messages.append(message)
        return True

    async def has_room(self) -> None:
        return
