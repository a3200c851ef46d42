"""Predictive pacing under a budgeted chance constraint, and its provable sibling.

The next call is placed while
  ρ = P(it is answered and nobody is free within the patience) ≤ θ           (`forecast.py`: exact, from ages)
and one of
  (i)  were every ringing call answered now, the tokens in hand would pay for all who find nobody     — provable
  (ii) more abandoned calls than tokens are next to impossible, also at a higher answer rate and after a jump of it

θ = cap · σ* / κ: σ* is how fast the day's allowance should be spent (`tokens.py`), κ the share of answers that are
abandoned per unit of θ, learned. With known laws and no memory this rule is the optimal policy to within a hundredth
of a point (bench: value iteration); what is lost is lost to the allowance's granularity and to learning.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from dialer.pacing.features import LeadFeatures
from dialer.pacing.floor import AgentId, AgentState, CallId, Day, EndKind, Floor, Plan
from dialer.pacing.forecast import (
    Bounds,
    at_least,
    bound_at_least,
    moments_of,
    normal_tail,
    one_more,
    row_counts,
)
from dialer.pacing.knowledge import Knowledge, Learned, Tables
from dialer.pacing.laws import Floats
from dialer.pacing.tokens import SpendTable, spend_table
from dialer.pacing.why import (
    DayNotStarted,
    ImpossibleFloor,
    NoReadyAgent,
    NoTokens,
    OneLineEach,
    Placing,
    Tail,
    Why,
    WorstCase,
)
from dialer.pacing.zero import bounded, overdue, refusal_of

TAIL_HIGHER_MAX = 1e-4
TAIL_JUMPED_MAX = 0.08
"""Held against Chernoff's bound, which lies four to five times above the probability itself."""
HOPELESS, HOPELESS_LEAST = 3.0, 0.003
"""Where a rough estimate of the risk is so far above θ, the exact one is not computed."""
BLOCKED_SHARE = 1e-5
"""Share of answers that may be abandoned while less than one token is in hand: it touches the cap, by under one call,
on some tenth of a per cent of days."""
BLOCKED_TO_EARN_MIN = 3.0
"""Nothing is risked without a token unless so many will still be earned: the day must not end over the cap."""
THETA_MAX = 0.6
SPEND_PRIOR_ABANDONS = 6.0
SPEND_MEMORY_ABANDONS = 60.0


class Proof(Enum):
    """What must bind the number of abandoned calls."""

    CHANCE = auto()
    """Gate (i) or (ii): no day ends over the cap."""
    WORST_CASE = auto()
    """Gate (i) alone: A ≤ cap·L at every instant, unless an agent counted on is lost."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One campaign's moment, as the search for the number of calls reads it."""

    free: int
    ringing: int
    tokens: int
    theta: float
    classes: Sequence[int]


