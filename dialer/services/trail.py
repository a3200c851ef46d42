"""The auditor's verbs. Whatever opens personal data in full is a leaf of the log before it is answered."""

import asyncio
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, Protocol

from dialer.domain.errors import SealBroken, VaultUnavailable
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.evidence.bundle import WITHHELD, build_bundle, redacted
from dialer.evidence.case import Outcome
from dialer.evidence.checkpoint import Sign
from dialer.evidence.checks import verify_bundle
from dialer.evidence.dossier import told_of
from dialer.evidence.manifest import Missing
from dialer.evidence.sound import sound_decoder
from dialer.evidence.steps import CheckResult
from dialer.evidence.trust import KeyUse, Trust, TrustedKey
from dialer.evidence.vcon import vcon_of_bundle
from dialer.evidence.wording import in_chinese
from dialer.ports.audio import AudioVault, Sound
from dialer.ports.bundle import BundleParts, Gathered, NotYetSigned
from dialer.ports.signatures import Signer
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

SHOWN_IN_REDACTED: Final = frozenset(
    (
        "policy.packs",
        "law",
        "outcome",
        "decided_at",
        "objections",
        "lawful_from",
        "purpose",
        "given_at",
        "origin",
        "source",
        "text_version",
        "scope",
        "at",
        "dial_status",
        "sip",
        "uid",
        "why",
        "kept_until",
        "payloads",
        "recordings",
    )
)
"""What a redacted bundle shows: the decision, its law and how it ended; nothing of who, nor their words or voice.

A list of what is shown, so that a disclosure that nobody thought of is withheld. Rules and terms are not in it: their inputs may say
where somebody lives or how old they are; reasons are not, for people write them.
"""
SIGNATURE_WAIT_SECONDS: Final = 5.0
SIGN_SECONDS_MAX: Final = 5.0
_NOT_YET = Declined(
    "proof.not_signed_yet",
    Sentence("证据链正在签署，请几秒后再试。", "The log's head is being signed; try again in a few seconds."),
)
_NO_SOUND = Declined(
    "recording.none", Sentence("这次呼叫没有录音。", "There is no recording of this attempt.")
)
_UNREADABLE = Declined(
    "recording.unreadable",
    Sentence("录音目前无法读取或已被改动。", "The recording can't be read now or was altered."),
)


class Searches(Protocol):
    """Lists of attempts."""

    async def search(self, org: OrganisationId, wanted: AttemptFilter) -> AttemptPage | Declined: ...

    async def filters(self, org: OrganisationId) -> FiltersView: ...


class Pages(Protocol):
    """One attempt's page."""

    async def view(self, org: OrganisationId, attempt: AttemptId) -> AttemptView | None: ...


