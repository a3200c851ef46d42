"""The database server dies under dialling and comes back: nobody is called meanwhile, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.errors import StoreUnavailable
from dialer.domain.ids import CampaignId
from tests.contract.postgres_fixture import Server
from tests.unit.storage.storage_world import World, fill

STOP_SECONDS_MAX = 2.0
UP_SECONDS_MAX = 30.0

pytestmark = pytest.mark.postgres


@pytest.fixture
def dying() -> Iterator[Server]:
    server = Server()
    fill(server.create("filled"))
    yield server
    server.kill()


async def next_permit(world: World) -> Permit:
    """Claim the lead that is next, and authorise its call."""
    claims = await world.ledger.claim(CampaignId(CAMPAIGN), 1)
    answer = await world.ledger.authorise(claims[0])
    assert isinstance(answer, Permit), answer
    return answer


async def test_a_server_that_is_killed_under_dialling_stops_it_at_once_and_loses_nothing_acknowledged(
    dying: Server,
) -> None:
    world, given = World(dying.url_of("filled")), list[Permit]()
    try:
        await world.leads(range(1, 90))

        async def dial() -> None:
            while True:
                given.append(await next_permit(world))

        dialling = asyncio.create_task(dial())
        while len(given) < 5:  # noqa: ASYNC110 - the list is filled by the task
            await asyncio.sleep(0.001)
        await asyncio.to_thread(dying.kill)
        with pytest.raises(StoreUnavailable):
            await dialling
        for _ in range(3):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                await next_permit(world)
            assert time.monotonic() - began < STOP_SECONDS_MAX
        await asyncio.to_thread(dying.start)
        again = await next_permit_in_time(world)
        kept = {row.attempt_id for row in world.all("SELECT attempt_id FROM permit")}
        assert {permit.attempt_id for permit in [*given, again]} <= kept
        leaves = world.all("SELECT seq, attempt_id FROM leaf ORDER BY seq")
        assert [leaf.seq for leaf in leaves] == list(range(len(leaves)))
        assert kept <= {leaf.attempt_id for leaf in leaves}
    finally:
        world.close()


async def next_permit_in_time(world: World) -> Permit:
    """The next permit, as soon as the store has found its server again."""
    deadline = time.monotonic() + UP_SECONDS_MAX
    while True:
        try:
            return await next_permit(world)
        except StoreUnavailable:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
