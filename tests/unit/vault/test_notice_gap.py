"""A recording that begins after the notice of recording names what is missing from the answer on."""

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from dialer.domain.errors import VaultUnavailable
from dialer.domain.ids import AttemptId
from dialer.ports.audio import Gap
from dialer.vault.objects import LocalObjects
from dialer.vault.recordings import NOTICE_GAP, RecordingVault

A = AttemptId("a" * 32)
RATE_HZ = 8000


def vault_with(root: Path, callee_seconds: float, agent_seconds: float) -> RecordingVault:
    """A vault whose spool holds both legs."""
    spool = root / "spool"
    spool.mkdir()
    for leg, seconds in (("callee", callee_seconds), ("agent", agent_seconds)):
        sound = np.full(int(seconds * RATE_HZ), 1000, dtype=np.int16)
        sf.write(spool / f"{A}-{leg}.wav", sound, RATE_HZ, subtype="PCM_16")
    return RecordingVault(LocalObjects(root / "vault"), spool)


async def test_what_was_not_recorded_is_a_named_gap_from_the_answer_on(tmp_path: Path) -> None:
    vault = vault_with(tmp_path, 2.0, 1.5)
    (tmp_path / "spool" / f"{A}-unrecorded").write_text("2500\n")
    sealed = await vault.seal(A)
    assert sealed is not None
    assert sealed.gaps == (Gap(0, 2500, NOTICE_GAP), Gap(4000, 4500, "no sound of the agent was kept"))
    assert sealed.frames == int(4.5 * RATE_HZ)


async def test_without_a_note_the_recording_begins_with_the_answer(tmp_path: Path) -> None:
    sealed = await vault_with(tmp_path, 2.0, 2.0).seal(A)
    assert sealed is not None
    assert (sealed.gaps, sealed.frames) == ((), 2 * RATE_HZ)


@pytest.mark.parametrize("text", ["", "soon", "-5", "99999999"])
async def test_a_note_that_can_not_be_read_keeps_the_spool_and_seals_nothing(
    tmp_path: Path, text: str
) -> None:
    vault = vault_with(tmp_path, 1.0, 1.0)
    note = tmp_path / "spool" / f"{A}-unrecorded"
    note.write_text(text)
    with pytest.raises(VaultUnavailable):
        await vault.seal(A)
    assert list((tmp_path / "vault").rglob("*.bin")) == []
    note.write_text("100")
    assert await vault.seal(A) is not None, "control"
