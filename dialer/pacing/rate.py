"""How likely a call is answered: a rate that follows the day, and factors for classes of leads and for hours.

Answers are counted as a point process: p̂ = answers / exposure, where a call's exposure grows while it rings by the
answers that a call of rate 1 would be expected to give. Answers over resolved calls would mislead: time-outs are
resolved in bursts, 22 s after the answers of the same calls, and the quotient swings by a factor of five.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.pacing.features import LeadClass, LeadFeatures, class_of
from dialer.pacing.forecast import LEVELS, answer_exposure
from dialer.pacing.laws import RING_BIN_SECONDS, Floats, RingShape

MEMORY_CALLS = 500.0
"""The rate follows about as many calls: their standard error at p = .3 is 7 %."""
ALARM_MEMORY_CALLS = 80.0
PRIOR_CALLS = 15.0
PRIOR_RATE = 0.3
LEARNED_CALLS_MAX = 150.0
"""What was learned on another day counts as at most so many calls today."""
CLASS_PRIOR_ANSWERS = 8.0
CLASS_MEMORY_ANSWERS = 1_500.0
HOUR_PRIOR_CALLS = 300.0
CHANGE_UP, CHANGE_DOWN = 1.8, 0.5
ALARM_SCORE = 6.0
"""Log-likelihood ratio at which a change is believed: by chance once in some hundred days."""
SEEN_MAX = 2_048
HIGHEST_SIGMAS = 1.75
RISE_AT_ALARM = 1.2
"""Just before a rise is believed, the rate may plausibly have become so much higher."""
CLASSES_MAX = 64
"""More classes than this share the campaign's own rate."""


@dataclass(frozen=True, slots=True)
class ClassLearned:
    """One class of leads: answers seen, answers expected at the campaign's rate."""

    lead_class: LeadClass
    answers: float
    expected: float


@dataclass(frozen=True, slots=True)
class RateLearned:
    """What an `AnswerRate` has learned, as plain data. by_hour: (answers, exposure) for hours 0–23."""

    answers: float
    exposure: float
    classes: tuple[ClassLearned, ...]
    by_hour: tuple[tuple[float, float], ...]


@dataclass(slots=True)
class _Cell:
    answers: float
    expected: float

    @property
    def alone(self) -> float:
        """Against the campaign's rate as it was when the calls were made."""
        return (self.answers + CLASS_PRIOR_ANSWERS) / (self.expected + CLASS_PRIOR_ANSWERS)


