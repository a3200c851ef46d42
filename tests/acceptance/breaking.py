"""What breaks under a running product, and what must hold then. Small in the tests, at full size in `bench/soak.py`."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from dialer.calls.attempt import FINAL
from dialer.demo.carrier import CarrierRecord, read_journal
from dialer.services.seats import Place
from dialer.storage.sql import Tx
from dialer.telephony.carrier_behaviour import Behaviour, parse_step
from tests.acceptance.whole_product import CALLEE_HZ, Product, until

BUSY_OR_LONG = (
    Behaviour("[0-4]X", tuple(map(parse_step, ("refuse 486",)))),
    Behaviour("[5-9]X", tuple(map(parse_step, ("answer", f"tone {CALLEE_HZ} 600000")))),
)
"""Endings below 50 are busy; the others answer and stay until we hang up."""
STOP_SECONDS_MAX = 2.0
AWAY_SECONDS = 5.0
BACK_SECONDS_MAX = 15.0
NOT_SHORT_SECONDS = 8.0
"""A number half of whose talks are shorter than six seconds is stopped, lawfully, and nothing would start again."""

Away = Callable[[Product], AbstractAsyncContextManager[None]]


def journal(product: Product) -> list[CarrierRecord]:
    """What the carrier saw."""
    return read_journal(product.trio.carrier_settings.journal)


def invites(product: Product) -> Counter[str]:
    """INVITEs by number."""
    return Counter(r.number for r in journal(product) if r.event == "INVITE")


def unaccounted(tx: Tx) -> list[str]:
    """Attempts that are not over, or have no leaf of their end."""
    rows = tx.all(
        "SELECT a.id, a.state, (SELECT COUNT(*) FROM leaf l WHERE l.attempt_id = a.id"
        " AND l.type = 'attempt.' || a.state) AS leaves FROM attempt a WHERE a.node <> 'before-installation'"
    )
    return [
        f"{r.state} with {r.leaves} leaves"
        for r in rows
        if r.state not in {str(s) for s in FINAL} or not r.leaves
    ]


async def until_accounted(product: Product, seconds_max: float) -> list[str]:
    """Wait until every attempt is over and on the log; what isn't by then."""
    deadline = asyncio.get_running_loop().time() + seconds_max
    while True:
        left = await product.floor.core.store.read(unaccounted)
        if not left or asyncio.get_running_loop().time() > deadline:
            return left
        await asyncio.sleep(0.2)


async def dispose_at_once(product: Product) -> None:
    """Agents who need no wrap-up, and whose phones are called again when they are lost."""
    while True:
        for agent in product.floor.seats.all():
            if agent.place is Place.WRAPPING and agent.attempt_id is not None:
                await product.floor.desk.dispose(agent.user_id, agent.attempt_id, "handled", None)
            elif agent.place is Place.OFFLINE and product.floor.exchange.is_up():
                await product.floor.desk.ready(agent.user_id)
        await asyncio.sleep(0.2)


async def restart_the_exchange_under_calls(product: Product, first: int, calls: int) -> list[str]:
    """Kill the dialer's Asterisk while so many talk: each call is accounted for, nobody is called again, work goes on."""
    await product.ask(first + 50 + n % 50 + 100 * (n // 50) for n in range(calls))

    def talks() -> int:
        return sum(a.place is Place.TALKING for a in product.floor.seats.all())

    with suppress(TimeoutError):  # a machine that does other work places fewer at once: they are counted
        await until(lambda: talks() == calls, 90)
    await asyncio.sleep(NOT_SHORT_SECONDS)
    up = talks()
    before = invites(product)
    await product.trio.pbx.kill()
    await asyncio.sleep(1.0)
    await product.trio.pbx.start()
    faults = await until_accounted(product, 90)
    if invites(product) != before:
        faults.append("somebody was called again")
    if up < calls / 2:
        faults.append(f"only {up} of {calls} talks were up")
    await until(lambda: any(a.place is Place.READY for a in product.floor.seats.all()), 90)
    await product.ask([first + 10_00 + 1])
    await until(lambda: sum(invites(product).values()) == sum(before.values()) + 1, 60)
    print(f"exchange killed under {up} talks: {len(faults)} unaccounted, nobody called again, work goes on")
    return faults


@asynccontextmanager
async def no_vault(product: Product) -> AsyncIterator[None]:
    """The recordings' folder is gone, as with a disk that went away or is full."""
    vault = product.stage.settings.folders.vault
    aside = vault.with_name("aside")
    vault.rename(aside)
    vault.write_text("not a folder")
    try:
        yield
    finally:
        vault.unlink()
        aside.rename(vault)


@asynccontextmanager
async def no_database(product: Product) -> AsyncIterator[None]:
    """Another process sits on the database: nothing can be written."""
    held = sqlite3.connect(product.stage.settings.database.removeprefix("sqlite:///"), isolation_level=None)
    held.execute("PRAGMA busy_timeout = 10000")
    held.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        held.execute("ROLLBACK")
        held.close()


async def take_away_while_dialling(
    product: Product, what: str, away: Away, first: int, people: int
) -> list[str]:
    """Call busy people one after the other, take something away: dialling stops, and starts again by itself."""
    began = len(journal(product))
    await product.ask(first + n % 50 + 100 * (n // 50) for n in range(people))
    await until(lambda: len(journal(product)) >= began + 8, 30)
    loop = asyncio.get_running_loop()
    async with away(product):
        gone = loop.time()
        await asyncio.sleep(STOP_SECONDS_MAX)
        stopped = sum(invites(product).values())
        await asyncio.sleep(AWAY_SECONDS - STOP_SECONDS_MAX)
        after = sum(invites(product).values())
        lasted = loop.time() - gone
    faults = (
        [f"{what}: {after - stopped} calls later than {STOP_SECONDS_MAX:.0f} s"] if after > stopped else []
    )
    back = loop.time()
    if after - began // 2 >= people:
        faults.append(f"{what}: everybody had been called before it was away")
    try:
        await until(lambda: sum(invites(product).values()) > after, BACK_SECONDS_MAX)
    except TimeoutError:
        faults.append(f"{what}: dialling did not start again")
    took = loop.time() - back
    faults += await until_accounted(product, 60)
    if any(count > 1 for count in invites(product).values()):
        faults.append(f"{what}: somebody was called twice")
    print(
        f"{what} away for {lasted:.1f} s: stopped at {stopped}, {after - stopped} calls after 2 s, back in {took:.1f} s"
    )
    return faults
