"""The link's life: coming up, going down, coming back, and what it refuses to say or to hear."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.errors import ExchangeUnavailable, InstallationError
from dialer.telephony.ami_events import WANTED_EVENTS
from dialer.telephony.ami_wire import (
    HEADER_BYTES_MAX,
    MESSAGE_CHARS_MAX,
    WRITE_BUFFER_BYTES_MAX,
    CheckedAction,
    HeaderError,
    LinkDropped,
    checked_header,
    is_loopback,
    tls_context,
)
from dialer.telephony.link import AmiLink, LinkSettings
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import OpenDesk
from dialer.testing.exchange import SimulatedExchange, hurried
from tests.unit.telephony.telephony_stage import SECRET, USER, Ear, half, link_settings, until
from tests.unit.telephony.throwaway_tls import Authority

Settings = Callable[[LinkSettings], LinkSettings]


@asynccontextmanager
async def linked(
    ear: Ear, settings: Settings = lambda given: given, jitter: Callable[[], float] = half
) -> AsyncIterator[tuple[AmiServer, AmiLink]]:
    """A server and our link to it, started."""
    sim = SimulatedExchange(OpenDesk({}), hurried(50))
    async with AmiServer(sim, USER, SECRET) as server:
        link = AmiLink(settings(link_settings(server.port)), WANTED_EVENTS, ear, jitter)
        await link.start()
        try:
            yield server, link
        finally:
            await link.stop()
            await sim.stop()


@asynccontextmanager
async def peer_that(
    behaves: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """A TCP server that is no exchange; its port."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await behaves(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


# ---------------------------------------------------------------- down and up again


async def test_a_link_comes_back_after_the_exchange_was_away() -> None:
    ear = Ear()
    async with linked(ear) as (server, link):
        await server.shut()
        await until(lambda: ear.losses == 1)
        assert not link.is_up()
        await asyncio.sleep(0.2)
        await server.open()
        await until(lambda: ear.ups == 2)
        assert (await link.request("Hangup", [("Channel", "none")])).response == "Error"


async def test_a_link_that_is_started_before_the_exchange_comes_up_later() -> None:
    ear = Ear()
    sim = SimulatedExchange(OpenDesk({}), hurried(50))
    server = AmiServer(sim, USER, SECRET)
    await server.open()
    await server.shut()
    link = AmiLink(link_settings(server.port), WANTED_EVENTS, ear, half)
    await link.start()
    assert not link.is_up()
    await server.open()
    await until(lambda: ear.ups == 1)
    await link.stop()
    await server.shut()


def test_the_back_off_doubles_up_to_its_maximum_and_half_of_it_is_jitter() -> None:
    settings = LinkSettings("127.0.0.1", 1, USER, SECRET, backoff_seconds_min=0.25, backoff_seconds_max=10.0)
    longest = AmiLink(settings, WANTED_EVENTS, Ear(), lambda: 1.0)
    shortest = AmiLink(settings, WANTED_EVENTS, Ear(), lambda: 0.0)
    assert [longest.backoff_seconds(tries) for tries in (0, 1, 2, 6, 500)] == [0.25, 0.5, 1.0, 10.0, 10.0]
    assert [shortest.backoff_seconds(tries) for tries in (0, 1, 2, 6, 500)] == [0.125, 0.25, 0.5, 5.0, 5.0]


async def test_a_link_that_flaps_waits_longer_and_longer() -> None:
    ear = Ear()
    async with linked(ear, lambda s: replace(s, backoff_seconds_min=0.05, backoff_seconds_max=30.0)) as (
        server,
        _,
    ):
        loop, ups = asyncio.get_running_loop(), []
        for n in range(1, 4):
            server.cut_all()
            await until(lambda n=n: ear.ups == n + 1)  # type: ignore[misc]
            ups.append(loop.time())
        assert ups[2] - ups[1] > 1.5 * (0.05 * 4 * 0.75)


async def test_stopping_is_prompt_even_when_the_exchange_is_mute() -> None:
    async with linked(Ear()) as (server, link):
        server.faults.is_mute = True
        pending = asyncio.create_task(link.request("Hangup", [("Channel", "none")]))
        await asyncio.sleep(0.02)
        async with asyncio.timeout(0.5):
            await link.stop()
        with pytest.raises(ExchangeUnavailable):
            await pending


