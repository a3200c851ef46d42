"""Callers of the inbound line and agents: who takes whom, what is kept of it, and who comes first."""

from __future__ import annotations

import asyncio
from pathlib import Path

from dialer.demo.sample_organisation import CALLER_ID
from dialer.domain.ids import AttemptId, InboundId, LeadId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.inbound import InboundYes
from dialer.services.seats import Place
from dialer.storage.sql import Row
from dialer.testing.callees import Answer, Ring, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play

CALLER = "13000000015"


async def _ring(floor: FloorStage, *wishes: tuple[float, str], caller: str = CALLER) -> InboundId:
    taken = await floor.callers.ring(CALLER_ID, caller)
    assert isinstance(taken, InboundYes)
    floor.vault.heard.add(AttemptId(taken.inbound_id))
    floor.sim.ring_in(taken.inbound_id, *wishes)
    return taken.inbound_id


def _row(floor: FloorStage, inbound: InboundId) -> Row:
    return floor.world.one("SELECT * FROM inbound_call WHERE id = :id", id=inbound)


def _place(floor: FloorStage, user: int = 0) -> Place:
    agent = floor.seats.of_user(MACHINES[user])
    assert agent is not None
    return agent.place


async def _talking(floor: FloorStage, inbound: InboundId) -> None:
    await floor.until(lambda: (a := floor.seats.of_caller(inbound)) is not None and a.place is Place.TALKING)


