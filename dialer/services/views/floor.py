"""The supervisor's floor, the leads behind its numbers, and the report of an import."""

from dataclasses import dataclass
from datetime import datetime

from dialer.domain.campaign import CampaignState, PacingMode
from dialer.domain.purpose import Purpose
from dialer.services.views.decision import ObjectionView
from dialer.services.views.desk import DeskState
from dialer.services.views.words import Named, Sentence


@dataclass(frozen=True, slots=True)
class FloorAgent:
    """One agent: `alert` says what needs help (silent line, long wrap-up, refusal just heard).

    `pause_reason`: why a paused agent pauses.
    """

    id: str
    name: str
    state: DeskState
    since: datetime | None
    campaigns: tuple[Named, ...]
    attempt_id: str | None
    calls_today: int
    talk_seconds_today: int
    alert: Sentence | None
    pause_reason: Sentence | None = None


@dataclass(frozen=True, slots=True)
class AbandonedView:
    """Abandoned calls of today against the cap. Shares in parts per million of live answers; `left` in calls."""

    abandoned: int
    live_answers: int
    share_ppm: int
    cap_ppm: int
    left: int


@dataclass(frozen=True, slots=True)
class DialableView:
    """Leads by when they may be called, from each lead's last decision. `unknown`: no decision was made yet."""

    now: int
    later: int
    never: int
    unknown: int
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as the floor shows it. `pacer` is the pacer's own sentence on what it does and why."""

    id: str
    name: Sentence
    purpose: Purpose
    purpose_name: Sentence
    mode: PacingMode
    state: CampaignState
    abandoned: AbandonedView
    dialable: DialableView
    agents_ready: int
    agents_talking: int
    ringing: int
    attempts_today: int
    pacer: Sentence | None
    stops: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """The line over the floor. `talk_share_ppm`: time talking of all time not paused or offline, today."""

    ready: int
    incoming: int
    talking: int
    wrapping: int
    paused: int
    offline: int
    ringing: int
    attempts_today: int
    answered_today: int
    abandoned_today: int
    refused_today: int
    talk_share_ppm: int
    dialable: DialableView


@dataclass(frozen=True, slots=True)
class FloorView:
    """The whole floor of one organisation."""

    at: datetime
    agents: tuple[FloorAgent, ...]
    campaigns: tuple[CampaignView, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class LeadView:
    """A lead and why it is or is not called. `number` is masked; `objections` are its last decision's."""

    id: str
    campaign: Named
    name: str | None
    number: str
    state: str
    outcome: str | None
    due_at: datetime
    promised_from: datetime | None
    promised_until: datetime | None
    decision_id: str | None
    decided_at: datetime | None
    attempt_id: str | None
    objections: tuple[ObjectionView, ...]
    lawful_from: datetime | None


@dataclass(frozen=True, slots=True)
class LeadPage:
    """One page of leads; `next` goes into `after`, empty at the end."""

    items: tuple[LeadView, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row of the file that was not taken: where and why. The value itself is never repeated."""

    line: int
    column: str | None
    code: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class ImportView:
    """What became of a file: all good rows are in, each bad row is named."""

    id: str
    campaign_id: str
    at: datetime
    rows: int
    accepted: int
    rejected: tuple[RejectedRow, ...]
