"""The exchange restarts under talks; the disk and the database go away while people are called."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.acceptance.breaking import (
    BUSY_OR_LONG,
    dispose_at_once,
    no_database,
    no_vault,
    restart_the_exchange_under_calls,
    take_away_while_dialling,
)
from tests.acceptance.whole_product import whole_product

pytestmark = pytest.mark.asterisk
AGENTS = 4


async def test_what_breaks_under_a_running_product_stops_dialling_and_loses_nothing(tmp_path: Path) -> None:
    home = Path("/tmp") / f"xb{tmp_path.stat().st_ino % 1_000_000}"
    async with whole_product(home, frozenset(), BUSY_OR_LONG) as product:
        for place in range(1, AGENTS + 1):
            await product.seat_machine(place)
        beside = asyncio.create_task(dispose_at_once(product))
        try:
            faults = await take_away_while_dialling(product, "disk", no_vault, 1000, 90)
            faults += await take_away_while_dialling(product, "database", no_database, 3000, 90)
            faults += await restart_the_exchange_under_calls(product, 5000, AGENTS)
        finally:
            beside.cancel()
    assert faults == []
