"""What events of the exchange do: seats, bridging, abandons, links that break, processes that start again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.calls.attempt import AttemptState
from dialer.calls.events import CalleeAnswered, ExchangeEvent
from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.ports.calls import RefusalHeard
from dialer.services.seats import Place
from dialer.services.views.desk import DeskView, RefusedView
from dialer.testing.ami_server import Cut
from dialer.testing.callees import Answer, Press, Ring, Script, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play
from tests.unit.storage.storage_world import MACHINE

FIRST, SECOND = MACHINES
LONG: Script = (Ring(1.0), Answer(), Talk(300.0))


def _states(floor: FloorStage) -> list[str]:
    return sorted(row.state for row in floor.world.all("SELECT state FROM attempt"))


async def _in_talk(floor: FloorStage, script: Script = LONG) -> AttemptId:
    """One agent talking with one callee."""
    floor.sim._scripts = lambda number: script
    await floor.man(FIRST)
    attempt = await floor.call(await floor.world.lead(1))
    await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
    return attempt


def _place(floor: FloorStage, user: UserId) -> Place:
    agent = floor.seats.of_user(user)
    assert agent is not None
    return agent.place


# ---------------------------------------------------------------- seats and bridging


def test_an_answered_callee_is_bridged_at_once_and_the_agent_is_free_after_the_wrap_up(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await _in_talk(floor, (Ring(1.0), Answer(), Talk(8.0)))
        row = floor.world.attempt(attempt)
        assert (row.agent_id, row.seat_id) == (FIRST, "headless-1")
        assert _place(floor, FIRST) is Place.TALKING
        await floor.until(lambda: floor.world.attempt(attempt).state == "wrapping")
        assert _place(floor, FIRST) is Place.WRAPPING
        view = await floor.desk.dispose(FIRST, attempt, "handled", None)
        assert isinstance(view, DeskView)
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")
        assert _place(floor, FIRST) is Place.READY
        assert floor.vault.sealed == [attempt]

    play(tmp_path, story)


def test_a_wrap_up_that_nobody_ends_ends_by_itself(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await _in_talk(floor, (Ring(1.0), Answer(), Talk(8.0)))
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")
        assert floor.world.attempt(attempt).disposition == "left_open"
        assert _place(floor, FIRST) is Place.READY

    play(tmp_path, story)


def test_two_who_answer_at_once_never_get_the_same_agent_and_the_second_hears_the_notice(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        await floor.man(FIRST, SECOND)
        await floor.world.leads(range(2))
        assert await floor.tick() == 2
        floor.sim.seat_dies("headless-2")  # one of the two who were counted on is lost while both ring
        await floor.until(lambda: _states(floor) == ["abandoned", "connected"])
        await floor.until(lambda: _states(floor) == ["connected", "sealed"])
        row = floor.world.one("SELECT * FROM attempt WHERE state = 'sealed'")
        assert (row.outcome, row.abandon_cause, row.agent_id) == ("abandoned", "nobody", None)

    play(tmp_path, story)


def test_an_agent_whose_bridging_failed_takes_the_next_one_who_waits(tmp_path: Path) -> None:
    """The freed agent used to stay idle beside a callee who was waiting for somebody."""

    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        await floor.man(FIRST)
        ghost = AttemptId("f" * 32)  # its channel is gone already, so that bridging it fails
        take = floor.progress.on_event

        def both(event: ExchangeEvent) -> None:
            if isinstance(event, CalleeAnswered):
                floor.board.placed(CampaignId(CAMPAIGN), ghost)
                take(CalleeAnswered(ghost, event.at))
                assert floor.seats.of_attempt(ghost) is not None
            take(event)

        floor.progress.on_event = both  # type: ignore[method-assign]
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(
            lambda: floor.world.attempt(attempt).state not in ("ringing", "placed", "authorised")
        )
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected", 5)
        agent = floor.seats.of_attempt(attempt)
        assert agent is not None
        assert agent.user_id == FIRST

    play(tmp_path, story)


def test_a_pause_that_was_asked_for_during_the_offer_begins_when_the_callee_is_gone(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await floor.man(FIRST)
        ghost = AttemptId("f" * 32)
        floor.board.placed(CampaignId(CAMPAIGN), ghost)
        floor.progress.on_event(CalleeAnswered(ghost, floor.clock.now()))
        assert _place(floor, FIRST) is Place.RESERVED
        await floor.desk.pause(FIRST, "break")
        await floor.until(lambda: _place(floor, FIRST) is not Place.RESERVED)
        assert _place(floor, FIRST) is Place.PAUSED

    play(tmp_path, story)


def test_when_the_agents_browser_dies_the_callee_hears_the_notice_and_the_agent_can_come_back(
    tmp_path: Path,
) -> None:
    """The agent used to stay in a wrap-up that nothing could end."""

    async def story(floor: FloorStage) -> None:
        attempt = await _in_talk(floor)
        floor.sim.seat_dies("headless-1")
        await floor.until(lambda: floor.world.attempt(attempt).state == "abandoned")
        assert floor.world.attempt(attempt).abandon_cause == "agent_lost"
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")
        assert _place(floor, FIRST) is Place.OFFLINE
        await floor.desk.ready(FIRST)
        await floor.until(lambda: _place(floor, FIRST) is Place.READY)

    play(tmp_path, story)


# ---------------------------------------------------------------- refusals


@pytest.mark.rule("D18")
def test_the_key_nine_lists_the_callee_and_leaves_the_talk_its_closing_words(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.run_timers()
        attempt = await _in_talk(floor, (Ring(1.0), Answer(), Talk(5.0), Press("9"), Talk(600.0)))
        await floor.until(lambda: floor.world.attempt(attempt).closing_until_us is not None)
        said = floor.clock.now()
        assert _place(floor, FIRST) is Place.CLOSING
        await floor.until(lambda: floor.world.attempt(attempt).state != "connected")
        lasted = (floor.clock.now() - said).total_seconds()
        assert 25 < lasted < 35
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")
        row = floor.world.attempt(attempt)
        assert (row.outcome, row.disposition) == ("refused_by_callee", "refused")
        assert floor.world.one("SELECT state FROM lead").state == "dropped"

    play(tmp_path, story)


@pytest.mark.rule("D18")
def test_a_refusal_that_the_agent_reports_is_heard_once_and_answers_the_same_twice(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await _in_talk(floor)
        first = await floor.desk.refused(FIRST, attempt)
        again = await floor.desk.refused(FIRST, attempt)
        assert isinstance(first, RefusedView)
        assert first == again
        assert first.closing_until is not None
        assert floor.world.one("SELECT COUNT(*) AS n FROM dnc_entry").n == 1
        assert await floor.desk.refused(SECOND, attempt) is None  # nobody else's call

    play(tmp_path, story)


def test_a_refusal_from_elsewhere_cuts_a_talk_at_once(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.run_timers()
        attempt = await _in_talk(floor)
        heard = await floor.world.refuse(floor.world.one("SELECT id FROM lead").id)
        assert isinstance(heard, RefusalHeard)
        assert heard.cut == (attempt,)
        began = floor.clock.now()
        await floor.until(lambda: floor.world.attempt(attempt).state == "wrapping")
        assert (floor.clock.now() - began).total_seconds() < 2

    play(tmp_path, story)


# ---------------------------------------------------------------- links that break, processes that start again


@pytest.mark.parametrize("cut", list(Cut))
def test_a_link_that_breaks_around_the_originate_never_makes_a_second_call(tmp_path: Path, cut: Cut) -> None:
    async def story(floor: FloorStage) -> None:
        floor.run_timers()
        floor.sim._scripts = lambda number: (Ring(3.0), Answer(), Talk(10.0))
        await floor.man(FIRST)
        lead = await floor.world.lead(1)
        floor.server.faults.cut_next("Originate", cut)
        await floor.tick()
        attempt = floor.world.one("SELECT id FROM attempt").id
        before = [floor.world.attempt(attempt).state]
        await asyncio.sleep(5)
        for _ in range(40):  # the dialing loop goes on all the while
            await floor.tick()
            await asyncio.sleep(0.25)
        await asyncio.sleep(60)
        was_dialled = cut is not Cut.BEFORE_ACTING
        row = floor.world.attempt(attempt)
        if was_dialled:
            assert [i.token for i in floor.sim.invites] == list(floor.gate.yes)
            assert len(floor.sim.invites) == 1
            assert floor.world.lead_row(lead).state in ("done", "queued")
            assert row.state == "sealed", floor.world.leaves(attempt)
        else:
            assert before == ["uncertain"]
            assert row.state == "lapsed"

    play(tmp_path, story)


def test_a_call_in_doubt_whose_channel_speaks_again_is_a_call_like_any_other(tmp_path: Path) -> None:
    """An `uncertain` attempt took no further state: the agent could not even say that the callee refused."""

    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: (Ring(6.0), Answer(), Talk(60.0))
        await floor.man(FIRST)
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(lambda: floor.world.attempt(attempt).state == "ringing")
        # the second gate said yes first, and then the originate was found to be in doubt
        assert await floor.world.calls.advance(attempt, AttemptState.UNCERTAIN, MACHINE, {}, {"why": "test"})
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
        assert floor.world.attempt(attempt).agent_id == FIRST
        assert isinstance(await floor.desk.refused(FIRST, attempt), RefusedView)

    play(tmp_path, story)


def test_a_talk_goes_on_while_the_dialer_starts_again_and_is_closed_by_the_new_one(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await _in_talk(floor, (Ring(1.0), Answer(), Talk(30.0)))
        again = await floor.reborn()
        try:
            assert await again.state(attempt) == "connected"
            agent = again.seats.of_attempt(attempt)
            assert agent is not None
            assert (agent.user_id, agent.place) == (FIRST, Place.TALKING)
            await again.until(lambda: again.world.attempt(attempt).state == "sealed")
            assert len(again.sim.invites) == 1
            assert again.world.attempt(attempt).outcome == "talked"
        finally:
            await again.close()

    play(tmp_path, story)


def test_a_talk_that_ended_while_no_dialer_ran_is_closed_by_the_next_one(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await _in_talk(floor, (Ring(1.0), Answer(), Talk(10.0)))
        await floor.close()
        await asyncio.sleep(60)
        again = await floor.reborn()
        try:
            await again.until(lambda: again.world.attempt(attempt).state == "sealed")
            assert again.vault.sealed == [attempt]
        finally:
            await again.close()

    play(tmp_path, story)


def test_an_exchange_that_restarts_under_talks_leaves_no_agent_who_only_seems_to_be_ready(
    tmp_path: Path,
) -> None:
    """Their phones went with it: a callee promised to one of them would hear nobody and count as abandoned."""

    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        await floor.man(FIRST, SECOND)
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
        await floor.sim.restart()
        floor.server.cut_all()
        await floor.until(lambda: not floor.exchange.is_up())
        await floor.until(lambda: floor.exchange.is_up() and floor.is_reconciled)
        assert {a.leg_up for a in floor.seats.all()} == {False}
        await floor.world.lead(2)
        assert await floor.tick() == 0
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")
        for user in (FIRST, SECOND):
            assert isinstance(await floor.desk.ready(user), DeskView)
        await floor.until(lambda: any(a.place is Place.READY for a in floor.seats.all()))
        assert await floor.tick() == 1
        await floor.until(lambda: _states(floor) == ["connected", "sealed"])

    play(tmp_path, story)


def test_an_authorised_call_that_no_process_placed_is_not_dialled_by_the_next_one(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        permit = await floor.world.permit(await floor.world.lead(1))  # and the process dies right here
        again = await floor.reborn()
        again.run_timers()
        try:
            assert await again.state(permit.attempt_id) == "uncertain"
            await again.until(lambda: again.world.attempt(permit.attempt_id).state == "lapsed")
            assert again.sim.invites == []
        finally:
            await again.close()

    play(tmp_path, story)


def test_what_happened_while_the_database_was_away_is_written_when_it_is_back(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await _in_talk(floor, (Ring(1.0), Answer(), Talk(10.0)))
        floor.world.store.is_away = True  # type: ignore[attr-defined]
        await asyncio.sleep(30)
        floor.world.store.is_away = False  # type: ignore[attr-defined]
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")
        assert "recording.sealed" in floor.world.leaves(attempt)

    play(tmp_path, story)


def test_a_call_of_a_former_process_that_ends_before_the_day_has_begun_leaves_nobody_deaf(
    tmp_path: Path,
) -> None:
    """Its campaign's bounds were not known yet, and no event was heard any more."""

    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: (Ring(20.0),)
        await floor.man(FIRST)
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(lambda: floor.world.attempt(attempt).state == "ringing")
        again = await floor.reborn()
        await again.until(lambda: again.world.attempt(attempt).state == "failed", 60)
        await again.until(lambda: not again.lanes.has(attempt))
        floor.sim.seat_dies("headless-1")
        again.sim._scripts = lambda number: LONG
        await again.man(SECOND)
        await again.world.lead(2)
        await again.until(lambda: again.seats.ready(CampaignId(CAMPAIGN)))
        assert await again.tick() == 1
        await again.until(lambda: "connected" in _states(again))
        await again.close()

    play(tmp_path, story)


def test_an_event_that_we_fail_on_is_made_up_for_by_matching_again(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: (Ring(1.0), Answer(), Talk(8.0))
        await floor.man(FIRST)
        take, failed = floor.progress.on_event, []

        def falls_once(event: ExchangeEvent) -> None:
            if isinstance(event, CalleeAnswered) and not failed:
                failed.append(event)
                raise LookupError("a bug of ours")
            take(event)

        floor.progress.on_event = falls_once  # type: ignore[method-assign]
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")
        assert len(failed) == 1

    play(tmp_path, story)
