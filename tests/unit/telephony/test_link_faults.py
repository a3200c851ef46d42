"""The nine faults of stock panoramisk 1.4: each shown on the stock client, and shown to be closed in ours."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import panoramisk
import pytest
from panoramisk.message import Message

from dialer.calls.events import CalleeLeft, LinkLost, LinkUp, OriginateFailed
from dialer.domain.errors import ExchangeUnavailable, InstallationError, OriginateUncertain
from dialer.telephony.ami_events import WANTED_EVENTS
from dialer.telephony.ami_wire import HeaderError
from dialer.telephony.link import AmiLink, LinkSettings
from dialer.testing.ami_server import AmiServer, Cut
from dialer.testing.callees import OpenDesk
from dialer.testing.exchange import SimulatedExchange, hurried
from tests.unit.telephony.telephony_stage import (
    SECRET,
    USER,
    Ear,
    half,
    link_settings,
    on_stage,
    permit_of,
    token_of,
    until,
    with_patience,
)

PLACE_A_CALL = {"Action": "Originate", "Channel": f"PJSIP/{token_of(1)}@egress", "Async": "true"}


@asynccontextmanager
async def stock(server: AmiServer, **config: object) -> AsyncIterator[panoramisk.Manager]:
    """Stock panoramisk, connected and logged in where its password is right."""
    given = {"host": "127.0.0.1", "port": server.port, "username": USER, "secret": SECRET}
    manager = panoramisk.Manager(**given | {"reconnect_timeout": 0} | config)
    await manager.connect()
    await asyncio.sleep(0.1)
    try:
        yield manager
    finally:
        # A closed stock manager would reconnect by itself.
        manager.connect = lambda *_: None
        manager.close()
        await asyncio.sleep(0.05)


@asynccontextmanager
async def bare_server() -> AsyncIterator[tuple[AmiServer, SimulatedExchange]]:
    """A simulated exchange and its server, for the stock client."""
    sim = SimulatedExchange(OpenDesk({token_of(n): "+8613000000001" for n in range(9)}), hurried(20))
    async with AmiServer(sim, USER, SECRET) as server:
        yield server, sim
        await sim.stop()


@asynccontextmanager
async def bare_link(server: AmiServer, ear: Ear) -> AsyncIterator[AmiLink]:
    """Our link alone."""
    link = AmiLink(link_settings(server.port), WANTED_EVENTS, ear, half)
    await link.start()
    try:
        yield link
    finally:
        await link.stop()


# ---------------------------------------------------------------- 1 an originate in flight is never sent again


async def test_fault_1_stock_sends_an_originate_in_flight_a_second_time_after_it_reconnects() -> None:
    async with bare_server() as (server, sim), stock(server) as manager:
        server.faults.cut_next("Originate", Cut.AFTER_ACTING)
        manager.send_action(dict(PLACE_A_CALL))
        await until(lambda: server.count("Originate") == 2)
        assert len(sim.originates) == 2, "the same originate placed two calls"


async def test_fault_1_stock_sends_an_originate_that_was_given_while_the_link_was_down() -> None:
    async with bare_server() as (server, sim), stock(server, reconnect_timeout=1) as manager:
        server.cut_all()
        await asyncio.sleep(0.05)
        manager.send_action(dict(PLACE_A_CALL))
        await until(lambda: server.count("Originate") == 1)
        assert len(sim.originates) == 1, "a stale call, placed a second after it was asked for"


@pytest.mark.parametrize("cut", list(Cut))
async def test_fault_1_ours_never_sends_an_originate_again_wherever_the_link_is_cut(cut: Cut) -> None:
    async with on_stage() as stage:
        server = stage.server
        server.faults.cut_next("Originate", cut)
        placing = stage.exchange.originate(permit_of("a-1", token_of(1)))
        if cut is Cut.AFTER_ANSWER:
            await placing
        else:
            with pytest.raises(OriginateUncertain):
                await placing
        await until(lambda: len(stage.all(LinkUp)) == 2)
        await asyncio.sleep(0.1)
        assert server.count("Originate") == 1
        await stage.exchange.originate(permit_of("a-2", token_of(2)))
        assert server.count("Originate") == 2, "control: the same link does place the next call"


async def test_fault_1_ours_refuses_an_originate_while_the_link_is_down_and_forgets_it() -> None:
    async with on_stage() as stage:
        await stage.server.shut()
        await stage.first(LinkLost)
        with pytest.raises(ExchangeUnavailable):
            await stage.exchange.originate(permit_of("a-1", token_of(1)))
        await stage.server.open()
        await until(lambda: len(stage.all(LinkUp)) == 2)
        await asyncio.sleep(0.1)
        assert stage.server.count("Originate") == 0
        await stage.exchange.originate(permit_of("a-2", token_of(2)))
        assert stage.server.count("Originate") == 1


async def test_fault_1_ours_fails_every_pending_action_at_once_when_the_link_drops() -> None:
    async with on_stage(settings=with_patience(action_deadline_seconds=60.0)) as stage:
        stage.server.faults.answer_seconds = 60.0
        loop = asyncio.get_running_loop()
        pending: list[asyncio.Task[object]] = []
        pending += [asyncio.create_task(stage.exchange.channels()) for _ in range(5)]
        pending.append(asyncio.create_task(stage.exchange.originate(permit_of("a-1", token_of(1)))))
        await asyncio.sleep(0.05)
        began = loop.time()
        stage.server.cut_all()
        outcomes = await asyncio.gather(*pending, return_exceptions=True)
        assert loop.time() - began < 0.5
        assert {type(outcome) for outcome in outcomes} == {ExchangeUnavailable, OriginateUncertain}


# ---------------------------------------------------------------- 2 an originate that says nothing of Async


async def test_fault_2_stock_loses_the_link_on_an_originate_without_async_and_the_call_is_placed() -> None:
    async with bare_server() as (server, sim), stock(server, reconnect_timeout=5) as manager:
        lost: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: lost.append(context["exception"]))
        manager.send_action({key: value for key, value in PLACE_A_CALL.items() if key != "Async"})
        await until(lambda: lost)
        assert isinstance(lost[0], KeyError)
        assert server.sessions == 0
        assert len(sim.originates) == 1


async def test_fault_2_ours_takes_the_answer_to_an_originate_without_async_and_stays_up() -> None:
    ear = Ear()
    async with bare_server() as (server, sim), bare_link(server, ear) as link:
        headers = [("Channel", PLACE_A_CALL["Channel"]), ("ChannelId", "a-1")]
        answer = await link.request("Originate", headers)
        assert answer.response == "Success"
        assert (len(sim.originates), ear.losses) == (1, 0)


# ---------------------------------------------------------------- 3 the response of an async originate


async def test_fault_3_stock_swallows_the_originate_response_of_an_async_originate() -> None:
    async with bare_server() as (server, _), stock(server) as manager:
        heard: list[Message] = []
        manager.register_event("OriginateResponse", lambda _, event: heard.append(event))
        await manager.send_action({**PLACE_A_CALL, "Channel": f"PJSIP/{token_of(99)}@egress"})
        await asyncio.sleep(0.2)
        assert heard == []


async def test_fault_3_ours_tells_that_an_originate_failed() -> None:
    async with on_stage() as stage:
        await stage.exchange.originate(permit_of("a-1", "pt" + "f" * 32))
        assert (await stage.first(OriginateFailed)).attempt_id == "a-1"


# ---------------------------------------------------------------- 4 line breaks in a value

INJECTION = "x\r\n\r\nAction: Originate\r\nChannel: PJSIP/evil@egress\r\nAsync: true\r\n\r\n"


async def test_fault_4_stock_sends_an_action_that_was_smuggled_in_a_value() -> None:
    async with bare_server() as (server, sim), stock(server) as manager:
        manager.send_action({"Action": "Hangup", "Channel": INJECTION})
        await until(lambda: server.count("Originate") == 1)
        assert len(sim.originates) == 1


async def test_fault_4_ours_refuses_the_value_and_sends_nothing() -> None:
    async with bare_server() as (server, sim), bare_link(server, Ear()) as link:
        before = len(server.requests)
        with pytest.raises(HeaderError):
            await link.request("Hangup", [("Channel", INJECTION)])
        await link.request("Hangup", [("Channel", "x")])
        after = [request.name for request in server.requests[before:] if request.name != "Ping"]
        assert after == ["Hangup"], "control: the harmless one arrived, alone"
        assert sim.originates == []


# ---------------------------------------------------------------- 5 an exception in a callback


async def test_fault_5_stock_loses_the_link_when_a_callback_raises() -> None:
    async with bare_server() as (server, _), stock(server, reconnect_timeout=5) as manager:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)

        heard = []

        def burst(_manager: object, _event: object) -> None:
            heard.append(1)
            raise ValueError("a bug in a callback")

        assert server.sessions == 1
        manager.register_event("UserEvent", burst)
        server.publish((("Event", "UserEvent"), ("UserEvent", "Any")))
        await until(lambda: server.sessions == 0)
        assert heard == [1], "one event was enough"


async def test_fault_5_ours_stays_up_when_the_consumer_of_events_raises() -> None:
    async with on_stage() as stage:
        await stage.stop_listening()

        async def consume_badly() -> None:
            async with aclosing(stage.exchange.events()) as events:
                async for _ in events:
                    raise ValueError("a bug in the consumer")

        await stage.exchange.originate(permit_of("a-1", token_of(1)))
        with pytest.raises(ValueError, match="a bug in the consumer"):
            await consume_badly()
        assert stage.exchange.is_up()
        assert (stage.server.sessions, stage.server.count("Login")) == (1, 1)
        stage.start_listening()
        await stage.first(CalleeLeft)


async def test_fault_5_ours_runs_no_code_of_others_while_it_reads() -> None:
    async with bare_server() as (server, _), bare_link(server, Ear()) as link:

        def burst(*_: object) -> None:
            raise ValueError("a bug in a callback")

        link.register_event("*", burst)
        server.publish((("Event", "UserEvent"), ("UserEvent", "Any")))
        await link.request("Hangup", [("Channel", "none")])
        assert link.is_up()


# ---------------------------------------------------------------- 6 a mute peer


async def test_fault_6_stock_believes_in_a_mute_peer() -> None:
    async with bare_server() as (server, _), stock(server, ping_delay=1, ping_interval=1) as manager:
        server.faults.is_mute = True
        await asyncio.sleep(2.2)
        assert server.count("Ping") >= 1, "it did ask"
        assert manager.authenticated
        assert manager._connected


async def test_fault_6_ours_notices_a_mute_peer_by_its_ping() -> None:
    async with on_stage() as stage:
        await asyncio.sleep(0.5)
        assert stage.all(LinkLost) == [], "control: a peer that answers is kept"
        stage.server.faults.is_mute = True
        await stage.first(LinkLost, seconds=1.0)
        with pytest.raises(ExchangeUnavailable):
            await stage.exchange.originate(permit_of("a-1", token_of(1)))
        assert stage.server.count("Originate") == 0


def test_fault_6_ours_notices_within_ten_seconds_unless_told_otherwise() -> None:
    settings = LinkSettings(host="127.0.0.1", port=5038, username=USER, secret=SECRET)
    assert settings.ping_interval_seconds + settings.ping_deadline_seconds < 10.0


# ---------------------------------------------------------------- 7 a wrong password


async def test_fault_7_stock_says_nothing_of_a_wrong_password() -> None:
    async with bare_server() as (server, _), stock(server, secret="wrong") as manager:
        assert server.count("Login") == 1
        assert not manager.authenticated, "and nothing was raised"


async def test_fault_7_ours_says_in_one_sentence_that_the_password_is_wrong() -> None:
    async with bare_server() as (server, _):
        link = AmiLink(link_settings(server.port, secret="wrong"), WANTED_EVENTS, Ear(), half)
        with pytest.raises(InstallationError, match="refused the manager login") as refused:
            await link.start()
        assert "wrong" not in str(refused.value)
        assert server.sessions == 0
        async with bare_link(server, Ear()) as good:
            assert good.is_up(), "control: the right password is taken"


# ---------------------------------------------------------------- 8 a character in two reads


async def test_fault_8_stock_loses_a_character_that_is_split_over_two_reads() -> None:
    async with bare_server() as (server, _), stock(server) as manager:
        heard: list[str] = []
        manager.register_event("UserEvent", lambda _, event: heard.append(event.note))
        server.faults.chunk_bytes = 1
        server.publish((("Event", "UserEvent"), ("UserEvent", "Any"), ("Note", "接通𝄞")))
        await until(lambda: heard)
        assert heard != ["接通𝄞"]


async def test_fault_8_ours_keeps_it() -> None:
    ear = Ear()
    async with bare_server() as (server, _), bare_link(server, ear):
        server.faults.chunk_bytes = 1
        server.publish((("Event", "UserEvent"), ("UserEvent", "Any"), ("Note", "接通𝄞")))
        await until(lambda: ear.messages)
        assert ear.messages[0].note == "接通𝄞"


# ---------------------------------------------------------------- 9 FastAGI and CallManager

SPIN = """
import asyncio, os, threading, time
from panoramisk.fast_agi import Application
beat = [time.monotonic()]
def watch():
    while True:
        time.sleep(0.1)
        if time.monotonic() - beat[0] > 1.0:
            print("blocked", flush=True)
            os._exit(0)
