"""Everything the gate decides from, read in one transaction at the moment of dialling.

No field has a default: whoever reads facts must say each one, or say `Unknown(reason)`, and an unknown fact refuses.
`None` and empty collections mean *none, and that is known*. All datetimes are aware UTC. Nothing here names a person:
the callee is a `SubjectId`, its number is absent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias, TypeVar

from dialer.domain.caller_id import (
    AppealState,
    CallerIdClass,
    CallerIdState,
    Filing,
    Presentation,
    Tenure,
)
from dialer.domain.campaign import (
    AmdUse,
    CampaignState,
    NumberReview,
    PacingMode,
    Refiling,
    ScriptStep,
    Speaker,
)
from dialer.domain.consent import (
    Artefact,
    ConsentField,
    ConsentState,
    Origin,
    Ownership,
    Promise,
    SourceKind,
    SourceState,
)
from dialer.domain.dnc import DncEntryView, OutsideListView
from dialer.domain.ids import (
    CallerIdId,
    CampaignId,
    ConsentId,
    LeadId,
    OrganisationId,
    ScriptId,
    SourceId,
    SubjectId,
)
from dialer.domain.lead import Age, Hold, LeadState, Person, Relation, SubjectCase
from dialer.domain.organisation import (
    Attestation,
    ChannelState,
    Industry,
    Licence,
    PlatformTerms,
    Standing,
)
from dialer.domain.phone import NumberType
from dialer.domain.purpose import Purpose


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that could not be established. `reason` is fixed text, without personal data."""

    reason: str


T = TypeVar("T")
Known: TypeAlias = T | Unknown


class Profile(StrEnum):
    """A clock offset other than zero exists on the demo profile alone (decision 14)."""

    PRODUCTION = "production"
    DEMO = "demo"


class VaultState(StrEnum):
    """Whether a recording made now would be kept."""

    WRITABLE = "writable"
    FULL = "full"
    UNREACHABLE = "unreachable"


class Check(StrEnum):
    """Outcome of a periodic check that has a deadline."""

    IN_TIME = "in_time"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """The clock that the decision is made by."""

    error_ms: Known[int]
    """Bound of the clock's error, ms ≥ 0."""
    latest_recorded_at: Known[datetime]
    """The newest time on the log: a decision before it means the clock was stepped back."""
    offset_us: Known[int]
    profile: Known[Profile]


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """The installation, its carriers and its trunk."""

    stops: Known[tuple[str, ...]]
    """Codes of the stops in force that bind this call (node, organisation, campaign, caller ID); () = none."""
    terms: Known[tuple[PlatformTerms, ...]]
    """Each carrier and platform that the call would pass. An empty tuple refuses: some carrier always carries it."""
    trunk_owner: Known[str]
    """The accountable owner of the trunk, a role or name of staff; "" = nobody named."""
    trunk_tenure: Known[Tenure]


@dataclass(frozen=True, slots=True)
class VaultFacts:
    """Where the recording and the evidence would go."""

    state: Known[VaultState]
    kept_days: Known[int]
    """Days that recording, numbers, time and consent proof are kept after the last call, for this campaign."""


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
class NoConsent:
    """It is known that this person gave this organisation no consent that the lead could name."""


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """The consent that the lead names."""

    consent_id: Known[ConsentId]
    organisation_id: Known[OrganisationId]
    """To whom it was given."""
    subject_id: Known[SubjectId]
    state: Known[ConsentState]
    purpose: Known[Purpose]
    purpose_text: Known[str]
    origin: Known[Origin]
    ownership: Known[Ownership]
    fields: Known[frozenset[ConsentField]]
    unfilled_placeholders: Known[int]
    """Placeholders left in the text as shown; above 0 the text was never a text."""
    artefact: Known[Artefact]
    given_at: Known[datetime]
    expires_at: Known[datetime | None]
    """The end that the text shown named; None: it named none, the pack's term holds."""
    conversations: Known[int]
    """Conversations held under it."""
    promise: Known[Promise | None]
    kept_days_promised: Known[int]
    """Longest term of keeping that the text shown named."""
    separate_consent_sha256: Known[str]
    """Artefact of the separate consent to sensitive data (PIPL 29); "" = none."""
    guardian_consent_sha256: Known[str]
    """Artefact of the guardian's written consent (D25); "" = none."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """Where the consent came from."""

    source_id: Known[SourceId]
    organisation_id: Known[OrganisationId]
    kind: Known[SourceKind]
    state: Known[SourceState]
    filing_number: Known[str]
    """ICP filing, certification or contract number; "" = none."""
    checked_on: Known[date | None]
    expires_on: Known[date | None]
    """Last valid day of the check; None: it doesn't expire by itself."""
    scope_checked_on: Known[date | None]
    """When business scene and scope were checked (A13)."""


