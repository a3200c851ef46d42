"""Start and pause. Pausing voids the issued permits in the same transaction (decision 4)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dialer.domain.campaign import CampaignState
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.services.changes import Changes, FloorChanged
from dialer.services.views.floor import CampaignView, FloorView
from dialer.services.views.words import Declined, Sentence


class Switched(StrEnum):
    """What a switch of a campaign's state came to."""

    DONE = "done"
    NOT_FROM_HERE = "not_from_here"
    NOT_THERE = "not_there"


class CampaignStates(Protocol):
    """Storage's part."""

    async def switch(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, target: CampaignState
    ) -> Switched:
        """Change the state by compare-and-swap, void what it stops, say it on the log: one transaction."""
        ...


class Preflight(Protocol):
    """The look at every open lead that a start makes."""

    async def why_not(self, org: OrganisationId, campaign: CampaignId) -> Declined | None:
        """Why starting would be unlawful: nobody could be called, today or later."""
        ...


class FloorViews(Protocol):
    """The supervisor's picture."""

    async def view(self, org: OrganisationId) -> FloorView: ...


_NOT_FROM_HERE = Declined(
    "campaign.not_from_here",
    Sentence("该任务当前状态不能这样操作。", "The campaign's state doesn't allow that now."),
)


@dataclass(frozen=True, slots=True)
class CampaignSwitch:
    """`CampaignControl`."""

    states: CampaignStates
    preflight: Preflight
    floor: FloorViews
    changes: Changes

    async def start(
        self, org: OrganisationId, user: UserId, campaign: CampaignId
    ) -> CampaignView | Declined | None:
        """Let the campaign dial, when at least one of its leads could be called."""
        refused = await self.preflight.why_not(org, campaign)
        if refused is not None:
            return refused
        return await self._switch(org, user, campaign, CampaignState.RUNNING)

    async def pause(
        self, org: OrganisationId, user: UserId, campaign: CampaignId
    ) -> CampaignView | Declined | None:
        """Stop it from dialling; calls that are up go on."""
        return await self._switch(org, user, campaign, CampaignState.PAUSED)

    async def _switch(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, target: CampaignState
    ) -> CampaignView | Declined | None:
        match await self.states.switch(org, user, campaign, target):
            case Switched.NOT_THERE:
                return None
            case Switched.NOT_FROM_HERE:
                return _NOT_FROM_HERE
            case Switched.DONE:
                self.changes.touch(FloorChanged(org))
                view = await self.floor.view(org)
                return next((c for c in view.campaigns if c.id == campaign), None)
