"""Pacing side by side: ours, progressive, fixed ratio, VICIdial and the clairvoyant over the same days.

    PYTHONPATH=. python bench/bench_pacing.py [--quick] [--seed N] [--picture FILE.svg]

`make bench-pacing` runs it. Deterministic by seed; days that an earlier run of the same code measured are not simulated
again, so the table can be measured in slices. A cell is talk time (abandoned) in per cent, means over days that
begin knowing nothing; `!` marks a cell in which some day ended over the cap. VICIdial's level is also chosen in
hindsight: the one with the most talk time among those that stayed within the cap, or the most of all where none did.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.pacing_kept import kept_days
from bench.pacing_optimum import optimum
from bench.pacing_picture import picture
from bench.pacing_worlds import HOLD_MEAN_SECONDS, PICTURED, RING_MEAN_SECONDS, WORLDS, Measured, memoryless
from dialer.jobs.simulation_pool import cores
from dialer.pacing.compare import Method, day_rng, fresh_pacer
from dialer.pacing.floor import Floor, Plan
from dialer.pacing.result import DayResult, Summary, summarise
from dialer.pacing.rivals import Vicidial, VicidialMethod
from dialer.pacing.simulate import simulate_day
from dialer.pacing.world import World

LEVELS = (1.25, 1.5, 1.75, 2.0, 2.5)
OPTIMUM_AGENTS = (2, 5, 10, 25)
CAPS = (0.01, 0.03)


@dataclass(frozen=True, slots=True)
class Contest:
    """One day of one contender. level: VICIdial's maximum level, None where the method has none."""

    world: World
    cap: float
    method: Method
    level: float | None
    seed: int
    day: int


def live(contest: Contest) -> DayResult:
    """The day."""
    pacer = fresh_pacer(contest.method, contest.world, contest.cap)
    if contest.level is not None:
        pacer = Vicidial(VicidialMethod.HARD_LIMIT, contest.cap, contest.level)
    return simulate_day(contest.world, pacer, contest.cap, day_rng(contest.seed, contest.day))


Column = tuple[str, Method, float, float | None]
COLUMNS: tuple[Column, ...] = (
    ("clairvoyant", Method.CLAIRVOYANT, 0.01, None),
    ("progressive", Method.PROGRESSIVE, 0.01, None),
    ("ratio 1.5", Method.FIXED_RATIO_1_5, 0.01, None),
    ("HARD_LIMIT 1 %", Method.VICIDIAL_HARD_LIMIT, 0.01, None),
    ("AVERAGE 1 %", Method.VICIDIAL_AVERAGE, 0.01, None),
    ("TAPERED 1 %", Method.VICIDIAL_TAPERED, 0.01, None),
    ("provable 1 %", Method.PREDICTIVE_PROVABLE, 0.01, None),
    ("predictive 1 %", Method.PREDICTIVE, 0.01, None),
    ("predictive 3 %", Method.PREDICTIVE, 0.03, None),
    *((f"level {level} {cap}", Method.VICIDIAL_HARD_LIMIT, cap, level) for cap in CAPS for level in LEVELS),
)
SHOWN = (
    "clairvoyant",
    "progressive",
    "ratio 1.5",
    "HARD_LIMIT 1 %",
    "AVERAGE 1 %",
    "TAPERED 1 %",
    "best VICIdial 1 %",
    "provable 1 %",
    "predictive 1 %",
    "best VICIdial 3 %",
    "predictive 3 %",
)


def _order(measured: Measured, days: int, seed: int) -> list[Contest]:
    return [
        Contest(measured.world, cap, method, level, seed, day)
        for _, method, cap, level in COLUMNS
        for day in range(days)
    ]


async def _row(measured: Measured, days: int, seed: int) -> dict[str, Summary]:
    contests = _order(measured, days, seed)
    results = await kept_days(live, contests, cores())
    row = {
        column[0]: summarise(results[index * days : (index + 1) * days], measured.world.shift_seconds)
        for index, column in enumerate(COLUMNS)
    }
    for cap in CAPS:
        tuned = [row[f"level {level} {cap}"] for level in LEVELS]
        lawful = [summary for summary in tuned if summary.over_days == 0.0]
        row[f"best VICIdial {cap * 100:.0f} %"] = max(
            lawful or tuned, key=lambda summary: summary.utilisation.mean
        )
    return row


def _cell(summary: Summary) -> str:
    over = "!" if summary.over_days > 0 else ""
    return f"{summary.utilisation.mean * 100:.1f} ({summary.abandoned_share.mean * 100:.2g}){over}"


