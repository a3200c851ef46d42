"""Predictive pacing under a budgeted chance constraint, and its provable sibling.

θ, the risk that one more call may carry (`search.py`), is cap · σ* / κ: σ* is how fast the day's allowance should be
spent (`tokens.py`), κ the share of answers that are abandoned per unit of θ, learned. With known laws and no memory
this rule is the optimal policy to within a hundredth of a point (bench: policy iteration); what is lost is lost to
the allowance's granularity and to learning.
"""

import math
from dataclasses import replace
from functools import partial

from dialer.pacing.features import LeadFeatures
from dialer.pacing.floor import AgentId, AgentState, CallId, Day, EndKind, Floor, Plan
from dialer.pacing.knowledge import Knowledge, Learned
from dialer.pacing.search import Found, Moment, Proof, Stop, search
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
from dialer.pacing.zero import HARD_STOP_SHARE, bounded, overdue, refusal_of

BLOCKED_SHARE = 1e-5
"""Share of answers that may be abandoned while less than one token is in hand: it touches the cap, by under one call,
on some tenth of a per cent of days."""
BLOCKED_TO_EARN_MIN = 3.0
"""Nothing is risked without a token unless so many will still be earned: the day must not end over the cap."""
FIRST_CALLS_RANG_OUT = 1.0
"""…nor before so many times the longest ring: until then a few early answers fit a rare answer as well as a slow one."""
THETA_MAX = 0.6
OVER_A_SHIFT = 3.0
"""Chernoff's bound for going over by one call, times the seconds of the shift. The bound lies a dozen times above the
probability, which is spread over windows of some ten seconds: one day in some hundreds touches the cap."""
OVER_BLOCKED = 0.1
"""Below one token a first abandoned call is over the cap; there is little talk time to be had for it."""
OVER_LATE, OVER_LATE_TOKENS = 0.03, 1.5
"""With fewer tokens still to earn, what is overdrawn could not be earned back: the risk is cut to this share."""
PAYABLE_TO_EARN = 3.0
"""With fewer tokens still to earn, only so many calls are placed as the tokens in hand pay for even if everybody answers
at once: the answer rate may jump when too little of the day is left to earn it back."""
KEPT_BACK_EARNED = 6.0
OVER_AT_STOP = 0.1
"""Where the cap is the hard stop itself, a day that touches it is over and earns nothing back. A large team keeps up to one
token back, the whole of it once so many were earned; a small one, which earns few, cuts the risk to this share."""
SMALL_TEAM = 15
"""A larger team's bound falls with its size: its many calls have a tail that the other bounds hold. Of 24 hours each of
25 and 50 agents whose answer rate jumps from .3 to .8 in the last minutes (300, 120, 45 s) none ended over the cap."""
QUIET_SECONDS = 0.9
"""A floor on which nothing happened since it was found full is not looked at again for so long."""
LEAVING_SIGMAS = 4.0
"""A ready agent may leave while the others suffice for so many standard deviations more answers than expected."""
SPEND_PRIOR_ABANDONS = 6.0
SPEND_MEMORY_ABANDONS = 60.0
BURST_SHARE, BURST_LEAST = 0.2, 3
"""Beyond one line per ready agent, one plan adds at most this share of the agents."""


