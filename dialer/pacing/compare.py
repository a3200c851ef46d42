"""Methods of pacing side by side in one world: the same days, the same callees."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np

from dialer.pacing.chance import ChancePacer
from dialer.pacing.pacer import Pacer
from dialer.pacing.result import DayResult, Summary, summarise
from dialer.pacing.rivals import Clairvoyant, FixedRatio, Vicidial, VicidialMethod
from dialer.pacing.search import Proof
from dialer.pacing.simulate import simulate_day
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
class DayOrder:
    """One campaign-day to run. Day k of a seed has the same callees for every method."""

    world: World
    cap: float
    method: Method
    seed: int
    day: int


def run_day(order: DayOrder) -> DayResult:
    """The day, under a pacer that knows nothing yet. Pure: the order alone decides what comes out."""
    pacer = fresh_pacer(order.method, order.world, order.cap)
    return simulate_day(order.world, pacer, order.cap, day_rng(order.seed, order.day))


def day_rng(seed: int, day: int) -> np.random.Generator:
    """The generator from which day `day` of a seed is drawn."""
    return np.random.default_rng((seed, day))


def day_orders(
    world: World, cap: float, methods: Sequence[Method], days: int, seed: int
) -> tuple[DayOrder, ...]:
    """Every method over the same days, method by method."""
    return tuple(DayOrder(world, cap, method, seed, day) for method in methods for day in range(days))


@dataclass(frozen=True, slots=True)
class Compared:
    """One method over many days."""

    method: Method
    summary: Summary


def compared(orders: Sequence[DayOrder], results: Sequence[DayResult]) -> tuple[Compared, ...]:
    """The days of `day_orders` summed up by method, in its order."""
    by_method: dict[Method, list[DayResult]] = {}
    for order, result in zip(orders, results, strict=True):
        by_method.setdefault(order.method, []).append(result)
    shift_seconds = orders[0].world.shift_seconds
    return tuple(Compared(method, summarise(days, shift_seconds)) for method, days in by_method.items())
