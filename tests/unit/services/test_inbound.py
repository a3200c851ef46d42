"""The inbound line: refusals count at once, callbacks are consents with their recording, and nothing else is claimed."""

from __future__ import annotations

import asyncio
import json
from datetime import time
from pathlib import Path

import pytest

from dialer.calls.inbound import InboundMode, InboundWish, InboundWished, OpeningHours
from dialer.demo.sample_organisation import CALLER_ID, DEMO_INSTANT
from dialer.domain.ids import AttemptId, InboundId, LeadId
from dialer.ports.inbound import InboundNo, InboundYes
from dialer.testing.callees import Answer, Ring, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play

CALLER = "13000000015"


async def _ring(floor: FloorStage, *wishes: tuple[float, str], caller: str = CALLER) -> InboundId:
    taken = await floor.callers.ring(CALLER_ID, caller)
    assert isinstance(taken, InboundYes)
    floor.vault.heard.add(AttemptId(taken.inbound_id))
    floor.sim.ring_in(taken.inbound_id, *wishes)
    return taken.inbound_id


async def _over(floor: FloorStage, inbound: InboundId) -> None:
    await floor.until(
        lambda: floor.world.all(f"SELECT ended_us FROM inbound_call WHERE id = '{inbound}'")[0][0]
    )


def _types(floor: FloorStage) -> list[str]:
    return [row.type for row in floor.world.all("SELECT type FROM leaf ORDER BY seq")]


def test_a_refusal_counts_while_the_caller_is_still_on_the_line(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        inbound = await _ring(floor, (1.0, "refuse"))
        await floor.until(lambda: floor.world.all("SELECT id FROM dnc_entry WHERE reason = 'inbound_line'"))
        assert floor.sim.callers.legs, "the caller is still listening"
        await _over(floor, inbound)
        assert floor.sim.callers.heard[inbound] == "optout-done"
        types = _types(floor)
        assert types.index("inbound.received") < types.index("dnc.added") < types.index("recording.sealed")
        assert types[-1] == "inbound.ended"
        row = floor.world.all("SELECT * FROM inbound_call")[0]
        assert (row.wish, row.caller_sealed, row.consent_id) == ("refused", b"", None)

    play(tmp_path, story)


def test_a_refusal_drops_the_callers_leads_and_a_caller_who_wished_nothing_keeps_theirs(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        await floor.world.lead(1)
        await floor.world.lead(2)
        first = await _ring(floor, (1.0, "refuse"), caller="13000000001")
        second = await _ring(floor, caller="13000000002")
        await _over(floor, first)
        await _over(floor, second)
        assert sorted(row.state for row in floor.world.all("SELECT state FROM lead")) == ["dropped", "queued"]

    play(tmp_path, story)


def test_a_callback_is_a_consent_whose_record_names_the_recording_and_its_lead_is_dialled(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        inbound = await _ring(floor, (1.0, "talk"), (5.0, "callback"))
        await floor.until(lambda: floor.world.all("SELECT wish FROM inbound_call")[0][0] == "callback")
        assert not floor.world.all("SELECT id FROM consent"), "without a recording there is no consent"
        await _over(floor, inbound)
        assert floor.sim.callers.heard[inbound] == "inbound-kept"
        consent = floor.world.all("SELECT * FROM consent")[0]
        recording = floor.world.all("SELECT * FROM recording")[0]
        assert (consent.origin, consent.ownership, consent.source_id) == (
            "inbound_call",
            "unproven",
            "source-inbound-line",
        )
        assert recording.inbound_id == inbound
        assert json.loads(consent.register_json)["artefact"] == "file"
        floor.sim._scripts = lambda number: (Ring(1.0), Answer(), Talk(8.0))
        await floor.man(MACHINES[0])
        await floor.call(LeadId(floor.world.all("SELECT id FROM lead")[0][0]))
        await floor.until(lambda: floor.world.all("SELECT id FROM attempt WHERE state = 'sealed'"))
        assert [invite.number for invite in floor.sim.invites] == [f"+86{CALLER}"]

    play(tmp_path, story)


def test_no_recording_means_no_consent(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        inbound = await _ring(floor, (1.0, "talk"), (5.0, "callback"))
        floor.vault.heard.clear()
        await _over(floor, inbound)
        assert not floor.world.all("SELECT id FROM consent")
        assert not floor.world.all("SELECT id FROM lead")

    play(tmp_path, story)


def test_a_refusal_after_the_callback_leaves_no_consent(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        inbound = await _ring(floor, (1.0, "talk"), (5.0, "callback"), (1.0, "refuse"))
        await _over(floor, inbound)
        assert not floor.world.all("SELECT id FROM consent")
        assert floor.world.all("SELECT id FROM dnc_entry")

    play(tmp_path, story)


def test_a_refusal_that_the_gate_cannot_open_yet_stops_dialling_until_it_is_on_the_list(
    tmp_path: Path,
) -> None:
    async def story(floor: FloorStage) -> None:
        floor.callers.is_down = True
        await _ring(floor, (1.0, "refuse"))
        await asyncio.sleep(3.0)
        assert floor.inbound.is_waiting()
        assert not floor.world.all("SELECT id FROM dnc_entry")
        floor.callers.is_down = False
        await floor.until(lambda: floor.world.all("SELECT id FROM dnc_entry"))
        await floor.until(lambda: not floor.inbound.is_waiting())

    play(tmp_path, story)


def test_a_key_that_the_exchange_kept_while_no_dialer_listened_counts_once(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        taken = await floor.callers.ring(CALLER_ID, CALLER)
        assert isinstance(taken, InboundYes)
        for _ in range(2):
            floor.inbound.heard_while_away(taken.inbound_id)
        await floor.until(lambda: not floor.inbound.is_waiting())
        assert len(floor.world.all("SELECT id FROM dnc_entry")) == 1

    play(tmp_path, story)


def test_a_withheld_caller_is_on_the_log_and_nothing_can_come_of_it(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        assert await floor.callers.ring(CALLER_ID, "") is InboundNo.UNKNOWN_CALLER
        assert _types(floor)[-1] == "inbound.received"
        assert await floor.callers.ring("4009999999", CALLER) is InboundNo.NOT_OURS
        assert len(floor.world.all("SELECT id FROM inbound_call")) == 1

    play(tmp_path, story)


def test_where_the_line_is_not_verified_only_refusals_are_taken(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.world.store.write_now(
            lambda tx: tx.run("UPDATE consent_source SET state = 'held' WHERE kind = 'inbound_line'")
        )
        taken = await floor.callers.ring(CALLER_ID, CALLER)
        assert isinstance(taken, InboundYes)
        assert taken.mode is InboundMode.REFUSALS_ONLY
        floor.inbound.on_event(InboundWished(taken.inbound_id, InboundWish.CALLBACK, floor.clock.now()))
        await asyncio.sleep(1.0)
        assert floor.world.all("SELECT wish FROM inbound_call")[0][0] is None

    play(tmp_path, story)


@pytest.mark.parametrize(("hour", "is_open"), [(1, True), (0, False), (9, True), (10, False)])
def test_opening_hours_are_those_of_the_lines_zone(hour: int, is_open: bool) -> None:
    hours = OpeningHours("Asia/Shanghai", time(9), time(18), frozenset({1, 2, 3, 4, 5}))
    assert hours.is_open(DEMO_INSTANT.replace(hour=hour, minute=0)) is is_open
    assert not hours.is_open(DEMO_INSTANT.replace(day=21)), "a Saturday"