async def test_a_link_is_not_up_before_the_exchange_is_booted() -> None:
    ear = Ear()
    sim = SimulatedExchange(OpenDesk({}), hurried(50))
    async with AmiServer(sim, USER, SECRET) as server:
        server.faults.is_booting = True
        link = AmiLink(
            replace(link_settings(server.port), boot_deadline_seconds=0.3), WANTED_EVENTS, ear, half
        )
        starting = asyncio.create_task(link.start())
        await until(lambda: server.sessions == 1)
        assert not link.is_up()
        with pytest.raises(ExchangeUnavailable):
            await link.request("Hangup", [("Channel", "none")])
        with pytest.raises(InstallationError, match="fully booted"):
            await starting
        server.faults.is_booting = False
        again = AmiLink(link_settings(server.port), WANTED_EVENTS, ear, half)
        await again.start()
        assert again.is_up(), "control: booted, it is up"
        await again.stop()


async def test_a_password_that_was_changed_keeps_the_link_down_with_the_reason_at_hand() -> None:
    ear = Ear()
    async with linked(ear) as (server, link):
        server._login = (USER, "changed")
        server.cut_all()
        await until(lambda: link.fault is not None)
        assert not link.is_up()
        server._login = (USER, SECRET)
        await until(link.is_up)
        assert link.fault is None


# ---------------------------------------------------------------- a full queue, a peer that does not read


async def test_a_full_queue_is_a_lost_link_and_not_a_lost_event() -> None:
    ear = Ear(room=3)
    async with linked(ear) as (server, link):
        for n in range(10):
            server.publish(
                (("Event", "Hangup"), ("Uniqueid", f"a-{n}"), ("Channel", "PJSIP/egress-00000001"))
            )
        await until(lambda: ear.losses == 1)
        assert [message.uniqueid for message in ear.messages] == ["a-0", "a-1", "a-2"]
        ear.messages.clear()
        await until(link.is_up)


async def test_a_peer_that_does_not_read_is_dropped_before_the_buffer_grows_without_bound() -> None:
    ear = Ear()
    async with linked(ear, lambda s: replace(s, ping_interval_seconds=30.0)) as (server, link):
        server.faults.hearing.clear()
        long = [("Variable", "x" * 900)] * 20
        pending, buffered_bytes_max = [], 0
        while link.is_up():
            action = CheckedAction("Hangup", link.next_action_id(), long)
            pending.append(link.begin(action))
            buffered_bytes_max = max(
                buffered_bytes_max, link.protocol.transport.get_write_buffer_size() if link.is_up() else 0
            )
            await asyncio.sleep(0)
        assert 0 < buffered_bytes_max <= WRITE_BUFFER_BYTES_MAX
        await until(lambda: ear.losses == 1)
        outcomes = await asyncio.gather(*pending, return_exceptions=True)
        assert {type(outcome) for outcome in outcomes} == {LinkDropped}, "each one was told at once"
        server.faults.hearing.set()


# ---------------------------------------------------------------- what is no exchange


