"""Recordings: from the exchange's clear mono files to one encrypted FLAC, callee left, agent (and who joined) right.

The PCM frames and the ciphertext are hashed (a WAV's header is patched at close, so its file hash proves nothing while
it is written). Written as temp, fsync, rename, fsync of the folder; the clear files go only when the leaf is committed.
"""

import asyncio
import hashlib
import io
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from dialer.compliance.facts import VaultState
from dialer.domain.errors import SealBroken, VaultUnavailable
from dialer.domain.ids import AttemptId
from dialer.ports.audio import Gap, SealedAudio
from dialer.vault.objects import Objects, folder_state
from dialer.vault.stream import close_stream, open_stream

LEGS: Final = ("callee", "agent")
UNRECORDED_MS_MAX: Final = 600_000
NOTICE_GAP: Final = "recording began after the notice of recording"
JOINED_GAP: Final = "somebody joined, and when is not known"
KEY_BYTES: Final = 32
WAV_HEADER_BYTES: Final = 44


RegionOf = Callable[[AttemptId], Awaitable[str]]
"""The region in which an attempt's organisation keeps its data."""


async def one_region(attempt_id: AttemptId) -> str:
    """`RegionOf` where there is one place for all."""
    del attempt_id
    return ""


class RecordingVault:
    """`ports.AudioVault` on objects; `spool` is where the exchange writes."""

    def __init__(self, objects: Objects, spool: Path, region_of: RegionOf = one_region) -> None:
        self.objects = objects
        self._spool = spool
        self._region_of = region_of

    def state(self, region: str) -> VaultState:
        """Whether a recording made now would be kept: the region's store and the spool take it."""
        spool = folder_state(self._spool)
        return self.objects.state(region) if spool is VaultState.WRITABLE else spool

    async def seal(self, attempt_id: AttemptId) -> SealedAudio | None:
        region = await self._region_of(attempt_id)
        return await asyncio.to_thread(self._seal, attempt_id, region)

    async def discard_spool(self, attempt_id: AttemptId) -> None:
        await asyncio.to_thread(self._discard, attempt_id)

    async def open(self, path: str, key: bytes, ct_sha256: str) -> bytes:
        return await asyncio.to_thread(self._open, path, key, ct_sha256)

    async def waiting(self) -> tuple[AttemptId, ...]:
        return await asyncio.to_thread(self._waiting)

    def _waiting(self) -> tuple[AttemptId, ...]:
        return tuple(
            sorted({AttemptId(p.name.split("-", 1)[0].split(".", 1)[0]) for p in self._spool.glob("*.wav")})
        )

    def _legs(self, attempt_id: AttemptId) -> list[Path]:
        return [self._spool / f"{attempt_id}-{leg}.wav" for leg in LEGS]

    def _seal(self, attempt_id: AttemptId, region: str) -> SealedAudio | None:
        present = [p for p in self._legs(attempt_id) if p.exists()]
        if not present:
            return None
        try:
            joined = self._joined(attempt_id)
            sound, rate, gaps = _interleave(self._legs(attempt_id), joined, self._unrecorded_ms(attempt_id))
            pcm = hashlib.sha256(sound.tobytes()).hexdigest()
            buffer = io.BytesIO()
            sf.write(buffer, sound, rate, format="FLAC", subtype="PCM_16")
            flac = buffer.getvalue()
            key = secrets.token_bytes(KEY_BYTES)
            ciphertext = close_stream(key, flac)
            recording_id = secrets.token_hex(16)
            path = self.objects.put(region, f"{recording_id}.bin", ciphertext)
        except (OSError, RuntimeError) as failure:
            raise VaultUnavailable("a recording could not be kept") from failure
        return SealedAudio(
            recording_id=recording_id,
            path=path,
            key=key,
            pcm_sha256=pcm,
            flac_sha256=hashlib.sha256(flac).hexdigest(),
            ct_sha256=hashlib.sha256(ciphertext).hexdigest(),
            ct_bytes=len(ciphertext),
            frames=int(sound.shape[0]),
            rate_hz=rate,
            channels=2,
            gaps=gaps,
        )

    def _discard(self, attempt_id: AttemptId) -> None:
        mixed = self._spool / f"{attempt_id}.wav"
        notes = (self._spool / f"{attempt_id}-unrecorded", self._spool / f"{attempt_id}-began")
        for path in (*self._legs(attempt_id), *self._voices(attempt_id), mixed, *notes):
            path.unlink(missing_ok=True)

    def _voices(self, attempt_id: AttemptId) -> list[Path]:
        return sorted(self._spool.glob(f"{attempt_id}-joined-*.wav"))

    def _joined(self, attempt_id: AttemptId) -> list[tuple[Path, int | None]]:
        """What people who joined the talk said, each with its milliseconds after the recording's first sample."""
        began = self._spool / f"{attempt_id}-began"
        text = began.read_text(encoding="ascii", errors="replace").strip() if began.exists() else ""
        found: list[tuple[Path, int | None]] = []
        for path in self._voices(attempt_id):
            at = path.stem.rpartition("-")[2]
            known = at.isdecimal() and text.isdecimal() and int(at) >= int(text)
            found.append((path, int(at) - int(text) if known else None))
        return found

    def _unrecorded_ms(self, attempt_id: AttemptId) -> int:
        """How long after the answer the sound begins, as the exchange wrote it down; 0 where it began with it."""
        path = self._spool / f"{attempt_id}-unrecorded"
        if not path.exists():
            return 0
        text = path.read_text(encoding="ascii", errors="replace").strip()
        if not text.isdecimal() or int(text) > UNRECORDED_MS_MAX:
            raise VaultUnavailable("the exchange's note beside a recording can't be read")
        return int(text)

    def _open(self, path: str, key: bytes, ct_sha256: str) -> bytes:
        ciphertext = b"".join(self.objects.pieces(path))
        if hashlib.sha256(ciphertext).hexdigest() != ct_sha256:
            raise SealBroken("a recording's ciphertext isn't what was sealed")
        return open_stream(key, ciphertext)


