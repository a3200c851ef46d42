"""What pacing keeps over restarts: learned laws of each campaign, and what it last did and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import CampaignId
from dialer.pacing.knowledge import Learned
from dialer.pacing.why import Sentence


@dataclass(frozen=True, slots=True)
class Said:
    """The pacer's sentence about one campaign, and when it was last so."""

    sentence: Sentence
    at: datetime


class PacingMemory(Protocol):
    """Survives the process. No personal data goes in."""

    async def recall(self, campaign_id: CampaignId) -> Learned | None:
        """What an earlier run learned; None: nothing, or nothing that can still be read."""
        ...

    async def keep(self, campaign_id: CampaignId, learned: Learned | None, sentence: Sentence) -> None:
        """Replace what is kept; a mode that learns nothing (None) leaves the laws of an earlier one as they are."""
        ...
