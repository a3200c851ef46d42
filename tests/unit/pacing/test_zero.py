"""Zero mode: one line per ready agent, whatever the floor says."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pacing_floors import floor_at

from dialer.pacing.floor import AgentId, BoundsError, Floor, Limit, LimitKind
from dialer.pacing.why import CapReached, DayNotStarted, ImpossibleFloor, Limited, NoLeads, ShiftOver
from dialer.pacing.zero import ZeroPacer

NOW = 1_000.0


def zero(ring_min: float = 15.0, give_up_after: float | None = None) -> ZeroPacer:
    pacer = ZeroPacer(ring_min, give_up_after)
    pacer.day_started(cap=0.0, patience=2.0, ring_max=22.0, shift=3_600.0, now=0.0)
    return pacer


@settings(max_examples=200)
@given(
    ready=st.integers(0, 40),
    ringing=st.lists(st.floats(0, 40), max_size=40),
    waiting=st.integers(0, 5),
    leads=st.integers(0, 50),
)
def test_ringing_and_waiting_never_pass_the_ready_agents(
    ready: int, ringing: list[float], waiting: int, leads: int
) -> None:
    floor = floor_at(NOW, ready=ready, ringing=tuple(ringing), waiting=waiting, leads_left=leads)
    plan = zero().plan(NOW, floor)
    if plan.place:
        assert len(ringing) + waiting + plan.place <= ready
    assert plan.place <= leads
    # Not only safe: a free agent with a lead to call gets a line.
    assert plan.place == max(0, min(leads, ready - len(ringing) - waiting))


def test_an_agent_who_is_counted_on_may_not_pause_until_the_call_is_resolved() -> None:
    pacer = zero()
    assert not pacer.may_pause(floor_at(NOW, ready=2, ringing=(3.0, 4.0)))
    assert not pacer.may_pause(floor_at(NOW, ready=2, ringing=(3.0,), waiting=1))
    assert pacer.may_pause(floor_at(NOW, ready=2, ringing=(3.0,)))
    assert not pacer.may_pause(floor_at(NOW, ready=0))


def test_a_call_left_without_its_agent_is_hung_up_only_after_the_minimum_ring() -> None:
    pacer = zero(ring_min=15.0)
    assert pacer.plan(NOW, floor_at(NOW, ready=1, ringing=(14.0, 12.0))).cancel == ()
    assert len(pacer.plan(NOW, floor_at(NOW, ready=1, ringing=(16.0, 12.0))).cancel) == 1
    assert pacer.plan(NOW, floor_at(NOW, ready=2, ringing=(16.0, 12.0))).cancel == ()


def test_a_line_that_rings_too_long_is_given_up_but_never_before_the_minimum_ring() -> None:
    floor = floor_at(NOW, ready=2, ringing=(16.0, 12.0))
    assert len(zero(ring_min=15.0, give_up_after=10.0).plan(NOW, floor).cancel) == 1
    assert zero(ring_min=17.0, give_up_after=10.0).plan(NOW, floor).cancel == ()


def test_without_a_day_nothing_is_placed() -> None:
    floor = floor_at(NOW, ready=3)
    assert ZeroPacer(15.0).plan(NOW, floor).why == DayNotStarted()
    assert ZeroPacer(15.0).plan(NOW, floor).place == 0
    assert zero().plan(NOW, floor).place == 3


GOOD = floor_at(NOW, ready=3, talking=(10.0,), ringing=(2.0,), live=10)


@pytest.mark.parametrize(
    ("floor", "why_it_is_impossible"),
    [
        (replace(GOOD, waiting=-1), "a negative count of callees"),
        (replace(GOOD, live=-5, abandoned=-9), "negative answers"),
        (replace(GOOD, leads_left=-1), "negative leads"),
        (replace(GOOD, live=1, abandoned=2), "more abandoned than answered"),
        (replace(GOOD, talking={AgentId("r0"): 990.0}), "one agent is ready and talks"),
        (replace(GOOD, ready={AgentId("r0"): NOW + 600.0}), "ready since the future: the clock was stepped"),
        (replace(GOOD, ready={AgentId("r0"): math.nan}), "a time that is no number"),
        (replace(GOOD, shift_left=math.nan), "a shift that is no number"),
        (replace(GOOD, limits=(Limit(LimitKind.TRUNK, -1),)), "a negative bound"),
    ],
)
def test_an_impossible_floor_places_nothing(floor: Floor, why_it_is_impossible: str) -> None:
    plan = zero().plan(NOW, floor)
    assert (plan.place, plan.cancel) == (0, ()), why_it_is_impossible
    assert isinstance(plan.why, ImpossibleFloor)
    assert zero().plan(NOW, GOOD).place == 2  # the control: the same floor without the fault


def test_what_holds_a_free_agent_back_is_told() -> None:
    assert zero().plan(NOW, replace(GOOD, shift_left=0.0)).why == ShiftOver()
    assert zero().plan(NOW, replace(GOOD, leads_left=1)).why == NoLeads(3)
    limited = zero().plan(NOW, replace(GOOD, limits=(Limit(LimitKind.TRUNK, 1),)))
    assert (limited.place, limited.why) == (1, Limited("trunk", 1, 3))
    assert zero().plan(NOW, replace(GOOD, live=50, abandoned=2)).why == CapReached(2, 50)
    assert zero().plan(NOW, replace(GOOD, live=100, abandoned=2)).place == 2


@pytest.mark.parametrize("cap", [math.nan, -0.01, 1.0, math.inf])
def test_a_cap_that_is_no_share_starts_no_day(cap: float) -> None:
    pacer = ZeroPacer(15.0)
    with pytest.raises(BoundsError):
        pacer.day_started(cap=cap, patience=2.0, ring_max=22.0, shift=3_600.0, now=0.0)
    assert pacer.plan(NOW, GOOD).place == 0