async def main():
    threading.Thread(target=watch, daemon=True).start()
    server = await asyncio.start_server(Application().handler, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.close()
    for _ in range(20):
        beat[0] = time.monotonic()
        await asyncio.sleep(0.1)
    print("free", flush=True)
asyncio.run(main())
"""


def test_fault_9_stock_fastagi_blocks_the_loop_for_ever_when_a_probe_connects_and_closes() -> None:
    probed = subprocess.run([sys.executable, "-c", SPIN], capture_output=True, text=True, timeout=30)
    assert probed.stdout.strip() == "blocked"


async def test_fault_9_stock_callmanager_takes_two_calls_of_one_second_for_one() -> None:
    manager = panoramisk.CallManager()
    for serial in (1, 2):
        manager.handle_calls(manager, Message({"Event": "Newchannel", "Uniqueid": f"1700000000.{serial}"}))
    assert len(manager.calls_queues) == 1


def test_fault_9_ours_imports_neither() -> None:
    room = Path(__file__).parents[3] / "dialer"
    sources = {path: path.read_text(encoding="utf-8") for path in room.rglob("*.py")}
    assert any("from panoramisk.manager import" in text for text in sources.values()), (
        "control: it looks where ours is"
    )
    assert [path for path, text in sources.items() if "fast_agi" in text or "CallManager" in text] == []


async def test_a_call_goes_through_the_stage_from_originate_to_its_end() -> None:
    """Control for all of the above: nothing was held back by the stage itself."""
    async with on_stage() as stage:
        await stage.exchange.originate(permit_of("a-1", token_of(1)))
        await until(lambda: stage.desk.outcomes)
        assert stage.desk.outcomes[0].sip == 200
