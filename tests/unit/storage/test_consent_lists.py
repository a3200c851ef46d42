"""A whole list explained: the counts are those of single explanations, also under other packs and campaigns."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dialer import rules
from dialer.compliance.explain import When, as_of, explain
from dialer.compliance.outcome import Refusal
from dialer.demo.sample_organisation import CAMPAIGN, DEMO_INSTANT, ORG
from dialer.domain.ids import CampaignId, LeadId, OrganisationId
from dialer.rules.change import without_rules
from dialer.rules.shipped import shipped_packs
from dialer.services.views.decision import DecisionOutcome, ExplainView
from dialer.services.views.listed import ListView
from dialer.services.views.words import Declined
from dialer.storage import explain_list
from dialer.storage.explain import Explain
from dialer.storage.explain_list import TOO_LONG, Change, ExplainList
from dialer.storage.times import moment
from tests.unit.storage.storage_world import World, fresh_sqlite, number_of

HOME = OrganisationId(ORG)
CALLBACKS = CampaignId(CAMPAIGN)
NOTHING = Change(None, None)
PACK = Path(str(rules.__file__)).parent / "packs" / "cn.toml"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def _lists(world: World, leads_max: int = 1_000) -> ExplainList:
    return ExplainList(world.store, world.keys, world.facts, shipped_packs(), leads_max)


async def _view(world: World, change: Change = NOTHING) -> ListView:
    view = await _lists(world).what_if(HOME, CALLBACKS, DEMO_INSTANT, change)
    assert isinstance(view, ListView)
    return view


async def _mixed(world: World) -> None:
    """Fifteen leads: dialable, refused, promised for later, without proof, called, talked to, with an open request, done."""
    leads = await world.leads(range(15))
    permit = await world.permit(leads[13])
    world.run(
        "UPDATE attempt SET state = 'sealed', connected_us = authorised_us, outcome = 'talked', ended_us = authorised_us"
        " WHERE id = :id",
        id=permit.attempt_id,
    )
    world.run("UPDATE lead SET state = 'queued', due_us = 0 WHERE id = :id", id=leads[13])
    world.run(
        "INSERT INTO subject_case (id, org_id, sid, kind, state, opened_us, opened_by, due_us, leaf_seq)"
        " SELECT 'case-1', org_id, sid, 'delete', 'open', :at, 'somebody', :at, 0 FROM lead WHERE id = :id",
        at=world.now_us(),
        id=leads[14],
    )
    await world.refuse(leads[0])
    await world.refuse(leads[1])
    world.run("UPDATE lead SET state = 'queued' WHERE id = :id", id=leads[1])
    hour_us = 3_600_000_000
    at_us = world.now_us()
    world.run(
        "UPDATE lead SET promised_from_us = :opens, promised_until_us = :closes WHERE id = :id",
        opens=at_us + 2 * hour_us,
        closes=at_us + 3 * hour_us,
        id=leads[2],
    )
    world.run("UPDATE lead SET consent_id = NULL WHERE id IN (:one, :two)", one=leads[3], two=leads[4])
    world.run(
        "UPDATE consent SET source_id = 'source-bought' WHERE id = (SELECT consent_id FROM lead WHERE id = :id)",
        id=leads[5],
    )
    world.run("UPDATE lead SET state = 'done' WHERE id = :id", id=leads[6])


async def test_the_counts_are_those_of_each_lead_explained_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain_list, "BATCH_LEADS", 4)
    await _mixed(world)
    view = await _view(world)
    when: Counter[When] = Counter()
    codes: Counter[str] = Counter()
    for row in world.all("SELECT id FROM lead WHERE state = 'queued'"):
        facts = world.store.read_now(lambda tx, row=row: world.facts(tx, LeadId(row.id), DEMO_INSTANT))
        single = explain(as_of(facts, DEMO_INSTANT), shipped_packs(), DEMO_INSTANT)
        when[single.when] += 1
        if isinstance(single.decision, Refusal):
            codes.update(set(single.decision.codes))
    assert view.leads == when.total() == 13
    counts = view.counts
    assert (counts.now, counts.today, counts.later, counts.never) == tuple(when[w] for w in When)
    assert {reason.code: reason.leads for reason in counts.reasons} == codes
    assert (counts.now, counts.today) == (6, 1)
    assert codes["CONSENT_MISSING"] == 2
    assert {"CONSENT_USED_UP", "CALLED_RECENTLY", "SUBJECT_DELETION"} <= set(codes)
    assert view.changed is None
    for reason in counts.reasons:
        assert reason.sentence.zh
        assert reason.cure.en


async def test_the_same_list_under_changed_packs_stands_beside_it(world: World) -> None:
    await _mixed(world)
    loose = without_rules(shipped_packs(), lambda _, rule: rule.kind == "source_kinds")
    view = await _view(world, Change(loose, None))
    assert view.changed is not None
    before = {r.code for r in view.counts.reasons}
    after = {r.code for r in view.changed.reasons}
    assert before - after == {"CONSENT_SOURCE_THIRD_PARTY"}
    assert view.counts.now == 6


def _add_campaign_for_enquiries(world: World) -> None:
    world.run(
        "INSERT INTO campaign (id, org_id, name_zh, name_en, purpose, industry, script_id, mode, state, abandon_cap_ppm, register_json, version, created_by)"
        " SELECT 'campaign-info', org_id, name_zh, name_en, 'info_consult', industry, script_id,"
        " mode, state, abandon_cap_ppm, register_json, version, created_by FROM campaign WHERE id = :id",
        id=CAMPAIGN,
    )
    for table, column in (("campaign_caller_id", "caller_id"), ("campaign_agent", "user_id")):
        world.run(f"INSERT INTO {table} SELECT 'campaign-info', {column} FROM {table}")


async def test_one_number_under_another_campaign_and_under_a_changed_pack_stands_beside_itself(
    world: World,
) -> None:
    (lead,) = await world.leads(range(1))
    _add_campaign_for_enquiries(world)
    desk = Explain(world.store, world.keys, world.facts, shipped_packs())
    before = world.size()
    asked = HOME, number_of(0), CALLBACKS, DEMO_INSTANT
    as_it_is = await desk.explain(*asked)
    assert isinstance(as_it_is, ExplainView)
    assert (as_it_is.lead_id, as_it_is.decision.outcome, as_it_is.changed) == (
        lead,
        DecisionOutcome.ALLOWED,
        None,
    )
    under = await desk.explain(*asked, under=CampaignId("campaign-info"))
    assert isinstance(under, ExplainView)
    assert under.changed is not None
    assert under.decision.outcome is DecisionOutcome.ALLOWED
    assert {"CONSENT_OTHER_PURPOSE", "SCRIPT_OTHER_PURPOSE"} <= {o.code for o in under.changed.objections}
    pack = PACK.read_text(encoding="utf-8")
    later = pack.replace("weekday = [09:00:00, 21:00:00]", "weekday = [12:00:00, 21:00:00]")
    stricter = await desk.explain(*asked, pack=later)
    assert isinstance(stricter, ExplainView)
    assert stricter.changed is not None
    assert [o.code for o in stricter.changed.objections] == ["WINDOW_CLOSED"]
    assert stricter.changed.lawful_from == DEMO_INSTANT + timedelta(minutes=90)
    broken = await desk.explain(*asked, pack=pack.replace("[[rule]]", "[[rule]", 1))
    assert isinstance(broken, Declined)
    assert broken.code == "pack.invalid"
    assert await desk.explain(*asked, under=CampaignId("campaign-none")) is None
    assert world.size() == before


async def test_the_same_list_under_another_campaign_stands_beside_it(world: World) -> None:
    await world.leads(range(3))
    _add_campaign_for_enquiries(world)
    view = await _view(world, Change(None, CampaignId("campaign-info")))
    assert view.counts.now == 3
    assert view.changed is not None
    assert view.changed.now == 0
    assert {"CONSENT_OTHER_PURPOSE", "SCRIPT_OTHER_PURPOSE"} <= {r.code for r in view.changed.reasons}
    other = await _lists(world).what_if(HOME, CALLBACKS, None, Change(None, CampaignId("campaign-none")))
    assert other is None


async def test_at_night_a_list_waits_for_the_morning(world: World) -> None:
    await world.leads(range(2))
    at = DEMO_INSTANT + timedelta(hours=12)  # 22:30 in Shanghai
    view = await _lists(world).what_if(HOME, CALLBACKS, at, NOTHING)
    assert isinstance(view, ListView)
    assert (view.counts.now, view.counts.today, view.counts.later) == (0, 0, 2)


async def test_another_organisation_and_a_list_too_long_get_no_counts(world: World) -> None:
    await world.leads(range(3))
    assert await _lists(world).explain_list(OrganisationId("org-other"), CALLBACKS, None, None) is None
    assert await _lists(world, 2).explain_list(HOME, CALLBACKS, None, None) == TOO_LONG
    assert isinstance(await _lists(world, 3).explain_list(HOME, CALLBACKS, None, None), ListView)


async def test_explaining_a_list_writes_nothing(world: World) -> None:
    await _mixed(world)
    before = world.size(), world.all("SELECT id, state, fence, due_us FROM lead ORDER BY id")
    view = await _lists(world).explain_list(HOME, CALLBACKS, None, None)
    assert isinstance(view, ListView)
    assert abs(view.at - moment(world.now_us())) < timedelta(seconds=30)
    assert (world.size(), world.all("SELECT id, state, fence, due_us FROM lead ORDER BY id")) == before
    assert replace(view, at=DEMO_INSTANT).leads == 13
