"""The budget holds in any world: drawn worlds, drawn seeds, agents who vanish, answer rates that jump."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.pacing import chance, knowledge, search
from dialer.pacing.compare import DayOrder, Method, day_rng, run_day
from dialer.pacing.features import Promise
from dialer.pacing.result import EXCESS_SLACK
from dialer.pacing.rivals import FixedRatio
from dialer.pacing.simulate import simulate_day
from dialer.pacing.world import AgentsLeave, AnswerChange, Law, Leaving, ListPart, Shape, World

SLOWLY = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
QUICK_TALK = Law(Shape.LOGNORMAL, 40.0, 0.9)
QUICK_WRAP = Law(Shape.LOGNORMAL, 8.0, 0.6)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Twenty minutes of short talks, so that a small team meets many answers; the answer rate may jump threefold."""
    answer_share = draw(st.sampled_from((0.02, 0.1, 0.3, 0.6, 0.8)))
    factor = draw(st.sampled_from((0.2, 1.0, 0.8 / answer_share if answer_share > 0.25 else 3.0)))
    how = draw(st.sampled_from((Leaving.AFTER_CALL, Leaving.UNTOLD)))
    leaves = (AgentsLeave(600.0, draw(st.integers(0, 6)), how),)
    return World(
        agents=draw(st.integers(0, 14)),
        shift_seconds=1_200.0,
        parts=(ListPart(1.0, answer_share),),
        talk=draw(st.sampled_from((QUICK_TALK, Law(Shape.FIXED, 0.0), Law(Shape.EXPONENTIAL, 90.0)))),
        wrap=QUICK_WRAP,
        fail_share=0.05,
        busy_share=0.05,
        patience_seconds=draw(st.sampled_from((0.0, 2.0, 5.0))),
        changes=(AnswerChange(500.0, factor),),
        leaves=leaves,
        login_seconds=draw(st.sampled_from((0.0, 120.0))),
    )


@SLOWLY
@given(world=worlds(), seed=st.integers(0, 10_000))
def test_progressive_never_abandons_anybody(world: World, seed: int) -> None:
    assert run_day(DayOrder(world, 0.0, Method.PROGRESSIVE, seed, 0)).abandoned == 0


@SLOWLY
@given(world=worlds(), seed=st.integers(0, 10_000), cap=st.sampled_from((0.01, 0.03)))
def test_the_provable_mode_is_within_the_cap_at_every_instant(world: World, seed: int, cap: float) -> None:
    day = run_day(DayOrder(world, cap, Method.PREDICTIVE_PROVABLE, seed, 0))
    assert day.excess_max <= EXCESS_SLACK


@SLOWLY
@given(world=worlds(), seed=st.integers(0, 10_000), cap=st.sampled_from((0.01, 0.03)))
def test_the_predictive_mode_never_ends_a_day_over_the_cap(world: World, seed: int, cap: float) -> None:
    assert run_day(DayOrder(world, cap, Method.PREDICTIVE, seed, 0)).excess_end <= EXCESS_SLACK


def _days_over(seeds: Iterable[int]) -> list[int]:
    """Short days in which almost everybody answers from the middle on, when little is left to earn: which end over."""
    world = World(
        agents=9,
        shift_seconds=1_200.0,
        parts=(ListPart(1.0, 0.3),),
        talk=QUICK_TALK,
        wrap=QUICK_WRAP,
        patience_seconds=0.0,
        changes=(AnswerChange(500.0, 0.8 / 0.3),),
        login_seconds=0.0,
        fail_share=0.05,
        busy_share=0.05,
    )
    orders = [DayOrder(world, 0.03, Method.PREDICTIVE, seed, 0) for seed in seeds]
    return [order.seed for order in orders if run_day(order).excess_end > EXCESS_SLACK]


def test_a_jump_when_little_is_left_to_earn_ends_no_day_over_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = (11, 13, 14, 19, 30, 40, 67)
    assert _days_over(seeds) == []
    monkeypatch.setattr(chance, "PAYABLE_TO_EARN", 0.0)
    monkeypatch.setattr(chance, "OVER_AT_STOP", 1.0)
    assert _days_over(seeds) != []


