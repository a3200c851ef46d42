"""Calls to our numbers over HTTP: each organisation sees its own, and nothing of the others'."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from nacl.public import PrivateKey, SealedBox

from dialer.domain.ids import InboundId, OrganisationId
from dialer.ports.inbound import InboundEnd
from dialer.services.views.session import Role
from dialer.storage.inbound import StoredInbound
from dialer.storage.tables_inbound import InboundCall
from dialer.storage.times import micros
from tests.unit.api.api_seed import HOME, OTHER, keyring, log_writer
from tests.unit.api.api_world import NOW, Client, Rooms, browser_of

CALLERS = {HOME: "+8613000000081", OTHER: "+8613000000082"}


async def rings_in(rooms: Rooms, org: OrganisationId) -> str:
    """A call to a number of that organisation, from the ring to its end."""
    inbound = f"inbound-{org}"
    box = SealedBox(PrivateKey.generate().public_key)
    row = InboundCall(
        id=inbound,
        org_id=org,
        line=f"cid-{org}",
        mode="o",
        egress_uid="egress-1",
        caller_sealed=box.encrypt(CALLERS[org].encode()),
        received_us=micros(NOW - timedelta(minutes=5)),
        received_seq=0,
    )
    rooms.store.write_now(lambda tx: tx.insert(row))
    keys = keyring()
    calls = StoredInbound(rooms.store, log_writer(keys), keys)
    assert await calls.close(InboundEnd(InboundId(inbound), CALLERS[org], None))
    return inbound


@pytest.mark.rule("B1")
async def test_each_organisation_sees_its_own_callers_and_none_of_the_others(
    client: Client, rooms: Rooms
) -> None:
    ids = {org: await rings_in(rooms, org) for org in (HOME, OTHER)}
    for mine, theirs in ((HOME, OTHER), (OTHER, HOME)):
        for role in (Role.SUPERVISOR, Role.AUDITOR):
            browser = await browser_of(client, mine, role)
            listed = await browser.ask("GET", "/api/inbound")
            said = json.dumps(listed.json)
            assert (listed.status, ids[mine] in said, ids[theirs] in said) == (200, True, False)
            assert CALLERS[mine] not in said, "numbers are masked"
            own = await browser.ask("GET", f"/api/inbound/{ids[mine]}")
            foreign = await browser.ask("GET", f"/api/inbound/{ids[theirs]}")
            assert (own.status, foreign.status, foreign.code) == (200, 404, "not.found")


@pytest.mark.rule("B1")
async def test_nobody_hears_a_caller_of_another_organisation_and_nothing_says_that_there_is_one(
    client: Client, rooms: Rooms
) -> None:
    foreign, unknown = await rings_in(rooms, OTHER), "inbound-of-nobody"
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    size = rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size)
    for path in ("", "/recording.wav", "/peaks"):
        theirs = await auditor.ask("GET", f"/api/inbound/{foreign}{path}")
        nobodys = await auditor.ask("GET", f"/api/inbound/{unknown}{path}")
        assert (theirs.status, theirs.body) == (404, nobodys.body)
    assert rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size) == size