@dataclass(frozen=True, slots=True)
class CalleeFacts:
    """The person to be called."""

    subject_id: Known[SubjectId]
    country: Known[str]
    """ISO 3166 code of the number's plan."""
    regions: Known[frozenset[str]]
    """ISO 3166-2 codes in which the number may be; empty = it may be in any region of its country."""
    zones: Known[frozenset[str]]
    """IANA zones the number may be in, at least one: the window is their intersection."""
    number_type: Known[NumberType]
    number_range: Known[str]
    """E.164 without the last four digits: what region and number-range rules look at."""
    region_rule: Known[str]
    """Id of the organisation's own region or range rule that blocks it; "" = none."""
    risk_marks: Known[frozenset[str]]
    """Marks of a risk feed on the callee (C1); empty = none."""
    age: Known[Age]
    relation: Known[Relation]
    person: Known[Person]
    subject_case: Known[SubjectCase]


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """The place on the list."""

    lead_id: Known[LeadId]
    state: Known[LeadState]
    hold: Known[Hold]
    due_at: Known[datetime]


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """Attempts at the callee over the whole platform (decision 3): counted by rule 14 of the protocol."""

    attempts_at: Known[tuple[datetime, ...]]
    """Times of all counted attempts of the last 30 days and the day after them, ascending."""
    last_ended_at: Known[datetime | None]
    """End of the newest counted attempt; None = none in 30 days."""
    open_attempts: Known[int]
    abandoned_at: Known[datetime | None]
    """Newest abandoned attempt under this organisation whose follow-up has not been held yet."""


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


@dataclass(frozen=True, slots=True)
class DncFacts:
    """Refusals that bind this call; looked up at the moment of dialling, never from a cached list."""

    organisation: Known[DncEntryView | None]
    platform: Known[DncEntryView | None]
    purpose: Known[DncEntryView | None]
    outside: Known[tuple[OutsideListView, ...]]
    own_list_reviewed_at: Known[datetime]
    """When a person last reviewed the organisation's own list (C9)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All groups of one decision. A whole group may be unknown; consent and source may be known not to be."""

    clock: ClockFacts | Unknown
    platform: PlatformFacts | Unknown
    vault: VaultFacts | Unknown
    organisation: OrganisationFacts | Unknown
    campaign: CampaignFacts | Unknown
    script: ScriptFacts | Unknown
    consent: ConsentFacts | NoConsent | Unknown
    source: SourceFacts | NoConsent | Unknown
    callee: CalleeFacts | Unknown
    lead: LeadFacts | Unknown
    contact: ContactFacts | Unknown
    caller_id: CallerIdFacts | Unknown
    floor: FloorFacts | Unknown
    dnc: DncFacts | Unknown


Group: TypeAlias = (
    ClockFacts
    | PlatformFacts
    | VaultFacts
    | OrganisationFacts
    | CampaignFacts
    | ScriptFacts
    | ConsentFacts
    | SourceFacts
    | CalleeFacts
    | LeadFacts
    | ContactFacts
    | CallerIdFacts
    | FloorFacts
    | DncFacts
)

GROUPS: tuple[tuple[str, type[Group]], ...] = (
    ("clock", ClockFacts),
    ("platform", PlatformFacts),
    ("vault", VaultFacts),
    ("organisation", OrganisationFacts),
    ("campaign", CampaignFacts),
    ("script", ScriptFacts),
    ("consent", ConsentFacts),
    ("source", SourceFacts),
    ("callee", CalleeFacts),
    ("lead", LeadFacts),
    ("contact", ContactFacts),
    ("caller_id", CallerIdFacts),
    ("floor", FloorFacts),
    ("dnc", DncFacts),
)
"""Name in `Facts` and type of each group: what the codec, the unknown check and the generated test walk over."""

_FIELD_NAMES = {group: tuple(f.name for f in fields(kind)) for group, kind in GROUPS}


def unknowns(facts: Facts) -> Iterator[tuple[str, str]]:
    """Each unknown fact as (path, reason): `consent.purpose`, or `consent` where the whole group is unknown."""
    for group, names in _FIELD_NAMES.items():
        value = getattr(facts, group)
        if isinstance(value, Unknown):
            yield group, value.reason
            continue
        if isinstance(value, NoConsent):
            continue
        for name in names:
            inner = getattr(value, name)
            if isinstance(inner, Unknown):
                yield f"{group}.{name}", inner.reason
