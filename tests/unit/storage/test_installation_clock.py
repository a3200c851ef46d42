"""The clock that hours are judged by: steps of it, its slews, and a probe that didn't come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.compliance.facts import Unknown
from dialer.demo.sample_organisation import DEMO_INSTANT
from dialer.storage import store as store_room
from dialer.storage.clock import PROBE_LATE_SECONDS, InstallationClock
from dialer.storage.store import Store
from tests.unit.services.floor_doors import connection_on
from tests.unit.services.floor_stage import DAY_SECONDS, EPOCH_JULIAN
from tests.unit.storage.storage_world import fresh_sqlite

HOUR_MS = 3_600_000


@dataclass
class Machine:
    """A machine's two clocks; the database reads the one that can be set."""

    steady: float = 1000.0
    wall: float = DEMO_INSTANT.timestamp()

    def pass_time(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def store(tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    on_wall = connection_on(lambda: machine.wall / DAY_SECONDS + EPOCH_JULIAN)
    monkeypatch.setattr(store_room, "_Connection", on_wall)
    store = Store(fresh_sqlite(tmp_path))
    asyncio.run(store.write(lambda tx: tx.run("UPDATE clock_offset SET offset_us = 0")))
    yield store
    store.close()


def clock_of(store: Store, machine: Machine) -> InstallationClock:
    return InstallationClock(store, lambda: machine.wall, lambda: machine.steady)


async def test_a_clock_that_nobody_sets_is_right(store: Store, machine: Machine) -> None:
    clock = clock_of(store, machine)
    assert isinstance(clock.error_ms(), Unknown)
    await clock.probe()
    machine.pass_time(20.0)
    assert clock.error_ms() == 0
    assert clock.now() == DEMO_INSTANT + timedelta(seconds=20)


@pytest.mark.parametrize("hour", [3600.0, -3600.0])
async def test_a_step_of_an_hour_is_known_at_once_and_doubted_until_it_is_stepped_back(
    store: Store, machine: Machine, hour: float
) -> None:
    clock = clock_of(store, machine)
    await clock.probe()
    machine.wall += hour
    assert clock.error_ms() == HOUR_MS
    for _ in range(100):
        machine.pass_time(5.0)
        await clock.probe()
    assert clock.error_ms() == HOUR_MS
    machine.wall -= hour
    assert clock.error_ms() == 0


async def test_a_process_that_starts_after_the_step_takes_the_new_time(
    store: Store, machine: Machine
) -> None:
    machine.wall += 3600
    clock = clock_of(store, machine)
    await clock.probe()
    assert clock.error_ms() == 0


async def test_a_clock_that_is_slewed_is_followed(store: Store, machine: Machine) -> None:
    clock = clock_of(store, machine)
    for _ in range(1000):
        await clock.probe()
        machine.pass_time(5.0)
        machine.wall += 0.0025  # 500 parts in a million, the most that a kernel slews by
    assert clock.error_ms() in range(10)


async def test_a_probe_that_did_not_come_leaves_the_clock_unknown(store: Store, machine: Machine) -> None:
    clock = clock_of(store, machine)
    await clock.probe()
    machine.pass_time(PROBE_LATE_SECONDS + 1)
    assert isinstance(clock.error_ms(), Unknown)
    await clock.probe()
    assert clock.error_ms() == 0
