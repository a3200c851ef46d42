"""Everything that may break, broken at full size for a while. Prints its seed; exit 1 on a fault.

`make soak SECONDS=600 SEED=7` · the link (flood, cuts, hostile texts, a mute peer), simulated days with many seeds and
with a dialer that is killed 200 times, and on real Asterisk: kill -9 of the dialer's process at random moments, disk and
database away while people are called, the exchange killed under 40 talks.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from bench.soak_link import cut_around_originates, flood, notice_a_mute_peer, say_hostile_texts
from dialer.demo.carrier import CarrierRecord, read_journal
from dialer.demo.outcome import is_over
from dialer.demo.processes import ONCE, wait_for_port
from dialer.demo.run import Demo
from dialer.demo.stage import prepare
from dialer.domain.errors import InstallationError
from dialer.processes.core import Core, open_core
from dialer.services.changes import Changes
from dialer.signing.doors import Door, SignerDoor
from dialer.storage.sql import Tx
from dialer.testing.clock import run_in_simulated_time
from tests.acceptance.breaking import (
    BUSY_OR_LONG,
    dispose_at_once,
    no_database,
    no_vault,
    restart_the_exchange_under_calls,
    take_away_while_dialling,
    unaccounted,
)
from tests.acceptance.whole_product import people_ask, whole_product
from tests.simulation.day import KILLED, QUIET, STORMY, Weather, a_day

START_TRIES: Final = 4
START_SECONDS: Final = 3.0
"""About what a start takes on a machine that does nothing else."""
EVENTS_PER_SECOND: Final = 20_000
KILLS_AN_ASK, ASKING_FROM = 5, 1000
ENDINGS_BUSY_OR_RINGING: Final = (20, 21, 30, 31, 32, 33, 34, 35)
"""Eight more people ask for a call at every fifth kill, so that there is always somebody to be called twice. None of them
answers: each talk that a kill ends is an abandoned call, and at 3 % the law's own stop would end the calling."""
ENDINGS_AFTERWARDS_FROM, ENDINGS_AFTERWARDS = 9000, (0, 1, 2, 3)
"""People who answer, called once the kills are over: the control that the dialer still does."""
OVER_SECONDS_MAX: Final = 900.0
"""Those who asked while the dialer was killed are still called one after the other, half a minute of ringing each."""
APART_SECONDS: Final = 1800.0
"""Who was busy may be called again after half an hour."""
CUTS, TEXTS, KILLS, TALKS = 500, 10_000, 200, 40
LINK_SHARE, DAYS_SHARE = 0.1, 0.4


