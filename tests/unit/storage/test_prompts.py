"""The register of prompts: approval by hash, and no predictive mode without an approved notice."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.compliance.outcome import Refusal
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.evidence.record import Actor, ActorKind
from dialer.processes.core import judge
from dialer.storage.prompts import SpokenText, approve_prompt, prompts_of, register_prompt
from dialer.storage.sql import Tx
from dialer.storage.times import moment
from dialer.telephony.prompts import Language, PromptsUnavailable, read_register, take_recording
from tests.unit.storage.storage_world import World, fresh_sqlite

ACTOR = Actor(ActorKind.USER, "user-supervisor")
NOTICE = SpokenText("notice-zh", "zh", "您好。", "ab" * 32)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


async def _codes(world: World, mode: str) -> frozenset[str]:
    lead = await world.lead(1)
    world.run("UPDATE campaign SET mode = :mode WHERE id = :id", mode=mode, id=CAMPAIGN)

    def ask(tx: Tx) -> frozenset[str]:
        now = moment(tx.now_us())
        decision = judge(world.facts(tx, lead, now), now)
        return (
            frozenset(str(o.code) for o in decision.objections)
            if isinstance(decision, Refusal)
            else frozenset()
        )

    return world.store.read_now(ask)


def _write(world: World, work: object) -> bool:
    return world.store.write_now(work)  # type: ignore[arg-type]


async def test_a_predictive_campaign_is_refused_until_its_notice_is_approved(world: World) -> None:
    before = await _codes(world, "predictive")
    assert any("MODE" in code for code in before), before
    assert _write(world, lambda tx: register_prompt(tx, world.log, ORG, NOTICE, ACTOR))
    assert await _codes(world, "predictive") == before, "a draft is not approved"
    assert _write(world, lambda tx: approve_prompt(tx, world.log, ORG, "notice-zh", NOTICE.sha256, ACTOR))
    after = await _codes(world, "predictive")
    assert after != before
    assert "UNKNOWN" not in "".join(after)


async def test_a_progressive_campaign_abandons_nobody_and_needs_none(world: World) -> None:
    assert not any("MODE" in code for code in await _codes(world, "progressive"))


def test_only_the_file_that_was_listened_to_is_approved_and_a_new_one_is_a_draft_again(world: World) -> None:
    assert _write(world, lambda tx: register_prompt(tx, world.log, ORG, NOTICE, ACTOR))
    assert not _write(world, lambda tx: register_prompt(tx, world.log, ORG, NOTICE, ACTOR))
    assert not _write(world, lambda tx: approve_prompt(tx, world.log, ORG, "notice-zh", "cd" * 32, ACTOR))
    assert _write(world, lambda tx: approve_prompt(tx, world.log, ORG, "notice-zh", NOTICE.sha256, ACTOR))
    other = SpokenText("notice-zh", "zh", "您好。", "ef" * 32)
    assert _write(world, lambda tx: register_prompt(tx, world.log, ORG, other, ACTOR))
    assert [row.state for row in world.store.read_now(lambda tx: prompts_of(tx, ORG))] == ["draft"]
    types = [row.type for row in world.all("SELECT type FROM leaf WHERE type = 'config.changed'")]
    assert len(types) == 3


def test_a_spoken_file_becomes_a_prompt_and_what_is_no_sound_does_not(tmp_path: Path) -> None:
    spoken = tmp_path / "spoken.wav"
    subprocess.run(
        ["sox", "-n", "-r", "44100", "-c", "2", str(spoken), "synth", "1", "sine", "300"], check=True
    )
    folder = tmp_path / "prompts"
    folder.mkdir()
    entry = take_recording("notice-en", Language.EN, "Hello.", spoken, folder)
    assert read_register(folder) == (entry,)
    said = subprocess.run(
        ["soxi", "-r", str(folder / "notice-en.wav")], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "8000"
    (tmp_path / "no.wav").write_text("no sound")
    with pytest.raises(PromptsUnavailable):
        take_recording("notice-zh", Language.ZH, "您好。", tmp_path / "no.wav", folder)
