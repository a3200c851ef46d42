"""kill -9 of the dialer while a call rings, and the permit gate gone: nothing is dialled twice, nothing without a yes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from dialer.demo.carrier import CarrierRecord, read_journal
from dialer.demo.outcome import is_over
from dialer.demo.processes import ONCE, wait_for_port, wait_for_socket
from dialer.demo.run import Demo
from dialer.demo.sample_leads import number_of
from dialer.demo.stage import Stage, prepare
from dialer.demo.trio import Trio
from dialer.processes.core import Core, open_core
from dialer.signing.doors import Door, SignerDoor
from dialer.telephony.install import ensure_asterisk

pytestmark = pytest.mark.asterisk
FINAL = {"sealed", "refused", "failed", "cancelled", "lapsed", "ended_unknown"}


@asynccontextmanager
async def floor(
    home: Path, endings: frozenset[int], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Demo, Core]]:
    """The demo's processes with a few leads."""
    monkeypatch.setenv(ONCE, "1")
    ensure_asterisk()
    stage = await prepare(home, 0, print, endings)
    demo = Demo(stage, print)
    door = Door(stage.settings.socket("signer"))
    try:
        await demo.start()
        core = open_core(stage.settings, SignerDoor(door))
        try:
            yield demo, core
        finally:
            core.store.close()
    finally:
        await demo.stop()
        await door.close()


class Running(Protocol):
    """Three Asterisks and our processes, on their stage: the demo, or a story's product."""

    @property
    def stage(self) -> Stage:
        """What was prepared."""
        ...

    @property
    def trio(self) -> Trio:
        """The Asterisks."""
        ...


def journal(demo: Running) -> list[CarrierRecord]:
    return read_journal(demo.trio.carrier_settings.journal)


def invites(demo: Demo) -> Counter[str]:
    return Counter(r.number for r in journal(demo) if r.event == "INVITE")


async def until(holds: Callable[[], bool], seconds_max: float) -> None:
    deadline = asyncio.get_running_loop().time() + seconds_max
    while not holds():
        assert asyncio.get_running_loop().time() < deadline, "waited too long"
        await asyncio.sleep(0.02)


async def until_over(core: Core, seconds_max: float) -> None:
    deadline = asyncio.get_running_loop().time() + seconds_max
    while not await core.store.read(is_over):
        assert asyncio.get_running_loop().time() < deadline, "waited too long"
        await asyncio.sleep(0.2)


async def test_a_dialer_killed_while_a_phone_rings_dials_nobody_twice_and_accounts_for_every_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path("/tmp") / f"xk{tmp_path.stat().st_ino % 1_000_000}"
    endings = frozenset({0, 1, 30, 70})
    async with floor(home, endings, monkeypatch) as (demo, core):
        ringing = number_of(30)
        await until(lambda: any(r.event == "180" and r.number == ringing for r in journal(demo)), 40)
        await demo.children["dialer"].kill()
        await asyncio.sleep(1.0)
        await demo.children["dialer"].start()
        await wait_for_port(demo.children["dialer"], demo.stage.ports.web)
        await until_over(core, 120)
        seen = invites(demo)
        assert seen == Counter({number_of(e): 1 for e in endings})
        rows = await core.store.read(
            lambda tx: tx.all(
                "SELECT id, state FROM attempt WHERE node <> 'before-installation' AND state <> 'refused'"
            )
        )
        assert len(rows) == len(endings)
        assert {r.state for r in rows} <= FINAL
        leaves = await core.store.read(
            lambda tx: {
                r.attempt_id
                for r in tx.all("SELECT DISTINCT attempt_id FROM leaf WHERE type LIKE 'attempt.%'")
            }
        )
        assert {r.id for r in rows} <= leaves


async def test_with_the_gate_stopped_the_carrier_sees_no_invite_and_with_it_running_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path("/tmp") / f"xg{tmp_path.stat().st_ino % 1_000_000}"
    endings = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 20, 21})
    async with floor(home, endings, monkeypatch) as (demo, core):
        await until(lambda: sum(invites(demo).values()) >= 1, 30)
        await demo.children["gate"].stop()
        await asyncio.sleep(1.5)  # whatever had its yes already rings by now
        before = sum(invites(demo).values())
        assert before < len(endings)
        await asyncio.sleep(6.0)
        assert sum(invites(demo).values()) == before
        await demo.children["gate"].start()
        await wait_for_socket(demo.children["gate"], demo.stage.settings.socket("gate"))
        await until(lambda: sum(invites(demo).values()) > before, 40)
        await until_over(core, 60)
        assert invites(demo) == Counter({number_of(e): 1 for e in endings})