def days(seconds: float, seed: int) -> list[str]:
    """Live whole days until the time is over: one killed 200 times first, then stormy and quiet ones by turns."""
    until, faults = time.monotonic() + seconds, []
    killed = replace(KILLED, restarts=KILLS // 2)
    kinds: list[tuple[str, Weather]] = [("killed", killed)]
    for day in itertools.count():
        name, weather = kinds[0] if day == 0 else (("stormy", STORMY), ("quiet", QUIET))[day % 2]
        with tempfile.TemporaryDirectory() as folder:
            ended = run_in_simulated_time(a_day(Path(folder), seed + day, weather))
        print(f"day with seed {seed + day}, {name}: {ended}", flush=True)
        faults += [f"day {seed + day}, {name}: {fault}" for fault in ended.faults]
        if time.monotonic() > until:
            return faults
    return faults


async def up_again(demo: Demo) -> None:
    """Wait for the dialer's console, on a busy machine a while longer than the demo does."""
    for patience in range(START_TRIES):
        try:
            await wait_for_port(demo.children["dialer"], demo.stage.ports.web)
        except InstallationError:
            if patience == START_TRIES - 1:
                raise
        else:
            return


def called_again(records: Sequence[CarrierRecord]) -> list[str]:
    """Who was called a second time too soon, by their last four digits."""
    last: dict[str, datetime] = {}
    again = []
    for record in records:
        if record.event != "INVITE":
            continue
        before = last.get(record.number)
        if before is not None and (record.at - before).total_seconds() < APART_SECONDS:
            again.append(f"…{record.number[-4:]} was called twice")
        last[record.number] = record.at
    return again


async def until_over(core: Core, seconds_max: float) -> None:
    """Wait until everybody who is due was called and every attempt is over, or until the time is."""
    deadline = time.monotonic() + seconds_max
    while not await core.store.read(is_over) and time.monotonic() < deadline:  # noqa: ASYNC110 - asked
        await asyncio.sleep(0.5)


def objections(tx: Tx) -> str:
    """How often the gate said what to whom was not called: says whether the control had a lawful call at all."""
    rows = tx.all(
        "SELECT codes, COUNT(*) AS n FROM decision WHERE outcome = 'refused' GROUP BY codes ORDER BY n DESC"
    )
    stops = tx.all("SELECT code FROM dialling_stop WHERE lifted_us IS NULL")
    leads = tx.all("SELECT state, outcome, COUNT(*) AS n FROM lead GROUP BY state, outcome ORDER BY n DESC")
    return "; ".join(
        (
            ", ".join(f"{r.codes} {r.n}" for r in rows) or "nobody refused",
            ", ".join(f"stopped by {r.code}" for r in stops) or "no stop",
            ", ".join(f"{r.state} {r.outcome or '-'} {r.n}" for r in leads),
        )
    )


async def kill_the_dialer(kills: int, dice: random.Random) -> list[str]:
    """kill -9 of the dialer's process so many times while people are called; it starts again each time.

    Every second time it dies at any moment of its start, else at any moment after it is up.
    """
    home = Path("/tmp") / f"xs{os.getpid()}"
    demo = Demo(await prepare(home, 0, print, frozenset({ENDINGS_BUSY_OR_RINGING[0]})), print)
    door = Door(demo.stage.settings.socket("signer"))
    os.environ.pop(ONCE, None)
    try:
        await demo.start()
        core = open_core(demo.stage.settings, SignerDoor(door))
        for kill in range(kills):
            if kill % KILLS_AN_ASK == 0:
                first = ASKING_FROM + kill // KILLS_AN_ASK * 100
                await people_ask(core, (first + ending for ending in ENDINGS_BUSY_OR_RINGING), Changes())
            if kill % 2:
                await asyncio.sleep(dice.uniform(0.2, START_SECONDS))
            else:
                await up_again(demo)
                await asyncio.sleep(dice.uniform(0.0, 4.0))
            await demo.children["dialer"].kill()
            await demo.children["dialer"].start()
        await up_again(demo)
        await until_over(core, OVER_SECONDS_MAX)
        await people_ask(core, (ENDINGS_AFTERWARDS_FROM + ending for ending in ENDINGS_AFTERWARDS), Changes())
        os.environ[ONCE] = "1"
        await demo.children["dialer"].stop()
        await demo.children["dialer"].start()
        await until_over(core, OVER_SECONDS_MAX)
        faults = await core.store.read(unaccounted)
        print(f"refused: {await core.store.read(objections)}", flush=True)
        core.store.close()
    finally:
        await demo.stop()
        await door.close()
    records = read_journal(demo.trio.carrier_settings.journal)
    faults += called_again(records)
    answered = {r.number for r in records if r.event == "200"}
    if len(answered) < len(ENDINGS_AFTERWARDS):
        faults.append(f"{len(answered)} of {len(ENDINGS_AFTERWARDS)} answered after the kills")
    numbers = {r.number for r in records if r.event == "INVITE"}
    print(f"killed {kills} times: {len(numbers)} people called, {len(faults)} faults", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    return [f"kill -9: {fault}" for fault in faults]


async def break_the_world(talks: int) -> list[str]:
    """Disk, database and exchange, under a running product."""
    home = Path("/tmp") / f"xw{os.getpid()}"
    async with whole_product(home, frozenset(), BUSY_OR_LONG, headless=talks) as product:
        for place in range(1, 7):
            await product.seat_machine(place)
        beside = asyncio.create_task(dispose_at_once(product))
        try:
            faults = await take_away_while_dialling(product, "disk", no_vault, 1000, 150)
            faults += await take_away_while_dialling(product, "database", no_database, 3000, 150)
            for place in range(7, talks + 1):
                await product.seat_machine(place)
            return faults + await restart_the_exchange_under_calls(product, 5000, talks)
        finally:
            beside.cancel()


async def the_link(seconds: float, dice: random.Random) -> list[str]:
    """All that may happen to the link."""
    faults = await flood(seconds, EVENTS_PER_SECOND)
    faults += await cut_around_originates(CUTS, dice)
    faults += await say_hostile_texts(TEXTS, dice)
    return faults + await notice_a_mute_peer()


def part(name: str, work: Coroutine[Any, Any, list[str]]) -> list[str]:
    """Run one part; a part that falls is a fault like any other."""
    began = time.monotonic()
    try:
        faults = asyncio.run(work)
    except Exception as fell:
        faults = [f"{name} fell: {type(fell).__name__}: {fell}"]
    print(f"{name}: {time.monotonic() - began:.0f} s, {len(faults)} faults", flush=True)
    return faults


def main() -> int:
    """Run all parts; the days fill what is left of the given time, the kills take what they take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--only-kills", action="store_true", help="nothing else is broken")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = parser.parse_args()
    print(f"seed {given.seed} · load {' '.join(f'{x:.1f}' for x in os.getloadavg())}", flush=True)
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    dice = random.Random(given.seed)
    with Path(os.devnull).open("w") as nowhere:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(nowhere))
        faults = []
        if not given.only_kills:
            faults += part("link", the_link(min(60.0, given.seconds * LINK_SHARE), dice))
            faults += days(given.seconds * DAYS_SHARE, given.seed)
            faults += part("world", break_the_world(TALKS))
        faults += part("kill -9", kill_the_dialer(given.kills, dice))
    for fault in faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    print(f"seed {given.seed}: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
