"""What callees and callers hear, in the hands of the office: brought by one person, approved by another, then played.

A draft stands beside what is in force and is played by nothing. What the exchanges play changes with an approval only,
and the approval is of a file by its hash: the file that a person could listen to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from dialer.domain.ids import OrganisationId, UserId
from dialer.services.views.prompts import (
    HEARD_WHEN,
    PromptLanguage,
    PromptList,
    PromptPurpose,
    PromptVersion,
    PromptView,
    name_of,
)
from dialer.services.views.words import Declined, Sentence

SOUND_BYTES_MAX: Final = 2 * 1024 * 1024
"""A minute at 16 kHz is 1,920,000 bytes of samples."""
SOUND_SECONDS_MAX: Final = 60.0
SOUND_SECONDS_MIN: Final = 0.3
TEXT_CHARACTERS_MAX: Final = 600


class SoundFault(StrEnum):
    """Why a file is no prompt."""

    NOT_WAV = "not_wav"
    NOT_PCM16 = "not_pcm16"
    NOT_MONO = "not_mono"
    RATE = "rate"
    CUT_OFF = "cut_off"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class SpokenText:
    """What a prompt says, and the SHA-256 (hex) of its file."""

    name: str
    language: str
    text: str
    sha256: str


class PromptRegister(Protocol):
    """Versions in the database; each change is a leaf."""

    async def versions(self, org: OrganisationId, user: UserId) -> tuple[PromptVersion, ...]:
        """Every version by name, what is in force first; `user` is who looks."""
        ...

    async def add(self, org: OrganisationId, user: UserId, spoken: SpokenText) -> Declined | None:
        """A draft beside what is in force."""
        ...

    async def approve(self, org: OrganisationId, user: UserId, version: str) -> SpokenText | Declined | None:
        """Put a draft in force; not by who brought it. None: there is no such draft."""
        ...

    async def reject(self, org: OrganisationId, user: UserId, version: str) -> bool:
        """Take a draft off; False where there is none of that id."""
        ...

    async def in_force(self) -> tuple[SpokenText, ...]:
        """What is approved, over all organisations."""
        ...


class PromptFolder(Protocol):
    """The files. What waits can't be played: the exchanges' dialplans name files of the folder itself only."""

    async def take(self, content: bytes) -> str | SoundFault:
        """Keep a sound that waits; the hash of the file that would be played."""
        ...

    async def sound(self, name: str, sha256: str) -> bytes | None:
        """The file of a version, waiting or played."""
        ...

    async def play(self, spoken: SpokenText) -> bool:
        """From now on the exchanges play this; False where its file is not there."""
        ...

    async def played(self) -> Mapping[str, str]:
        """Name to SHA-256 of what the exchanges play now."""
        ...


_REFUSED: Final[dict[SoundFault, Sentence]] = {
    SoundFault.NOT_WAV: Sentence("这不是 WAV 文件。", "This is no WAV file."),
    SoundFault.NOT_PCM16: Sentence("仅接受未压缩的 16 位 PCM。", "Only uncompressed 16-bit PCM is taken."),
    SoundFault.NOT_MONO: Sentence("仅接受单声道。", "Only one channel (mono) is taken."),
    SoundFault.RATE: Sentence(
        "采样率应为 8000 或 16000 赫兹。", "The sample rate has to be 8,000 or 16,000 Hz."
    ),
    SoundFault.CUT_OFF: Sentence(
        "文件不完整：样本少于文件头所述。", "The file is cut off: it has fewer samples than its header says."
    ),
    SoundFault.TOO_SHORT: Sentence("录音过短（至少 0.3 秒）。", "Too short: at least 0.3 seconds."),
    SoundFault.TOO_LONG: Sentence("录音过长（最多 60 秒）。", "Too long: at most 60 seconds."),
}


@dataclass(frozen=True, slots=True)
class PromptDesk:
    """The office's door to prompts."""

    register: PromptRegister
    folder: PromptFolder

    async def all(self, org: OrganisationId, user: UserId) -> PromptList:
        """Every prompt that the exchanges play, with what is in force and what waits."""
        versions, played = await self.register.versions(org, user), await self.folder.played()
        items = tuple(
            _view(purpose, language, versions, played)
            for purpose in PromptPurpose
            for language in PromptLanguage
        )
        told = any(v.purpose is PromptPurpose.NOTICE and v.approved is not None for v in items)
        return PromptList(items, told)

    async def bring(
        self,
        org: OrganisationId,
        user: UserId,
        purpose: PromptPurpose,
        language: PromptLanguage,
        text: str,
        content: bytes,
    ) -> PromptList | Declined:
        """Keep a sound with its words as a draft."""
        taken = await self.folder.take(content)
        if isinstance(taken, SoundFault):
            return Declined(f"prompt.{taken}", _REFUSED[taken])
        spoken = SpokenText(name_of(purpose, language), str(language), text, taken)
        return await self.register.add(org, user, spoken) or await self.all(org, user)

    async def approve(self, org: OrganisationId, user: UserId, version: str) -> PromptList | Declined | None:
        """Put a draft in force, then let the exchanges play it."""
        waits = [v for v in await self.register.versions(org, user) if v.id == version and not v.is_approved]
        if waits and await self.folder.sound(waits[0].name, waits[0].sha256) is None:
            return SOUND_GONE
        spoken = await self.register.approve(org, user, version)
        if not isinstance(spoken, SpokenText):
            return spoken
        await self.folder.play(spoken)
        return await self.all(org, user)

    async def reject(self, org: OrganisationId, user: UserId, version: str) -> PromptList | None:
        """Take a draft off; what is in force stays. None: there is no such draft."""
        return await self.all(org, user) if await self.register.reject(org, user, version) else None

    async def sound(self, org: OrganisationId, user: UserId, version: str) -> bytes | None:
        """A version's sound, to be listened to."""
        found = [v for v in await self.register.versions(org, user) if v.id == version]
        return await self.folder.sound(found[0].name, found[0].sha256) if found else None

    async def catch_up(self) -> None:
        """Play what is approved and isn't played yet: the process died between the two."""
        played = await self.folder.played()
        for spoken in await self.register.in_force():
            if played.get(spoken.name) != spoken.sha256:
                await self.folder.play(spoken)


SOUND_GONE: Final = Declined(
    "prompt.sound_gone",
    Sentence("录音文件已不存在，请重新上传。", "Its sound is there no more: bring it again."),
)


def _view(
    purpose: PromptPurpose,
    language: PromptLanguage,
    versions: tuple[PromptVersion, ...],
    played: Mapping[str, str],
) -> PromptView:
    name = name_of(purpose, language)
    approved = next((v for v in versions if v.name == name and v.is_approved), None)
    waiting = next((v for v in versions if v.name == name and not v.is_approved), None)
    is_played = approved is not None and played.get(name) == approved.sha256
    return PromptView(name, purpose, language, HEARD_WHEN[purpose], approved, waiting, is_played)
