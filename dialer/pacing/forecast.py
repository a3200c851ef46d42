"""How many answers will outrun the agents who come free: the exact law of D_k at a few horizons h_k.

    D_k = calls answered within h_k − agents free within h_k + patience

Each call and each agent is one Bernoulli variable; the characteristic function of their sum is a product, its logarithm
a sum over the calls and agents of a kind. So all logarithms are tabled beforehand, by answer level and age of a
ringing call and by elapsed time of a busy agent, and a moment of the floor is one product of counts and table.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.pacing.laws import HOLD_EDGES_SECONDS, RING_BIN_SECONDS, Floats, RingShape, cumulative

HORIZONS_OF_22_SECONDS = np.array([3.0, 5.5, 8.0, 11.0, 14.5, 19.5])
AGE_BIN_SECONDS = 1.0
LEVELS = np.geomspace(0.004, 0.97, 16)
"""Answer probabilities that are tabled; one between two of them is a mixture of their logarithms."""
PATIENCE_MARGIN_SECONDS = 0.25
"""An agent who comes free in the last quarter second of the patience may be connected too late."""
SURE_SIGMAS = 6.0
"""Further from the mean than this a probability counts as 0 or 1 (normal tail 10⁻⁹)."""
_GRID_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Horizons:
    """Where D is looked at. seconds: (K,) ascending. weight: (K,) share of a new call's answers nearest to each."""

    seconds: Floats
    weight: Floats


def horizons_for(shape: RingShape, ring_max: float) -> Horizons:
    """The horizons of a longest ring of `ring_max` seconds, weighted by when a new call is answered."""
    seconds: Floats = np.asarray(HORIZONS_OF_22_SECONDS * (ring_max / 22.0), dtype=np.float64)
    edges: Floats = np.concatenate(([0.0], (seconds[1:] + seconds[:-1]) / 2.0, [ring_max * 2.0]))
    return Horizons(seconds, np.diff(_share_by(shape.answer, edges)))


def _share_by(grid_shares: Floats, seconds: Floats) -> Floats:
    """A cumulative share on the ring grid, read between its points; 1 beyond the end."""
    points = np.arange(grid_shares.size) * RING_BIN_SECONDS
    return np.interp(seconds, points, grid_shares)


def answer_chances(shape: RingShape, levels: Floats, ages: Floats, within: Floats) -> Floats:
    """P(answered within h | still ringing at age a) for each level, age and h: shape (levels, ages, horizons).

    A call of level p that still rings is one of p·[1 − F_R(a)] that will be answered or (1 − p)·[1 − F_U(a)] others.
    """
    answered = _share_by(shape.answer, ages)
    later = _share_by(shape.answer, ages[:, None] + within[None, :])
    alive_answer = 1.0 - answered
    alive_other = 1.0 - _share_by(shape.give_up, ages)
    p = levels[:, None]
    alive = p * alive_answer[None, :] + (1.0 - p) * alive_other[None, :]
    chance = p[:, :, None] * (later - answered[:, None])[None, :, :] / np.maximum(alive, 1e-9)[:, :, None]
    return np.asarray(np.clip(chance, 0.0, 1.0))


def answer_exposure(shape: RingShape, levels: Floats, ages: Floats) -> Floats:
    """Expected answers of a call of each level while it rang until each age: integrated hazard, (levels, ages)."""
    steps: Floats = np.arange(shape.answer.size - 1, dtype=np.float64) * RING_BIN_SECONDS
    hazards = answer_chances(shape, levels, steps, np.array([RING_BIN_SECONDS]))[:, :, 0]
    points = np.arange(shape.answer.size) * RING_BIN_SECONDS
    whole = np.concatenate((np.zeros((levels.size, 1)), np.cumsum(hazards, axis=1)), axis=1)
    return np.stack([np.interp(ages, points, row) for row in whole])


def free_chances(talk: Floats, wrap: Floats, within: Floats, stays: float) -> Floats:
    """P(free within h | elapsed) for the bins of talk, then those of wrap-up: shape (2·bins, horizons).

    talk, wrap: hazards by bin (`HoldLaw.hazards`). stays: share of agents who take calls again after wrap-up.
    """
    middles = HOLD_EDGES_SECONDS + np.append(np.diff(HOLD_EDGES_SECONDS), 600.0) / 2.0
    steps = np.arange(0.0, float(within[-1]) + 2 * _GRID_SECONDS, _GRID_SECONDS)
    survived = np.exp(
        cumulative(talk, middles)[:, None] - cumulative(talk, middles[:, None] + steps[None, :])
    )
    ends = survived[:, :-1] - survived[:, 1:]
    rest = within[None, :] - (steps[:-1] + _GRID_SECONDS / 2.0)[:, None]
    wrapped = np.where(rest > 0, 1.0 - np.exp(-cumulative(wrap, np.maximum(rest, 0.0))), 0.0)
    from_talk = ends @ wrapped
    from_wrap = 1.0 - np.exp(
        cumulative(wrap, middles)[:, None] - cumulative(wrap, middles[:, None] + within[None, :])
    )
    return np.asarray(np.clip(np.concatenate((from_talk, from_wrap)) * stays, 0.0, 1.0))


