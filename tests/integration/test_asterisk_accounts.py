"""The real egress's own records and legs against the log: a call that no permit explains is found, missed reports are kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialer.ports.gate import GateYes
from dialer.processes.egress_accounts import EgressAccounts
from dialer.settings import Exchange, Folders, Gate, Profile, Settings, Web
from dialer.telephony.trunk_records import days_in, read_days
from tests.integration.asterisk_fixtures import World, number_ending, until
from tests.unit.storage.storage_world import World as Storage
from tests.unit.storage.storage_world import fresh_sqlite

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]


@dataclass
class Books:
    """The gate's look at the session's egress, from its records of now on."""

    storage: Storage
    accounts: EgressAccounts

    def stops(self) -> list[str]:
        """Codes in force."""
        return [r.code for r in self.storage.all("SELECT code FROM dialling_stop WHERE lifted_us IS NULL")]


@pytest.fixture
def books(world: World, tmp_path: Path) -> Iterator[Books]:
    """A fresh database beside the session's exchange, whose earlier records are set aside."""
    storage = Storage(fresh_sqlite(tmp_path))
    records = world.egress_settings.records
    for day in days_in(records):
        (records / day).write_text("")
    settings = Settings(
        profile=Profile.DEMO,
        node="test",
        origin="demo/test",
        database=storage.url,
        folders=Folders(keys=tmp_path, vault=tmp_path, spool=tmp_path, run=tmp_path),
        web=Web(host="127.0.0.1", port=1),
        exchange=Exchange(
            name="pbx",
            ami_host="127.0.0.1",
            ami_port=1,
            ami_secret_file=tmp_path,
            http_port=1,
            optouts=tmp_path,
            seats=0,
        ),
        gate=Gate(
            host="127.0.0.1",
            port=1,
            egress_control=world.egress_settings.ground.control,
            egress_records=records,
        ),
    )
    yield Books(storage, EgressAccounts(storage.store, storage.gate_log, settings))
    storage.close()


async def called(world: World, token: str) -> str:
    """A busy callee, up to the egress's own record; the egress's channel."""
    await world.originate(token, f"books-{secrets.token_hex(6)}")
    return (await world.gate.outcome_of(token))["uid"]


async def test_a_report_that_the_gate_missed_is_kept_from_the_egress_s_own_record(
    world: World, books: Books
) -> None:
    permit = await books.storage.permit(await books.storage.lead(20))
    world.gate.permits[permit.token] = world.gate.yes(number_ending("20"))
    uid = await called(world, permit.token)
    assert isinstance(await books.storage.gate(permit.token, uid), GateYes)
    assert await books.accounts.look() == (1, 0)
    assert await books.accounts.look() == (0, 0)
    view = await books.storage.calls.view(permit.attempt_id)
    assert view is not None
    assert view.report is not None
    assert "486" in view.report.sip_text
    assert books.stops() == []


async def test_a_call_of_the_egress_that_no_permit_explains_stops_all_dialling(
    world: World, books: Books
) -> None:
    token = world.gate.permit(number_ending("21"))
    await called(world, token)
    assert await books.accounts.look() == (0, 1)
    assert books.stops() == ["call.unaccounted"]


async def test_a_leg_that_rings_without_a_permit_is_found_while_it_rings(world: World, books: Books) -> None:
    attempt = f"books-{secrets.token_hex(6)}"
    before = world.invites()
    token = world.gate.permit(number_ending("30"))
    await world.originate(token, attempt)
    await until(lambda: world.invites() == before + 1)
    await world.ami.event(Event="Newstate", Uniqueid=attempt, ChannelState="5")
    assert await books.accounts.look() == (0, 1)
    assert books.stops() == ["call.unaccounted"]
    await world.ami.act(Action="Hangup", Channel=attempt)
    await world.ami.event(Event="Hangup", Uniqueid=attempt)
    await world.gate.outcome_of(token)
    assert await books.accounts.look() == (0, 0), "one incident a call"


async def test_a_token_that_the_gate_refused_is_no_incident(world: World, books: Books) -> None:
    attempt = f"books-{secrets.token_hex(6)}"
    await world.originate("pt" + secrets.token_hex(16), attempt)
    await world.ami.event(Event="Hangup", Uniqueid=attempt)
    records = world.egress_settings.records
    await until(lambda: any(r.dialstatus == "NOT_DIALLED" for r in read_days(records, 2)))
    assert await books.accounts.look() == (0, 0)
    assert books.stops() == []
