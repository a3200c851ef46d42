"""T1 on both engines: one transaction, a permit only after its commit is known (rules 2 and 3)."""

from __future__ import annotations

import asyncio

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.dnc import DncScope
from dialer.domain.ids import CampaignId
from dialer.ports.ledger import NumberBusy, Refused
from dialer.storage.ledger import RETRY_BUSY_SECONDS
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import SECOND_US, World

__all__ = ["core", "core_url"]


async def test_t1_writes_decision_attempt_permit_and_leaves_and_then_returns_the_permit(core: World) -> None:
    lead = await core.lead(1)
    permit = await core.permit(lead)
    assert core.lead_row(lead).state == "dialing"
    assert core.attempt(permit.attempt_id).state == "authorised"
    assert core.attempt(permit.attempt_id).caller_id == "number-400"
    stored = core.permit_row(permit.attempt_id)
    assert stored.state == "issued"
    assert core.leaves(permit.attempt_id) == ["decision.permitted", "attempt.authorised"]
    decision = core.one("SELECT * FROM decision WHERE lead_id = :id", id=lead)
    assert (decision.outcome, decision.codes) == ("allowed", "")
    # the database has a hash of the token and no number in the clear
    assert permit.token.encode() not in bytes(stored.token_sha256) + bytes(stored.sealed)
    assert b"13000000001" not in bytes(stored.sealed)


async def test_the_number_opens_only_to_the_gates_key(core: World) -> None:
    permit = await core.permit(await core.lead(7))
    sealed = bytes(core.permit_row(permit.attempt_id).sealed)
    assert b"+8613000000007" in core.box.decrypt(sealed)
    with pytest.raises(AttributeError):
        core.keys.open_sealed(sealed)  # type: ignore[attr-defined]


async def test_a_second_node_with_old_facts_is_stopped_by_the_unique_index_alone(core: World) -> None:
    first, second = await core.lead(1), await core.lead(1)  # one number, two requests
    claims = {c.lead_id: c for c in await core.ledger.claim(CampaignId(CAMPAIGN), 2)}
    held = await core.ledger.authorise(claims[first])
    assert isinstance(held, Permit)
    size, now = core.size(), core.now_us()
    answer = await core.hasty_ledger().authorise(claims[second])
    assert answer == NumberBusy()
    # nothing happened but that the lead waits again
    assert core.size() == size
    row = core.lead_row(second)
    assert row.state == "queued"
    assert row.due_us >= now + RETRY_BUSY_SECONDS * SECOND_US
    assert core.one("SELECT COUNT(*) AS n FROM permit").n == 1
    # positive control: once the number is free, the very same hasty ledger gets its permit
    assert await core.calls.void(held.attempt_id, "test")
    core.wind(RETRY_BUSY_SECONDS + 1)
    assert isinstance(await core.hasty_ledger().authorise(await core.claim(second)), Permit)


@pytest.mark.parametrize(
    "state", ["placed", "ringing", "answered", "connected", "abandoned", "wrapping", "uncertain"]
)
async def test_every_open_state_holds_the_number_against_every_node(core: World, state: str) -> None:
    first, second = await core.lead(1), await core.lead(1)
    claims = {c.lead_id: c for c in await core.ledger.claim(CampaignId(CAMPAIGN), 2)}
    permit = await core.ledger.authorise(claims[first])
    assert isinstance(permit, Permit)
    core.run("UPDATE attempt SET state = :state WHERE id = :id", state=state, id=permit.attempt_id)
    assert await core.hasty_ledger().authorise(claims[second]) == NumberBusy()


@pytest.mark.parametrize("state", ["sealed", "failed", "cancelled", "lapsed", "ended_unknown"])
async def test_no_final_state_holds_the_number(core: World, state: str) -> None:
    first, second = await core.lead(1), await core.lead(1)
    claims = {c.lead_id: c for c in await core.ledger.claim(CampaignId(CAMPAIGN), 2)}
    permit = await core.ledger.authorise(claims[first])
    assert isinstance(permit, Permit)
    core.run("UPDATE attempt SET state = :state WHERE id = :id", state=state, id=permit.attempt_id)
    assert isinstance(await core.hasty_ledger().authorise(claims[second]), Permit)