def _interleave(
    legs: list[Path], joined: list[tuple[Path, int | None]], unrecorded_ms: int
) -> tuple[NDArray[np.int16], int, tuple[Gap, ...]]:
    """Both legs as frames × 2 from the answer on; what is shorter, missing or not recorded is silence, and named.

    `joined` voices are mixed into the agent's side, where the callee heard them.
    """
    sounds: list[NDArray[np.int16]] = []
    rate = 8000
    for path in legs:
        if path.exists() and path.stat().st_size > WAV_HEADER_BYTES:
            sound, rate = sf.read(path, dtype="int16", always_2d=False)
            sounds.append(sound)
        else:
            sounds.append(np.zeros(0, dtype=np.int16))
    frames = max(len(s) for s in sounds)
    gaps = tuple(
        Gap(from_ms=len(s) * 1000 // rate, to_ms=frames * 1000 // rate, why=f"no sound of the {leg} was kept")
        for leg, s in zip(LEGS, sounds, strict=True)
        if len(s) < frames
    )
    lead = unrecorded_ms * rate // 1000
    both = np.zeros((lead + frames, 2), dtype=np.int16)
    for column, sound in enumerate(sounds):
        both[lead : lead + len(sound), column] = sound
    gaps += _mix_in(both[lead:, 1], joined, rate)
    if lead == 0:
        return both, rate, gaps
    late = (Gap(g.from_ms + unrecorded_ms, g.to_ms + unrecorded_ms, g.why) for g in gaps)
    return both, rate, (Gap(0, unrecorded_ms, NOTICE_GAP), *late)


def _mix_in(side: NDArray[np.int16], joined: list[tuple[Path, int | None]], rate: int) -> tuple[Gap, ...]:
    """Add each voice where it was heard; one whose place is not known is left out, and that is a gap."""
    lost: tuple[Gap, ...] = ()
    for path, at_ms in joined:
        if path.stat().st_size <= WAV_HEADER_BYTES:
            continue
        if at_ms is None:
            lost = (Gap(0, len(side) * 1000 // rate, JOINED_GAP),)
            continue
        voice, _ = sf.read(path, dtype="int16", always_2d=False)
        place = side[at_ms * rate // 1000 :]
        heard = voice[: len(place)].astype(np.int32) + place[: len(voice)]
        place[: len(heard)] = np.clip(heard, -32768, 32767).astype(np.int16)
    return lost
