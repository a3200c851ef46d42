"""Agents and campaigns as the floor sees them."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from dialer.domain.campaign import PacingMode
from dialer.domain.ids import CampaignId, OrganisationId, UserId


@dataclass(frozen=True, slots=True)
class AgentCard:
    """An agent as the floor needs one."""

    user_id: UserId
    org_id: OrganisationId
    name: str
    campaigns: frozenset[CampaignId]


class Roster(Protocol):
    """Who may sit at the floor."""

    async def agent(self, user_id: UserId) -> AgentCard | None:
        """The agent, unless disabled or not an agent."""
        ...


@dataclass(frozen=True, slots=True)
class RunningCampaign:
    """A campaign that may place calls now, with what pacing needs of today. `live`, `abandoned`: L and A of `day`."""

    campaign_id: CampaignId
    day: date
    org_id: OrganisationId
    mode: PacingMode
    abandon_cap_ppm: int
    live: int
    abandoned: int
    leads_due: int


class Campaigns(Protocol):
    """Campaigns as the dialing loop sees them."""

    async def running(self) -> tuple[RunningCampaign, ...]:
        """Campaigns in state running without a stop, those first whose next promised or oldest lead is most urgent."""
        ...
