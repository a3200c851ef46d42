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
from dialer.services.prompt_desk import SpokenText
from dialer.services.views.words import Declined
from dialer.storage.prompts import OWN_PROMPT, STANDS_THERE, approve_prompt, prompts_of, register_prompt
from dialer.storage.sql import Tx
from dialer.storage.times import moment
from dialer.telephony.prompt_files import PromptFiles, any_sound
from dialer.telephony.prompts import PromptsUnavailable, Registered, read_register
from tests.unit.storage.storage_world import World, fresh_sqlite

ACTOR, ANOTHER = Actor(ActorKind.USER, "user-supervisor"), Actor(ActorKind.USER, "user-auditor")
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


def _add(world: World, spoken: SpokenText = NOTICE) -> Declined | None:
    return world.store.write_now(lambda tx: register_prompt(tx, world.log, ORG, spoken, ACTOR))


def _approve(world: World, sha256: str, by: Actor = ANOTHER) -> SpokenText | Declined | None:
    return world.store.write_now(lambda tx: approve_prompt(tx, world.log, ORG, "notice-zh", sha256, by))


@pytest.mark.parametrize("mode", ["predictive", "predictive_provable"])
async def test_a_predictive_campaign_is_refused_until_its_notice_is_approved(world: World, mode: str) -> None:
    before = await _codes(world, mode)
    assert any("MODE" in code for code in before), before
    assert _add(world) is None
    assert await _codes(world, mode) == before, "a draft is not approved"
    assert _approve(world, NOTICE.sha256, by=ACTOR) == OWN_PROMPT
    assert await _codes(world, mode) == before, "nobody approves what they brought"
    assert _approve(world, NOTICE.sha256) == NOTICE
    after = await _codes(world, mode)
    assert after != before
    assert "UNKNOWN" not in "".join(after)


async def test_a_progressive_campaign_abandons_nobody_and_needs_none(world: World) -> None:
    assert not any("MODE" in code for code in await _codes(world, "progressive"))


async def test_only_the_file_that_was_listened_to_is_approved_and_a_new_one_waits_beside_it(
    world: World,
) -> None:
    assert _add(world) is None
    assert _add(world) == STANDS_THERE
    assert _approve(world, "cd" * 32) is None
    assert _approve(world, NOTICE.sha256) == NOTICE
    spoken = await _codes(world, "predictive")
    other = SpokenText("notice-zh", "zh", "您好。", "ef" * 32)
    assert _add(world, other) is None
    found = world.store.read_now(lambda tx: [(r.state, r.sha256) for r in prompts_of(tx, ORG)])
    assert found == [("approved", NOTICE.sha256), ("draft", other.sha256)]
    assert await _codes(world, "predictive") == spoken, "the old notice still speaks"
    assert _approve(world, other.sha256) == other
    found = world.store.read_now(lambda tx: [(r.state, r.sha256) for r in prompts_of(tx, ORG)])
    assert found == [("approved", other.sha256)]
    types = [row.type for row in world.all("SELECT type FROM leaf WHERE type = 'config.changed'")]
    assert len(types) == 4


def test_any_sound_becomes_a_prompt_that_waits_and_what_is_no_sound_does_not(tmp_path: Path) -> None:
    spoken = tmp_path / "spoken.wav"
    subprocess.run(
        ["sox", "-n", "-r", "44100", "-c", "2", str(spoken), "synth", "1", "sine", "300"], check=True
    )
    files = PromptFiles(tmp_path / "prompts")
    taken = files.take_now(any_sound(spoken))
    assert isinstance(taken, str)
    assert files.played_now() == {}, "what waits is not played"
    assert files.play_now(SpokenText("notice-en", "en", "Hello.", taken))
    assert files.played_now() == {"notice-en": taken}
    assert read_register(files.folder) == (Registered("notice-en", "en", "Hello.", taken),)
    assert not files.play_now(SpokenText("notice-en", "en", "Hello.", "ab" * 32)), "a file that isn't there"
    (tmp_path / "no.wav").write_text("no sound")
    with pytest.raises(PromptsUnavailable):
        any_sound(tmp_path / "no.wav")
