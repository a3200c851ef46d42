"""Answering-machine detection on real Asterisk: what the sample callees sound like, and that a machine hears nothing of us."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.integration.asterisk_fixtures import World, new_token, number_ending, until

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

PEOPLE = ("80", "81", "82")
WAITS = "59"
MACHINES = ("83", "84")
SILENT = "10"
ANSWERS = ("CalleeReady", "CalleeMachine")


async def _answered(world: World, ending: str, *variables: str) -> tuple[str, dict[str, str]]:
    """Call a sample callee; the attempt, and what the exchange told of the answer."""
    attempt = f"amd-{new_token()[2:14]}"
    await world.originate(world.gate.permit(number_ending(ending)), attempt, variables)

    def told() -> list[dict[str, str]]:
        return [e for name in ANSWERS for e in world.ami.heard(UserEvent=name, Attempt=attempt)]

    await until(lambda: bool(told()), 20)
    return attempt, told()[0]


async def _over(world: World, attempt: str) -> None:
    await world.ami.act(Action="Hangup", Channel=attempt)
    await world.ami.event(Event="Hangup", Uniqueid=attempt)


def _loudness(path: Path) -> float:
    said = subprocess.run(["sox", str(path), "-n", "stat"], capture_output=True, text=True, check=True).stderr
    line = next(line for line in said.splitlines() if line.startswith("RMS     amplitude"))
    return float(line.split()[-1])


@pytest.mark.parametrize("ending", PEOPLE)
async def test_a_person_who_answers_in_a_few_words_is_taken_for_one(world: World, ending: str) -> None:
    attempt, told = await _answered(world, ending, "AMD=on")
    assert told["UserEvent"] == "CalleeReady"
    assert told["Class"] in ("HUMAN", "NOTSURE")
    assert told["ClassWhy"]
    await _over(world, attempt)


async def test_a_person_who_speaks_and_waits_is_known_as_one(world: World) -> None:
    """The simulated line falls still where a person's carries their room: this recording goes on in silence."""
    attempt, told = await _answered(world, WAITS, "AMD=on")
    assert (told["UserEvent"], told["Class"]) == ("CalleeReady", "HUMAN")
    assert told["ClassWhy"].startswith("HUMAN-")
    await _over(world, attempt)


@pytest.mark.parametrize("ending", MACHINES)
async def test_a_machine_is_hung_up_on_and_hears_nothing_of_us(world: World, ending: str) -> None:
    attempt, told = await _answered(world, ending, "AMD=on")
    assert (told["UserEvent"], told["Class"]) == ("CalleeMachine", "MACHINE")
    await world.ami.event(Event="Hangup", Uniqueid=attempt)
    assert not world.ami.heard(UserEvent="CalleeReady", Attempt=attempt)
    assert not world.ami.heard(UserEvent="Abandoned", Attempt=attempt)
    recordings = world.pbx_settings.recordings
    assert _loudness(recordings / f"{attempt}-callee.wav") > 0.01, "the control: the machine was heard"
    assert _loudness(recordings / f"{attempt}-agent.wav") < 0.001, "nothing was said to it"


async def test_silence_is_no_machine(world: World) -> None:
    attempt, told = await _answered(world, SILENT, "AMD=on")
    assert told["UserEvent"] == "CalleeReady"
    assert told["ClassWhy"].startswith(("INITIALSILENCE", "TOOLONG"))
    await _over(world, attempt)


@pytest.mark.parametrize("variables", [(), ("AMD=off",), ("AMD=yes",)])
async def test_nothing_listens_where_the_call_does_not_say_so(
    world: World, variables: tuple[str, ...]
) -> None:
    attempt, told = await _answered(world, MACHINES[0], *variables)
    assert (told["UserEvent"], told.get("Class", "")) == ("CalleeReady", "")
    await _over(world, attempt)
