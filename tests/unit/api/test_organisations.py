"""The platform's operator takes organisations in and holds them back; nobody else does, and nobody sees another's."""

import json

import pytest

from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, NASTY, OTHER
from tests.unit.api.api_world import Answer, Browser, Client, Rooms, browser_of

NEW = {
    "name_zh": "新机构有限公司",
    "name_en": "New Organisation Ltd",
    "uscc": "91000000000000001X",
    "country": "CN",
    "login": "chief@new",
    "name": "Chief",
}
CHOSEN = "two herons on a wire"
WHY = {"why": "complaints came in"}


def operate(rooms: Rooms) -> None:
    """The first of the two organisations operates the platform."""
    rooms.store.write_now(
        lambda tx: tx.run("INSERT INTO setting (name, value) VALUES ('operator', :org)", org=HOME)
    )


@pytest.fixture(autouse=True)
def operator(rooms: Rooms) -> None:
    """In each story of this file."""
    operate(rooms)


def _listed(answer: Answer) -> dict[str, dict[str, object]]:
    assert isinstance(answer.json, dict), answer.body
    return {str(one["id"]): one for one in answer.json["items"]}


def _leaves(rooms: Rooms) -> int:
    return int(rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size))


async def _new_administrator(client: Client, operator: Browser) -> tuple[str, Browser]:
    made = await operator.ask("POST", "/api/organisations", NEW)
    assert isinstance(made.json, dict), made.body
    link = {"token": made.json["administrator"]["token"], "password": CHOSEN}
    assert (await Browser(client).ask("POST", "/api/welcome/password", link)).status == 200
    browser = Browser(client)
    assert (await browser.log_in("chief@new", CHOSEN)).status == 200
    return str(made.json["organisation"]["id"]), browser


@pytest.mark.rule("B1")
async def test_nobody_but_the_operators_administrators_sees_or_changes_organisations(
    client: Client, rooms: Rooms
) -> None:
    before = _leaves(rooms)
    others = [(HOME, role) for role in Role if role is not Role.ADMINISTRATOR]
    for org, role in (*others, (OTHER, Role.ADMINISTRATOR)):
        browser = await browser_of(client, org, role)
        for method, path, body in (
            ("GET", "/api/organisations", None),
            ("POST", "/api/organisations", NEW),
            ("POST", f"/api/organisations/{HOME}/suspend", WHY),
            ("POST", f"/api/organisations/{OTHER}/resume", WHY),
        ):
            answer = await browser.ask(method, path, body)
            assert (answer.status, answer.code) == (403, "role.forbidden"), (org, role, path)
    assert _leaves(rooms) == before
    operator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    assert set(_listed(await operator.ask("GET", "/api/organisations"))) == {HOME, OTHER}


async def test_the_console_learns_who_operates_the_platform(client: Client) -> None:
    told = {}
    for org, role in ((HOME, Role.ADMINISTRATOR), (HOME, Role.SUPERVISOR), (OTHER, Role.ADMINISTRATOR)):
        session = (await (await browser_of(client, org, role)).ask("GET", "/api/session")).json
        assert isinstance(session, dict)
        told[org, role] = session["operates_platform"]
    assert list(told.values()) == [True, False, False]


@pytest.mark.rule("B1")
async def test_a_new_organisation_has_its_own_administrator_and_sees_nothing_of_the_others(
    client: Client, rooms: Rooms
) -> None:
    operator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    org, administrator = await _new_administrator(client, operator)
    for path in ("people", "registers/organisation", "webhooks", "stops", "pause-codes", "scripts"):
        seen = json.dumps((await administrator.ask("GET", f"/api/{path}")).json)
        assert HOME not in seen, path
        assert OTHER not in seen, path
    people = await administrator.ask("GET", "/api/people")
    assert isinstance(people.json, dict)
    assert [one["login"] for one in people.json["items"]] == ["chief@new"]
    invited = {"login": "ag.1", "name": "Ag", "role": "supervisor"}
    assert (await administrator.ask("POST", "/api/people", invited)).status == 200
    codes = await administrator.ask("GET", "/api/pause-codes")
    assert isinstance(codes.json, dict)
    assert len(codes.json["items"]) == 4
    listed = _listed(await operator.ask("GET", "/api/organisations"))
    assert (listed[org]["people"], listed[org]["operates"]) == (2, False)
    home = await operator.ask("GET", "/api/people")
    assert "chief@new" not in json.dumps(home.json)


async def test_a_number_of_the_company_register_and_a_login_are_taken_once_and_half_a_thing_is_not_made(
    client: Client, rooms: Rooms
) -> None:
    operator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    assert (await operator.ask("POST", "/api/organisations", NEW)).status == 200
    again = await operator.ask("POST", "/api/organisations", NEW | {"login": "other"})
    login = await operator.ask("POST", "/api/organisations", NEW | {"uscc": "91-2"})
    assert (again.status, again.code) == (409, "organisations.registered_already")
    assert (login.status, login.code) == (409, "people.login_taken")
    assert len(_listed(await operator.ask("GET", "/api/organisations"))) == 3
    nasty = await operator.ask("POST", "/api/organisations", NEW | {"uscc": NASTY, "login": "x.y"})
    assert nasty.status == 422


async def test_a_suspended_organisation_sees_why_and_cannot_lift_it(client: Client) -> None:
    operator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    foreign = await browser_of(client, OTHER, Role.ADMINISTRATOR)
    suspended = await operator.ask("POST", f"/api/organisations/{OTHER}/suspend", WHY)
    assert _listed(suspended)[OTHER]["suspended_at"] is not None
    stops = await foreign.ask("GET", "/api/stops")
    assert isinstance(stops.json, dict)
    (stop,) = stops.json["items"]
    assert (stop["code"], stop["platform_wide"]) == ("organisation.suspended", False)
    lift = await foreign.ask("POST", f"/api/stops/{stop['id']}/lift", {"reason": "we want to dial"})
    assert (lift.status, lift.code) == (409, "stop.operators")
    assert (await operator.ask("GET", "/api/stops")).json == {"items": []}
    resumed = await operator.ask("POST", f"/api/organisations/{OTHER}/resume", WHY)
    assert _listed(resumed)[OTHER]["suspended_at"] is None
    past = await foreign.ask("GET", "/api/stops/past")
    assert isinstance(past.json, dict)
    assert [one["id"] for one in past.json["items"]] == [stop["id"]]
    assert (await operator.ask("GET", "/api/stops/past")).json == {"items": []}


async def test_an_act_on_what_is_not_so_is_declined(client: Client, rooms: Rooms) -> None:
    operator = await browser_of(client, HOME, Role.ADMINISTRATOR)

    async def act(org: str, verb: str) -> tuple[int, object]:
        answer = await operator.ask("POST", f"/api/organisations/{org}/{verb}", WHY)
        return answer.status, answer.code if answer.status != 200 else None

    assert await act(HOME, "suspend") == (409, "organisations.own")
    assert await act("org-nowhere", "suspend") == (404, "not.found")
    assert await act(OTHER, "resume") == (409, "organisations.not_suspended")
    assert await act(OTHER, "suspend") == (200, None)
    assert await act(OTHER, "suspend") == (409, "organisations.suspended_already")
