"""What stands behind calls to our numbers in the API's tests: a vault that opens what it was given, sound as bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from dialer.domain.errors import VaultUnavailable
from dialer.domain.ids import AttemptId
from dialer.ports.audio import Peaks, SealedAudio


@dataclass(slots=True)
class OpenVault:
    """`AudioVault`: path → sound. It never seals."""

    kept: dict[str, bytes] = field(default_factory=dict)

    async def seal(self, attempt_id: AttemptId) -> SealedAudio | None:
        del attempt_id
        return None

    async def waiting(self) -> tuple[AttemptId, ...]:
        return ()

    async def discard_spool(self, attempt_id: AttemptId) -> None:
        del attempt_id

    async def open(self, path: str, key: bytes, ct_sha256: str) -> bytes:
        del key, ct_sha256
        if path not in self.kept:
            raise VaultUnavailable("no such file")
        return self.kept[path]


class Bytes:
    """`Sound`: the WAV of bytes is the bytes."""

    def wav(self, flac: bytes) -> bytes:
        return flac

    def peaks(self, flac: bytes) -> Peaks:
        return Peaks(per_second=1, seconds=float(len(flac)), callee=tuple(b >> 1 for b in flac), agent=())
