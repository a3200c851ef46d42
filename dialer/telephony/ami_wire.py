"""Bytes of the Asterisk Manager Interface: actions that can't smuggle, and a protocol that forgets nothing quietly.

panoramisk parses; everything that it keeps, queues or sends again is replaced here (docs/link.md has the nine faults).
"""

import asyncio
import codecs
import ipaddress
import re
import ssl
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from dialer.domain.errors import DialerError, ExchangeUnavailable, InstallationError

HEADER_BYTES_MAX: Final = 1_000
"""Asterisk 22 refuses a whole message with a line over 1,024 bytes (measured); we refuse before a byte is sent."""
HEADERS_MAX: Final = 64
MESSAGE_CHARS_MAX: Final = 65_536
PENDING_ACTIONS_MAX: Final = 5_000
WRITE_BUFFER_BYTES_MAX: Final = 262_144
BANNER: Final = "Asterisk Call Manager/"

_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_EVENT_PREFIX: Final = "Event: "
_MESSAGE_END: Final = "\r\n\r\n"


class HeaderError(DialerError):
    """A header that the exchange could read as something else was refused: nothing was sent. The value is not told."""


class LinkDropped(DialerError):
    """The link dropped while an action waited for its answer: it may have been done."""


def checked_header(key: str, value: str) -> str:
    """The line `key: value`, without its end.

    Raises:
        HeaderError: the key isn't a plain word, the value has a control, line-breaking or unencodable character, or
            the line is longer than `HEADER_BYTES_MAX`.
    """
    if _KEY.fullmatch(key) is None:
        raise HeaderError("a header's name is not a plain word")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in value):
        raise HeaderError(f"the value of {key} has a control character")
    line = f"{key}: {value}"
    if len(line.encode("utf-8")) > HEADER_BYTES_MAX:
        raise HeaderError(f"the value of {key} is too long")
    return line


class CheckedAction(Action):  # type: ignore[misc]  # panoramisk has no types
    """One action: checked headers, one future, and no queue to be put in when the link drops.

    A single answer resolves with its message. A list action resolves with the events of its list, its start and its
    end left out; an action with `completed_by` resolves with the event of that name which carries its id. Both
    resolve with the answer at once when that is an error.
    """

    def __init__(
        self,
        name: str,
        action_id: str,
        headers: Sequence[tuple[str, str]] = (),
        *,
        list_item: str | None = None,
        completed_by: str | None = None,
    ) -> None:
        lines = [checked_header("Action", name), checked_header("ActionID", action_id)]
        lines += [checked_header(key, value) for key, value in headers]
        if len(lines) > HEADERS_MAX:
            raise HeaderError("too many headers")
        super().__init__({"Action": name, "ActionID": action_id})
        self.name = name
        self.list_item = list_item
        self.completed_by = completed_by
        self.wire = ("\r\n".join(lines) + _MESSAGE_END).encode("utf-8")

    def __str__(self) -> str:
        return self.wire.decode("utf-8")

    def __repr__(self) -> str:
        return f"CheckedAction({self.name!r})"

    def waits_for(self, event: str) -> bool:
        """Whether an event with this action's id belongs to its answer. An OriginateResponse mostly does not."""
        return self.list_item is not None or event == self.completed_by

    def add_message(self, message: Message) -> bool:
        """Take a message with this action's id; true when the action is complete."""
        if message.response == "Error" or (self.list_item is None and self.completed_by is None):
            return self._resolve(message)
        if self.completed_by is not None:
            return self._resolve(message) if message.event == self.completed_by else False
        if message.event == self.list_item:
            self.responses.append(message)
        elif str(message.event).endswith("Complete"):
            return self._resolve(self.responses)
        return False

    def fail(self, error: DialerError) -> None:
        """End the wait with an error; nothing happens when it is over already."""
        if not self.future.done():
            self.future.set_exception(error)
            # Marked as seen: whoever waits gets it, and when nobody waits any more it is no news.
            self.future.exception()

    def _resolve(self, answer: Message | list[Message]) -> bool:
        if not self.future.done():
            self.future.set_result(answer)
        return True


class HardenedProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """One TCP connection to one exchange, from banner to drop. Never reused, never resumed.

    `lost` is resolved with the reason, once. From then on nothing is read, written or delivered.
    """

    def __init__(self, wanted_events: frozenset[str], deliver: Callable[[Message], None]) -> None:
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.closed = True
        self.responses: dict[str, CheckedAction] = {}
        self._wanted = wanted_events
        self._deliver = deliver
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._text = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES_MAX)

    def begin(self, action: CheckedAction) -> None:
        """Hand the action's bytes to the socket in this very step; its future has the answer.

        Raises:
            ExchangeUnavailable: no byte was written.
        """
        if self.closed or self.transport.is_closing():
            raise ExchangeUnavailable("the link to the exchange is down")
        if len(self.responses) >= PENDING_ACTIONS_MAX:
            raise ExchangeUnavailable("too many actions wait for the exchange's answer")
        self.responses[action.action_id] = action
        self.transport.write(action.wire)

    def is_congested(self) -> bool:
        """Whether bytes wait in our own buffer: what is written now would leave at an unknown later moment."""
        return bool(self.transport.get_write_buffer_size() > 0)

    def forget(self, action: CheckedAction) -> None:
        """Stop waiting for an action's answer; a late one is ignored."""
        self.responses.pop(action.action_id, None)

    def drop(self, reason: str) -> None:
        """End the connection now: unsent bytes are thrown away, every pending action fails, nothing is kept."""
        if self.closed:
            return
        self.closed = True
        self._text = ""
        # abort, not close: close would still flush an originate out of the buffer after we have given it up.
        self.transport.abort()
        pending = list(self.responses.values())
        self.responses.clear()
        for action in pending:
            action.fail(LinkDropped(reason))
        self.lost.set_result(reason)

    def close(self) -> None:
        self.drop("the link was closed")

    def connection_lost(self, _exc: Exception | None) -> None:
        self.drop("the exchange closed the connection")

    def pause_writing(self) -> None:
        self.drop("the exchange does not read")

    def resume_writing(self) -> None:
        """Nothing to resume: a paused connection was dropped."""

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        self._text += self._decoder.decode(data)
        if self.version is None and not self._read_banner():
            return
        *messages, self._text = self._text.split(_MESSAGE_END)
        if len(self._text) > MESSAGE_CHARS_MAX:
            self.drop("the exchange sent a message without an end")
        for text in messages:
            if self.closed:
                return
            self._read(text.strip())

    def _read_banner(self) -> bool:
        banner, end, rest = self._text.partition("\r\n")
        if not BANNER.startswith(banner[: len(BANNER)]) or len(banner) > HEADER_BYTES_MAX:
            self.drop("the peer is not an Asterisk manager interface")
            return False
        if not end:
            return False
        self.version = banner.removeprefix(BANNER)
        self._text = rest
        return True

    def _read(self, text: str) -> None:
        if text.startswith(_EVENT_PREFIX):
            # Unwanted events cost a slice, not a parse: a flood of them can't starve the rest.
            name = text[len(_EVENT_PREFIX) :].partition("\r\n")[0]
            if name == "Shutdown":
                self.drop("the exchange is shutting down")
                return
            if name not in self._wanted and "\r\nActionID: " not in text:
                return
        message = Message.from_line(text)
        if message is not None:
            self.handle_message(message)

    def handle_message(self, message: Message) -> None:
        action_id = message.action_id
        action = self.responses.get(action_id) if isinstance(action_id, str) else None
        if action is None or ("Event" in message and not action.waits_for(message.event)):
            if message.event in self._wanted:
                self._deliver(message)
        elif action.add_message(message):
            self.forget(action)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its very name or address; a name that would need a look-up is not."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(host: str, ca_file: Path | None) -> ssl.SSLContext | None:
    """TLS towards `host`, trusted by our own authority's file only; none on loopback without a file.

    Raises:
        InstallationError: the host isn't loopback and there is no authority's file, or the file can't be read.
    """
    if ca_file is None:
        if is_loopback(host):
            return None
        raise InstallationError(
            "The exchange's manager interface is not on this machine: set its TLS authority file, plain is refused."
        )
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=str(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise InstallationError("The exchange's TLS authority file can't be read.") from error
    return context


def header(message: Mapping[str, object], key: str) -> str:
    """A header's one value; empty when it is absent or was sent more than once, so doubt never becomes a fact."""
    value = message.get(key, "")
    return value if isinstance(value, str) else ""