async def test_a_peer_that_is_no_manager_interface_is_left_at_once() -> None:
    async def web_server(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with peer_that(web_server) as port:
        link = AmiLink(link_settings(port), WANTED_EVENTS, Ear(), half)
        async with asyncio.timeout(0.5):
            await link.start()
        assert not link.is_up()
        await link.stop()


async def test_a_message_without_an_end_does_not_fill_the_memory() -> None:
    ear = Ear()
    async with linked(ear) as (server, _):
        server.publish_raw(b"Event: Hangup\r\nX: " + b"x" * (MESSAGE_CHARS_MAX // 2))
        await asyncio.sleep(0.1)
        assert ear.losses == 0, "control: half of it may still become a message"
        server.publish_raw(b"x" * (2 * MESSAGE_CHARS_MAX))
        await until(lambda: ear.losses == 1)
        assert ear.messages == [], "and none was made of it"


async def test_garbage_between_messages_is_skipped_and_the_next_message_is_read() -> None:
    ear = Ear()
    async with linked(ear) as (server, _):
        server.publish_raw(
            b"\xff\xfe: \x00\r\n\r\n" + b"no header at all\r\n\r\n" + b"\r\n\r\n" + b": : :\r\n\r\n"
        )
        server.publish((("Event", "Hangup"), ("Uniqueid", "a-1")))
        await until(lambda: ear.messages)
        assert [message.uniqueid for message in ear.messages] == ["a-1"]
        assert ear.losses == 0


async def test_an_answer_to_an_action_that_nobody_asked_is_ignored() -> None:
    ear = Ear()
    async with linked(ear) as (server, link):
        server.publish_raw(b"Response: Success\r\nActionID: link/999\r\nMessage: done\r\n\r\n")
        assert (await link.request("Hangup", [("Channel", "none")])).response == "Error"
        assert ear.losses == 0


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("a\rb", "carriage return"),
        ("a\nb", "line feed"),
        ("a\x00b", "NUL ends a string in C"),
        ("a\x1bb", "escape"),
        ("a\x7fb", "delete"),
        ("a\x85b", "next line"),
        ("a\u2028b", "line separator"),
        ("a\ud800b", "half of a character can't be encoded"),
        ("x" * HEADER_BYTES_MAX, "Asterisk refuses such a line"),
        ("接" * (HEADER_BYTES_MAX // 3), "bytes count, not characters"),
    ],
)
def test_a_value_that_could_be_read_as_something_else_is_refused(value: str, why: str) -> None:
    with pytest.raises(HeaderError) as refused:
        checked_header("Channel", value)
    assert value not in str(refused.value)


@pytest.mark.parametrize("key", ["", "A b", "A:", "Action\r\nX", "é", "A" * 65])
def test_a_header_name_that_is_no_plain_word_is_refused(key: str) -> None:
    with pytest.raises(HeaderError):
        checked_header(key, "x")


def test_a_harmless_value_is_kept_as_it_is() -> None:
    assert checked_header("Variable", "NAME=张三 𝄞 & ; , =") == "Variable: NAME=张三 𝄞 & ; , ="


@given(st.text(max_size=200))
def test_whatever_is_accepted_is_one_line_and_comes_back_whole(value: str) -> None:
    try:
        line = checked_header("Variable", value)
    except HeaderError:
        return
    assert line.encode("utf-8").splitlines() in ([line.encode("utf-8")], [line.encode("utf-8").rstrip()])
    assert line.removeprefix("Variable: ") == value


async def test_the_secret_is_not_in_the_words_of_settings_or_actions() -> None:
    assert SECRET not in repr(LinkSettings("127.0.0.1", 1, USER, SECRET))
    assert SECRET not in repr(CheckedAction("Login", "1", [("Secret", SECRET)]))


async def test_the_ways_of_stock_panoramisk_are_closed() -> None:
    link = AmiLink(LinkSettings("127.0.0.1", 1, USER, SECRET), WANTED_EVENTS, Ear(), half)
    for way in (link.send_action, link.send_command, link.connect):
        with pytest.raises(TypeError):
            way({"Action": "Ping"})


# ---------------------------------------------------------------- TLS


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("192.0.2.7", False),
        ("pbx.example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_only_this_machine_by_its_own_name_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_a_host_elsewhere_is_refused_without_tls() -> None:
    with pytest.raises(InstallationError, match="plain is refused"):
        AmiLink(LinkSettings("192.0.2.7", 5039, USER, SECRET), WANTED_EVENTS, Ear(), half)
    assert tls_context("127.0.0.1", None) is None, "control: loopback may be plain"


def test_an_authority_file_that_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InstallationError, match="authority file can't be read"):
        tls_context("192.0.2.7", tmp_path / "none.pem")


async def test_a_link_over_tls_comes_up_with_our_own_authority_and_with_no_other(tmp_path: Path) -> None:
    ours, other = Authority(tmp_path / "ours"), Authority(tmp_path / "other")
    certificate, key = ours.issue("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    sim = SimulatedExchange(OpenDesk({}), hurried(50))
    async with AmiServer(sim, USER, SECRET, tls=context) as server:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        trusting = replace(link_settings(server.port), tls_ca_file=ours.ca)
        link = AmiLink(trusting, WANTED_EVENTS, Ear(), half)
        await link.start()
        assert link.is_up()
        await link.stop()
        before = server.count("Login")
        deceived = AmiLink(replace(trusting, tls_ca_file=other.ca), WANTED_EVENTS, Ear(), half)
        with pytest.raises(InstallationError, match="TLS authority"):
            await deceived.start()
        assert server.count("Login") == before, "the password was not sent"
