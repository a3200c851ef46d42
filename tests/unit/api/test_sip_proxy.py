"""`/ws`: an agent's browser speaks SIP as its own endpoint and as nobody else's. The exchange is a small real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st

from dialer.api import events, sip_proxy
from dialer.api.app import build_app
from dialer.api.sip_message import KeepAlive, Malformed, Request, Response, read_message
from dialer.api.sip_proxy import CLOSE_EXCHANGE_GONE, CLOSE_MALFORMED, CLOSE_NOT_YOURS, EndpointGuard
from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME
from tests.unit.api.api_world import ORIGIN, Browser, Client, Rooms, browser_of

SEAT = "seat-agent-org-home"
SOON = 3.0


def register(user: str = SEAT, **changed: str) -> str:
    headers = {
        "Via": "SIP/2.0/WSS a.invalid;branch=z9hG4bK1",
        "From": f'"Agent" <sip:{user}@exchange.invalid>;tag=1',
        "To": f"<sip:{user}@exchange.invalid>",
        "Call-ID": "abc",
        "CSeq": "1 REGISTER",
        "Contact": '<sip:k7ab2@a.invalid;transport=ws>;+sip.ice;reg-id=1;+sip.instance="<urn:uuid:1>";expires=60',
        "Content-Length": "0",
    } | changed
    lines = ["REGISTER sip:exchange.invalid SIP/2.0", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines) + "\r\n\r\n"


def request(method: str, sender: str, receiver: str, *more: str) -> str:
    lines = [
        f"{method} sip:echo@exchange.invalid SIP/2.0",
        f"From: <sip:{sender}@exchange.invalid>;tag=9",
        f"To: {receiver}",
        *more,
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


@dataclass
class Exchange:
    """A WebSocket server that keeps what it hears and can speak."""

    heard: list[str] = field(default_factory=list)
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        self.sockets.append(socket)
        async for message in socket:
            self.heard.append(message.data)
            await socket.send_str("SIP/2.0 200 OK\r\n\r\n")
        self.left.set()
        return socket


@pytest.fixture
async def exchange() -> AsyncIterator[tuple[Exchange, str]]:
    kept = Exchange()
    app = web.Application()
    app.router.add_get("/ws", kept.serve)
    server = TestServer(app)
    await server.start_server()
    yield kept, str(server.make_url("/ws")).replace("http", "ws", 1)
    await server.close()


@pytest.fixture
async def proxy(rooms: Rooms, exchange: tuple[Exchange, str]) -> AsyncIterator[Client]:
    settings = replace(rooms.deps.settings, exchange_ws_url=exchange[1])
    client: Client = TestClient(TestServer(build_app(replace(rooms.deps, settings=settings))))
    await client.start_server()
    yield client
    await client.close()


async def agent_with_phone(client: Client) -> Browser:
    browser = await browser_of(client, HOME, Role.AGENT)
    assert (await browser.ask("POST", "/api/agent/phone")).status == 200
    return browser


@asynccontextmanager
async def opened(browser: Browser) -> AsyncIterator[ClientWebSocketResponse]:
    socket = await browser.client.ws_connect(
        "/ws", headers=browser.headers(Origin=ORIGIN), protocols=("sip",)
    )
    try:
        yield socket
    finally:
        await socket.close()


async def _close_code(socket: ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(SOON):
        while (await socket.receive()).type is WSMsgType.TEXT:
            continue
    return socket.close_code


async def test_an_agents_own_messages_reach_the_exchange_and_its_answers_come_back(
    proxy: Client, exchange: tuple[Exchange, str]
) -> None:
    async with opened(await agent_with_phone(proxy)) as socket:
        assert socket.protocol == "sip"
        await socket.send_str(register())
        answer = await asyncio.wait_for(socket.receive_str(), SOON)
    assert answer.startswith("SIP/2.0 200 OK")
    assert exchange[0].heard == [register()]


OTHERS = {
    "From another seat": register("seat-other"),
    "To another seat": register(To="<sip:seat-other@exchange.invalid>"),
    "credentials of another seat": register(Authorization='Digest username="seat-other", realm="x"'),
    "proxy credentials of another seat": register(**{"Proxy-Authorization": "Digest username=seat-other"}),
    "compact From of another seat": register().replace("From:", "f:").replace(SEAT, "seat-other"),
    "percent-encoded name": register("seat%2Dagent-org-home"),
    "INVITE as another": request("INVITE", "seat-other", "<sip:echo@exchange.invalid>"),
    "INVITE as the contact outside a dialog": request("INVITE", "k7ab2", "<sip:echo@exchange.invalid>"),
    "a method that phones don't need": request("MESSAGE", SEAT, "<sip:echo@exchange.invalid>"),
    "REFER": request("REFER", SEAT, "<sip:echo@exchange.invalid>;tag=3"),
}


@pytest.mark.parametrize("message", OTHERS.values(), ids=OTHERS.keys())
async def test_a_message_in_anothers_name_closes_the_socket_and_reaches_nobody(
    proxy: Client, exchange: tuple[Exchange, str], message: str
) -> None:
    async with opened(await agent_with_phone(proxy)) as socket:
        await socket.send_str(register())
        await asyncio.wait_for(socket.receive_str(), SOON)
        await socket.send_str(message)
        code = await _close_code(socket)
    assert code == CLOSE_NOT_YOURS
    assert exchange[0].heard == [register()]


MALFORMED = {
    "an address in a parameter": register(
        To=f"<sip:{SEAT}@x>;a=<sip:seat-other@x>", From="<sip:a@x>, <sip:b@x>"
    ),
    "two From": register().replace("To:", "From: <sip:seat-other@x>\r\nTo:"),
    "From and f": register().replace("To:", "f: <sip:seat-other@x>\r\nTo:"),
    "folded header": register().replace("Call-ID: abc", "Call-ID: abc\r\n From: <sip:seat-other@x>"),
    "bare line feed": register().replace("\r\n", "\n", 1),
    "no end of headers": register().rstrip("\r\n"),
    "no angle brackets": register(From=f"sip:{SEAT}@exchange.invalid;tag=1"),
    "two addresses": register(From=f"<sip:{SEAT}@x>, <sip:seat-other@x>;tag=1"),
    "two usernames": register(Authorization=f'Digest username="{SEAT}", username="seat-other"'),
    "no username": register(Authorization='Digest realm="x"'),
    "not SIP": "GET / HTTP/1.1\r\n\r\n",
    "a NUL": register().replace("abc", "a\0c"),
}


@pytest.mark.parametrize("message", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_message_that_could_be_read_in_two_ways_closes_the_socket(
    proxy: Client, exchange: tuple[Exchange, str], message: str
) -> None:
    async with opened(await agent_with_phone(proxy)) as socket:
        await socket.send_str(message)
        code = await _close_code(socket)
    assert code == CLOSE_MALFORMED
    assert exchange[0].heard == []


async def test_a_call_from_the_exchange_is_answered_in_the_name_of_the_contact(
    proxy: Client, exchange: tuple[Exchange, str]
) -> None:
    bye = request("BYE", "k7ab2", "<sip:seat@exchange.invalid>;tag=as1")
    ringing = "SIP/2.0 180 Ringing\r\nFrom: <sip:pbx@x>;tag=1\r\nTo: <sip:k7ab2@x>;tag=2\r\n\r\n"
    async with opened(await agent_with_phone(proxy)) as socket:
        for message in (register(), ringing, bye, "\r\n\r\n"):
            await socket.send_str(message)
            await asyncio.wait_for(socket.receive_str(), SOON)
    assert exchange[0].heard == [register(), ringing, bye, "\r\n\r\n"]


async def test_credentials_in_the_sessions_own_name_pass(
    proxy: Client, exchange: tuple[Exchange, str]
) -> None:
    digest = (
        f'Digest algorithm=MD5, username="{SEAT}", realm="asterisk", nonce="1/a", uri="sip:x", response="0"'
    )
    async with opened(await agent_with_phone(proxy)) as socket:
        await socket.send_str(register(Authorization=digest))
        await asyncio.wait_for(socket.receive_str(), SOON)
    assert exchange[0].heard == [register(Authorization=digest)]


async def test_bytes_and_oversized_messages_are_refused(
    proxy: Client, exchange: tuple[Exchange, str]
) -> None:
    browser = await agent_with_phone(proxy)
    async with opened(browser) as socket:
        await socket.send_bytes(register().encode())
        assert await _close_code(socket) == CLOSE_MALFORMED
    async with opened(browser) as socket:
        await socket.send_str(register(Subject="x" * 40_000))
        assert await _close_code(socket) == 1009
    assert exchange[0].heard == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
async def test_only_agents_and_supervisors_have_a_line_to_the_exchange(
    proxy: Client, exchange: tuple[Exchange, str], role: Role
) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(await browser_of(proxy, HOME, role)):
            pass
    assert refused.value.status == 403
    assert exchange[0].sockets == []


async def test_a_session_without_a_phone_has_no_line_and_gets_one_with_it(proxy: Client) -> None:
    browser = await browser_of(proxy, HOME, Role.AGENT)
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(browser):
            pass
    await browser.ask("POST", "/api/agent/phone")
    async with opened(browser) as socket:
        assert not socket.closed
    assert refused.value.status == 409


async def test_a_supervisor_has_a_line_with_a_phone_to_listen_from_and_not_without(proxy: Client) -> None:
    browser = await browser_of(proxy, HOME, Role.SUPERVISOR)
    with pytest.raises(WSServerHandshakeError):
        async with opened(browser):
            pass
    assert (await browser.ask("POST", "/api/floor/phone")).status == 200
    async with opened(browser) as socket:
        await socket.send_str(register())
        assert await _close_code(socket) == 4403, "an agent's seat is not theirs"


async def test_a_second_login_takes_the_phone_and_the_first_has_no_line_any_more(proxy: Client) -> None:
    first = await agent_with_phone(proxy)
    second = await agent_with_phone(proxy)
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(first):
            pass
    async with opened(second) as socket:
        assert not socket.closed
    assert refused.value.status == 409


async def test_an_exchange_that_goes_away_closes_the_browsers_socket(
    proxy: Client, exchange: tuple[Exchange, str]
) -> None:
    async with opened(await agent_with_phone(proxy)) as socket:
        await socket.send_str(register())
        await asyncio.wait_for(socket.receive_str(), SOON)
        await exchange[0].sockets[0].close()
        assert await _close_code(socket) == CLOSE_EXCHANGE_GONE


async def test_a_browser_that_leaves_hangs_up_its_line_to_the_exchange(
    proxy: Client, exchange: tuple[Exchange, str]
) -> None:
    async with opened(await agent_with_phone(proxy)) as socket:
        await socket.send_str(register())
        await asyncio.wait_for(socket.receive_str(), SOON)
        during = exchange[0].left.is_set()
    await asyncio.wait_for(exchange[0].left.wait(), SOON)
    assert not during


async def test_an_exchange_that_is_not_there_is_503(client: Client) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(await agent_with_phone(client)):
            pass
    assert refused.value.status == 503


async def test_the_line_ends_when_the_session_ends(proxy: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "SESSION_CHECK_SECONDS", 0.05)
    browser = await agent_with_phone(proxy)
    async with opened(browser) as socket:
        await asyncio.sleep(0.2)
        still_open = not socket.closed
        await browser.ask("DELETE", "/api/session")
        code = await _close_code(socket)
    assert still_open
    assert code == events.CLOSE_SESSION_ENDED


@given(st.text(max_size=300))
def test_whatever_is_sent_is_read_as_something_and_never_as_anothers(text: str) -> None:
    guard = EndpointGuard(SEAT)
    match read_message(text):
        case Request() as found:
            assert (
                guard.verdict(text) is None
                or found.from_user != SEAT
                or found.method not in sip_proxy.METHODS
            )
        case Malformed():
            assert guard.verdict(text) == CLOSE_MALFORMED
        case KeepAlive() | Response():
            assert guard.verdict(text) is None


@given(
    name=st.text(alphabet=st.characters(codec="ascii", exclude_characters="\r\n\0"), max_size=30),
    place=st.sampled_from(["From", "To"]),
)
def test_a_registration_passes_only_in_the_sessions_own_name(name: str, place: str) -> None:
    message = register(**{place: f"<sip:{name}@exchange.invalid>;tag=1"})
    passes = EndpointGuard(SEAT).verdict(message) is None
    assert passes == (name == SEAT)
