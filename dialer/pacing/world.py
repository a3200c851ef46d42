"""The world that a simulated day runs in: laws of time, shares of outcomes, agents, lists. Plain data.

Everything is drawn from a generator that the caller seeds, so that a day can be told again.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dialer.domain.errors import DialerError
from dialer.pacing.features import LeadFeatures, Promise

Floats = NDArray[np.float64]


class WorldError(DialerError):
    """The world described can't be; nothing was simulated."""


class Shape(StrEnum):
    """The family of a law of time."""

    FIXED = "fixed"
    EXPONENTIAL = "exponential"
    GAMMA = "gamma"
    LOGNORMAL = "lognormal"
    SAMPLES = "samples"


@dataclass(frozen=True, slots=True)
class Law:
    """How long something lasts. mean_seconds ≥ 0; cv: standard deviation over mean (gamma, lognormal: > 0).

    samples: durations in seconds to draw from (shape samples: a campaign's own history), all ≥ 0.
    Raises: WorldError where a value makes no sense.
    """

    shape: Shape
    mean_seconds: float = 0.0
    cv: float = 1.0
    samples: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what numpy would turn into NaN or an endless wait."""
        if self.shape is Shape.SAMPLES:
            if not self.samples or not all(math.isfinite(x) and x >= 0 for x in self.samples):
                raise WorldError("a law of samples needs at least one, each a number of seconds ≥ 0")
            return
        if not (math.isfinite(self.mean_seconds) and self.mean_seconds >= 0):
            raise WorldError("a mean is a number of seconds ≥ 0")
        if self.shape in (Shape.GAMMA, Shape.LOGNORMAL) and not (
            math.isfinite(self.cv) and 0 < self.cv <= 10
        ):
            raise WorldError("a cv lies over 0 and at most at 10")

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """`count` durations in seconds, ≥ 0."""
        mean = self.mean_seconds
        if self.shape is Shape.SAMPLES:
            return rng.choice(np.asarray(self.samples, dtype=np.float64), size=count)
        if self.shape is Shape.FIXED or mean == 0.0:
            return np.full(count, mean)
        if self.shape is Shape.EXPONENTIAL:
            return rng.exponential(mean, count)
        if self.shape is Shape.GAMMA:
            return rng.gamma(1.0 / self.cv**2, mean * self.cv**2, count)
        spread = math.log1p(self.cv**2)
        return rng.lognormal(math.log(mean) - spread / 2.0, math.sqrt(spread), count)


@dataclass(frozen=True, slots=True)
class ListPart:
    """Leads that are alike. share: of the list, > 0; answer_share and machine_share: of the calls, 0–1."""

    share: float
    answer_share: float
    machine_share: float = 0.0
    list_key: str = "list"
    request_age_hours: float = math.inf
    promise: Promise = Promise.NONE
    attempts: int = 0

    def features(self, hour: int) -> LeadFeatures:
        """What the pacer is told of such a lead at `hour`."""
        return LeadFeatures(self.list_key, self.request_age_hours, self.promise, self.attempts, hour)


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """From `at_seconds` after the start on, every answer share is multiplied by `factor` (≥ 0)."""

    at_seconds: float
    factor: float


class Leaving(StrEnum):
    """How agents go."""

    AFTER_CALL = "after_call"
    """They ask for it and go after the call that they are in, as with the console's pause: nobody counts on them."""
    UNTOLD = "untold"
    """The next who are free go, and nobody had heard of it."""
    AT_ONCE = "at_once"
    """All at once, mid-ring and mid-talk (a power cut)."""


@dataclass(frozen=True, slots=True)
class AgentsLeave:
    """At `at_seconds` after the start `count` agents go home."""

    at_seconds: float
    count: int
    how: Leaving = Leaving.AFTER_CALL


