"""A national registry: a file of millions of numbers taken as an outside list, and how long a look-up among them takes.

    PYTHONPATH=. python bench/bench_outside.py [NUMBERS] [FOLDER]        (50,000,000 numbers; some five minutes alone on a machine)

The file is read, hashed, sorted and switched by the product's own desk. Look-ups are of numbers on it and of others, at random, first
with the file as it lies and then again. Targets: a look-up under 1 ms, the load under 15 minutes, memory under 1 GiB.
"""

import asyncio
import os
import random
import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from dialer.demo.sample_organisation import DEMO_INSTANT
from dialer.evidence.record import Actor, ActorKind
from dialer.services.import_progress import Progress
from dialer.services.outside_lists import NewVersion
from dialer.services.views.refusals import OutsideListTaken
from dialer.storage.clock import InstallationClock
from dialer.storage.outside_list_desk import StoredOutsideLists
from dialer.storage.outside_lists import open_list
from tests.unit.storage.storage_world import World, fresh_sqlite

NUMBERS = 50_000_000
LOOKUPS = 100_000
SPREAD = 1_000_000_007


def number(n: int, count: int) -> str:
    """The n-th of `count` different invented numbers, in no order."""
    return (
        f"1{3 + n % 7}{(n * 7_919_003 + 11) % SPREAD % 1_000_000_000:09d}"
        if n < count
        else f"+1202555{n % 10_000:04d}"
    )


def write_numbers(path: Path, count: int) -> None:
    """A registry's file, a number a line."""
    with path.open("w", encoding="ascii") as out:
        for start in range(0, count, 100_000):
            out.writelines(f"{number(n, count)}\n" for n in range(start, min(start + 100_000, count)))


async def take(world: World, path: Path, folder: Path) -> OutsideListTaken:
    """The file taken into use."""
    desk = StoredOutsideLists(world.store, world.log, world.keys, InstallationClock(world.store), folder)
    new = NewVersion(kind="registry", as_of=DEMO_INSTANT - timedelta(hours=1), path=path, country="CN")
    taken = await desk.take(None, Actor(ActorKind.PROCESS, "dialer"), new, Progress())
    assert isinstance(taken, OutsideListTaken), taken
    return taken


def look_up(world: World, count: int) -> None:
    """Half of the numbers are on the list, half are not."""
    listed = open_list(world.one("SELECT path FROM outside_list WHERE current").path)
    random.seed(1)
    wanted = [random.randrange(count) for _ in range(LOOKUPS // 2)] + list(range(count, count + LOOKUPS // 2))
    random.shuffle(wanted)
    for round_name in ("first", "again"):
        waits, hits = [], 0
        for n in wanted:
            text = number(n, count)
            digest = world.keys.platform_hmac(text if text.startswith("+") else f"+86{text}")
            began = time.perf_counter()
            hits += digest in listed
            waits.append(time.perf_counter() - began)
        waits.sort()
        shown = [waits[int(len(waits) * share)] * 1e6 for share in (0.5, 0.99, 0.9999)]
        print(
            f"look-up, {round_name}: p50, p99, p99.99 {shown[0]:.0f}, {shown[1]:.0f}, {shown[2]:.0f} µs; {hits} found"
        )


def main(count: int, folder: Path) -> None:
    """Write, take, look up."""
    path = folder / "registry.txt"
    write_numbers(path, count)
    print(f"{count} numbers, {path.stat().st_size >> 20} MiB")
    world = World(fresh_sqlite(folder))
    cpu, began = time.process_time(), time.perf_counter()
    taken = asyncio.run(take(world, path, folder / "lists"))
    print(
        f"loaded in {time.perf_counter() - began:.0f} s ({time.process_time() - cpu:.0f} s CPU): {taken.list.entries} entries"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    look_up(world, count)
    world.close()
    print(f"most memory {before >> 10} MiB while loading; load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else NUMBERS
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as scratch:
        main(wanted, Path(scratch))
