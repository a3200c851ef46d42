"""The pacing board: which calls are in the air, and one pacer a campaign that hears of all of them.

It says how many calls to place, never whom. Seconds are the event loop's, which never step back.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.pacing.floor import AgentState, EndKind, Floor, Plan
from dialer.pacing.pacer import Pacer
from dialer.services.seats import Place, Seats

SHIFT_SECONDS = 8 * 3600.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a campaign's packs leave to pacing. `cap`: share of live answers that may be abandoned."""

    cap: float
    patience_seconds: float
    ring_seconds_max: float


@dataclass(frozen=True, slots=True)
class Counts:
    """L and A of today, and the leads that are due now."""

    live: int
    abandoned: int
    leads_due: int


@dataclass(slots=True)
class _Air:
    campaign_id: CampaignId
    since: float
    answered: bool = False


@dataclass(slots=True)
class Board:
    """Calls in the air and their pacers."""

    seats: Seats
    make_pacer: Callable[[CampaignId], Pacer]
    _pacers: dict[CampaignId, Pacer] = field(default_factory=dict)
    _air: dict[AttemptId, _Air] = field(default_factory=dict)
    _joined: dict[AttemptId, UserId] = field(default_factory=dict)
    plans: dict[CampaignId, Plan] = field(default_factory=dict)
    """The last plan of each campaign, for the supervisor's sentence."""

    def start_day(self, campaign_id: CampaignId, bounds: Bounds) -> None:
        """A pacer for the campaign with today's bounds."""
        pacer = self._pacers.setdefault(campaign_id, self.make_pacer(campaign_id))
        pacer.day_started(
            bounds.cap, bounds.patience_seconds, bounds.ring_seconds_max, SHIFT_SECONDS, self._now()
        )

    def has_day(self, campaign_id: CampaignId) -> bool:
        """Whether `start_day` was called."""
        return campaign_id in self._pacers

    def plan(self, campaign_id: CampaignId, counts: Counts) -> Plan:
        """How many calls to place now, which ringing ones to hang up, and why."""
        plan = self._pacers[campaign_id].plan(self._now(), self.floor(campaign_id, counts))
        self.plans[campaign_id] = plan
        return plan

    def may_pause(self, campaign_ids: frozenset[CampaignId]) -> bool:
        """Whether an agent may leave now without breaking a promise to somebody whose phone is ringing."""
        nothing = Counts(live=0, abandoned=0, leads_due=0)
        return all(
            self._pacers[c].may_pause(self.floor(c, nothing)) for c in campaign_ids if c in self._pacers
        )

    def floor(self, campaign_id: CampaignId, counts: Counts) -> Floor:
        """What the pacer sees of one campaign."""
        now = self._now()
        mine = [a for a in self.seats.all() if campaign_id in a.campaigns]
        ages = {a.user_id: now for a in mine}
        air = {k: v for k, v in self._air.items() if v.campaign_id == campaign_id}
        return Floor(
            ready={a.user_id: ages[a.user_id] for a in self.seats.ready(campaign_id)},
            talking={a.user_id: ages[a.user_id] for a in mine if a.place in (Place.TALKING, Place.CLOSING)},
            wrapping={
                a.user_id: ages[a.user_id] for a in mine if a.place in (Place.WRAPPING, Place.RESERVED)
            },
            ringing={k: v.since for k, v in air.items() if not v.answered},
            waiting=sum(1 for k, v in air.items() if v.answered and self.seats.of_attempt(k) is None),
            live=counts.live,
            abandoned=counts.abandoned,
            leads_left=counts.leads_due,
            shift_left=SHIFT_SECONDS,
        )

    def ringing(self, campaign_id: CampaignId) -> int:
        """Calls of a campaign that are placed and not answered."""
        return sum(1 for v in self._air.values() if v.campaign_id == campaign_id and not v.answered)

    def campaign_of(self, attempt_id: AttemptId) -> CampaignId | None:
        """The campaign of a call in the air."""
        air = self._air.get(attempt_id)
        return None if air is None else air.campaign_id

    # -------------------------------------------------------------- what happened

    def placed(self, campaign_id: CampaignId, attempt_id: AttemptId) -> None:
        """A call was handed to the exchange."""
        self._air[attempt_id] = _Air(campaign_id, self._now())
        self._tell(campaign_id, lambda p, now: p.placed(attempt_id, now))

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
            self._tell(air.campaign_id, lambda p, now: p.connected(attempt_id, agent_id, now))

    def abandoned(self, attempt_id: AttemptId) -> None:
        """Nobody came in time."""
        air = self._air.pop(attempt_id, None)
        if air is not None:
            self._tell(air.campaign_id, lambda p, now: p.abandoned(attempt_id, now))

    def ended(self, attempt_id: AttemptId, kind: EndKind) -> None:
        """The call is over: a ringing one without an answer, or a talk."""
        air = self._air.pop(attempt_id, None)
        if air is not None and not air.answered:
            self._tell(air.campaign_id, lambda p, now: p.ended(attempt_id, kind, now))
        agent_id = self._joined.pop(attempt_id, None)
        if agent_id is not None:
            self._tell_all(lambda p, now: p.talk_ended(agent_id, now))

    def agent(self, agent_id: UserId, state: AgentState) -> None:
        """An agent moved for a reason other than a call."""
        self._tell_all(lambda p, now: p.agent_changed(agent_id, state, now))

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

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
