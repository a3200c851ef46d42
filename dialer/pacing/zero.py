"""Zero mode, also called progressive: one line per ready agent, reserved, so that nobody is ever abandoned.

The promise: ringing + waiting ≤ ready, always; and a ready agent who is counted on may not pause until the ringing
call is resolved (`may_pause`). While both hold, an answer always finds an agent.
"""

from dialer.pacing.floor import CallId, Floor, Plan, fault_of
from dialer.pacing.pacer import Bystander
from dialer.pacing.why import (
    CapReached,
    DayNotStarted,
    ImpossibleFloor,
    Limited,
    NoLeads,
    NoReadyAgent,
    OneLineEach,
    Placing,
    ShiftOver,
    Why,
)

HARD_STOP_SHARE = 0.03
"""A share of abandoned answers at which nothing more is dialled, in any mode (the pack's hard stop)."""
HARD_STOP_ABANDONS_MIN = 2
"""One abandoned call among the day's first thirty is bad luck, not a rate; agents can be lost to a crash."""


def hard_stop(floor: Floor) -> bool:
    """Whether today's abandoned share has passed the hard stop."""
    return floor.abandoned >= HARD_STOP_ABANDONS_MIN and floor.abandoned > HARD_STOP_SHARE * floor.live


def refusal_of(floor: Floor, now: float) -> Why | None:
    """What forbids every call at this floor, whatever the mode; None when nothing does."""
    fault = fault_of(floor, now)
    if fault is not None:
        return ImpossibleFloor(fault.value)
    if floor.shift_left <= 0:
        return ShiftOver()
    if hard_stop(floor):
        return CapReached(floor.abandoned, floor.live)
    return None


def bounded(wanted: int, floor: Floor, why: Why) -> tuple[int, Why]:
    """`wanted` cut down to the leads and limits of the floor; the reason is the tightest bound's."""
    place = max(0, wanted)
    if place > floor.leads_left:
        place, why = floor.leads_left, NoLeads(len(floor.ready))
    for limit in floor.limits:
        if place > limit.calls_left:
            place, why = limit.calls_left, Limited(limit.kind.value, limit.calls_left, len(floor.ready))
    return place, why


def overdue(floor: Floor, now: float, age_seconds: float) -> tuple[CallId, ...]:
    """Ringing calls that have rung at least `age_seconds`, oldest first."""
    old = [(since, call) for call, since in floor.ringing.items() if now - since >= age_seconds]
    return tuple(call for _, call in sorted(old))


class ZeroPacer(Bystander):
    """One line per ready agent.

    ring_min: seconds a call must have rung before we may hang it up (the pack's minimum). give_up_after: seconds after
    which a line that still rings is given up for a fresh one, at least ring_min; None: only when the exchange does.
    """

    def __init__(self, ring_min: float, give_up_after: float | None = None) -> None:
        super().__init__()
        self._ring_min = ring_min
        self._give_up_after = None if give_up_after is None else max(give_up_after, ring_min)

    def plan(self, now: float, floor: Floor) -> Plan:
        """Fill up to one line per ready agent; hang up what an agent who vanished left behind."""
        if self.day is None:
            return Plan(0, (), DayNotStarted())
        refusal = refusal_of(floor, now)
        cancel = self._cancel(now, floor)
        if refusal is not None:
            return Plan(0, () if isinstance(refusal, ImpossibleFloor) else cancel, refusal)
        ready, ringing = len(floor.ready), len(floor.ringing)
        free = ready - floor.waiting - ringing
        if free <= 0:
            why: Why = (
                OneLineEach(ready, ringing, floor.waiting)
                if ready
                else NoReadyAgent(ringing, len(floor.talking) + len(floor.wrapping))
            )
            return Plan(0, cancel, why)
        place, why = bounded(free, floor, Placing(free, ready, ringing))
        return Plan(place, cancel, why)

    def may_pause(self, floor: Floor) -> bool:
        """True when an agent is left over after each ringing and each waiting callee has one."""
        return len(floor.ringing) + floor.waiting <= len(floor.ready) - 1

    def _cancel(self, now: float, floor: Floor) -> tuple[CallId, ...]:
        given_up = () if self._give_up_after is None else overdue(floor, now, self._give_up_after)
        too_many = len(floor.ringing) + floor.waiting - len(floor.ready) - len(given_up)
        if too_many <= 0:
            return given_up
        spare = [call for call in overdue(floor, now, self._ring_min) if call not in set(given_up)]
        # The youngest of those that we may hang up: the oldest have nearly rung out and rarely answer.
        return given_up + tuple(spare[-too_many:])