class ChancePacer:
    """Predictive pacing. ring_min: as in `ZeroPacer`. learned: of an earlier day."""

    def __init__(self, proof: Proof, ring_min: float = math.inf, learned: Learned | None = None) -> None:
        self._proof = proof
        self._ring_min = ring_min
        self._learned = learned
        self._is_late = True
        self._day: Day | None = None
        self._knowledge: Knowledge | None = None
        self._table: SpendTable | None = None
        self._table_agents = 0
        self._theta = 0.0
        self._abandons, self._theta_sum = learned.spend if learned else (0.0, 0.0)
        self._answers = 0
        self._agents = 1
        self._heard = self._quiet_heard = 0
        self._quiet_until = -math.inf
        self._quiet_why: Why = DayNotStarted()

    def day_started(self, cap: float, patience: float, ring_max: float, shift: float, now: float) -> None:
        """A new day: counters fresh, knowledge kept. Raises: BoundsError where the bounds can't be."""
        day = Day(cap, patience, ring_max, shift, now)
        known = self.learned()
        self._knowledge = Knowledge(ring_max, patience, known)
        self._day = day
        self._heard += 1
        self._answers = 0

    def learned(self) -> Learned | None:
        """What is worth keeping over a restart; None before the first day."""
        if self._knowledge is None:
            return self._learned
        return replace(self._knowledge.learned(), spend=(self._abandons, self._theta_sum))

    def placed(self, call: CallId, now: float, features: LeadFeatures | None = None) -> None:
        """A call rings."""
        self._heard += 1
        if self._knowledge:
            self._knowledge.placed(call, now, features)

    def ended(self, call: CallId, kind: EndKind, now: float) -> None:
        """A call ended without a live answer."""
        self._heard += 1
        if self._knowledge:
            self._knowledge.ended(call, kind, now)

    def answered(self, call: CallId, now: float) -> None:
        """A person answered: one more chance that was taken at θ."""
        self._heard += 1
        if self._knowledge:
            self._knowledge.answered(call, now)
        self._answers += 1
        fade = 1.0 - 1.0 / SPEND_MEMORY_ABANDONS * min(1.0, self._theta * self.kappa)
        self._theta_sum = self._theta_sum * fade + self._theta
        self._abandons *= fade

    def connected(self, call: CallId, agent: AgentId, now: float) -> None:
        """The callee has an agent."""
        self._heard += 1
        if self._knowledge:
            self._knowledge.connected(agent, now)

    def abandoned(self, call: CallId, now: float) -> None:
        """The callee found none."""
        self._heard += 1
        self._abandons += 1.0

    def talk_ended(self, agent: AgentId, now: float) -> None:
        """Wrap-up begins."""
        self._heard += 1
        if self._knowledge:
            self._knowledge.talk_ended(agent, now)

    def wrap_ended(self, agent: AgentId, now: float) -> None:
        """Wrap-up ended."""
        self._heard += 1
        if self._knowledge:
            self._knowledge.wrap_ended(agent, now)

    def agent_changed(self, agent: AgentId, state: AgentState, now: float) -> None:
        """The agent moved for another reason."""
        self._heard += 1
        if self._knowledge:
            self._knowledge.agent_changed(agent, state)

    @property
    def kappa(self) -> float:
        """Abandoned share per unit of θ: what was measured, begun at a value for the size of the team."""
        prior = min(4.0, 0.28 * math.pow(max(2, self._agents), 0.54))
        return (SPEND_PRIOR_ABANDONS + self._abandons) / (SPEND_PRIOR_ABANDONS / prior + self._theta_sum)

    def may_pause(self, floor: Floor) -> bool:
        """An agent who is counted on stays: in the provable mode for every ringing call, else for as many as may well
        be answered; the others pause after their next call."""
        if self._day is None or self._knowledge is None:
            return True
        spare = math.floor(self._day.cap * floor.live - floor.abandoned + 1e-9)
        ringing, room = len(floor.ringing), len(floor.ready) - 1 - floor.waiting + max(0, spare)
        if self._proof is Proof.WORST_CASE or self._is_late or ringing <= room:
            return ringing <= room
        rate = self._knowledge.rate
        answers = ringing * min(1.0, rate.rate * rate.highest)
        return answers + LEAVING_SIGMAS * math.sqrt(answers) <= room

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
        tokens = day.cap * floor.live - floor.abandoned - self._kept_back(day, floor)
        theta = self._risk(day, floor, now, tokens, busy)
        self._theta = theta
        free = ready - floor.waiting
        sure = min(max(0, free - ringing), floor.leads_left)
        burst = sure + max(BURST_LEAST, int(self._agents * BURST_SHARE))
        most = int(min(burst, self._payable(day, floor, now, tokens, sure), floor.leads_left))
        if theta <= 0.0 or knowledge.tables is None:
            wanted, why = sure, _one_line(floor, tokens, day)
        elif sure == 0 and now < self._quiet_until and self._quiet_heard == self._heard:
            wanted, why = 0, self._quiet_why
        else:
            counts = knowledge.counts(knowledge.tables.likely, floor, now)
            whole = max(0, math.floor(tokens + 1e-9))
            over_max = self._over_max(day, floor, now, tokens)
            moment = Moment(
                free, ringing, sure, most, whole, theta, over_max, partial(knowledge.class_ahead, floor)
            )
            found = search(knowledge.tables, counts, moment, self._proof)
            wanted, why = found.place, _why(found, floor, tokens)
            self._quiet_heard, self._quiet_why = self._heard, why
            self._quiet_until = now + QUIET_SECONDS if wanted == 0 else now
        place, why = bounded(wanted, floor, why)
        return Plan(place, self._cancel(now, floor, day), why)

    def _payable(self, day: Day, floor: Floor, now: float, tokens: float, sure: int) -> float:
        """How many calls more the tokens in hand pay for at the worst; no bound while much is still to be earned."""
        small = min(1.0, SMALL_TEAM / self._agents)
        self._is_late = self._to_earn(day, floor, now) < PAYABLE_TO_EARN * small
        if not self._is_late:
            return math.inf
        beyond = len(floor.ringing) + floor.waiting - len(floor.ready)
        return max(sure, math.floor(tokens + 1e-9) - beyond)

    def _to_earn(self, day: Day, floor: Floor, now: float) -> float:
        """Tokens that the rest of the shift brings, at the rate of answers so far."""
        elapsed = max(60.0, now - day.started)
        return day.cap * self._answers / elapsed * floor.shift_left

    def _over_max(self, day: Day, floor: Floor, now: float, tokens: float) -> float:
        """How likely going over the cap may be made at any moment, so that a day's sum stays small."""
        to_earn = self._to_earn(day, floor, now)
        late = OVER_LATE if to_earn < OVER_LATE_TOKENS else OVER_BLOCKED if tokens < 1.0 else 1.0
        if day.cap >= HARD_STOP_SHARE and self._agents <= SMALL_TEAM:
            late *= OVER_AT_STOP
        return late * OVER_A_SHIFT / max(day.shift, 600.0)

    def _kept_back(self, day: Day, floor: Floor) -> float:
        """Tokens that nothing is risked for."""
        if day.cap < HARD_STOP_SHARE or self._agents <= SMALL_TEAM:
            return 0.0
        return min(1.0, day.cap * floor.live / KEPT_BACK_EARNED)

    def _risk(self, day: Day, floor: Floor, now: float, tokens: float, busy: int) -> float:
        """θ now: nothing where nothing may be risked."""
        if day.cap <= 0.0:
            return 0.0
        to_earn = self._to_earn(day, floor, now)
        if tokens < 1.0:
            unknown = now - day.started < FIRST_CALLS_RANG_OUT * day.ring_max or to_earn < BLOCKED_TO_EARN_MIN
            if self._proof is Proof.WORST_CASE or unknown or tokens < 0.0:
                return 0.0
            return BLOCKED_SHARE / self.kappa
        if self._table is None or abs(self._agents - self._table_agents) > 0.2 * self._table_agents:
            self._table, self._table_agents = spend_table(self._agents), self._agents
        soon = tokens + day.cap * busy
        return min(THETA_MAX, day.cap * self._table.at(soon, to_earn) / self.kappa)

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


def _one_line(floor: Floor, tokens: float, day: Day) -> Why:
    ready, ringing = len(floor.ready), len(floor.ringing)
    if ready == 0:
        return NoReadyAgent(ringing, len(floor.talking) + len(floor.wrapping))
    if day.cap > 0.0 and tokens < 1.0:
        return NoTokens(ready, ringing, tokens, math.ceil((1.0 - tokens) / day.cap - 1e-9))
    return OneLineEach(ready, ringing, floor.waiting)


def _why(found: Found, floor: Floor, tokens: float) -> Why:
    ready, ringing = len(floor.ready), len(floor.ringing) + found.place
    if found.stop is Stop.FILLED:
        return Placing(found.place, ready, len(floor.ringing))
    if found.stop is Stop.WORST_CASE:
        return WorstCase(ready, ringing, floor.waiting, tokens)
    if ready == 0:
        return NoReadyAgent(ringing, len(floor.talking) + len(floor.wrapping))
    return Tail(ready, ringing, found.expected, tokens)
