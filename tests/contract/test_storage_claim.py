"""Migration, claim and lease on both engines (rule 1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.ids import CampaignId, UserId
from dialer.ports.ledger import NotMine, Skipped
from dialer.storage.ledger import LEASE_SECONDS
from dialer.storage.log import open_payload
from dialer.storage.migrate import migrate, sqlalchemy_url
from dialer.storage.schema import metadata
from tests.contract.postgres_fixture import ENGINES, core, core_url, empty_database
from tests.unit.storage.storage_world import SECOND_US, World

__all__ = ["core", "core_url"]
HERE = CampaignId(CAMPAIGN)


@pytest.mark.parametrize("engine", ENGINES)
def test_migrations_give_exactly_the_tables_and_indexes_that_the_code_describes(
    engine: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}" if engine == "sqlite" else empty_database()
    migrate(url)
    migrate(url)  # safe to repeat
    database = create_engine(sqlalchemy_url(url))
    try:
        seen = inspect(database)
        for table in metadata.sorted_tables:
            assert {c["name"] for c in seen.get_columns(table.name)} == {c.name for c in table.columns}
            indexes = {str(i.name) for i in table.indexes}
            assert indexes <= {str(i["name"]) for i in seen.get_indexes(table.name)}, table.name
    finally:
        database.dispose()


async def test_two_nodes_never_claim_the_same_lead(core: World) -> None:
    leads = [await core.lead(n) for n in range(6)]
    other = core.second_node()
    try:
        mine = await core.ledger.claim(HERE, 4)
        theirs = await other.ledger.claim(HERE, 4)
    finally:
        other.close()
    assert len(mine) == 4
    assert len(theirs) == 2
    assert {c.lead_id for c in mine} | {c.lead_id for c in theirs} == set(leads)


async def test_a_claim_holds_until_its_lease_ends_and_then_goes_to_whoever_asks(core: World) -> None:
    lead = await core.lead(1)
    first = await core.claim(lead)
    other = core.second_node()
    try:
        core.wind(LEASE_SECONDS - 2)
        assert await other.ledger.claim(HERE, 1) == []
        core.wind(3)
        (second,) = await other.ledger.claim(HERE, 1)
    finally:
        other.close()
    assert (second.lead_id, second.owner) == (lead, "node-2")
    assert second.fence == first.fence + 1


async def test_a_node_that_wakes_up_after_its_lease_gets_no_permit_and_changes_nothing(core: World) -> None:
    lead = await core.lead(1)
    asleep = await core.claim(lead)
    core.wind(LEASE_SECONDS + 1)
    size = core.size()
    assert await core.ledger.authorise(asleep) == NotMine()
    assert core.size() == size
    assert core.lead_row(lead).state == "claimed"
    awake = await core.claim(lead)
    assert awake.fence == asleep.fence + 1
    assert await core.ledger.authorise(asleep) == NotMine()
    assert core.lead_row(lead).state == "claimed"


async def test_a_lead_that_is_being_dialled_is_never_claimed_however_long_ago(core: World) -> None:
    lead = await core.lead(1)
    await core.permit(lead)
    core.wind(LEASE_SECONDS * 100)
    assert core.lead_row(lead).state == "dialing"
    assert await core.ledger.claim(HERE, 10) == []


@pytest.mark.parametrize("state", ["dialing", "done", "dropped", "staged"])
async def test_only_a_queued_lead_or_a_lapsed_claim_can_be_claimed(core: World, state: str) -> None:
    lead = await core.lead(1)
    core.run("UPDATE lead SET state = :state, lease_until_us = 0 WHERE id = :id", state=state, id=lead)
    assert await core.ledger.claim(HERE, 10) == []
    core.run("UPDATE lead SET state = 'queued' WHERE id = :id", id=lead)
    assert [c.lead_id for c in await core.ledger.claim(HERE, 10)] == [lead]


async def test_a_lead_is_claimed_from_the_moment_it_is_due_by_the_databases_clock(core: World) -> None:
    lead = await core.lead(1)
    core.run("UPDATE lead SET due_us = :due WHERE id = :id", due=core.now_us() + 30 * SECOND_US, id=lead)
    assert await core.ledger.claim(HERE, 1) == []
    core.wind(31)
    assert [c.lead_id for c in await core.ledger.claim(HERE, 1)] == [lead]


async def test_promised_leads_come_first_and_then_the_oldest_request(core: World) -> None:
    young, old, promised = [await core.lead(n) for n in (1, 2, 3)]
    now = core.now_us()
    core.run("UPDATE lead SET requested_us = :at WHERE id = :id", at=now - 9_000 * SECOND_US, id=old)
    core.run("UPDATE lead SET promised_from_us = :at WHERE id = :id", at=now - SECOND_US, id=promised)
    order = [(await core.ledger.claim(HERE, 1))[0].lead_id for _ in range(3)]
    assert order == [promised, old, young]


async def test_a_skip_after_the_preview_is_a_leaf_with_who_why_and_for_how_long(core: World) -> None:
    lead = await core.lead(1)
    claim = await core.claim(lead)
    await core.ledger.put_back(claim, 3_600, Skipped("not_now", UserId("user-agent")))
    (leaf,) = core.all("SELECT seq, sid, attempt_id FROM leaf WHERE type = 'lead.skipped'")
    assert leaf.attempt_id is None, "nobody was dialled"
    assert leaf.sid == core.lead_row(lead).sid
    payload = core.store.read_now(lambda tx: open_payload(tx, core.keys, int(leaf.seq)))
    assert payload is not None
    assert [payload.value(name) for name in ("lead.id", "lead.campaign", "skip.reason", "skip.seconds")] == [
        lead,
        CAMPAIGN,
        "not_now",
        3_600,
    ]


async def test_a_skip_of_a_lead_that_another_node_has_by_now_changes_and_tells_nothing(core: World) -> None:
    lead = await core.lead(1)
    claim = await core.claim(lead)
    other = core.second_node()
    try:
        core.wind(LEASE_SECONDS + 1)
        (theirs,) = await other.ledger.claim(HERE, 1)
    finally:
        other.close()
    before = core.size()
    await core.ledger.put_back(claim, 3_600, Skipped("not_now", UserId("user-agent")))
    assert core.size() == before
    row = core.lead_row(lead)
    assert (row.state, row.fence, "skipped" in row.register_json) == ("claimed", theirs.fence, False)


async def test_a_lead_whose_time_was_up_goes_back_without_a_leaf(core: World) -> None:
    lead = await core.lead(1)
    claim = await core.claim(lead)
    before = core.size()
    await core.ledger.put_back(claim, 0, None)
    assert (core.lead_row(lead).state, core.size()) == ("queued", before)