class Accesses(Protocol):
    """Who looked at what, on the log first."""

    async def looked(self, org: OrganisationId, user: UserId, attempt: AttemptId, what: str) -> bool: ...

    async def exported(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bool: ...

    async def verified(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bool: ...

    async def reveal(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, reason: str
    ) -> Revealed | Declined | None: ...


class Shape(Enum):
    """What a bundle shows."""

    WHOLE = "whole"
    REDACTED = "redacted"


@dataclass(frozen=True, slots=True)
class BuiltBundle:
    """A bundle with what an index says of it: the attempt's first time, its last state, its tree's size."""

    data: bytes
    at_us: int
    state: str
    size: int


@dataclass(frozen=True, slots=True)
class Bundles:
    """Builds bundles: parts from the database, sound from the vault, the signature from the signer."""

    parts: BundleParts
    vault: AudioVault
    signer: Signer
    trust: Trust

    async def build(
        self, org: OrganisationId, attempt: AttemptId, shape: Shape = Shape.WHOLE
    ) -> bytes | Declined | None:
        """The ZIP; None: no such attempt.

        Raises:
            SignerUnavailable: nobody signed; there is no bundle.
        """
        built = await self.built(org, attempt, shape)
        return built.data if isinstance(built, BuiltBundle) else built

    async def built(
        self, org: OrganisationId, attempt: AttemptId, shape: Shape
    ) -> BuiltBundle | Declined | None:
        """The ZIP with what an index says of it.

        Raises:
            SignerUnavailable: nobody signed; there is no bundle.
        """
        gathered = await self._gathered(org, attempt)
        if not isinstance(gathered, Gathered):
            return gathered
        parts = gathered.parts
        if gathered.recording is not None and shape is Shape.REDACTED:
            parts = replace(parts, missing=(*parts.missing, Missing("recording", WITHHELD)))
        elif gathered.recording is not None:
            sealed = gathered.recording
            try:
                parts = replace(
                    parts, recording=await self.vault.open(sealed.path, sealed.key, sealed.ct_sha256)
                )
            except (SealBroken, VaultUnavailable):
                return _UNREADABLE
        if shape is Shape.REDACTED:
            parts = redacted(parts, SHOWN_IN_REDACTED)
        key, sign = self.signing()
        data = await asyncio.to_thread(build_bundle, parts, key, sign)
        return BuiltBundle(data, *told_of(parts.attempt_id, parts.leaves), parts.note.checkpoint().size)

    def signing(self) -> tuple[TrustedKey, Sign]:
        """The bundle key in use, and what signs with it from a thread beside this event loop."""
        loop = asyncio.get_running_loop()

        def sign(message: bytes) -> bytes:
            return asyncio.run_coroutine_threadsafe(self.signer.sign_bundle(message), loop).result(
                SIGN_SECONDS_MAX
            )

        return self.trust.of(KeyUse.BUNDLE)[-1], sign

    async def _gathered(self, org: OrganisationId, attempt: AttemptId) -> Gathered | Declined | None:
        until = asyncio.get_running_loop().time() + SIGNATURE_WAIT_SECONDS
        while True:
            is_final_try = asyncio.get_running_loop().time() > until
            gathered = await self.parts.gather(org, attempt, is_final_try=is_final_try)
            if not isinstance(gathered, NotYetSigned):
                return gathered
            if is_final_try:
                return _NOT_YET
            await asyncio.sleep(0.2)


@dataclass(frozen=True, slots=True)
class Trail:
    """`TrailService`."""

    searches: Searches
    pages: Pages
    accesses: Accesses
    bundles: Bundles
    sound: Sound

    async def search(
        self, org: OrganisationId, user: UserId, wanted: AttemptFilter
    ) -> AttemptPage | Declined:
        """Attempts, numbers masked."""
        return await self.searches.search(org, wanted)

    async def filters(self, org: OrganisationId) -> FiltersView:
        """What a search may be narrowed by."""
        return await self.searches.filters(org)

    async def attempt(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> AttemptView | None:
        """One attempt's page."""
        if not await self.accesses.looked(org, user, attempt, "page"):
            return None
        return await self.pages.view(org, attempt)

    async def recording(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> bytes | Declined | None:
        """A WAV of both legs."""
        flac = await self._flac(org, user, attempt, "recording")
        return await asyncio.to_thread(self.sound.wav, flac) if isinstance(flac, bytes) else flac

    async def peaks(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> PeaksView | Declined | None:
        """The waveform."""
        flac = await self._flac(org, user, attempt, "peaks")
        if not isinstance(flac, bytes):
            return flac
        peaks = await asyncio.to_thread(self.sound.peaks, flac)
        return PeaksView(
            per_second=peaks.per_second, seconds=peaks.seconds, callee=peaks.callee, agent=peaks.agent
        )

    async def bundle(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bytes | Declined | None:
        """The evidence bundle; the export is on the log first."""
        if not await self.accesses.exported(org, user, attempt):
            return None
        return await self.bundles.build(org, attempt)

    async def redacted_bundle(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> bytes | Declined | None:
        """The bundle without who, words and voice; it verifies as the whole one does. On the log first."""
        if not await self.accesses.exported(org, user, attempt):
            return None
        return await self.bundles.build(org, attempt, Shape.REDACTED)

    async def trust(self) -> bytes:
        """The installation's public keys as a trust.json: no secret, and nothing of anybody."""
        return self.bundles.trust.to_bytes()

    async def vcon(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bytes | Declined | None:
        """The bundle as an IETF vCon, for other tools; the export is on the log first."""
        if not await self.accesses.exported(org, user, attempt):
            return None
        data = await self.bundles.build(org, attempt)
        return await asyncio.to_thread(vcon_of_bundle, data) if isinstance(data, bytes) else data

    async def verify(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> VerifyView | Declined | None:
        """Build the bundle and run every check on its bytes, with the installation's own keys pinned."""
        if not await self.accesses.verified(org, user, attempt):
            return None
        data = await self.bundles.build(org, attempt)
        if not isinstance(data, bytes):
            return data
        began = asyncio.get_running_loop().time()
        report = await asyncio.to_thread(verify_bundle, data, self.bundles.trust, sound_decoder())
        took = asyncio.get_running_loop().time() - began
        return VerifyView(
            passed=report.exit_code == 0,
            signer_pinned=report.is_pinned,
            took_ms=int(took * 1000),
            checks=tuple(_check(c) for c in report.checks),
        )

    async def reveal(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, reason: str
    ) -> Revealed | Declined | None:
        """The number in the clear."""
        return await self.accesses.reveal(org, user, attempt, reason)

    async def _flac(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, what: str
    ) -> bytes | Declined | None:
        if not await self.accesses.looked(org, user, attempt, what):
            return None
        sealed = await self.bundles.parts.recording(org, attempt)
        if sealed is None:
            return _NO_SOUND
        try:
            return await self.bundles.vault.open(sealed.path, sealed.key, sealed.ct_sha256)
        except (SealBroken, VaultUnavailable):
            return _UNREADABLE


def _check(result: CheckResult) -> CheckView:
    return CheckView(
        id=result.id,
        sentence=Sentence(result.title_zh, result.title_en),
        passed=result.outcome in (Outcome.PASSED, Outcome.SKIPPED),
        detail=Sentence(in_chinese(result.detail), result.detail) if result.detail else None,
    )
