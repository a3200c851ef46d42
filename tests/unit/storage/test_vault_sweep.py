"""The daily sweep of the vault: what is gone, shortened or swapped is found and stops dialling; a clean vault is quiet."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from dialer.domain.errors import VaultUnavailable
from dialer.ports.ledger import Refused
from dialer.services.vault_sweep import DAYS_TO_READ_ALL, VaultSweep
from dialer.storage.checks import StoredChecks
from dialer.storage.times import moment
from dialer.testing.clock import HandWoundClock
from dialer.vault.objects import LocalObjects
from dialer.vault.sweep import SweptVault
from tests.unit.storage.proof_world import ProofWorld


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ProofWorld]:
    opened = ProofWorld(tmp_path)
    yield opened
    opened.close()


def sweep_of(world: ProofWorld) -> tuple[VaultSweep, HandWoundClock]:
    clock = HandWoundClock(moment(world.core.now_us()))
    vault = SweptVault(LocalObjects(world.home / "vault"))
    return VaultSweep(StoredChecks(world.core.store, world.core.log), vault, clock), clock


def stops(world: ProofWorld) -> list[str]:
    return [r.code for r in world.core.all("SELECT code FROM dialling_stop WHERE lifted_us IS NULL")]


async def test_a_clean_vault_is_quiet_on_every_day(world: ProofWorld) -> None:
    for ending in range(3):
        await world.talked(ending)
    sweep, clock = sweep_of(world)
    for _ in range(DAYS_TO_READ_ALL):
        assert await sweep.run() == 0
        clock.advance(timedelta(days=1).total_seconds())
    assert stops(world) == []
    kept = world.core.one("SELECT * FROM check_run WHERE kind = 'vault'")
    assert (kept.looked_at, kept.findings) == (3, 0)


@pytest.mark.parametrize("harm", ["gone", "cut"])
async def test_what_is_gone_or_cut_is_found_the_same_day_and_stops_dialling(
    world: ProofWorld, harm: str
) -> None:
    await world.talked(1)
    await world.talked(2)
    file = sorted((world.home / "vault").glob("*/*.bin"))[0]
    file.unlink() if harm == "gone" else file.write_bytes(file.read_bytes()[:-1])
    sweep, _ = sweep_of(world)
    assert await sweep.run() == 1
    assert await sweep.run() == 1
    assert stops(world) == ["vault.altered"], "one incident a recording"
    answer = await world.core.ledger.authorise(await world.core.claim(await world.core.lead(5)))
    assert isinstance(answer, Refused)


async def test_a_swapped_file_of_the_same_length_is_found_within_the_days_of_a_round(
    world: ProofWorld,
) -> None:
    await world.talked(1)
    (file,) = (world.home / "vault").glob("*/*.bin")
    file.write_bytes(os.urandom(file.stat().st_size))
    sweep, clock = sweep_of(world)
    found = []
    for _ in range(DAYS_TO_READ_ALL):
        found.append(await sweep.run())
        clock.advance(timedelta(days=1).total_seconds())
    assert sum(found) == 1


async def test_a_vault_that_is_away_concludes_nothing(world: ProofWorld) -> None:
    await world.talked(1)
    sweep, _ = sweep_of(world)

    class Away(SweptVault):
        def fault_of(self, path: str, size_bytes: int) -> str | None:
            raise VaultUnavailable("away")

    away = VaultSweep(sweep.store, Away(LocalObjects(world.home)), sweep.clock)
    with pytest.raises(VaultUnavailable):
        await away.run()
    assert stops(world) == []
    assert world.core.all("SELECT kind FROM check_run") == []
