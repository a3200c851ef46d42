"""Campaigns over HTTP: two editors, a business that is reviewed anew, and a pre-flight without which none starts."""

import json
from dataclasses import dataclass, replace

from dialer.domain.ids import CampaignId, OrganisationId
from dialer.rules.shipped import shipped_packs
from dialer.services.campaign_control import CampaignSwitch
from dialer.services.campaign_desk import NOBODY, CampaignDesk
from dialer.services.views.listed import CountsView, ListView
from dialer.services.views.session import Role
from dialer.services.views.words import Declined, Named, Sentence
from dialer.storage.campaign_desk import StoredCampaignDesk
from dialer.storage.control import StoredCampaignStates
from tests.unit.api.api_seed import HOME, OTHER, keyring, log_writer, user_of
from tests.unit.api.api_world import NOW, Browser, Client, Rooms, browser_of

FORM = {
    "name_zh": "续费回访",
    "name_en": "Renewal callbacks",
    "purpose": "info_consult",
    "purpose_text": "回复续费咨询",
    "declared_business": "企业软件售后回访",
    "industry": "general",
    "script": f"script-{HOME}",
    "caller_ids": [f"cid-{HOME}"],
    "agents": [user_of(HOME, Role.AGENT)],
    "mode": "progressive",
    "abandon_cap_ppm": 10_000,
    "owner": "head of service",
}
REVIEW = {"state": "approved", "reference": "review-1", "modes": [], "rows": []}


def _file_script(rooms: Rooms) -> None:
    register = json.dumps({"purpose": "info_consult", "filed_sha256": "0" * 64})
    rooms.store.write_now(lambda tx: tx.run("UPDATE script SET register_json = :r", r=register))


async def _made(client: Client, rooms: Rooms) -> tuple[Browser, dict[str, object]]:
    _file_script(rooms)
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    made = await supervisor.ask("POST", "/api/campaigns", FORM)
    assert isinstance(made.json, dict), made.body
    return supervisor, made.json


def _saved(version: int, **more: object) -> dict[str, object]:
    return FORM | {"version": version} | more


async def test_a_new_campaign_waits_for_its_number_review_and_its_approval_makes_it_ready(
    client: Client, rooms: Rooms
) -> None:
    supervisor, made = await _made(client, rooms)
    assert (made["state"], made["version"], made["review"]) == ("pending_number_review", 1, None)
    path = f"/api/registers/campaign/{made['id']}/number_review"
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    await administrator.ask("PUT", path, {"value": json.dumps(REVIEW), "was": None})
    waits = (await supervisor.ask("GET", "/api/register-changes")).json
    assert isinstance(waits, dict)
    (change,) = waits["items"]
    before = (await supervisor.ask("GET", f"/api/campaigns/{made['id']}")).json
    assert isinstance(before, dict)
    assert before["state"] == "pending_number_review"
    await supervisor.ask("POST", f"/api/register-changes/{change['id']}/approve")
    after = (await supervisor.ask("GET", f"/api/campaigns/{made['id']}")).json
    assert isinstance(after, dict)
    assert (after["state"], after["review"]["code"]) == ("ready", "approved")


async def test_the_second_of_two_editors_loses_nothing_and_is_told(client: Client, rooms: Rooms) -> None:
    supervisor, made = await _made(client, rooms)
    path = f"/api/campaigns/{made['id']}"
    first = await supervisor.ask("PUT", path, _saved(1, name_zh="甲"))
    late = await supervisor.ask("PUT", path, _saved(1, name_zh="乙"))
    assert (late.status, late.code) == (409, "campaign.edited_meanwhile")
    assert isinstance(first.json, dict)
    assert first.json["version"] == 2
    again = await supervisor.ask("PUT", path, _saved(2, name_zh="乙"))
    assert isinstance(again.json, dict)
    assert (again.json["version"], again.json["form"]["name"]["zh"]) == (3, "乙")


async def test_a_running_campaign_is_not_changed_under_its_calls(client: Client, rooms: Rooms) -> None:
    supervisor, made = await _made(client, rooms)
    rooms.store.write_now(lambda tx: tx.run("UPDATE campaign SET state = 'running'"))
    refused = await supervisor.ask("PUT", f"/api/campaigns/{made['id']}", _saved(1))
    assert (refused.status, refused.code) == (409, "campaign.pause_first")


async def test_sources_and_hours_of_a_campaign_come_back_as_they_were_chosen(
    client: Client, rooms: Rooms
) -> None:
    supervisor, made = await _made(client, rooms)
    form = made["form"]
    assert isinstance(form, dict)
    assert (form["sources"], form["hours"]) == ([], None), "none chosen: all sources, the law's own hours"
    path = f"/api/campaigns/{made['id']}"
    chosen = {"sources": [f"source-{HOME}"], "hours": {"opens": "10:00", "closes": "17:30"}}
    saved = (await supervisor.ask("PUT", path, _saved(1, **chosen))).json
    assert isinstance(saved, dict)
    assert {name: saved["form"][name] for name in chosen} == chosen
    backwards = {"hours": {"opens": "17:30", "closes": "10:00"}}
    for wrong in (backwards, {"hours": {"opens": "9", "closes": "17:00"}}, {"hours": {"opens": "09:00"}}):
        assert (await supervisor.ask("PUT", path, _saved(2, **wrong))).status == 422, wrong
    offered = (await supervisor.ask("GET", "/api/campaign-choices")).json
    assert isinstance(offered, dict)
    assert [(s["id"], s["note"]) for s in offered["sources"]] == [(f"source-{HOME}", None)]
    (china,) = [hours for hours in offered["hours"] if hours["country"] == "CN"]
    assert china["weekday"] == {"opens": "09:00", "closes": "21:00"}


