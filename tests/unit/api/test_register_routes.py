"""Registers over HTTP: typed fields, two editors, and nobody verifies what they registered themselves."""

import json

import pytest

from dialer.services.views.register_words import field_words
from dialer.services.views.registers import RegisterKind, Shape
from dialer.services.views.session import Role
from dialer.storage.consent_registers import field_names
from dialer.storage.register_desk import described
from tests.unit.api.api_seed import HOME, OTHER, user_of
from tests.unit.api.api_world import Answer, Browser, Client, Rooms, browser_of

ORGANISATION = f"/api/registers/organisation/{HOME}"


def _field(answer: Answer, name: str) -> dict[str, object]:
    assert isinstance(answer.json, dict), answer.body
    return next(f for f in answer.json["fields"] if f["name"] == name)


@pytest.mark.parametrize("kind", RegisterKind)
def test_every_field_and_every_value_has_words_in_both_languages(kind: RegisterKind) -> None:
    for name in field_names(kind):
        field = described(kind, name, None)
        assert field.words == field_words(name)
        assert (field.shape is Shape.GROUP) == bool(field.inner)
        for choice in (*field.choices, *(c for inner in field.inner for c in inner.choices)):
            assert choice.sentence.zh != choice.sentence.en


def test_a_closed_list_offers_every_value() -> None:
    field = described(RegisterKind.CALLER_NUMBER, "filed_purposes", None)
    assert field.shape is Shape.CHOICES
    assert [c.code for c in field.choices] == ["callback", "info_consult", "marketing"]


async def test_a_fact_is_filed_with_its_leaf_and_read_back(client: Client, rooms: Rooms) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    before = await administrator.ask("GET", ORGANISATION)
    assert _field(before, "business_scope")["value"] is None
    size = rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size)
    body = {"value": json.dumps("软件开发", ensure_ascii=False), "was": None}
    after = await administrator.ask("PUT", f"{ORGANISATION}/business_scope", body)
    assert _field(after, "business_scope")["value"] == '"软件开发"'
    grown = rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size)
    assert grown == size + 1


