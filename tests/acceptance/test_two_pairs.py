"""Two real pairs of pbx and egress, one carrier, one gate: calls go to both, and one that is lost stops the other in nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from dialer.domain.ids import AttemptId
from dialer.services.seats import Agent, Place
from dialer.storage.sql import Tx
from tests.acceptance.breaking import NOT_SHORT_SECONDS, dispose_at_once, invites, until_accounted
from tests.acceptance.two_pairs import EGRESS, PBX, egress_of_each
from tests.acceptance.whole_product import Pairs, Product, until, whole_product

pytestmark = pytest.mark.asterisk
HERE, THERE = ("headless-1", "headless-2", "headless-3"), ("headless-4", "headless-5", "headless-6")


def agents(product: Product, seats: tuple[str, ...], place: Place) -> list[Agent]:
    return [a for a in product.floor.seats.all() if a.seat_id in seats and a.place is place]


def is_up(product: Product, pair: str) -> bool:
    return next(load.is_up for load in product.floor.exchange.loads() if load.name == pair)


def states(tx: Tx, attempts: list[str]) -> list[str]:
    return [tx.sole("SELECT state FROM attempt WHERE id = :id", id=attempt).state for attempt in attempts]


async def test_calls_go_to_both_pairs_and_one_that_is_killed_stops_the_other_in_nothing(
    tmp_path: Path,
) -> None:
    home = Path("/tmp") / f"x2{tmp_path.stat().st_ino % 1_000_000}"
    async with whole_product(home, frozenset(), headless=6, pairs=Pairs.TWO) as product:
        second, store = product.second, product.floor.core.store
        assert second is not None
        # a seat is called once: on a pair whose link isn't up yet nobody would hear it
        await until(lambda: all(load.is_up for load in product.floor.exchange.loads()), 30)
        for place in range(1, 7):
            await product.seat_machine(place)

        await product.ask(range(1000, 1004))
        await until(lambda: len(agents(product, HERE + THERE, Place.TALKING)) == 4, 60)
        uses = await store.read(egress_of_each)
        assert Counter(uses.values()) == {"egress": 2, EGRESS: 2}
        assert len(agents(product, HERE, Place.TALKING)) == len(agents(product, THERE, Place.TALKING)) == 2
        await asyncio.sleep(NOT_SHORT_SECONDS)

        (idle,) = agents(product, THERE, Place.READY)
        await second.pbx.kill()
        await until(lambda: not is_up(product, PBX), 30)
        await until(lambda: not agents(product, THERE, Place.READY), 5)
        assert not any(a.leg_up for a in product.floor.seats.all() if a.seat_id in THERE)
        assert len(agents(product, HERE, Place.READY)) == 1, "the other pair's agent waits as before"
        assert product.floor.down() == ()

        await product.ask([1004])
        await until(lambda: len(agents(product, HERE, Place.TALKING)) == 3, 60)
        later = await store.read(egress_of_each)
        assert [later[attempt] for attempt in later.keys() - uses.keys()] == ["egress"]
        lost = [attempt for attempt, egress in uses.items() if egress == EGRESS]
        await until(lambda: len(agents(product, THERE, Place.WRAPPING)) == 2, 60)
        async with asyncio.timeout(60):  # it is over as its egress says: the agents know first
            while await store.read(lambda tx: states(tx, lost)) != ["wrapping", "wrapping"]:  # noqa: ASYNC110 - its lane writes it
                await asyncio.sleep(0.1)
        assert not is_up(product, PBX)

        await second.pbx.start()
        await until(lambda: is_up(product, PBX), 60)
        beside = asyncio.create_task(dispose_at_once(product))
        try:
            await until(lambda: idle.user_id in {a.user_id for a in agents(product, THERE, Place.READY)}, 60)
            for attempt, egress in later.items():
                if egress != EGRESS:
                    await product.floor.exchange.hang_up(AttemptId(attempt))
            assert await until_accounted(product, 90) == []
            await until(lambda: len(agents(product, HERE + THERE, Place.READY)) == 6, 60)
            await product.ask([1010, 1011])
            await until(lambda: len(agents(product, HERE + THERE, Place.TALKING)) == 2, 60)
        finally:
            beside.cancel()
        again = await store.read(egress_of_each)
        assert sorted(again[attempt] for attempt in again.keys() - later.keys()) == ["egress", EGRESS]
        assert set(invites(product).values()) == {1}, "nobody was called twice"