async def test_another_business_is_reviewed_anew_and_another_name_is_not(
    client: Client, rooms: Rooms
) -> None:
    supervisor, made = await _made(client, rooms)
    register = json.dumps({"declared_business": FORM["declared_business"], "number_review": REVIEW})
    rooms.store.write_now(
        lambda tx: tx.run(
            "UPDATE campaign SET state = 'ready', register_json = :r WHERE id = :id",
            r=register,
            id=made["id"],
        )
    )
    path = f"/api/campaigns/{made['id']}"
    renamed = (await supervisor.ask("PUT", path, _saved(1, name_zh="新名"))).json
    assert isinstance(renamed, dict)
    assert renamed["state"] == "ready"
    other = (await supervisor.ask("PUT", path, _saved(2, declared_business="教育培训"))).json
    assert isinstance(other, dict)
    assert (other["state"], other["review"]) == ("pending_number_review", None)


async def test_what_is_another_organisations_can_be_neither_chosen_nor_seen(
    client: Client, rooms: Rooms
) -> None:
    supervisor, made = await _made(client, rooms)
    for theirs in (
        {"script": f"script-{OTHER}"},
        {"caller_ids": [f"cid-{OTHER}"]},
        {"agents": [user_of(OTHER, Role.AGENT)]},
        {"sources": [f"source-{OTHER}"]},
    ):
        refused = await supervisor.ask("POST", "/api/campaigns", FORM | theirs)
        assert (refused.status, refused.code) == (409, "campaign.not_yours"), theirs
    stranger = await browser_of(client, OTHER, Role.SUPERVISOR)
    path = f"/api/campaigns/{made['id']}"
    assert (await stranger.ask("GET", path)).status == 404
    assert (await stranger.ask("PUT", path, _saved(1))).status == 404
    assert (await stranger.ask("POST", f"{path}/preflight")).status == 404
    listed = await stranger.ask("GET", "/api/campaigns")
    assert str(made["id"]) not in listed.body.decode()
    offered = await stranger.ask("GET", "/api/campaign-choices")
    assert HOME not in offered.body.decode()


async def test_a_pre_flight_judges_as_if_the_campaign_ran_and_says_why_it_may_not_start(
    client: Client, rooms: Rooms
) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    rooms.store.write_now(lambda tx: tx.run("UPDATE campaign SET state = 'paused'"))
    found = (await supervisor.ask("POST", f"/api/campaigns/campaign-{HOME}/preflight")).json
    assert isinstance(found, dict)
    counts = found["list"]["counts"]
    codes = {reason["code"] for reason in counts["reasons"]}
    assert found["list"]["leads"] == counts["never"] == 1
    assert "UNKNOWN_CAMPAIGN_NUMBER_REVIEW" in codes
    assert "CAMPAIGN_NOT_RUNNING" not in codes
    assert "无一可拨" in found["why_not"]["zh"]
    asked = await supervisor.ask("POST", "/api/explain/list", {"campaign": f"campaign-{HOME}"})
    assert "CAMPAIGN_NOT_RUNNING" in asked.body.decode()


@dataclass
class Found:
    """A list of one lead that could be called now, later, or never."""

    counts: CountsView

    async def as_if_started(self, org: OrganisationId, campaign: CampaignId) -> ListView | Declined | None:
        del org
        named = Named(campaign, Sentence("一", "one"))
        return ListView(named, NOW, 1, self.counts, None)


async def test_a_campaign_starts_when_one_lead_can_be_called_and_not_when_none_can(rooms: Rooms) -> None:
    never = CountsView(now=0, today=0, later=0, never=1, reasons=())
    user, campaign = user_of(HOME, Role.SUPERVISOR), CampaignId(f"campaign-{HOME}")
    log = log_writer(keyring())
    rooms.store.write_now(lambda tx: tx.run("UPDATE campaign SET state = 'ready'"))

    async def start(counts: CountsView) -> object:
        desk = CampaignDesk(
            StoredCampaignDesk(rooms.store, log, shipped_packs()), Found(counts), rooms.changes
        )
        switch = CampaignSwitch(StoredCampaignStates(rooms.store, log), desk, rooms.deps.floor, rooms.changes)
        return await switch.start(HOME, user, campaign)  # type: ignore[arg-type]

    refused = await start(never)
    assert isinstance(refused, Declined)
    assert refused.code == NOBODY
    started = await start(replace(never, never=0, later=1))
    assert not isinstance(started, Declined)
    state = rooms.store.read_now(lambda tx: tx.sole("SELECT state FROM campaign WHERE id = :i", i=campaign))
    assert state.state == "running"
