"""Why agents pause: a register of each organisation, changed by its administrators, each change on the log."""

from dataclasses import dataclass
from typing import Final, Protocol

from dialer.domain.ids import OrganisationId, UserId
from dialer.services.changes import Changes, FloorChanged
from dialer.services.views.pause_codes import PauseCodeList
from dialer.services.views.words import Declined, Sentence

CODES_MAX: Final = 50
DEFAULTS: Final[tuple[tuple[str, Sentence], ...]] = (
    ("break", Sentence("休息", "Break")),
    ("training", Sentence("培训", "Training")),
    ("meeting", Sentence("会议", "Meeting")),
    ("technical", Sentence("设备问题", "Technical problem")),
)
"""What a new organisation begins with."""

TAKEN: Final = Declined("pause_code.taken", Sentence("该代码已存在。", "That code exists already."))
TOO_MANY: Final = Declined(
    "pause_code.too_many",
    Sentence(f"最多 {CODES_MAX} 个小休原因。", f"At most {CODES_MAX} reasons to pause."),
)
LAST: Final = Declined(
    "pause_code.last",
    Sentence(
        "这是最后一个可选的小休原因：坐席必须随时可以小休。",
        "This is the last reason that agents can choose: an agent must always be able to pause.",
    ),
)
CHANGED: Final = Declined(
    "pause_code.changed",
    Sentence(
        "他人刚刚更改了此项，请查看新值后再改。",
        "Somebody has just changed this: look at the new value first.",
    ),
)


class PauseCodeStore(Protocol):
    """The register, durable; every act is on the log in its own transaction. `by` did it. None: no such code there."""

    async def all(self, org: OrganisationId) -> PauseCodeList: ...

    async def add(self, org: OrganisationId, by: UserId, code: str, name: Sentence) -> Declined | None: ...

    async def rename(
        self, org: OrganisationId, by: UserId, code: str, name: Sentence, was: Sentence
    ) -> bool | Declined:
        """Another name, unless somebody changed it since it was `was`. False: no such code there."""
        ...

    async def retire(self, org: OrganisationId, by: UserId, code: str) -> bool | Declined: ...

    async def offer(self, org: OrganisationId, by: UserId, code: str) -> bool | Declined: ...


@dataclass(frozen=True, slots=True)
class PauseCodes:
    """`PauseCodeService`."""

    store: PauseCodeStore
    changes: Changes

    async def all(self, org: OrganisationId) -> PauseCodeList:
        """Every reason, retired ones too."""
        return await self.store.all(org)

    async def add(
        self, org: OrganisationId, by: UserId, code: str, name: Sentence
    ) -> PauseCodeList | Declined:
        """A new reason, offered at once."""
        refused = await self.store.add(org, by, code, name)
        return await self._after(org) if refused is None else refused

    async def rename(
        self, org: OrganisationId, by: UserId, code: str, name: Sentence, was: Sentence
    ) -> PauseCodeList | Declined | None:
        """Another name for the same reason."""
        return await self._there(org, await self.store.rename(org, by, code, name, was))

    async def retire(self, org: OrganisationId, by: UserId, code: str) -> PauseCodeList | Declined | None:
        """Agents can't choose it any more."""
        return await self._there(org, await self.store.retire(org, by, code))

    async def offer(self, org: OrganisationId, by: UserId, code: str) -> PauseCodeList | Declined | None:
        """Agents can choose it again."""
        return await self._there(org, await self.store.offer(org, by, code))

    async def _there(self, org: OrganisationId, done: bool | Declined) -> PauseCodeList | Declined | None:
        if isinstance(done, Declined):
            return done
        return await self._after(org) if done else None

    async def _after(self, org: OrganisationId) -> PauseCodeList:
        self.changes.touch(FloorChanged(org))
        return await self.store.all(org)
