"""The hardened link to one Asterisk: a panoramisk manager that never sends anything twice.

```
        start                  logged in
down ─────────▶ connecting ───────────────▶ up
  ▲   back-off      │  refused, unreachable  │  closed, mute, flooded, not reading
  └─────────────────┴────────────────────────┘        every pending action fails at once
```
down: no byte leaves. up: authenticated and answering pings; a mute peer is noticed within
`ping_interval_seconds + ping_deadline_seconds`.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn, Protocol

import structlog
from panoramisk.manager import Manager
from panoramisk.message import Message

from dialer.domain.errors import DialerError, ExchangeUnavailable, InstallationError
from dialer.telephony.ami_wire import CheckedAction, HardenedProtocol, LinkDropped, header, tls_context

WRONG_PASSWORD: Final = (
    "The exchange refused the manager login: check the AMI user and secret in the installation's settings."
)

NOT_VOUCHED_FOR: Final = "The exchange's certificate is not from the installation's TLS authority, or not for that host: check both."
NOT_BOOTED: Final = (
    "The exchange has not said that it is fully booted: its AMI user needs the read class system, and its event "
    "filter FullyBooted."
)
BOOTED: Final = "FullyBooted"

_log = structlog.get_logger(__name__)

Connector = Callable[[Callable[[], HardenedProtocol]], Awaitable[tuple[object, HardenedProtocol]]]
"""Makes one connection and returns its transport and protocol; TCP or TLS unless a simulation brings its own."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """One manager interface and the patience with it. Seconds are greater than 0."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    tls_ca_file: Path | None = None
    ping_interval_seconds: float = 3.0
    ping_deadline_seconds: float = 3.0
    action_deadline_seconds: float = 5.0
    connect_deadline_seconds: float = 5.0
    boot_deadline_seconds: float = 30.0
    backoff_seconds_min: float = 0.25
    backoff_seconds_max: float = 10.0


class LinkListener(Protocol):
    """Who hears of the link. Each method only enqueues, returns at once and never raises."""

    def link_up(self) -> None:
        """Logged in; what happened before is not known."""
        ...

    def link_lost(self) -> None:
        """Every pending action has failed; nothing more comes from that connection."""
        ...

    def heard(self, message: Message) -> bool:
        """Take one event; false when there is no room, and the link is then declared lost."""
        ...

    async def has_room(self) -> None:
        """Return when a new connection's events can be taken."""
        ...


