"""The dialing loop on the product's own database and exchange, in simulated time: how many, when, and what is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.campaign import PacingMode
from dialer.domain.ids import AttemptId, CampaignId
from dialer.pacing.chance import ChancePacer
from dialer.pacing.floor import EndKind
from dialer.pacing.search import Proof
from dialer.pacing.why import Sentence
from dialer.ports.people import RunningCampaign
from dialer.services.board import Counts
from dialer.services.dialing import RING_SECONDS_MIN
from dialer.testing.callees import Answer, Ring, Script, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play

FIRST, SECOND = MACHINES
SILENT: Script = (Ring(60.0),)
TALKS: Script = (Ring(2.0), Answer(), Talk(40.0))
HERE = CampaignId(CAMPAIGN)
OTHER = CampaignId("campaign-other")
NOTHING_YET = Counts(live=0, abandoned=0, leads_due=0)


async def _campaign(floor: FloorStage) -> RunningCampaign:
    (campaign,) = await floor.dialing._campaigns.running()
    return campaign


def _mode(floor: FloorStage, mode: PacingMode) -> None:
    floor.world.run("UPDATE campaign SET mode = :mode WHERE id = :id", mode=str(mode), id=CAMPAIGN)


def test_leads_that_the_gate_refuses_are_replaced_in_the_same_tick(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: SILENT
        leads = await floor.world.leads(range(1, 6))
        for n, lead in enumerate(leads):
            floor.world.run("UPDATE lead SET requested_us = requested_us + :n WHERE id = :id", n=n, id=lead)
        for lead in leads[:3]:
            floor.world.run(
                "UPDATE consent SET withdrawn_us = 1 WHERE id = (SELECT consent_id FROM lead WHERE id = :id)",
                id=lead,
            )
        await floor.man(FIRST, SECOND)
        assert await floor.tick() == 2, "three were refused, and both agents still have their line"
        refused = floor.world.all("SELECT id FROM attempt WHERE state = 'refused'")
        assert len(refused) == 3

    play(tmp_path, story)


def test_a_stalled_tick_places_what_one_tick_may_and_nothing_that_was_missed(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: SILENT
        await floor.world.leads(range(1, 30))
        await floor.man(FIRST, SECOND)
        await asyncio.sleep(300)
        assert await floor.tick() == 2
        assert await floor.tick() == 0
        assert floor.board.ringing(HERE) == 2

    play(tmp_path, story)


def test_a_ringing_call_whose_agent_is_gone_is_cancelled_after_the_least_ring_and_not_before(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: SILENT
        lead = await floor.world.lead(1)
        await floor.man(FIRST)
        attempt = await floor.call(lead)
        began = asyncio.get_running_loop().time()
        floor.seats.leave(FIRST)
        while floor.board.ringing(HERE):
            await floor.tick()
            await asyncio.sleep(0.25)
            assert asyncio.get_running_loop().time() - began < 25.0
        rang = asyncio.get_running_loop().time() - began
        assert RING_SECONDS_MIN <= rang < RING_SECONDS_MIN + 2.0
        assert attempt

    play(tmp_path, story)


def test_who_asked_for_a_break_in_a_talk_is_not_waited_for(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: TALKS
        lead = await floor.world.lead(1)
        await floor.man(FIRST)
        attempt = await floor.call(lead)
        await floor.until(lambda: floor.seats.of_attempt(attempt) is not None, 60.0)
        await floor.until(lambda: bool(floor.board.floor(HERE, NOTHING_YET).talking), 60.0)
        assert set(floor.board.floor(HERE, NOTHING_YET).talking) == {FIRST}, (
            "control: who didn't ask comes back"
        )
        floor.seats.pause_when_free(FIRST, "break")
        assert not floor.board.floor(HERE, NOTHING_YET).talking
        floor.seats.pause_when_free(FIRST, None)
        assert set(floor.board.floor(HERE, NOTHING_YET).talking) == {FIRST}

    play(tmp_path, story)


def test_an_agent_of_two_campaigns_is_promised_once(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: SILENT
        columns = [c.name for c in floor.world.all("SELECT name FROM pragma_table_info('campaign')")]
        others = ", ".join(f"'{OTHER}'" if name == "id" else name for name in columns)
        floor.world.run(f"INSERT INTO campaign SELECT {others} FROM campaign WHERE id = '{CAMPAIGN}'")
        for table, column in (("campaign_caller_id", "caller_id"), ("campaign_agent", "user_id")):
            floor.world.run(
                f"INSERT INTO {table} (campaign_id, {column}) SELECT '{OTHER}', {column} FROM {table}"
            )
        leads = await floor.world.leads(range(1, 7))
        for lead in leads[:3]:
            floor.world.run("UPDATE lead SET campaign_id = :other WHERE id = :id", other=OTHER, id=lead)
        await floor.man(FIRST)
        for _ in range(8):
            await floor.tick()
            await asyncio.sleep(0.25)
        assert floor.board.ringing(HERE) + floor.board.ringing(OTHER) == 1, "one agent, one line"
        await floor.man(FIRST, SECOND)
        await floor.tick()
        assert floor.board.ringing(HERE) + floor.board.ringing(OTHER) == 2, (
            "control: another agent, another line"
        )

    play(tmp_path, story)


def test_abandons_and_answers_of_every_node_count_into_todays_budget(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        lead = await floor.world.lead(1)
        await floor.man(FIRST)
        floor.sim._scripts = lambda number: TALKS
        attempt = await floor.call(lead)
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed", 240.0)
        before = await _campaign(floor)
        columns = [c.name for c in floor.world.all("SELECT name FROM pragma_table_info('attempt')")]
        for n in range(3):
            values = ", ".join(
                {"id": f"'{n}'", "node": "'another'", "abandon_cause": "'nobody'"}.get(name, name)
                for name in columns
            )
            floor.world.run(f"INSERT INTO attempt SELECT {values} FROM attempt WHERE id = '{attempt}'")
        after = await _campaign(floor)
        assert (after.abandoned, after.live) == (before.abandoned + 3, before.live + 3)
        again = await floor.reborn()
        restarted = await _campaign(again)
        assert (restarted.abandoned, restarted.live) == (after.abandoned, after.live), "and over a restart"
        await again.world.lead(2)
        await again.man(FIRST)
        assert await again.tick() == 0
        assert type(again.board.plans[HERE].why).__name__ == "CapReached"

    play(tmp_path, story)


def test_what_was_learned_is_there_after_a_restart(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        pacer = ChancePacer(Proof.CHANCE)
        pacer.day_started(0.01, 2.0, 22.0, 3_600.0, 0.0)
        for n in range(400):
            call, now = AttemptId(f"c{n}"), n * 3.0
            pacer.placed(call, now)
            if n % 10 == 0:
                pacer.answered(call, now + 8.0)
            else:
                pacer.ended(call, EndKind.NO_ANSWER, now + 21.0)
        learned = pacer.learned()
        await floor.memory.keep(HERE, learned, Sentence("一", "one"))
        assert await floor.memory.recall(HERE) == learned
        await floor.memory.keep(HERE, None, Sentence("二", "two"))
        assert await floor.memory.recall(HERE) == learned, "a mode that learns nothing forgets nothing"
        _mode(floor, PacingMode.PREDICTIVE)
        await floor.world.lead(1)
        await floor.man(FIRST)
        await floor.tick()
        known, fresh = floor.board.pacer(HERE), ChancePacer(Proof.CHANCE)
        fresh.day_started(0.01, 2.0, 22.0, 3_600.0, 0.0)
        assert isinstance(known, ChancePacer)
        kept, nothing = known.learned(), fresh.learned()
        assert kept is not None
        assert nothing is not None
        assert kept.rate.answers / kept.rate.exposure < 0.16 < nothing.rate.answers / nothing.rate.exposure
        await floor.dialing.keep()
        said = await floor.memory.said(HERE)
        assert said is not None
        assert said.sentence.en

    play(tmp_path, story)


def test_laws_that_can_no_longer_be_read_are_forgotten_not_guessed(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await floor.memory.keep(HERE, None, Sentence("一", "one"))
        floor.world.run("UPDATE pacing_memory SET learned_json = '{\"ring\": 3}'")
        assert await floor.memory.recall(HERE) is None

    play(tmp_path, story)


def test_caller_ids_and_the_trunk_bound_the_plan_and_say_so(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: SILENT
        await floor.world.leads(range(1, 9))
        await floor.man(FIRST, SECOND)
        floor.dialing._trunk_channels_max = 1
        assert await floor.tick() == 1
        assert "the trunk allows only" in (await _sentence(floor)).en
        floor.dialing._trunk_channels_max = None
        running = await _campaign(floor)
        assert running.caller_id_calls_left is not None
        used = replace(running, caller_id_calls_left=0)
        assert await floor.dialing._campaign(used) == 0
        assert "the caller IDs allow only 0" in (await _sentence(floor)).en
        assert await floor.tick() == 1, "control: nothing bounds it any more"

    play(tmp_path, story)


async def _sentence(floor: FloorStage) -> Sentence:
    await floor.dialing.keep()
    said = await floor.memory.said(HERE)
    assert said is not None
    return said.sentence


def test_the_pacer_is_told_what_is_known_of_each_lead(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        _mode(floor, PacingMode.PREDICTIVE)
        floor.sim._scripts = lambda number: SILENT
        leads = await floor.world.leads(range(1, 4))
        ahead = await floor.dialing._campaigns.ahead(HERE, 10)
        assert len(ahead) == 3
        assert {lead.attempts for lead in ahead} == {0}
        (claim,) = await floor.world.ledger.claim(HERE, 1)
        assert claim.features is not None
        later = claim.features.request_age_hours
        assert claim.features == replace(ahead[0], request_age_hours=later), "only time went on"
        assert ahead[0].request_age_hours <= later
        assert claim.lead_id in leads

    play(tmp_path, story)
