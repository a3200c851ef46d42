"""The simulator's assumptions held against the whole product on real Asterisk, with the same callees.

    PYTHONPATH=. python bench/bench_pacing_live.py [--minutes 20] [--mode predictive]

Ten agents whose phones are machines, and callees of the simulated carrier whose ringing and talking is drawn from a
scenario's laws. Talk time and abandoned share of the run stand beside the band of simulated days of the same length and
the same callees. `make bench-pacing-live` runs it. It needs most of a core; what else the machine does is said.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.campaign import PacingMode
from dialer.domain.ids import UserId
from dialer.jobs.simulation_pool import DayProcesses, cores
from dialer.pacing.compare import compared, day_orders
from dialer.pacing.world import Law, ListPart, LiveCounts, Shape, World, draw_fates
from dialer.services.comparison import method_view
from dialer.services.seats import Place
from dialer.services.simulations import METHOD_OF
from dialer.storage.sql import Tx
from dialer.telephony.carrier_behaviour import Behaviour, parse_step
from tests.acceptance.whole_product import Product, whole_product

AGENTS, ENDINGS = 10, 100
LOOK_SECONDS = 0.1
CAP = 0.01
BUSY = frozenset({Place.RESERVED, Place.TALKING, Place.CLOSING, Place.WRAPPING})
TALK = Law(Shape.LOGNORMAL, 45.0, 0.7)
WRAP = Law(Shape.LOGNORMAL, 8.0, 0.6)
TALK_SECONDS_MIN = 12.0
"""The notice of recording and six seconds: a number half of whose talks are shorter is stopped, also here."""


def scenario(seconds: float) -> World:
    """The world of pacing's table, with shorter talks, so that a run of minutes sees many."""
    return World(
        agents=AGENTS,
        shift_seconds=seconds,
        parts=(ListPart(1.0, 0.3),),
        talk=TALK,
        wrap=WRAP,
        fail_share=0.0,
        busy_share=0.18,
        pause_share=0.0,
        login_seconds=0.0,
        ring_max_seconds=30.0,
        tick_seconds=0.25,
        live_counts=LiveCounts.DISPOSED,
    )


@dataclass(frozen=True)
class Callees:
    """What each ending does: seconds of ringing and talking where it answers, None where it rings out or is busy."""

    behaviours: tuple[Behaviour, ...]
    rings: tuple[float, ...]
    talks: tuple[float, ...]
    busy: int


def callees(world: World, seed: int) -> Callees:
    """A hundred of them, with as many of each kind as the laws say."""
    fates = draw_fates(world, np.random.default_rng(seed))
    answers = round(world.parts[0].answer_share * ENDINGS)
    busy = round(world.busy_share * ENDINGS)
    kinds = ["answers"] * answers + ["busy"] * busy + ["silent"] * (ENDINGS - answers - busy)
    random.Random(seed).shuffle(kinds)
    behaviours, rings, talks = [], [], []
    for ending, kind in enumerate(kinds):
        steps: tuple[str, ...] = ("ring_for_ever",)
        if kind == "busy":
            steps = ("ring 1500", "refuse 486")
        elif kind == "answers":
            ring = fates.set_up[ending] + fates.ring[ending]
            talk = max(TALK_SECONDS_MIN, fates.talk[ending])
            rings.append(ring)
            talks.append(talk)
            steps = (f"ring {int(ring * 1000)}", "answer", f"tone 440 {int(talk * 1000)}")
        behaviours.append(Behaviour(f"{ending:02d}", tuple(map(parse_step, steps))))
    return Callees(tuple(behaviours), tuple(rings), tuple(talks), busy)


def same_world(world: World, them: Callees) -> World:
    """The simulator's world made of these very callees."""
    from dataclasses import replace

    return replace(
        world,
        ring=Law(Shape.SAMPLES, samples=them.rings),
        talk=Law(Shape.SAMPLES, samples=them.talks),
        set_up_seconds=(0.0, 0.0),
    )


