"""Calls through the whole product on real Asterisk, beside a bare loop of AMI originates on the same two Asterisks.

`make bench-calls` (some 6 minutes) · `SMALL=1` a short look. Every figure comes from outside: the carrier's own journal,
the recordings' files, /proc. The carrier, its callees and the agents' phones run on the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.bare_loop import Bare, bare_loop
from dialer.calls.events import CalleeAnswered, CalleeJoined, ExchangeEvent
from dialer.demo.carrier import CarrierRecord, read_journal
from dialer.domain.ids import UserId
from dialer.services.seats import Place
from dialer.storage.sql import Tx
from dialer.telephony.carrier_behaviour import Behaviour, parse_step
from tests.acceptance.whole_product import Product, until, whole_product

TALK_MS = 10_500
"""The notice of recording and more than six seconds: a number half of whose talks are shorter is stopped, also here."""
RATIO_MIN, CPU_SHARE_MAX, JOIN_MS_MAX = 0.9, 0.15, 100.0
CALLS_A_SECOND = 20
DEMO_AGENTS = 6
HZ = os.sysconf("SC_CLK_TCK")
LEG_BYTES_A_SECOND, LEG_BLOCK_BYTES = 16_000, 32_768
"""A leg's sound, and how much of it the exchange writes at a time: a file that is looked at is up to one block behind."""


CALLEES = (
    Behaviour("[0-4]X", tuple(map(parse_step, ("answer", f"tone 440 {TALK_MS}")))),
    Behaviour("[5-9]X", tuple(map(parse_step, ("answer", "tone 440 600000")))),
)
"""Endings below 50 talk for some seconds; the others stay until we hang up."""


# ---------------------------------------------------------------- what is looked at


def cpu_seconds(pid: int | None) -> float:
    """CPU time that a process and its threads have used."""
    if pid is None:
        return 0.0
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / HZ


@dataclass
class Meter:
    """CPU of each process over a stretch of time. The dialer runs in this process, with the bench's own looking."""

    product: Product
    began: float = 0.0
    before: dict[str, float] = field(default_factory=dict)

    def _now(self) -> dict[str, float]:
        trio, children = self.product.trio, self.product.children
        pids = {"pbx": trio.pbx.pid, "egress": trio.egress.pid, "carrier": trio.carrier.pid}
        pids |= {name: child.pid for name, child in children.items()}
        return {name: cpu_seconds(pid) for name, pid in pids.items()} | {"dialer": time.process_time()}

    def start(self) -> None:
        """From now on."""
        self.began, self.before = time.monotonic(), self._now()

    def shares(self) -> dict[str, float]:
        """Cores used by each since then."""
        seconds = time.monotonic() - self.began
        return {name: (after - self.before[name]) / seconds for name, after in self._now().items()}


def journal(product: Product) -> list[CarrierRecord]:
    """What the carrier saw."""
    return read_journal(product.trio.carrier_settings.journal)


def calls_a_second(records: list[CarrierRecord], calls: int) -> float:
    """From the first INVITE to the last END."""
    first = min(r.at for r in records if r.event == "INVITE")
    last = max(r.at for r in records if r.event == "END")
    return calls / (last - first).total_seconds()


def said(words: dict[str, float]) -> str:
    """Shares of a core, largest first."""
    return " · ".join(f"{n} {s:.0%}" for n, s in sorted(words.items(), key=lambda x: -x[1]) if s >= 0.005)


# ---------------------------------------------------------------- the product


@dataclass
class Joins:
    """From the callee's 200 OK to callee and agent in one bridge, as the dialer's own events date it."""

    answered: dict[str, float] = field(default_factory=dict)
    took_ms: list[float] = field(default_factory=list)

    def watch(self, product: Product) -> None:
        """Hear every event before the product does."""
        take = product.floor.progress.on_event

        def heard(event: ExchangeEvent) -> None:
            match event:
                case CalleeAnswered(attempt_id=attempt):
                    self.answered[attempt] = time.monotonic()
                case CalleeJoined(attempt_id=attempt) if attempt in self.answered:
                    self.took_ms.append((time.monotonic() - self.answered.pop(attempt)) * 1000)
                case _:
                    pass
            take(event)

        product.floor.progress.on_event = heard  # type: ignore[method-assign]

    def p95(self) -> float:
        """Milliseconds."""
        return statistics.quantiles(self.took_ms, n=20)[-1] if len(self.took_ms) > 1 else float("nan")


