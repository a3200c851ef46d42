"""The clock is stepped, or the floor is one that can't be, in the middle of a day: no burst, and soon the usual again."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from dialer.pacing.compare import Method, day_rng, fresh_pacer
from dialer.pacing.floor import AgentId, CallId, Floor
from dialer.pacing.pacer import Pacer
from dialer.pacing.simulate import Day
from dialer.pacing.why import ImpossibleFloor
from dialer.pacing.world import Law, ListPart, Shape, World

WORLD = World(
    agents=10,
    shift_seconds=1_800.0,
    parts=(ListPart(1.0, 0.4),),
    talk=Law(Shape.LOGNORMAL, 40.0, 0.9),
    wrap=Law(Shape.LOGNORMAL, 8.0, 0.6),
)
CAP = 0.03
OURS = (Method.PROGRESSIVE, Method.PREDICTIVE, Method.PREDICTIVE_PROVABLE)
SECONDS_LIVED = 900.0


def lived(method: Method) -> tuple[Pacer, Floor]:
    """A pacer a quarter of an hour into a day, and the floor as it stands then."""
    pacer = fresh_pacer(method, WORLD, CAP)
    day = Day(WORLD, pacer, CAP, day_rng(5, 0))
    seen: list[Floor] = []
    plan = pacer.plan

    class Stopped(Exception):
        pass

    def until(now: float, floor: Floor) -> object:
        if now >= SECONDS_LIVED and floor.ready and floor.talking:
            seen.append(
                replace(
                    floor,
                    ready=dict(floor.ready),
                    talking=dict(floor.talking),
                    wrapping=dict(floor.wrapping),
                    ringing=dict(floor.ringing),
                )
            )
            raise Stopped
        return plan(now, floor)

    pacer.plan = until  # type: ignore[method-assign,assignment]
    with pytest.raises(Stopped):
        day.run()
    del pacer.plan  # type: ignore[method-assign]
    return pacer, seen[0]


@pytest.fixture(params=OURS, ids=str)
def at_work(request: pytest.FixtureRequest) -> tuple[Pacer, Floor, float]:
    pacer, floor = lived(request.param)
    return pacer, floor, SECONDS_LIVED + 1.0


def most(floor: Floor) -> int:
    """What one plan may place at most: a line for each who is free and the burst that no plan passes."""
    return max(0, len(floor.ready) - len(floor.ringing)) + max(3, WORLD.agents // 5)


def test_a_clock_stepped_back_places_nothing_until_time_is_back(at_work: tuple[Pacer, Floor, float]) -> None:
    pacer, floor, now = at_work
    for seconds in (3_600.0, 60.0, 5.0):
        back = pacer.plan(now - SECONDS_LIVED - seconds, floor)
        assert (back.place, back.cancel) == (0, ())
        assert isinstance(back.why, ImpossibleFloor)
    free = replace(floor, ringing={})
    assert 0 < pacer.plan(now, free).place <= most(free), (
        "control: at the true time the free agents are served"
    )


def test_a_clock_stepped_forward_makes_no_burst_of_what_was_missed(
    at_work: tuple[Pacer, Floor, float],
) -> None:
    pacer, floor, now = at_work
    for seconds in (60.0, 3_600.0, 10_800.0, 10 * 86_400.0):
        plan = pacer.plan(now + seconds, floor)
        assert plan.place <= most(floor)
        assert len(plan.cancel) <= len(floor.ringing)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_time_that_is_no_number_places_nothing(at_work: tuple[Pacer, Floor, float], wrong: float) -> None:
    pacer, floor, now = at_work
    assert pacer.plan(wrong, floor).place == 0
    free = replace(floor, ringing={})
    assert pacer.plan(now, free).place > 0, "control: and nothing of it stays"


@pytest.mark.parametrize(
    "change",
    [
        {"waiting": -1},
        {"live": -1},
        {"abandoned": -1},
        {"leads_left": -1},
        {"shift_left": math.nan},
        {"ringing": {CallId("c"): math.nan}},
        {"ringing": {CallId("c"): SECONDS_LIVED + 3_600.0}},
        {"talking": {AgentId("a0"): SECONDS_LIVED + 3_600.0}},
        {"wrapping": {AgentId("a0"): -math.inf}},
        {"live": 1, "abandoned": 2},
    ],
    ids=str,
)
def test_a_floor_that_cannot_be_places_nothing_and_says_so_in_every_mode(
    at_work: tuple[Pacer, Floor, float], change: dict[str, object]
) -> None:
    pacer, floor, now = at_work
    plan = pacer.plan(now, replace(floor, **change))  # type: ignore[arg-type]
    assert plan.place == 0
    assert isinstance(plan.why, ImpossibleFloor)


def test_events_at_impossible_times_break_no_law_and_lead_to_no_burst(
    at_work: tuple[Pacer, Floor, float],
) -> None:
    """Talks of no length, of three hours, ended before they began; calls that were never placed."""
    pacer, floor, now = at_work
    for n, (begin, end) in enumerate(((now, now), (now - 10_800.0, now), (now, now - 3_600.0)) * 20):
        call, agent = CallId(f"odd{n}"), AgentId(f"odd{n}")
        pacer.placed(call, begin)
        pacer.answered(call, end)
        pacer.connected(call, agent, begin)
        pacer.talk_ended(agent, end)
        pacer.wrap_ended(agent, end)
        pacer.answered(CallId(f"never{n}"), now)
        pacer.talk_ended(AgentId(f"never{n}"), now)
    free = replace(floor, ringing={})
    assert 0 < pacer.plan(now + 10.0, free).place <= most(free)
