"""The second gate on real instances: what reaches the carrier, and what doesn't.

Each refusal stands between two calls that go through: a refusal alone could come from anything that is broken.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from dialer.telephony.legs import LegState, hangup, legs
from dialer.telephony.trunk_records import TrunkRecord, read_days
from tests.integration.asterisk_authority import make_authority
from tests.integration.asterisk_fixtures import (
    CALLER_ID,
    World,
    new_token,
    number_ending,
    until,
)

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

BUSY = number_ending("20")


def records_of(world: World, token: str) -> list[TrunkRecord]:
    """The egress's own lines on a token."""
    return [record for record in read_days(world.egress_settings.records, 2) if record.token == token]


async def dial_channel(world: World, channel: str) -> int:
    """Originate a channel as whoever has the AMI could, to the end; how many INVITEs the carrier accepted."""
    before = world.invites()
    attempt = f"t-{new_token()[2:14]}"
    reply = await world.originate_channel(channel, attempt)
    if reply["Response"] == "Success":
        await world.ami.event(Event="OriginateResponse", Uniqueid=attempt, seconds_max=15)
    return world.invites() - before


async def dial(world: World, token: str) -> int:
    """Originate a token, as the dialer does."""
    return await dial_channel(world, f"PJSIP/{token}@egress")


@asynccontextmanager
async def between_calls_that_go_through(world: World) -> AsyncIterator[None]:
    """The positive control, before and after."""
    assert await dial(world, world.gate.permit(BUSY)) == 1
    yield
    assert await dial(world, world.gate.permit(BUSY)) == 1


async def test_a_permit_reaches_the_carrier_once_with_its_number_and_a_visible_caller_id(
    world: World,
) -> None:
    assert await dial(world, world.gate.permit(number_ending("21"))) == 1
    invite = [record for record in world.journal() if record.event == "INVITE"][-1]
    assert (invite.number, invite.caller_id) == (number_ending("21"), CALLER_ID)


async def test_an_unknown_token_reaches_nobody(world: World) -> None:
    async with between_calls_that_go_through(world):
        assert await dial(world, new_token()) == 0


async def test_a_token_is_good_for_one_call(world: World) -> None:
    async with between_calls_that_go_through(world):
        token = world.gate.permit(BUSY)
        assert await dial(world, token) == 1
        assert await dial(world, token) == 0
        assert len([outcome for outcome in world.gate.outcomes if outcome["token"] == token]) == 1


@pytest.mark.parametrize(
    "name",
    [
        number_ending("20"),
        number_ending("20").lstrip("+"),
        "pt" + "a" * 31,
        "pt" + "a" * 33,
        "pt" + "g" * 32,
        "pt" + "A" * 32,
        "xx" + "a" * 32,
        "s",
        "h",
        "pbx",
    ],
    ids=["number", "digits", "short", "long", "not hex", "capitals", "prefix", "start", "hang-up", "name"],
)
async def test_what_is_no_token_reaches_neither_the_gate_nor_the_carrier(world: World, name: str) -> None:
    async with between_calls_that_go_through(world):
        world.gate.permits[name] = world.gate.yes(BUSY)
        asked = len(world.gate.asked)
        assert await dial(world, name) == 0
        assert len(world.gate.asked) == asked
        del world.gate.permits[name]


async def test_nobody_is_called_while_the_gate_is_down(world: World) -> None:
    async with between_calls_that_go_through(world):
        token = world.gate.permit(BUSY)
        await world.gate.stop()
        try:
            assert await dial(world, token) == 0
        finally:
            await world.gate.start()


async def test_nobody_is_called_when_the_gate_fails(world: World) -> None:
    async with between_calls_that_go_through(world):
        world.gate.failing_status = 500
        try:
            assert await dial(world, world.gate.permit(BUSY)) == 0
        finally:
            world.gate.failing_status = 0


async def test_nobody_is_called_when_the_gate_hangs(world: World) -> None:
    async with between_calls_that_go_through(world):
        world.gate.delay_seconds = 3.0
        started = asyncio.get_running_loop().time()
        token = world.gate.permit(BUSY)
        try:
            assert await dial(world, token) == 0
        finally:
            world.gate.delay_seconds = 0.0
        assert asyncio.get_running_loop().time() - started < 2.7
        assert [record.dialstatus for record in records_of(world, token)] == ["NOT_DIALLED"]


