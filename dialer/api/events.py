"""`/api/events`: whole views whenever they changed.

One feed per view (an organisation's floor, an agent's desk, an organisation's status) reads it on a change or after its
period, once for all who watch. A client holds at most one unsent message of each type: a newer view replaces the unsent
older one, so a slow client can't make anything pile up, and reconnecting is all that resuming takes.
"""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog
from aiohttp import WSMsgType, web
from pydantic import TypeAdapter

from dialer.api.deps import Deps
from dialer.api.errors import Fault
from dialer.api.models import Nothing
from dialer.api.problems import place_of, problem_response
from dialer.api.route import Call
from dialer.domain.errors import DialerError
from dialer.services.changes import DeskChanged, FloorChanged, StatusChanged, Topic
from dialer.services.identity import LiveSession
from dialer.services.views.desk import DeskView
from dialer.services.views.floor import FloorView
from dialer.services.views.session import Role, StatusView

log = structlog.get_logger()

HEARTBEAT_SECONDS: Final = 15.0
SESSION_CHECK_SECONDS: Final = 10.0
SEND_SECONDS_MAX: Final = 10.0
INCOMING_BYTES_MAX: Final = 1024
SOCKETS_PER_USER_MAX: Final = 8
GATHER_SECONDS: Final = 0.05
"""A burst of changes is read once after it, not once for each."""
CLOSE_SESSION_ENDED: Final = 4401
CLOSE_TOO_SLOW: Final = 4408

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DESK: Final = TypeAdapter(DeskView)
_FLOOR: Final = TypeAdapter(FloorView)
_STATUS: Final = TypeAdapter(StatusView)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A view as JSON, and the part of it that says whether it changed (without the moment it was read)."""

    json: bytes
    essence: object


@dataclass(frozen=True, slots=True)
class Source:
    """Where a feed reads: what touches it, how often it looks by itself, and how."""

    type: str
    topic: Topic
    period_seconds: float
    read: Callable[[], Awaitable[Rendered]]


class Client:
    """One connection's outbox: the newest unsent view of each type."""

    def __init__(self) -> None:
        self._unsent: dict[str, bytes] = {}
        self._filled = asyncio.Event()

    def offer(self, type_: str, json: bytes) -> None:
        """Put a view in the outbox; an unsent older one of its type is replaced."""
        self._unsent[type_] = json
        self._filled.set()

    async def take(self) -> tuple[str, bytes]:
        """The next view to send."""
        while not self._unsent:
            self._filled.clear()
            await self._filled.wait()
        type_ = next(iter(self._unsent))
        return type_, self._unsent.pop(type_)


class Feed:
    """Reads one view for all its clients. Runs while it has any."""

    def __init__(self, deps: Deps, source: Source) -> None:
        self._deps = deps
        self._source = source
        self._clients: set[Client] = set()
        self._last: Rendered | None = None
        self._task: asyncio.Task[None] | None = None

    def join(self, client: Client) -> None:
        """Send the view as it is now, and from then on whenever it changed."""
        self._clients.add(client)
        if self._last is not None:
            client.offer(self._source.type, self._last.json)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"feed-{self._source.type}")

    def leave(self, client: Client) -> bool:
        """Stop sending to it; whether nobody is left and the feed has stopped."""
        self._clients.discard(client)
        if self._clients:
            return False
        if self._task is not None:
            self._task.cancel()
            self._task = None
        return True

    async def _run(self) -> None:
        with self._deps.changes.watch(self._source.topic) as changed:
            while True:
                changed.clear()
                await self._read_once()
                try:
                    await asyncio.wait_for(changed.wait(), self._source.period_seconds)
                    await asyncio.sleep(GATHER_SECONDS)
                except TimeoutError:
                    continue

    async def _read_once(self) -> None:
        try:
            fresh = await self._source.read()
        except DialerError as failure:
            # the clients keep the view they have, whose age they show; the next period tries again
            log.warning("events.view_not_read", view=self._source.type, failure=type(failure).__name__)
            return
        except Exception as bug:
            log.error(
                "events.view_failed", view=self._source.type, failure=type(bug).__name__, place=place_of(bug)
            )
            return
        if self._last is None or fresh.essence != self._last.essence:
            for client in self._clients:
                client.offer(self._source.type, fresh.json)
        self._last = fresh


