"""Floods and cuts, small: memory is bounded, no hang-up is lost, nothing is sent twice. `bench/soak_link.py` is the
same at full size."""

from __future__ import annotations

import asyncio
import random

import pytest

from dialer.calls.events import CalleeAnswered, CalleeLeft, LinkLost, LinkUp
from dialer.domain.errors import DialerError, OriginateUncertain
from dialer.domain.ids import AttemptId
from dialer.testing.ami_server import Cut, encode
from dialer.testing.exchange import SimulatedExchange
from tests.unit.telephony.telephony_stage import NUMBER_THAT_RINGS, on_stage, permit_of, token_of, until

NOISE = encode(
    (("Event", "VarSet"), ("Channel", "PJSIP/egress-000000ff"), ("Uniqueid", "x"), ("Variable", "V"))
)
WANTED_NOISE = encode(
    (("Event", "DTMFEnd"), ("Channel", "PJSIP/egress-000000ff"), ("Uniqueid", "1.1"), ("Digit", "1"))
)


def hangup_of(attempt: str) -> bytes:
    """The last word about a callee."""
    channel = ("Channel", "PJSIP/egress-000000aa")
    return encode((("Event", "Hangup"), channel, ("Uniqueid", attempt), ("Cause", "16")))


async def test_no_hang_up_is_lost_in_twenty_thousand_events() -> None:
    async with on_stage() as stage:
        burst = NOISE * 180 + WANTED_NOISE * 19
        for n in range(100):
            stage.server.publish_raw(burst + hangup_of(f"a-{n}"))
            if n % 10 == 0:
                await asyncio.sleep(0)
        await until(lambda: len(stage.all(CalleeLeft)) == 100, seconds=10.0)
        assert [event.attempt_id for event in stage.all(CalleeLeft)] == [f"a-{n}" for n in range(100)]
        assert stage.all(LinkLost) == []


async def test_the_exchange_can_still_be_told_to_hang_up_in_the_middle_of_a_flood() -> None:
    async with on_stage() as stage:
        stage.desk.allow(token_of(200), NUMBER_THAT_RINGS)
        await stage.exchange.originate(permit_of("a-1", token_of(200)))
        await until(lambda: "a-1" in stage.sim.callees())

        async def flood() -> None:
            while True:
                stage.server.publish_raw(NOISE * 200)
                await asyncio.sleep(0.005)

        flooding = asyncio.create_task(flood())
        await asyncio.sleep(0.05)
        await stage.exchange.hang_up(AttemptId("a-1"))
        left = await stage.first(CalleeLeft)
        assert not flooding.done(), "it was told in the middle of it"
        flooding.cancel()
        assert left.attempt_id == "a-1"
        assert stage.sim.hangups == ["a-1"]
        assert stage.all(LinkLost) == []


async def test_a_consumer_that_stalls_loses_the_link_once_and_is_told_to_reconcile() -> None:
    async with on_stage(events_queued_max=50) as stage:
        await stage.exchange.originate(permit_of("a-1", token_of(1)))
        await stage.first(CalleeAnswered)
        await stage.stop_listening()
        for n in range(200):
            stage.server.publish_raw(hangup_of(f"b-{n}"))
        await until(lambda: not stage.exchange.is_up())
        await asyncio.sleep(0.3)
        assert not stage.exchange.is_up(), "it does not come back into a queue that is full"
        assert len(stage.exchange._inbox) <= 52
        before = len(stage.heard)
        stage.start_listening()
        await until(lambda: len(stage.all(LinkUp)) == 2)
        after = stage.heard[before:]
        told = [event.attempt_id for event in after if isinstance(event, CalleeLeft)]
        assert told == [f"b-{n}" for n in range(len(told))]
        assert len(told) >= 49, "what was taken was told, in order"
        assert [type(event) for event in after if isinstance(event, LinkLost | LinkUp)] == [LinkLost, LinkUp]
        assert isinstance(after[len(told)], LinkLost), "the loss comes after the last event that was taken"


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_links_that_are_cut_anywhere_around_originates_never_place_a_call_twice(seed: int) -> None:
    """500 cuts in the soak; a failure prints its seed."""
    dice = random.Random(seed)
    async with on_stage() as stage:
        uncertain, held = [], set()
        for n in range(12):
            await until(stage.exchange.is_up)
            cut = dice.choice(list(Cut))
            stage.server.faults.cut_next("Originate", cut)
            try:
                await stage.exchange.originate(permit_of(f"a-{n}", token_of(n)))
                await until(lambda: not stage.exchange.is_up())
            except OriginateUncertain:
                uncertain.append(n)
                held.add(cut)
            except DialerError as error:
                raise AssertionError(f"seed {seed}: {error}") from error
        await until(stage.exchange.is_up)
        await asyncio.sleep(0.1)
        assert stage.server.count("Originate") == 12, f"seed {seed}"
        assert len(stage.sim.originates) == len(set(stage.sim.originates)), f"seed {seed}"
        assert held <= {Cut.BEFORE_ACTING, Cut.AFTER_ACTING}
        assert uncertain, f"control: seed {seed} held some"


async def test_an_exchange_that_restarts_under_calls_is_told_as_lost_and_its_channels_are_gone() -> None:
    async with on_stage() as stage:
        for n in range(10):
            stage.desk.allow(token_of(300 + n), NUMBER_THAT_RINGS)
            await stage.exchange.originate(permit_of(f"a-{n}", token_of(300 + n)))
        await until(lambda: len(stage.sim.invites) == 10)
        sim: SimulatedExchange = stage.sim
        assert len(await stage.exchange.channels()) == 10
        stage.server.cut_all()
        await sim.restart()
        await until(lambda: len(stage.all(LinkUp)) == 2)
        assert await stage.exchange.channels() == ()
        assert stage.exchange.loads()[0].callees == 0
        assert stage.all(CalleeLeft) == [], "silence: who reconciles has to ask"
