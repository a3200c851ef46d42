"""An agent whose page was reloaded has a new phone: it is called again, comes back into the talk, and takes no ghost's call."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dialer.domain.ids import AttemptId, UserId
from dialer.services.seats import Agent, Place
from dialer.services.views.desk import DeskState, DeskView, PhoneView
from dialer.testing.callees import Answer, Ring, Script, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play

AGENT: UserId = MACHINES[0]
SESSION = "session-one"
LONG: Script = (Ring(1.0), Answer(), Talk(300.0))


def seated(floor: FloorStage) -> Agent:
    agent = floor.seats.of_user(AGENT)
    assert agent is not None
    return agent


async def come(floor: FloorStage) -> None:
    """The page is loaded: its phone registers and is called."""
    assert isinstance(await floor.desk.phone(AGENT, SESSION), PhoneView)
    assert isinstance(await floor.desk.ready(AGENT), DeskView)
    await floor.until(lambda: seated(floor).leg_up)


async def in_talk(floor: FloorStage) -> AttemptId:
    floor.sim._scripts = lambda number: LONG
    await come(floor)
    attempt = await floor.call(await floor.world.lead(1))
    await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
    return attempt


def test_a_page_reloaded_in_a_talk_comes_back_into_it_and_the_old_phones_end_changes_nothing(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await in_talk(floor)
        (former,) = floor.sim._seats
        since = seated(floor).since
        await asyncio.sleep(20)
        assert isinstance(await floor.desk.phone(AGENT, SESSION), PhoneView)
        assert not seated(floor).leg_up
        await floor.desk.ready(AGENT)
        await floor.until(lambda: seated(floor).leg_up and former not in floor.sim._seats)
        await asyncio.sleep(10)
        assert floor.world.attempt(attempt).state == "connected"
        now = seated(floor)
        assert (now.place, now.attempt_id, now.since, now.leg_up) == (Place.TALKING, attempt, since, True)
        (leg,) = floor.sim._seats.values()
        assert leg.bridge == floor.sim._callees[attempt].bridge != ""
        view = await floor.desk.view(AGENT)
        assert (view.state, view.phone_up) == (DeskState.TALKING, True)

    play(tmp_path, story)


def test_without_being_called_again_the_callee_hears_the_notice_when_the_old_phone_ends(
    tmp_path: Path,
) -> None:
    """The control: what the test above would look like if nobody came back."""

    async def story(floor: FloorStage) -> None:
        attempt = await in_talk(floor)
        await floor.desk.phone(AGENT, SESSION)
        await asyncio.sleep(5)
        floor.sim.seat_dies("seat-1")
        await floor.until(lambda: floor.world.attempt(attempt).abandon_cause is not None)
        assert floor.world.attempt(attempt).abandon_cause == "agent_lost"

    play(tmp_path, story)


def test_a_callee_on_hold_stays_there_until_the_agent_who_came_back_takes_them(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await in_talk(floor)
        await floor.exchange.hold(attempt)
        floor.seats.hold(AGENT, floor.clock.now())
        await come(floor)
        await asyncio.sleep(2)
        assert floor.sim._callees[attempt].bridge == ""
        assert seated(floor).held_since is not None
        await floor.exchange.connect(attempt, seated(floor).seat_id)
        await floor.until(lambda: seated(floor).held_since is None)
        assert floor.sim._callees[attempt].bridge != ""

    play(tmp_path, story)


def test_a_ready_agent_whose_page_was_reloaded_is_promised_to_nobody_until_the_new_phone_waits(
    tmp_path: Path,
) -> None:
    """The phone of a page that is gone still has its leg: a callee bridged to it would hear silence."""

    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        await come(floor)
        assert isinstance(await floor.desk.phone(AGENT, SESSION), PhoneView)
        await floor.world.lead(1)
        assert await floor.tick() == 0
        await floor.desk.ready(AGENT)
        await floor.until(lambda: seated(floor).place is Place.READY)
        assert len(floor.sim._seats) == 1, "the former leg is gone"
        assert await floor.tick() == 1

    play(tmp_path, story)


def test_a_wrap_up_over_a_reload_ends_with_the_agent_ready_on_the_new_phone(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        attempt = await in_talk(floor)
        floor.sim.egress_hang_up(floor.sim._callees[attempt].token)
        await floor.until(lambda: seated(floor).place is Place.WRAPPING)
        await come(floor)
        await floor.desk.dispose(AGENT, attempt, "handled", None)
        await floor.until(lambda: seated(floor).place is Place.READY)
        assert seated(floor).leg_up

    play(tmp_path, story)