class ChancePacer:
    """Predictive pacing. ring_min: as in `ZeroPacer`. learned: of an earlier day."""

    def __init__(self, proof: Proof, ring_min: float = math.inf, learned: Learned | None = None) -> None:
        self._proof = proof
        self._ring_min = ring_min
        self._learned = learned
        self._day: Day | None = None
        self._knowledge: Knowledge | None = None
        self._table: SpendTable | None = None
        self._table_agents = 0
        self._theta = 0.0
        self._theta_sum = 0.0
        self._abandons = 0.0
        self._answers = 0
        self._agents = 1

    def day_started(self, cap: float, patience: float, ring_max: float, shift: float, now: float) -> None:
        """A new day: counters fresh, knowledge kept. Raises: BoundsError where the bounds can't be."""
        day = Day(cap, patience, ring_max, shift, now)
        known = self._knowledge.learned() if self._knowledge else self._learned
        self._knowledge = Knowledge(ring_max, patience, known)
        self._day = day
        self._answers = 0

    def learned(self) -> Learned | None:
        """What is worth keeping over a restart; None before the first day."""
        return self._knowledge.learned() if self._knowledge else self._learned

    def placed(self, call: CallId, now: float, features: LeadFeatures | None = None) -> None:
        """A call rings."""
        if self._knowledge:
            self._knowledge.placed(call, now, features)

    def ended(self, call: CallId, kind: EndKind, now: float) -> None:
        """A call ended without a live answer."""
        if self._knowledge:
            self._knowledge.ended(call, kind, now)

    def answered(self, call: CallId, now: float) -> None:
        """A person answered: one more chance that was taken at θ."""
        if self._knowledge:
            self._knowledge.answered(call, now)
        self._answers += 1
        fade = 1.0 - 1.0 / SPEND_MEMORY_ABANDONS * min(1.0, self._theta * self.kappa)
        self._theta_sum = self._theta_sum * fade + self._theta
        self._abandons *= fade

    def connected(self, call: CallId, agent: AgentId, now: float) -> None:
        """The callee has an agent."""
        if self._knowledge:
            self._knowledge.connected(agent, now)

    def abandoned(self, call: CallId, now: float) -> None:
        """The callee found none."""
        self._abandons += 1.0

    def talk_ended(self, agent: AgentId, now: float) -> None:
        """Wrap-up begins."""
        if self._knowledge:
            self._knowledge.talk_ended(agent, now)

    def wrap_ended(self, agent: AgentId, now: float) -> None:
        """Wrap-up ended."""
        if self._knowledge:
            self._knowledge.wrap_ended(agent, now)

    def agent_changed(self, agent: AgentId, state: AgentState, now: float) -> None:
        """The agent moved for another reason."""
        if self._knowledge:
            self._knowledge.agent_changed(agent, state)

    @property
    def kappa(self) -> float:
        """Abandoned share per unit of θ: what was measured, begun at a value for the size of the team."""
        prior = min(4.0, 0.28 * math.pow(max(2, self._agents), 0.54))
        return (SPEND_PRIOR_ABANDONS + self._abandons) / (SPEND_PRIOR_ABANDONS / prior + self._theta_sum)

    def may_pause(self, floor: Floor) -> bool:
        """In the provable mode an agent who is counted on stays; in the other the tail has room for one."""
        if self._proof is Proof.CHANCE or self._day is None:
            return True
        spare = math.floor(self._day.cap * floor.live - floor.abandoned + 1e-9)
        return len(floor.ringing) + floor.waiting <= len(floor.ready) - 1 + max(0, spare)

    def plan(self, now: float, floor: Floor) -> Plan:
        """How many calls now. Reads tables, builds none."""
        day, knowledge = self._day, self._knowledge
        if day is None or knowledge is None:
            return Plan(0, (), DayNotStarted())
        refusal = refusal_of(floor, now)
        if refusal is not None:
            return Plan(
                0, () if isinstance(refusal, ImpossibleFloor) else self._cancel(now, floor, day), refusal
            )
        ready, ringing = len(floor.ready), len(floor.ringing)
        busy = len(floor.talking) + len(floor.wrapping)
        self._agents = ready + busy
        if self._agents == 0:
            return Plan(0, self._cancel(now, floor, day), NoReadyAgent(ringing, 0))
        free = ready - floor.waiting
        tokens = day.cap * floor.live - floor.abandoned
        theta = self._risk(day, floor, now, tokens, busy)
        self._theta = theta
        sure = max(0, free - ringing)
        most = min(max(3, self._agents // 5) + sure, floor.leads_left)
        classes = knowledge.classes_ahead(floor, most)
        step = _Step(free, ringing, max(0, math.floor(tokens + 1e-9)), theta, classes)
        if theta <= 0.0 or knowledge.tables is None:
            wanted, why = sure, self._one_line(floor, tokens, day)
        else:
            wanted, why = self._search(now, floor, knowledge, step, sure, tokens, day)
        if wanted > 0 and wanted >= most:
            why = Placing(wanted, ready, ringing)
        place, why = bounded(wanted, floor, why)
        return Plan(place, self._cancel(now, floor, day), why)

    def _risk(self, day: Day, floor: Floor, now: float, tokens: float, busy: int) -> float:
        """θ now: nothing where nothing may be risked."""
        if day.cap <= 0.0:
            return 0.0
        elapsed = max(60.0, now - day.started)
        to_earn = day.cap * max(self._answers, 0) / elapsed * floor.shift_left
        if tokens < 1.0:
            if self._proof is Proof.WORST_CASE or to_earn < BLOCKED_TO_EARN_MIN or tokens < 0.0:
                return 0.0
            return BLOCKED_SHARE / self.kappa
        if self._table is None or abs(self._agents - self._table_agents) > 0.2 * self._table_agents:
            self._table, self._table_agents = spend_table(self._agents), self._agents
        soon = tokens + day.cap * busy
        return min(THETA_MAX, day.cap * self._table.at(soon, to_earn) / self.kappa)

    def _one_line(self, floor: Floor, tokens: float, day: Day) -> Why:
        ready, ringing = len(floor.ready), len(floor.ringing)
        if ready == 0:
            return NoReadyAgent(ringing, len(floor.talking) + len(floor.wrapping))
        if day.cap > 0.0 and tokens < 1.0:
            return NoTokens(ready, ringing, tokens, math.ceil((1.0 - tokens) / day.cap - 1e-9))
        return OneLineEach(ready, ringing, floor.waiting)

    def _search(
        self, now: float, floor: Floor, knowledge: Knowledge, step: _Step, sure: int, tokens: float, day: Day
    ) -> tuple[int, Why]:
        """Add calls to the sure ones while the risk of the next is worth its talk time and the gates hold."""
        tables = knowledge.tables
        if tables is None:
            return sure, self._one_line(floor, tokens, day)
        likely = tables.likely
        ages, ringing_class, talking, wrapping = knowledge.inputs(floor, now)
        counts = row_counts(likely, ages, ringing_class, talking, wrapping)
        for class_index in step.classes[:sure]:
            counts[class_index * likely.ages] += 1.0
        mean, variance = moments_of(likely, counts)
        weight, half = likely.horizons.weight, likely.window // 2
        rough = normal_tail(mean, variance, step.free)
        if weight @ rough > HOPELESS * step.theta + HOPELESS_LEAST:
            return sure, _held_back(floor, sure, float((np.sqrt(variance) * rough).max()), tokens)
        tail = at_least(likely, counts, step.free, mean, variance)
        guards = [_Guard(bounds, counts @ bounds.log_mgf, limit) for bounds, limit in _guarded(tables)]
        placed = sure
        for class_index in step.classes[sure:]:
            if weight @ tail[:, half] > step.theta:
                return placed, _held_back(floor, placed, float(tail[:, half:].sum(axis=1).max()), tokens)
            for guard in guards:
                guard.log_mgf = guard.log_mgf + guard.bounds.fresh[class_index]
            if step.ringing + placed + 1 - step.free > step.tokens:
                if self._proof is Proof.WORST_CASE:
                    return placed, WorstCase(len(floor.ready), step.ringing + placed, floor.waiting, tokens)
                least = step.free + step.tokens + 1
                if any(bound_at_least(guard.log_mgf, least) > guard.limit for guard in guards):
                    return placed, _held_back(floor, placed, float(tail[:, half:].sum(axis=1).max()), tokens)
            tail = one_more(tail, likely.fresh[class_index])
            placed += 1
        return placed, Placing(placed, len(floor.ready), step.ringing)

    def _cancel(self, now: float, floor: Floor, day: Day) -> tuple[CallId, ...]:
        """Calls to hang up because agents who were counted on are gone; never before the pack's minimum ring."""
        if not math.isfinite(self._ring_min):
            return ()
        spare = max(0, math.floor(day.cap * floor.live - floor.abandoned + 1e-9))
        too_many = len(floor.ringing) + floor.waiting - len(floor.ready) - spare
        staff = len(floor.ready) + len(floor.talking) + len(floor.wrapping)
        if too_many <= max(0, 2 * staff):
            return ()
        return overdue(floor, now, self._ring_min)[-too_many:]


@dataclass(slots=True)
class _Guard:
    """One tail of gate (ii) while calls are added: the log of the moment generating function of D."""

    bounds: Bounds
    log_mgf: Floats
    limit: float


def _guarded(tables: Tables) -> tuple[tuple[Bounds, float], ...]:
    return (tables.higher, TAIL_HIGHER_MAX), (tables.jumped, TAIL_JUMPED_MAX)


def _held_back(floor: Floor, placed: int, expected: float, tokens: float) -> Why:
    if floor.ready:
        return Tail(len(floor.ready), len(floor.ringing) + placed, expected, tokens)
    return NoReadyAgent(len(floor.ringing), len(floor.talking) + len(floor.wrapping))
