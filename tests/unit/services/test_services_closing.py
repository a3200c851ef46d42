"""How attempts end, on the real storage and the shipped exchange in simulated time (rules 7 to 10, 13)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.calls.attempt import AttemptState
from dialer.domain.ids import AttemptId, LeadId
from dialer.services.closing import CARRIER_SECONDS, LATER_SECONDS
from dialer.testing.callees import Answer, Ring, Script, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play
from tests.unit.storage.storage_world import MACHINE, SECOND_US

BUSY, NEVER_ANSWERS, DECLINES, UNWANTED, BLOCKED, TALKS, WRONG, CARRIER = 20, 30, 40, 50, 60, 1, 85, 87


async def _dialled(floor: FloorStage, ending: int) -> tuple[LeadId, AttemptId]:
    """One lead, called by one ready agent."""
    await floor.man(MACHINES[0])
    lead = await floor.world.lead(ending)
    return lead, await floor.call(lead)


async def _over(floor: FloorStage, attempt: AttemptId, seconds: float = 90.0) -> str:
    ends = ("sealed", "failed", "cancelled", "lapsed", "ended_unknown")
    await floor.until(lambda: floor.world.attempt(attempt).state in ends, seconds)
    return str(floor.world.attempt(attempt).state)


@pytest.mark.parametrize(
    ("ending", "outcome", "wait_seconds"),
    [
        (BUSY, "busy", LATER_SECONDS),
        (NEVER_ANSWERS, "no_answer", LATER_SECONDS),
        (BLOCKED, "blocked_by_intermediary", LATER_SECONDS),
        (CARRIER, "carrier_failed", CARRIER_SECONDS),
    ],
)
def test_the_egresss_report_closes_an_unanswered_call_and_queues_its_lead(
    tmp_path: Path, ending: int, outcome: str, wait_seconds: int
) -> None:
    async def story(floor: FloorStage) -> None:
        lead, attempt = await _dialled(floor, ending)
        assert await _over(floor, attempt) == "failed"
        row = floor.world.lead_row(lead)
        assert (floor.world.attempt(attempt).outcome, row.state, row.hold) == (outcome, "queued", "none")
        assert 0 <= floor.world.now_us() + wait_seconds * SECOND_US - row.due_us < 5 * SECOND_US
        assert floor.world.one("SELECT COUNT(*) AS n FROM dnc_entry").n == 0

    play(tmp_path, story)


def test_a_number_that_nobody_has_is_not_called_again(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        lead, attempt = await _dialled(floor, WRONG)
        assert await _over(floor, attempt) == "failed"
        assert floor.world.lead_row(lead).state == "done"

    play(tmp_path, story)


@pytest.mark.rule("D18")
@pytest.mark.parametrize("ending", [UNWANTED, DECLINES])
def test_a_person_who_says_no_through_the_network_is_on_the_list_before_the_call_is_closed(
    tmp_path: Path, ending: int
) -> None:
    async def story(floor: FloorStage) -> None:
        lead, attempt = await _dialled(floor, ending)
        assert await _over(floor, attempt) in ("failed", "cancelled")
        assert floor.world.lead_row(lead).state == "dropped"
        assert floor.world.one("SELECT COUNT(*) AS n FROM dnc_entry").n == 1
        leaves = floor.world.leaves(attempt)
        assert leaves.index("dnc.added") < len(leaves) - 1
        assert leaves[-1] in ("attempt.failed", "attempt.cancelled")

    play(tmp_path, story)


def test_no_report_and_no_leg_is_an_end_that_nobody_knows_and_the_lead_is_not_called_again(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        floor.gate.loses_reports = lambda: True
        lead, attempt = await _dialled(floor, BUSY)
        assert await _over(floor, attempt) == "ended_unknown"
        assert floor.world.lead_row(lead).state == "done"
        assert floor.egress.asked > 0  # the egress was asked, the channel list was not believed

    play(tmp_path, story)


def test_an_attempt_stays_open_and_holds_its_number_while_the_egress_does_not_answer(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.gate.loses_reports = lambda: True
        floor.egress.is_silent = True
        _, attempt = await _dialled(floor, BUSY)
        await asyncio.sleep(600)
        assert await floor.state(attempt) == "placed"
        asked = floor.egress.asked
        assert 100 < asked < 1200  # asked again and again, and not in a hot loop
        floor.egress.is_silent = False
        assert await _over(floor, attempt) == "ended_unknown"

    play(tmp_path, story)


def test_a_carrier_leg_that_goes_on_keeps_the_attempt_open_although_our_channel_is_gone(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        floor.gate.loses_reports = lambda: True
        _, attempt = await _dialled(floor, BUSY)
        floor.egress.held.add(attempt)
        await asyncio.sleep(120)
        assert floor.sim.callees() == ()
        assert await floor.state(attempt) == "placed"
        floor.egress.held.clear()
        assert await _over(floor, attempt) == "ended_unknown"

    play(tmp_path, story)


def test_when_the_gate_is_down_nobody_is_dialled_and_the_lead_waits_again(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.gate.is_down = True
        lead, attempt = await _dialled(floor, TALKS)
        assert await _over(floor, attempt) == "lapsed"
        assert floor.sim.invites == []
        assert floor.world.lead_row(lead).state == "queued"
        # positive control: with the gate up again the same lead is called
        floor.gate.is_down = False
        floor.world.make_due(lead)
        assert await floor.tick() == 1
        await floor.until(lambda: len(floor.sim.invites) == 1)

    play(tmp_path, story)


def test_a_call_that_is_held_in_doubt_and_wanted_cut_still_comes_to_its_end(tmp_path: Path) -> None:
    """L1: `uncertain` has no way to `cancelled`; closing it as cancelled left it open for ever."""

    async def story(floor: FloorStage) -> None:
        lead, attempt = await _dialled(floor, NEVER_ANSWERS)
        await floor.until(lambda: floor.world.attempt(attempt).state == "ringing")
        assert await floor.world.calls.advance(attempt, AttemptState.UNCERTAIN, MACHINE, {}, {"why": "test"})
        floor.run_timers()
        await floor.world.refuse(lead)
        assert await _over(floor, attempt) == "failed"
        assert floor.world.lead_row(lead).state == "dropped"
        assert await floor.world.calls.wanted_cuts() == ()

    play(tmp_path, story)


def test_a_call_that_a_refusal_cuts_while_it_rings_is_cancelled(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        lead, attempt = await _dialled(floor, NEVER_ANSWERS)
        await floor.until(lambda: floor.world.attempt(attempt).state == "ringing")
        floor.run_timers()
        await floor.world.refuse(lead)
        assert await _over(floor, attempt, 5.0) == "cancelled"

    play(tmp_path, story)


@pytest.mark.parametrize(("stays_seconds", "outcome"), [(1.0, "hung_up_early"), (8.0, "abandoned")])
def test_somebody_who_answered_while_nobody_listened_has_heard_the_notice_if_they_stayed(
    tmp_path: Path, stays_seconds: float, outcome: str
) -> None:
    """The link is down from before the answer until after the end: only the egress knows (decision 23)."""
    script: Script = (Ring(5.0), Answer(), Talk(stays_seconds))

    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: script
        lead, attempt = await _dialled(floor, TALKS)
        await floor.until(lambda: floor.world.attempt(attempt).state == "ringing")
        floor.reach.is_open = False
        floor.server.cut_all()
        await asyncio.sleep(40)
        floor.reach.is_open = True
        assert await _over(floor, attempt) == "sealed"
        row = floor.world.attempt(attempt)
        assert row.outcome == outcome
        assert (row.abandon_cause is not None) is (outcome == "abandoned")
        assert row.answered_us is not None
        leaves = floor.world.leaves(attempt)
        assert "attempt.uncertain" in leaves
        assert ("recording.sealed" in leaves) is True
        assert floor.world.lead_row(lead).state == "queued"

    play(tmp_path, story)


def test_a_report_of_a_leg_that_was_refused_does_not_end_the_call_of_the_leg_that_was_not(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        _, attempt = await _dialled(floor, TALKS)
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
        token = next(t for t, a in floor.gate.yes.items() if a == attempt)
        assert not await floor.world.report(token, "egress.another-leg", "CONGESTION", "SIP 503 x")
        await asyncio.sleep(1)
        assert await floor.state(attempt) == "connected"

    play(tmp_path, story)
