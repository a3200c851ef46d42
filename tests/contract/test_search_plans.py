"""Every filter of the auditor's search walks an index in the order of its answer: no engine sorts or reads the whole table."""

from datetime import timedelta

import pytest

from dialer.calls.attempt import AttemptState
from dialer.demo.sample_organisation import CAMPAIGN, DEMO_INSTANT, ORG
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.ports.ledger import Refused
from dialer.services.views.queries import AttemptFilter
from dialer.services.views.trail import AttemptPage
from dialer.storage.personal import PersonalReader
from dialer.storage.sql import Engine, Tx
from dialer.storage.views_trail import TrailReader, search_conditions, walk_sql
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import World

__all__ = ["core", "core_url"]
AFTER = f"{2**50}:zz"
FILTERS: dict[str, dict[str, object]] = {
    "newest": {},
    "campaign": {"campaign": CampaignId("c")},
    "agent": {"agent": UserId("a")},
    "state": {"state": AttemptState.SEALED},
    "outcome": {"outcome": "talked"},
    "consent": {"consent": "c"},
    "caller ID": {"caller_id": "c"},
    "reason": {"code": "WINDOW_CLOSED"},
    "reason, campaign, one day": {
        "code": "WINDOW_CLOSED",
        "campaign": CampaignId("c"),
        "since": DEMO_INSTANT - timedelta(days=1),
        "until": DEMO_INSTANT,
    },
}


def plan(tx: Tx, wanted: AttemptFilter) -> str:
    """The engine's own plan."""
    conditions, values = search_conditions(wanted)
    sql = walk_sql(wanted, conditions)
    if tx.engine is Engine.SQLITE:
        return "\n".join(r.detail for r in tx.all(f"EXPLAIN QUERY PLAN {sql}", org=ORG, most=51, **values))
    # an almost empty table is read whole by any planner: what is asked is whether it has another way
    tx.run("SET LOCAL enable_seqscan = off")
    tx.run("SET LOCAL enable_bitmapscan = off")
    return "\n".join(str(r[0]) for r in tx.all(f"EXPLAIN {sql}", org=ORG, most=51, **values))


@pytest.mark.parametrize("after", [None, AFTER], ids=["first page", "later page"])
@pytest.mark.parametrize("name", FILTERS)
async def test_a_filter_walks_an_index_in_order(core: World, name: str, after: str | None) -> None:
    fields = dict.fromkeys(AttemptFilter.__slots__) | {"limit": 50, "after": after} | FILTERS[name]
    found = await core.store.read(lambda tx: plan(tx, AttemptFilter(**fields)))  # type: ignore[arg-type]
    assert "Seq Scan" not in found
    assert "TEMP B-TREE" not in found
    assert not found.startswith("Sort")
    assert "Sort Key" not in found
    wanted = "refusal_code" if name == "reason" else "ix_attempt_"
    assert wanted in found, found


async def test_a_campaign_s_refusals_of_a_day_are_those_that_the_longer_walk_finds(core: World) -> None:
    """Two ways lead there, by how long the time is: both find the one refused, and neither the one of another reason."""
    for ending in (1, 2):
        lead = await core.lead(ending)
        await core.refuse(lead)
        core.run("UPDATE lead SET state = 'queued', due_us = 0 WHERE id = :id", id=lead)
        assert isinstance(await core.ledger.authorise(await core.claim(lead)), Refused)
    search = TrailReader(core.store, PersonalReader(core.keys))

    async def found(code: str, **narrowed: object) -> list[str]:
        fields = dict.fromkeys(AttemptFilter.__slots__) | {"limit": 50, "code": code} | narrowed
        page = await search.search(OrganisationId(ORG), AttemptFilter(**fields))  # type: ignore[arg-type]
        assert isinstance(page, AttemptPage)
        return [row.id for row in page.items]

    campaign = {"campaign": CampaignId(CAMPAIGN)}
    day = {"since": DEMO_INSTANT - timedelta(hours=1), "until": DEMO_INSTANT + timedelta(hours=23)}
    everything = await found("DNC_ORGANISATION")
    assert len(everything) == 2
    assert await found("DNC_ORGANISATION", **campaign) == everything
    assert await found("DNC_ORGANISATION", **campaign, **day) == everything
    assert await found("WINDOW_CLOSED", **campaign, **day) == []
    assert await found("DNC_ORGANISATION", campaign=CampaignId("another"), **day) == []
