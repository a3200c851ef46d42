"""Calls to our numbers for supervisors and auditors. Whatever opens personal data in full is a leaf before it is answered."""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from dialer.domain.errors import SealBroken, VaultUnavailable
from dialer.domain.ids import InboundId, OrganisationId, UserId
from dialer.ports.audio import AudioVault, Sound
from dialer.ports.bundle import SealedRecording
from dialer.services.views.inbound import InboundPage, InboundView
from dialer.services.views.trail import PeaksView
from dialer.services.views.words import Declined, Sentence

_NO_SOUND: Final = Declined(
    "recording.none", Sentence("这次来电没有录音。", "There is no recording of this call.")
)
_UNREADABLE: Final = Declined(
    "recording.unreadable",
    Sentence("录音目前无法读取或已被改动。", "The recording can't be read now or was altered."),
)


class InboundPages(Protocol):
    """The database's part."""

    async def rows(self, org: OrganisationId, after: str | None) -> InboundPage: ...

    async def view(self, org: OrganisationId, inbound_id: InboundId) -> InboundView | None: ...

    async def recording(self, org: OrganisationId, inbound_id: InboundId) -> SealedRecording | None: ...


class InboundAccesses(Protocol):
    """Who looked at what, on the log first."""

    async def looked_at_caller(
        self, org: OrganisationId, user: UserId, inbound_id: InboundId, what: str
    ) -> bool: ...


@dataclass(frozen=True, slots=True)
class InboundTrail:
    """`InboundTrailService`."""

    pages: InboundPages
    accesses: InboundAccesses
    vault: AudioVault
    sound: Sound

    async def rows(self, org: OrganisationId, after: str | None) -> InboundPage:
        """Calls, newest first, numbers masked."""
        return await self.pages.rows(org, after)

    async def call(self, org: OrganisationId, user: UserId, inbound_id: InboundId) -> InboundView | None:
        """One call's page."""
        if not await self.accesses.looked_at_caller(org, user, inbound_id, "page"):
            return None
        return await self.pages.view(org, inbound_id)

    async def recording(
        self, org: OrganisationId, user: UserId, inbound_id: InboundId
    ) -> bytes | Declined | None:
        """A WAV of both legs."""
        flac = await self._flac(org, user, inbound_id, "recording")
        return await asyncio.to_thread(self.sound.wav, flac) if isinstance(flac, bytes) else flac

    async def peaks(
        self, org: OrganisationId, user: UserId, inbound_id: InboundId
    ) -> PeaksView | Declined | None:
        """The waveform."""
        flac = await self._flac(org, user, inbound_id, "peaks")
        if not isinstance(flac, bytes):
            return flac
        peaks = await asyncio.to_thread(self.sound.peaks, flac)
        return PeaksView(
            per_second=peaks.per_second, seconds=peaks.seconds, callee=peaks.callee, agent=peaks.agent
        )

    async def _flac(
        self, org: OrganisationId, user: UserId, inbound_id: InboundId, what: str
    ) -> bytes | Declined | None:
        if not await self.accesses.looked_at_caller(org, user, inbound_id, what):
            return None
        sealed = await self.pages.recording(org, inbound_id)
        if sealed is None:
            return _NO_SOUND
        try:
            return await self.vault.open(sealed.path, sealed.key, sealed.ct_sha256)
        except (SealBroken, VaultUnavailable):
            return _UNREADABLE
