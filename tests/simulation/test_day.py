"""Whole days on the shipped exchange, with the real services and storage, in simulated time. Each prints its seed.

`DAY_SEEDS=7,8,9` runs others; a fault names the seed that shows it again.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.testing.clock import run_in_simulated_time
from tests.simulation.day import KILLED, QUIET, STORMY, a_day

SEEDS = [int(seed) for seed in os.environ.get("DAY_SEEDS", "20261119").split(",")]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_quiet_day_has_no_unlawful_call_and_abandons_nobody(seed: int, tmp_path: Path) -> None:
    ended = run_in_simulated_time(a_day(tmp_path, seed, QUIET))
    print(f"seed {seed}, quiet: {ended}")
    assert ended.faults == ()
    assert ended.abandoned_by_nobody == 0
    # the day was one: people were called, talked, refused, and were refused by the gate
    assert ended.invites > 60
    assert ended.outcomes["talked"] > 5
    assert ended.refusals > 20
    assert ended.gate_refusals > 5


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stormy_day_has_no_unlawful_call_and_every_call_comes_to_its_end(seed: int, tmp_path: Path) -> None:
    ended = run_in_simulated_time(a_day(tmp_path, seed, STORMY))
    print(f"seed {seed}, stormy: {ended}")
    assert ended.faults == ()
    assert ended.invites > 40
    assert ended.outcomes["talked"] > 5
    assert ended.outcomes["unknown"] + ended.outcomes["not_dialled"] > 0


KILLS = int(os.environ.get("DAY_KILLS", "20"))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_dialer_that_is_killed_at_any_moment_dials_nobody_twice_and_leaves_no_attempt_without_its_end(
    seed: int, tmp_path: Path
) -> None:
    weather = replace(KILLED, restarts=KILLS // 2)
    ended = run_in_simulated_time(a_day(tmp_path, seed, weather))
    print(f"seed {seed}, killed {KILLS} times: {ended}")
    assert ended.faults == ()
    assert ended.invites > 40
    assert ended.outcomes["talked"] > 5
