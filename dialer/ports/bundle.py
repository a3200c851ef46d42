"""What a bundle is gathered from."""

from dataclasses import dataclass, field
from typing import Protocol

from dialer.domain.ids import AttemptId, OrganisationId
from dialer.evidence.bundle import Parts


@dataclass(frozen=True, slots=True)
class SealedRecording:
    """Where a recording lies and the key that opens it."""

    path: str
    key: bytes = field(repr=False)
    ct_sha256: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """The parts of a bundle without the recording's sound, which the vault opens."""

    parts: Parts
    recording: SealedRecording | None


@dataclass(frozen=True, slots=True)
class NotYetSigned:
    """The newest cosigned checkpoint doesn't cover what happened: it will in a moment."""


class BundleParts(Protocol):
    """Gathers what a bundle holds, in one snapshot."""

    async def gather(
        self, org: OrganisationId, attempt_id: AttemptId, *, is_final_try: bool
    ) -> Gathered | NotYetSigned | None:
        """Under a cosigned checkpoint; on the final try a signed one will do. None: no such attempt there."""
        ...

    async def recording(self, org: OrganisationId, attempt_id: AttemptId) -> SealedRecording | None:
        """The recording alone; None: there is none."""
        ...
