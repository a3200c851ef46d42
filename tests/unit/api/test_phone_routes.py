"""A phone is told through which servers its audio may go, with a credential that ends and names nobody."""

import base64
import hmac
from dataclasses import replace
from datetime import timedelta

from aiohttp.test_utils import TestClient, TestServer

from dialer.api.app import build_app
from dialer.services.ice import IceServers, TurnAccess
from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME
from tests.unit.api.api_world import NOW, Client, Rooms, browser_of

SECRET = b"shared"
TURN = ("turn:turn.example:3478?transport=udp", "turns:turn.example:5349")


async def test_agents_and_listening_supervisors_get_a_credential_of_their_own_session(rooms: Rooms) -> None:
    ice = IceServers(("stun:turn.example",), TurnAccess(TURN, SECRET, timedelta(hours=12)), lambda: NOW)
    client: Client = TestClient(TestServer(build_app(replace(rooms.deps, ice=ice))))
    await client.start_server()
    seen = []
    for role, path in ((Role.AGENT, "/api/agent/phone"), (Role.SUPERVISOR, "/api/floor/phone")):
        answer = await (await browser_of(client, HOME, role)).ask("POST", path)
        assert answer.status == 200, answer.body
        assert isinstance(answer.json, dict)
        stun, turn = answer.json["ice_servers"]
        assert stun == {"urls": ["stun:turn.example"], "username": None, "credential": None}
        assert turn["urls"] == list(TURN)
        until, name = turn["username"].split(":")
        assert int(until) == int((NOW + timedelta(hours=12)).timestamp())
        assert HOME not in name
        right = base64.b64encode(hmac.new(SECRET, turn["username"].encode(), "sha1").digest()).decode()
        assert turn["credential"] == right
        assert SECRET not in answer.body
        seen.append(name)
    await client.close()
    assert len(set(seen)) == 2


async def test_without_such_servers_nothing_is_said(client: Client) -> None:
    answer = await (await browser_of(client, HOME, Role.AGENT)).ask("POST", "/api/agent/phone")
    assert isinstance(answer.json, dict)
    assert answer.json["ice_servers"] == []
