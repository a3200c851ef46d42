"""What a pacer sees and what it answers: the floor of agents and calls at one moment, and a plan.

Times are seconds as floats on one scale that never steps back (a monotonic clock; its origin means nothing): a wall
clock that is set back must not make a ringing call younger. Calls are named by their attempt, agents by their user.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from dialer.domain.errors import DialerError
from dialer.domain.ids import AttemptId, UserId
from dialer.pacing.features import LeadFeatures
from dialer.pacing.why import Why

CallId = AttemptId
AgentId = UserId

NOBODY: Mapping[AgentId, float] = MappingProxyType({})
NO_CALLS: Mapping[CallId, float] = MappingProxyType({})


class EndKind(StrEnum):
    """Why a call ended without a live answer."""

    FAIL = "fail"
    """The network said no: busy, unallocated, congestion, refused."""
    NO_ANSWER = "no_answer"
    """It rang as long as it was allowed to."""
    MACHINE = "machine"
    """A machine answered; it is not a live answer."""
    CANCELLED = "cancelled"
    """We hung up before the answer."""


class AgentState(StrEnum):
    """Where an agent is. `GONE` is logged out; `PAUSED` takes no call."""

    READY = "ready"
    TALKING = "talking"
    WRAPPING = "wrapping"
    PAUSED = "paused"
    GONE = "gone"


class LimitKind(StrEnum):
    """A bound from outside pacing on how many more calls may be placed now."""

    TRUNK = "trunk"
    CALLER_ID = "caller_id"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls_left` more calls now, because of `kind`."""

    kind: LimitKind
    calls_left: int


@dataclass(frozen=True, slots=True)
class Floor:
    """One campaign's floor at one moment. Each agent stands in exactly one of ready, talking, wrapping.

    ready, talking, wrapping: agent → since when (seconds, ≤ now); only agents counted for this campaign.
    ringing: call → placed when; calls placed and neither ended nor answered.
    waiting: answered callees whom no agent has yet.
    live, abandoned: L and A of today, L ≥ A; an abandoned answer is in both.
    leads_left: leads that could be placed now. shift_left: seconds until dialling stops.
    limits: further bounds. ahead: features of the next leads in queue order (may be shorter than leads_left).
    """

    ready: Mapping[AgentId, float]
    talking: Mapping[AgentId, float]
    wrapping: Mapping[AgentId, float]
    ringing: Mapping[CallId, float]
    waiting: int
    live: int
    abandoned: int
    leads_left: int
    shift_left: float
    limits: tuple[Limit, ...] = ()
    ahead: tuple[LeadFeatures, ...] = field(default=())


class FloorFault(StrEnum):
    """What makes a floor impossible. An impossible floor places nothing."""

    NEGATIVE_COUNT = "negative_count"
    MORE_ABANDONED_THAN_LIVE = "more_abandoned_than_live"
    AGENT_TWICE = "agent_twice"
    TIME_AHEAD = "time_ahead"
    NOT_A_NUMBER = "not_a_number"


CLOCK_SLACK_SECONDS = 1.0
"""A `since` may lie this far after `now`: events and ticks are stamped on different threads."""


def fault_of(floor: Floor, now: float) -> FloorFault | None:
    """The first thing that can't be true about `floor` at `now`, or None."""
    if not (math.isfinite(now) and math.isfinite(floor.shift_left)):
        return FloorFault.NOT_A_NUMBER
    if min(floor.waiting, floor.live, floor.abandoned, floor.leads_left) < 0:
        return FloorFault.NEGATIVE_COUNT
    if floor.limits and min(limit.calls_left for limit in floor.limits) < 0:
        return FloorFault.NEGATIVE_COUNT
    if floor.abandoned > floor.live:
        return FloorFault.MORE_ABANDONED_THAN_LIVE
    places = (floor.ready, floor.talking, floor.wrapping)
    if not (
        places[0].keys().isdisjoint(places[1])
        and places[0].keys().isdisjoint(places[2])
        and places[1].keys().isdisjoint(places[2])
    ):
        return FloorFault.AGENT_TWICE
    latest = now + CLOCK_SLACK_SECONDS
    for since_by_id in (*places, floor.ringing):
        if since_by_id:
            last = max(since_by_id.values())
            if last > latest:
                return FloorFault.TIME_AHEAD
            # NaN hides from max unless it comes first; a sum never loses it.
            if not math.isfinite(sum(since_by_id.values())):
                return FloorFault.NOT_A_NUMBER
    return None


@dataclass(frozen=True, slots=True)
class Plan:
    """Place `place` calls now (≥ 0), hang up the ringing calls of `cancel`, and tell the supervisor `why`."""

    place: int
    cancel: tuple[CallId, ...]
    why: Why


class BoundsError(DialerError):
    """The bounds of a day can't be: nothing was started."""


@dataclass(frozen=True, slots=True)
class Day:
    """The bounds of one campaign's day; seconds. Raises: BoundsError for a bound that makes no sense.

    cap: most that A/L may be, 0 ≤ cap < 1. patience: from answer until abandoned, ≥ 0. ring_max: > 0.
    shift: seconds of dialling from `started`, ≥ 0.
    """

    cap: float
    patience: float
    ring_max: float
    shift: float
    started: float

    def __post_init__(self) -> None:
        """Refuse what can't be: a pacer with a cap of NaN would never stop."""
        if not all(
            math.isfinite(x) for x in (self.cap, self.patience, self.ring_max, self.shift, self.started)
        ):
            raise BoundsError("a bound of the day is not a finite number")
        if not 0 <= self.cap < 1:
            raise BoundsError("the cap is a share, at least 0 and under 1")
        if self.patience < 0 or self.ring_max <= 0 or self.shift < 0:
            raise BoundsError(
                "patience and shift may not be negative, the longest ring must be over 0 seconds"
            )
