"""Campaigns made and changed by supervisors, and the pre-flight without which none starts."""

from dataclasses import dataclass
from typing import Final, Protocol

from dialer.domain.campaign import CampaignState
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.services.changes import Changes, FloorChanged
from dialer.services.views.campaigns import (
    CampaignChoices,
    CampaignDetail,
    CampaignForm,
    CampaignRows,
    PreflightView,
)
from dialer.services.views.listed import ListView
from dialer.services.views.words import Declined, Sentence

EDITED_MEANWHILE: Final = Declined(
    "campaign.edited_meanwhile",
    Sentence(
        "他人刚刚保存了此任务。您的修改仍在页面上，请查看新内容后再保存。",
        "Somebody has just saved this campaign. Your changes are still on the page: look at theirs, then save again.",
    ),
)
PAUSE_FIRST: Final = Declined(
    "campaign.pause_first",
    Sentence("任务正在运行，请先暂停再修改。", "The campaign is running: pause it before you change it."),
)
NOT_YOURS: Final = Declined(
    "campaign.not_yours",
    Sentence(
        "话术、号码或坐席不属于本单位，或话术用途不符。",
        "A script, number or agent isn't this organisation's, or the script is for another purpose.",
    ),
)
NOBODY: Final = "campaign.nobody_dialable"
_NO_LEADS: Final = Sentence(
    "没有待拨线索，无从审查。请先导入名单。", "There is no open lead to look at. Import a list first."
)
_STARTABLE: Final = (CampaignState.READY, CampaignState.PAUSED)
_NOT_FROM: Final[dict[CampaignState, Sentence]] = {
    CampaignState.DRAFT: Sentence("任务还是草稿。", "The campaign is a draft."),
    CampaignState.PENDING_NUMBER_REVIEW: Sentence(
        "号码审核尚未通过：由管理员在“登记”中提出，另一人批准。",
        "The number review is not approved yet: an administrator files it in the registers, another person approves it.",
    ),
    CampaignState.RUNNING: Sentence("任务正在运行。", "The campaign is running already."),
    CampaignState.OFFLINE: Sentence("任务已下线整改。", "The campaign is offline for rectification."),
    CampaignState.ENDED: Sentence("任务已结束。", "The campaign has ended."),
}


class CampaignStore(Protocol):
    """Campaigns, durable; every save has its leaf. None: no such campaign in that organisation."""

    async def all(self, org: OrganisationId) -> CampaignRows: ...

    async def one(self, org: OrganisationId, campaign: CampaignId) -> CampaignDetail | None: ...

    async def choices(self, org: OrganisationId) -> CampaignChoices: ...

    async def create(
        self, org: OrganisationId, user: UserId, form: CampaignForm
    ) -> CampaignId | Declined: ...

    async def save(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, version: int, form: CampaignForm
    ) -> Declined | None:
        """Only while nothing was saved since `version` and the campaign doesn't run."""
        ...


class LeadExplainer(Protocol):
    """What the gate would say of every open lead, were the campaign running."""

    async def as_if_started(
        self, org: OrganisationId, campaign: CampaignId
    ) -> ListView | Declined | None: ...


@dataclass(frozen=True, slots=True)
class CampaignDesk:
    """`CampaignDeskService`, and the pre-flight that a start makes anew."""

    store: CampaignStore
    explainer: LeadExplainer
    changes: Changes

    async def all(self, org: OrganisationId) -> CampaignRows:
        """Every campaign."""
        return await self.store.all(org)

    async def one(self, org: OrganisationId, campaign: CampaignId) -> CampaignDetail | None:
        """One campaign."""
        return await self.store.one(org, campaign)

    async def choices(self, org: OrganisationId) -> CampaignChoices:
        """What there is to choose from."""
        return await self.store.choices(org)

    async def create(
        self, org: OrganisationId, user: UserId, form: CampaignForm
    ) -> CampaignDetail | Declined | None:
        """A new campaign, which waits for its number review (A4)."""
        made = await self.store.create(org, user, form)
        if isinstance(made, Declined):
            return made
        self.changes.touch(FloorChanged(org))
        return await self.store.one(org, made)

    async def save(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, version: int, form: CampaignForm
    ) -> CampaignDetail | Declined | None:
        """Change a campaign that doesn't run."""
        if await self.store.one(org, campaign) is None:
            return None
        refused = await self.store.save(org, user, campaign, version, form)
        if refused is not None:
            return refused
        self.changes.touch(FloorChanged(org))
        return await self.store.one(org, campaign)

    async def preflight(self, org: OrganisationId, campaign: CampaignId) -> PreflightView | Declined | None:
        """Every rule for every open lead, and whether the campaign may start."""
        detail = await self.store.one(org, campaign)
        if detail is None:
            return None
        found = await self.explainer.as_if_started(org, campaign)
        if found is None or isinstance(found, Declined):
            return found
        return PreflightView(detail.version, detail.state, found, _why_not(detail.state, found))

    async def why_not(self, org: OrganisationId, campaign: CampaignId) -> Declined | None:
        """Why a start would be unlawful now: not one open lead could be called, today or later."""
        found = await self.explainer.as_if_started(org, campaign)
        if not isinstance(found, ListView):
            # a list too long for one page is judged call by call, as every call is anyway
            return None
        refused = _nobody(found)
        return None if refused is None else Declined(NOBODY, refused)


def _why_not(state: CampaignState, found: ListView) -> Sentence | None:
    return _nobody(found) if state in _STARTABLE else _NOT_FROM[state]


def _nobody(found: ListView) -> Sentence | None:
    if found.leads == 0:
        return _NO_LEADS
    counts = found.counts
    if counts.now + counts.today + counts.later > 0:
        return None
    top = counts.reasons[0] if counts.reasons else None
    zh, en = (top.sentence.zh, top.sentence.en) if top is not None else ("—", "—")
    return Sentence(
        f"{found.leads} 条线索无一可拨。最多的理由：{zh}",
        f"Not one of {found.leads} leads can be called. The most frequent reason: {en}",
    )