class LiveCounts(StrEnum):
    """When a live answer enters L; an abandoned one enters at once in both."""

    DISPOSED = "disposed"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class World:
    """One kind of day. Shares are of calls placed; what no share names rings until ring_max.

    agents ≥ 0 log in evenly over login_seconds. pause_share of the conversations are followed by a pause.
    fail_share and busy_share end within seconds. set_up_seconds: (least, most) until it rings, part of the ringing.
    machine_ring: when machines answer; they are caught at once and count as no live answer.
    unanswered_ring: when the network gives up a call that nobody answers; None: it rings until ring_max.
    live_counts: when an answer enters L (decision 23: when its agent disposed it, at the end of wrap-up).
    """

    agents: int
    shift_seconds: float
    parts: tuple[ListPart, ...]
    leads: int = 10_000_000
    ring: Law = Law(Shape.GAMMA, 8.0, 0.55)
    machine_ring: Law = Law(Shape.GAMMA, 8.0, 0.55)
    unanswered_ring: Law | None = None
    talk: Law = Law(Shape.LOGNORMAL, 120.0, 0.9)
    wrap: Law = Law(Shape.LOGNORMAL, 20.0, 0.6)
    set_up_seconds: tuple[float, float] = (1.0, 2.5)
    ring_max_seconds: float = 22.0
    ring_min_seconds: float = math.inf
    patience_seconds: float = 2.0
    fail_share: float = 0.12
    busy_share: float = 0.06
    pause_share: float = 0.01
    pause_seconds: float = 300.0
    login_seconds: float = 120.0
    tick_seconds: float = 0.25
    live_counts: LiveCounts = LiveCounts.DISPOSED
    changes: tuple[AnswerChange, ...] = ()
    leaves: tuple[AgentsLeave, ...] = ()
    start_hour: int = 9

    def __post_init__(self) -> None:
        """Refuse a world in which time stands still or shares don't add up. Raises: WorldError."""
        checks = (
            (0 <= self.agents <= 5_000, "agents lie between 0 and 5000"),
            (0 < self.shift_seconds <= 86_400, "a shift lasts over 0 and at most 24 hours"),
            (self.leads >= 0, "leads can't be negative"),
            (
                bool(self.parts) and all(part.share > 0 for part in self.parts),
                "a list needs parts with shares over 0",
            ),
            (0.05 <= self.tick_seconds <= 60, "a tick lasts 0.05 to 60 s"),
            (0 < self.ring_max_seconds <= 120, "the longest ring lies over 0 and at most at 120 s"),
            (0 <= self.patience_seconds <= 60, "the patience lies between 0 and 60 s"),
            (
                0 <= self.set_up_seconds[0] <= self.set_up_seconds[1] <= 60,
                "set-up is a least and a most, in seconds",
            ),
            (0 <= self.pause_share <= 1, "the share of pauses lies between 0 and 1"),
            (self.pause_seconds >= 0 and self.login_seconds >= 0, "pause and login can't be negative"),
            (all(change.factor >= 0 for change in self.changes), "a factor of change can't be negative"),
            (all(leave.count >= 0 for leave in self.leaves), "a count of agents can't be negative"),
        )
        for holds, sentence in checks:
            if not holds:
                raise WorldError(sentence)
        factors = [1.0, *(change.factor for change in self.changes)]
        for part in self.parts:
            shares = (part.answer_share, part.machine_share, self.fail_share, self.busy_share)
            if not all(math.isfinite(x) and 0 <= x <= 1 for x in shares):
                raise WorldError("a share lies between 0 and 1")
            if part.answer_share * max(factors) + sum(shares[1:]) > 1 + 1e-9:
                raise WorldError("the shares of answers, machines, failures and busy lines add up to over 1")


FAIL_SECONDS = (0.3, 1.5)
BUSY_SECONDS = (1.0, 3.0)
FATES_A_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Fates:
    """A block of leads in list order, each with what will happen whenever it is dialled."""

    part: list[int]
    outcome: list[float]
    set_up: list[float]
    ring: list[float]
    machine_ring: list[float]
    unanswered_ring: list[float]
    short: list[float]
    talk: list[float]
    wrap: list[float]
    pause: list[float]


def draw_fates(world: World, rng: np.random.Generator) -> Fates:
    """The next block of leads. The same for every method of pacing, as it depends on the list's order alone."""
    count = FATES_A_BLOCK
    shares = np.array([part.share for part in world.parts])
    low, high = world.set_up_seconds
    return Fates(
        part=rng.choice(len(world.parts), size=count, p=shares / shares.sum()).tolist(),
        outcome=rng.random(count).tolist(),
        set_up=rng.uniform(low, high, count).tolist(),
        ring=world.ring.draw(rng, count).tolist(),
        machine_ring=world.machine_ring.draw(rng, count).tolist(),
        unanswered_ring=(world.unanswered_ring or Law(Shape.FIXED, world.ring_max_seconds))
        .draw(rng, count)
        .tolist(),
        short=rng.random(count).tolist(),
        talk=world.talk.draw(rng, count).tolist(),
        wrap=world.wrap.draw(rng, count).tolist(),
        pause=rng.random(count).tolist(),
    )
