"""`/ws`: the browser's SIP, passed to the exchange and back, tied to the endpoint of this very session.

The exchange authenticates each endpoint by the secret of its login session. The proxy makes sure beforehand that a
browser can't even try another's: what claims another endpoint closes the socket and reaches nobody.
"""

import asyncio
from typing import Final

import structlog
from aiohttp import (
    ClientConnectionError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
    WSMsgType,
    WSServerHandshakeError,
    web,
)

from dialer.api.errors import Fault
from dialer.api.events import watch_session
from dialer.api.models import Nothing
from dialer.api.problems import problem_response
from dialer.api.route import Call
from dialer.api.sip_message import MESSAGE_BYTES_MAX, KeepAlive, Malformed, Request, Response, read_message
from dialer.services.views.session import Role

log = structlog.get_logger()

HEARTBEAT_SECONDS: Final = 20.0
CONNECT_SECONDS_MAX: Final = 5.0
SEND_SECONDS_MAX: Final = 5.0
CLOSE_NOT_YOURS: Final = 4403
CLOSE_MALFORMED: Final = 4400
CLOSE_EXCHANGE_GONE: Final = 4502
METHODS: Final = frozenset(
    {"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO", "PRACK"}
)

CLIENT: Final = web.AppKey("exchange_client", ClientSession)


class EndpointGuard:
    """Judges what one browser sends: only its own endpoint may speak."""

    def __init__(self, seat_user: str) -> None:
        self._seat_user = seat_user
        self._contacts: set[str] = set()

    def verdict(self, text: str) -> int | None:
        """None where the message may pass, else the code with which the socket is closed."""
        match read_message(text):
            case KeepAlive() | Response():
                return None
            case Malformed():
                return CLOSE_MALFORMED
            case Request() as request:
                return None if self._own(request) else CLOSE_NOT_YOURS

    def _own(self, request: Request) -> bool:
        if request.method not in METHODS:
            return False
        if any(user != self._seat_user for user in request.usernames):
            return False
        if request.method == "REGISTER":
            if request.from_user != self._seat_user or request.to_user != self._seat_user:
                return False
            if request.contact_user is not None:
                self._contacts = {request.contact_user}
            return True
        # inside a dialog that the exchange began, the browser's own address is the contact it registered
        return request.from_user == self._seat_user or (
            request.in_dialog and request.from_user in self._contacts
        )


async def serve(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """Connect one browser with the exchange until either leaves or the session ends."""
    phones = call.deps.desk if call.who.role is Role.AGENT else call.deps.listening
    seat_user = await phones.seat_user(call.user, call.who.session_id)
    if seat_user is None:
        return problem_response(Fault.PHONE_NOT_GIVEN)
    try:
        upstream = await asyncio.wait_for(_connect(call, seat_user), CONNECT_SECONDS_MAX)
    except (ClientConnectionError, WSServerHandshakeError, TimeoutError):
        log.warning("sip.exchange_not_reached")
        return problem_response(Fault.UNAVAILABLE)
    browser = web.WebSocketResponse(
        protocols=("sip",), heartbeat=HEARTBEAT_SECONDS, max_msg_size=MESSAGE_BYTES_MAX
    )
    tasks: list[asyncio.Task[None]] = []
    try:
        await browser.prepare(call.request)
        tasks.append(asyncio.create_task(_to_browser(upstream, browser)))
        tasks.append(asyncio.create_task(watch_session(browser, call)))
        await _to_exchange(browser, upstream, EndpointGuard(seat_user))
    finally:
        for task in tasks:
            task.cancel()
        # its own task: a handler that is itself cancelled must still hang up its line to the exchange
        closing = asyncio.create_task(upstream.close())
        await asyncio.gather(*tasks, asyncio.shield(closing), return_exceptions=True)
    return browser


async def _connect(call: Call[Nothing, Nothing], seat_user: str) -> ClientWebSocketResponse:
    settings = call.deps.settings
    return await call.request.app[CLIENT].ws_connect(
        settings.seat_ws_urls.get(seat_user, settings.exchange_ws_url),
        protocols=("sip",),
        max_msg_size=MESSAGE_BYTES_MAX,
    )


async def _to_exchange(
    browser: web.WebSocketResponse, upstream: ClientWebSocketResponse, guard: EndpointGuard
) -> None:
    async for message in browser:
        if message.type is not WSMsgType.TEXT:
            await browser.close(code=CLOSE_MALFORMED)
            return
        code = guard.verdict(message.data)
        if code is not None:
            log.warning("sip.message_refused", close_code=code)
            await browser.close(code=code)
            return
        try:
            await asyncio.wait_for(upstream.send_str(message.data), SEND_SECONDS_MAX)
        except (TimeoutError, ConnectionError):
            await browser.close(code=CLOSE_EXCHANGE_GONE)
            return


async def _to_browser(upstream: ClientWebSocketResponse, browser: web.WebSocketResponse) -> None:
    try:
        async for message in upstream:
            if message.type is WSMsgType.TEXT:
                await asyncio.wait_for(browser.send_str(message.data), SEND_SECONDS_MAX)
            elif message.type is WSMsgType.BINARY:
                await asyncio.wait_for(browser.send_bytes(message.data), SEND_SECONDS_MAX)
    except (TimeoutError, ConnectionError):
        log.warning("sip.browser_too_slow")
    await browser.close(code=CLOSE_EXCHANGE_GONE)


def exchange_client() -> ClientSession:
    """The client of all proxied sockets."""
    return ClientSession(timeout=ClientTimeout(total=None, connect=CONNECT_SECONDS_MAX))
