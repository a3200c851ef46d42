"""The inbound line on real Asterisk: who rings our number through the carrier, what is heard, recorded and said."""

import asyncio
import secrets
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.integration.asterisk_fixtures import World, until

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]


async def _becomes(holds: Callable[[], Awaitable[bool]], *, wanted: bool, seconds_max: float = 30) -> None:
    for _ in range(int(seconds_max / 0.03)):
        if await holds() is wanted:
            return
        await asyncio.sleep(0.03)
    raise AssertionError("it did not come to that in time")


async def _quiet(world: World) -> None:
    """Every channel of the line is gone."""

    async def empty() -> bool:
        return "0 active channels" in await world.pbx.rx("core show channels count")

    await _becomes(empty, wanted=True)
    await asyncio.sleep(0.2)


def _loudness(path: Path) -> float:
    said = subprocess.run(["sox", str(path), "-n", "stat"], capture_output=True, text=True, check=True).stderr
    line = next(line for line in said.splitlines() if line.startswith("RMS     amplitude"))
    return float(line.split()[-1])


def _legs(world: World, call: str) -> dict[str, float]:
    return {
        leg: _loudness(world.pbx_settings.recordings / f"{call}-{leg}.wav") for leg in ("callee", "agent")
    }


@pytest.fixture
def fresh(world: World) -> World:
    world.gate.inbound.clear()
    world.gate.inbound_mode, world.gate.failing_status = "o", 0
    world.ami.events.clear()
    return world


async def test_a_caller_who_presses_nine_is_heard_written_down_and_recorded_in_both_directions(
    fresh: World,
) -> None:
    await fresh.ring_in("wwwwww9")
    wished = await fresh.ami.event(UserEvent="InboundWished")
    call = fresh.gate.inbound_id
    assert (wished["Call"], wished["Wish"]) == (call, "refuse")
    assert fresh.gate.inbound[0]["called"] == "4000000000"
    assert fresh.gate.inbound[0]["caller"] == "+8613000000015"
    await _quiet(fresh)
    kept = fresh.pbx_settings.optouts.read_text(encoding="utf-8").splitlines()[-1]
    assert f"attempt={call}" in kept
    assert "key=9" in kept
    assert all(loudness > 0.01 for loudness in _legs(fresh, call).values())


async def test_the_exchange_never_sees_the_callers_number(fresh: World) -> None:
    await fresh.ring_in("wwwwww9")
    await fresh.ami.event(UserEvent="InboundWished")
    await _quiet(fresh)
    assert fresh.ami.heard(UserEvent="InboundTaken"), "the control: the exchange did hear of the call"
    assert not [e for e in fresh.ami.events if "13000000015" in str(e)]


async def test_a_callback_is_wished_only_after_its_text_was_read_out_and_agreed_to(fresh: World) -> None:
    await fresh.ring_in("wwwwww2ww1")
    await fresh.ami.event(20, UserEvent="InboundWished", Wish="callback")
    assert len(fresh.ami.heard(UserEvent="InboundWished")) == 1
    await _quiet(fresh)


async def test_one_press_alone_wishes_no_callback(fresh: World) -> None:
    await fresh.ring_in("wwwwww2")
    await fresh.ami.event(UserEvent="InboundTaken")
    await _quiet(fresh)
    assert not fresh.ami.heard(UserEvent="InboundWished", Wish="callback")


async def _seat(world: World) -> str:
    """An agent's machine waits in its seat; its channel id."""
    leg = f"headless-1-{secrets.randbelow(10**9)}"
    await world.ami.act(
        Action="Originate", Channel="PJSIP/headless-1", ChannelId=leg, Context="seat", Exten="s", Priority="1",
        Timeout="10000", Async="true",
    )  # fmt: skip
    await world.ami.event(UserEvent="SeatReady", Uniqueid=leg)
    return leg


async def _with_agent(world: World, keys: str) -> tuple[str, str]:
    """A caller who pressed 1 talks with an agent; the caller's channel id and the agent's."""
    leg = await _seat(world)
    await world.ring_in(keys)
    wished = await world.ami.event(UserEvent="InboundWished", Wish="talk")
    assert wished["AccountCode"] == world.gate.inbound_id
    reply = await world.ami.act(Action="Bridge", Channel1=wished["Uniqueid"], Channel2=leg)
    assert reply["Response"] == "Success", reply
    await world.ami.event(Event="BridgeEnter", Uniqueid=wished["Uniqueid"], AccountCode=wished["Call"])
    return wished["Uniqueid"], leg


