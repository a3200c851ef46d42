"""What an agent's own phone may do, on a real exchange: register with this session's secret, and nothing outside."""

from __future__ import annotations

import secrets

import pytest

from dialer.telephony.seats import seat_secret_action
from tests.integration.asterisk_fixtures import World, new_token, number_ending, until
from tests.integration.softphone import Softphone

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

OK, UNAUTHORIZED, NOT_FOUND = 200, 401, 404


async def give_secret(world: World, seat: str) -> str:
    """A new login session's secret."""
    secret = secrets.token_urlsafe(24)
    name, headers = seat_secret_action(seat, secret)
    told = len(world.ami.heard(UserEvent="SeatSecret", Seat=seat))
    reply = await world.ami.act(Action=name, **dict(headers))
    assert reply["Response"] == "Success", reply
    await until(lambda: len(world.ami.heard(UserEvent="SeatSecret", Seat=seat)) > told)
    return secret


def phone(world: World, seat: str, secret: str, login: str = "") -> Softphone:
    """A browser's phone."""
    return Softphone(world.pbx_settings.http_port, seat, secret, login)


async def test_a_seat_opens_with_the_secret_of_this_session_only(world: World) -> None:
    first = await give_secret(world, "seat-1")
    async with phone(world, "seat-1", first) as tab:
        assert await tab.register() == OK
    second = await give_secret(world, "seat-1")
    async with phone(world, "seat-1", first) as tab:
        assert await tab.register() == UNAUTHORIZED
    async with phone(world, "seat-1", second) as tab:
        assert await tab.register() == OK


async def test_a_seat_that_was_never_given_a_secret_opens_with_none(world: World) -> None:
    async with phone(world, "seat-2", "") as tab:
        assert await tab.register() != OK
    async with phone(world, "seat-2", await give_secret(world, "seat-2")) as tab:
        assert await tab.register() == OK


async def test_one_seats_secret_does_not_open_another_seat(world: World) -> None:
    secret = await give_secret(world, "seat-1")
    await give_secret(world, "seat-2")
    async with phone(world, "seat-2", secret, login="seat-1") as tab:
        assert await tab.register() == UNAUTHORIZED
        assert await tab.dial("echo") == UNAUTHORIZED
    async with phone(world, "seat-1", secret) as tab:
        assert await tab.register() == OK


@pytest.mark.parametrize("ending", ["", "@egress"], ids=["plain", "by the egress"])
async def test_a_seat_can_dial_no_number_and_no_token(world: World, ending: str) -> None:
    secret = await give_secret(world, "seat-1")
    token = world.gate.permit(number_ending("20"))
    asked, invites = len(world.gate.asked), world.invites()
    async with phone(world, "seat-1", secret) as tab:
        assert await tab.dial("echo") == OK
        for exten in (number_ending("20"), number_ending("20")[1:], token, new_token(), "seat-2", "egress"):
            assert await tab.dial(exten + ending.replace("@", "%40")) == NOT_FOUND
        for context in ("callee", "hold", "listen", "abandoned", "quiet", "barge", "s"):
            assert await tab.dial(context) == NOT_FOUND
        assert await tab.dial("echo") == OK
    assert (len(world.gate.asked), world.invites()) == (asked, invites)


async def test_a_seat_that_dials_its_own_place_waits_there_for_calls(world: World) -> None:
    secret = await give_secret(world, "seat-1")
    before = len(world.ami.heard(UserEvent="SeatReady", Seat="seat-1"))
    async with phone(world, "seat-1", secret) as tab:
        assert await tab.dial("seat") == OK
        await until(lambda: len(world.ami.heard(UserEvent="SeatReady", Seat="seat-1")) == before + 1)


async def test_a_stranger_can_dial_nothing(world: World) -> None:
    async with phone(world, "seat-99", "x" * 24) as tab:
        assert await tab.dial("echo") == UNAUTHORIZED
    async with phone(world, "egress", "x" * 24) as tab:
        assert await tab.dial("s") == UNAUTHORIZED


async def test_a_seats_secret_is_stored_as_a_digest_and_not_as_itself(world: World) -> None:
    secret = await give_secret(world, "seat-1")
    shown = await world.pbx.rx("database show seat_auth")
    assert "seat-1" in shown
    assert secret not in shown


async def test_an_agent_whose_voice_stops_is_gone_and_the_callee_hears_the_notice(world: World) -> None:
    secret = await give_secret(world, "seat-2")
    # The tab stays open and registered; this phone sends no audio at all.
    async with phone(world, "seat-2", secret) as tab:
        assert await tab.dial("seat") == OK
        seat = (await world.ami.event(UserEvent="SeatReady", Seat="seat-2"))["Uniqueid"]
        token, attempt = world.gate.permit(number_ending("77")), f"talk-{new_token()[2:14]}"
        await world.originate(token, attempt)
        await world.ami.event(UserEvent="CalleeReady", Attempt=attempt)
        await world.ami.act(Action="Bridge", Channel1=attempt, Channel2=seat)
        lost = await world.ami.event(UserEvent="Abandoned", Attempt=attempt)
        assert lost["Cause"] == "agent_lost"
        await world.ami.act(Action="Hangup", Channel=attempt)
