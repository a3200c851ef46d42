"""Facts about who calls: the organisation, its campaign and script, the number shown, the agents."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from dialer.compliance.unknown import Known
from dialer.domain.caller_id import AppealState, CallerIdClass, CallerIdState, Filing, Presentation, Tenure
from dialer.domain.campaign import (
    AmdUse,
    CampaignState,
    NumberReview,
    PacingMode,
    Refiling,
    ScriptStep,
    Speaker,
)
from dialer.domain.ids import CallerIdId, CampaignId, OrganisationId, ScriptId, SourceId
from dialer.domain.organisation import Attestation, ChannelState, Industry, Licence, Standing
from dialer.domain.purpose import Purpose
from dialer.rules.strictness import Span


class Check(StrEnum):
    """Outcome of a periodic check that has a deadline."""

    IN_TIME = "in_time"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """The caller. Its register (`register_json`) holds these fields by their names."""

    organisation_id: Known[OrganisationId]
    country: Known[str]
    """ISO 3166 code."""
    packs: Known[frozenset[str]]
    """Ids of the rule packs that the organisation is under, beside those that the callee's place brings."""
    legal_name: Known[str]
    credit_code: Known[str]
    """统一社会信用代码, 18 characters; "" = none."""
    business_scope: Known[str]
    """经营范围 as on the licence."""
    industry: Known[Industry]
    licensed_purposes: Known[frozenset[Purpose]]
    """Purposes within the licensed business scope, as checked by a person (E9)."""
    terms_version_required: Known[str]
    terms_version_signed: Known[str]
    standing: Known[Standing]
    serious_strikes_at: Known[tuple[datetime, ...]]
    """Verified 严重违规, by incident; records never lapse, the pack says how far back they count."""
    licence: Known[Licence]
    document_mismatches: Known[tuple[str, ...]]
    """Names of the fields on which licence, filing and contract differ; () = consistent."""
    attestation: Known[Attestation]
    policies_unacknowledged: Known[tuple[str, ...]]
    channel: Known[ChannelState]
    channel_complainants: Known[int]
    """Distinct complaining subscribers, cumulative since the channel's last reinstatement."""
    channel_months_in_row: Known[int]
    """Calendar months in a row with a verified complaint, Asia/Shanghai."""
    channel_outcries: Known[int]
    """Public-opinion incidents (舆情事件) recorded by a person."""


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What is being called about, and how."""

    campaign_id: Known[CampaignId]
    organisation_id: Known[OrganisationId]
    state: Known[CampaignState]
    purpose: Known[Purpose]
    purpose_text: Known[str]
    declared_business: Known[str]
    """申报的业务, in words: matched against the banned business."""
    industry: Known[Industry]
    country: Known[str]
    """The country whose numbers it calls."""
    mode: Known[PacingMode]
    speaker: Known[Speaker]
    amd: Known[AmdUse]
    number_review: Known[NumberReview]
    refiling: Known[Refiling]
    owner: Known[str]
    sources: Known[frozenset[SourceId]]
    """Where its leads may come from; empty = any source of the organisation."""
    hours: Known[Span | None]
    """The hours that it keeps within those of the law, callee's local time; None = the law's own."""
    second_person_started_at: Known[datetime | None]
    """When a second person approved the running start; None = one person started it."""
    live_answers_day: Known[int]
    """L of the campaign's day: answers disposed as human, and abandoned ones at once (decision 23)."""
    abandoned_day: Known[int]
    live_answers_30_days: Known[int]
    abandoned_30_days: Known[int]


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """The script that the agent would speak."""

    script_id: Known[ScriptId]
    organisation_id: Known[OrganisationId]
    purpose: Known[Purpose]
    text: Known[str]
    text_sha256: Known[str]
    filed_sha256: Known[str]
    """Hash of the filed version; "" = nothing filed."""
    filed_at: Known[datetime | None]
    callback_proof_sha256: Known[str]
    """Hash of the page, screenshot or form that proves the callback business (A15); "" = none."""
    steps: Known[frozenset[ScriptStep]]


@dataclass(frozen=True, slots=True)
class CallerIdFacts:
    """The number that would be shown. Its register (`register_json`) holds these fields by their names."""

    caller_id_id: Known[CallerIdId]
    organisation_id: Known[OrganisationId]
    campaigns: Known[frozenset[CampaignId]]
    """Campaigns that it is bound to."""
    agents_bound: Known[bool]
    """Whether every agent who could get the call is bound to this number (号码资源和使用人员信息完全匹配)."""
    number_class: Known[CallerIdClass]
    state: Known[CallerIdState]
    tenure: Known[Tenure]
    presentation: Known[Presentation]
    filing: Known[Filing]
    filed_purposes: Known[frozenset[Purpose]]
    undertaking_signed_on: Known[date | None]
    """不违规承诺书."""
    linked_suspension: Known[str]
    """Id of the suspension whose linked check (同渠道、同客户、同时段) holds this number; "" = none."""
    appeal: Known[AppealState]
    real_name_check: Known[Check]
    risk_score: Known[Decimal]
    alarms: Known[frozenset[str]]
    """Risk feeds whose alarm about the number is open; empty = none."""
    calls_hour: Known[int]
    calls_day: Known[int]
    answered_day: Known[int]
    short_calls_day: Known[int]
    """Answered calls of the day that were shorter than the pack's bound."""


@dataclass(frozen=True, slots=True)
class FloorFacts:
    """The agents who could get this call, taken together."""

    agents: Known[int]
    oldest_quiz_passed_at: Known[datetime | None]
    """The longest-ago rules quiz among them; None = one of them has passed none, or there is nobody."""
    suspended: Known[int]
    outsiders: Known[int]
    """Agents of another organisation among them."""
    busiest_calls_day: Known[int]
