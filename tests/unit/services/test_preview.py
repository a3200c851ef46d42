"""Preview on the real loop, database and exchange: the agent sees the lead first, and has the call from the first ring."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from dialer.demo.sample_organisation import CAMPAIGN
from dialer.services.preview_desk import READ_SECONDS_MAX, SKIP_SECONDS
from dialer.services.seats import Place
from dialer.services.views.words import Declined
from dialer.testing.callees import Answer, Ring, Script, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play

FIRST, SECOND = MACHINES
TALKS: Script = (Ring(2.0), Answer(), Talk(300.0))
SILENT: Script = (Ring(60.0),)


async def _begin(floor: FloorStage, script: Script) -> None:
    floor.sim._scripts = lambda number: script
    floor.world.run("UPDATE campaign SET mode = 'preview' WHERE id = :id", id=CAMPAIGN)


def _attempts(floor: FloorStage) -> int:
    return len(floor.world.all("SELECT id FROM attempt WHERE state <> 'refused'"))


def test_nobody_is_dialled_before_the_agent_has_seen_the_lead_and_pressed_call(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await _begin(floor, TALKS)
        lead = await floor.world.lead(1)
        await floor.man(FIRST)
        for _ in range(4):
            await floor.tick()
            await asyncio.sleep(0.25)
        assert _attempts(floor) == 0
        seen = (await floor.desk.view(FIRST)).preview
        assert seen is not None
        assert (seen.lead.lead_id, seen.lead.tries) == (lead, 0)
        assert "****" in seen.lead.number
        assert await floor.previews.call(FIRST) is None
        assert await floor.tick() == 1
        agent = floor.seats.of_user(FIRST)
        assert agent is not None
        assert agent.place is Place.RESERVED, "from the first ring on"
        await floor.until(
            lambda: floor.world.all(
                "SELECT id FROM attempt WHERE state = 'connected' AND agent_id = :a", a=FIRST
            )
        )

    play(tmp_path, story)


def test_two_agents_read_two_leads_and_each_gets_their_own(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await _begin(floor, TALKS)
        await floor.world.leads(range(1, 4))
        await floor.man(FIRST, SECOND)
        await floor.tick()
        one, two = floor.previews.view(FIRST), floor.previews.view(SECOND)
        assert one is not None
        assert two is not None
        assert one.lead.lead_id != two.lead.lead_id
        assert await floor.previews.call(SECOND) is None
        await floor.tick()
        await floor.until(lambda: floor.world.all("SELECT id FROM attempt WHERE state = 'connected'"))
        (talk,) = floor.world.all("SELECT lead_id, agent_id FROM attempt WHERE state = 'connected'")
        assert (talk.lead_id, talk.agent_id) == (two.lead.lead_id, SECOND)

    play(tmp_path, story)


def test_a_skip_puts_the_lead_back_with_who_and_why(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await _begin(floor, TALKS)
        lead = await floor.world.lead(1)
        await floor.man(FIRST)
        await floor.tick()
        wrong = await floor.previews.skip(FIRST, "no such reason")
        assert isinstance(wrong, Declined)
        assert await floor.previews.skip(FIRST, "not_now") is None
        row = floor.world.lead_row(lead)
        assert row.state == "queued"
        assert row.due_us >= floor.world.now_us() + (SKIP_SECONDS - 5) * 1_000_000
        (skipped,) = json.loads(row.register_json)["skipped"]
        assert (skipped["reason"], skipped["by"]) == ("not_now", FIRST)
        assert isinstance(await floor.previews.call(FIRST), Declined), "there is nothing to call any more"
        assert _attempts(floor) == 0

    play(tmp_path, story)


def test_when_the_time_is_up_the_lead_goes_back_and_is_not_dialled(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await _begin(floor, TALKS)
        lead = await floor.world.lead(1)
        await floor.man(FIRST)
        await floor.tick()
        assert floor.world.lead_row(lead).state == "claimed"
        await asyncio.sleep(READ_SECONDS_MAX + 0.1)
        assert isinstance(await floor.previews.call(FIRST), Declined)
        await floor.tick()
        assert _attempts(floor) == 0
        assert floor.world.lead_row(lead).state == "queued" or floor.previews.view(FIRST) is not None

    play(tmp_path, story)


def test_an_agent_who_pauses_while_reading_gives_the_lead_back(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await _begin(floor, TALKS)
        lead = await floor.world.lead(1)
        await floor.man(FIRST)
        await floor.tick()
        await floor.desk.pause(FIRST, "break")
        await floor.tick()
        assert floor.world.lead_row(lead).state == "queued"
        assert floor.previews.view(FIRST) is None

    play(tmp_path, story)


def test_the_gate_decides_after_call_as_for_every_call_and_the_agent_hears_why(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await _begin(floor, TALKS)
        await floor.world.lead(1)
        await floor.man(FIRST)
        await floor.tick()
        floor.world.run("UPDATE consent SET withdrawn_us = 1")
        assert await floor.previews.call(FIRST) is None
        assert await floor.tick() == 0
        assert _attempts(floor) == 0
        said = (await floor.desk.view(FIRST)).idle_reason
        assert said is not None
        assert said.en.startswith("Not called: ")
        agent = floor.seats.of_user(FIRST)
        assert agent is not None
        assert agent.place is Place.READY

    play(tmp_path, story)


def test_an_unanswered_call_sets_the_agent_free_for_the_next_lead(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await _begin(floor, SILENT)
        await floor.world.leads(range(1, 3))
        await floor.man(FIRST)
        await floor.tick()
        await floor.previews.call(FIRST)
        assert await floor.tick() == 1

        def is_free() -> bool:
            agent = floor.seats.of_user(FIRST)
            return agent is not None and agent.place is Place.READY

        await floor.until(is_free)
        await floor.tick()
        assert floor.previews.view(FIRST) is not None

    play(tmp_path, story)
