"""Methods of pacing side by side in one world: the same days, the same callees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import assert_never

import numpy as np

from dialer.pacing.chance import ChancePacer
from dialer.pacing.pacer import Pacer
from dialer.pacing.result import DayResult, Summary, summarise
from dialer.pacing.rivals import Clairvoyant, FixedRatio, Vicidial, VicidialMethod
from dialer.pacing.search import Proof
from dialer.pacing.simulate import Day
from dialer.pacing.world import World
from dialer.pacing.zero import ZeroPacer


class Method(StrEnum):
    """What can be simulated: our modes, what the field does, and the bound."""

    PROGRESSIVE = "progressive"
    PREDICTIVE = "predictive"
    PREDICTIVE_PROVABLE = "predictive_provable"
    FIXED_RATIO_1_5 = "fixed_ratio_1_5"
    FIXED_RATIO_2 = "fixed_ratio_2"
    VICIDIAL_HARD_LIMIT = "vicidial_hard_limit"
    VICIDIAL_AVERAGE = "vicidial_average"
    VICIDIAL_TAPERED = "vicidial_tapered"
    CLAIRVOYANT = "clairvoyant"


PacerFor = Callable[[World, float], Pacer]
"""Makes a fresh pacer for a world and a cap."""


def fresh_pacer(method: Method, world: World, cap: float) -> Pacer:
    """A pacer of the method that knows nothing yet."""
    match method:
        case Method.PROGRESSIVE:
            return ZeroPacer(world.ring_min_seconds)
        case Method.PREDICTIVE:
            return ChancePacer(Proof.CHANCE, world.ring_min_seconds)
        case Method.PREDICTIVE_PROVABLE:
            return ChancePacer(Proof.WORST_CASE, world.ring_min_seconds)
        case Method.FIXED_RATIO_1_5:
            return FixedRatio(1.5)
        case Method.FIXED_RATIO_2:
            return FixedRatio(2.0)
        case Method.VICIDIAL_HARD_LIMIT:
            return Vicidial(VicidialMethod.HARD_LIMIT, cap)
        case Method.VICIDIAL_AVERAGE:
            return Vicidial(VicidialMethod.AVERAGE, cap)
        case Method.VICIDIAL_TAPERED:
            return Vicidial(VicidialMethod.TAPERED, cap)
        case Method.CLAIRVOYANT:
            return Clairvoyant()
        case _:
            assert_never(method)


@dataclass(frozen=True, slots=True)
class Compared:
    """One method's days, in order of day, and their summary."""

    method: Method
    summary: Summary
    days: tuple[DayResult, ...]


def simulate_days(
    world: World,
    cap: float,
    pacer_for: PacerFor,
    days: int,
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> tuple[DayResult, ...]:
    """`days` campaign-days, each with a pacer that knows nothing; day k has the same callees for every method.

    progress hears the share done, 0–1.
    """
    results = []
    for day in range(days):
        done = day / days
        within = None if progress is None else _Part(progress, done, 1.0 / days)
        rng = np.random.default_rng((seed, day))
        results.append(Day(world, pacer_for(world, cap), cap, rng).run(within))
    if progress is not None:
        progress(1.0)
    return tuple(results)


@dataclass(frozen=True, slots=True)
class _Part:
    """Progress within one part of a longer run."""

    progress: Callable[[float], None]
    start: float
    length: float

    def __call__(self, share: float) -> None:
        self.progress(self.start + share * self.length)


def compare(
    world: World,
    cap: float,
    methods: Sequence[Method],
    days: int,
    seed: int,
    progress: Callable[[float], None] | None = None,
) -> tuple[Compared, ...]:
    """Each method over the same days. Runs one day after the other in this thread."""
    compared = []
    for index, method in enumerate(methods):
        part = None if progress is None else _Part(progress, index / len(methods), 1.0 / len(methods))
        results = simulate_days(world, cap, partial(fresh_pacer, method), days, seed, part)
        compared.append(Compared(method, summarise(results, world.shift_seconds), results))
    return tuple(compared)
