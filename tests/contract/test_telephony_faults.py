"""The link's worst minute, against the shipped fake and against real Asterisk: nothing is placed twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from dialer.calls.events import CalleeLeft, CalleeRinging, LinkLost, LinkUp, SeatUp
from dialer.domain.errors import ExchangeUnavailable, OriginateUncertain
from tests.contract.cutting_relay import relay_to
from tests.contract.telephony_worlds import RINGS_FOR_EVER, SEAT, TelephonyWorld, relayed

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def until(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something holds; fails when it doesn't in time."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to wait on
            await asyncio.sleep(0.01)


def count(world: TelephonyWorld, kind: type[object]) -> int:
    """How many events of one kind were heard."""
    return sum(isinstance(event, kind) for event in world.heard)


async def test_an_originate_that_was_cut_is_uncertain_placed_once_found_again_and_can_be_ended(
    telephony: TelephonyWorld,
) -> None:
    before = telephony.invites(telephony.number(RINGS_FOR_EVER))
    async with relay_to(telephony.link.port) as relay, relayed(telephony, relay.port) as through:
        permit = through.permit(RINGS_FOR_EVER)
        relay.cut_after = b"Action: Originate"
        with pytest.raises(OriginateUncertain):
            await through.telephony.originate(permit)
        await until(lambda: count(through, LinkUp) == 2)
        await telephony.first(CalleeRinging, permit.attempt_id)
        views = await through.telephony.channels()
        assert [view.attempt_id for view in views] == [permit.attempt_id], (
            "reconciling finds it by the attempt's id"
        )
        await asyncio.sleep(0.5)
        assert telephony.invites(telephony.number(RINGS_FOR_EVER)) == before + 1
        await through.telephony.hang_up(permit.attempt_id)
        await through.first(CalleeLeft, permit.attempt_id)
        assert relay.connections == 2


async def test_an_exchange_that_falls_mute_is_noticed_gets_no_new_call_and_comes_back(
    telephony: TelephonyWorld,
) -> None:
    async with relay_to(telephony.link.port) as relay, relayed(telephony, relay.port) as through:
        await until(lambda: count(through, LinkUp) == 1)
        await asyncio.sleep(1.0)
        assert count(through, LinkLost) == 0, "control: pings are answered"
        relay.is_mute = True
        await until(lambda: count(through, LinkLost) == 1, seconds=1.5)
        before = telephony.invites(telephony.number(RINGS_FOR_EVER))
        permit = through.permit(RINGS_FOR_EVER)
        with pytest.raises(ExchangeUnavailable):
            await through.telephony.originate(permit)
        relay.is_mute = False
        await until(lambda: count(through, LinkUp) == 2, seconds=15.0)
        await through.telephony.originate(permit)
        await through.first(CalleeRinging, permit.attempt_id)
        assert telephony.invites(telephony.number(RINGS_FOR_EVER)) == before + 1
        await through.telephony.hang_up(permit.attempt_id)
        await through.first(CalleeLeft, permit.attempt_id)


async def test_a_seat_outlives_the_link_and_is_known_again(telephony: TelephonyWorld) -> None:
    async with relay_to(telephony.link.port) as relay, relayed(telephony, relay.port) as through:
        await through.telephony.call_seat(SEAT)
        await through.first(SeatUp, SEAT)
        relay.cut_after = b"Action: Ping"
        await until(lambda: count(through, LinkUp) == 2)
        assert SEAT in [view.seat_id for view in await through.telephony.channels()]
        await through.telephony.release_seat(SEAT)
        await until(lambda: not telephony_has_seat(through))


def telephony_has_seat(world: TelephonyWorld) -> bool:
    """Whether the adapter believes in a seat's leg."""
    return any(load.seats for load in world.telephony.loads())
