"""The floor in memory: who is where, and which seat is reserved for which call.

One event loop owns it, so a reservation is atomic: nothing awaits between finding a free seat and taking it. A seat is a
place (an endpoint of the exchange); an agent sits in at most one.

    offline ─▶ calling ─▶ ready ⇄ paused            calling: the agent's own phone is being rung, once a shift
                           │ ▲
                           ▼ │
                       reserved ─▶ talking ─▶ wrapping ─▶ ready | paused
                                     └─▶ closing ──▲
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dialer.compliance.queue import speaks
from dialer.domain.ids import AttemptId, CampaignId, InboundId, OrganisationId, SeatId, UserId


class Place(StrEnum):
    """Where an agent is."""

    OFFLINE = "offline"
    CALLING = "calling"
    READY = "ready"
    PAUSED = "paused"
    RESERVED = "reserved"
    TALKING = "talking"
    CLOSING = "closing"
    WRAPPING = "wrapping"


BUSY = frozenset({Place.RESERVED, Place.TALKING, Place.CLOSING, Place.WRAPPING})


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent at the floor. `leg_up`: the agent's phone waits in its seat's bridge."""

    user_id: UserId
    org_id: OrganisationId
    name: str
    campaigns: frozenset[CampaignId]
    seat_id: SeatId
    place: Place
    since: datetime
    leg_up: bool
    languages: frozenset[str] = frozenset()
    """What the agent speaks (BCP 47); empty: not restricted."""
    attempt_id: AttemptId | None = None
    caller: InboundId | None = None
    """Who rang our number and is this agent's call at hand, where it is not an attempt."""
    pause_reason: str | None = None
    held_since: datetime | None = None
    """The callee of the talk hears music since then."""
    pause_after: str | None = None
    """A pause asked for while a call was counted on this agent: it begins after that call."""
    unheard: bool = False
    """The link to the exchange was lost while the phone waited there: it counts as gone until somebody has looked."""
    campaigns_after: frozenset[CampaignId] | None = None
    """The campaigns from when no ringing call counts on this agent any more; None: no change is waiting."""