class _Timed:
    """A pacer whose decisions are timed on the CPU's clock, whatever else the machine does."""

    def __init__(self, world: World) -> None:
        self._pacer = fresh_pacer(Method.PREDICTIVE, world, 0.01)
        self.took_ms: list[float] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._pacer, name)

    def plan(self, now: float, floor: Floor) -> Plan:
        """Decide, and note what it cost."""
        began = time.thread_time_ns()
        plan = self._pacer.plan(now, floor)
        self.took_ms.append((time.thread_time_ns() - began) / 1e6)
        return plan


def _decision_cost(minutes: float) -> None:
    world = replace(next(m for m in WORLDS if m.name == "500").world, shift_seconds=minutes * 60.0)
    pacer = _Timed(world)
    simulate_day(world, pacer, 0.01, np.random.default_rng(1))  # type: ignore[arg-type]
    took = np.array(pacer.took_ms)
    print(
        f"\na decision at 500 agents: {took.mean():.3f} ms mean, {np.quantile(took, 0.99):.3f} ms p99"
        f" over {took.size} decisions (bars 0.3 and 2)"
    )


async def _against_optimum(days: int, seed: int, most_agents: int) -> None:
    print("\n| agents, no memory | cap | optimum | ours | ours / optimum |\n|---|---|---|---|---|")
    for agents in [n for n in OPTIMUM_AGENTS if n <= most_agents]:
        world = memoryless(agents)
        for cap in CAPS:
            best = optimum(agents, world.parts[0].answer_share, RING_MEAN_SECONDS, HOLD_MEAN_SECONDS, cap)
            contests = [Contest(world, cap, Method.PREDICTIVE, None, seed, day) for day in range(days)]
            results = await kept_days(live, contests, cores())
            ours = float(np.mean([result.utilisation for result in results]))
            print(
                f"| {agents} | {cap * 100:.0f} % | {best * 100:.2f} | {ours * 100:.2f} | {ours / best:.3f} |",
                flush=True,
            )


def _draw(rows: dict[str, dict[str, Summary]], file: Path) -> None:
    names = [name for name in PICTURED if name in rows]
    columns = (
        "clairvoyant",
        "predictive 3 %",
        "predictive 1 %",
        "provable 1 %",
        "best VICIdial 3 %",
        "HARD_LIMIT 1 %",
        "progressive",
    )
    lines = {column: [rows[name][column].utilisation.mean * 100 for name in names] for column in columns}
    file.write_text(picture("Talk time by number of agents", [int(name) for name in names], lines))


async def measure(asked: argparse.Namespace) -> None:
    """Run the table, the optimum and the cost of a decision."""
    print(f"seed {asked.seed}, {cores()} cores, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    print("| agents | " + " | ".join(SHOWN) + " |\n|---|" + "---|" * len(SHOWN))
    rows: dict[str, dict[str, Summary]] = {}
    for measured in WORLDS:
        if asked.quick and measured.world.agents > 50:
            continue
        world = (
            replace(measured, world=replace(measured.world, shift_seconds=3600.0))
            if asked.quick
            else measured
        )
        rows[measured.name] = row = await _row(world, 1 if asked.quick else measured.days, asked.seed)
        print(f"| {measured.name} | " + " | ".join(_cell(row[name]) for name in SHOWN) + " |", flush=True)
    gains = [
        row["predictive 1 %"].utilisation.mean - row[f"{kind} 1 %"].utilisation.mean
        for row in rows.values()
        for kind in ("HARD_LIMIT", "AVERAGE", "TAPERED")
    ]
    print(f"\nover VICIdial's defaults at 1 %: {np.mean(gains) * 100:.1f} points on average")
    touched = [row[name] for row in rows.values() for name in ("predictive 1 %", "predictive 3 %")]
    print(
        f"predictive days that touched the cap: {np.mean([t.touched_days for t in touched]) * 100:.2f} %,"
        f" by {max(t.excess_max for t in touched):.2f} calls at most; days that ended over it:"
        f" {np.mean([t.over_days for t in touched]) * 100:.2f} %"
    )
    provable = [row["provable 1 %"] for row in rows.values()]
    print(f"provable: {max(max(0.0, p.excess_max) for p in provable):.2f} calls over at any instant")
    if asked.picture is not None:
        _draw(rows, asked.picture)
    await _against_optimum(1 if asked.quick else 6, asked.seed, 5 if asked.quick else 25)
    _decision_cost(2.0 if asked.quick else 15.0)


def main(words: Sequence[str]) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one hour of one day a cell, up to 50 agents")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--picture", type=Path)
    asyncio.run(measure(parser.parse_args(words)))


if __name__ == "__main__":
    main(sys.argv[1:])
