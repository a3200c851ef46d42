"""Figures of the gate on one core: decisions, T1 with its commit on SQLite, import, a whole list explained.

    PYTHONPATH=. python bench/bench_gate.py [LEADS]        (from the repository's root; LEADS: 2,000)

Each figure is of LEADS leads that came through the product's own intake, each with a consent that its source signed.
Computing is measured by the CPU time of this process, whatever waits for the disk by the clock on the wall. Targets:
1,000 decisions a second with their commit, a million leads imported in 3 minutes, 100,000 leads explained in 30 s.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, ORG, SUPERVISOR
from dialer.domain.ids import CampaignId, LeadId, OrganisationId, UserId
from dialer.rules.shipped import shipped_packs
from dialer.services.lead_rows import LeadRow
from dialer.services.views.listed import ListView
from dialer.storage.clock import InstallationClock
from dialer.storage.explain_list import ExplainList
from dialer.storage.intake import StoredIntake
from dialer.storage.times import moment
from tests.unit.storage.storage_world import World, fresh_sqlite, judge, lead_row

LEADS = 2_000
AT_ONCE = 16


def rows(count: int, start: int = 0) -> list[LeadRow]:
    """Rows with invented numbers of one range, signed by the sample site."""
    return [replace(lead_row(f"+86130{n:08d}"), line=n + 2) for n in range(start, start + count)]


def told(what: str, count: int, seconds: float, target: str) -> None:
    """One line: how many a second, and what was wanted."""
    print(f"{what:<44}{count / seconds:>10.0f} /s   {seconds / count * 1e6:>8.0f} µs each   target {target}")


async def take_in(world: World, count: int) -> None:
    """The whole list through the intake."""
    signed = rows(count)
    intake = StoredIntake(world.store, world.log, world.keys, InstallationClock(world.store))
    cpu, began = time.process_time(), time.perf_counter()
    await intake.take(OrganisationId(ORG), UserId(SUPERVISOR), CampaignId(CAMPAIGN), signed, [], count)
    told("import, with consents (CPU)", count, time.process_time() - cpu, "5,600 /s")
    told("import, with consents (wall)", count, time.perf_counter() - began, "5,600 /s")


def decide_alone(world: World, count: int) -> None:
    """The pure decision on real facts, and the reading of the facts."""
    now = moment(world.now_us())
    leads = [LeadId(r.id) for r in world.all("SELECT id FROM lead ORDER BY id LIMIT :n", n=min(count, 1_000))]
    began = time.perf_counter()
    facts = world.store.read_now(lambda tx: [world.facts(tx, lead, now) for lead in leads])
    told("read facts (wall)", len(leads), time.perf_counter() - began, "-")
    cpu = time.process_time()
    for one in facts:
        judge(one, now)
    told("decide, pure (CPU)", len(leads), time.process_time() - cpu, "-")


async def explain(world: World) -> None:
    """Every lead of the list."""
    lists = ExplainList(world.store, world.keys, world.facts, shipped_packs(), sys.maxsize)
    cpu, began = time.process_time(), time.perf_counter()
    view = await lists.explain_list(OrganisationId(ORG), CampaignId(CAMPAIGN), None, None)
    assert isinstance(view, ListView)
    told("explain a list (CPU)", view.leads, time.process_time() - cpu, "3,333 /s")
    told("explain a list (wall)", view.leads, time.perf_counter() - began, "3,333 /s")


async def commit(world: World, count: int) -> None:
    """Claim and T1, many at once, so that commits are shared; every yes is a permit."""
    waits: list[float] = []

    async def one(place: asyncio.Semaphore, claim: object) -> bool:
        async with place:
            began = time.perf_counter()
            answer = await world.ledger.authorise(claim)  # type: ignore[arg-type]
            waits.append(time.perf_counter() - began)
            return isinstance(answer, Permit)

    claims = await world.ledger.claim(CampaignId(CAMPAIGN), min(count, 1_000))
    place = asyncio.Semaphore(AT_ONCE)
    cpu, began = time.process_time(), time.perf_counter()
    permits = sum(await asyncio.gather(*(one(place, claim) for claim in claims)))
    took = time.perf_counter() - began
    told("T1 with its commit (CPU)", len(claims), time.process_time() - cpu, "1,000 /s")
    told(f"T1 with its commit, {AT_ONCE} at once (wall)", len(claims), took, "1,000 /s")
    waits.sort()
    print(
        f"{'T1, p99':<44}{waits[int(len(waits) * 0.99)] * 1e3:>10.1f} ms   target 20 ms   {permits} permits"
    )


async def main(count: int) -> None:
    """All of it on one new database."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(fresh_sqlite(Path(folder)))
        try:
            await take_in(world, count)
            decide_alone(world, count)
            await explain(world)
            await commit(world, count)
        finally:
            world.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else LEADS))
