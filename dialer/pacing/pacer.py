"""The interface of every pacer: told what happened, asked what to do. Pure: no clock, no I/O.

A pacer knows how many calls to place, never whom. All times are seconds on the floor's scale (`floor.py`).
"""

from typing import Protocol

from dialer.pacing.features import LeadFeatures
from dialer.pacing.floor import AgentId, AgentState, CallId, Day, EndKind, Floor, Plan


class Pacer(Protocol):
    """Any method of pacing; also what the simulator and the real loop drive.

    Events may come late or twice; an event about a call that the pacer does not know is ignored.
    """

    def day_started(self, cap: float, patience: float, ring_max: float, shift: float, now: float) -> None:
        """A campaign's day begins: counters of today are zero, what was learned stays.

        cap: the most that A/L may be, 0 ≤ cap < 1. patience: seconds from answer until abandoned.
        ring_max: seconds after which a ringing call is given up. shift: seconds of dialling today.
        """
        ...

    def placed(self, call: CallId, now: float, features: LeadFeatures | None = None) -> None:
        """A call was handed to the exchange; it counts as ringing."""
        ...

    def ended(self, call: CallId, kind: EndKind, now: float) -> None:
        """A ringing call ended without a live answer."""
        ...

    def answered(self, call: CallId, now: float) -> None:
        """A person answered."""
        ...

    def connected(self, call: CallId, agent: AgentId, now: float) -> None:
        """The answered callee has an agent."""
        ...

    def abandoned(self, call: CallId, now: float) -> None:
        """The answered callee got no agent within the patience."""
        ...

    def talk_ended(self, agent: AgentId, now: float) -> None:
        """The agent's conversation is over; wrap-up begins."""
        ...

    def wrap_ended(self, agent: AgentId, now: float) -> None:
        """The agent finished wrap-up."""
        ...

    def agent_changed(self, agent: AgentId, state: AgentState, now: float) -> None:
        """The agent moved to `state` for a reason other than a call."""
        ...

    def plan(self, now: float, floor: Floor) -> Plan:
        """How many calls to place now, which to hang up, and why. Does not change what `plan` would say again."""
        ...

    def may_pause(self, floor: Floor) -> bool:
        """Whether one ready agent may leave now without breaking a promise to a callee who is being rung."""
        ...


class Bystander:
    """The events of a pacer that looks only at the floor: it hears them and keeps none but the day's bounds."""

    def __init__(self) -> None:
        self.day: Day | None = None

    def day_started(self, cap: float, patience: float, ring_max: float, shift: float, now: float) -> None:
        """Keep the bounds of the day. Raises: BoundsError where they can't be; the old ones stay."""
        self.day = Day(cap, patience, ring_max, shift, now)

    def placed(self, call: CallId, now: float, features: LeadFeatures | None = None) -> None:
        """The floor tells."""

    def ended(self, call: CallId, kind: EndKind, now: float) -> None:
        """The floor tells."""

    def answered(self, call: CallId, now: float) -> None:
        """The floor tells."""

    def connected(self, call: CallId, agent: AgentId, now: float) -> None:
        """The floor tells."""

    def abandoned(self, call: CallId, now: float) -> None:
        """The floor tells."""

    def talk_ended(self, agent: AgentId, now: float) -> None:
        """The floor tells."""

    def wrap_ended(self, agent: AgentId, now: float) -> None:
        """The floor tells."""

    def agent_changed(self, agent: AgentId, state: AgentState, now: float) -> None:
        """The floor tells."""
