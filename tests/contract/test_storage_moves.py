"""What follows from T1 and T2 on both engines: lapse and void, moves, reports, closing, frequency (rules 7 to 9, 13, 14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.calls.attempt import MOVES, NOT_COUNTED, AttemptState
from dialer.compliance.facts import ContactFacts
from dialer.demo.sample_organisation import CAMPAIGN, DEMO_INSTANT, ORG, SUPERVISOR
from dialer.domain.campaign import CampaignState
from dialer.domain.ids import AttemptId, CampaignId, LeadId, OrganisationId, UserId
from dialer.ports.calls import LeadAgain, LeadDone, PermitState
from dialer.ports.gate import GateNo, GateYes
from dialer.ports.ledger import Refused
from dialer.services.campaign_control import Switched
from dialer.storage.control import StoredCampaignStates
from dialer.storage.facts_callee import contact_facts
from dialer.storage.times import micros, moment
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import AGENT, MACHINE, SECOND_US, World

__all__ = ["core", "core_url"]
S = AttemptState


# ---------------------------------------------------------------- rule 7: not dialled, as a fact


async def test_an_expired_permit_lapses_with_its_attempt_and_frees_its_lead(core: World) -> None:
    lead = await core.lead(1)
    permit = await core.permit(lead)
    core.wind(8)
    assert await core.calls.lapse_expired() == 0
    core.wind(3)
    assert await core.calls.lapse_expired() == 1
    assert core.permit_row(permit.attempt_id).state == "lapsed"
    row = core.attempt(permit.attempt_id)
    assert (row.state, row.outcome) == ("lapsed", "not_dialled")
    assert row.ended_us is not None
    assert core.lead_row(lead).state == "queued"
    assert core.leaves(permit.attempt_id)[-1] == "attempt.lapsed"
    assert await core.calls.lapse_expired() == 0


async def test_any_node_lapses_what_a_dead_node_left(core: World) -> None:
    lead = await core.lead(1)
    await core.permit(lead)
    other = core.second_node()
    try:
        core.wind(11)
        assert await other.calls.lapse_expired() == 1
    finally:
        other.close()
    assert core.lead_row(lead).state == "queued"


async def test_a_permit_that_was_consumed_neither_lapses_nor_becomes_void_and_keeps_its_lead(
    core: World,
) -> None:
    lead = await core.lead(1)
    permit = await core.placed(lead)
    core.wind(3600)
    assert await core.calls.lapse_expired() == 0
    assert not await core.calls.void(permit.attempt_id, "no channel")
    assert core.attempt(permit.attempt_id).state == "placed"
    assert core.lead_row(lead).state == "dialing"


@pytest.mark.parametrize("label", ["authorised", "uncertain"])
async def test_an_unused_permit_becomes_void_from_either_label(core: World, label: str) -> None:
    lead = await core.lead(1)
    permit = await core.permit(lead)
    core.run("UPDATE attempt SET state = :state WHERE id = :id", state=label, id=permit.attempt_id)
    assert await core.calls.void(permit.attempt_id, "no channel")
    assert core.permit_row(permit.attempt_id).state == "void"
    assert core.attempt(permit.attempt_id).state == "lapsed"
    assert core.lead_row(lead).state == "queued"
    assert not await core.calls.void(permit.attempt_id, "no channel")


async def test_uncertain_is_only_a_label_and_the_permit_decides(core: World) -> None:
    permit = await core.permit(await core.lead(1))
    assert await core.calls.advance(permit.attempt_id, S.UNCERTAIN, MACHINE, {}, {"why": "link lost"})
    view = await core.calls.view(permit.attempt_id)
    assert view is not None
    assert (view.state, view.permit) == (S.UNCERTAIN, PermitState.ISSUED)
    assert isinstance(await core.gate(permit.token), GateYes)
    view = await core.calls.view(permit.attempt_id)
    assert view is not None
    assert (view.state, view.permit) == (S.PLACED, PermitState.CONSUMED)


async def test_pausing_a_campaign_voids_its_issued_permits_in_the_same_transaction(core: World) -> None:
    lead, talking = await core.lead(1), await core.lead(2)
    permit, placed = await core.permit(lead), await core.placed(talking)
    states = StoredCampaignStates(core.store, core.log)
    org, user, campaign = OrganisationId(ORG), UserId(SUPERVISOR), CampaignId(CAMPAIGN)
    assert await states.switch(org, user, campaign, CampaignState.PAUSED) is Switched.DONE
    assert core.permit_row(permit.attempt_id).state == "void"
    assert core.attempt(placed.attempt_id).state == "placed"
    assert await core.gate(permit.token) == GateNo("void")
    core.make_due(lead)
    assert isinstance(await core.ledger.authorise(await core.claim(lead)), Refused)
    assert await states.switch(org, user, campaign, CampaignState.RUNNING) is Switched.DONE
    assert core.lead_row(lead).due_us <= core.now_us()  # looked at again at once
    await core.permit(lead)


# ---------------------------------------------------------------- moves


@pytest.mark.parametrize("source", list(AttemptState))
async def test_the_database_makes_every_move_of_the_machine_and_no_other(core: World, source: S) -> None:
    permit = await core.placed(await core.lead(1))
    for target in AttemptState:
        core.run("UPDATE attempt SET state = :state WHERE id = :id", state=str(source), id=permit.attempt_id)
        size = core.size()
        moved = await core.calls.advance(permit.attempt_id, target, MACHINE, {}, {})
        assert moved is (target in MOVES[source])
        assert core.attempt(permit.attempt_id).state == str(target if moved else source)
        assert core.size() == size + moved
        if moved:
            assert core.leaves(permit.attempt_id)[-1] == f"attempt.{target}"


async def test_a_report_that_comes_twice_moves_once(core: World) -> None:
    permit = await core.placed(await core.lead(1))
    assert await core.calls.advance(permit.attempt_id, S.RINGING, MACHINE, {}, {})
    first = core.attempt(permit.attempt_id).ringing_us
    assert not await core.calls.advance(permit.attempt_id, S.RINGING, MACHINE, {}, {})
    assert core.attempt(permit.attempt_id).ringing_us == first
    assert core.leaves(permit.attempt_id).count("attempt.ringing") == 1


async def test_closing_settles_the_lead_in_the_same_transaction(core: World) -> None:
    done, again = await core.lead(1), await core.lead(2)
    first, second = await core.placed(done, "e-1"), await core.placed(again, "e-2")
    now = core.now_us()
    assert await core.calls.close(
        first.attempt_id, S.FAILED, MACHINE, {"outcome": "number_wrong"}, {}, LeadDone()
    )
    assert await core.calls.close(
        second.attempt_id, S.FAILED, MACHINE, {"outcome": "busy"}, {}, LeadAgain(600, "declined_603")
    )
    assert (core.lead_row(done).state, core.lead_row(done).outcome) == ("done", "number_wrong")
    row = core.lead_row(again)
    assert (row.state, row.hold) == ("queued", "declined_603")
    assert row.due_us >= now + 600 * SECOND_US
    # closed once: a second closing changes nothing
    assert not await core.calls.close(first.attempt_id, S.FAILED, MACHINE, {}, {}, LeadAgain(0, "none"))
    assert core.lead_row(done).state == "done"


async def test_a_lead_that_was_dropped_by_a_refusal_is_not_queued_again_by_the_end_of_its_call(
    core: World,
) -> None:
    lead = await core.lead(1)
    permit = await core.placed(lead)
    await core.refuse(lead)
    assert await core.calls.close(permit.attempt_id, S.CANCELLED, MACHINE, {}, {}, LeadAgain(0, "none"))
    assert core.lead_row(lead).state == "dropped"


async def test_the_first_disposition_stands(core: World) -> None:
    permit = await core.placed(await core.lead(1))
    await core.calls.dispose(permit.attempt_id, "refused", "human", AGENT, "")
    await core.calls.dispose(permit.attempt_id, "handled", "human", AGENT, "a note")
    assert core.attempt(permit.attempt_id).disposition == "refused"
    assert core.leaves(permit.attempt_id).count("disposition.set") == 1


async def test_a_node_sees_its_own_open_attempts_oldest_first(core: World) -> None:
    permits = [await core.permit(await core.lead(n)) for n in range(3)]
    other = core.second_node()
    try:
        assert await other.calls.open_calls() == ()
    finally:
        other.close()
    assert [c.attempt_id for c in await core.calls.open_calls()] == [p.attempt_id for p in permits]
    await core.calls.void(permits[0].attempt_id, "test")
    assert [c.attempt_id for c in await core.calls.open_calls()] == [p.attempt_id for p in permits[1:]]


# ---------------------------------------------------------------- rule 13: reports are per leg


async def test_only_the_leg_that_got_the_yes_reports_and_only_once(core: World) -> None:
    permit = await core.placed(await core.lead(1), uid="egress-yes")
    assert not await core.report(permit.token, "egress-refused")
    view = await core.calls.view(permit.attempt_id)
    assert view is not None
    assert view.report is None
    assert view.state is S.PLACED
    assert await core.report(permit.token, "egress-yes", "BUSY", "SIP 486 Busy Here")
    assert not await core.report(permit.token, "egress-yes", "ANSWER")
    view = await core.calls.view(permit.attempt_id)
    assert view is not None
    assert view.report is not None
    assert (view.report.dial_status, view.report.sip_text) == ("BUSY", "SIP 486 Busy Here")
    assert view.rang


async def test_a_report_about_a_permit_that_nobody_consumed_is_not_kept(core: World) -> None:
    permit = await core.permit(await core.lead(1))
    assert not await core.report(permit.token, "egress-1")
    assert not await core.report("pt" + "0" * 32, "egress-1")
    assert core.one("SELECT COUNT(*) AS n FROM egress_report").n == 0
    assert isinstance(await core.gate(permit.token, "egress-1"), GateYes)
    assert await core.report(permit.token, "egress-1")


# ---------------------------------------------------------------- rule 14: frequency


def _contact(core: World, lead: LeadId) -> ContactFacts:
    sid = core.lead_row(lead).sid
    return core.store.read_now(
        lambda tx: contact_facts(
            tx,
            tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=sid),
            DEMO_INSTANT + timedelta(minutes=5),
        )
    )


@pytest.mark.rule("B12")
@pytest.mark.parametrize("state", list(AttemptState))
async def test_frequency_counts_every_attempt_that_may_have_rung(core: World, state: S) -> None:
    lead = await core.lead(1)
    permit = await core.placed(lead)
    core.run("UPDATE attempt SET state = :state WHERE id = :id", state=str(state), id=permit.attempt_id)
    seen = _contact(core, lead).attempts_at
    assert isinstance(seen, tuple)
    assert len(seen) == (0 if state in NOT_COUNTED else 1)


@pytest.mark.rule("B12")
@pytest.mark.parametrize("minutes", [4, -56], ids=["it went on", "the clock was stepped back"])
async def test_the_gap_is_counted_from_the_end_and_never_from_before_the_beginning(
    core: World, minutes: int
) -> None:
    lead = await core.lead(1)
    permit = await core.placed(lead)
    began = core.attempt(permit.attempt_id).authorised_us
    core.run(
        "UPDATE attempt SET state = 'ended', ended_us = :at WHERE id = :id",
        id=permit.attempt_id,
        at=began + minutes * 60_000_000,
    )
    assert _contact(core, lead).last_ended_at == moment(max(began, began + minutes * 60_000_000))


@pytest.mark.rule("B12")
@pytest.mark.rule("E8")
async def test_frequency_counts_over_all_organisations(core: World) -> None:
    lead = await core.lead(1)
    permit = await core.placed(lead)
    core.run("UPDATE attempt SET org_id = 'another', state = 'failed' WHERE id = :id", id=permit.attempt_id)
    assert isinstance(seen := _contact(core, lead).attempts_at, tuple)
    assert len(seen) == 1


@pytest.mark.rule("B12")
async def test_the_fourth_call_of_a_day_is_refused_and_the_third_is_not(core: World) -> None:
    answers = []
    for _ in range(4):
        lead = await core.lead(1)
        answer = await core.ledger.authorise(await core.claim(lead))
        answers.append(answer)
        if isinstance(answer, Refused):
            break
        view = core.one("SELECT id FROM attempt WHERE lead_id = :id", id=lead)
        _rang_out(core, AttemptId(view.id))
        core.wind(31 * 60)
    assert len(answers) == 4
    assert [isinstance(a, Refused) for a in answers] == [False, False, False, True]


def _rang_out(core: World, attempt: AttemptId) -> None:
    core.run(
        "UPDATE attempt SET state = 'failed', outcome = 'no_answer', ended_us = NOW_US WHERE id = :id",
        id=attempt,
    )
    core.run("UPDATE permit SET state = 'consumed' WHERE attempt_id = :id", id=attempt)
    assert core.attempt(attempt).authorised_us >= micros(DEMO_INSTANT) - SECOND_US