class AmiLink(Manager):  # type: ignore[misc]  # panoramisk has no types
    """One link, kept up until `stop`. `jitter` returns a number in [0, 1)."""

    def __init__(
        self,
        settings: LinkSettings,
        wanted_events: frozenset[str],
        listener: LinkListener,
        jitter: Callable[[], float],
        connector: Connector | None = None,
    ) -> None:
        super().__init__(host=settings.host, port=settings.port)
        self.settings = settings
        self.fault: str | None = None
        self._tls = tls_context(settings.host, settings.tls_ca_file)
        self._wanted = wanted_events | {BOOTED}
        self._booted: asyncio.Future[str] | None = None
        self._listener = listener
        self._jitter = jitter
        self._connector = connector or self._connect_tcp
        self._task: asyncio.Task[None] | None = None
        self._tried: asyncio.Future[None] | None = None
        self._serial = 0

    async def start(self) -> None:
        """Try once and go on trying in the background; returns when the first try is over, up or not.

        Raises:
            InstallationError: the exchange refused the password, is vouched for by nobody we trust, or doesn't say
                when it is booted. Nothing is tried again.
        """
        if self._task is not None:
            raise RuntimeError("a link is started once")
        self._tried = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._keep_up())
        await asyncio.wait({self._tried})
        if self.fault is not None:
            await self.stop()
            raise InstallationError(self.fault)

    async def stop(self) -> None:
        """Drop the connection and stop trying; pending actions fail."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.close()

    def is_up(self) -> bool:
        """Whether the link is logged in and was answering its last ping."""
        return self.authenticated and self.protocol is not None and not self.protocol.closed

    def declare_lost(self, reason: str) -> None:
        """Drop this connection now; a new one is tried after the back-off."""
        if self.protocol is not None:
            self.protocol.drop(reason)

    def is_congested(self) -> bool:
        """Whether an action written now would wait in our buffer."""
        return self.protocol is not None and self.protocol.is_congested()

    def next_action_id(self) -> str:
        """An action id that this link has not used."""
        self._serial += 1
        return f"link/{self._serial}"

    def begin(self, action: CheckedAction) -> "asyncio.Future[Message]":
        """Write the action in this very step and return the future of its answer.

        Raises:
            ExchangeUnavailable: no byte was written.
        """
        if not self.is_up():
            raise ExchangeUnavailable("the link to the exchange is down")
        self.protocol.begin(action)
        answer: asyncio.Future[Message] = action.future
        return answer

    async def answer(self, action: CheckedAction) -> Message:
        """Wait for the answer to an action that was begun.

        Raises:
            LinkDropped: the link dropped or the answer is late: it may have been done.
        """
        try:
            async with asyncio.timeout(self.settings.action_deadline_seconds):
                return await action.future
        except TimeoutError as error:
            raise LinkDropped("the exchange did not answer an action in time") from error
        finally:
            self.protocol.forget(action)

    async def request(
        self, name: str, headers: Sequence[tuple[str, str]] = (), completed_by: str | None = None
    ) -> Message:
        """Send one action that may be repeated, and return its answer, a success or an error.

        With `completed_by` the event of that name is waited for, and is the answer unless the action is refused.

        Raises:
            ExchangeUnavailable: it wasn't sent, or nobody knows whether it was done.
            HeaderError: a value could be read as something else; nothing was sent.
        """
        action = CheckedAction(name, self.next_action_id(), headers, completed_by=completed_by)
        self.begin(action)
        try:
            return await self.answer(action)
        except LinkDropped as error:
            raise ExchangeUnavailable("the exchange did not answer") from error

    async def request_list(self, name: str, list_item: str) -> list[Message]:
        """Send one list action and return its `list_item` events, in order.

        Raises:
            ExchangeUnavailable: the list isn't known.
        """
        action = CheckedAction(name, self.next_action_id(), list_item=list_item)
        self.begin(action)
        try:
            answer = await self.answer(action)
        except LinkDropped as error:
            raise ExchangeUnavailable("the exchange did not answer") from error
        if isinstance(answer, list):
            return answer
        raise ExchangeUnavailable("the exchange refused a list")

    # ------------------------------------------------------------- one connection after another

    async def _keep_up(self) -> None:
        tries = 0
        loop = asyncio.get_running_loop()
        while True:
            await self._listener.has_room()
            began = loop.time()
            try:
                await self._live()
            except InstallationError as error:
                self.fault = str(error)
                _log.error("the link to the exchange is not installed right", sentence=self.fault)
            except ssl.SSLCertVerificationError:
                self.fault = NOT_VOUCHED_FOR
                _log.error("the link to the exchange is not installed right", sentence=self.fault)
            except (OSError, TimeoutError, DialerError):
                _log.warning("the exchange can't be reached", port=self.settings.port)
            self._first_try_is_over()
            # Only a link that lasted starts again at the shortest wait, so that one that flaps can't spin.
            tries = 0 if loop.time() - began > self.settings.backoff_seconds_max else tries + 1
            await asyncio.sleep(self.backoff_seconds(tries))

    def backoff_seconds(self, tries: int) -> float:
        """The wait before the next try: doubled each time up to the maximum, half of it jitter."""
        longest = min(
            self.settings.backoff_seconds_max, self.settings.backoff_seconds_min * 2.0 ** min(tries, 30)
        )
        return longest * (0.5 + 0.5 * self._jitter())

    async def _live(self) -> None:
        """One connection from its first byte to its drop."""
        async with asyncio.timeout(self.settings.connect_deadline_seconds):
            _, protocol = await self._connector(self._new_protocol)
        self.protocol = protocol
        try:
            await self._log_in_and_boot(protocol)
            self.authenticated = True
            self.fault = None
            self._listener.link_up()
            self._first_try_is_over()
            await self._ping_until_lost(protocol)
        finally:
            was_up, self.authenticated = self.authenticated, False
            protocol.drop("the link was stopped")
            if was_up:
                self._listener.link_lost()

    async def _log_in_and_boot(self, protocol: HardenedProtocol) -> None:
        """Log in, then wait for the boot: an exchange that still loads fails each call, and none may be burnt."""
        booted: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._booted = booted
        login = CheckedAction(
            "Login",
            self.next_action_id(),
            [("Username", self.settings.username), ("Secret", self.settings.secret), ("Events", "on")],
        )
        protocol.begin(login)
        answer = await self.answer(login)
        if header(answer, "Response") != "Success":
            raise InstallationError(WRONG_PASSWORD)
        await asyncio.wait(
            {booted, protocol.lost},
            timeout=self.settings.boot_deadline_seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if protocol.lost.done():
            raise LinkDropped(protocol.lost.result())
        if not booted.done():
            raise InstallationError(NOT_BOOTED)

    async def _ping_until_lost(self, protocol: HardenedProtocol) -> None:
        while True:
            await asyncio.wait({protocol.lost}, timeout=self.settings.ping_interval_seconds)
            if protocol.lost.done():
                return
            ping = CheckedAction("Ping", self.next_action_id())
            protocol.begin(ping)
            await asyncio.wait({ping.future}, timeout=self.settings.ping_deadline_seconds)
            if not ping.future.done():
                protocol.drop("the exchange does not answer its ping")

    def _new_protocol(self) -> HardenedProtocol:
        return HardenedProtocol(self._wanted, self.dispatch)

    async def _connect_tcp(
        self, factory: Callable[[], HardenedProtocol]
    ) -> tuple[asyncio.BaseTransport, HardenedProtocol]:
        tls: ssl.SSLContext | None = self._tls
        return await asyncio.get_running_loop().create_connection(
            factory,
            self.settings.host,
            self.settings.port,
            ssl=tls,
            server_hostname=self.settings.host if tls is not None else None,
        )

    def _first_try_is_over(self) -> None:
        if self._tried is not None and not self._tried.done():
            self._tried.set_result(None)

    # ------------------------------------------------------------- what stock panoramisk would do

    def dispatch(self, event: Message) -> None:
        """Enqueue one event of a link that is up; what came before is to be reconciled anyway.

        No callback of anybody runs here. A full queue is a lost link, never a lost hang-up.
        """
        if event.event == BOOTED:
            if self._booted is not None and not self._booted.done():
                self._booted.set_result(BOOTED)
        elif self.authenticated and not self._listener.heard(event):
            self.declare_lost("events came faster than they were taken")

    def close(self) -> None:
        self.declare_lost("the link was closed")

    def send_action(self, *_: object, **__: object) -> NoReturn:
        """Refused: `begin` checks headers and never sends again."""
        raise TypeError("actions go through begin, request or request_list")

    async def send_awaiting_actions(self, *_: object) -> None:
        """Nothing ever awaits a reconnect: an action whose link dropped has failed."""

    def connect(self, *_: object, **__: object) -> NoReturn:
        """Refused: `start` keeps the link up."""
        raise TypeError("the link is started with start")
