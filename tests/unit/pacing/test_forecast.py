"""The law of answers minus freed agents, held against plain convolution."""

import math

import numpy as np
import pytest

from dialer.pacing.forecast import (
    LEVELS,
    TILTS,
    Mixed,
    answer_chances,
    answer_exposure,
    bound_at_least,
    busy_tables,
    free_chances,
    law_around,
    level_tables,
    mix,
    mix_bounds,
    moments_of,
    normal_tail,
    one_more,
    row_counts,
    tail_of,
)
from dialer.pacing.laws import HOLD_EDGES_SECONDS, Floats, HoldLaw, RingLaw

RING_MAX, PATIENCE, WINDOW = 22.0, 2.0, 64
SHAPE = RingLaw(RING_MAX).shape(np.array([]))
TALK, WRAP = HoldLaw(120.0).hazards(np.array([])), HoldLaw(20.0).hazards(np.array([]))
LEVEL_TABLES = level_tables(SHAPE, RING_MAX, WINDOW)
BUSY_TABLES = busy_tables(TALK, WRAP, LEVEL_TABLES.horizons, PATIENCE, 0.99, WINDOW)
P = float(LEVELS[10])
"""One of the tabled levels, so that nothing is interpolated."""


def bernoulli_sum(plus: list[float], minus: list[float]) -> Floats:
    """P(sum of plus − sum of minus = j − len(minus)) by convolution."""
    law = np.array([1.0])
    for chance in plus:
        law = np.convolve(law, [1.0 - chance, chance])
    for chance in minus:
        law = np.convolve(law, [chance, 1.0 - chance])
    return law


@pytest.fixture(scope="module")
def floor() -> tuple[Mixed, Floats, list[list[float]], list[list[float]]]:
    """Tables, counts, and the chances of each call and agent by horizon."""
    rng = np.random.default_rng(5)
    ringing, talking, wrapping = rng.uniform(0, 22, 15), rng.exponential(100, 14), rng.exponential(20, 4)
    mixed = mix(LEVEL_TABLES, BUSY_TABLES, np.array([P]))
    counts = row_counts(mixed, ringing, np.zeros(15, dtype=np.intp), talking, wrapping)
    seconds = LEVEL_TABLES.horizons.seconds
    ages = np.concatenate(([0.0], np.arange(0.5, RING_MAX + 1)))
    answer = answer_chances(SHAPE, np.array([P]), ages, seconds)[0]
    free = free_chances(TALK, WRAP, seconds + PATIENCE - 0.25, 0.99)
    bins = HOLD_EDGES_SECONDS.size

    def bin_of(elapsed: float) -> int:
        return int(np.searchsorted(HOLD_EDGES_SECONDS, elapsed, side="right")) - 1

    plus = [[float(answer[math.ceil(age), k]) for age in ringing] for k in range(seconds.size)]
    minus = [
        [float(free[bin_of(x), k]) for x in talking] + [float(free[bins + bin_of(x), k]) for x in wrapping]
        for k in range(seconds.size)
    ]
    return mixed, counts, plus, minus