def window_for(agents: int) -> int:
    """How many values of D a table spans: some 20 standard deviations of a floor with so many agents."""
    return 64 if agents <= 45 else 128 if agents <= 180 else 256


def _log_cf(chance: Floats, window: int, sign: int) -> Floats:
    """Logarithm of the characteristic function of ±Bernoulli, conjugate: real and imaginary parts in turn."""
    angles = 2.0 * np.pi * np.arange(window // 2 + 1) / window
    real = 1.0 + chance[..., None] * (np.cos(angles) - 1.0)
    imaginary = chance[..., None] * np.sin(angles) * -sign
    size = 0.5 * np.log(real * real + imaginary * imaginary + 1e-300)
    both = np.stack((size, np.arctan2(imaginary, real)), axis=-1)
    return np.asarray(both.reshape(*chance.shape[:-1], -1))


TILTS = np.array([0.15, 0.3, 0.5, 0.75, 1.05, 1.4, 1.9, 2.6])
"""Exponents of Chernoff's bound; the best of them is within some per cent of the best of all."""


def _log_mgf(chance: Floats, sign: int) -> Floats:
    """Logarithm of the moment generating function of ±Bernoulli at the tilts: (..., K·tilts)."""
    values = np.log1p(chance[..., None] * np.expm1(sign * TILTS))
    return np.asarray(values.reshape(*chance.shape[:-1], -1))


def _moments(chance: Floats, sign: int) -> Floats:
    """Mean and variance of ±Bernoulli side by side: (..., 2K)."""
    return np.concatenate((sign * chance, chance * (1.0 - chance)), axis=-1)


@dataclass(frozen=True, slots=True)
class LevelTables:
    """Tables of ringing calls by level and age; the first two axes of each are (levels, ages)."""

    horizons: Horizons
    window: int
    chance: Floats
    moments: Floats
    log_cf: Floats
    log_mgf: Floats

    @property
    def ages(self) -> int:
        """How many age bins there are."""
        return int(self.moments.shape[1])


def level_tables(shape: RingShape, ring_max: float, window: int) -> LevelTables:
    """The tables for a learned law of ringing. Some milliseconds: made off the path of a decision."""
    horizons = horizons_for(shape, ring_max)
    ages = np.arange(0.0, ring_max + AGE_BIN_SECONDS, AGE_BIN_SECONDS)
    middles = np.concatenate(([0.0], ages[1:] - AGE_BIN_SECONDS / 2.0))
    chance = answer_chances(shape, LEVELS, middles, horizons.seconds)
    return LevelTables(
        horizons, window, chance, _moments(chance, 1), _log_cf(chance, window, 1), _log_mgf(chance, 1)
    )


@dataclass(frozen=True, slots=True)
class BusyTables:
    """Tables of busy agents by elapsed bin, talk then wrap-up: (2·bins, columns)."""

    moments: Floats
    log_cf: Floats
    log_mgf: Floats


def busy_tables(
    talk: Floats, wrap: Floats, horizons: Horizons, patience: float, stays: float, window: int
) -> BusyTables:
    """The tables for learned laws of talk and wrap-up."""
    within = horizons.seconds + max(0.0, patience - PATIENCE_MARGIN_SECONDS)
    chance = free_chances(talk, wrap, within, stays)
    return BusyTables(_moments(chance, -1), _log_cf(chance, window, -1), _log_mgf(chance, -1))


@dataclass(frozen=True, slots=True)
class Bounds:
    """Chernoff tables for some answer probabilities. fresh: (classes, K·tilts) of a call placed now."""

    log_mgf: Floats
    fresh: Floats


@dataclass(frozen=True, slots=True)
class Mixed:
    """Tables for the answer probabilities in force now: rows are class × age, then the busy bins.

    fresh: (classes, K) chance that a call placed now is answered within each horizon.
    turns: (window/2 + 1,) logarithm of a shift by one.
    """

    horizons: Horizons
    window: int
    ages: int
    classes: int
    moments: Floats
    log_cf: Floats
    fresh: Floats
    turns: NDArray[np.complex128]

    @property
    def ring_rows(self) -> int:
        """Rows before the busy bins begin."""
        return self.classes * self.ages


@dataclass(frozen=True, slots=True)
class _Between:
    """Where answer probabilities lie between the tabled levels."""

    upper: NDArray[np.intp]
    share: Floats

    def of(self, table: Floats) -> Floats:
        """The table at these probabilities, one row a class and age."""
        share = self.share[:, None, None]
        mixed = table[self.upper - 1] * (1.0 - share) + table[self.upper] * share
        return np.asarray(mixed.reshape(-1, table.shape[-1]))


def _between(answer_shares: Floats) -> _Between:
    p = np.clip(answer_shares, LEVELS[0], LEVELS[-1])
    upper = np.clip(np.searchsorted(LEVELS, p), 1, LEVELS.size - 1)
    return _Between(upper, (p - LEVELS[upper - 1]) / (LEVELS[upper] - LEVELS[upper - 1]))


def mix(levels: LevelTables, busy: BusyTables, answer_shares: Floats) -> Mixed:
    """Rows for classes of leads with these answer probabilities, each between two tabled levels."""
    between = _between(answer_shares)
    return Mixed(
        levels.horizons,
        levels.window,
        levels.ages,
        answer_shares.size,
        np.concatenate((between.of(levels.moments), busy.moments)),
        np.concatenate((between.of(levels.log_cf), busy.log_cf)),
        between.of(levels.chance)[:: levels.ages].copy(),
        np.asarray(np.arange(levels.window // 2 + 1) * (2j * np.pi / levels.window), dtype=np.complex128),
    )


def mix_bounds(levels: LevelTables, busy: BusyTables, answer_shares: Floats) -> Bounds:
    """Chernoff's rows for the same classes at other answer probabilities."""
    rows = _between(answer_shares).of(levels.log_mgf)
    return Bounds(np.concatenate((rows, busy.log_mgf)), rows[:: levels.ages].copy())


def row_counts(
    mixed: Mixed, ringing_ages: Floats, ringing_class: NDArray[np.intp], talking: Floats, wrapping: Floats
) -> Floats:
    """How many ringing calls and busy agents stand in each row of the tables."""
    bins = HOLD_EDGES_SECONDS.size
    rows = mixed.ring_rows
    age = np.minimum(np.ceil(ringing_ages), mixed.ages - 1).astype(np.intp)
    return np.bincount(
        np.concatenate(
            (
                ringing_class * mixed.ages + age,
                HOLD_EDGES_SECONDS.searchsorted(talking, side="right") + (rows - 1),
                HOLD_EDGES_SECONDS.searchsorted(wrapping, side="right") + (rows - 1 + bins),
            )
        ),
        minlength=rows + 2 * bins,
    ).astype(np.float64)


def moments_of(mixed: Mixed, counts: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of D at each horizon."""
    both = counts @ mixed.moments
    k = mixed.horizons.seconds.size
    return both[:k], both[k:]


def law_around(mixed: Mixed, counts: Floats, free: int, mean: Floats, variance: Floats) -> Floats:
    """P(D_k = free + j − window/2) for j = 0 … window − 1: shape (K, window)."""
    window = mixed.window
    half = window // 2
    log_cf = (counts @ mixed.log_cf).view(np.complex128).reshape(mean.size, half + 1)
    # Turn the circle so that D = free lies in the middle of the window.
    law = np.fft.irfft(np.exp(log_cf + mixed.turns * (free - half)), n=window, axis=1)
    # Far from the mean the window no longer holds the law, and the answer is all or nothing.
    distance = free - mean
    far = np.abs(distance) > SURE_SIGMAS * np.sqrt(variance) + 1.0
    if far.any():
        law[far] = 0.0
        law[far & (distance < 0), -1] = 1.0
    return law


def tail_of(law: Floats) -> Floats:
    """P(D_k ≥ free + j − window/2) from `law_around`."""
    return np.asarray(law[:, ::-1].cumsum(axis=1)[:, ::-1])


def one_more(tail: Floats, chance: Floats) -> Floats:
    """The tail after one more call that is answered within horizon k with `chance[k]`; the lowest value is lost."""
    more = tail.copy()
    more[:, 1:] = tail[:, 1:] + chance[:, None] * (tail[:, :-1] - tail[:, 1:])
    return more


def bound_at_least(log_mgf: Floats, least: int) -> float:
    """Chernoff: no horizon has a greater P(D ≥ least) than this. log_mgf: (K·tilts,) of D."""
    exponents = (log_mgf.reshape(-1, TILTS.size) - TILTS * least).min(axis=1)
    return float(np.exp(min(0.0, exponents.max())))


_Z = np.arange(-8.0, 8.001, 0.02)
_NORMAL_TAIL = np.array([0.5 * math.erfc(z / math.sqrt(2.0)) for z in _Z])


def normal_tail(mean: Floats, variance: Floats, free: int) -> Floats:
    """P(D_k ≥ free) by the normal law with continuity correction: quick, and good where it is large."""
    return np.asarray(np.interp((free - 0.5 - mean) / np.sqrt(variance + 1e-9), _Z, _NORMAL_TAIL))
