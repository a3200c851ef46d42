"""The link to an exchange is lost and the exchange lives on: nobody is ready meanwhile, everybody goes on where they were."""

from __future__ import annotations

from pathlib import Path

from dialer.services.seats import Agent, Place
from dialer.services.views.desk import DeskState, DeskView
from dialer.testing.callees import Answer, Ring, Script, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play

FIRST, SECOND = MACHINES
LONG: Script = (Ring(1.0), Answer(), Talk(300.0))


def of(floor: FloorStage, place: Place) -> list[Agent]:
    return [agent for agent in floor.seats.all() if agent.place is place]


async def lose(floor: FloorStage) -> None:
    """The link drops and stays down: the exchange takes no login to its end."""
    floor.server.faults.is_booting = True
    floor.server.cut_all()
    await floor.until(lambda: not floor.exchange.is_up() and not any(a.leg_up for a in floor.seats.all()))


async def find(floor: FloorStage) -> None:
    """The link is back."""
    floor.is_reconciled = False
    floor.server.faults.is_booting = False
    await floor.until(lambda: floor.is_reconciled)


def test_a_ready_agent_is_not_ready_while_the_link_is_lost_and_is_again_by_itself(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        await floor.man(FIRST, SECOND)
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
        (idle,), (talking,) = of(floor, Place.READY), of(floor, Place.TALKING)
        legs = dict(floor.sim._seats)
        await lose(floor)
        assert floor.seats.ready(next(iter(idle.campaigns))) == ()
        view = await floor.desk.view(idle.user_id)
        assert (view.state, view.phone_up) == (DeskState.OFFLINE, False)
        assert (await floor.desk.view(talking.user_id)).state is DeskState.TALKING
        await find(floor)
        (back,) = of(floor, Place.READY)
        assert (back.user_id, back.leg_up) == (idle.user_id, True)
        (goes_on,) = of(floor, Place.TALKING)
        assert (goes_on.attempt_id, goes_on.since, goes_on.leg_up) == (attempt, talking.since, True)
        assert dict(floor.sim._seats) == legs, "no phone was called again"
        assert floor.world.attempt(attempt).state == "connected"

    play(tmp_path, story)


def test_a_wrap_up_that_ends_while_the_link_is_lost_makes_nobody_ready_before_it_is_back(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: (Ring(1.0), Answer(), Talk(20.0))
        await floor.man(FIRST)
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(lambda: of(floor, Place.WRAPPING))
        await lose(floor)
        assert isinstance(await floor.desk.dispose(FIRST, attempt, "handled", None), DeskView)
        await floor.until(lambda: of(floor, Place.OFFLINE))
        await find(floor)
        assert [agent.leg_up for agent in of(floor, Place.READY)] == [True]

    play(tmp_path, story)


def test_a_paused_agent_is_paused_still_when_the_link_is_back(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await floor.man(FIRST)
        assert isinstance(await floor.desk.pause(FIRST, "break"), DeskView)
        await lose(floor)
        await find(floor)
        assert [agent.leg_up for agent in of(floor, Place.PAUSED)] == [True]

    play(tmp_path, story)


def test_a_talk_on_a_lost_exchange_is_over_when_its_egress_has_said_so_twice_and_not_before(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: (Ring(1.0), Answer(), Talk(30.0))
        await floor.man(FIRST)
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
        await lose(floor)
        for _ in range(3):
            assert await floor.reconcile.look_away() == 0, "it goes on, as far as anybody knows"
        await floor.until(lambda: floor.world.all("SELECT uid FROM egress_report"))
        assert await floor.reconcile.look_away() == 0
        assert floor.world.attempt(attempt).state == "connected"
        assert await floor.reconcile.look_away() == 1
        await floor.until(lambda: floor.world.attempt(attempt).state == "wrapping")
        assert [agent.user_id for agent in of(floor, Place.WRAPPING)] == [FIRST]
        assert await floor.reconcile.look_away() == 0
        await find(floor)
        assert isinstance(await floor.desk.dispose(FIRST, attempt, "handled", None), DeskView)
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")

    play(tmp_path, story)


def test_a_callee_is_away_while_the_link_to_their_exchange_is_lost_and_no_longer(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        await floor.man(FIRST)
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
        assert not floor.exchange.is_away(attempt)
        await lose(floor)
        assert floor.exchange.is_away(attempt)
        await find(floor)
        assert not floor.exchange.is_away(attempt)
        assert [await floor.reconcile.look_away() for _ in range(3)] == [0, 0, 0]

    play(tmp_path, story)