@pytest.mark.parametrize("free", [0, 2, 5])
def test_the_law_by_characteristic_function_is_the_convolution(
    floor: tuple[Mixed, Floats, list[list[float]], list[list[float]]], free: int
) -> None:
    mixed, counts, plus, minus = floor
    mean, variance = moments_of(mixed, counts)
    tail = tail_of(law_around(mixed, counts, free, mean, variance))
    for k in range(mean.size):
        law = bernoulli_sum(plus[k], minus[k])
        for more in (0, 1, 3, 6):
            exact = law[len(minus[k]) + free + more :].sum()
            assert tail[k, WINDOW // 2 + more] == pytest.approx(exact, abs=1e-9)


def test_one_more_call_is_one_more_convolution(
    floor: tuple[Mixed, Floats, list[list[float]], list[list[float]]],
) -> None:
    mixed, counts, plus, minus = floor
    tail = one_more(tail_of(law_around(mixed, counts, 2, *moments_of(mixed, counts))), mixed.fresh[0])
    for k in range(mixed.fresh.shape[1]):
        law = bernoulli_sum([*plus[k], float(mixed.fresh[0, k])], minus[k])
        assert tail[k, WINDOW // 2] == pytest.approx(law[len(minus[k]) + 2 :].sum(), abs=1e-9)


def test_chernoff_lies_above_the_probability_and_not_far_above(
    floor: tuple[Mixed, Floats, list[list[float]], list[list[float]]],
) -> None:
    mixed, counts, plus, minus = floor
    bounds = mix_bounds(LEVEL_TABLES, BUSY_TABLES, np.array([P]))
    for least in (1, 3, 5):
        bound = bound_at_least(counts @ bounds.log_mgf, least)
        exact = max(
            bernoulli_sum(plus[k], minus[k])[len(minus[k]) + least :].sum()
            for k in range(mixed.fresh.shape[1])
        )
        assert exact <= bound <= 15.0 * exact
    assert TILTS.size * mixed.fresh.shape[1] == bounds.fresh.shape[1]


def test_far_from_the_mean_the_answer_is_all_or_nothing() -> None:
    mixed = mix(LEVEL_TABLES, BUSY_TABLES, np.array([P]))
    counts = row_counts(mixed, np.full(400, 3.0), np.zeros(400, dtype=np.intp), np.array([]), np.array([]))
    mean, variance = moments_of(mixed, counts)
    half = WINDOW // 2
    last = mean.size - 1
    assert tail_of(law_around(mixed, counts, 1, mean, variance))[last, half] == pytest.approx(1.0)
    assert tail_of(law_around(mixed, counts, 395, mean, variance))[last, half] == pytest.approx(0.0)


def test_the_rough_tail_is_near_the_exact_one_where_it_is_large(
    floor: tuple[Mixed, Floats, list[list[float]], list[list[float]]],
) -> None:
    mixed, counts, _, _ = floor
    mean, variance = moments_of(mixed, counts)
    exact = tail_of(law_around(mixed, counts, 0, mean, variance))[:, WINDOW // 2]
    assert np.abs(normal_tail(mean, variance, 0) - exact).max() < 0.02


def test_a_call_that_has_rung_long_is_less_likely_to_be_answered() -> None:
    ages = np.array([0.0, 10.0, 20.0])
    chance = answer_chances(SHAPE, np.array([0.3]), ages, np.array([30.0]))[0, :, 0]
    assert chance[0] == pytest.approx(0.3, abs=0.01)
    assert chance[0] > chance[1] > chance[2] > 0.0


def test_expected_answers_grow_to_the_calls_own_rate_when_none_is_lost() -> None:
    # The integrated hazard of one call, averaged over when calls end, is its answer probability.
    grid = np.arange(SHAPE.answer.size, dtype=np.float64) * 0.5
    exposure = answer_exposure(SHAPE, np.array([0.3]), np.asarray(grid, dtype=np.float64))[0]
    answered, other = np.diff(SHAPE.answer), np.diff(SHAPE.give_up)
    middle = (exposure[1:] + exposure[:-1]) / 2.0
    assert 0.3 * (answered @ middle) + 0.7 * (other @ middle) == pytest.approx(0.3, abs=0.01)


def test_levels_between_two_tabled_ones_are_mixed() -> None:
    between = math.sqrt(float(LEVELS[9] * LEVELS[10]))
    mixed = mix(LEVEL_TABLES, BUSY_TABLES, np.array([between, P]))
    exact = answer_chances(SHAPE, np.array([between]), np.array([0.0]), LEVEL_TABLES.horizons.seconds)[0, 0]
    assert mixed.classes == 2
    assert mixed.fresh[0] == pytest.approx(exact, rel=0.05)
