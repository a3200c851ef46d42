"""Fixtures of the contract suites: each port on the shipped fake and on the real thing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contract.telephony_worlds import TelephonyWorld, asterisk_world, fake_world
from tests.integration.asterisk_fixtures import World, asterisk_program, short_root, world

__all__ = ["asterisk_program", "fake_telephony", "real_telephony", "short_root", "telephony", "world"]


@pytest_asyncio.fixture(loop_scope="session")
async def fake_telephony() -> AsyncIterator[TelephonyWorld]:
    """A fresh fake."""
    async with fake_world() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def real_telephony(world: World) -> AsyncIterator[TelephonyWorld]:
    """A fresh link to the session's three instances."""
    async with asterisk_world(world) as opened:
        yield opened


@pytest.fixture(params=["fake", pytest.param("asterisk", marks=pytest.mark.asterisk)])
def telephony(request: pytest.FixtureRequest) -> TelephonyWorld:
    """The port, once on the fake and once on real Asterisk."""
    name = "fake_telephony" if request.param == "fake" else "real_telephony"
    opened = request.getfixturevalue(name)
    assert isinstance(opened, TelephonyWorld)
    return opened
