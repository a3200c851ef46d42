"""Refusals: races against the second gate in separate processes, and how long one takes to be on the list.

    python -m bench.bench_refusals [--rounds 100] [--engine sqlite|postgresql] [--part races|times|list] [--seed N]

A round is 100 races (`bench/refusal_races.py`), each with its own seed counted from the first: many can be run in several
goes. Prints figures, and fails when a permit was consumed after the refusal's commit or a target is missed.
"""

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.refusal_races import Result, one_round
from dialer.demo.sample_organisation import DEMO_INSTANT, ORG, SUPERVISOR
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.services.changes import Changes
from dialer.services.import_progress import Progress
from dialer.services.outside_lists import NewVersion
from dialer.services.refusal_desk import RefusalDesk
from dialer.services.refusals import HeardInCall, Refusals, ToldRefusal
from dialer.services.views.refusals import OutsideListTaken, RefusalImportView
from dialer.storage.clock import InstallationClock
from dialer.storage.outside_list_desk import StoredOutsideLists
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.refusal_partners import StoredImportReports
from dialer.storage.refusal_spool import RefusalSpool
from tests.contract.postgres_fixture import Server, fresh_url
from tests.unit.storage.storage_world import World, fill

SINGLE_REFUSALS = 500
FILE_ROWS = 2_000
LIST_ROWS = 1_000_000
RUBBISH_EVERY = 33
COMMIT_MS_P99_MAX = 100.0
PARTS = ("races", "times", "list")
SEED = 20261118
HOME = OrganisationId(ORG)
PARTNER = Actor(ActorKind.PARTNER, "bench")


class Nobody:
    """No call is up: nothing is hung up."""

    async def hang_up(self, attempt_id: AttemptId) -> None:
        del attempt_id


def number(place: int) -> str:
    """A plainly invented number."""
    return f"+861300000{place % 10_000:04d}"


def told(place: int) -> ToldRefusal:
    return ToldRefusal(HOME, number(place), None, DncReason.COMPLAINT, PARTNER, None, "bench")


def quantiles(milliseconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(milliseconds, n=100)
    return f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms, n {len(milliseconds)}"


async def one_by_one(numbers: StoredDoNotCall, places: range) -> list[float]:
    """Milliseconds from telling to the known commit of each."""
    took = []
    for place in places:
        began = time.perf_counter()
        await numbers.refuse_number(told(place))
        took.append((time.perf_counter() - began) * 1000)
    return took


def lasting_url(engine: str, folder: Path) -> str:
    """A database whose commits reach the disk, as they do in production."""
    if engine == "sqlite":
        return fresh_url(engine, folder)
    url = Server(fsync="on").create("figures")
    fill(url)
    return url


async def figures(engine: str, folder: Path) -> list[str]:
    """Times of single refusals, alone and behind a file; of the spool; of files. What missed its target."""
    world = World(lasting_url(engine, folder))
    numbers = StoredDoNotCall(world.store, world.log, world.keys)
    spool = RefusalSpool(folder / "refusals.spool", world.keys)
    refusals = Refusals(
        calls=world.calls,
        numbers=numbers,
        telephony=Nobody(),
        egress=Nobody(),
        spool=spool,
        clock=InstallationClock(world.store),
    )
    desk = RefusalDesk(refusals, StoredImportReports(world.store), InstallationClock(world.store), Changes())
    try:
        alone = await one_by_one(numbers, range(SINGLE_REFUSALS))
        print(f"{engine}: told → committed: {quantiles(alone)}")
        rows = "number\n" + "".join(f"{number(1000 + n)}\n" for n in range(FILE_ROWS))
        began = time.perf_counter()
        taking = asyncio.create_task(
            desk.take_file(HOME, UserId(SUPERVISOR), "CN", rows.encode(), Progress())
        )
        behind = await one_by_one(numbers, range(SINGLE_REFUSALS, 600))
        report = await taking
        seconds = time.perf_counter() - began
        assert isinstance(report, RefusalImportView)
        assert report.entered + report.waiting == FILE_ROWS
        print(f"{engine}: the same while a file of {FILE_ROWS} is taken: {quantiles(behind)}")
        print(f"{engine}: file of refusals: {FILE_ROWS / seconds:,.0f} rows/s")
        kept = []
        for place in range(200):
            began = time.perf_counter()
            key = HeardInCall(AttemptId(f"{place:032x}"), DncReason.KEY, DncScope.ORGANISATION, None)
            await spool.keep(key)
            kept.append((time.perf_counter() - began) * 1000)
        print(f"{engine}: spooled with fsync: {quantiles(kept)}")
        missed = []
        for name, took in (("alone", alone), ("behind a file", behind)):
            if statistics.quantiles(took, n=100)[98] > COMMIT_MS_P99_MAX:
                missed.append(f"{engine}: commit {name} p99 over {COMMIT_MS_P99_MAX} ms")
        return missed
    finally:
        spool.close()
        world.close()


async def outside_list(folder: Path) -> None:
    """A million rows, three per cent of them rubbish."""
    world = World(fresh_url("sqlite", folder))
    clock = InstallationClock(world.store)
    lists = StoredOutsideLists(world.store, world.log, world.keys, clock, folder / "lists")
    try:
        path = folder / "list.csv"
        path.write_text(
            "\n".join("rubbish 1" if n % RUBBISH_EVERY == 0 else number(n) for n in range(LIST_ROWS))
        )
        before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        began = time.perf_counter()
        new = NewVersion("bench", DEMO_INSTANT, "CN", path)
        taken = await lists.take(HOME, Actor(ActorKind.USER, SUPERVISOR), new, Progress())
        seconds = time.perf_counter() - began
        assert isinstance(taken, OutsideListTaken), taken
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"outside list: {taken.rows:,} rows in {seconds:.1f} s, {taken.unreadable:,} unreadable,"
            f" peak {peak_mb:.0f} MB of which {before_mb:.0f} before"
        )
    finally:
        world.close()


def races(engine: str, root: Path, rounds: int, seed: int) -> list[str]:
    """Print how the races fell, after each round anew; what is wrong."""
    result = Result()
    for place in range(rounds):
        (folder := root / str(place)).mkdir()
        result.add(one_round(engine, folder, seed + place))
        print(f"{engine}: {result}, seeds {seed} to {seed + place}", flush=True)
    return [] if result.occurred and not result.wrong else [f"{engine}: races"]


def main() -> int:
    """Print the figures; 1 when something is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--part", choices=PARTS, action="append")
    asked = parser.parse_args()
    parts, missed = asked.part or PARTS, []
    for engine in asked.engine or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="refusals-") as root:
            if "races" in parts:
                missed += races(engine, Path(root), asked.rounds, asked.seed)
            if "times" in parts:
                (folder := Path(root) / "figures").mkdir()
                missed += asyncio.run(figures(engine, folder))
    if "list" in parts:
        with tempfile.TemporaryDirectory(prefix="refusals-") as root:
            asyncio.run(outside_list(Path(root)))
    for what in missed:
        print(f"MISSED  {what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