async def dispose_at_once(product: Product) -> None:
    """Agents who need no wrap-up."""
    while True:
        for agent in product.floor.seats.all():
            if agent.place is Place.WRAPPING and agent.attempt_id is not None:
                await product.floor.desk.dispose(agent.user_id, agent.attempt_id, "handled", None)
        await asyncio.sleep(0.05)


async def seat(product: Product, places: range) -> None:
    """Machines take these seats."""
    for place in places:
        await product.seat_machine(place)


def still_open(tx: Tx) -> int:
    """Leads that are due now, or are being called."""
    return int(
        tx.sole(
            "SELECT COUNT(*) AS n FROM lead"
            " WHERE state IN ('claimed', 'dialing') OR (state = 'queued' AND due_us <= NOW_US)"
        ).n
    )


async def say_outcomes(product: Product) -> None:
    """How the attempts stand, so that a call that came to nothing is seen."""
    rows = await product.floor.core.store.read(
        lambda tx: tx.all(
            "SELECT state, outcome, sip_text, COUNT(*) AS n FROM attempt"
            " WHERE node <> 'before-installation' GROUP BY 1, 2, 3"
        )
    )
    print(
        "  " + " · ".join(f"{r.state} {r.outcome or ''} {r.sip_text or ''} {r.n}" for r in rows), flush=True
    )


async def idle_share(product: Product, seconds: float) -> float:
    """What the dialer uses of a core while nobody is called."""
    meter = Meter(product)
    meter.start()
    await asyncio.sleep(seconds)
    return meter.shares()["dialer"]


async def product_rate(product: Product, endings: list[int]) -> tuple[float, dict[str, float], float]:
    """Call all of them with the agents who sit; calls a second, CPU shares, and what one call adds to the dialer's CPU."""
    seen = len(journal(product))
    idle = await idle_share(product, 5.0)
    meter = Meter(product)
    await product.ask(endings)
    meter.start()
    async with asyncio.timeout(180):
        while await product.floor.core.store.read(still_open):  # noqa: ASYNC110 - the database is asked
            await asyncio.sleep(0.5)
    shares, seconds = meter.shares(), time.monotonic() - meter.began
    records = journal(product)[seen:]
    calls = sum(r.event == "INVITE" for r in records)
    print(f"  {calls} of {len(endings)} people were called", flush=True)
    await say_outcomes(product)
    return calls_a_second(records, calls), shares, (shares["dialer"] - idle) * seconds / calls


async def whole_legs(product: Product, attempts: list[str], seconds: float) -> int:
    """How many recorded legs of the callees grew by all that was said, but for the block that isn't written yet."""
    spool = product.stage.settings.folders.spool

    def sizes() -> list[int]:
        paths = (spool / f"{a}-callee.wav" for a in attempts)
        return [p.stat().st_size if p.exists() else 0 for p in paths]

    before, began = sizes(), time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    least = LEG_BYTES_A_SECOND * took - LEG_BLOCK_BYTES
    return sum(b - a >= least for a, b in zip(before, sizes(), strict=True))


# ---------------------------------------------------------------- the parts


@dataclass
class Figures:
    """What was found, and what was not good enough."""

    faults: list[str] = field(default_factory=list)

    def say(self, words: str, *, holds: bool = True) -> None:
        """A line; a fault when it doesn't hold."""
        print(words if holds else f"{words}  BELOW THE BAR", flush=True)
        if not holds:
            self.faults.append(words)


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    calls: int
    at_once: int
    bridged: int
    legs: int
    hold_seconds: float


FULL, SMALL = Size(300, 60, 60, 200, 40.0), Size(40, 10, 8, 20, 10.0)


