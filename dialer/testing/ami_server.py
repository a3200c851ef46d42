"""A real TCP server that speaks the Asterisk Manager Interface, with faults to inject.

It knows the wire and nothing of calls: a `Board` (the simulated exchange) does the actions and publishes the events.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final, Protocol, Self

BANNER: Final = b"Asterisk Call Manager/9.0.0\r\n"
LINE_BYTES_MAX: Final = 1_024
"""As in Asterisk 22: a message with a longer line is refused."""
REQUEST_HEADERS_MAX: Final = 128
REQUESTS_KEPT_MAX: Final = 200_000

Headers = Sequence[tuple[str, str]]

FULLY_BOOTED: Final[Headers] = (("Event", "FullyBooted"), ("Status", "Fully Booted"))


@dataclass(frozen=True, slots=True)
class Request:
    """One action as it was read, its headers in their order."""

    name: str
    action_id: str
    headers: tuple[tuple[str, str], ...]

    def get(self, key: str) -> str:
        """The first value of a header, whatever its case; empty when it is absent."""
        return next((value for name, value in self.headers if name.lower() == key.lower()), "")

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of a header."""
        return tuple(value for name, value in self.headers if name.lower() == key.lower())


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to an action, and the list that follows it. An empty `events_after` is no list."""

    headers: Headers
    events_after: tuple[Headers, ...] = ()

    @classmethod
    def success(cls, message: str) -> "Answer":
        """A plain success."""
        return cls((("Response", "Success"), ("Message", message)))

    @classmethod
    def error(cls, message: str) -> "Answer":
        """A plain error."""
        return cls((("Response", "Error"), ("Message", message)))


class Board(Protocol):
    """What stands behind the wire."""

    async def act(self, request: Request) -> Answer:
        """Do one action of a session that is logged in."""
        ...

    def subscribe(self, publish: Callable[[Headers], None]) -> None:
        """Where events go from now on."""
        ...


class Cut(Enum):
    """When the connection is cut around an action: as its bytes arrived and were thrown away, as they were acted on
    but not answered, or right after the answer."""

    BEFORE_ACTING = auto()
    AFTER_ACTING = auto()
    AFTER_ANSWER = auto()


def _set_event() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass(slots=True)
class Faults:
    """What goes wrong from now on; all of it can be changed while the server runs."""

    cuts: dict[str, list[Cut]] = field(default_factory=dict)
    """Action name → what to do with the next ones of that name; the list is used up from its front."""
    is_mute: bool = False
    """Reads, never writes: nothing that would have been said is said later."""
    hearing: asyncio.Event = field(default_factory=_set_event)
    """Cleared: does not even read, so the peer's buffers fill."""
    is_booting: bool = False
    """Logins are taken, and FullyBooted is not told."""
    copies_of_events: int = 1
    answer_seconds: float = 0.0
    """How late each answer is."""
    chunk_bytes: int = 0
    """Greater than 0: each write goes out in pieces of that many bytes, each in a loop turn of its own."""

    def cut_next(self, action: str, cut: Cut, times: int = 1) -> None:
        """Cut the connection around the next `times` actions of that name."""
        self.cuts.setdefault(action.lower(), []).extend([cut] * times)

    def next_cut(self, action: str) -> Cut | None:
        """Use up one cut."""
        cuts = self.cuts.get(action.lower())
        return cuts.pop(0) if cuts else None


def encode(headers: Iterable[tuple[str, str]]) -> bytes:
    """One message on the wire."""
    return ("".join(f"{key}: {value}\r\n" for key, value in headers) + "\r\n").encode("utf-8")


