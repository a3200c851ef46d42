"""What the exchange takes an answer for: a machine gets no agent and no message, a person who is taken for uncertain does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dialer.compliance.facts import Facts, Unknown
from dialer.domain.campaign import AmdUse
from dialer.domain.disposition import AnswerClass
from dialer.domain.ids import LeadId
from dialer.services.seats import Place
from dialer.testing.callees import Answer, Ring, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play


async def _called(floor: FloorStage, sounds_like: AnswerClass, amd: str) -> str:
    """One call to somebody who sounds like that, in a campaign whose switch is so; the attempt."""
    floor.world.store.write_now(
        lambda tx: tx.run(
            "UPDATE campaign SET register_json = json_set(register_json, '$.amd', :amd)", amd=amd
        )
    )
    floor.sim._scripts = lambda number: (Ring(1.0), Answer(sounds_like), Talk(6.0))
    lead = await floor.world.lead(1)
    await floor.man(MACHINES[0])
    return await floor.call(LeadId(lead))


def _allowed(floor: FloorStage) -> None:
    """A law that leaves the switch to the campaign: the sample's own pack forbids it."""
    real = floor.world.ledger._decide
    floor.world.ledger._decide = lambda facts, now: real(_off(facts), now)


def _off(facts: Facts) -> Facts:
    """The facts as if the campaign had not asked for it."""
    assert not isinstance(facts.campaign, Unknown)
    return replace(facts, campaign=replace(facts.campaign, amd=AmdUse.OFF))


@pytest.mark.rule("A3")
def test_the_chinese_pack_lets_nothing_listen_before_the_agent(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.world.store.write_now(
            lambda tx: tx.run("UPDATE campaign SET register_json = json_set(register_json, '$.amd', 'on')")
        )
        await floor.world.lead(1)
        await floor.man(MACHINES[0])
        await floor.tick()
        assert floor.sim.invites == []
        codes = floor.world.all("SELECT codes FROM decision ORDER BY at_us")
        assert "AMD_NOT_ALLOWED" in codes[0].codes

    play(tmp_path, story)


def test_a_machine_gets_no_agent_and_its_outcome_says_so(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        _allowed(floor)
        attempt = await _called(floor, AnswerClass.MACHINE, "on")
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")
        row = floor.world.attempt(attempt)
        assert (row.outcome, row.disposition, row.answer_class) == ("machine", "voicemail", "machine")
        assert row.connected_us is None
        agent = floor.seats.of_user(MACHINES[0])
        assert agent is not None
        assert agent.place is Place.READY
        lead = floor.world.one("SELECT state, due_us FROM lead")
        assert lead.state == "queued", "it is called again later"

    play(tmp_path, story)


@pytest.mark.parametrize("sounds_like", [AnswerClass.HUMAN, AnswerClass.UNCERTAIN])
def test_whoever_may_be_a_person_has_the_agent(tmp_path: Path, sounds_like: AnswerClass) -> None:
    async def story(floor: FloorStage) -> None:
        _allowed(floor)
        attempt = await _called(floor, sounds_like, "on")
        await floor.until(lambda: floor.world.attempt(attempt).connected_us)

    play(tmp_path, story)


def test_where_the_switch_is_off_a_machine_is_the_agents_to_recognise(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await _called(floor, AnswerClass.MACHINE, "off")
        await floor.until(lambda: floor.world.attempt(attempt).connected_us)
        assert floor.world.attempt(attempt).disposition is None

    play(tmp_path, story)
