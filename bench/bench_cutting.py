"""How long a phone rings on after its owner refused elsewhere: `python -m bench.bench_cutting [--calls 100]`.

The whole product on three real Asterisks, six agents whose phones are machines, and callees who let it ring for ever. Each
is refused while it rings, in turn by the API and by another process that knows the database alone. Measured at the
carrier: from the moment at which the refusal was sent to the end of the call in the carrier's journal. The test run of the
same, on a ringing and on a talking leg, is tests/acceptance/test_cutting.py.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from dialer.demo.carrier import CarrierRecord
from dialer.demo.sample_leads import number_of
from dialer.telephony.carrier_behaviour import Behaviour, parse_step
from tests.acceptance.test_cutting import Refuse, by_another_process, by_api
from tests.acceptance.test_worst_minute import journal
from tests.acceptance.whole_product import Product, whole_product

AGENTS = 6
RINGS = (Behaviour("XX", (parse_step("ring_for_ever"),)),)
FIRST_ENDING = 1_000
"""The sample list's own people have a history: some are on a do-not-call list, some were called often."""
WAIT_SECONDS = (0.3, 1.2)
"""So long it rings before the refusal: drawn between these."""
CALL_SECONDS_MAX = 600.0
P99_MS_MAX, MS_MAX = 300.0, 1_000.0
SEED = 20261118


class Watch:
    """The carrier's journal, read again and again."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self._seen: dict[tuple[str, str], asyncio.Future[CarrierRecord]] = {}

    async def read(self) -> None:
        """Read for all who wait, until cancelled."""
        while True:
            for record in journal(self._product):
                happened = self._of(record.number, record.event)
                if not happened.done():
                    happened.set_result(record)
            await asyncio.sleep(0.1)

    async def at(self, ending: int, event: str) -> float:
        """When that happened to the number; waits for it."""
        async with asyncio.timeout(CALL_SECONDS_MAX):
            return (await asyncio.shield(self._of(number_of(ending), event))).at.timestamp()

    def _of(self, number: str, event: str) -> asyncio.Future[CarrierRecord]:
        return self._seen.setdefault((number, event), asyncio.get_running_loop().create_future())


async def one(watch: Watch, ending: int, refuse: Refuse, dice: random.Random) -> float:
    """Milliseconds that the phone rang on."""
    rang = await watch.at(ending, "180")
    await asyncio.sleep(max(0.0, rang + dice.uniform(*WAIT_SECONDS) - time.time()))
    began = await refuse(ending)
    return (await watch.at(ending, "END") - began) * 1000


def one_by_one(refuse: Refuse) -> Refuse:
    """The other process answers line by line, and says itself when it began."""
    lock = asyncio.Lock()

    async def refuse_in_turn(ending: int) -> float:
        async with lock:
            return await refuse(ending)

    return refuse_in_turn


def shown(name: str, took: list[float]) -> bool:
    """Print the figures; whether they are within their targets."""
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    print(
        f"{name}: p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, p99 {cuts[98]:.0f} ms, longest {max(took):.0f} ms,"
        f" n {len(took)}"
    )
    return cuts[98] <= P99_MS_MAX and max(took) <= MS_MAX


async def figures(home: Path, calls: int) -> bool:
    """Ring so many people and cut every call."""
    dice = random.Random(SEED)
    async with whole_product(home, frozenset(), RINGS, AGENTS) as product, AsyncExitStack() as stack:
        sides = {
            "by the API": await by_api(stack, product),
            "by another process": one_by_one(await by_another_process(stack, product)),
        }
        for place in range(1, AGENTS + 1):
            await product.seat_machine(place)
        endings = range(FIRST_ENDING, FIRST_ENDING + calls)
        await product.ask(endings)
        watch = Watch(product)
        reading = asyncio.create_task(watch.read())
        stack.callback(reading.cancel)
        names = [list(sides)[ending % len(sides)] for ending in endings]
        told = zip(endings, names, strict=True)
        took = await asyncio.gather(*(one(watch, e, sides[name], dice) for e, name in told))
    good = [shown(side, [ms for ms, name in zip(took, names, strict=True) if name == side]) for side in sides]
    return all(good)


def main() -> int:
    """Print the figures; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bc-", dir="/tmp") as root:
        good = asyncio.run(figures(Path(root) / "x", asked.calls))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
