"""Hold, hand over and listen on storage as it runs and the shipped fake exchange: each act is on the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.ids import AttemptId, OrganisationId, SeatId, UserId
from dialer.ports.exchange import Ear
from dialer.services.listening import ListeningView
from dialer.services.seats import Place
from dialer.services.views.desk import DeskState, DeskView
from dialer.services.views.words import Declined
from tests.unit.services.talk_world import FIRST, SECOND, STRANGER, SUPERVISOR, SmallFloor, small_floor, until

HERE = OrganisationId(ORG)


@pytest_asyncio.fixture
async def floor(tmp_path: Path) -> AsyncIterator[SmallFloor]:
    """A floor whose first agent is ready."""
    async with small_floor(tmp_path) as opened:
        await opened.ready(FIRST)
        yield opened


def acts(floor: SmallFloor, attempt: AttemptId) -> list[str]:
    """The talk's leaves."""
    return [kind for kind in floor.world.leaves(attempt) if kind.startswith("talk.")]


# ---------------------------------------------------------------- hold


async def test_a_callee_is_held_and_taken_back_and_both_are_on_the_log(floor: SmallFloor) -> None:
    attempt = await floor.talk()
    held = await floor.talks.hold(FIRST, attempt)
    assert isinstance(held, DeskView)
    assert isinstance(await floor.talks.hold(FIRST, attempt), Declined), "held already"
    back = await floor.talks.take_back(FIRST, attempt)
    assert isinstance(back, DeskView)
    await until(lambda: (agent := floor.seats.of_user(FIRST)) is not None and agent.held_since is None)
    assert isinstance(await floor.talks.take_back(FIRST, attempt), Declined), "taken back already"
    assert acts(floor, attempt) == ["talk.held", "talk.resumed"]


async def test_a_hold_that_nobody_ends_is_an_agent_lost_and_never_a_talk_again(floor: SmallFloor) -> None:
    attempt = await floor.talk()
    await floor.talks.hold(FIRST, attempt)
    await until(lambda: floor.place(FIRST) is Place.WRAPPING)
    assert await floor.talks.take_back(FIRST, attempt) is None


async def test_nobody_holds_another_s_callee_or_one_who_is_gone(floor: SmallFloor) -> None:
    attempt = await floor.talk()
    assert await floor.talks.hold(SECOND, attempt) is None
    await floor.exchange.hang_up(attempt)
    await until(lambda: floor.place(FIRST) is Place.WRAPPING)
    assert await floor.talks.hold(FIRST, attempt) is None
    assert acts(floor, attempt) == []


async def test_a_hold_that_the_exchange_can_not_do_is_taken_back_on_the_log(floor: SmallFloor) -> None:
    attempt = await floor.talk()
    await floor.exchange.stop()
    assert isinstance(await floor.talks.hold(FIRST, attempt), Declined)
    assert acts(floor, attempt) == ["talk.held", "talk.resumed"]
    agent = floor.seats.of_user(FIRST)
    assert agent is not None
    assert agent.held_since is None


# ---------------------------------------------------------------- hand over


async def test_a_talk_goes_to_a_ready_colleague_who_has_it_from_then_on(floor: SmallFloor) -> None:
    await floor.ready(SECOND)
    attempt = await floor.talk()
    able = await floor.talks.colleagues(FIRST, attempt)
    assert able is not None
    assert [c.id for c in able.items] == [SECOND]
    shown = await floor.talks.transfer(FIRST, attempt, SECOND)
    assert isinstance(shown, DeskView)
    assert shown.state is DeskState.READY
    assert floor.place(SECOND) is Place.TALKING
    await asyncio.sleep(0.2)
    assert (floor.place(FIRST), floor.place(SECOND)) == (Place.READY, Place.TALKING)
    assert floor.desks.ready_again == [FIRST]
    assert floor.world.attempt(attempt).agent_id == SECOND
    assert acts(floor, attempt) == ["talk.transferred"]
    assert await floor.talks.hold(FIRST, attempt) is None, "no longer theirs"


async def test_a_talk_is_never_handed_to_another_organisation_campaign_or_somebody_busy(
    floor: SmallFloor,
) -> None:
    elsewhere = UserId("user-other-campaign")
    floor.sit(elsewhere, "headless-4", campaign="another-campaign")
    await floor.ready(STRANGER)
    await floor.ready(elsewhere)
    attempt = await floor.talk()
    able = await floor.talks.colleagues(FIRST, attempt)
    assert able is not None
    assert able.items == ()
    for to in (STRANGER, elsewhere, SECOND, FIRST, UserId("nobody")):
        assert isinstance(await floor.talks.transfer(FIRST, attempt, to), Declined), to
    assert acts(floor, attempt) == []
    await floor.ready(SECOND)
    assert isinstance(await floor.talks.transfer(FIRST, attempt, SECOND), DeskView), "control"
    assert CAMPAIGN != "another-campaign"


