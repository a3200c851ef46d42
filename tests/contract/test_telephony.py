"""What every exchange does for the dialer: one suite, held on the shipped fake and on real Asterisk."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from dialer.calls.events import (
    AbandonCause,
    CalleeAbandoned,
    CalleeAnswered,
    CalleeJoined,
    CalleeLeft,
    CalleeRinging,
    KeyPressed,
    OriginateFailed,
    SeatLost,
    SeatUp,
)
from dialer.domain.errors import ExchangeUnavailable
from dialer.domain.ids import AttemptId, SeatId
from dialer.ports.exchange import Ear
from tests.contract.telephony_worlds import (
    BUSY,
    OTHER_SEAT,
    PRESSES_NINE,
    RINGS_FOR_EVER,
    SEAT,
    TALKS,
    TelephonyWorld,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def seated(telephony: TelephonyWorld, seat: SeatId = SEAT) -> None:
    """Call a seat and wait until it waits."""
    await telephony.telephony.call_seat(seat)
    await telephony.first(SeatUp, seat)


async def unseated(telephony: TelephonyWorld, seat: SeatId = SEAT) -> None:
    """Release a seat and wait until it is gone."""
    await telephony.telephony.release_seat(seat)
    await telephony.first(SeatLost, seat)


async def test_a_permit_reaches_its_callee_once_and_the_end_is_the_last_word(
    telephony: TelephonyWorld,
) -> None:
    before = telephony.invites(telephony.number(TALKS))
    permit = telephony.permit(TALKS)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeAnswered, permit.attempt_id)
    await telephony.telephony.hang_up(permit.attempt_id)
    await telephony.first(CalleeLeft, permit.attempt_id)
    await asyncio.sleep(0.1)
    assert telephony.invites(telephony.number(TALKS)) == before + 1
    assert telephony.kinds(permit.attempt_id) == ["CalleeRinging", "CalleeAnswered", "CalleeLeft"]


async def test_a_token_that_the_gate_does_not_know_reaches_nobody(telephony: TelephonyWorld) -> None:
    permit = telephony.unknown_permit("pt" + secrets.token_hex(16))
    await telephony.telephony.originate(permit)
    await telephony.first(OriginateFailed, permit.attempt_id)
    await telephony.first(CalleeLeft, permit.attempt_id)
    assert telephony.all(CalleeRinging, permit.attempt_id) == []


async def test_a_callee_who_is_busy_never_answers(telephony: TelephonyWorld) -> None:
    permit = telephony.permit(BUSY)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeLeft, permit.attempt_id)
    assert telephony.all(CalleeAnswered, permit.attempt_id) == []


async def test_a_callee_and_a_seat_hear_each_other_and_the_seat_waits_again_after(
    telephony: TelephonyWorld,
) -> None:
    await seated(telephony)
    for _ in range(2):
        permit = telephony.permit(TALKS)
        await telephony.telephony.originate(permit)
        await telephony.first(CalleeAnswered, permit.attempt_id)
        await telephony.telephony.connect(permit.attempt_id, SEAT)
        joined = await telephony.first(CalleeJoined, permit.attempt_id)
        assert joined.seat_id == SEAT
        await telephony.telephony.hang_up(permit.attempt_id)
        await telephony.first(CalleeLeft, permit.attempt_id)
        assert telephony.all(CalleeAbandoned, permit.attempt_id) == []
        await asyncio.sleep(0.2)
    assert telephony.all(SeatLost, SEAT) == []
    await unseated(telephony)


async def test_a_callee_whom_nobody_takes_is_told_as_abandoned_with_nobody(telephony: TelephonyWorld) -> None:
    permit = telephony.permit(TALKS, patience_ms=300)
    await telephony.telephony.originate(permit)
    abandoned = await telephony.first(CalleeAbandoned, permit.attempt_id)
    assert abandoned.cause is AbandonCause.NOBODY
    await telephony.telephony.hang_up(permit.attempt_id)
    await telephony.first(CalleeLeft, permit.attempt_id)


async def test_a_callee_whose_agent_dies_is_told_as_abandoned_with_agent_lost(
    telephony: TelephonyWorld,
) -> None:
    await seated(telephony)
    permit = telephony.permit(TALKS)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeAnswered, permit.attempt_id)
    await telephony.telephony.connect(permit.attempt_id, SEAT)
    await telephony.first(CalleeJoined, permit.attempt_id)
    await telephony.kill_seat(SEAT)
    abandoned = await telephony.first(CalleeAbandoned, permit.attempt_id)
    assert abandoned.cause is AbandonCause.AGENT_LOST
    await telephony.first(SeatLost, SEAT)
    await telephony.telephony.hang_up(permit.attempt_id)
    await telephony.first(CalleeLeft, permit.attempt_id)


async def test_a_callee_can_be_handed_from_one_seat_to_another(telephony: TelephonyWorld) -> None:
    await seated(telephony)
    await seated(telephony, OTHER_SEAT)
    permit = telephony.permit(TALKS)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeAnswered, permit.attempt_id)
    for seat in (SEAT, OTHER_SEAT):
        await telephony.telephony.connect(permit.attempt_id, seat)
        await asyncio.sleep(0.2)
    joined = telephony.all(CalleeJoined, permit.attempt_id)
    assert [event.seat_id for event in joined] == [SEAT, OTHER_SEAT]
    assert telephony.all(CalleeAbandoned, permit.attempt_id) == []
    await telephony.telephony.hang_up(permit.attempt_id)
    await unseated(telephony)
    await unseated(telephony, OTHER_SEAT)


async def test_a_callee_on_hold_is_with_nobody_and_is_taken_back(telephony: TelephonyWorld) -> None:
    await seated(telephony)
    permit = telephony.permit(TALKS)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeAnswered, permit.attempt_id)
    await telephony.telephony.connect(permit.attempt_id, SEAT)
    await telephony.first(CalleeJoined, permit.attempt_id)
    await telephony.telephony.hold(permit.attempt_id)
    await asyncio.sleep(0.2)
    await telephony.telephony.connect(permit.attempt_id, SEAT)
    async with asyncio.timeout(5):
        while len(telephony.all(CalleeJoined, permit.attempt_id)) < 2:  # noqa: ASYNC110 - filled by another task
            await asyncio.sleep(0.01)
    assert telephony.all(CalleeAbandoned, permit.attempt_id) == []
    assert telephony.all(SeatLost, SEAT) == []
    await telephony.telephony.hang_up(permit.attempt_id)
    await unseated(telephony)


async def test_a_callee_who_was_taken_back_and_whose_agent_dies_hears_the_notice(
    telephony: TelephonyWorld,
) -> None:
    await seated(telephony)
    permit = telephony.permit(TALKS)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeAnswered, permit.attempt_id)
    await telephony.telephony.connect(permit.attempt_id, SEAT)
    await telephony.telephony.hold(permit.attempt_id)
    await asyncio.sleep(0.1)
    await telephony.telephony.connect(permit.attempt_id, SEAT)
    await asyncio.sleep(0.2)
    await telephony.kill_seat(SEAT)
    abandoned = await telephony.first(CalleeAbandoned, permit.attempt_id)
    assert abandoned.cause is AbandonCause.AGENT_LOST
    await telephony.telephony.hang_up(permit.attempt_id)
    await telephony.first(SeatLost, SEAT)


async def test_nobody_can_be_put_on_hold_who_is_gone(telephony: TelephonyWorld) -> None:
    with pytest.raises(ExchangeUnavailable):
        await telephony.telephony.hold(AttemptId("contract-never-placed"))


@pytest.mark.parametrize("ear", list(Ear))
async def test_a_listener_hears_a_seat_in_a_leg_that_is_no_seats_and_ends_when_told(
    telephony: TelephonyWorld, ear: Ear
) -> None:
    await seated(telephony)
    permit = telephony.permit(TALKS)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeAnswered, permit.attempt_id)
    await telephony.telephony.connect(permit.attempt_id, SEAT)
    await telephony.telephony.listen(OTHER_SEAT, SEAT, permit.attempt_id, ear)
    before = {v.name for v in await telephony.telephony.channels() if v.seat_id or v.attempt_id}
    async with asyncio.timeout(5):
        while not [v for v in await telephony.telephony.channels() if v.name not in before and v.is_up]:  # noqa: ASYNC110 - the exchange is asked
            await asyncio.sleep(0.05)
    assert telephony.all(SeatUp, OTHER_SEAT) == [], "a listener is nobody's agent"
    await telephony.telephony.end_listening(OTHER_SEAT)
    async with asyncio.timeout(5):
        while [v for v in await telephony.telephony.channels() if v.name not in before]:  # noqa: ASYNC110 - the exchange is asked
            await asyncio.sleep(0.05)
    assert telephony.all(CalleeAbandoned, permit.attempt_id) == []
    await telephony.telephony.hang_up(permit.attempt_id)
    await unseated(telephony)


async def test_every_listener_can_be_ended_at_once_also_by_a_process_that_knows_none(
    telephony: TelephonyWorld,
) -> None:
    await seated(telephony)
    await telephony.telephony.listen(OTHER_SEAT, SEAT, AttemptId("contract-whose"), Ear.QUIET)
    await asyncio.sleep(0.5)
    await telephony.telephony.end_listening(None)
    await unseated(telephony)
    async with asyncio.timeout(5):
        while await telephony.telephony.channels():  # noqa: ASYNC110 - the exchange is asked
            await asyncio.sleep(0.05)
    await telephony.telephony.end_listening(None)
    assert await telephony.telephony.channels() == (), "and nothing of it is left to hang up again"


async def test_nobody_listens_to_a_seat_without_a_leg(telephony: TelephonyWorld) -> None:
    with pytest.raises(ExchangeUnavailable):
        await telephony.telephony.listen(OTHER_SEAT, SEAT, AttemptId("contract-whose"), Ear.QUIET)


async def test_a_key_of_the_callee_is_heard(telephony: TelephonyWorld) -> None:
    await seated(telephony)
    permit = telephony.permit(PRESSES_NINE)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeAnswered, permit.attempt_id)
    await telephony.telephony.connect(permit.attempt_id, SEAT)
    assert (await telephony.first(KeyPressed, permit.attempt_id)).key == "9"
    await telephony.telephony.hang_up(permit.attempt_id)
    await unseated(telephony)


async def test_channels_names_the_callee_and_the_seat_and_forgets_them_after(
    telephony: TelephonyWorld,
) -> None:
    await seated(telephony)
    permit = telephony.permit(RINGS_FOR_EVER)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeRinging, permit.attempt_id)
    views = await telephony.telephony.channels()
    assert {(view.attempt_id, view.is_up) for view in views if view.attempt_id} == {
        (permit.attempt_id, False)
    }
    assert {(view.seat_id, view.is_up) for view in views if view.seat_id} == {(SEAT, True)}
    await telephony.telephony.hang_up(permit.attempt_id)
    await telephony.first(CalleeLeft, permit.attempt_id)
    await unseated(telephony)
    assert await telephony.telephony.channels() == ()


async def test_hanging_up_what_is_gone_is_no_error(telephony: TelephonyWorld) -> None:
    await telephony.telephony.hang_up(AttemptId("contract-never-placed"))
    await telephony.telephony.release_seat(SEAT)
    await asyncio.sleep(0.1)
    assert telephony.all(object, "contract-never-placed") == telephony.all(object, SEAT) == []
    assert telephony.telephony.is_up()


async def test_connecting_a_callee_who_is_gone_or_a_seat_without_a_leg_fails(
    telephony: TelephonyWorld,
) -> None:
    with pytest.raises(ExchangeUnavailable):
        await telephony.telephony.connect(AttemptId("contract-never-placed"), SEAT)
    await seated(telephony)
    with pytest.raises(ExchangeUnavailable):
        await telephony.telephony.connect(AttemptId("contract-never-placed"), SEAT)
    await unseated(telephony)


async def test_a_seat_that_no_exchange_has_is_never_up(telephony: TelephonyWorld) -> None:
    unknown = SeatId("seat-499")
    await telephony.telephony.call_seat(unknown)
    await telephony.first(SeatLost, unknown)
    assert telephony.all(SeatUp, unknown) == []


async def test_a_softphones_secret_can_be_set_for_each_session_and_a_weak_one_is_refused(
    telephony: TelephonyWorld,
) -> None:
    for session in range(2):
        await telephony.telephony.set_seat_secret(SeatId("seat-1"), f"{secrets.token_urlsafe(24)}-{session}")
    with pytest.raises(ValueError, match="secret"):
        await telephony.telephony.set_seat_secret(SeatId("seat-1"), "short")


async def test_a_seat_that_is_called_again_in_a_talk_takes_it_over_and_the_former_leg_means_nothing(
    telephony: TelephonyWorld,
) -> None:
    await seated(telephony)
    permit = telephony.permit(TALKS)
    await telephony.telephony.originate(permit)
    await telephony.first(CalleeAnswered, permit.attempt_id)
    await telephony.telephony.connect(permit.attempt_id, SEAT)
    await telephony.first(CalleeJoined, permit.attempt_id)
    (former,) = [v.name for v in await telephony.telephony.channels() if v.seat_id == SEAT]
    await telephony.telephony.call_seat(SEAT)
    async with asyncio.timeout(5):
        while len(telephony.all(SeatUp, SEAT)) < 2:  # noqa: ASYNC110 - filled by another task
            await asyncio.sleep(0.01)
    assert former in [v.name for v in await telephony.telephony.channels()], "the talk is still on it"
    await telephony.telephony.connect(permit.attempt_id, SEAT)
    async with asyncio.timeout(5):
        while len(telephony.all(CalleeJoined, permit.attempt_id)) < 2:  # noqa: ASYNC110 - filled by another task
            await asyncio.sleep(0.01)
        while former in [v.name for v in await telephony.telephony.channels()]:  # noqa: ASYNC110 - the exchange is asked
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    assert telephony.all(SeatLost, SEAT) == []
    assert telephony.all(CalleeAbandoned, permit.attempt_id) == []
    assert len(telephony.all(SeatUp, SEAT)) == 2
    await telephony.telephony.hang_up(permit.attempt_id)
    await unseated(telephony)
