"""Hours of calls through the real link in seconds, without sockets; the same seed gives the same day."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime, timedelta

from dialer.calls.events import CalleeAnswered, CalleeLeft, ExchangeEvent, SeatUp
from dialer.domain.ids import SeatId
from dialer.telephony.exchange import Exchange
from dialer.telephony.link import LinkSettings
from dialer.telephony.pair import PairSettings
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import OpenDesk
from dialer.testing.clock import HandWoundClock, LoopClock, run_in_simulated_time
from dialer.testing.exchange import SimulatedExchange
from dialer.testing.memory import in_memory
from tests.unit.telephony.telephony_stage import SECRET, USER, permit_of, token_of

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CALLS = 200


async def a_morning(seed: int) -> tuple[list[ExchangeEvent], timedelta]:
    """Two hundred calls, half a minute or so apart, one seat; all events, and how long it was."""
    dice, clock = random.Random(seed), LoopClock(MORNING)
    desk = OpenDesk({token_of(n): f"+86130000000{dice.randrange(100):02d}" for n in range(CALLS)})
    sim = SimulatedExchange(desk)
    server = AmiServer(sim, USER, SECRET)
    pair = PairSettings("memory", LinkSettings("127.0.0.1", 5038, USER, SECRET))
    exchange = Exchange([pair], clock, dice.random, connector=in_memory(server))
    await exchange.start()
    heard: list[ExchangeEvent] = []

    async def listen() -> None:
        async for event in exchange.events():
            heard.append(event)

    listener = asyncio.create_task(listen())
    await exchange.call_seat(SeatId("seat-1"))
    for n in range(CALLS):
        await exchange.originate(
            permit_of(f"a-{n}", token_of(n), expires=clock.now() + timedelta(seconds=10))
        )
        await asyncio.sleep(dice.uniform(10.0, 50.0))
    await asyncio.sleep(60.0)
    lasted = clock.now() - MORNING
    listener.cancel()
    await asyncio.gather(listener, return_exceptions=True)
    await exchange.stop()
    await sim.stop()
    await server.shut()
    return heard, lasted


def test_a_morning_of_calls_passes_in_seconds_and_every_call_has_its_end() -> None:
    began = time.monotonic()
    heard, lasted = run_in_simulated_time(a_morning(7))
    assert lasted > timedelta(hours=1.5)
    assert time.monotonic() - began < 20
    ended = [event.attempt_id for event in heard if isinstance(event, CalleeLeft)]
    assert sorted(ended) == sorted(f"a-{n}" for n in range(CALLS))
    assert any(isinstance(event, CalleeAnswered) for event in heard)
    assert any(isinstance(event, SeatUp) for event in heard)


def test_the_same_seed_gives_the_same_morning_to_the_microsecond_and_another_seed_another() -> None:
    first, second, other = (run_in_simulated_time(a_morning(seed))[0] for seed in (11, 11, 12))
    assert first == second
    assert first != other


def test_a_hand_wound_clock_moves_only_when_it_is_wound() -> None:
    clock = HandWoundClock(MORNING)
    assert clock.now() == clock.now() == MORNING
    clock.advance(3600.0)
    assert clock.now() == MORNING + timedelta(hours=1)
    clock.advance(-7200.0)
    assert clock.now() == MORNING - timedelta(hours=1)
