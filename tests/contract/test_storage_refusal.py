"""T3 on both engines: everything that a refusal does is one transaction, and saying it again changes nothing (rule 11)."""

from __future__ import annotations

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.dnc import DncScope
from dialer.domain.errors import StoreUnavailable
from dialer.domain.ids import AttemptId, CampaignId, LeadId
from dialer.ports.gate import GateNo, GateYes
from dialer.ports.ledger import Refused
from dialer.storage.tables_organisation import Campaign, Organisation
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_faults import Break, Fault, breakable
from tests.unit.storage.storage_world import SECOND_US, World, number_of

__all__ = ["core", "core_url"]


async def _three_leads(core: World, ending: int) -> tuple[LeadId, LeadId, LeadId]:
    """One number, three requests: queued, claimed, and one with an issued permit."""
    queued, claimed, permitted = [await core.lead(ending) for _ in range(3)]
    now = core.now_us()
    core.run("UPDATE lead SET due_us = :us WHERE id = :id", us=now + 60 * SECOND_US, id=queued)
    claims = {c.lead_id: c for c in await core.ledger.claim(CampaignId(CAMPAIGN), 9)}
    assert isinstance(await core.ledger.authorise(claims[permitted]), Permit)
    assert core.lead_row(claimed).state == "claimed"
    return queued, claimed, permitted


@pytest.mark.rule("D18")
async def test_one_refusal_lists_withdraws_voids_drops_and_says_so_on_the_log(core: World) -> None:
    queued, claimed, permitted = await _three_leads(core, 1)
    stranger = await core.permit(await core.lead(2))
    size = core.size()
    heard = await core.refuse(queued)
    assert heard.is_new
    assert (heard.leads_dropped, heard.permits_void, heard.consents_withdrawn) == (3, 1, 3)
    assert heard.cut == ()
    assert heard.closing_until is None
    assert {core.lead_row(lead).state for lead in (queued, claimed, permitted)} == {"dropped"}
    permit = core.one("SELECT p.* FROM permit p WHERE lead_id = :id", id=permitted)
    assert permit.state == "void"
    assert core.attempt(permit.attempt_id).state == "lapsed"
    kinds = [r.type for r in core.all("SELECT type FROM leaf WHERE seq >= :n ORDER BY seq", n=size)]
    assert kinds == [
        "refusal.heard",
        "dnc.added",
        *["consent.withdrawn"] * 3,
        "attempt.lapsed",
    ]
    # positive control: somebody else's permit is untouched
    assert isinstance(await core.gate(stranger.token), GateYes)


async def test_the_permit_that_was_issued_before_the_refusal_is_no_use_any_more(core: World) -> None:
    lead = await core.lead(1)
    permit = await core.permit(lead)
    await core.refuse(lead)
    assert await core.gate(permit.token) == GateNo("void")


@pytest.mark.rule("D18")
async def test_the_same_refusal_three_times_is_one_entry_and_changes_nothing_more(core: World) -> None:
    lead = await core.lead(1)
    first = await core.refuse(lead)
    size = core.size()
    dnc = core.one("SELECT size, root FROM dnc_head")
    core.wind(5)
    for _ in range(2):
        again = await core.refuse(lead)
        assert not again.is_new
        assert (again.entry_id, again.at) == (first.entry_id, first.at)
        assert (again.leads_dropped, again.permits_void, again.consents_withdrawn) == (0, 0, 0)
    assert core.size() == size
    assert core.one("SELECT size, root FROM dnc_head") == dnc
    assert core.one("SELECT COUNT(*) AS n FROM dnc_entry").n == 1


async def test_a_wish_said_in_a_talk_leaves_it_thirty_seconds_and_cuts_every_other_call_at_once(
    core: World,
) -> None:
    talking = await _in_state(core, 1, "connected")
    # another organisation's call to the same number can only be there from before: it is not this one's to cut
    ringing = await _beside(core, talking, "ringing", ORG)
    elsewhere = await _beside(core, talking, "ringing", "another-organisation")
    lead = LeadId(core.attempt(talking).lead_id)
    before = core.now_us()
    heard = await core.refuse(lead, said_in=talking)
    assert heard.cut == (ringing,)
    assert heard.closing_until is not None
    row = core.attempt(talking)
    assert row.cut_wanted_us is None
    assert before + 29 * SECOND_US < row.closing_until_us <= core.now_us() + 30 * SECOND_US
    assert core.attempt(ringing).cut_wanted_us is not None
    assert core.attempt(elsewhere).cut_wanted_us is None


@pytest.mark.parametrize("state", ["placed", "ringing", "answered", "uncertain"])
async def test_a_call_without_a_conversation_is_cut_even_when_the_key_was_pressed_in_it(
    core: World, state: str
) -> None:
    attempt = await _in_state(core, 1, state)
    heard = await core.refuse(LeadId(core.attempt(attempt).lead_id), said_in=attempt)
    assert heard.cut == (attempt,)
    assert heard.closing_until is None
    assert [c.attempt_id for c in await core.calls.wanted_cuts()] == [attempt]