async def test_the_second_of_two_editors_is_told_to_look_first(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    first = {"value": '"one"', "was": None}
    assert (await administrator.ask("PUT", f"{ORGANISATION}/business_scope", first)).status == 200
    late = await administrator.ask("PUT", f"{ORGANISATION}/business_scope", {"value": '"two"', "was": None})
    assert (late.status, late.code) == (409, "register.changed")
    informed = {"value": '"two"', "was": '"one"'}
    assert (await administrator.ask("PUT", f"{ORGANISATION}/business_scope", informed)).status == 200


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("standing", '"splendid"', "register.bad_value"),
        ("standing", "not json", "register.bad_value"),
        ("packs", '["cn"]', "register.no_such_field"),
    ],
)
async def test_what_is_no_value_of_the_field_is_declined(
    client: Client, field: str, value: str, code: str
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    refused = await administrator.ask("PUT", f"{ORGANISATION}/{field}", {"value": value, "was": None})
    assert (refused.status, refused.code) == (409, code)


async def test_a_register_of_another_organisation_is_not_there(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    entries = {
        "organisation": "{org}",
        "caller-number": "cid-{org}",
        "source": "source-{org}",
        "script": "script-{org}",
        "campaign": "campaign-{org}",
        "agent": "agent-{org}",
    }
    for kind, entry in entries.items():
        mine = await administrator.ask("GET", f"/api/registers/{kind}")
        assert HOME in mine.body.decode()
        assert OTHER not in mine.body.decode()
        own = f"/api/registers/{kind}/{entry.format(org=HOME)}"
        foreign = f"/api/registers/{kind}/{entry.format(org=OTHER)}"
        assert (await administrator.ask("GET", own)).status == 200
        assert (await administrator.ask("GET", foreign)).status == 404
        field = field_names(kind)[0]
        changed = await administrator.ask("PUT", f"{foreign}/{field}", {"value": "null", "was": None})
        assert changed.status == 404


async def test_only_administrators_file_and_the_platforms_own_register_is_not_on_the_web(
    client: Client,
) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    assert (await supervisor.ask("GET", ORGANISATION)).status == 200
    body = {"value": '"x"', "was": None}
    assert (await supervisor.ask("PUT", f"{ORGANISATION}/business_scope", body)).status == 403
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    assert (await administrator.ask("GET", "/api/registers/platform")).status == 404


async def test_a_source_is_verified_by_somebody_else_and_held_by_anybody_who_checks(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    source = {"id": "site-2", "kind": "filed_site", "name": "www.example.com"}
    made = await administrator.ask("POST", "/api/sources", source)
    assert isinstance(made.json, dict)
    assert made.json["entry"]["state"]["code"] == "unverified"
    check = {"filing": "ICP-1", "checked_on": "2020-01-02"}
    own = await administrator.ask("POST", "/api/sources/site-2/verify", check)
    assert own.code == "register.own_act"
    to_come = await auditor.ask("POST", "/api/sources/site-2/verify", check | {"checked_on": "2999-01-01"})
    assert to_come.code == "source.check_to_come"
    done = await auditor.ask("POST", "/api/sources/site-2/verify", check)
    assert isinstance(done.json, dict), done.body
    assert done.json["entry"]["state"]["code"] == "verified"
    held = await auditor.ask("POST", "/api/sources/site-2/hold", {"why": "complaints came in"})
    assert isinstance(held.json, dict)
    assert held.json["entry"]["state"]["code"] == "held"


async def _file(browser: Browser, agent: str, field: str, value: str, was: str | None) -> Answer:
    return await browser.ask("PUT", f"/api/registers/agent/{agent}/{field}", {"value": value, "was": was})


async def test_skills_are_filed_and_read_back(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    agent = user_of(HOME, Role.AGENT)
    await _file(administrator, agent, "languages", '["zh", "en"]', None)
    done = await _file(administrator, agent, "purposes", '["callback"]', None)
    assert _field(done, "purposes")["value"] == '["callback"]'
    wrong = await _file(administrator, agent, "purposes", '["anything"]', '["callback"]')
    assert (wrong.status, wrong.code) == (409, "register.bad_value")
    foreign = await _file(administrator, user_of(OTHER, Role.AGENT), "languages", '["zh"]', None)
    assert foreign.status == 404


async def test_what_lifts_a_stop_waits_for_another_person_of_the_same_organisation(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    agent = user_of(HOME, Role.AGENT)
    await _file(administrator, agent, "conduct", '"suspended"', None)
    proposed = await _file(administrator, agent, "conduct", '"clear"', '"suspended"')
    assert _field(proposed, "conduct")["value"] == '"suspended"'
    assert isinstance(proposed.json, dict)
    assert proposed.json["waiting"] == ["conduct"]
    mine = (await administrator.ask("GET", "/api/register-changes")).json
    assert isinstance(mine, dict)
    (change,) = mine["items"]
    assert (change["value"], change["own"]) == ('"clear"', True)
    path = f"/api/register-changes/{change['id']}"
    assert (await administrator.ask("POST", f"{path}/approve")).code == "register.own_proposal"
    stranger = await browser_of(client, OTHER, Role.AUDITOR)
    assert (await stranger.ask("GET", "/api/register-changes")).json == {"items": []}
    assert (await stranger.ask("POST", f"{path}/approve")).status == 409
    assert (await auditor.ask("POST", f"{path}/approve")).json == {"items": []}
    after = await auditor.ask("GET", f"/api/registers/agent/{agent}")
    assert _field(after, "conduct")["value"] == '"clear"'


async def test_a_proposal_can_be_dropped(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    agent = user_of(HOME, Role.AGENT)
    await _file(administrator, agent, "conduct", '"suspended"', None)
    await _file(administrator, agent, "conduct", '"clear"', '"suspended"')
    waits = (await administrator.ask("GET", "/api/register-changes")).json
    assert isinstance(waits, dict)
    dropped = await administrator.ask("POST", f"/api/register-changes/{waits['items'][0]['id']}/reject")
    assert dropped.json == {"items": []}
