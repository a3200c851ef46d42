"""T1: the claim of a lead and the decision that gives a permit."""

from dataclasses import dataclass
from typing import Protocol

from dialer.calls.permit import Permit
from dialer.compliance.outcome import Refusal
from dialer.domain.ids import AttemptId, CampaignId, LeadId, UserId
from dialer.pacing.features import LeadFeatures


@dataclass(frozen=True, slots=True)
class Claim:
    """A lead that this node may decide about until its lease ends."""

    lead_id: LeadId
    campaign_id: CampaignId
    owner: str
    fence: int
    language: str = ""
    """BCP 47: what the person is spoken to in."""
    features: LeadFeatures | None = None
    """What tells how likely this lead answers."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An agent saw the lead and did not want to call it now: a code of the preview's reasons, and who."""

    reason: str
    by: UserId


@dataclass(frozen=True, slots=True)
class Refused:
    """The gate said no; the attempt that was not made is on the log."""

    attempt_id: AttemptId
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NotMine:
    """The claim was lost (lease over, other owner, lead no longer claimed): nothing happened."""


@dataclass(frozen=True, slots=True)
class NumberBusy:
    """Another attempt holds the number: nothing happened, the lead is queued again."""


Authorisation = Permit | Refused | NotMine | NumberBusy


class Ledger(Protocol):
    """Claims, and the only source of permits."""

    async def claim(
        self, campaign_id: CampaignId, count: int, languages: frozenset[str] | None = None
    ) -> list[Claim]:
        """Claim up to `count` leads that are due, of those languages; None: of any."""
        ...

    async def authorise(self, claim: Claim) -> Authorisation:
        """T1: decide and, on yes, issue.

        Raises:
            StoreUnavailable: the commit is not known: there is no permit.
        """
        ...

    async def put_back(self, claim: Claim, wait_seconds: int, skipped: Skipped | None) -> None:
        """The lead is queued again and due after `wait_seconds`; who skipped it and why stays with it."""
        ...
