"""Stops that open themselves: calls without a permit, a trunk at fault; and what lifting one takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, ORG, SUPERVISOR
from dialer.domain.ids import OrganisationId, UserId
from dialer.ports.gate import EgressRecord, GateNo, GateYes, LegReport
from dialer.ports.ledger import Refused
from dialer.services.changes import Changes
from dialer.services.stops import StopDesk
from dialer.services.views.operations import StopRows
from dialer.services.views.session import Role
from dialer.services.views.words import Declined
from dialer.storage.organisations import StoredOrganisations
from dialer.storage.stops import StoredStops, account, account_legs
from tests.unit.storage.storage_world import World, fresh_sqlite

HERE = OrganisationId(ORG)
UNKNOWN = "pt" + "e" * 32


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Storage as it runs."""
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def ended(token: str, uid: str, status: str = "NOANSWER") -> EgressRecord:
    """A line of the egress's own file."""
    return EgressRecord(token, uid, LegReport(status, "SIP 486 Busy Here", 800, 0))


def stops(world: World) -> list[str]:
    """Codes in force."""
    return [r.code for r in world.all("SELECT code FROM dialling_stop WHERE lifted_us IS NULL")]


def incidents(world: World) -> int:
    """Leaves of incidents."""
    return len(world.all("SELECT seq FROM leaf WHERE type = 'incident.opened'"))


async def matched(world: World, *records: EgressRecord) -> tuple[int, int]:
    """What the gate does with its egress's records."""
    return await world.store.write(lambda tx: account(tx, world.gate_log, records))


async def burst(world: World, first: int, count: int, sip: str, rang: bool) -> list[str]:
    """Calls that the carrier ended in the same way; their leads."""
    leads = []
    for ending in range(first, first + count):
        lead = await world.lead(ending)
        permit = await world.placed(lead, f"egress-{ending}")
        report = LegReport("NOANSWER", sip, 900 if rang else None, 0)
        record = EgressRecord(permit.token, f"egress-{ending}", report)
        assert await matched(world, record) == (1, 0)
        leads.append(str(lead))
    return leads


# ---------------------------------------------------------------- the egress's own records (B6)


async def test_an_outcome_that_the_egress_could_not_report_is_kept_from_its_own_file(world: World) -> None:
    permit = await world.placed(await world.lead(1))
    assert await matched(world, ended(permit.token, "egress-1", "BUSY")) == (1, 0)
    view = await world.calls.view(permit.attempt_id)
    assert view is not None
    assert view.report is not None
    assert view.report.dial_status == "BUSY"
    assert await matched(world, ended(permit.token, "egress-1")) == (0, 0), "the first one stands"
    assert stops(world) == []


@pytest.mark.parametrize("kind", ["unknown token", "permit not consumed", "another leg's yes"])
async def test_a_dialled_leg_without_its_own_yes_stops_all_dialling_once(world: World, kind: str) -> None:
    record = ended(UNKNOWN, "egress-9")
    if kind != "unknown token":
        lead = await world.lead(1)
        permit = await (world.permit(lead) if kind == "permit not consumed" else world.placed(lead))
        record = ended(permit.token, "egress-9")
    assert await matched(world, record) == (0, 1)
    assert await matched(world, record) == (0, 0), "once"
    assert (stops(world), incidents(world)) == (["call.unaccounted"], 1)


async def test_a_leg_that_dialled_nobody_needs_no_permit(world: World) -> None:
    assert await matched(world, ended(UNKNOWN, "egress-9", "NOT_DIALLED")) == (0, 0)
    assert stops(world) == []


async def test_a_leg_that_is_up_without_a_consumed_permit_is_an_incident(world: World) -> None:
    permit = await world.placed(await world.lead(1))
    log = world.gate_log
    fine = await world.store.write(lambda tx: account_legs(tx, log, [permit.token]))
    wrong = await world.store.write(lambda tx: account_legs(tx, log, [UNKNOWN]))
    assert (fine, wrong, stops(world)) == (0, 1, ["call.unaccounted"])


async def test_an_incident_refuses_at_both_gates_until_it_is_lifted(world: World) -> None:
    first, second = await world.lead(1), await world.lead(2)
    issued = await world.permit(first)
    await matched(world, ended(UNKNOWN, "egress-9"))
    assert isinstance(await world.gate(issued.token), GateNo)
    refused = await world.ledger.authorise(await world.claim(second))
    assert isinstance(refused, Refused)
    desk = StopDesk(StoredStops(world.store, world.log), Changes())
    stop = (await desk.view(HERE)).items[0]
    by = UserId(SUPERVISOR)
    assert isinstance(await desk.lift(HERE, by, Role.SUPERVISOR, stop.id, "looked at"), Declined)
    lifted = await desk.lift(HERE, by, Role.ADMINISTRATOR, stop.id, "explained")
    assert isinstance(lifted, StopRows)
    assert lifted.items == ()
    world.make_due(second)
    assert isinstance(await world.ledger.authorise(await world.claim(second)), Permit), "control"
    assert await desk.lift(HERE, by, Role.ADMINISTRATOR, stop.id, "again") is None
    assert await matched(world, ended(UNKNOWN, "egress-9")) == (0, 0), "explained once, explained for good"


