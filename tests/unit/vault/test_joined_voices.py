"""What somebody who joined a talk said is in its recording, on the agent's side, where the callee heard it."""

from pathlib import Path

import numpy as np
import soundfile as sf

from dialer.domain.ids import AttemptId
from dialer.ports.audio import Gap
from dialer.vault.objects import LocalObjects
from dialer.vault.recordings import JOINED_GAP, RecordingVault, _interleave

A = AttemptId("b" * 32)
RATE_HZ = 8000
BEGAN_MS = 1_700_000_000_000


def _spool(root: Path, began: str | None) -> RecordingVault:
    spool = root / "spool"
    spool.mkdir()
    for leg, level in (("callee", 1000), ("agent", 30_000)):
        sf.write(spool / f"{A}-{leg}.wav", np.full(4 * RATE_HZ, level, dtype=np.int16), RATE_HZ)
    voice = np.full(RATE_HZ, 5000, dtype=np.int16)
    sf.write(spool / f"{A}-joined-{BEGAN_MS + 2500}.wav", voice, RATE_HZ)
    sf.write(spool / f"{A}-joined-{BEGAN_MS + 3500}.wav", voice, RATE_HZ)
    if began is not None:
        (spool / f"{A}-began").write_text(began)
    return RecordingVault(LocalObjects(root / "vault"), spool)


async def test_a_voice_is_mixed_into_the_agents_side_from_its_own_moment_on(tmp_path: Path) -> None:
    vault = _spool(tmp_path, f"{BEGAN_MS}\n")
    both, rate, gaps = _interleave(vault._legs(A), vault._joined(A), 0)
    assert (rate, gaps) == (RATE_HZ, ())
    assert set(both[:, 0]) == {1000}
    assert set(both[: 5 * RATE_HZ // 2, 1]) == {30_000}
    assert set(both[5 * RATE_HZ // 2 :, 1]) == {32_767}, "and loud voices don't turn over"
    assert len(both) == 4 * RATE_HZ, "what was said after the callee had gone is none of the talk"
    assert await vault.seal(A) is not None
    await vault.discard_spool(A)
    assert list((tmp_path / "spool").iterdir()) == []


async def test_a_voice_whose_moment_is_not_known_is_left_out_and_named(tmp_path: Path) -> None:
    sealed = await _spool(tmp_path, None).seal(A)
    assert sealed is not None
    assert sealed.gaps == (Gap(0, 4000, JOINED_GAP),)