class AmiServer:
    """`async with AmiServer(board, user, secret) as server:` listens on a free port of loopback."""

    def __init__(
        self, board: Board, username: str, secret: str, port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.faults = Faults()
        self.requests: list[Request] = []
        self.bytes_read = 0
        self._board = board
        self._login = (username, secret)
        self._wanted_port = port
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._sessions: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._listening: set[asyncio.StreamWriter] = set()
        self._outbox: dict[asyncio.StreamWriter, asyncio.Queue[bytes]] = {}
        board.subscribe(self.publish)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    @property
    def port(self) -> int:
        """The TCP port; stays the same when the server is shut and opened again."""
        return self._wanted_port

    @property
    def sessions(self) -> int:
        """Connections that are logged in."""
        return len(self._listening)

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(
            self.serve, "127.0.0.1", self._wanted_port, limit=LINE_BYTES_MAX * 64, ssl=self._tls
        )
        self._wanted_port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        self.cut_all()
        tasks = list(self._sessions.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._server = None

    def cut_all(self) -> None:
        """Cut every connection now, without a word."""
        for writer in list(self._sessions):
            writer.transport.abort()

    def count(self, action: str) -> int:
        """How many actions of that name were read."""
        return sum(request.name.lower() == action.lower() for request in self.requests)

    def publish(self, event: Headers) -> None:
        """Send an event to every session that is logged in."""
        data = encode(event) * self.faults.copies_of_events
        self.publish_raw(data)

    def publish_raw(self, data: bytes) -> None:
        """Send bytes as they are to every session that is logged in."""
        if not self.faults.is_mute:
            for writer in list(self._listening):
                self._write(writer, data)

    # ------------------------------------------------------------- one session

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end, wherever its streams come from."""
        task = asyncio.current_task()
        if task is None:
            return
        self._sessions[writer] = task
        self._outbox[writer] = asyncio.Queue()
        pump = asyncio.create_task(self._pump(writer))
        try:
            self._write(writer, BANNER)
            await self._read_requests(reader, writer)
        except (ConnectionError, ValueError, asyncio.CancelledError):
            return
        finally:
            pump.cancel()
            self._sessions.pop(writer, None)
            self._listening.discard(writer)
            self._outbox.pop(writer, None)
            writer.transport.abort()

    async def _read_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        headers: list[tuple[str, str]] = []
        longest = 0
        while True:
            await self.faults.hearing.wait()
            raw = await reader.readline()
            if not raw.endswith(b"\n"):
                return
            self.bytes_read += len(raw)
            text = raw.decode("utf-8", "replace").rstrip("\r\n")
            if text:
                key, _, value = text.partition(":")
                longest = max(longest, len(raw))
                headers = [*headers, (key.strip(), value.strip())][:REQUEST_HEADERS_MAX]
            elif headers:
                request = _request(headers)
                refused = longest > LINE_BYTES_MAX
                headers, longest = [], 0
                if refused:
                    self._answer_with(request, Answer.error("Failed to parse message: line too long"), writer)
                elif not await self._handle(request, writer):
                    return

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Do one action; false ends the session."""
        self.requests.append(request)
        if len(self.requests) > REQUESTS_KEPT_MAX:
            del self.requests[: REQUESTS_KEPT_MAX // 2]
        cut = self.faults.next_cut(request.name)
        if cut is Cut.BEFORE_ACTING:
            return False
        answer = await self._answer(request, writer)
        if cut is Cut.AFTER_ACTING:
            return False
        if self.faults.answer_seconds:
            await asyncio.sleep(self.faults.answer_seconds)
        self._answer_with(request, answer, writer)
        if cut is Cut.AFTER_ANSWER:
            await asyncio.sleep(0.02)
            return False
        return True

    def _answer_with(self, request: Request, answer: Answer, writer: asyncio.StreamWriter) -> None:
        if self.faults.is_mute:
            return
        tag = [("ActionID", request.action_id)] if request.action_id else []
        head, *rest = answer.headers
        self._write(writer, encode([head, *tag, *rest]))
        for event in answer.events_after:
            tag_of_list = () if event is FULLY_BOOTED else tag
            self._write(writer, encode([event[0], *tag_of_list, *event[1:]]))

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> Answer:
        match request.name.lower():
            case "login":
                if (request.get("Username"), request.get("Secret")) != self._login:
                    return Answer.error("Authentication failed")
                self._listening.add(writer)
                accepted = Answer.success("Authentication accepted")
                return accepted if self.faults.is_booting else replace(accepted, events_after=(FULLY_BOOTED,))
            case _ if writer not in self._listening:
                return Answer.error("Permission denied")
            case "ping":
                return Answer((("Response", "Success"), ("Ping", "Pong")))
            case _:
                return await self._board.act(request)

    def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        outbox = self._outbox.get(writer)
        if outbox is None or writer.is_closing():
            return
        if self.faults.chunk_bytes:
            outbox.put_nowait(data)
        else:
            writer.write(data)

    async def _pump(self, writer: asyncio.StreamWriter) -> None:
        """Writes what was put in the outbox, piece by piece."""
        outbox = self._outbox[writer]
        with contextlib.suppress(ConnectionError):
            while True:
                data = await outbox.get()
                size = self.faults.chunk_bytes or len(data)
                for start in range(0, len(data), size):
                    writer.write(data[start : start + size])
                    await writer.drain()
                    await asyncio.sleep(0)


def _request(headers: Sequence[tuple[str, str]]) -> Request:
    """The headers of one action as a request."""
    bare = Request("", "", tuple(headers))
    return Request(bare.get("Action"), bare.get("ActionID"), bare.headers)
