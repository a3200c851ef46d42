"""What the field does, from its published code and manuals, and the bound that nobody passes: for comparison only.

No campaign can choose these: they go over the cap by design.
"""

from bisect import bisect_right
from collections import deque
from enum import StrEnum
from typing import Protocol, runtime_checkable

from dialer.pacing.features import LeadFeatures
from dialer.pacing.floor import AgentId, CallId, Floor, Plan, fault_of
from dialer.pacing.pacer import Bystander
from dialer.pacing.why import ImpossibleFloor, Placing

VICIDIAL_DIAL_EVERY_SECONDS = 2.5
VICIDIAL_ADAPT_EVERY_SECONDS = 15.0
VICIDIAL_DROP_RULE_CALLS_MIN = 50
"""Its drop rules begin to hold after so many calls of the day."""
VICIDIAL_TAPER_HOURS = 10.0
VICIDIAL_LEVEL_MAX = 3.0
"""Its default for the maximum level."""
CLAIRVOYANT_CALLS_A_TICK_MAX = 2_000


class Foresight(Protocol):
    """What a clairvoyant is shown of the day to come."""

    free_at: dict[AgentId, float]

    def fate(self, ahead: int) -> float | None:
        """Seconds until the lead `ahead` places down the list would answer if dialled now; None: it would not."""
        ...

    def leads_known(self) -> int:
        """How many leads `fate` can tell of."""
        ...


@runtime_checkable
class Seer(Protocol):
    """A pacer that is shown the future: no method, but the bound of all methods."""

    def foresee(self, day: Foresight) -> None:
        """Called once, before the day starts."""
        ...


class FixedRatio(Bystander):
    """So many lines per ready agent, whatever happens. lines_per_agent ≥ 0."""

    def __init__(self, lines_per_agent: float) -> None:
        super().__init__()
        self._lines = lines_per_agent

    def plan(self, now: float, floor: Floor) -> Plan:
        """Fill up to the ratio."""
        if (fault := fault_of(floor, now)) is not None:
            return Plan(0, (), ImpossibleFloor(fault.value))
        ready = len(floor.ready)
        place = max(0, round(self._lines * ready) - len(floor.ringing) - floor.waiting)
        return Plan(min(place, floor.leads_left), (), Placing(place, ready, len(floor.ringing)))

    def may_pause(self, floor: Floor) -> bool:
        """Nobody is counted on."""
        return True


class VicidialMethod(StrEnum):
    """What happens when today's share of dropped calls is over its limit."""

    HARD_LIMIT = "hard_limit"
    """The level falls to 1."""
    AVERAGE = "average"
    """The level is halved at each adaptation."""
    TAPERED = "tapered"
    """The level is multiplied by the hours left, in tenths: lenient in the morning."""


class Vicidial(Bystander):
    """VICIdial's adaptive methods. The level follows the mean of ready agents minus waiting calls.

    drop_share_max: its limit for today's dropped calls. level_max ≥ 1.
    """

    def __init__(
        self, method: VicidialMethod, drop_share_max: float, level_max: float = VICIDIAL_LEVEL_MAX
    ) -> None:
        super().__init__()
        self._method = method
        self._drop_share_max = drop_share_max
        self._level_max = level_max
        self._level = 1.0
        self._dials = self._answers = self._drops = 0
        self._next_dial = self._next_adapt = 0.0
        self._samples: deque[tuple[float, int, int]] = deque()

    def day_started(self, cap: float, patience: float, ring_max: float, shift: float, now: float) -> None:
        """Counters of the day begin anew, the level at 1."""
        super().day_started(cap, patience, ring_max, shift, now)
        self._level = 1.0
        self._dials = self._answers = self._drops = 0
        self._next_dial, self._next_adapt = now, now + VICIDIAL_ADAPT_EVERY_SECONDS
        self._samples.clear()

    def placed(self, call: CallId, now: float, features: LeadFeatures | None = None) -> None:
        """Counts as a call of today."""
        self._dials += 1

    def answered(self, call: CallId, now: float) -> None:
        """Counts as an answer at once."""
        self._answers += 1

    def abandoned(self, call: CallId, now: float) -> None:
        """Counts as a drop."""
        self._drops += 1

    def plan(self, now: float, floor: Floor) -> Plan:
        """Every 2.5 s up to level × agents calls in progress."""
        if (fault := fault_of(floor, now)) is not None:
            return Plan(0, (), ImpossibleFloor(fault.value))
        ready, talking, ringing = len(floor.ready), len(floor.talking), len(floor.ringing)
        agents = ready + talking
        self._samples.append((now, ready - floor.waiting, agents))
        while self._samples[0][0] < now - VICIDIAL_ADAPT_EVERY_SECONDS:
            self._samples.popleft()
        if now >= self._next_adapt:
            self._next_adapt = now + VICIDIAL_ADAPT_EVERY_SECONDS
            self._adapt(floor.shift_left)
        if now < self._next_dial:
            return Plan(0, (), Placing(0, ready, ringing))
        self._next_dial = now + VICIDIAL_DIAL_EVERY_SECONDS
        in_progress = ringing + talking + floor.waiting
        place = max(0, min(floor.leads_left, round(self._level * agents) - in_progress))
        return Plan(place, (), Placing(place, ready, ringing))

    def may_pause(self, floor: Floor) -> bool:
        """Nobody is counted on."""
        return True

    def _adapt(self, shift_left: float) -> None:
        agents = sum(sample[2] for sample in self._samples)
        if not agents:
            return
        difference = sum(sample[1] for sample in self._samples) / agents
        level = min(self._level * (1.0 + difference), self._level_max)
        over = self._answers > 0 and self._drops > self._drop_share_max * self._answers
        if over and self._dials > VICIDIAL_DROP_RULE_CALLS_MIN:
            if self._method is VicidialMethod.HARD_LIMIT:
                level = 1.0
            elif self._method is VicidialMethod.AVERAGE:
                level /= 2.0
            else:
                level *= min(1.0, shift_left / 3600.0 / VICIDIAL_TAPER_HOURS)
        self._level = max(1.0, level)


class Clairvoyant(Bystander):
    """Knows who will answer and when each agent will be free. Shows how much talk time the world allows at all."""

    def __init__(self) -> None:
        super().__init__()
        self._day: Foresight | None = None
        self._promised: deque[float] = deque()

    def foresee(self, day: Foresight) -> None:
        """Be shown the day."""
        self._day = day
        self._promised.clear()

    def plan(self, now: float, floor: Floor) -> Plan:
        """Dial down the list until the next answer would come before anybody is free for it."""
        if self._day is None or self.day is None:
            return Plan(0, (), Placing(0, len(floor.ready), len(floor.ringing)))
        patience = self.day.patience - 1e-6
        promised = sorted(when for when in self._promised if when > now)
        slots = sorted([now] * len(floor.ready) + list(self._day.free_at.values()))[floor.waiting :]
        for when in promised:
            if fitting := bisect_right(slots, when + patience):
                # The last agent in time for it: those free earlier are left to calls answered sooner.
                slots.pop(fitting - 1)
        place = 0
        known = min(self._day.leads_known(), CLAIRVOYANT_CALLS_A_TICK_MAX)
        while place < known and slots:
            after = self._day.fate(place)
            if after is not None:
                fitting = bisect_right(slots, now + after + patience)
                if not fitting:
                    break
                slots.pop(fitting - 1)
                promised.append(now + after)
            place += 1
        self._promised = deque(promised)
        return Plan(place, (), Placing(place, len(floor.ready), len(floor.ringing)))

    def may_pause(self, floor: Floor) -> bool:
        """The future is known."""
        return True