@dataclass(frozen=True, slots=True)
class _Lunch:
    """Short talks, many answers, and a team that goes for lunch without a word. seeds: days that ended over before."""

    agents: int
    leaving: int
    cap: float
    patience: float
    seeds: tuple[int, ...]

    def days_over(self) -> list[int]:
        world = _world(
            agents=self.agents,
            shift_seconds=1_200.0,
            parts=(ListPart(1.0, 0.8),),
            fail_share=0.05,
            busy_share=0.05,
            patience_seconds=self.patience,
            leaves=(AgentsLeave(600.0, self.leaving, Leaving.UNTOLD),),
            login_seconds=0.0,
        )
        orders = [DayOrder(world, self.cap, Method.PREDICTIVE, seed, 0) for seed in self.seeds]
        return [order.seed for order in orders if run_day(order).excess_end > EXCESS_SLACK]


LUNCHES = (
    _Lunch(12, 4, 0.03, 5.0, (3,)),
    _Lunch(20, 7, 0.03, 2.0, (14, 15)),
    _Lunch(25, 10, 0.01, 2.0, (12, 13)),
)


@pytest.mark.parametrize("lunch", LUNCHES, ids=lambda lunch: f"{lunch.leaving} of {lunch.agents}")
def test_a_team_that_leaves_together_ends_no_day_over_the_cap(lunch: _Lunch) -> None:
    assert lunch.days_over() == []


def test_without_the_rule_for_leavers_such_days_end_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "TAIL_SHORT_HANDED_MAX", 1.0)
    monkeypatch.setattr(knowledge, "RETURN_MEMORY_MIN", 1e9)
    assert any(lunch.days_over() for lunch in LUNCHES)


def test_a_large_team_that_begins_together_risks_nothing_before_the_first_calls_rang_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred agents and eight of ten who answer: the first answers had looked like those of a list that rarely does."""
    world = _world(
        agents=100,
        shift_seconds=1_200.0,
        parts=(ListPart(1.0, 0.8),),
        fail_share=0.05,
        busy_share=0.05,
        login_seconds=0.0,
    )
    order = DayOrder(world, 0.01, Method.PREDICTIVE, 0, 0)
    assert run_day(order).excess_end <= EXCESS_SLACK
    monkeypatch.setattr(chance, "FIRST_CALLS_RANG_OUT", 0.0)
    assert run_day(order).excess_end > 20


def test_where_the_cap_is_the_hard_stop_a_cluster_of_abandoned_calls_does_not_end_the_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Eleven calls ring, all of 25 agents talk for twenty seconds: three in a row find nobody, with two tokens in hand."""
    world = World(agents=25, shift_seconds=10_800.0, parts=(ListPart(1.0, 0.3),))
    order = DayOrder(world, 0.03, Method.PREDICTIVE, 205, 0)
    day = run_day(order)
    assert day.excess_end <= EXCESS_SLACK
    assert day.utilisation > 0.85
    monkeypatch.setattr(chance, "KEPT_BACK_EARNED", math.inf)
    monkeypatch.setattr(chance, "OVER_AT_STOP", 1.0)
    stopped = run_day(order)
    assert stopped.excess_end > EXCESS_SLACK
    assert stopped.utilisation < 0.3


def test_a_method_without_a_budget_goes_over_in_the_same_worlds() -> None:
    world = World(
        agents=6,
        shift_seconds=1_200.0,
        parts=(ListPart(1.0, 0.6),),
        talk=QUICK_TALK,
        wrap=QUICK_WRAP,
    )
    day = simulate_day(world, FixedRatio(3.0), 0.01, day_rng(1, 0))
    assert day.abandoned > 0
    assert day.excess_end > 0


def _world(**changed: object) -> World:
    plain = World(
        agents=5,
        shift_seconds=900.0,
        parts=(ListPart(1.0, 0.3),),
        talk=QUICK_TALK,
        wrap=QUICK_WRAP,
    )
    return replace(plain, **changed)


OURS = (Method.PROGRESSIVE, Method.PREDICTIVE, Method.PREDICTIVE_PROVABLE)


