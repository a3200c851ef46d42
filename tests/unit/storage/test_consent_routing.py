"""The database claims leads in the order that the queue's rules give, and a consent goes to the campaign of its purpose."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.compliance.queue import Waiting, next_leads
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.consent import Promise
from dialer.domain.ids import CampaignId, LeadId
from dialer.domain.purpose import Purpose
from dialer.storage.consent_forms import campaign_of
from dialer.storage.times import moment
from tests.unit.storage.storage_world import World, fresh_sqlite

MINUTE_US = 60_000_000
HERE = CampaignId(CAMPAIGN)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def _place(world: World, lead: LeadId, requested: int, due: int, promise: tuple[int, int] | None) -> None:
    """Minutes from now."""
    now = world.now_us()
    world.run(
        "UPDATE lead SET requested_us = :requested, due_us = :due, promised_from_us = :opens,"
        " promised_until_us = :closes WHERE id = :id",
        requested=now + requested * MINUTE_US,
        due=now + due * MINUTE_US,
        opens=now + promise[0] * MINUTE_US if promise else None,
        closes=now + promise[1] * MINUTE_US if promise else None,
        id=lead,
    )


def _waiting(world: World) -> list[Waiting]:
    return [
        Waiting(
            lead_id=LeadId(r.id),
            campaign_id=HERE,
            purpose=Purpose.CALLBACK,
            language="zh",
            requested_at=moment(r.requested_us),
            due_at=moment(r.due_us),
            promise=Promise(moment(r.promised_from_us), moment(r.promised_until_us))
            if r.promised_from_us is not None
            else None,
        )
        for r in world.all("SELECT * FROM lead")
    ]


@pytest.mark.parametrize("seed", range(6))
async def test_the_database_serves_leads_in_the_order_of_the_rules(world: World, seed: int) -> None:
    leads = await world.leads(range(20))
    chance = random.Random(seed)
    for lead in leads:
        promise = None
        if chance.random() < 0.6:
            opens = chance.choice((-90, -30, -10, 20))
            promise = (opens, opens + 45)
        _place(world, lead, chance.randint(-600, -5), chance.choice((-60, -5, 15)), promise)
    wanted = [w.lead_id for w in next_leads(_waiting(world), moment(world.now_us()))]
    assert 3 < len(wanted) < len(leads)
    claims = await world.ledger.claim(HERE, len(wanted) // 2)
    assert [c.lead_id for c in claims] == wanted[: len(wanted) // 2]
    rest = [c.lead_id for c in await world.ledger.claim(HERE, 100)]
    assert [lead for lead in rest if lead in wanted] == wanted[len(wanted) // 2 :]


def test_a_consent_goes_to_the_running_campaign_of_its_purpose(world: World) -> None:
    def chosen(purpose: Purpose) -> str | None:
        row = world.store.read_now(lambda tx: campaign_of(tx, ORG, purpose))
        return None if row is None else str(row.id)

    assert chosen(Purpose.CALLBACK) == CAMPAIGN
    assert chosen(Purpose.INFO_CONSULT) is None
    for name, state in (("a-paused", "paused"), ("b-running", "running")):
        world.run(
            "INSERT INTO campaign (id, org_id, name_zh, name_en, purpose, industry, script_id, mode, state, abandon_cap_ppm, register_json, version, created_by)"
            " SELECT :name, org_id, name_zh, name_en, 'info_consult', industry, script_id,"
            " mode, :state, abandon_cap_ppm, register_json, version, created_by FROM campaign WHERE id = :id",
            name=name,
            state=state,
            id=CAMPAIGN,
        )
    assert chosen(Purpose.INFO_CONSULT) == "b-running"
    world.run("UPDATE campaign SET state = 'paused'")
    assert chosen(Purpose.INFO_CONSULT) == "a-paused"
