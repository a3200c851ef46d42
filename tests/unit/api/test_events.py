"""`/api/events`: whole views whenever they changed, to those who may see them, for as long as their session lives."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from dialer.api import events
from dialer.api.events import SOCKETS_PER_USER_MAX
from dialer.api.events import Client as Outbox
from dialer.domain.ids import OrganisationId, UserId
from dialer.services.changes import Changes, DeskChanged, FloorChanged
from dialer.services.views.desk import DeskState
from dialer.services.views.live import AgentNow
from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, OTHER, user_of
from tests.unit.api.api_world import NOW, ORIGIN, Browser, Client, Rooms, browser_of

AGENT = UserId(user_of(HOME, Role.AGENT))
SOON = 3.0


@asynccontextmanager
async def opened(browser: Browser, **more: str) -> AsyncIterator[ClientWebSocketResponse]:
    headers = browser.headers(**({"Origin": ORIGIN} | more))
    socket = await browser.client.ws_connect("/api/events", headers=headers)
    try:
        yield socket
    finally:
        await socket.close()


@contextmanager
def faster(name: str, seconds: float) -> Iterator[None]:
    before = getattr(events, name)
    setattr(events, name, seconds)
    try:
        yield
    finally:
        setattr(events, name, before)


async def _next(socket: ClientWebSocketResponse, type_: str) -> dict[str, Any]:
    async with asyncio.timeout(SOON):
        while True:
            message = await socket.receive_json()
            if message["type"] == type_:
                return dict(message)


async def _first_types(socket: ClientWebSocketResponse, count: int) -> set[str]:
    async with asyncio.timeout(SOON):
        return {(await socket.receive_json())["type"] for _ in range(count)}


@pytest.mark.parametrize(
    ("role", "types"),
    [
        (Role.AGENT, {"status", "desk"}),
        (Role.SUPERVISOR, {"status", "floor"}),
        (Role.AUDITOR, {"status"}),
        (Role.ADMINISTRATOR, {"status"}),
    ],
)
async def test_each_role_is_sent_its_own_views_at_once(client: Client, role: Role, types: set[str]) -> None:
    async with opened(await browser_of(client, HOME, role)) as socket:
        assert await _first_types(socket, len(types)) == types


async def test_a_change_is_pushed_as_the_whole_view_without_waiting_for_the_period(
    client: Client, rooms: Rooms
) -> None:
    browser = await browser_of(client, HOME, Role.AGENT)
    async with opened(browser) as socket:
        first = await _next(socket, "desk")
        await browser.ask("POST", "/api/agent/phone")
        await browser.ask("POST", "/api/agent/ready")
        async with asyncio.timeout(1.0):
            second = await _next(socket, "desk")
    assert first["data"]["state"] == "offline"
    assert second["data"]["state"] == "ready"
    assert second["seq"] > first["seq"]
    assert second["data"].keys() == first["data"].keys()


async def test_a_browser_that_comes_back_gets_what_it_missed_by_getting_the_whole_view(
    client: Client, rooms: Rooms
) -> None:
    browser = await browser_of(client, HOME, Role.AGENT)
    async with opened(browser) as socket:
        await _next(socket, "desk")
    await browser.ask("POST", "/api/agent/phone")
    await browser.ask("POST", "/api/agent/ready")
    async with opened(browser) as socket:
        again = await _next(socket, "desk")
    assert again["data"]["state"] == "ready"


async def test_a_floor_is_told_to_its_own_organisation_only(client: Client, rooms: Rooms) -> None:
    home, other = (
        await browser_of(client, HOME, Role.SUPERVISOR),
        await browser_of(client, OTHER, Role.SUPERVISOR),
    )
    async with opened(home) as here, opened(other) as there:
        await _next(here, "floor")
        await _next(there, "floor")
        rooms.live.agents[AGENT] = AgentNow(DeskState.READY, NOW, None, 0, None)
        rooms.changes.touch(FloorChanged(HOME))
        heard = await _next(here, "floor")
        assert heard["data"]["totals"]["ready"] == 1
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.5):
                await _next(there, "floor")


async def test_what_changed_elsewhere_is_found_by_the_feeds_own_period(client: Client, rooms: Rooms) -> None:
    async with opened(await browser_of(client, HOME, Role.SUPERVISOR)) as socket:
        first = await _next(socket, "floor")
        rooms.store.write_now(
            lambda tx: tx.run("UPDATE campaign SET state = 'paused' WHERE org_id = :o", o=HOME)
        )
        second = await _next(socket, "floor")
    assert first["data"]["campaigns"][0]["state"] == "running"
    assert second["data"]["campaigns"][0]["state"] == "paused"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://calls.test.evil.example"])
async def test_a_socket_from_another_site_is_refused_and_ours_is_opened(client: Client, origin: str) -> None:
    browser = await browser_of(client, HOME, Role.AUDITOR)
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(browser, Origin=origin):
            pass
    assert refused.value.status == 403
    async with opened(browser) as socket:
        assert await _first_types(socket, 1) == {"status"}


async def test_a_socket_that_names_no_origin_is_refused(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.AUDITOR)
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/api/events", headers=browser.headers())
    assert refused.value.status == 403


async def test_a_socket_without_a_session_is_refused(client: Client) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(Browser(client)):
            pass
    assert refused.value.status == 401


async def test_a_socket_ends_with_its_session(client: Client, rooms: Rooms) -> None:
    browser = await browser_of(client, HOME, Role.AUDITOR)
    with faster("SESSION_CHECK_SECONDS", 0.05):
        async with opened(browser) as socket:
            await _next(socket, "status")
            await asyncio.sleep(0.2)
            assert not socket.closed
            await browser.ask("DELETE", "/api/session")
            async with asyncio.timeout(SOON):
                while (message := await socket.receive()).type is WSMsgType.TEXT:
                    continue
    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
    assert socket.close_code == events.CLOSE_SESSION_ENDED


async def test_an_open_desk_keeps_an_agents_session_from_going_idle_and_a_wallboard_does_not(
    client: Client, rooms: Rooms
) -> None:
    agent = await browser_of(client, HOME, Role.AGENT)
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    with faster("SESSION_CHECK_SECONDS", 0.05):
        async with opened(agent), opened(auditor):
            for _ in range(3):
                rooms.clock.advance(25 * 60)
                await asyncio.sleep(0.3)
    assert (await agent.ask("GET", "/api/session")).status == 200
    assert (await auditor.ask("GET", "/api/session")).status == 401


async def test_a_person_may_open_only_so_many_sockets_and_closing_one_makes_room(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.AUDITOR)
    sockets = [
        await client.ws_connect("/api/events", headers=browser.headers(Origin=ORIGIN))
        for _ in range(SOCKETS_PER_USER_MAX)
    ]
    with pytest.raises(WSServerHandshakeError) as refused:
        async with opened(browser):
            pass
    await sockets.pop().close()
    await asyncio.sleep(0.1)
    async with opened(browser) as socket:
        assert await _first_types(socket, 1) == {"status"}
    for socket in sockets:
        await socket.close()
    assert refused.value.status == 429


async def test_a_client_that_reads_slowly_holds_one_message_of_each_type_and_the_newest() -> None:
    outbox = Outbox()
    for number in range(1000):
        outbox.offer("desk", str(number).encode())
        outbox.offer("status", b"s")
    taken = [await outbox.take(), await outbox.take()]
    assert dict(taken) == {"desk": b"999", "status": b"s"}
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(outbox.take(), 0.05)


async def test_a_view_that_cant_be_read_leaves_the_socket_open_and_comes_when_it_can(
    client: Client, rooms: Rooms
) -> None:
    async with opened(await browser_of(client, HOME, Role.SUPERVISOR)) as socket:
        await _next(socket, "floor")
        rooms.store.write_now(lambda tx: tx.run("ALTER TABLE campaign_agent RENAME TO gone"))
        rooms.changes.touch(FloorChanged(HOME))
        await asyncio.sleep(0.3)
        rooms.store.write_now(lambda tx: tx.run("ALTER TABLE gone RENAME TO campaign_agent"))
        rooms.store.write_now(lambda tx: tx.run("UPDATE campaign SET state = 'paused'"))
        rooms.changes.touch(FloorChanged(HOME))
        after = await _next(socket, "floor")
    assert after["data"]["campaigns"][0]["state"] == "paused"


async def test_what_a_browser_sends_is_bounded(client: Client) -> None:
    async with opened(await browser_of(client, HOME, Role.AUDITOR)) as socket:
        await socket.send_str(json.dumps({"x": "y" * 5000}))
        async with asyncio.timeout(SOON):
            while (await socket.receive()).type is WSMsgType.TEXT:
                continue
    assert socket.close_code == 1009


async def test_feeds_stop_when_nobody_watches(client: Client, rooms: Rooms) -> None:
    hub = client.server.app[events.HUB]  # type: ignore[attr-defined]
    async with opened(await browser_of(client, HOME, Role.SUPERVISOR)) as socket:
        await _next(socket, "floor")
        during = len(hub._feeds)
    await asyncio.sleep(0.1)
    assert (during, len(hub._feeds), rooms.changes._watchers) == (2, 0, {})


async def test_a_touch_reaches_only_those_who_watch_that_topic() -> None:
    changes, mine, other = Changes(), DeskChanged(AGENT), DeskChanged(UserId("another"))
    with changes.watch(mine) as flag, changes.watch(other) as elsewhere:
        changes.touch(mine, FloorChanged(OrganisationId("o")))
        assert flag.is_set()
        assert not elsewhere.is_set()
