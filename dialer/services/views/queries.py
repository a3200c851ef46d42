"""What lists may be narrowed by."""

from dataclasses import dataclass
from datetime import datetime

from dialer.calls.attempt import AttemptState
from dialer.domain.ids import CampaignId, UserId


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads; empty fields narrow nothing. `after` is what the page before gave as `next`."""

    campaign: CampaignId | None
    state: str | None
    code: str | None
    after: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class AttemptFilter:
    """Which attempts; empty fields narrow nothing. `since` closed, `until` open; `number` as typed."""

    number: str | None
    since: datetime | None
    until: datetime | None
    campaign: CampaignId | None
    agent: UserId | None
    state: AttemptState | None
    outcome: str | None
    code: str | None
    consent: str | None
    caller_id: str | None
    after: str | None
    limit: int
