"""Recordings: sealed, kept, and decoded for whoever may listen."""

from dataclasses import dataclass, field
from typing import Protocol

from dialer.domain.ids import AttemptId


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without sound kept, in milliseconds from the start of the recording."""

    from_ms: int
    to_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class SealedAudio:
    """A recording as the vault has it: FLAC, callee left and agent right, encrypted under `key`."""

    recording_id: str
    path: str
    key: bytes = field(repr=False)
    pcm_sha256: str
    flac_sha256: str
    ct_sha256: str
    ct_bytes: int
    frames: int
    rate_hz: int
    channels: int
    gaps: tuple[Gap, ...]


class AudioVault(Protocol):
    """Where recordings go. The spool holds them in the clear until they are sealed, and no longer."""

    async def seal(self, attempt_id: AttemptId) -> SealedAudio | None:
        """Encrypt what the exchange wrote for this attempt; None when it wrote nothing.

        Raises:
            VaultUnavailable: it could not be kept; the spool still has it.
        """
        ...

    async def waiting(self) -> tuple[AttemptId, ...]:
        """Attempts with clear sound in the spool, of calls that are up and of calls that are over."""
        ...

    async def discard_spool(self, attempt_id: AttemptId) -> None:
        """Unlink the clear files; only after the sealed recording is on the log."""
        ...

    async def open(self, path: str, key: bytes, ct_sha256: str) -> bytes:
        """The FLAC of a sealed recording.

        Raises:
            SealBroken: the ciphertext isn't what was sealed.
        """
        ...


class Recordings(Protocol):
    """What the database and the log keep of recordings."""

    async def sealed(self, attempt_id: AttemptId, audio: SealedAudio) -> None:
        """Keep a sealed recording with its leaf."""
        ...

    async def missing(self, attempt_id: AttemptId, why: str) -> None:
        """Keep that there is none, with its leaf."""
        ...

    async def has(self, attempt_id: AttemptId) -> bool:
        """Whether it is kept already what became of this attempt's sound."""
        ...


@dataclass(frozen=True, slots=True)
class Peaks:
    """Loudness of each leg, `per_second` values a second, each 0 … 127."""

    per_second: int
    seconds: float
    callee: tuple[int, ...]
    agent: tuple[int, ...]


class Sound(Protocol):
    """Decodes what the vault gives back."""

    def wav(self, flac: bytes) -> bytes:
        """A WAV with both legs, 16 bit."""
        ...

    def peaks(self, flac: bytes) -> Peaks:
        """Peaks for a waveform."""
        ...
