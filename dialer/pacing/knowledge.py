"""Everything a pacer has learned of one campaign, kept in step with events, and the tables that forecasts read.

Tables are rebuilt while hearing events, never while planning: a decision only reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dialer.pacing.features import LeadFeatures
from dialer.pacing.floor import AgentId, AgentState, CallId, EndKind, Floor
from dialer.pacing.forecast import (
    Bounds,
    BusyTables,
    LevelTables,
    Mixed,
    busy_tables,
    level_tables,
    mix,
    mix_bounds,
    row_counts,
    window_for,
)
from dialer.pacing.laws import Floats, HoldLaw, HoldLearned, RingLaw, RingLearned
from dialer.pacing.rate import AnswerRate, RateLearned

TALK_PRIOR_SECONDS = 90.0
WRAP_PRIOR_SECONDS = 15.0
RATE_EVERY_SECONDS = 1.0
MIX_EVERY_SECONDS = 15.0
HOLD_EVERY_SECONDS = 240.0
REBUILD_GROWTH = 1.4
"""A law is tabled anew when what it has seen has grown so much."""
RATE_MOVED = 0.03

RETURN_MEMORY_MIN, RETURN_MEMORY_SHARE = 6.0, 0.1
"""Agents who were last done, as a share of those busy: a team that leaves for lunch shows after two or three of them."""

RATE_JUMP, RATE_JUMP_MAX = 6.0, 0.5
"""A sudden change of the list that the tail must survive."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What is kept over restarts: plain numbers, no personal data."""

    ring: RingLearned
    talk: HoldLearned
    wrap: HoldLearned
    rate: RateLearned
    stays: tuple[float, float]
    spend: tuple[float, float] = (0.0, 0.0)
    """Abandoned calls, and the sum of the risks that were taken for them."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Forecast tables at the answer probability believed, the highest plausible one, and one after a jump."""

    likely: Mixed
    highest: Bounds
    jumped: Bounds