@dataclass(slots=True)
class Seats:
    """All agents of one node. Every change is a method; each returns the agent as it is afterwards."""

    _agents: dict[UserId, Agent] = field(default_factory=dict)
    _lent: dict[UserId, SeatId] = field(default_factory=dict)
    _watchers: list[Callable[[Agent], None]] = field(default_factory=list)

    def all(self) -> tuple[Agent, ...]:
        """Everyone who sits."""
        return tuple(self._agents.values())

    def of_user(self, user_id: UserId) -> Agent | None:
        """The agent, if they sit."""
        return self._agents.get(user_id)

    def of_seat(self, seat_id: SeatId) -> Agent | None:
        """Who sits in that seat."""
        return next((a for a in self._agents.values() if a.seat_id == seat_id), None)

    def of_attempt(self, attempt_id: AttemptId) -> Agent | None:
        """Who has that call."""
        return next((a for a in self._agents.values() if a.attempt_id == attempt_id), None)

    def of_caller(self, inbound_id: InboundId) -> Agent | None:
        """Who has that call to our number."""
        return next((a for a in self._agents.values() if a.caller == inbound_id), None)

    def taken(self) -> frozenset[SeatId]:
        """Seats in which somebody sits, or from which a supervisor listens."""
        return frozenset(a.seat_id for a in self._agents.values()) | frozenset(self._lent.values())

    def lend(self, user_id: UserId, pool: Iterable[SeatId]) -> SeatId | None:
        """A seat of `pool` for a supervisor's phone, the same one again while it is lent; None: none is free."""
        if user_id not in self._lent:
            free = next((s for s in pool if s not in self.taken()), None)
            if free is None:
                return None
            self._lent[user_id] = free
        return self._lent[user_id]

    def lent_to(self, user_id: UserId) -> SeatId | None:
        """The seat that a supervisor's phone has."""
        return self._lent.get(user_id)

    def give_back(self, user_id: UserId) -> None:
        """The supervisor's phone is gone."""
        self._lent.pop(user_id, None)

    def watch(self, moved: Callable[[Agent], None]) -> None:
        """Hear of each agent whose place or phone changed, as they are afterwards, before anything else happens."""
        self._watchers.append(moved)

    def hold(self, user_id: UserId, at: datetime) -> Agent:
        """The agent's callee hears music; any move ends it."""
        agent = replace(self._agents[user_id], held_since=at)
        self._agents[user_id] = agent
        return agent

    def sit(self, agent: Agent) -> Agent:
        """An agent takes a seat."""
        self._agents[agent.user_id] = agent
        return agent

    def leave(self, user_id: UserId) -> Agent | None:
        """An agent leaves; a call at hand stays with the exchange's own fail-safe."""
        return self._agents.pop(user_id, None)

    def move(self, user_id: UserId, place: Place, at: datetime, attempt_id: AttemptId | None) -> Agent:
        """Put an agent in a place, with the call at hand or none."""
        former = self._agents[user_id]
        return self._moved(
            replace(former, place=place, since=at, attempt_id=attempt_id, caller=None, held_since=None)
        )

    def with_caller(self, user_id: UserId, place: Place, at: datetime, inbound_id: InboundId) -> Agent:
        """Put an agent in a place with somebody who rang our number."""
        former = self._agents[user_id]
        return self._moved(replace(former, place=place, since=at, attempt_id=None, caller=inbound_id))

    def set_leg(self, user_id: UserId, leg_up: bool) -> Agent:
        """The agent's phone came up or was lost."""
        return self._moved(replace(self._agents[user_id], leg_up=leg_up, unheard=False))

    def set_unheard(self, user_id: UserId) -> Agent:
        """Nothing is heard of the agent's phone any more."""
        return self._moved(replace(self._agents[user_id], leg_up=False, unheard=True))

    def pause_when_free(self, user_id: UserId, reason: str | None) -> Agent:
        """Remember (or forget) a pause for after the call at hand."""
        agent = replace(self._agents[user_id], pause_after=reason)
        self._agents[user_id] = agent
        return agent

    def join(self, user_id: UserId, campaigns: frozenset[CampaignId]) -> Agent:
        """The agent works these campaigns and no other, from now on."""
        return self._moved(replace(self._agents[user_id], campaigns=campaigns, campaigns_after=None))

    def join_when_free(self, user_id: UserId, campaigns: frozenset[CampaignId]) -> Agent:
        """What is new counts at once; what is left, once nobody who may answer counts on this agent."""
        agent = self._agents[user_id]
        both = replace(agent, campaigns=agent.campaigns | campaigns, campaigns_after=campaigns)
        return self._moved(both)

    def wanting_to_move(self) -> tuple[Agent, ...]:
        """Agents whose change of campaigns waits."""
        return tuple(a for a in self._agents.values() if a.campaigns_after is not None)

    def pause(self, user_id: UserId, reason: str, at: datetime) -> Agent:
        """The agent pauses now."""
        agent = replace(
            self._agents[user_id],
            place=Place.PAUSED,
            since=at,
            pause_reason=reason,
            pause_after=None,
            attempt_id=None,
            caller=None,
            held_since=None,
        )
        return self._moved(agent)

    def _moved(self, agent: Agent) -> Agent:
        self._agents[agent.user_id] = agent
        for watcher in self._watchers:
            watcher(agent)
        return agent

    def ready(self, campaign_id: CampaignId) -> tuple[Agent, ...]:
        """Agents of a campaign who can take a call now, longest-waiting first.

        Whoever asked for a pause while a ringing call counts on them comes last, and is still counted: the promise to
        the person who may answer holds until `wanting_pause` are let go.
        """
        free = [
            a
            for a in self._agents.values()
            if a.place is Place.READY and a.leg_up and campaign_id in a.campaigns
        ]
        return tuple(sorted(free, key=lambda a: (a.pause_after is not None, a.since)))

    def wanting_pause(self) -> tuple[Agent, ...]:
        """Ready agents who asked for a pause and are still counted on."""
        return tuple(a for a in self._agents.values() if a.place is Place.READY and a.pause_after is not None)

    def staffed(self, campaign_id: CampaignId) -> int:
        """Agents of a campaign who are at the floor and not paused."""
        return sum(
            1
            for a in self._agents.values()
            if campaign_id in a.campaigns and (a.place is Place.READY or a.place in BUSY)
        )

    def reserve(
        self, takers: Sequence[Agent], attempt_id: AttemptId, at: datetime, language: str = ""
    ) -> Agent | None:
        """Take one of the ready agents for an answered call: who speaks its language before who doesn't, then the first.

        None when there is nobody. Skills say whom we dial; somebody who answered isn't left alone for want of a language.
        """
        agent = self.first_for(takers, language)
        return self.move(agent.user_id, Place.RESERVED, at, attempt_id) if agent is not None else None

    @staticmethod
    def first_for(takers: Sequence[Agent], language: str) -> Agent | None:
        """Of agents in their order, the first who speaks the language; of none who does, the first."""
        return min(takers, key=lambda a: not speaks(a.languages, language), default=None)
