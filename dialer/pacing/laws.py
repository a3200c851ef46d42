"""Laws of time learned from what happened: how soon a call is answered or given up, how long talk and wrap-up last.

Both are hazards on bins of elapsed time, so that what is still going on counts as time survived (censored exposure):
a cold start that looked at finished calls alone would see the short ones first and believe that all are short.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RING_BIN_SECONDS = 0.5
RING_MEMORY_CALLS = 6_000.0
"""Older calls fade with this memory: the shape of ringing belongs to networks and handsets and changes slowly."""
RING_PRIOR_CALLS = 8.0
"""Weight of the law assumed before anything is known: as that many calls."""
PRIOR_ANSWER_SHARE = 0.3
PRIOR_ANSWER_MEAN_SECONDS = 9.0
PRIOR_FAIL_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class RingShape:
    """How ringing goes, on a grid of RING_BIN_SECONDS; arrays have one entry a grid point, the first at 0 s.

    answer: share of the answered calls that have been answered by then (0 → 1).
    give_up: share of the others that have ended by then (0 → 1). answer_share: answered / placed.
    """

    answer: Floats
    give_up: Floats
    answer_share: float


@dataclass(frozen=True, slots=True)
class RingLearned:
    """What a `RingLaw` has learned, as plain data: per bin call-bins at risk, answers, other ends."""

    exposure: tuple[float, ...]
    answers: tuple[float, ...]
    others: tuple[float, ...]


class RingLaw:
    """Competing hazards of answer and other end by age, for calls that may ring `ring_max` seconds."""

    def __init__(self, ring_max: float, learned: RingLearned | None = None) -> None:
        self.ring_max = ring_max
        self.bins = max(2, int(np.ceil(ring_max / RING_BIN_SECONDS)))
        self._exposure = _fitted(learned.exposure if learned else (), self.bins)
        self._answers = _fitted(learned.answers if learned else (), self.bins)
        self._others = _fitted(learned.others if learned else (), self.bins)
        self._fade = 1.0 - 1.0 / RING_MEMORY_CALLS
        self._weight = 1.0
        self._prior = _prior_hazards(self.bins)

    def learned(self) -> RingLearned:
        """Everything known, for a later start."""
        scale = 1.0 / self._weight
        exposure, answers, others = (x * scale for x in (self._exposure, self._answers, self._others))
        return RingLearned(tuple(exposure.tolist()), tuple(answers.tolist()), tuple(others.tolist()))

    def answered(self, age: float) -> None:
        """A call was answered at `age` seconds."""
        self._answers[self._survive(age)] += self._weight

    def ended(self, age: float) -> None:
        """A call ended otherwise at `age` seconds: busy, failed, machine, rang out."""
        self._others[self._survive(age)] += self._weight

    def censored(self, age: float) -> None:
        """We hung up at `age` seconds: what it would have become is not known."""
        self._survive(age)

    def _survive(self, age: float) -> int:
        last = min(max(int(age / RING_BIN_SECONDS), 0), self.bins - 1)
        # New calls weigh ever more instead of old ones ever less: one number to scale, not three arrays a call.
        self._weight /= self._fade
        self._exposure[: last + 1] += self._weight
        if self._weight > 1e6:
            for array in (self._exposure, self._answers, self._others):
                array /= self._weight
            self._weight = 1.0
        return last

    def shape(self, ringing_ages: Floats) -> RingShape:
        """The law as of now; calls still ringing count with the bins that they have survived whole."""
        exposure = self._exposure / self._weight
        if ringing_ages.size:
            survived = np.minimum((ringing_ages / RING_BIN_SECONDS).astype(np.intp), self.bins)
            counts = np.bincount(np.maximum(survived, 0), minlength=self.bins + 1)
            exposure = exposure + (ringing_ages.size - np.cumsum(counts)[: self.bins])
        prior_answer, prior_other, prior_alive = self._prior
        at_risk = exposure + RING_PRIOR_CALLS * prior_alive
        answer = (self._answers / self._weight + RING_PRIOR_CALLS * prior_alive * prior_answer) / at_risk
        other = (self._others / self._weight + RING_PRIOR_CALLS * prior_alive * prior_other) / at_risk
        other[-1] = max(0.0, 1.0 - answer[-1])
        total = np.minimum(answer + other, 1.0)
        alive = np.concatenate(([1.0], np.cumprod(1.0 - total)))[:-1]
        answered = np.concatenate(([0.0], np.cumsum(alive * answer)))
        given_up = np.concatenate(([0.0], np.cumsum(alive * other)))
        share = float(answered[-1])
        return RingShape(
            answered / share if share > 0 else np.linspace(0, 1, self.bins + 1),
            given_up / given_up[-1] if given_up[-1] > 0 else np.linspace(0, 1, self.bins + 1),
            share,
        )


def _fitted(values: Iterable[float], bins: int) -> Floats:
    """`values` cut or filled with zeros to `bins` entries: the longest ring may have been changed meanwhile."""
    array = np.zeros(bins)
    known = np.fromiter(values, dtype=np.float64)[:bins]
    array[: known.size] = known
    return array


def _prior_hazards(bins: int) -> tuple[Floats, Floats, Floats]:
    """(answer hazard, other hazard, share still ringing) by bin of the law assumed before anything is known."""
    grid = np.arange(bins + 1) * RING_BIN_SECONDS
    answered = 1.0 - np.exp(-grid / PRIOR_ANSWER_MEAN_SECONDS)
    failed = 1.0 - np.exp(-grid / 2.0)
    alive = 1.0 - PRIOR_ANSWER_SHARE * answered - PRIOR_FAIL_SHARE * failed
    before = alive[:-1]
    answer = PRIOR_ANSWER_SHARE * np.diff(answered) / before
    other = PRIOR_FAIL_SHARE * np.diff(failed) / before
    return answer, other, before


HOLD_EDGES_SECONDS = np.concatenate(
    ([0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0], np.round(np.geomspace(13, 7200, 35)))
)
"""Fine where wrap-up ends, then a fifth wider from bin to bin; what lasts over two hours stays in the last."""
HOLD_MEMORY_CALLS = 4_000.0
HOLD_PRIOR_EVENTS = 0.6
"""Each bin starts as if it had seen this many ends at the rate of the prior's mean."""


