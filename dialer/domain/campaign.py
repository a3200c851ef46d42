"""外呼任务: one purpose, one filed script, its caller IDs, mode and cap."""

from dataclasses import dataclass
from enum import StrEnum


class CampaignState(StrEnum):
    """draft → pending_number_review → ready → running ⇄ paused → ended; offline is the organisation's punishment."""

    DRAFT = "draft"
    PENDING_NUMBER_REVIEW = "pending_number_review"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    OFFLINE = "offline"
    ENDED = "ended"


class PacingMode(StrEnum):
    """How calls are placed. `preview` is agent-first: it can't abandon anybody."""

    PREVIEW = "preview"
    PROGRESSIVE = "progressive"
    PREDICTIVE = "predictive"
    PREDICTIVE_PROVABLE = "predictive_provable"


class Speaker(StrEnum):
    """Who speaks the business content. A machine that speaks it is 机器人外呼 (A3)."""

    HUMAN = "human"
    MACHINE = "machine"
    PRESS_ONE = "press_one"


class AmdUse(StrEnum):
    """Answering-machine detection before the agent."""

    OFF = "off"
    ON = "on"


class ReviewState(StrEnum):
    """The number review (号码审核) of a campaign's business (A4)."""

    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class NumberReview:
    """`reference`: of the recorded approval. `modes`: pacing modes that it approves beyond the pack's own.

    `rows`: ids of the business rows that the approval of the carrier or platform names.
    """

    state: ReviewState
    reference: str
    modes: frozenset[PacingMode]
    rows: frozenset[str]


class Refiling(StrEnum):
    """Whether actual business differed from the declared one and must be filed anew (A8)."""

    NOT_NEEDED = "not_needed"
    REQUIRED = "required"


class ScriptStep(StrEnum):
    """What a script makes the agent do, in its order."""

    IDENTITY = "identity"
    PERSON = "person"
    PURPOSE = "purpose"
    RECORDING = "recording"
    MAY_REFUSE = "may_refuse"
    REQUEST_CONFIRMED = "request_confirmed"
    """The person says that the request was theirs: what an unproven ownership needs."""
    SMS_CONFIRMATION = "sms_confirmation"