@pytest.mark.parametrize("method", OURS)
@pytest.mark.parametrize(
    "world",
    [
        _world(parts=(ListPart(1.0, 0.0),)),
        _world(parts=(ListPart(1.0, 1.0),), fail_share=0.0, busy_share=0.0),
        _world(agents=0),
        _world(agents=1),
        _world(leaves=(AgentsLeave(450.0, 5),)),
        _world(talk=Law(Shape.FIXED, 0.0), wrap=Law(Shape.FIXED, 0.0)),
        _world(talk=Law(Shape.FIXED, 10_800.0)),
        _world(leads=0),
    ],
    ids=("nobody answers", "all answer", "no agents", "one agent", "all leave", "no talk", "3 h", "no leads"),
)
def test_worlds_at_the_edge_are_lived_through_within_the_cap(world: World, method: Method) -> None:
    day = run_day(DayOrder(world, 0.01, method, 7, 0))
    assert day.excess_end <= EXCESS_SLACK
    if not (world.agents and world.leads):
        assert day.dials == 0
    else:
        assert day.dials > 0


def test_agents_who_vanish_at_once_abandon_no_more_than_rang_for_them() -> None:
    """A power cut in mid-ring is no fault of pacing: what rang for those who vanished, and no call after."""
    cut = AgentsLeave(450.0, 5, Leaving.AT_ONCE)
    for seed in range(6):
        day = run_day(DayOrder(_world(leaves=(cut,)), 0.01, Method.PREDICTIVE_PROVABLE, seed, 0))
        still_there = run_day(DayOrder(_world(), 0.01, Method.PREDICTIVE_PROVABLE, seed, 0))
        assert day.abandoned <= 5
        assert day.dials < 0.75 * still_there.dials


def test_no_plan_adds_a_burst() -> None:
    """However many agents become free at once, one tick places no more than a line for each and a fifth more."""
    placed_at: dict[float, int] = {}

    def run(method: Method) -> int:
        from dialer.pacing.compare import fresh_pacer

        world = _world(agents=40, login_seconds=0.0)
        pacer = fresh_pacer(method, world, 0.03)
        plan = pacer.plan

        def counted(now: float, floor: object) -> object:
            made = plan(now, floor)
            placed_at[now] = made.place
            return made

        pacer.plan = counted
        simulate_day(world, pacer, 0.03, np.random.default_rng(3))
        return max(placed_at.values())

    assert run(Method.PREDICTIVE) <= 40 + 8


def test_knowing_each_leads_chance_gives_more_talk_time_than_one_rate_for_all() -> None:
    """Half the leads asked within the hour, half a week ago: the same days, once with features and once without."""
    told = (
        ListPart(0.5, 0.6, request_age_hours=0.5, promise=Promise.NONE),
        ListPart(0.5, 0.1, request_age_hours=170.0, promise=Promise.NONE),
    )
    untold = tuple(replace(part, request_age_hours=float("inf")) for part in told)
    base = _world(agents=25, shift_seconds=3_600.0)
    days = [
        (
            run_day(DayOrder(replace(base, parts=told), 0.03, Method.PREDICTIVE, seed, 0)).utilisation,
            run_day(DayOrder(replace(base, parts=untold), 0.03, Method.PREDICTIVE, seed, 0)).utilisation,
        )
        for seed in range(2)
    ]
    assert sum(knows - guesses for knows, guesses in days) / len(days) > 0.0


@pytest.mark.parametrize("cap", [0.01, 0.03])
def test_five_hundred_agents_who_log_in_at_once_stay_within_the_cap(cap: float) -> None:
    """More calls are in the air than the answer rate's memory is long: a wave of time-outs must not look like a fall."""
    world = World(
        agents=500,
        shift_seconds=400.0,
        parts=(ListPart(1.0, 0.3),),
        talk=Law(Shape.GAMMA, 90.0, 1.0),
        wrap=Law(Shape.GAMMA, 12.0, 0.7),
    )
    day = run_day(DayOrder(world, cap, Method.PREDICTIVE, 1, 0))
    assert day.excess_end <= EXCESS_SLACK
    assert day.dials > 3_000