async def test_a_hand_over_that_the_exchange_can_not_do_leaves_everybody_where_they_were(
    floor: SmallFloor,
) -> None:
    await floor.ready(SECOND)
    attempt = await floor.talk()
    await floor.exchange.stop()
    assert isinstance(await floor.talks.transfer(FIRST, attempt, SECOND), Declined)
    assert floor.place(SECOND) is Place.READY
    assert floor.world.attempt(attempt).agent_id == FIRST
    assert acts(floor, attempt) == ["talk.transferred", "talk.transferred"], "there and back"


async def test_a_callee_who_leaves_during_the_hand_over_holds_nobody(floor: SmallFloor) -> None:
    await floor.ready(SECOND)
    attempt = await floor.talk()
    _, handed = await asyncio.gather(
        floor.exchange.hang_up(attempt), floor.talks.transfer(FIRST, attempt, SECOND)
    )
    await asyncio.sleep(0.3)
    busy = [u for u in (FIRST, SECOND) if floor.place(u) in (Place.TALKING, Place.RESERVED)]
    assert busy == [], handed


# ---------------------------------------------------------------- listening


async def listening(floor: SmallFloor, ear: Ear = Ear.QUIET) -> ListeningView | Declined | None:
    """The supervisor listens to the first agent."""
    await floor.listening.phone(SUPERVISOR, "session")
    return await floor.listening.listen(HERE, SUPERVISOR, FIRST, ear)


def ears(floor: SmallFloor) -> list[str]:
    """Listeners' legs that the exchange was told to call."""
    return [leg for leg in floor.sim.originates if leg.startswith("ear-")]


async def test_a_supervisor_s_listening_is_on_the_log_before_and_after(floor: SmallFloor) -> None:
    attempt = await floor.talk()
    view = await listening(floor, Ear.WHISPER)
    assert isinstance(view, ListeningView)
    assert view.attempt_id == attempt
    await floor.listening.end(SUPERVISOR)
    assert acts(floor, attempt) == ["talk.listened", "talk.listening_ended"]
    assert floor.sim.hangups == ears(floor)


async def test_the_end_of_the_talk_ends_the_listening_before_another_can_begin(floor: SmallFloor) -> None:
    attempt = await floor.talk()
    assert isinstance(await listening(floor), ListeningView)
    await floor.exchange.hang_up(attempt)
    await until(lambda: floor.place(FIRST) is Place.WRAPPING)
    await until(lambda: set(ears(floor)) <= set(floor.sim.hangups))
    assert len(ears(floor)) == 1


async def test_a_hand_over_ends_the_listening_at_the_former_agent_s_seat(floor: SmallFloor) -> None:
    await floor.ready(SECOND)
    attempt = await floor.talk()
    assert isinstance(await listening(floor), ListeningView)
    await floor.talks.transfer(FIRST, attempt, SECOND)
    await until(lambda: set(ears(floor)) <= set(floor.sim.hangups))
    assert len(ears(floor)) == 1


async def test_nobody_listens_without_a_phone_a_talk_or_the_same_organisation(floor: SmallFloor) -> None:
    refused = await floor.listening.listen(HERE, SUPERVISOR, FIRST, Ear.QUIET)
    assert isinstance(refused, Declined)
    assert isinstance(await listening(floor), Declined), "no talk"
    attempt = await floor.talk()
    elsewhere = OrganisationId("org-elsewhere")
    assert await floor.listening.listen(elsewhere, SUPERVISOR, FIRST, Ear.QUIET) is None
    assert ears(floor) == []
    assert acts(floor, attempt) == []
    assert isinstance(await listening(floor), ListeningView), "control"


async def test_a_listener_s_seat_is_nobody_s_until_the_session_ends(floor: SmallFloor) -> None:
    await floor.listening.phone(SUPERVISOR, "session")
    assert SeatId("seat-1") in floor.seats.taken()
    assert await floor.listening.seat_user(SUPERVISOR, "session") == "seat-1"
    assert await floor.listening.seat_user(SUPERVISOR, "another") is None
    await floor.listening.session_ended(SUPERVISOR, "another")
    assert SeatId("seat-1") in floor.seats.taken(), "control"
    await floor.listening.session_ended(SUPERVISOR, "session")
    assert SeatId("seat-1") not in floor.seats.taken()