async def test_an_open_call_to_the_number_is_also_an_objection_of_the_gate(core: World) -> None:
    first, second = await core.lead(1), await core.lead(1)
    claims = {c.lead_id: c for c in await core.ledger.claim(CampaignId(CAMPAIGN), 2)}
    assert isinstance(await core.ledger.authorise(claims[first]), Permit)
    answer = await core.ledger.authorise(claims[second])
    assert isinstance(answer, Refused)
    assert answer.refusal.codes


@pytest.mark.rule("C13")
async def test_a_refusal_is_recorded_once_and_not_again_while_nothing_changed(core: World) -> None:
    lead = await core.lead(1)
    core.run("UPDATE campaign SET state = 'paused' WHERE id = :id", id=CAMPAIGN)
    first = await core.ledger.authorise(await core.claim(lead))
    assert isinstance(first, Refused)
    assert core.leaves(first.attempt_id) == ["decision.refused", "attempt.refused"]
    assert core.attempt(first.attempt_id).state == "refused"
    size = core.size()
    for _ in range(3):
        core.run("UPDATE lead SET due_us = 0 WHERE id = :id", id=lead)
        again = await core.ledger.authorise(await core.claim(lead))
        assert isinstance(again, Refused)
        assert again.attempt_id == first.attempt_id
    assert core.size() == size
    assert core.one("SELECT COUNT(*) AS n FROM decision").n == 1
    assert core.one("SELECT COUNT(*) AS n FROM permit").n == 0


async def test_a_refusal_for_other_reasons_is_recorded_anew_and_a_cured_one_becomes_a_permit(
    core: World,
) -> None:
    lead = await core.lead(1)
    core.run("UPDATE campaign SET state = 'paused' WHERE id = :id", id=CAMPAIGN)
    first = await core.ledger.authorise(await core.claim(lead))
    core.run("UPDATE caller_id SET state = 'suspended'")
    core.run("UPDATE lead SET due_us = 0 WHERE id = :id", id=lead)
    second = await core.ledger.authorise(await core.claim(lead))
    assert isinstance(first, Refused)
    assert isinstance(second, Refused)
    assert second.attempt_id != first.attempt_id
    assert set(first.refusal.codes) < set(second.refusal.codes)
    core.run("UPDATE campaign SET state = 'running' WHERE id = :id", id=CAMPAIGN)
    core.run("UPDATE caller_id SET state = 'active'")
    core.run("UPDATE lead SET due_us = 0 WHERE id = :id", id=lead)
    assert isinstance(await core.ledger.authorise(await core.claim(lead)), Permit)


@pytest.mark.rule("C1")
@pytest.mark.parametrize("scope", list(DncScope))
async def test_the_dnc_list_is_read_in_t1_itself_never_before(core: World, scope: DncScope) -> None:
    lead, same = await core.lead(1), await core.lead(1)
    other = await core.lead(2)
    claims = {c.lead_id: c for c in await core.ledger.claim(CampaignId(CAMPAIGN), 3)}
    await core.refuse(same, scope, purpose="callback")
    # the refusal dropped the claimed lead as well: give it back to see that T1 itself would say no
    core.run("UPDATE lead SET state = 'claimed', owner = 'node-1' WHERE id = :id", id=lead)
    core.run("UPDATE consent SET withdrawn_us = NULL")
    answer = await core.ledger.authorise(claims[lead])
    assert isinstance(answer, Refused)
    assert any("DNC" in code or "REFUS" in code for code in answer.refusal.codes), answer.refusal.codes
    assert isinstance(await core.ledger.authorise(claims[other]), Permit)


async def test_many_authorisations_at_once_share_commits_and_each_gets_its_own_permit(core: World) -> None:
    for n in range(12):
        await core.lead(n)
    claims = await core.ledger.claim(CampaignId(CAMPAIGN), 12)
    answers = await asyncio.gather(*(core.ledger.authorise(c) for c in claims))
    permits = [a for a in answers if isinstance(a, Permit)]
    assert len({p.token for p in permits}) == len({p.attempt_id for p in permits}) == 12
    assert core.one("SELECT COUNT(*) AS n FROM permit WHERE org_id = :org", org=ORG).n == 12
