"""Refusals: races against the second gate in separate processes, and how long one takes to be on the list.

    python -m bench.bench_refusals [--rounds 100] [--engine sqlite|postgresql]     (from the repository's root)

A round is 100 races. Prints figures, and fails when a permit was consumed after the refusal's commit or a target is missed.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, DEMO_INSTANT, ORG, SUPERVISOR
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId, UserId
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
from tests.contract.postgres_fixture import fresh_url
from tests.unit.storage.storage_racers import Racer, consume_it, race, refuse_it
from tests.unit.storage.storage_world import SECOND_US, World

RACES_A_ROUND = 100
SINGLE_REFUSALS = 500
FILE_ROWS = 2_000
LIST_ROWS = 1_000_000
RUBBISH_EVERY = 33
COMMIT_MS_P99_MAX = 100.0
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


async def permits(world: World) -> list[tuple[str, str, str]]:
    """Token, subject and attempt of fresh permits to different numbers."""
    tokens: dict[str, str] = {}
    await world.leads(range(RACES_A_ROUND))
    while claims := await world.ledger.claim(CampaignId(CAMPAIGN), 20):
        for claim in claims:
            answer = await world.ledger.authorise(claim)
            assert isinstance(answer, Permit)
            tokens[answer.attempt_id] = answer.token
        world.run("UPDATE attempt SET caller_id = NULL")
    world.run("UPDATE permit SET expires_us = NOW_US + :us", us=600 * SECOND_US)
    rows = world.all("SELECT id, sid FROM attempt ORDER BY id")
    return [(tokens[r.id], r.sid, r.id) for r in rows]


def one_round(engine: str, folder: Path, seed: int) -> tuple[int, int, int]:
    """Races in which the gate came first, in which the refusal did, and permits consumed after a refusal."""
    world = World(fresh_url(engine, folder))
    try:
        wanted = asyncio.run(permits(world))
        gate = Racer("gate", consume_it, [(world.url, token) for token, _, _ in wanted])
        dialer = Racer("dialer", refuse_it, [(world.url, sid) for _, sid, _ in wanted])
        said, _ = race([gate, dialer], seed)
        wrong = world.one(
            "SELECT COUNT(*) AS n FROM leaf g JOIN leaf d ON d.sid = g.sid"
            " WHERE g.type = 'gate2.passed' AND d.type = 'dnc.added' AND d.seq < g.seq"
        ).n
        return said.count("yes"), len(said) - said.count("yes"), int(wrong)
    finally:
        world.close()


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


async def figures(engine: str, folder: Path) -> list[str]:
    """Times of single refusals, alone and behind a file; of the spool; of files. What missed its target."""
    world = World(fresh_url(engine, folder))
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
        began = time.perf_counter()
        new = NewVersion("bench", DEMO_INSTANT, "CN", path)
        taken = await lists.take(HOME, Actor(ActorKind.USER, SUPERVISOR), new, Progress())
        seconds = time.perf_counter() - began
        assert isinstance(taken, OutsideListTaken), taken
        print(f"outside list: {taken.rows:,} rows in {seconds:.1f} s, {taken.unreadable:,} unreadable")
    finally:
        world.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append")
    wanted = parser.parse_args()
    missed: list[str] = []
    for engine in wanted.engine or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory(prefix="refusals-") as root:
            before = after = wrong = 0
            for place in range(wanted.rounds):
                (folder := Path(root) / str(place)).mkdir()
                counts = one_round(engine, folder, SEED + place)
                before, after, wrong = before + counts[0], after + counts[1], wrong + counts[2]
            print(
                f"{engine}: {before + after} races, gate first {before}, refusal first {after},"
                f" consumed after the refusal {wrong}, seed {SEED}"
            )
            if wrong or not before or not after:
                missed.append(f"{engine}: races")
            (folder := Path(root) / "figures").mkdir()
            missed += asyncio.run(figures(engine, folder))
    with tempfile.TemporaryDirectory(prefix="refusals-") as root:
        asyncio.run(outside_list(Path(root)))
    for what in missed:
        print(f"MISSED  {what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
