"""A consent that a source's own system handed over."""

from dataclasses import dataclass
from enum import StrEnum

from dialer.domain.ids import CampaignId


class CapturedAs(StrEnum):
    """What became of a signed consent."""

    RECORDED = "recorded"
    KNOWN = "known"
    """The very same record was taken before: nothing was added."""


@dataclass(frozen=True, slots=True)
class CapturedView:
    """The consent on the log and the campaign that its purpose goes to."""

    consent: str
    campaign: CampaignId
    state: CapturedAs