class Knowledge:
    """One campaign's learned laws. Feed it every event; read `tables` and `inputs`."""

    def __init__(self, ring_max: float, patience: float, learned: Learned | None = None) -> None:
        self._patience = patience
        self._ring = RingLaw(ring_max, learned.ring if learned else None)
        self._talk = HoldLaw(TALK_PRIOR_SECONDS, learned.talk if learned else None)
        self._wrap = HoldLaw(WRAP_PRIOR_SECONDS, learned.wrap if learned else None)
        self.rate = AnswerRate(learned.rate if learned else None)
        self._stays = list(learned.stays) if learned else [19.0, 20.0]
        self._returning = 1.0
        self._calls: dict[CallId, tuple[float, int]] = {}
        self._talking: dict[AgentId, float] = {}
        self._wrapping: dict[AgentId, float] = {}
        self._last_class = 0
        self._window = window_for(2)
        self._levels: LevelTables | None = None
        self._busy: BusyTables | None = None
        self._seen_calls = self._seen_holds = 0
        self._built_calls = self._built_holds = 0
        self._rate_due = self._mix_due = self._hold_due = float("-inf")
        self._mixed_rate = 0.0
        self._mixed_highest = 1.0
        self.tables: Tables | None = None

    def learned(self) -> Learned:
        """A snapshot for a later start."""
        return Learned(
            self._ring.learned(),
            self._talk.learned(),
            self._wrap.learned(),
            self.rate.learned(),
            (self._stays[0], self._stays[1]),
        )

    def placed(self, call: CallId, now: float, features: LeadFeatures | None) -> None:
        """A call rings."""
        if features is not None:
            self.rate.hour_is(features.hour)
        self._last_class = self.rate.class_index(features)
        self._calls[call] = (now, self._last_class)

    def ended(self, call: CallId, kind: EndKind, now: float) -> None:
        """A call ended without a live answer."""
        known = self._calls.pop(call, None)
        if known is None:
            return
        since, class_index = known
        age = max(0.0, now - since)
        if kind is EndKind.CANCELLED:
            self._ring.censored(age)
        else:
            self._ring.ended(age)
        self.rate.resolved(class_index, age, 0)
        self._seen_calls += 1
        self._refresh(now)

    def answered(self, call: CallId, now: float) -> None:
        """A person answered."""
        known = self._calls.pop(call, None)
        if known is None:
            return
        since, class_index = known
        age = max(0.0, now - since)
        self._ring.answered(age)
        self.rate.resolved(class_index, age, 1)
        self._seen_calls += 1
        self._refresh(now)

    def connected(self, agent: AgentId, now: float) -> None:
        """An agent talks."""
        self._talking[agent] = now

    def talk_ended(self, agent: AgentId, now: float) -> None:
        """An agent wraps up."""
        since = self._talking.pop(agent, None)
        self._wrapping[agent] = now
        if since is not None:
            self._talk.ended(now - since)
            self._seen_holds += 1

    def wrap_ended(self, agent: AgentId, now: float) -> None:
        """An agent is done; taken to stay until told otherwise."""
        since = self._wrapping.pop(agent, None)
        if since is not None:
            self._wrap.ended(now - since)
            self._stays = [self._stays[0] * 0.999 + 1.0, self._stays[1] * 0.999 + 1.0]
            self._returning += (1.0 - self._returning) * self._one_of()
            self._refresh(now)

    def agent_changed(self, agent: AgentId, state: AgentState) -> None:
        """An agent moved for a reason other than a call."""
        self._talking.pop(agent, None)
        self._wrapping.pop(agent, None)
        if state is AgentState.PAUSED:
            self._stays[0] = max(0.0, self._stays[0] - 1.0)
        if state in (AgentState.PAUSED, AgentState.GONE):
            self._returning = max(0.0, self._returning - self._one_of())

    def _one_of(self) -> float:
        """Weight of one agent who comes back or doesn't."""
        busy = len(self._talking) + len(self._wrapping)
        return 1.0 / max(RETURN_MEMORY_MIN, RETURN_MEMORY_SHARE * busy)

    def class_ahead(self, floor: Floor, ahead: int) -> int:
        """Class of the lead `ahead` places down the queue; the last one's where the queue doesn't tell."""
        if not floor.ahead:
            return self._last_class
        return self.rate.class_index(floor.ahead[min(ahead, len(floor.ahead) - 1)])

    def counts(self, mixed: Mixed, floor: Floor, now: float) -> Floats:
        """The floor as counts of the rows of `mixed`. A call that was never told of has the plainest class.

        Of busy agents only so many are counted on as came back of late: several who leave together must not be waited for.
        """
        calls = self._calls
        classes = [calls[call][1] if call in calls else 0 for call in floor.ringing]
        counts = row_counts(
            mixed,
            _ages(floor.ringing, now),
            np.minimum(np.array(classes, dtype=np.intp), mixed.classes - 1),
            _ages(floor.talking, now),
            _ages(floor.wrapping, now),
        )
        counts[mixed.ring_rows :] *= self._returning
        return counts

    def _refresh(self, now: float) -> None:
        if now < self._rate_due:
            return
        self._rate_due = now + RATE_EVERY_SECONDS
        ages = np.fromiter((now - since for since, _ in self._calls.values()), np.float64, len(self._calls))
        classes = np.fromiter((index for _, index in self._calls.values()), np.intp, len(self._calls))
        agents = len(self._talking) + len(self._wrapping)
        rebuilt = self._rebuild_levels(ages, max(agents, len(self._calls) // 2))
        rebuilt = self._rebuild_busy(now, rebuilt) or rebuilt
        rate = self.rate.watch(classes, ages)
        moved = max(
            abs(rate / self._mixed_rate - 1.0) if self._mixed_rate > 0 else 1.0,
            abs(self.rate.highest / self._mixed_highest - 1.0),
        )
        if rebuilt or now >= self._mix_due or moved > RATE_MOVED:
            self._mix(rate, now)

    def _rebuild_levels(self, ages: Floats, agents: int) -> bool:
        window = max(self._window, window_for(agents))
        if (
            self._levels is not None
            and window == self._window
            and self._seen_calls < REBUILD_GROWTH * self._built_calls + 15
        ):
            return False
        shape = self._ring.shape(ages)
        self.rate.set_shape(shape)
        self._levels = level_tables(shape, self._ring.ring_max, window)
        self._window = window
        self._built_calls = self._seen_calls
        return True

    def _rebuild_busy(self, now: float, levels_changed: bool) -> bool:
        grown = self._seen_holds > REBUILD_GROWTH * self._built_holds + 3
        if self._levels is None or not (levels_changed or grown or now >= self._hold_due):
            return False
        talk = self._talk.hazards(_ages(self._talking, now))
        wrap = self._wrap.hazards(_ages(self._wrapping, now))
        stays = min(1.0, self._stays[0] / self._stays[1])
        self._busy = busy_tables(talk, wrap, self._levels.horizons, self._patience, stays, self._window)
        self._built_holds = self._seen_holds
        self._hold_due = now + (HOLD_EVERY_SECONDS if self._seen_holds > 200 else HOLD_EVERY_SECONDS / 12.0)
        return True

    def _mix(self, rate: float, now: float) -> None:
        if self._levels is None or self._busy is None:
            return
        base = self.rate.rate
        self._mixed_highest = self.rate.highest
        likely = self.rate.rates() * (rate / base if base > 0 else 1.0)
        jumped = np.maximum(likely, np.minimum(RATE_JUMP_MAX, RATE_JUMP * likely))
        self.tables = Tables(
            mix(self._levels, self._busy, likely),
            mix_bounds(self._levels, self._busy, np.minimum(1.0, self._mixed_highest * likely)),
            mix_bounds(self._levels, self._busy, jumped),
        )
        self._mixed_rate = rate
        self._mix_due = now + MIX_EVERY_SECONDS


def _ages(since: Mapping[CallId, float] | Mapping[AgentId, float], now: float) -> Floats:
    return np.maximum(now - np.fromiter(since.values(), np.float64, len(since)), 0.0)