async def demo_load(product: Product, size: Size, figures: Figures) -> None:
    """The demo's agents: from the moment a callee can be bridged (the notice of recording is said) to the bridge."""
    joins = Joins()
    joins.watch(product)
    await seat(product, range(1, DEMO_AGENTS + 1))
    rate, shares, _ = await product_rate(product, [100 * n + n % 50 for n in range(1, size.calls // 4 + 1)])
    figures.say(
        f"demo's load, {DEMO_AGENTS} agents, {rate:.1f} calls/s: callee to agent p50 "
        f"{statistics.median(joins.took_ms):.0f} ms, p95 {joins.p95():.0f} ms of {len(joins.took_ms)} ({said(shares)})",
        holds=joins.p95() < JOIN_MS_MAX,
    )


async def whole_rate(product: Product, size: Size) -> tuple[float, float, dict[str, float]]:
    """Calls a second with more agents than calls can be up."""
    await seat(product, range(DEMO_AGENTS + 1, size.at_once + 1))
    return_rate, shares, cpu = await product_rate(
        product, [2000 + n % 50 + 100 * (n // 50) for n in range(size.calls)]
    )
    return return_rate, cpu, shares


async def bridged(product: Product, size: Size, figures: Figures) -> None:
    """So many talks at once, each recorded, each with a seat."""
    await seat(product, range(size.at_once + 1, size.bridged + 1))
    await until(lambda: all(a.place is Place.READY for a in product.floor.seats.all()), 60)
    await product.ask([4000 + 50 + n % 50 + 100 * (n // 50) for n in range(size.bridged)])

    def talks() -> list[str]:
        return [a.attempt_id for a in product.floor.seats.all() if a.place is Place.TALKING and a.attempt_id]

    with suppress(TimeoutError):
        await until(lambda: len(talks()) == size.bridged, 60)
    await say_outcomes(product)
    await asyncio.sleep(1)
    meter = Meter(product)
    meter.start()
    whole = await whole_legs(product, talks(), size.hold_seconds)
    figures.say(
        f"{len(talks())} talks bridged and recorded, with seats and egress: {whole} legs whole over "
        f"{size.hold_seconds:.0f} s ({said(meter.shares())})",
        holds=whole == size.bridged,
    )
    for user in [UserId(a.user_id) for a in product.floor.seats.all()]:
        agent = product.floor.seats.of_user(user)
        if agent is not None and agent.attempt_id is not None:
            await product.floor.desk.hang_up(user, agent.attempt_id)
    await until(lambda: product.floor.lanes.open() == 0, 60)


async def recorded_legs(bare: Bare, size: Size, figures: Figures) -> None:
    """So many recorded legs without seats."""
    attempts = []
    for n in range(size.legs):
        attempts.append(bare.call(6000 + 50 + n % 50 + 100 * (n // 50), 600_000))
        await asyncio.sleep(1 / CALLS_A_SECOND)
    await asyncio.sleep(4)
    meter = Meter(bare.product)
    meter.start()
    whole = await whole_legs(bare.product, attempts, size.hold_seconds)
    figures.say(
        f"{size.legs} recorded legs without seats: {whole} whole over {size.hold_seconds:.0f} s "
        f"({said(meter.shares())})",
        holds=whole == size.legs,
    )
    for attempt in attempts:
        bare.line.act("Action: Hangup", f"Channel: {attempt}")


def bound_by(shares: dict[str, float]) -> str:
    """The process that uses most."""
    ours = {n: s for n, s in shares.items() if n in ("dialer", "gate", "signer", "witness")}
    most = max(shares, key=lambda name: shares[name])
    return (
        f"{most} uses most; ours together {sum(ours.values()):.0%}, all {sum(shares.values()):.0%} of a core"
    )


async def main() -> int:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    size = SMALL if parser.parse_args().small else FULL
    figures, home = Figures(), Path("/tmp") / f"xb{os.getpid()}"
    print(f"load before: {' '.join(f'{x:.1f}' for x in os.getloadavg())}, {os.cpu_count()} cores", flush=True)
    try:
        async with whole_product(
            home, frozenset(), CALLEES, headless=max(size.bridged, size.at_once)
        ) as product:
            disposing = asyncio.create_task(dispose_at_once(product))
            await demo_load(product, size, figures)
            rate, cpu, shares = await whole_rate(product, size)
            idle = await idle_share(product, 5.0)
            figures.say(f"whole product: {rate:.2f} calls/s with {size.at_once} agents ({said(shares)})")
            figures.say(f"bound by: {bound_by(shares)}")
            figures.say(
                f"the dialer's own CPU: idle {idle:.1%}, one call more {cpu * 1000:.1f} ms, so "
                f"{idle + cpu * CALLS_A_SECOND:.0%} of a core at {CALLS_A_SECOND} calls/s",
                holds=idle + cpu * CALLS_A_SECOND < CPU_SHARE_MAX,
            )
            await bridged(product, size, figures)
            disposing.cancel()
            await product.stop_ours()
            async with bare_loop(product) as bare:
                seen = len(journal(product))
                await bare.run([8000 + n % 50 + 100 * (n // 50) for n in range(size.calls)], size.at_once)
                bare_rate = calls_a_second(journal(product)[seen:], size.calls)
                figures.say(
                    f"bare loop of originates, {size.at_once} at once: {bare_rate:.2f} calls/s; "
                    f"ratio {rate / bare_rate:.2f}",
                    holds=rate / bare_rate >= RATIO_MIN,
                )
                await recorded_legs(bare, size, figures)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"load after: {' '.join(f'{x:.1f}' for x in os.getloadavg())}", flush=True)
    return 1 if figures.faults else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
