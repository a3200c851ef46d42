"""The daily match: a call that the log and the exchange tell differently opens an incident with both sides; clean days none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.calls.attempt import AttemptState
from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import ORG
from dialer.domain.ids import OrganisationId
from dialer.ports.calls import LeadDone, MoveFields
from dialer.ports.gate import EgressRecord, LegReport, StopOpened
from dialer.ports.ledger import Refused
from dialer.storage.consume import keep_report
from dialer.storage.exchange_match import differences, keep_match, records_by_token
from dialer.storage.stops import StoredStops
from tests.unit.storage.storage_world import MACHINE, World, fresh_sqlite

HERE = OrganisationId(ORG)
BUSY = LegReport("BUSY", "SIP 486 Busy Here", 800, 0)
ANSWERED = LegReport("ANSWER", "", 800, 30)


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


async def called(world: World, ending: int, report: LegReport | None) -> tuple[Permit, EgressRecord]:
    """A call to its end as the log has it, and the egress's own line of it."""
    uid = f"egress-{ending}"
    permit = await world.placed(await world.lead(ending), uid)
    attempt = permit.attempt_id
    if report is not None:
        assert await world.store.write(partial(keep_report, token=permit.token, uid=uid, report=report))
    fields: MoveFields = {"ended": True, "outcome": "busy"}
    if report is not None:
        fields |= {"dial_status": report.dial_status, "sip_text": report.sip_text}
    await world.calls.close(attempt, AttemptState.FAILED, MACHINE, fields, {}, LeadDone())
    return permit, EgressRecord(permit.token, uid, report or BUSY)


async def matched(world: World, *records: EgressRecord) -> tuple[int, list[StopOpened]]:
    """The match over everything until now."""
    by_token = records_by_token(list(records))
    return await world.store.read(lambda tx: differences(tx, by_token, 0, tx.now_us() + 1_000_000))


async def test_a_day_on_which_both_say_the_same_has_no_incident(world: World) -> None:
    pairs = [await called(world, ending, BUSY) for ending in range(4)]
    assert await matched(world, *(record for _, record in pairs)) == (4, [])
    not_dialled = EgressRecord("pt" + "0" * 32, "egress-none", LegReport("NOT_DIALLED", "", None, 0))
    assert (await matched(world, *(record for _, record in pairs), not_dialled))[1] == []


async def test_a_report_that_was_kept_stands_in_for_a_record_that_was_rotated_away(world: World) -> None:
    await called(world, 1, BUSY)
    assert await matched(world) == (1, [])


async def test_a_call_of_the_log_that_the_exchange_never_had_opens_an_incident(world: World) -> None:
    await called(world, 1, None)
    _, (found,) = await matched(world)
    assert found.exchange_says == "no record of this call"
    assert found.log_says is not None
    assert found.log_says.startswith("failed")


@pytest.mark.parametrize(
    "told",
    [
        LegReport("ANSWER", "", 800, 30),
        LegReport("BUSY", "SIP 486 Busy Here", 800, 7),
        LegReport("NOANSWER", "", 800, 0),
    ],
)
@pytest.mark.rule("B6")
async def test_an_end_told_otherwise_opens_one_incident_with_both_sides_and_stops_dialling(
    world: World, told: LegReport
) -> None:
    _, honest = await called(world, 1, BUSY)
    assert (await matched(world, honest))[1] == []
    looked_at, found = await matched(world, replace(honest, report=told))
    assert (looked_at, len(found)) == (1, 1)
    for expected in (1, 0):
        opened = await world.store.write(lambda tx: keep_match(tx, world.gate_log, found, looked_at, 5))
        assert opened == expected, "one incident a call"
    (stop,) = (await StoredStops(world.store, world.log).all(HERE)).items
    assert stop.code == "exchange.differs"
    assert stop.log_says is not None
    assert "BUSY" in stop.log_says
    assert stop.exchange_says == f"{told.dial_status}, talked {told.talk_seconds} s"
    answer = await world.ledger.authorise(await world.claim(await world.lead(5)))
    assert isinstance(answer, Refused)
    kept = world.one("SELECT * FROM check_run WHERE kind = 'exchange'")
    assert (kept.looked_at, kept.findings) == (1, 1)


async def test_another_channel_than_the_one_that_had_the_yes_is_a_difference(world: World) -> None:
    _, honest = await called(world, 1, BUSY)
    assert len((await matched(world, replace(honest, uid="egress-other")))[1]) == 1


async def test_a_call_that_still_runs_is_not_judged(world: World) -> None:
    await world.placed(await world.lead(1), "egress-1")
    assert await matched(world) == (0, [])
