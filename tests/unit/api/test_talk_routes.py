"""Within a talk over HTTP: hold, hand over, listen; whose talk it is, and who may."""

import pytest

from dialer.domain.ids import AttemptId, UserId
from dialer.ports.exchange import Ear
from dialer.services.views.desk import DeskState
from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, OTHER, user_of
from tests.unit.api.api_world import Browser, Client, Rooms, browser_of
from tests.unit.api.test_desk_routes import AGENT, ATTEMPT, _desk_reader, _in_a_call

COLLEAGUE = UserId("colleague-1")


async def listening_supervisor(client: Client) -> Browser:
    """A supervisor whose phone is given."""
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    assert (await browser.ask("POST", "/api/floor/phone")).status == 200
    return browser


async def test_a_callee_is_put_on_hold_once_and_taken_back(client: Client, rooms: Rooms) -> None:
    browser = await _in_a_call(client, rooms)
    held = await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/hold")
    again = await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/hold")
    back = await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/resume")
    assert isinstance(held.json, dict)
    assert held.json["call"]["held_since"] is not None
    assert again.status == 409
    assert isinstance(back.json, dict)
    assert back.json["call"]["held_since"] is None


@pytest.mark.parametrize("verb", ["hold", "resume"])
async def test_nobody_holds_a_talk_that_is_another_s(client: Client, rooms: Rooms, verb: str) -> None:
    browser = await _in_a_call(client, rooms)
    stranger = await browser_of(client, OTHER, Role.AGENT)
    assert (await stranger.ask("POST", f"/api/agent/calls/{ATTEMPT}/{verb}")).status == 404
    assert (await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/hold")).status == 200, "control"


async def test_a_sentence_is_ticked_in_the_own_talk_and_taken_back(client: Client, rooms: Rooms) -> None:
    browser = await _in_a_call(client, rooms)
    shown = await browser.ask("GET", "/api/agent/desk")
    assert isinstance(shown.json, dict)
    part = shown.json["call"]["script"]["parts"][0]
    assert part["said_at"] is None
    path = f"/api/agent/calls/{ATTEMPT}/script"
    stranger = await browser_of(client, OTHER, Role.AGENT)
    said = {"part": part["key"], "tick": "said"}
    assert (await stranger.ask("POST", path, said)).status == 404
    assert (await browser.ask("POST", path, {"part": "no-such-part", "tick": "said"})).status == 409
    ticked = await browser.ask("POST", path, said)
    back = await browser.ask("POST", path, {**said, "tick": "taken_back"})
    assert isinstance(ticked.json, dict)
    assert ticked.json["call"]["script"]["parts"][0]["said_at"] is not None
    assert isinstance(back.json, dict)
    assert back.json["call"]["script"]["parts"][0]["said_at"] is None


async def test_a_talk_goes_to_a_ready_colleague_and_to_nobody_else(client: Client, rooms: Rooms) -> None:
    rooms.talks.agents[HOME] = (AGENT, COLLEAGUE)
    browser = await _in_a_call(client, rooms)
    stranger = {"to": user_of(OTHER, Role.AGENT)}
    assert (await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/transfer", stranger)).status == 409
    assert (
        await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/transfer", {"to": COLLEAGUE})
    ).status == 409
    await rooms.desk.phone(COLLEAGUE, "session")
    await rooms.desk.ready(COLLEAGUE)
    able = await browser.ask("GET", f"/api/agent/calls/{ATTEMPT}/colleagues")
    assert isinstance(able.json, dict)
    assert [c["id"] for c in able.json["items"]] == [COLLEAGUE]
    done = await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/transfer", {"to": COLLEAGUE})
    assert isinstance(done.json, dict)
    assert (done.json["state"], done.json["call"]) == ("ready", None)
    assert (await rooms.desk.view(COLLEAGUE)).state is DeskState.TALKING


@pytest.mark.parametrize("ear", list(Ear))
async def test_a_supervisor_with_a_phone_is_in_a_talk_of_their_own_organisation_and_leaves_it(
    client: Client, rooms: Rooms, ear: Ear
) -> None:
    call = await _desk_reader(rooms).call(AGENT, AttemptId(ATTEMPT))
    assert call is not None
    without_phone = await browser_of(client, HOME, Role.SUPERVISOR)
    wanted = {"ear": str(ear)}
    await rooms.desk.phone(AGENT, "session")
    await rooms.desk.ready(AGENT)
    refused = await without_phone.ask("POST", f"/api/floor/agents/{AGENT}/listen", wanted)
    assert (refused.status, refused.code) == (409, "listening.no_phone")
    supervisor = await listening_supervisor(client)
    assert (await supervisor.ask("POST", f"/api/floor/agents/{AGENT}/listen", wanted)).status == 409
    rooms.desk.ring(AGENT, call)
    heard = await supervisor.ask("POST", f"/api/floor/agents/{AGENT}/listen", wanted)
    assert isinstance(heard.json, dict)
    assert (heard.json["agent_id"], heard.json["ear"]) == (AGENT, str(ear))
    other = user_of(OTHER, Role.AGENT)
    assert (await supervisor.ask("POST", f"/api/floor/agents/{other}/listen", wanted)).status == 404
    assert (await supervisor.ask("DELETE", "/api/floor/listening")).status == 204
    assert rooms.listening.heard == {}


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
async def test_nobody_but_a_supervisor_listens(client: Client, rooms: Rooms, role: Role) -> None:
    del rooms
    browser = await browser_of(client, HOME, role)
    answer = await browser.ask("POST", f"/api/floor/agents/{AGENT}/listen", {"ear": "quiet"})
    assert answer.status == 403


async def test_a_supervisor_who_logs_out_has_no_phone_and_listens_no_more(
    client: Client, rooms: Rooms
) -> None:
    supervisor = await listening_supervisor(client)
    call = await _desk_reader(rooms).call(AGENT, AttemptId(ATTEMPT))
    assert call is not None
    await rooms.desk.phone(AGENT, "session")
    await rooms.desk.ready(AGENT)
    rooms.desk.ring(AGENT, call)
    assert (await supervisor.ask("POST", f"/api/floor/agents/{AGENT}/listen", {"ear": "quiet"})).status == 200
    assert (await supervisor.ask("DELETE", "/api/session")).status == 204
    assert rooms.listening.heard == {}
