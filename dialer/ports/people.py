"""Agents and campaigns as the floor sees them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from dialer.compliance.pacing_law import PacingLaw
from dialer.domain.campaign import PacingMode
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.domain.purpose import Purpose
from dialer.pacing.features import LeadFeatures


@dataclass(frozen=True, slots=True)
class AgentCard:
    """An agent as the floor needs one."""

    user_id: UserId
    org_id: OrganisationId
    name: str
    campaigns: frozenset[CampaignId]
    """Those whose purpose is among the agent's skills."""
    languages: frozenset[str]
    """BCP 47; empty: not restricted."""


class Roster(Protocol):
    """Who may sit at the floor."""

    async def agent(self, user_id: UserId) -> AgentCard | None:
        """The agent, unless disabled or not an agent."""
        ...


@dataclass(frozen=True, slots=True)
class RunningCampaign:
    """A campaign that may place calls now, with what pacing needs of today. `live`, `abandoned`: L and A of `day`.

    `oldest_request_at`, `closes_at`, `languages`: of the leads that are due longest; `closes_at` is the soonest close of
    a window that is open at their callees, None when none is; languages are BCP 47.
    """

    campaign_id: CampaignId
    day: date
    org_id: OrganisationId
    mode: PacingMode
    abandon_cap_ppm: int
    live: int
    abandoned: int
    leads_due: int
    """Leads that could be claimed now, counted to ten thousand: how many more there are changes no pace."""
    purpose: Purpose
    oldest_request_at: datetime | None
    closes_at: datetime | None
    languages: frozenset[str]
    law: PacingLaw | None
    """None: the packs lack a rule, and the gate refuses every call."""
    shift_left_seconds: float
    """Until the last of these leads' windows closes for a call that rings to the end."""
    caller_id_calls_left: int | None
    """Further calls that the campaign's caller IDs may make now; None: no pack bounds them."""


class Campaigns(Protocol):
    """Campaigns as the dialing loop sees them."""

    async def running(self) -> tuple[RunningCampaign, ...]:
        """Campaigns in state running without a stop."""
        ...

    async def ahead(self, campaign_id: CampaignId, count: int) -> tuple[LeadFeatures, ...]:
        """What is known of the next `count` leads, in queue order."""
        ...