async def test_a_yes_to_another_leg_calls_nobody(world: World) -> None:
    async with between_calls_that_go_through(world):
        world.gate.wrong_uid = "egress-1.1"
        try:
            assert await dial(world, world.gate.permit(BUSY)) == 0
        finally:
            world.gate.wrong_uid = ""


@pytest.mark.parametrize("name", ["num", "cid", "ring", "max"])
async def test_a_yes_that_lacks_a_field_calls_nobody(world: World, name: str) -> None:
    async with between_calls_that_go_through(world):
        world.gate.left_out = name
        try:
            assert await dial(world, world.gate.permit(BUSY)) == 0
        finally:
            world.gate.left_out = ""


@pytest.mark.parametrize(("ring", "talk"), [(0, 60), (30, 0), (181, 60), (30, 14_401)])
async def test_a_yes_without_sane_limits_calls_nobody(world: World, ring: int, talk: int) -> None:
    async with between_calls_that_go_through(world):
        assert await dial(world, world.gate.permit(BUSY, ring_seconds=ring, talk_seconds=talk)) == 0


async def test_an_impostor_with_a_certificate_of_its_own_calls_nobody(world: World, tmp_path: Path) -> None:
    async with between_calls_that_go_through(world):
        await world.gate.stop()
        asked = len(world.gate.asked)
        try:
            await world.gate.start(make_authority(tmp_path / "other").issue("gate"))
            assert await dial(world, world.gate.permit(BUSY)) == 0
        finally:
            await world.gate.stop()
            await world.gate.start()
        assert len(world.gate.asked) == asked


async def test_an_impostor_without_tls_calls_nobody(world: World) -> None:
    async def yes(request: web.Request) -> web.Response:
        return web.Response(text=world.gate.form(world.gate.yes(BUSY), request.query.get("uid", "")))

    async with between_calls_that_go_through(world):
        await world.gate.stop()
        application = web.Application()
        application.router.add_get("/permit", yes)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", world.gate.port).start()
            assert await dial(world, new_token()) == 0
        finally:
            await runner.cleanup()
            await world.gate.start()


async def test_a_yes_that_redirects_elsewhere_calls_nobody(world: World) -> None:
    async with between_calls_that_go_through(world):
        token = world.gate.permit(BUSY)
        world.gate.redirect_once = True
        assert await dial(world, token) == 0
        assert token in world.gate.permits, "the redirect was followed"


async def test_a_yes_that_has_grown_stale_calls_nobody(world: World) -> None:
    async with between_calls_that_go_through(world):
        pid = world.egress.pid
        assert pid is not None
        token = world.gate.permit(BUSY)
        world.gate.delay_seconds = 0.3
        dialled = asyncio.create_task(dial(world, token))
        try:
            await until(lambda: token in world.gate.asked)
            # The egress sleeps while the yes comes in: it wakes up with one that is over two seconds old.
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(2.5)
            assert token not in world.gate.permits, "the gate has said yes"
        finally:
            os.kill(pid, signal.SIGCONT)
            world.gate.delay_seconds = 0.0
        assert await dialled == 0


async def test_a_leg_that_hung_up_while_the_gate_thought_calls_nobody(world: World) -> None:
    async with between_calls_that_go_through(world):
        token, before = world.gate.permit(BUSY), world.invites()
        world.gate.delay_seconds = 0.5
        try:
            await world.originate(token, "gone-early")
            await until(lambda: token in world.gate.asked)
            await world.ami.act(Action="Hangup", Channel="gone-early")
            await asyncio.sleep(1.0)
        finally:
            world.gate.delay_seconds = 0.0
        assert token not in world.gate.permits, "the gate has said yes"
        assert world.invites() == before
        assert (await world.gate.outcome_of(token))["dialstatus"] == "NOT_DIALLED"


