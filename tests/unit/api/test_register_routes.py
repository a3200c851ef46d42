"""Registers over the API: one person files, another approves, nobody reaches another organisation's."""

from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, OTHER, user_of
from tests.unit.api.api_world import Client, browser_of

AGENT = user_of(HOME, Role.AGENT)


async def test_skills_are_set_and_shown(client: Client) -> None:
    admin = await browser_of(client, HOME, Role.ADMINISTRATOR)
    path = f"/api/registers/agent/{AGENT}"
    for field, value in (("languages", '["zh", "en"]'), ("purposes", '["callback"]')):
        done = await admin.ask("POST", path, {"field": field, "value": value})
        assert (done.status, done.json) == (200, {"change": None})
    shown = await admin.ask("GET", "/api/registers/agent")
    (entry,) = shown.json["entries"]
    fields = {f["name"]: f["value"] for f in entry["fields"]}
    assert entry["id"] == AGENT
    assert fields["purposes"] == '["callback"]'
    assert sorted(fields) == ["conduct", "languages", "purposes", "quiz_passed_at"]
    assert fields["quiz_passed_at"] is None
    wrong = await admin.ask("POST", path, {"field": "purposes", "value": '["anything"]'})
    assert (wrong.status, wrong.code) == (409, "register.bad_value")


async def test_what_lifts_a_stop_waits_for_another_person(client: Client) -> None:
    admin = await browser_of(client, HOME, Role.ADMINISTRATOR)
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    path = f"/api/registers/agent/{AGENT}"
    await admin.ask("POST", path, {"field": "conduct", "value": '"suspended"'})
    proposed = await admin.ask("POST", path, {"field": "conduct", "value": '"clear"'})
    change = proposed.json["change"]
    assert change
    own = await admin.ask("POST", f"/api/register-changes/{change}/approve")
    assert (own.status, own.code) == (409, "register.own_proposal")
    waits = await auditor.ask("GET", "/api/register-changes")
    assert [c["id"] for c in waits.json["items"]] == [change]
    stranger = await browser_of(client, OTHER, Role.AUDITOR)
    assert (await stranger.ask("GET", "/api/register-changes")).json == {"items": []}
    assert (await stranger.ask("POST", f"/api/register-changes/{change}/approve")).status == 409
    done = await auditor.ask("POST", f"/api/register-changes/{change}/approve")
    assert (done.status, done.json) == (200, {"items": []})


async def test_a_proposal_can_be_dropped(client: Client) -> None:
    admin = await browser_of(client, HOME, Role.ADMINISTRATOR)
    path = f"/api/registers/agent/{AGENT}"
    await admin.ask("POST", path, {"field": "conduct", "value": '"suspended"'})
    change = (await admin.ask("POST", path, {"field": "conduct", "value": '"clear"'})).json["change"]
    dropped = await admin.ask("POST", f"/api/register-changes/{change}/reject")
    assert dropped.json == {"items": []}
    shown = (await admin.ask("GET", "/api/registers/agent")).json["entries"][0]["fields"]
    assert {"name": "conduct", "value": '"suspended"'} in shown


async def test_the_platforms_register_and_another_organisations_entries_are_not_there(client: Client) -> None:
    admin = await browser_of(client, HOME, Role.ADMINISTRATOR)
    assert (await admin.ask("GET", "/api/registers/platform")).status == 404
    foreign = f"/api/registers/agent/{user_of(OTHER, Role.AGENT)}"
    answer = await admin.ask("POST", foreign, {"field": "languages", "value": '["zh"]'})
    assert (answer.status, answer.code) == (409, "register.not_there")


async def test_a_new_source_is_listed_unverified(client: Client) -> None:
    admin = await browser_of(client, HOME, Role.ADMINISTRATOR)
    said = {"id": "source-new", "kind": "filed_site", "name": "www.example.com"}
    added = await admin.ask("POST", "/api/sources", said)
    assert "source-new" in [e["id"] for e in added.json["entries"]]
    again = await admin.ask("POST", "/api/sources", said)
    assert (again.status, again.code) == (409, "register.taken")
