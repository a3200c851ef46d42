"""`TrailService` from the real readers and the real access log; audio and bundles are what the test put there."""

from dataclasses import dataclass, field

from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.services.views.queries import AttemptFilter
from dialer.services.views.trail import (
    AttemptPage,
    AttemptView,
    CheckView,
    FiltersView,
    PeaksView,
    Revealed,
    VerifyView,
)
from dialer.services.views.words import Declined, Sentence
from dialer.storage.access import AccessLog
from dialer.storage.views_attempt import AttemptReader
from dialer.storage.views_trail import TrailReader

NO_AUDIO = Declined("recording.none", Sentence("没有录音。", "There is no recording."))


@dataclass
class StoredTrail:
    """Reads and logs for real."""

    reader: TrailReader
    attempts: AttemptReader
    access: AccessLog
    audio: dict[AttemptId, bytes] = field(default_factory=dict)

    async def search(
        self, org: OrganisationId, user: UserId, wanted: AttemptFilter
    ) -> AttemptPage | Declined:
        return await self.reader.search(org, wanted)

    async def filters(self, org: OrganisationId) -> FiltersView:
        return await self.reader.filters(org)

    async def attempt(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> AttemptView | None:
        if not await self.access.looked(org, user, attempt, "page"):
            return None
        return await self.attempts.view(org, attempt)

    async def recording(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> bytes | Declined | None:
        if not await self.access.looked(org, user, attempt, "recording"):
            return None
        return self.audio.get(attempt, NO_AUDIO)

    async def peaks(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> PeaksView | Declined | None:
        if not await self.access.looked(org, user, attempt, "peaks"):
            return None
        wav = self.audio.get(attempt)
        if wav is None:
            return NO_AUDIO
        return PeaksView(per_second=1, seconds=float(len(wav)), callee=tuple(b >> 1 for b in wav), agent=())

    async def bundle(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bytes | Declined | None:
        return b"PK" + attempt.encode() if await self.access.exported(org, user, attempt) else None

    async def redacted_bundle(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> bytes | Declined | None:
        return await self.bundle(org, user, attempt)

    async def trust(self) -> bytes:
        return b'{"v":1}'

    async def vcon(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bytes | Declined | None:
        return b'{"vcon": "0.4.0"}' if await self.access.exported(org, user, attempt) else None

    async def verify(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> VerifyView | Declined | None:
        if not await self.access.verified(org, user, attempt):
            return None
        check = CheckView("leaf", Sentence("叶子", "Leaves"), passed=True, detail=None)
        return VerifyView(passed=True, signer_pinned=False, took_ms=1, checks=(check,))

    async def reveal(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, reason: str
    ) -> Revealed | Declined | None:
        return await self.access.reveal(org, user, attempt, reason)