@dataclass(frozen=True, slots=True)
class HoldLearned:
    """What a `HoldLaw` has learned, as plain data: per bin seconds at risk and ends."""

    seconds: tuple[float, ...]
    ends: tuple[float, ...]


class HoldLaw:
    """How long something holds an agent (talk or wrap-up): piecewise constant hazard by elapsed time."""

    def __init__(self, prior_mean: float, learned: HoldLearned | None = None) -> None:
        bins = HOLD_EDGES_SECONDS.size
        self._widths = np.append(np.diff(HOLD_EDGES_SECONDS), np.inf)
        self._seconds = _fitted(learned.seconds if learned else (), bins)
        self._ends = _fitted(learned.ends if learned else (), bins)
        self._prior_rate = 1.0 / prior_mean
        self._fade = 1.0 - 1.0 / HOLD_MEMORY_CALLS
        self._weight = 1.0

    def learned(self) -> HoldLearned:
        """Everything known, for a later start."""
        return HoldLearned(
            tuple((self._seconds / self._weight).tolist()), tuple((self._ends / self._weight).tolist())
        )

    def ended(self, seconds: float) -> None:
        """One ended after `seconds`."""
        self._weight /= self._fade
        held = max(0.0, seconds)
        last = int(np.searchsorted(HOLD_EDGES_SECONDS, held, side="right")) - 1
        self._seconds[:last] += self._weight * self._widths[:last]
        self._seconds[last] += self._weight * (held - HOLD_EDGES_SECONDS[last])
        self._ends[last] += self._weight
        if self._weight > 1e6:
            self._seconds /= self._weight
            self._ends /= self._weight
            self._weight = 1.0

    def hazards(self, going_on: Floats) -> Floats:
        """Ends a second by bin; what has been going on for `going_on` seconds counts as survived."""
        seconds = self._seconds / self._weight
        ends = self._ends / self._weight
        if going_on.size:
            seconds = seconds + np.clip(
                going_on[:, None] - HOLD_EDGES_SECONDS[None, :], 0.0, self._widths[None, :]
            ).sum(axis=0)
        total_ends, total_seconds = ends.sum(), seconds.sum()
        # The prior of every bin is the one overall rate, itself learned: bins with few ends borrow from all.
        overall = (total_ends + 2.0) / (total_seconds + 2.0 / self._prior_rate)
        return np.asarray((ends + HOLD_PRIOR_EVENTS) / (seconds + HOLD_PRIOR_EVENTS / overall))


def cumulative(hazards: Floats, at: Floats) -> Floats:
    """Integrated hazard from 0 to each of `at` seconds (any shape)."""
    whole = np.concatenate(([0.0], np.cumsum(hazards[:-1] * np.diff(HOLD_EDGES_SECONDS))))
    last = np.clip(np.searchsorted(HOLD_EDGES_SECONDS, at, side="right") - 1, 0, hazards.size - 1)
    return np.asarray(whole[last] + hazards[last] * (at - HOLD_EDGES_SECONDS[last]))
