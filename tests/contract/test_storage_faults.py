"""The world fails under the writer: an unknown commit is said to be unknown, and the next write finds a new connection."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.errors import StoreUnavailable
from dialer.domain.ids import CampaignId
from dialer.ports.gate import GateYes
from dialer.storage.store import BUSY_TIMEOUT_MS, READERS, sqlite_path
from tests.contract.postgres_fixture import core, core_url, fresh_url
from tests.unit.storage.storage_faults import Break, Fault, breakable
from tests.unit.storage.storage_world import World

__all__ = ["core", "core_url"]


@pytest.fixture
def fault() -> Fault:
    """No fault yet."""
    return Fault()


@pytest.fixture
def frail(core_url: str, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A core whose connections break where `fault` says."""
    monkeypatch.setattr("dialer.storage.store._Connection", breakable(fault))
    world = World(core_url)
    yield world
    world.close()


async def test_a_commit_that_never_left_gives_no_permit_and_the_claim_can_be_used_again(
    frail: World, fault: Fault
) -> None:
    lead = await frail.lead(1)
    claim = await frail.claim(lead)
    fault.where = Break.BEFORE_COMMIT
    with pytest.raises(StoreUnavailable):
        await frail.ledger.authorise(claim)
    assert frail.one("SELECT COUNT(*) AS n FROM permit").n == 0
    assert frail.lead_row(lead).state == "claimed"
    assert isinstance(await frail.ledger.authorise(claim), Permit)


async def test_a_commit_whose_answer_was_lost_gives_no_permit_and_only_its_lapse_frees_the_lead(
    frail: World, fault: Fault
) -> None:
    lead = await frail.lead(1)
    claim = await frail.claim(lead)
    fault.where = Break.AFTER_COMMIT
    with pytest.raises(StoreUnavailable):
        await frail.ledger.authorise(claim)
    # it did happen, and nobody holds its token
    row = frail.one("SELECT attempt_id, state FROM permit")
    assert row.state == "issued"
    assert await frail.calls.lapse_expired() == 0
    frail.wind(11)
    assert await frail.calls.lapse_expired() == 1
    assert frail.attempt(row.attempt_id).state == "lapsed"
    assert frail.lead_row(lead).state == "queued"
    frail.make_due(lead)
    assert isinstance(await frail.ledger.authorise(await frail.claim(lead)), Permit)


@pytest.mark.parametrize("where", [Break.BEFORE_COMMIT, Break.AFTER_COMMIT])
async def test_a_gate_that_does_not_know_its_commit_says_no(frail: World, fault: Fault, where: Break) -> None:
    permit = await frail.permit(await frail.lead(1))
    fault.where = where
    with pytest.raises(StoreUnavailable):
        await frail.gate(permit.token)
    made = where is Break.AFTER_COMMIT
    assert frail.permit_row(permit.attempt_id).state == ("consumed" if made else "issued")
    # asked again, only the commit that never happened can still become a yes
    assert isinstance(await frail.gate(permit.token, "egress-2"), GateYes) is not made


@pytest.mark.parametrize("error", [sqlite3.OperationalError, psycopg.OperationalError, OSError])
async def test_a_full_disk_inside_a_write_is_said_to_be_the_store_and_nothing_is_left_behind(
    frail: World, fault: Fault, error: type[Exception]
) -> None:
    lead = await frail.lead(1)
    claim = await frail.claim(lead)
    size = frail.size()
    fault.where, fault.error = Break.IN_LEAF, error
    with pytest.raises(StoreUnavailable):
        await frail.ledger.authorise(claim)
    assert frail.size() == size
    assert frail.one("SELECT COUNT(*) AS n FROM attempt").n == 0
    assert isinstance(await frail.ledger.authorise(claim), Permit)


async def test_the_writes_that_share_a_commit_all_hear_that_it_is_unknown(frail: World, fault: Fault) -> None:
    for n in range(4):
        await frail.lead(n)
    claims = await frail.ledger.claim(CampaignId(CAMPAIGN), 4)
    fault.where = Break.BEFORE_COMMIT
    answers = await asyncio.gather(*(frail.ledger.authorise(c) for c in claims), return_exceptions=True)
    unknown = [a for a in answers if isinstance(a, StoreUnavailable)]
    permits = [a for a in answers if isinstance(a, Permit)]
    assert unknown
    assert len(unknown) + len(permits) == 4
    assert frail.one("SELECT COUNT(*) AS n FROM permit").n == len(permits)


async def test_whoever_gives_up_waiting_for_a_write_does_not_stop_the_writer(core: World) -> None:
    held, free = threading.Event(), threading.Event()

    def slow(tx: object) -> None:
        held.set()
        free.wait(5)

    first = asyncio.create_task(core.store.write(slow))
    await asyncio.to_thread(held.wait, 5)
    waiting = asyncio.create_task(core.store.write(lambda tx: tx.now_us()))
    await asyncio.sleep(0.05)
    first.cancel()  # while it is being done
    waiting.cancel()  # before its turn
    await asyncio.gather(first, waiting, return_exceptions=True)
    free.set()
    async with asyncio.timeout(5):
        assert await core.store.write(lambda tx: tx.now_us()) > 0


async def test_a_closed_store_answers_at_once_that_it_is_unavailable(core_url: str) -> None:
    world = World(core_url)
    assert await world.store.write(lambda tx: tx.now_us()) > 0
    world.close()
    with pytest.raises(StoreUnavailable):
        async with asyncio.timeout(5):
            await world.store.write(lambda tx: tx.now_us())
    with pytest.raises(StoreUnavailable):
        async with asyncio.timeout(5):
            await world.store.read(lambda tx: tx.now_us())


async def test_another_process_that_sits_on_the_database_is_not_waited_for_longer_than_said(
    tmp_path: Path,
) -> None:
    url = fresh_url("sqlite", tmp_path)
    world = World(url)
    other = sqlite3.connect(sqlite_path(url), isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await world.store.write(lambda tx: tx.now_us())
        assert time.monotonic() - began < BUSY_TIMEOUT_MS / 1000 + 2
        other.execute("ROLLBACK")
        assert await world.store.write(lambda tx: tx.now_us()) > 0
    finally:
        other.close()
        world.close()


@pytest.mark.postgres
async def test_a_server_that_drops_the_connection_is_found_again_by_itself(tmp_path: Path) -> None:
    world = World(fresh_url("postgresql", tmp_path))
    try:
        lead = await world.lead(1)
        claim = await world.claim(lead)
        with psycopg.connect(world.url, autocommit=True) as operator:
            operator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(StoreUnavailable):
            await world.ledger.authorise(claim)
        assert isinstance(await world.ledger.authorise(claim), Permit)
        for _ in range(2 * READERS):  # readers begin a new connection by themselves
            assert world.size() > 0
    finally:
        world.close()