async def test_an_incident_of_the_dialer_s_own_process_voids_what_was_issued(world: World) -> None:
    permit = await world.permit(await world.lead(1))
    opened = await StoredStops(world.store, world.log).unaccounted("channel without an attempt", "x")
    assert opened
    assert world.permit_row(permit.attempt_id).state == "void"


@pytest.mark.rule("B1")
async def test_an_organisation_that_the_operator_suspends_is_refused_at_both_gates_until_resumed(
    world: World,
) -> None:
    first, second = await world.lead(1), await world.lead(2)
    issued = await world.permit(first)
    stored, by = StoredOrganisations(world.store, world.log), UserId("operator")
    assert await stored.suspend(HERE, by, "complaints came in")
    assert not await stored.suspend(HERE, by, "once more"), "so already"
    assert world.permit_row(issued.attempt_id).state == "void"
    assert isinstance(await world.gate(issued.token), GateNo)
    assert isinstance(await world.ledger.authorise(await world.claim(second)), Refused)
    desk = StopDesk(StoredStops(world.store, world.log), Changes())
    stop = (await desk.view(HERE)).items[0]
    assert isinstance(
        await desk.lift(HERE, UserId(SUPERVISOR), Role.ADMINISTRATOR, stop.id, "let us"), Declined
    )
    assert stops(world) == ["organisation.suspended"]
    assert await stored.resume(HERE, by, "the complaints are settled")
    assert not await stored.resume(HERE, by, "once more")
    world.make_due(second)
    assert isinstance(await world.ledger.authorise(await world.claim(second)), Permit), "control"


# ---------------------------------------------------------------- trunks


async def test_a_carrier_that_fails_every_call_stops_the_campaign_and_burns_no_lead(world: World) -> None:
    watch = StoredStops(world.store, world.log)
    await burst(world, 1, 4, "SIP 503 Service Unavailable", rang=False)
    assert await watch.watch_trunk() == 0
    await burst(world, 5, 1, "SIP 503 Service Unavailable", rang=False)
    waiting = await world.permit(await world.lead(20))
    assert await watch.watch_trunk() == 1
    assert await watch.watch_trunk() == 0, "stopped already"
    row = world.one("SELECT code, campaign_id FROM dialling_stop")
    assert (row.code, row.campaign_id) == ("trunk.failing", CAMPAIGN)
    assert not isinstance(await world.gate(waiting.token), GateYes)
    assert world.permit_row(waiting.attempt_id).state == "void"


async def test_a_burst_of_603_is_the_trunk_s_fault_and_its_leads_are_held_no_more(world: World) -> None:
    watch = StoredStops(world.store, world.log)
    leads = await burst(world, 1, 5, "SIP 603 Decline", rang=True)
    world.run("UPDATE lead SET hold = 'declined_603'")
    bystander = await world.lead(9)
    world.run("UPDATE lead SET hold = 'declined_603' WHERE id = :id", id=bystander)
    assert await watch.watch_trunk() == 1
    assert stops(world) == ["trunk.declining"]
    held = {r.id for r in world.all("SELECT id FROM lead WHERE hold = 'declined_603'")}
    assert held == {bystander}
    assert len(leads) == 5


async def test_after_a_stop_is_lifted_only_new_reports_count(world: World) -> None:
    stored = StoredStops(world.store, world.log)
    desk = StopDesk(stored, Changes())
    await burst(world, 1, 5, "SIP 503 Service Unavailable", rang=False)
    assert await stored.watch_trunk() == 1
    stop = (await desk.view(HERE)).items[0]
    assert not stop.platform_wide
    assert (
        await desk.lift(OrganisationId("org-elsewhere"), UserId("x"), Role.ADMINISTRATOR, stop.id, "?")
        is None
    )
    assert isinstance(
        await desk.lift(HERE, UserId(SUPERVISOR), Role.SUPERVISOR, stop.id, "carrier is back"), StopRows
    )
    assert await stored.watch_trunk() == 0
    await burst(world, 11, 5, "SIP 503 Service Unavailable", rang=False)
    assert await stored.watch_trunk() == 1, "control"