@dataclass
class Seen:
    """Agent-seconds while the run went on."""

    busy: float = 0.0
    ready: float = 0.0

    async def look(self, product: Product) -> None:
        """At every seat, ten times a second."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for agent in product.floor.seats.all():
                if agent.place in BUSY:
                    self.busy += now - last
                elif agent.place is Place.READY:
                    self.ready += now - last
            last = now


async def wrap_up(product: Product, seed: int) -> None:
    """Agents dispose after a wrap-up drawn from the law."""
    draws = iter(WRAP.draw(np.random.default_rng(seed), 100_000).tolist())
    due: dict[UserId, float] = {}
    while True:
        for agent in product.floor.seats.all():
            if agent.place is not Place.WRAPPING or agent.attempt_id is None:
                due.pop(agent.user_id, None)
            elif time.monotonic() >= due.setdefault(agent.user_id, time.monotonic() + next(draws)):
                await product.floor.desk.dispose(agent.user_id, agent.attempt_id, "handled", None)
        await asyncio.sleep(LOOK_SECONDS)


def _approve(tx: Tx, mode: PacingMode) -> None:
    """The number review approves the mode, and the campaign takes it."""
    register = json.loads(
        tx.sole("SELECT register_json FROM campaign WHERE id = :id", id=CAMPAIGN).register_json
    )
    register["number_review"]["modes"] = [mode.value]
    tx.run(
        "UPDATE campaign SET register_json = :register, mode = :mode, abandon_cap_ppm = :cap WHERE id = :id",
        register=json.dumps(register),
        mode=mode.value,
        cap=round(CAP * 1_000_000),
        id=CAMPAIGN,
    )


def _counts(tx: Tx) -> tuple[int, int, int, int]:
    row = tx.sole(
        "SELECT COUNT(*) AS dials, COALESCE(SUM(CASE WHEN answered_us IS NOT NULL THEN 1 ELSE 0 END), 0) AS answered,"
        " COALESCE(SUM(CASE WHEN abandon_cause IS NOT NULL OR answer_class = 'human' THEN 1 ELSE 0 END), 0) AS live,"
        " COALESCE(SUM(CASE WHEN abandon_cause = 'nobody' THEN 1 ELSE 0 END), 0) AS abandoned"
        " FROM attempt WHERE state <> 'refused' AND node <> 'before-installation'"
    )
    return int(row.dials), int(row.answered), int(row.live), int(row.abandoned)


async def live(
    product: Product, mode: PacingMode, seconds: float, seed: int
) -> tuple[Seen, tuple[int, int, int, int]]:
    """The run itself."""
    store = product.floor.core.store
    await store.write(lambda tx: _approve(tx, mode))
    numbers = list(range(ENDINGS * max(6, int(seconds / 60))))
    random.Random(seed + 1).shuffle(numbers)
    for place in range(1, AGENTS + 1):
        await product.seat_machine(place)
    seen = Seen()
    tasks = [asyncio.create_task(wrap_up(product, seed)), asyncio.create_task(seen.look(product))]
    try:
        await product.ask(numbers)
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            await asyncio.sleep(30.0)
            plan = product.floor.board.plans.get(next(iter(product.floor.board.plans)))
            staffed = seen.busy + seen.ready
            print(
                f"{time.monotonic() - began:5.0f} s  talk time {seen.busy / staffed:.1%}  "
                f"dials, answered, live, abandoned {await store.read(_counts)}  {type(plan.why).__name__ if plan else ''}"
                f"  load {os.getloadavg()[0]:.1f}",
                flush=True,
            )
        return seen, await store.read(_counts)
    finally:
        for task in tasks:
            task.cancel()


async def measure(asked: argparse.Namespace) -> None:
    """Run, then simulate the same."""
    seconds, mode = asked.minutes * 60.0, PacingMode(asked.mode)
    world = scenario(seconds)
    them = callees(world, asked.seed)
    home = Path("/tmp") / f"xp{os.getpid()}"
    async with whole_product(home, frozenset(), them.behaviours, headless=AGENTS) as product:
        seen, counts = await live(product, mode, seconds, asked.seed)
    orders = day_orders(same_world(world, them), CAP, (METHOD_OF[mode],), asked.days, asked.seed)
    results = await DayProcesses(cores()).run(orders, lambda _: None)
    (simulated,) = compared(orders, results)
    view = method_view(simulated)
    dials, _, answers, abandoned = counts
    talk = seen.busy / (seen.busy + seen.ready)
    print(
        f"\n{AGENTS} agents, {asked.minutes:g} min, {mode.value}, cap {CAP:.0%}, load {os.getloadavg()[0]:.1f}"
    )
    print("| | real Asterisk | simulator: mean (80 % of days) |\n|---|---|---|")
    for name, real, band, unit in (
        ("talk time %", talk * 100, view.utilisation, 1e4),
        ("abandoned %", abandoned / answers * 100 if answers else 0.0, view.abandoned_share, 1e4),
        ("calls an hour", dials * 3600 / seconds, view.dials_an_hour, 1.0),
    ):
        print(
            f"| {name} | {real:.1f} | {band.mean / unit:.1f} ({band.low / unit:.1f}-{band.high / unit:.1f}) |"
        )
    inside = view.utilisation.low <= talk * 1e6 <= view.utilisation.high
    print(f"talk time {'within' if inside else 'outside'} the simulator's band")


def main(words: Sequence[str]) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--mode", default=PacingMode.PREDICTIVE.value)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=20)
    asyncio.run(measure(parser.parse_args(words)))


if __name__ == "__main__":
    main(sys.argv[1:])
