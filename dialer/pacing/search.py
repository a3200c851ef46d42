"""How many calls the gates let through: one moment of the floor against the forecast tables. Pure arithmetic.

The next call is placed while
  ρ = P(it is answered and nobody is free within the patience) ≤ θ
and one of
  (i)  were every ringing call answered now, the tokens in hand would pay for all who find nobody     — provable
  (ii) more abandoned calls than tokens are next to impossible, also at a higher answer rate and after a jump of it
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from dialer.pacing.forecast import (
    bound_at_least,
    law_around,
    moments_of,
    normal_tail,
    one_more,
    tail_of,
)
from dialer.pacing.knowledge import Tables
from dialer.pacing.laws import Floats

TAIL_JUMPED_MAX = 0.02
"""P(one abandoned call more than tokens) after a jump of the answer rate. Held against Chernoff's bound."""
LEAVERS_SHARE, TAIL_SHORT_HANDED_MAX = 0.5, 0.003
"""P(one abandoned call more than tokens) if this share of the busy agents doesn't come back: a team leaves for lunch."""
TWO_SHARE_MAX = 0.05
"""Going over by two calls or more may carry this share of the risk of going over by one."""
HOPELESS, HOPELESS_LEAST = 3.0, 0.003
"""Where a rough estimate of ρ is so far above θ, the exact one is not computed."""


class Proof(Enum):
    """What must bind the number of abandoned calls."""

    CHANCE = auto()
    """Gate (i) or (ii): no day ends over the cap."""
    WORST_CASE = auto()
    """Gate (i) alone: A ≤ cap·L at every instant, unless an agent counted on is lost."""


class Stop(Enum):
    """Why not one more call."""

    FILLED = auto()
    RISK = auto()
    TAIL = auto()
    WORST_CASE = auto()


@dataclass(frozen=True, slots=True)
class Moment:
    """A floor as the search reads it.

    free: ready agents minus waiting callees. ringing: calls. sure: calls to place in any case (≥ 0); most: at most so
    many. tokens: whole abandoned calls that may still happen today, ≥ 0. class_at: class of the i-th lead ahead.
    over_max: most that Chernoff's bound may give, at the highest plausible answer rate, for more abandoned than tokens.
    """

    free: int
    ringing: int
    sure: int
    most: int
    tokens: int
    theta: float
    over_max: float
    class_at: Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Found:
    """Calls to place, what stopped the search, ρ of the call not placed, and abandoned calls to expect with it."""

    place: int
    stop: Stop
    risk: float
    expected: float


def search(tables: Tables, counts: Floats, moment: Moment, proof: Proof) -> Found:
    """Add calls to the sure ones while the gates hold. counts: rows of `tables.likely`; changed by the sure calls."""
    likely = tables.likely
    for ahead in range(moment.sure):
        counts[moment.class_at(ahead) * likely.ages] += 1.0
    mean, variance = moments_of(likely, counts)
    weight, half = likely.horizons.weight, likely.window // 2
    rough = normal_tail(mean, variance, moment.free)
    risk = float(weight @ rough)
    if risk > HOPELESS * moment.theta + HOPELESS_LEAST:
        return Found(moment.sure, Stop.RISK, risk, float((np.sqrt(variance) * rough).max()))
    law = law_around(likely, counts, moment.free, mean, variance)
    risk = float(weight @ law[:, half:].sum(axis=1))
    tail = tail_of(law)
    if risk > moment.theta:
        return Found(moment.sure, Stop.RISK, risk, _expected(tail, half))
    guards = _Guards(tables, counts)
    for placed in range(moment.sure, moment.most):
        class_index = moment.class_at(placed)
        guards.add(class_index)
        if moment.ringing + placed + 1 - moment.free > moment.tokens:
            if proof is Proof.WORST_CASE:
                return Found(placed, Stop.WORST_CASE, risk, _expected(tail, half))
            if not guards.hold(moment.free + moment.tokens + 1, moment.over_max):
                return Found(placed, Stop.TAIL, risk, _expected(tail, half))
        tail = one_more(tail, likely.fresh[class_index])
        risk = float(weight @ tail[:, half])
        if risk > moment.theta:
            return Found(placed + 1, Stop.RISK, risk, _expected(tail, half))
    return Found(moment.most, Stop.FILLED, risk, 0.0)


def _expected(tail: Floats, half: int) -> float:
    """Abandoned calls to expect at the worst horizon, the next call included."""
    return float(tail[:, half:].sum(axis=1).max())


class _Guards:
    """The tails of gate (ii) at other answer rates, while calls are added."""

    def __init__(self, tables: Tables, counts: Floats) -> None:
        self._highest, self._jumped = tables.highest, tables.jumped
        self._at_highest = counts @ tables.highest.log_mgf
        self._at_jumped = counts @ tables.jumped.log_mgf
        rows = tables.likely.ring_rows
        returning = counts[rows:] @ tables.highest.log_mgf[rows:]
        self._short_handed = self._at_highest - LEAVERS_SHARE * returning

    def add(self, class_index: int) -> None:
        """One more call of a class."""
        self._at_highest += self._highest.fresh[class_index]
        self._short_handed += self._highest.fresh[class_index]
        self._at_jumped += self._jumped.fresh[class_index]

    def hold(self, least: int, over_max: float) -> bool:
        """Whether D ≥ least, one more than agents and tokens can take, is as unlikely as it must be."""
        return (
            bound_at_least(self._at_highest, least) <= over_max
            and bound_at_least(self._at_highest, least + 1) <= over_max * TWO_SHARE_MAX
            and bound_at_least(self._at_jumped, least) <= TAIL_JUMPED_MAX
            and bound_at_least(self._short_handed, least) <= TAIL_SHORT_HANDED_MAX
        )
