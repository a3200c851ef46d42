"""Sound that a crash or a full vault left in the clear is sealed later, once, and never that of a call which is still up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from dialer.domain.errors import VaultUnavailable
from dialer.domain.ids import AttemptId
from dialer.ports.audio import SealedAudio
from dialer.services.leftover_sound import LeftoverSound
from dialer.storage.recordings import StoredRecordings
from dialer.testing.callees import Answer, Ring, Talk
from dialer.vault.objects import LocalObjects
from dialer.vault.recordings import RecordingVault
from tests.unit.services.floor_stage import MACHINES, FloorStage, play


def _spoken(spool: Path, attempt: AttemptId) -> None:
    for leg in ("callee", "agent"):
        sf.write(spool / f"{attempt}-{leg}.wav", np.full(8000, 500, dtype=np.int16), 8000)


def _leftover(floor: FloorStage, vault: RecordingVault) -> LeftoverSound:
    recordings = StoredRecordings(floor.world.store, floor.world.log, floor.world.keys)
    return LeftoverSound(floor.world.calls, vault, recordings, floor.lanes.has)


async def _vault_is_full(attempt_id: AttemptId) -> SealedAudio | None:
    del attempt_id
    raise VaultUnavailable("no room")


def test_what_a_full_vault_left_is_sealed_when_there_is_room_and_the_clear_files_go(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        spool = tmp_path / "spool"
        spool.mkdir()
        vault = RecordingVault(LocalObjects(tmp_path / "vault"), spool)
        floor.vault.seal = _vault_is_full  # type: ignore[method-assign]
        floor.sim._scripts = lambda number: (Ring(1.0), Answer(), Talk(20.0))
        await floor.man(MACHINES[0])
        attempt = await floor.call(await floor.world.lead(1))
        _spoken(spool, attempt)
        _spoken(spool, AttemptId("f" * 32))  # nobody's: left for a person
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
        leftover = _leftover(floor, vault)
        assert await leftover.seal() == 0, "the call is up"
        await floor.until(lambda: floor.world.attempt(attempt).state == "sealed")
        await floor.until(lambda: not floor.lanes.has(attempt))
        assert floor.world.all("SELECT state FROM recording") == []
        assert await leftover.seal() == 1
        assert [r.state for r in floor.world.all("SELECT state FROM recording")] == ["sealed"]
        assert [p.name[:1] for p in spool.iterdir()] == ["f", "f"]
        _spoken(spool, attempt)
        assert await leftover.seal() == 1, "sealed already: only the clear files go"
        assert len(list((tmp_path / "vault").rglob("*.bin"))) == 1

    play(tmp_path, story)


def test_a_vault_that_is_still_full_keeps_the_clear_files(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        spool = tmp_path / "spool"
        spool.mkdir()
        vault = RecordingVault(LocalObjects(tmp_path / "vault"), spool)
        floor.sim._scripts = lambda number: (Ring(1.0),)
        await floor.man(MACHINES[0])
        attempt = await floor.call(await floor.world.lead(1))
        await floor.until(lambda: floor.world.attempt(attempt).state == "failed")
        await floor.until(lambda: not floor.lanes.has(attempt))
        _spoken(spool, attempt)
        (tmp_path / "vault").write_text("not a folder")
        with pytest.raises(VaultUnavailable):
            await _leftover(floor, vault).seal()
        assert len(list(spool.iterdir())) == 2

    play(tmp_path, story)