class EventHub:
    """The feeds that run now, and how many sockets each person has open."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._feeds: dict[tuple[str, str], Feed] = {}
        self._sockets: dict[str, int] = {}

    def enter(self, session: LiveSession) -> bool:
        """Count a socket in; False where the person has too many already."""
        count = self._sockets.get(session.user_id, 0)
        if count >= SOCKETS_PER_USER_MAX:
            return False
        self._sockets[session.user_id] = count + 1
        return True

    def join(self, client: Client, session: LiveSession) -> tuple[tuple[str, str], ...]:
        """Subscribe to what this role may see; the keys to `leave` with."""
        keys = []
        for owner, source in self._sources(session):
            key = (source.type, owner)
            feed = self._feeds.get(key)
            if feed is None:
                feed = self._feeds[key] = Feed(self._deps, source)
            feed.join(client)
            keys.append(key)
        return tuple(keys)

    def leave(self, client: Client, session: LiveSession, keys: tuple[tuple[str, str], ...]) -> None:
        """Unsubscribe and count the socket out."""
        for key in keys:
            if self._feeds[key].leave(client):
                del self._feeds[key]
        left = self._sockets[session.user_id] - 1
        if left:
            self._sockets[session.user_id] = left
        else:
            del self._sockets[session.user_id]

    def _sources(self, session: LiveSession) -> list[tuple[str, Source]]:
        deps, org, user = self._deps, session.org_id, session.user_id

        async def status() -> Rendered:
            view = await deps.status.view(org)
            return Rendered(_STATUS.dump_json(view), view)

        async def desk() -> Rendered:
            view = await deps.desk.view(user)
            return Rendered(_DESK.dump_json(view), view)

        async def floor() -> Rendered:
            view = await deps.floor.view(org)
            return Rendered(_FLOOR.dump_json(view), dataclasses.replace(view, at=_EPOCH))

        sources = [(str(org), Source("status", StatusChanged(), 5.0, status))]
        if session.role is Role.AGENT:
            sources.append((str(user), Source("desk", DeskChanged(user), 2.0, desk)))
        if session.role is Role.SUPERVISOR:
            sources.append((str(org), Source("floor", FloorChanged(org), 1.0, floor)))
        return sources


HUB: Final = web.AppKey("hub", EventHub)


async def serve(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """Serve one browser until it leaves, its session ends or it reads too slowly."""
    hub, session = call.request.app[HUB], call.who
    if not hub.enter(session):
        return problem_response(Fault.TOO_MANY_SOCKETS)
    client = Client()
    keys = hub.join(client, session)
    ws = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=INCOMING_BYTES_MAX)
    tasks: list[asyncio.Task[None]] = []
    try:
        await ws.prepare(call.request)
        tasks.append(asyncio.create_task(_send_views(ws, client)))
        tasks.append(asyncio.create_task(watch_session(ws, call)))
        async for message in ws:
            if message.type is not WSMsgType.TEXT:
                break
    finally:
        # first what needs no waiting: a handler that is itself cancelled gets no further
        hub.leave(client, session, keys)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return ws


async def _send_views(ws: web.WebSocketResponse, client: Client) -> None:
    seq = 0
    while True:
        type_, json = await client.take()
        seq += 1
        text = f'{{"seq":{seq},"type":"{type_}","data":{json.decode()}}}'
        try:
            await asyncio.wait_for(ws.send_str(text), SEND_SECONDS_MAX)
        except (TimeoutError, ConnectionError):
            await ws.close(code=CLOSE_TOO_SLOW)
            return


async def watch_session(ws: web.WebSocketResponse, call: Call[Nothing, Nothing]) -> None:
    """Close the socket once its session is over. An agent's open desk is use: a call may come at any time."""
    in_use = call.who.role is Role.AGENT
    while True:
        await asyncio.sleep(SESSION_CHECK_SECONDS)
        try:
            live = await call.deps.identity.still_live(call.who, in_use=in_use)
        except DialerError:
            log.warning("events.session_not_read")
            continue
        if not live:
            await ws.close(code=CLOSE_SESSION_ENDED)
            return
