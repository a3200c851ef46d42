"""The review queue: a held lead is dialled only after a person found that nobody refused, and a refusal stays one."""

from __future__ import annotations

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import DEMO_INSTANT, ORG, SUPERVISOR
from dialer.domain.ids import LeadId, OrganisationId, UserId
from dialer.ports.ledger import Refused
from dialer.services.changes import Changes
from dialer.services.refusal_reviews import ReviewDecision, Reviews
from dialer.services.refusals import Refusals
from dialer.services.views.refusals import ReviewDone
from dialer.services.views.words import Declined
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.refusal_reviews import HOLDS, StoredReviews
from dialer.testing.clock import HandWoundClock
from tests.contract.postgres_fixture import core, core_url
from tests.unit.api.api_refusals import Line, MemorySpool
from tests.unit.storage.storage_world import World, number_of

__all__ = ["core", "core_url"]
HOME, OTHER, PERSON = OrganisationId(ORG), OrganisationId("org-other"), UserId(SUPERVISOR)
DECISIONS = {
    "declined_603": ("refusal", "purpose_only", "no_refusal"),
    "declined": ("refusal", "purpose_only"),
}


def reviews(core: World) -> Reviews:
    line = Line()
    refusals = Refusals(
        calls=core.calls,
        numbers=StoredDoNotCall(core.store, core.log, core.keys),
        telephony=line,
        egress=line,
        spool=MemorySpool(),
        clock=HandWoundClock(DEMO_INSTANT),
    )
    return Reviews(StoredReviews(core.store, core.log, core.keys), refusals, Changes())


async def held(core: World, hold: str) -> LeadId:
    lead = await core.lead(7)
    core.run("UPDATE lead SET hold = :hold WHERE id = :id", hold=hold, id=lead)
    return lead


@pytest.mark.parametrize("hold", DECISIONS)
async def test_the_queue_shows_held_leads_of_its_organisation_masked_and_with_what_may_be_said(
    core: World, hold: str
) -> None:
    lead = await held(core, hold)
    await core.lead(8)
    (item,) = (await reviews(core).page(HOME, None, 50)).items
    assert (item.lead_id, item.hold, item.decisions) == (lead, hold, DECISIONS[hold])
    assert number_of(7)[3:] not in repr(item)
    assert item.number == "130****0007"
    assert (await reviews(core).page(OTHER, None, 50)).items == ()


async def test_a_line_that_answered_oddly_may_be_found_to_be_no_refusal_and_is_then_dialled(
    core: World,
) -> None:
    lead = await held(core, "declined_603")
    before = await core.ledger.authorise(await core.claim(lead))
    assert isinstance(before, Refused)
    assert "LEAD_HELD" in before.refusal.codes
    size = core.size()
    done = await reviews(core).decide(HOME, PERSON, lead, ReviewDecision.NO_REFUSAL)
    assert isinstance(done, ReviewDone)
    assert core.size() == size + 1
    core.make_due(lead)
    assert isinstance(await core.ledger.authorise(await core.claim(lead)), Permit)
    assert await reviews(core).decide(HOME, PERSON, lead, ReviewDecision.NO_REFUSAL) is None


async def test_whoever_said_no_interest_is_not_released_by_anybody(core: World) -> None:
    lead = await held(core, "declined")
    assert isinstance(await reviews(core).decide(HOME, PERSON, lead, ReviewDecision.NO_REFUSAL), Declined)
    assert core.lead_row(lead).hold == "declined"


@pytest.mark.parametrize(
    ("decision", "purpose"), [(ReviewDecision.REFUSAL, None), (ReviewDecision.PURPOSE_ONLY, "callback")]
)
async def test_what_is_found_to_be_a_refusal_is_on_the_list_and_the_lead_dropped(
    core: World, decision: ReviewDecision, purpose: str | None
) -> None:
    lead = await held(core, "declined")
    done = await reviews(core).decide(HOME, PERSON, lead, decision)
    assert isinstance(done, ReviewDone)
    entry = core.one("SELECT * FROM dnc_entry WHERE id = :id", id=done.entry_id)
    assert (entry.purpose, entry.reason, entry.actor) == (purpose, "said", f"user:{SUPERVISOR}")
    assert core.lead_row(lead).state == "dropped"
    assert (await reviews(core).page(HOME, None, 50)).items == ()


async def test_another_organisations_lead_is_not_there(core: World) -> None:
    lead = await held(core, "declined_603")
    for decision in ReviewDecision:
        assert await reviews(core).decide(OTHER, PERSON, lead, decision) is None
    assert core.lead_row(lead).hold == "declined_603"


def test_every_hold_has_its_words() -> None:
    assert all(words.zh and words.en for words in HOLDS.values())