class AnswerRate:
    """The campaign's answer probability now. Class 0 is every lead of which nothing is known."""

    def __init__(self, learned: RateLearned | None = None) -> None:
        self._answers, self._exposure = PRIOR_RATE * PRIOR_CALLS, PRIOR_CALLS
        self._cells = [_Cell(0.0, 0.0)]
        self._together = 1.0
        self._index: dict[LeadClass, int] = {}
        self._seen: dict[LeadFeatures, int] = {}
        self._hours = [[0.0, 0.0] for _ in range(24)]
        if learned is not None:
            self._recall(learned)
        self._hour: int | None = None
        self._memory = MEMORY_CALLS
        self._score_up = self._score_down = 0.0
        self._low_up = self._low_down = 0.0
        self._units: Floats = np.ones((LEVELS.size, 2))
        self._score = 0.0
        self._new_answers = self._new_exposure = 0.0
        self._ringing: tuple[NDArray[np.intp], Floats] = (np.zeros(0, dtype=np.intp), np.zeros(0))
        self._pending = 0.0
        self.alarms = 0

    def learned(self) -> RateLearned:
        """Everything known, for a later start."""
        classes = tuple(
            ClassLearned(lead_class, self._cells[i].answers, self._cells[i].expected)
            for lead_class, i in self._index.items()
        )
        hours = tuple((answers, exposure) for answers, exposure in self._hours)
        return RateLearned(self._answers, self._exposure, classes, hours)

    def _recall(self, learned: RateLearned) -> None:
        known = min(learned.exposure, LEARNED_CALLS_MAX)
        if learned.exposure > 0:
            self._answers += learned.answers * known / learned.exposure
            self._exposure += known
        for item in learned.classes[: CLASSES_MAX - 1]:
            self._index[item.lead_class] = len(self._cells)
            self._cells.append(_Cell(item.answers, item.expected))
        for hour, (answers, exposure) in enumerate(learned.by_hour[:24]):
            self._hours[hour] = [answers, exposure]

    def set_shape(self, shape: RingShape) -> None:
        """A new law of ringing: how exposure grows with age, by level, for a call of rate 1."""
        ages: Floats = np.arange(shape.answer.size, dtype=np.float64) * RING_BIN_SECONDS
        self._units = answer_exposure(shape, LEVELS, ages) / LEVELS[:, None]
        self._pending = self._exposure_of(*self._ringing)

    def class_index(self, features: LeadFeatures | None) -> int:
        """The number of the lead's class; new classes are opened as they come, up to CLASSES_MAX."""
        if features is None:
            return 0
        index = self._seen.get(features)
        if index is not None:
            return index
        index = self._seen[features] = self._class_index(class_of(features))
        if len(self._seen) > SEEN_MAX:
            self._seen.clear()
        return index

    def _class_index(self, lead_class: LeadClass) -> int:
        index = self._index.get(lead_class)
        if index is None:
            if len(self._cells) >= CLASSES_MAX:
                return 0
            index = self._index[lead_class] = len(self._cells)
            self._cells.append(_Cell(0.0, 0.0))
        return index

    @property
    def rate(self) -> float:
        """p̂ of a lead of which nothing is known."""
        return min(max(self._answers / self._exposure, 0.0), 1.0)

    @property
    def highest(self) -> float:
        """By what factor the rate may plausibly be higher: what is not yet known, and what looks like a rise."""
        unknown = HIGHEST_SIGMAS / math.sqrt(max(self._answers, 1.0))
        return (1.0 + unknown) * (1.0 + RISE_AT_ALARM * min(1.0, self._score / ALARM_SCORE))

    def rates(self) -> Floats:
        """p̂ by class."""
        base = self.rate
        return np.minimum(base * self._factors(), 1.0)

    def _factors(self) -> Floats:
        """By class, how much likelier than the campaign's calls on the whole; 1 for leads of which nothing is known."""
        return np.array([1.0, *(cell.alone / self._together for cell in self._cells[1:])])

    def _level_factors(self) -> None:
        """On the whole, the factors are 1: else they and the rate could drift apart, one rising as the other falls."""
        expected = sum(cell.expected for cell in self._cells[1:])
        answers = sum(cell.expected * cell.alone for cell in self._cells[1:])
        self._together = answers / expected if expected > 0 and answers > 0 else 1.0

    def hour_is(self, hour: int) -> None:
        """The local hour of the leads now being called; another hour moves the rate by what was learned of both."""
        if hour == self._hour:
            return
        if self._hour is not None:
            self._answers *= self._hour_factor(hour) / self._hour_factor(self._hour)
        self._hour = hour

    def _hour_factor(self, hour: int) -> float:
        answers = sum(hour_of[0] for hour_of in self._hours)
        exposure = sum(hour_of[1] for hour_of in self._hours)
        if exposure <= 0 or answers <= 0:
            return 1.0
        overall = answers / exposure
        ours = self._hours[hour]
        return (ours[0] + HOUR_PRIOR_CALLS * overall) / (ours[1] + HOUR_PRIOR_CALLS) / overall

    def resolved(self, class_index: int, age: float, answers: int) -> None:
        """A call stopped ringing at `age`, with 1 or 0 answers."""
        cell = self._cells[class_index]
        factor = cell.alone / self._together if class_index else 1.0
        exposure = factor * self._unit(min(self.rate * factor, 1.0), age)
        self._new_answers += answers
        self._new_exposure += exposure
        self._memory = min(MEMORY_CALLS, self._memory + 0.5)
        expected = self.rate * exposure
        if class_index:
            fade = 1.0 - expected / CLASS_MEMORY_ANSWERS
            cell.answers = cell.answers * fade + answers
            cell.expected = cell.expected * fade + expected / factor
        if self._hour is not None:
            ours = self._hours[self._hour]
            ours[0], ours[1] = ours[0] * 0.9998 + answers, ours[1] * 0.9998 + exposure
        self._score_up += answers * math.log(CHANGE_UP) - (CHANGE_UP - 1.0) * expected
        self._score_down += answers * math.log(CHANGE_DOWN) + (1.0 - CHANGE_DOWN) * expected

    def _unit(self, level: float, age: float) -> float:
        row = int(np.searchsorted(LEVELS, level))
        column = int(age / RING_BIN_SECONDS + 0.5)
        units = self._units
        return float(units[min(row, LEVELS.size - 1), min(max(column, 0), units.shape[1] - 1)])

    def watch(self, ringing_class: NDArray[np.intp], ringing_ages: Floats) -> float:
        """p̂ counting the calls that still ring; looks for a change of the rate. Returns the rate for class 0."""
        self._level_factors()
        pending = self._exposure_of(ringing_class, ringing_ages)
        self._ringing = (ringing_class, ringing_ages)
        self._accrue(self._new_exposure + pending - self._pending)
        self._pending = pending
        up = self._score_up - (CHANGE_UP - 1.0) * self.rate * pending
        down = self._score_down + (1.0 - CHANGE_DOWN) * self.rate * pending
        self._low_up, self._low_down = min(self._low_up, up), min(self._low_down, down)
        self._score = max(0.0, up - self._low_up)
        if max(self._score, down - self._low_down) > ALARM_SCORE:
            self._alarm(up, down)
        return self.rate

    def _exposure_of(self, ringing_class: NDArray[np.intp], ringing_ages: Floats) -> float:
        """What calls that still ring have been exposed to by now."""
        if not ringing_ages.size:
            return 0.0
        factors = self._factors()[ringing_class]
        rows = np.minimum(np.searchsorted(LEVELS, np.minimum(self.rate * factors, 1.0)), LEVELS.size - 1)
        columns = np.clip(
            (ringing_ages / RING_BIN_SECONDS + 0.5).astype(np.intp), 0, self._units.shape[1] - 1
        )
        return float((factors * self._units[rows, columns]).sum())

    def _accrue(self, exposure: float) -> None:
        """Answers and exposure count when they happen, and fade by exposure.

        Were a call's exposure counted when it is resolved, the time-outs of one second's calls would all count at once,
        22 s late: with more calls in the air than the memory is long, the rate would fall to a third and rise again.
        """
        # less than nothing, where the rate moved and with it what a ringing call has been exposed to
        fade = math.exp(-max(0.0, exposure) / self._memory)
        self._answers = self._answers * fade + self._new_answers
        self._exposure = max(1.0, self._exposure * fade + exposure)
        self._new_answers = self._new_exposure = 0.0

    def _alarm(self, up: float, down: float) -> None:
        """Something changed: forget sooner. Never jump to the run's own rate, which is the luckiest of many."""
        self.alarms += 1
        if self._exposure > ALARM_MEMORY_CALLS:
            self._answers *= ALARM_MEMORY_CALLS / self._exposure
            self._exposure = ALARM_MEMORY_CALLS
        self._memory = ALARM_MEMORY_CALLS
        self._low_up, self._low_down = up, down
