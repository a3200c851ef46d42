"""Words that were heard: they hold the person until a person has looked, end in a refusal unlooked at, and answer for their source."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_leads import FILED_SITE
from dialer.demo.sample_organisation import DEMO_INSTANT, ORG, SUPERVISOR
from dialer.domain.heard import HeardState
from dialer.domain.ids import AttemptId, LeadId, OrganisationId, UserId
from dialer.ports.heard import HeardNow
from dialer.ports.speech import Model, Side, Trust
from dialer.services.changes import Changes
from dialer.services.refusal_reviews import Deadline, ReviewDecision, Reviews
from dialer.services.refusals import Refusals
from dialer.services.views.refusals import ReviewDone
from dialer.storage.heard import StoredHeardWords
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.refusal_reviews import StoredReviews
from dialer.testing.clock import HandWoundClock
from tests.contract.postgres_fixture import core, core_url
from tests.unit.api.api_refusals import Line, MemorySpool
from tests.unit.storage.storage_world import AGENT, World

__all__ = ["core", "core_url"]
HINT = Model("pocketsphinx", "en", Trust.HINT, "ab" * 32)
DUE = DEMO_INSTANT + timedelta(hours=30)


def store(core: World) -> StoredHeardWords:
    return StoredHeardWords(core.store, core.log, core.keys)


def refusals(core: World) -> Refusals:
    line = Line()
    return Refusals(
        calls=core.calls,
        numbers=StoredDoNotCall(core.store, core.log, core.keys),
        telephony=line,
        egress=line,
        spool=MemorySpool(),
        clock=HandWoundClock(DEMO_INSTANT),
    )


async def called(core: World, ending: int) -> AttemptId:
    """A call to the number that is over."""
    permit = await core.placed(await core.lead(ending))
    core.run(
        "UPDATE attempt SET state = 'sealed', connected_us = placed_us WHERE id = :id", id=permit.attempt_id
    )
    core.run("UPDATE lead SET state = 'done' WHERE state = 'dialing'")
    return permit.attempt_id


async def hear(core: World, attempt: AttemptId, action: str, class_id: str) -> str:
    heard = await store(core).keep(
        HeardNow(
            attempt_id=attempt,
            side=Side.CALLEE,
            text="words",
            class_id=class_id,
            action=action,
            state=HeardState.OPEN,
            model=HINT,
            said_at=DEMO_INSTANT,
            from_ms=0,
            to_ms=900,
            confidence_ppm=None,
            due=DUE,
        )
    )
    assert heard is not None
    return heard


async def codes_of_next(core: World, ending: int) -> set[str]:
    """What the gate objects to in another call to that number, some time later."""
    core.wind(3_600)
    lead = await core.lead(ending)
    answer = await core.ledger.authorise(await core.claim(lead))
    if isinstance(answer, Permit):
        return set()
    row = core.one("SELECT codes FROM decision WHERE lead_id = :lead ORDER BY at_us DESC LIMIT 1", lead=lead)
    return set(str(row.codes).split(","))


@pytest.mark.rule("D18")
async def test_words_that_may_be_a_refusal_hold_the_person_until_somebody_has_looked(core: World) -> None:
    attempt = await called(core, 1)
    await called(core, 2)
    assert await codes_of_next(core, 2) == set(), "the control: nothing was heard of them"
    await hear(core, attempt, "dnc", "refusal")
    assert "LEAD_HELD" in await codes_of_next(core, 1)
    queue = Reviews(StoredReviews(core.store, core.log, core.keys), refusals(core), Changes())
    (item,) = (await queue.page(OrganisationId(ORG), None, 10)).items
    done = await queue.decide(
        OrganisationId(ORG), UserId(SUPERVISOR), LeadId(item.lead_id), ReviewDecision.NO_REFUSAL
    )
    assert isinstance(done, ReviewDone)
    core.wind(3_600)
    assert await codes_of_next(core, 1) == set()


async def test_words_that_nobody_looked_at_in_time_are_a_refusal(core: World) -> None:
    first, second = await called(core, 1), await called(core, 2)
    await hear(core, first, "dnc", "refusal")
    clock = HandWoundClock(DUE - timedelta(seconds=1))
    deadline = Deadline(store(core), refusals(core), clock, Changes())
    assert await deadline.run() == 0
    clock.advance(2)
    assert await deadline.run() == 1
    assert core.one("SELECT reason FROM dnc_entry").reason == "spoken"
    assert core.one("SELECT state FROM heard_words").state == "confirmed"
    assert await deadline.run() == 0
    assert second != first
    assert core.one("SELECT COUNT(*) AS n FROM dnc_entry").n == 1


async def test_no_interest_counts_the_second_time_by_word_or_by_key(core: World) -> None:
    words, keyed, plain = await called(core, 1), await called(core, 2), await called(core, 3)
    heard = await hear(core, words, "stop_purpose", "no_interest")
    core.run("UPDATE attempt SET disposition = 'no_interest' WHERE id = :id", id=keyed)
    again = {}
    for ending in (1, 2, 3):
        core.run("UPDATE heard_words SET state = 'confirmed' WHERE id = :id", id=heard)
        core.wind(3_600)
        call = await core.calls.view(await called(core, ending))
        assert call is not None
        again[ending] = await store(core).declined_before(call)
    assert again == {1: True, 2: True, 3: False}
    first = await core.calls.view(plain)
    assert first is not None
    assert not await store(core).declined_before(first)


@pytest.mark.rule("A10")
async def test_a_blind_call_opens_a_case_and_the_third_callee_pauses_the_source(core: World) -> None:
    attempts = [await called(core, ending) for ending in (1, 2, 3)]
    waiting = await core.permit(await core.lead(4))
    state = "SELECT state FROM consent_source WHERE id = :id"
    await hear(core, attempts[0], "show_proof", "blind_call")
    await hear(core, attempts[0], "show_proof", "blind_call")
    await hear(core, attempts[1], "show_proof", "blind_call")
    assert core.one(state, id=FILED_SITE).state == "verified", "two people, one of them twice"
    assert core.permit_row(waiting.attempt_id).state == "issued"
    await hear(core, attempts[2], "show_proof", "blind_call")
    assert core.one(state, id=FILED_SITE).state == "paused"
    assert core.permit_row(waiting.attempt_id).state == "void"
    assert "SOURCE_PAUSED" in await codes_of_next(core, 5)
    cases = core.all("SELECT attempt_id FROM leaf WHERE type = 'incident.opened' ORDER BY seq")
    assert [row.attempt_id for row in cases] == [attempts[0], attempts[0], attempts[1], attempts[2]]


@pytest.mark.rule("A10")
async def test_a_blind_call_that_a_person_found_to_be_none_or_that_is_old_pauses_nothing(core: World) -> None:
    attempts = [await called(core, ending) for ending in (1, 2, 3)]
    first = await hear(core, attempts[0], "show_proof", "blind_call")
    await store(core).decide(first, attempts[0], HeardState.DISMISSED, AGENT)
    await hear(core, attempts[1], "show_proof", "blind_call")
    await hear(core, attempts[2], "show_proof", "blind_call")
    assert core.one("SELECT state FROM consent_source WHERE id = :id", id=FILED_SITE).state == "verified"
    core.wind(8 * 86_400)
    await hear(core, attempts[0], "show_proof", "blind_call")
    assert core.one("SELECT state FROM consent_source WHERE id = :id", id=FILED_SITE).state == "verified"


@pytest.mark.rule("A10")
async def test_one_blind_call_whose_consent_has_no_proof_pauses_its_source(core: World) -> None:
    attempt = await called(core, 1)
    core.run("UPDATE consent SET artefact_sha256 = NULL")
    await hear(core, attempt, "show_proof", "blind_call")
    assert core.one("SELECT state FROM consent_source WHERE id = :id", id=FILED_SITE).state == "paused"
