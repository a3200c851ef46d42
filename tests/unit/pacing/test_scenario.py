"""Scenario files: what is not known is refused with its line; history takes the place of textbook laws."""

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from dialer.pacing.compare import Method
from dialer.pacing.history import CALLS_MIN, History, lived_through
from dialer.pacing.scenario import ScenarioError, parse_leave, parse_scenario
from dialer.pacing.world import AgentsLeave, Shape, WorldError

SCENARIOS = Path(__file__).parents[3] / "bench" / "scenarios"
PLAIN = """name = "small"
days = 3
[shift]
start = "09:30"
hours = 2.0
[agents]
count = 5
[[list.part]]
answer_share = 0.3
[pacing]
mode = "predictive"
cap = 0.01
compare = ["progressive", "clairvoyant"]
"""


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_can_be_read(path: Path) -> None:
    scenario = parse_scenario(path.read_text(encoding="utf-8"))
    assert scenario.days >= 1
    assert scenario.methods


def test_a_scenario_says_what_it_says() -> None:
    scenario = parse_scenario(PLAIN)
    assert scenario.start == time(9, 30)
    assert scenario.world.agents == 5
    assert scenario.methods == (Method.PREDICTIVE, Method.PROGRESSIVE, Method.CLAIRVOYANT)


@pytest.mark.parametrize(
    ("was", "becomes", "line"),
    [
        ("days = 3", "dayz = 3", 2),
        ("count = 5", "count = 5\nskill = 3", 8),
        ("answer_share = 0.3", 'answer_share = 0.3\ncolour = "red"', 10),
        ("count = 5", "count = true", 7),
        ('mode = "predictive"', 'mode = "wild"', 11),
        ("cap = 0.01", "cap = 1.5", 12),
        ("cap = 0.01", "cap = nan", 12),
        ("days = 3", "days = 0", 2),
        ("hours = 2.0", "hours =", 5),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(was: str, becomes: str, line: int) -> None:
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(PLAIN.replace(was, becomes, 1))
    assert refused.value.line == line
    assert f"line {line}" in str(refused.value)


def test_a_world_that_cannot_be_is_refused() -> None:
    with pytest.raises(ScenarioError, match="add up to over 1"):
        parse_scenario(PLAIN.replace("answer_share = 0.3", "answer_share = 0.95"))


def test_who_leaves_when_is_read_on_the_shifts_clock() -> None:
    assert parse_leave("2@15:00", time(9, 30)) == AgentsLeave(5.5 * 3600, 2)
    for wrong in ("two@15:00", "2@25:00", "2@08:00", "2"):
        with pytest.raises(ScenarioError):
            parse_leave(wrong, time(9, 30))


def test_a_history_brings_its_own_shares_and_durations() -> None:
    world = parse_scenario(PLAIN).world
    history = History(
        no_answer=60,
        failed=10,
        ring_seconds=(6.0, 8.0) * 15,
        machine_seconds=(),
        talk_seconds=(50.0, 70.0),
        wrap_seconds=(9.0,),
    )
    lived = lived_through(history, world)
    assert lived.parts[0].answer_share == pytest.approx(0.3)
    assert lived.fail_share == pytest.approx(0.1)
    assert lived.talk.shape is Shape.SAMPLES
    assert (lived.agents, lived.shift_seconds) == (world.agents, world.shift_seconds)
    with pytest.raises(WorldError, match=str(CALLS_MIN)):
        lived_through(replace(history, no_answer=0, failed=0, ring_seconds=(6.0,)), world)
