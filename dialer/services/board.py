"""The pacing board: which calls are in the air, and one pacer a campaign that hears of all of them.

It says how many calls to place, never whom. Seconds are the event loop's, which never step back.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from dialer.compliance.queue import Room, room
from dialer.domain.campaign import PacingMode
from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.pacing.chance import ChancePacer
from dialer.pacing.features import LeadFeatures
from dialer.pacing.floor import AgentId, AgentState, EndKind, Floor, Limit, Plan
from dialer.pacing.knowledge import Learned
from dialer.pacing.pacer import Pacer
from dialer.pacing.shared import Demand, SharedAgent, share_agents
from dialer.ports.clock import Clock
from dialer.services.seats import BUSY, Agent, Place, Seats

RUNG_OUT_SHARE = 0.9
"""A call that ended unanswered after this share of the longest ring was not answered; one that ended sooner failed."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a campaign's packs leave to pacing. `cap`: share of live answers that may be abandoned.

    `ring_seconds_min`: how long a phone must have rung before we may hang up.
    """

    cap: float
    patience_seconds: float
    ring_seconds_min: float
    ring_seconds_max: float


@dataclass(frozen=True, slots=True)
class Counts:
    """L and A of today, the leads that are due now, what is left of today's windows, and what else bounds the calls.

    `ahead`: what is known of the next leads, in queue order; () = nothing.
    """

    live: int
    abandoned: int
    leads_due: int
    shift_left_seconds: float = 0.0
    limits: tuple[Limit, ...] = ()
    ahead: tuple[LeadFeatures, ...] = ()


@dataclass(slots=True)
class _Air:
    campaign_id: CampaignId
    since: float
    language: str = ""
    answered: bool = False


@dataclass(slots=True)
class Board:
    """Calls in the air and their pacers."""

    seats: Seats
    clock: Clock
    make_pacer: Callable[[PacingMode, Bounds, Learned | None], Pacer]
    _pacers: dict[CampaignId, Pacer] = field(default_factory=dict)
    _days: dict[CampaignId, tuple[date, PacingMode, Bounds]] = field(default_factory=dict)
    _counted: Mapping[UserId, CampaignId] = field(default_factory=dict)
    _bounds: dict[CampaignId, Bounds] = field(default_factory=dict)
    _air: dict[AttemptId, _Air] = field(default_factory=dict)
    _joined: dict[AttemptId, UserId] = field(default_factory=dict)
    _last: dict[CampaignId, Counts] = field(default_factory=dict)
    plans: dict[CampaignId, Plan] = field(default_factory=dict)
    """The last plan of each campaign, for the supervisor's sentence."""

    def knows(self, campaign_id: CampaignId, mode: PacingMode) -> bool:
        """Whether the campaign has a pacer of that mode, with what it learned."""
        day = self._days.get(campaign_id)
        return day is not None and day[1] is mode

    def start_day(
        self,
        campaign_id: CampaignId,
        day: date,
        mode: PacingMode,
        bounds: Bounds,
        shift_seconds: float,
        learned: Learned | None = None,
    ) -> None:
        """Today's bounds for the campaign. `learned`: by an earlier process, for the pacer that is made for a new mode."""
        if self._days.get(campaign_id) == (day, mode, bounds):
            return
        if not self.knows(campaign_id, mode):
            self._pacers[campaign_id] = self.make_pacer(mode, bounds, learned)
        self._days[campaign_id] = (day, mode, bounds)
        self._bounds[campaign_id] = bounds
        self._pacers[campaign_id].day_started(
            bounds.cap, bounds.patience_seconds, bounds.ring_seconds_max, shift_seconds, self._now()
        )

    def share(self, leads_due: Mapping[CampaignId, int]) -> None:
        """Count each agent for exactly one of the running campaigns, so that none is promised twice."""
        demands = [
            Demand(campaign, self.ringing(campaign) + self._waiting(campaign), leads, 1.0)
            for campaign, leads in leads_due.items()
        ]
        agents = [
            SharedAgent(
                AgentId(a.user_id),
                a.campaigns,
                self._counted.get(a.user_id),
                ready=a.place is Place.READY and a.leg_up,
            )
            for a in self.seats.all()
            if a.place in (Place.READY, *BUSY)
        ]
        self._counted = dict(share_agents(agents, demands))

    def counts_for(self, agent: Agent, campaign_id: CampaignId) -> bool:
        """Whether the agent is counted for that campaign; one who is counted for none yet is for each of theirs."""
        return campaign_id in agent.campaigns and self._counted.get(agent.user_id, campaign_id) == campaign_id

    def takers(self, campaign_id: CampaignId) -> tuple[Agent, ...]:
        """Ready agents for somebody who answered: the campaign's own, then those whom another campaign can spare."""
        ready = self.seats.ready(campaign_id)
        own = [a for a in ready if self.counts_for(a, campaign_id)]
        others = [a for a in ready if not self.counts_for(a, campaign_id)]
        return (*own, *(a for a in others if self.may_pause(a)))

    def learned(self, campaign_id: CampaignId) -> Learned | None:
        """What the campaign's pacer has learned; None where its mode learns nothing."""
        pacer = self._pacers.get(campaign_id)
        return pacer.learned() if isinstance(pacer, ChancePacer) else None

    def pacer(self, campaign_id: CampaignId) -> Pacer | None:
        """The campaign's pacer, once its day has begun."""
        return self._pacers.get(campaign_id)

    def plan(self, campaign_id: CampaignId, counts: Counts) -> Plan:
        """How many calls to place now, which ringing ones to hang up, and why."""
        self._last[campaign_id] = counts
        plan = self._pacers[campaign_id].plan(self._now(), self.floor(campaign_id, counts))
        self.plans[campaign_id] = plan
        return plan

    def may_pause(self, agent: Agent) -> bool:
        """Whether the agent may leave now without breaking a promise to somebody whose phone is ringing."""
        nothing = Counts(live=0, abandoned=0, leads_due=0)
        return all(
            self._pacers[c].may_pause(self.floor(c, self._last.get(c, nothing)))
            for c in agent.campaigns
            if c in self._pacers and self.counts_for(agent, c)
        )

    def floor(self, campaign_id: CampaignId, counts: Counts) -> Floor:
        """What the pacer sees of one campaign: its own agents alone."""
        mine = [a for a in self.seats.all() if self.counts_for(a, campaign_id)]
        ready = [a for a in self.seats.ready(campaign_id) if self.counts_for(a, campaign_id)]
        returning = [a for a in mine if a.pause_after is None]  # who asked for a break isn't waited for
        air = {k: v for k, v in self._air.items() if v.campaign_id == campaign_id}
        return Floor(
            ready={a.user_id: self.since(a) for a in ready},
            talking={
                a.user_id: self.since(a) for a in returning if a.place in (Place.TALKING, Place.CLOSING)
            },
            wrapping={
                a.user_id: self.since(a) for a in returning if a.place in (Place.WRAPPING, Place.RESERVED)
            },
            ringing={k: v.since for k, v in air.items() if not v.answered},
            waiting=self._waiting(campaign_id),
            live=counts.live,
            abandoned=counts.abandoned,
            leads_left=counts.leads_due,
            shift_left=counts.shift_left_seconds,
            limits=counts.limits,
            ahead=counts.ahead,
        )

    def _waiting(self, campaign_id: CampaignId) -> int:
        """Answered callees whom no agent has yet."""
        return sum(
            1
            for attempt_id, air in self._air.items()
            if air.campaign_id == campaign_id and air.answered and self.seats.of_attempt(attempt_id) is None
        )

    def ringing(self, campaign_id: CampaignId) -> int:
        """Calls of a campaign that are placed and not answered."""
        return sum(1 for v in self._air.values() if v.campaign_id == campaign_id and not v.answered)

    def in_the_air(self) -> dict[str, int]:
        """Calls by state: `ringing`, `waiting` (answered, nobody there yet), `talking`."""
        found = {"ringing": 0, "waiting": 0, "talking": 0}
        for attempt_id, air in self._air.items():
            if not air.answered:
                found["ringing"] += 1
            elif self.seats.of_attempt(attempt_id) is None:
                found["waiting"] += 1
            else:
                found["talking"] += 1
        return found

    def campaign_of(self, attempt_id: AttemptId) -> CampaignId | None:
        """The campaign of a call in the air."""
        air = self._air.get(attempt_id)
        return None if air is None else air.campaign_id

    def language_of(self, attempt_id: AttemptId) -> str:
        """The language of a call in the air; empty: not known."""
        air = self._air.get(attempt_id)
        return "" if air is None else air.language

    def further(self, campaign_id: CampaignId, waiting: frozenset[str], lines: int) -> Room:
        """In which languages the next of `lines` further calls may be, and how many at once in them."""
        mine = [a for a in self.seats.all() if self.counts_for(a, campaign_id)]
        ready = [a for a in self.seats.ready(campaign_id) if self.counts_for(a, campaign_id)]
        in_air = Counter(v.language for v in self._air.values() if v.campaign_id == campaign_id)
        total = in_air.total() + lines
        counted = ready if total <= len(ready) else [a for a in mine if a.place in (Place.READY, *BUSY)]
        return room([a.languages for a in counted], waiting, in_air, total)

    # -------------------------------------------------------------- what happened

    def placed(
        self,
        campaign_id: CampaignId,
        attempt_id: AttemptId,
        language: str = "",
        features: LeadFeatures | None = None,
    ) -> None:
        """A call was handed to the exchange."""
        self._air[attempt_id] = _Air(campaign_id, self._now(), language)
        self._tell(campaign_id, lambda p, now: p.placed(attempt_id, now, features))

    def answered(self, attempt_id: AttemptId) -> CampaignId | None:
        """A person answered; the campaign, if we know the call."""
        air = self._air.get(attempt_id)
        if air is None or air.answered:
            return None if air is None else air.campaign_id
        air.answered = True
        self._tell(air.campaign_id, lambda p, now: p.answered(attempt_id, now))
        return air.campaign_id

    def connected(self, attempt_id: AttemptId, agent_id: UserId) -> None:
        """The callee has an agent."""
        air = self._air.pop(attempt_id, None)
        if air is not None:
            self._joined[attempt_id] = agent_id
            self._counted = {**self._counted, agent_id: air.campaign_id}
            self._tell(air.campaign_id, lambda p, now: p.connected(attempt_id, agent_id, now))

    def abandoned(self, attempt_id: AttemptId) -> None:
        """Nobody came in time."""
        air = self._air.pop(attempt_id, None)
        if air is not None:
            self._tell(air.campaign_id, lambda p, now: p.abandoned(attempt_id, now))

    def ended(self, attempt_id: AttemptId) -> None:
        """The call is over: a ringing one without an answer, or a talk."""
        air = self._air.pop(attempt_id, None)
        if air is not None and not air.answered:
            # a call of a former process may end before this one's day of that campaign has begun
            bounds = self._bounds.get(air.campaign_id)
            rung_out = math.inf if bounds is None else bounds.ring_seconds_max * RUNG_OUT_SHARE
            kind = EndKind.NO_ANSWER if self._now() - air.since >= rung_out else EndKind.FAIL
            self._tell(air.campaign_id, lambda p, now: p.ended(attempt_id, kind, now))
        agent_id = self._joined.pop(attempt_id, None)
        if agent_id is not None:
            self._tell_all(lambda p, now: p.talk_ended(agent_id, now))

    def agent(self, agent_id: UserId, state: AgentState) -> None:
        """An agent moved for a reason other than a call."""
        self._tell_all(lambda p, now: p.agent_changed(agent_id, state, now))

    def handed_over(self, attempt_id: AttemptId, former: UserId, agent_id: UserId) -> None:
        """The talk goes on with another agent; the former one is ready."""
        if attempt_id in self._joined:
            self._joined[attempt_id] = agent_id
        self.agent(former, AgentState.READY)

    def wrapped(self, agent_id: UserId) -> None:
        """An agent finished wrap-up."""
        self._tell_all(lambda p, now: p.wrap_ended(agent_id, now))

    def _tell(self, campaign_id: CampaignId, say: Callable[[Pacer, float], None]) -> None:
        pacer = self._pacers.get(campaign_id)
        if pacer is not None:
            say(pacer, self._now())

    def _tell_all(self, say: Callable[[Pacer, float], None]) -> None:
        for campaign_id in self._pacers:
            self._tell(campaign_id, say)

    def since(self, agent: Agent) -> float:
        """When the agent came to their place, on the event loop's clock."""
        return self._now() - max(0.0, (self.clock.now() - agent.since).total_seconds())

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