async def test_in_opening_hours_a_caller_who_presses_one_waits_and_talks_with_an_agent_and_both_are_recorded(
    fresh: World,
) -> None:
    caller, leg = await _with_agent(fresh, "wwwwww1")
    await asyncio.sleep(3.0)
    assert not fresh.ami.heard(UserEvent="InboundAlone")
    await fresh.ami.act(Action="Hangup", Channel=caller)
    gone = await fresh.ami.event(Event="Hangup", Uniqueid=caller)
    assert gone["AccountCode"] == fresh.gate.inbound_id
    await until(lambda: len(fresh.ami.heard(UserEvent="SeatReady", Uniqueid=leg)) == 2)
    await fresh.ami.act(Action="Hangup", Channel=leg)
    await _quiet(fresh)
    assert all(loudness > 0.01 for loudness in _legs(fresh, fresh.gate.inbound_id).values())


async def test_a_caller_whose_agents_line_is_lost_goes_on_to_the_callback(fresh: World) -> None:
    _, leg = await _with_agent(fresh, "wwwwww1wwww1w1w1w1w1w1w1w1w1w1w1w1")
    await fresh.ami.act(Action="Hangup", Channel=leg)
    await fresh.ami.event(UserEvent="InboundAlone", Call=fresh.gate.inbound_id)
    await fresh.ami.event(20, UserEvent="InboundWished", Wish="callback")
    await _quiet(fresh)


async def test_whom_nobody_takes_hears_the_consent_and_nine_counts_while_waiting(fresh: World) -> None:
    await fresh.ring_in("wwwwww1wwww9")
    await fresh.ami.event(UserEvent="InboundWished", Wish="talk")
    await fresh.ami.event(UserEvent="InboundWished", Wish="refuse")
    await _quiet(fresh)
    await fresh.ring_in("wwwwww1wwww1w1w1w1w1w1")
    await fresh.ami.event(20, UserEvent="InboundWished", Wish="callback")
    assert fresh.ami.heard(UserEvent="InboundAlone", Call=fresh.gate.inbound_id)
    await _quiet(fresh)


async def test_after_hours_nobody_is_asked_for_an_agent(fresh: World) -> None:
    fresh.gate.inbound_mode = "c"
    await fresh.ring_in("wwwwwww1ww1")
    await fresh.ami.event(20, UserEvent="InboundWished", Wish="callback")
    assert not fresh.ami.heard(UserEvent="InboundWished", Wish="talk")
    await _quiet(fresh)


async def test_where_no_text_is_registered_the_menu_takes_refusals_only(fresh: World) -> None:
    fresh.gate.inbound_mode = "r"
    await fresh.ring_in("ww1www9")
    await fresh.ami.event(20, UserEvent="InboundWished", Wish="refuse")
    await _quiet(fresh)
    assert len(fresh.ami.heard(UserEvent="InboundWished")) == 1


async def test_a_withheld_number_never_reaches_the_exchange_and_hears_why(fresh: World) -> None:
    await fresh.ring_in("wwwwww9", caller="08613000000015")
    await until(lambda: bool(fresh.gate.inbound))
    assert fresh.gate.inbound[0]["caller"] == ""
    await _over(fresh)
    assert not fresh.ami.heard(UserEvent="InboundTaken")


@pytest.mark.parametrize("failure", ["down", "denying"])
async def test_with_the_gate_away_the_caller_is_answered_by_the_egress_and_nothing_is_claimed(
    fresh: World, failure: str
) -> None:
    if failure == "down":
        await fresh.gate.stop()
    else:
        fresh.gate.failing_status = 503
    try:
        await fresh.ring_in("wwwwww9")
        await _over(fresh, least_seconds=0.8)
        assert not fresh.ami.heard(UserEvent="InboundTaken")
    finally:
        fresh.gate.failing_status = 0
        if failure == "down":
            await fresh.gate.start()


async def _over(world: World, least_seconds: float = 0.0) -> None:
    """The egress answered the carrier, said something for a while, and hung up."""
    loop = asyncio.get_running_loop()

    async def up() -> bool:
        return "!Playback!" in await world.egress.rx("core show channels concise")

    await _becomes(up, wanted=True)
    since = loop.time()
    await _becomes(up, wanted=False)
    assert loop.time() - since >= least_seconds
    await asyncio.sleep(0.2)


async def test_nobody_but_the_carriers_address_and_port_gets_into_the_line(fresh: World) -> None:
    """The exchange itself, with the secret that it has, reaches its tokens and not the line."""
    await fresh.ami.act(
        Action="Originate", Channel="PJSIP/4000000000@egress", Context="nowhere", Exten="s", Priority="1",
        Timeout="3000", Async="true",
    )  # fmt: skip
    await asyncio.sleep(1.0)
    assert fresh.gate.inbound == []
    await fresh.ring_in("wwwwww9")
    await until(lambda: len(fresh.gate.inbound) == 1)
    await _quiet(fresh)