def test_in_opening_hours_the_caller_who_presses_one_talks_with_a_ready_agent(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await floor.man(MACHINES[0])
        inbound = await _ring(floor, (1.0, "talk"), (5.0, "callback"))
        await _talking(floor, inbound)
        await floor.until(lambda: _row(floor, inbound).connected_us)
        row = _row(floor, inbound)
        assert (row.agent_id, row.seat_id, row.wish) == (MACHINES[0], "headless-1", None)
        assert row.asked_us <= row.connected_us
        await floor.until(lambda: _place(floor) is Place.WRAPPING)
        actor = Actor(ActorKind.USER, MACHINES[0])
        assert await floor.inbound_calls.disposed(inbound, "handled", actor)
        floor.inbound_talks.disposed(inbound)
        await floor.until(lambda: _place(floor) is Place.READY)
        await floor.until(lambda: _row(floor, inbound).ended_us)
        types = [r.type for r in floor.world.all("SELECT type FROM leaf ORDER BY seq")]
        told = [t for t in types if t.startswith(("inbound.", "recording.", "consent."))]
        assert sorted(told) == [
            "inbound.connected",
            "inbound.disposed",
            "inbound.ended",
            "inbound.received",
            "recording.sealed",
        ]
        assert not await floor.inbound_calls.disposed(inbound, "bad_line", actor), "the first result stands"

    play(tmp_path, story)


def test_after_hours_and_without_a_ready_agent_the_menu_goes_on_to_the_callback(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        inbound = await _ring(floor, (1.0, "talk"), (5.0, "callback"))
        await floor.until(lambda: _row(floor, inbound).wish == "callback")
        assert _row(floor, inbound).connected_us is None
        await floor.man(MACHINES[0])
        floor.world.store.write_now(
            lambda tx: tx.run(
                "UPDATE consent_source SET register_json = json_set(register_json, '$.hours', NULL)"
                " WHERE kind = 'inbound_line'"
            )
        )
        late = await _ring(floor, (1.0, "talk"), (5.0, "callback"), caller="13000000016")
        assert _row(floor, late).mode == "c", "no opening hours: never open"
        await floor.until(lambda: _row(floor, late).wish == "callback")
        assert (_row(floor, late).connected_us, _row(floor, late).asked_us) == (None, None)

    play(tmp_path, story)


def test_an_agent_on_whom_a_ringing_call_counts_takes_no_caller_until_it_is_over(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        lead = await floor.world.lead(1)
        floor.sim._scripts = lambda number: (Ring(3.0), Answer(), Talk(5.0))
        await floor.man(MACHINES[0])
        attempt = await floor.call(LeadId(lead))
        inbound = await _ring(floor, (0.5, "talk"))
        await floor.until(lambda: _row(floor, inbound).asked_us)
        agent = floor.seats.of_user(MACHINES[0])
        assert agent is not None
        assert agent.caller is None, "the ringing call counts on this agent"
        await floor.until(lambda: floor.seats.of_attempt(attempt))
        assert await floor.state(attempt) in ("answered", "connected")
        await floor.until(lambda: _row(floor, inbound).ended_us)
        assert _row(floor, inbound).connected_us is None

    play(tmp_path, story)


def test_a_caller_who_waits_takes_the_agent_who_becomes_free(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        inbound = await _ring(floor, (0.5, "talk"))
        await floor.until(lambda: _row(floor, inbound).asked_us)
        await floor.man(MACHINES[0])
        await _talking(floor, inbound)

    play(tmp_path, story)


def test_two_callers_and_one_agent_make_one_talk(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await floor.man(MACHINES[0])
        calls = [
            await _ring(floor, (0.5, "talk")),
            await _ring(floor, (0.5, "talk"), caller="13000000016"),
        ]
        await floor.until(lambda: all(_row(floor, one).ended_us for one in calls))
        assert sum(_row(floor, one).connected_us is not None for one in calls) == 1

    play(tmp_path, story)


def test_an_agents_lost_line_lets_the_caller_ask_for_a_callback(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await floor.man(MACHINES[0])
        inbound = await _ring(floor, (0.5, "talk"), (2.0, "callback"))
        await _talking(floor, inbound)
        floor.sim.seat_dies("headless-1")
        await floor.until(lambda: _row(floor, inbound).wish == "callback")
        await floor.until(lambda: _row(floor, inbound).consent_id)
        assert _row(floor, inbound).connected_us is not None

    play(tmp_path, story)


def test_what_the_agent_hears_as_a_refusal_is_on_the_list_at_once_and_the_talk_is_cut_after_its_closing_words(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim.callers.talk_seconds = 600.0
        await floor.world.lead(15)
        await floor.man(MACHINES[0])
        inbound = await _ring(floor, (0.5, "talk"))
        await _talking(floor, inbound)
        heard = await floor.inbound.said_no(inbound, MACHINES[0])
        assert heard is not None
        assert floor.world.one("SELECT reason FROM dnc_entry").reason == "said"
        assert [r.state for r in floor.world.all("SELECT state FROM lead")] == ["dropped"]
        assert _place(floor) is Place.CLOSING
        await floor.until(lambda: _row(floor, inbound).ended_us, seconds=60)
        row = _row(floor, inbound)
        assert (row.wish, row.disposition, row.consent_id) == ("refused", "refused", None)
        assert row.ended_us - row.connected_us < 60 * 1_000_000, "cut, though the caller would have stayed"

    play(tmp_path, story)


def test_a_dialer_that_dies_in_the_talk_finds_agent_and_caller_again(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim.callers.talk_seconds = 60.0
        await floor.man(MACHINES[0])
        inbound = await _ring(floor, (0.5, "talk"))
        await floor.until(lambda: _row(floor, inbound).connected_us)
        again = await floor.reborn()
        assert (a := again.seats.of_caller(inbound)) is not None
        assert a.place is Place.TALKING
        await again.until(lambda: _row(again, inbound).ended_us)
        await again.close()

    play(tmp_path, story)


def test_a_call_whose_end_nobody_heard_is_closed_when_the_exchange_has_it_no_more(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        await floor.man(MACHINES[0])
        inbound = await _ring(floor, (0.5, "talk"))
        await _talking(floor, inbound)
        floor.reach.is_open = False
        await floor.sim.restart()
        floor.reach.is_open = True
        await asyncio.sleep(40)
        await floor.inbound.match(frozenset())
        await floor.until(lambda: _row(floor, inbound).ended_us)
        assert floor.seats.of_caller(inbound) is None or _place(floor) is Place.WRAPPING

    play(tmp_path, story)