async def test_cuts_are_wanted_by_every_node_until_the_attempt_is_final(core: World) -> None:
    attempt = await _in_state(core, 1, "ringing")
    await core.refuse(LeadId(core.attempt(attempt).lead_id))
    other = core.second_node()
    try:
        for _ in range(2):
            assert [c.attempt_id for c in await other.calls.wanted_cuts()] == [attempt]
            assert [c.attempt_id for c in await core.calls.wanted_cuts()] == [attempt]
        core.run("UPDATE attempt SET state = 'cancelled' WHERE id = :id", id=attempt)
        assert await other.calls.wanted_cuts() == ()
    finally:
        other.close()


async def test_the_conversation_itself_is_cut_when_its_closing_words_had_their_time(core: World) -> None:
    talking = await _in_state(core, 1, "connected")
    await core.refuse(LeadId(core.attempt(talking).lead_id), said_in=talking)
    core.wind(28)
    assert await core.calls.wanted_cuts() == ()
    core.wind(3)
    assert [c.attempt_id for c in await core.calls.wanted_cuts()] == [talking]


async def test_saying_no_again_does_not_stretch_the_closing_words(core: World) -> None:
    talking = await _in_state(core, 1, "connected")
    lead = LeadId(core.attempt(talking).lead_id)
    first = await core.refuse(lead, said_in=talking)
    core.wind(20)
    again = await core.refuse(lead, said_in=talking)
    assert again.closing_until == first.closing_until


@pytest.mark.rule("D18")
async def test_a_refusal_on_the_platform_reaches_every_organisation_and_one_of_an_organisation_does_not(
    core: World,
) -> None:
    _second_organisation(core)
    lead = await core.lead(1)
    other = await core.lead_of("org-two", "campaign-two", 1)
    permit = await core.permit(lead)
    await core.refuse(other)  # org-two's own list
    assert core.lead_row(lead).state == "dialing"
    heard = await core.refuse(other, DncScope.PLATFORM)
    assert heard.is_new
    assert (heard.leads_dropped, heard.permits_void) == (1, 1)
    assert core.lead_row(lead).state == "dropped"
    assert await core.gate(permit.token) == GateNo("void")


async def test_a_refusal_of_one_purpose_leaves_other_purposes_alone(core: World) -> None:
    lead = await core.lead(1)
    permit = await core.permit(lead)
    other = await core.refuse(lead, DncScope.PURPOSE, purpose="info_consult")
    assert (other.leads_dropped, other.permits_void, other.consents_withdrawn) == (0, 0, 0)
    this = await core.refuse(lead, DncScope.PURPOSE, purpose="callback")
    assert (this.leads_dropped, this.permits_void, this.consents_withdrawn) == (1, 1, 1)
    assert await core.gate(permit.token) == GateNo("void")
    # a refusal of one purpose is not a proof about the number as a whole
    assert core.one("SELECT size FROM dnc_head").size == 0


async def test_after_a_refusal_a_new_request_is_refused_by_the_gate_as_well(core: World) -> None:
    await core.refuse(await core.lead(1))
    again = await core.lead(1)
    answer = await core.ledger.authorise(await core.claim(again))
    assert isinstance(answer, Refused)
    assert core.one("SELECT COUNT(*) AS n FROM permit").n == 0


async def test_a_refusal_whose_commit_is_unknown_is_said_to_be_and_can_simply_be_repeated(
    core_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Fault()
    monkeypatch.setattr("dialer.storage.store._Connection", breakable(fault))
    frail = World(core_url)
    try:
        for n, where in enumerate((Break.BEFORE_COMMIT, Break.AFTER_COMMIT), start=1):
            lead = await frail.lead(n)
            fault.where = where
            with pytest.raises(StoreUnavailable):
                await frail.refuse(lead)
            heard = await frail.refuse(lead)
            assert heard.is_new is (where is Break.BEFORE_COMMIT)
            assert frail.lead_row(lead).state == "dropped"
        assert frail.one("SELECT COUNT(*) AS n FROM dnc_entry").n == 2
    finally:
        frail.close()


# ---------------------------------------------------------------- what was there before


async def _in_state(core: World, ending: int, state: str) -> AttemptId:
    """A consumed attempt in a state further on."""
    permit = await core.placed(await core.lead(ending), uid=f"egress-{state}-{ending}")
    core.run("UPDATE attempt SET state = :state WHERE id = :id", state=state, id=permit.attempt_id)
    return permit.attempt_id


async def _beside(core: World, first: AttemptId, state: str, org: str) -> AttemptId:
    """Another consumed attempt to the same number, as only a fault could leave it: the index says never two."""
    permit = await core.placed(await core.lead(90 if org == ORG else 91), uid=f"egress-{org}")
    number = number_of(1)
    core.run(
        "UPDATE attempt SET state = :state, org_id = :org, number_hmac = :hmac WHERE id = :id",
        state=state,
        org=org,
        hmac=core.keys.number_hmac(org, number),
        id=permit.attempt_id,
    )
    assert first != permit.attempt_id
    return permit.attempt_id


def _second_organisation(core: World) -> None:
    organisation = core.one("SELECT * FROM organisation WHERE id = :id", id=ORG)
    campaign = core.one("SELECT * FROM campaign WHERE id = :id", id=CAMPAIGN)
    same = organisation._asdict() | {"id": "org-two", "uscc": "91000000000000001X"}
    other = campaign._asdict() | {"id": "campaign-two", "org_id": "org-two"}
    core.store.write_now(lambda tx: tx.insert(Organisation(**same), Campaign(**other)))