async def test_the_exchange_can_not_reach_the_carrier_past_the_egress(world: World) -> None:
    number, port = number_ending("20"), world.carrier_settings.sip_port
    async with between_calls_that_go_through(world):
        for channel in (
            f"PJSIP/{number}@egress",
            f"PJSIP/egress/sip:{number}@127.0.0.1:{port}",
            f"PJSIP/headless-1/sip:{number}@127.0.0.1:{port}",
            f"PJSIP/seat-1/sip:{number}@127.0.0.1:{port}",
            f"PJSIP/{number}@carrier",
        ):
            assert await dial_channel(world, channel) == 0, channel.replace(number, "a number")


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("22", "SIP 486 "),
        ("40", "SIP 603 "),
        ("50", "SIP 607 "),
        ("60", "SIP 608 "),
        ("85", "SIP 404 "),
        ("86", "SIP 480 "),
        ("87", "SIP 503 "),
        ("88", "SIP 500 "),
    ],
)
async def test_the_gate_hears_the_carriers_own_words(world: World, ending: str, words: str) -> None:
    token = world.gate.permit(number_ending(ending))
    assert await dial(world, token) == 1
    outcome = await world.gate.outcome_of(token)
    assert outcome["tech"].startswith(words)
    assert outcome["answered"] in ("", "0")


async def test_the_gate_hears_whether_it_rang_before_it_was_declined(world: World) -> None:
    rang, silent = (world.gate.permit(number_ending(ending)) for ending in ("51", "61"))
    assert await dial(world, rang) == 1
    assert await dial(world, silent) == 1
    assert (await world.gate.outcome_of(rang))["rang_ms"].isdigit()
    assert (await world.gate.outcome_of(silent))["rang_ms"] == ""


async def test_ringing_ends_after_the_permits_ring_time(world: World) -> None:
    token = world.gate.permit(number_ending("30"), ring_seconds=1)
    started = asyncio.get_running_loop().time()
    assert await dial(world, token) == 1
    assert 0.9 < asyncio.get_running_loop().time() - started < 2.0
    assert (await world.gate.outcome_of(token))["dialstatus"] == "NOANSWER"


async def test_a_talk_ends_after_the_permits_longest_time(world: World) -> None:
    token = world.gate.permit(number_ending("01"), talk_seconds=1)
    await world.originate(token, "too-long", ("PATIENCE_MS=9000",))
    outcome = await world.gate.outcome_of(token)
    assert outcome["dialstatus"] == "ANSWER"
    assert 900 <= int(outcome["talked_ms"]) <= 1500


async def test_legs_are_listed_and_hung_up_by_token_while_ringing_and_while_talking(world: World) -> None:
    control = world.egress.ground.control
    ringing, talking = world.gate.permit(number_ending("31")), world.gate.permit(number_ending("02"))
    await world.originate(ringing, "rings")
    await world.originate(talking, "talks", ("PATIENCE_MS=9000",))
    await world.ami.event(UserEvent="CalleeReady", Attempt="talks")
    seen = await legs(control)
    assert [leg.state for leg in seen if leg.token == talking] == [LegState.UP, LegState.UP]
    assert len([leg for leg in seen if leg.token == ringing and leg.state is LegState.RINGING]) == 2
    assert await hangup(control, new_token()) == 0
    assert len([leg for leg in await legs(control) if leg.token in (ringing, talking)]) == 4
    for token, attempt in ((ringing, "rings"), (talking, "talks")):
        assert await hangup(control, token) == 2
        await world.ami.event(Event="Hangup", Uniqueid=attempt)
        await world.gate.outcome_of(token)
    assert [leg for leg in await legs(control) if leg.token in (ringing, talking)] == []


async def test_a_leg_that_still_asks_the_gate_is_listed(world: World) -> None:
    token = world.gate.permit(BUSY)
    world.gate.delay_seconds = 0.5
    dialled = asyncio.create_task(dial(world, token))
    await until(lambda: token in world.gate.asked)
    seen = [leg.state for leg in await legs(world.egress.ground.control) if leg.token == token]
    world.gate.delay_seconds = 0.0
    assert seen == [LegState.IN_SCRIPT]
    assert await dialled == 1


async def test_the_trunks_own_record_has_each_dialled_token_once_even_when_the_gate_is_away(
    world: World,
) -> None:
    token = world.gate.permit(number_ending("03"))
    await world.originate(token, "gate-dies", ("PATIENCE_MS=9000",))
    await world.ami.event(UserEvent="CalleeReady", Attempt="gate-dies")
    await world.gate.stop()
    try:
        await hangup(world.egress.ground.control, token)
        await until(lambda: bool(records_of(world, token)))
    finally:
        await world.gate.start()
    assert [(r.dialstatus, r.tech) for r in records_of(world, token)] == [("ANSWER", "SIP 200 OK")]
    assert [o for o in world.gate.outcomes if o["token"] == token] == []
