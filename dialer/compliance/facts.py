"""Everything the gate decides from, read in one transaction at the moment of dialling.

No field has a default: whoever reads facts must say each one, or say `Unknown(reason)`, and an unknown fact refuses.
`None` and empty collections mean *none, and that is known*. All datetimes are aware UTC. Nothing here names a person:
the callee is a `SubjectId`, its number is absent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import TypeAlias

from dialer.compliance.facts_of_caller import (
    CallerIdFacts,
    CampaignFacts,
    Check,
    FloorFacts,
    OrganisationFacts,
    ScriptFacts,
)
from dialer.compliance.unknown import Known, Unknown
from dialer.domain.caller_id import Tenure
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
from dialer.domain.ids import ConsentId, LeadId, OrganisationId, SourceId, SubjectId
from dialer.domain.lead import Age, Hold, LeadState, Person, Relation, SubjectCase
from dialer.domain.organisation import PlatformTerms
from dialer.domain.phone import NumberType
from dialer.domain.purpose import Purpose

__all__ = [
    "GROUPS",
    "CalleeFacts",
    "CallerIdFacts",
    "CampaignFacts",
    "Check",
    "ClockFacts",
    "ConsentFacts",
    "ContactFacts",
    "DncFacts",
    "Facts",
    "FloorFacts",
    "Group",
    "Known",
    "LeadFacts",
    "NoConsent",
    "OrganisationFacts",
    "PlatformFacts",
    "Profile",
    "ScriptFacts",
    "SourceFacts",
    "Unknown",
    "VaultFacts",
    "VaultState",
    "unknowns",
]


class Profile(StrEnum):
    """A clock offset other than zero exists on the demo profile alone (decision 14)."""

    PRODUCTION = "production"
    DEMO = "demo"


class VaultState(StrEnum):
    """Whether a recording made now would be kept."""

    WRITABLE = "writable"
    FULL = "full"
    UNREACHABLE = "unreachable"


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
_VALUES = {group: attrgetter(*names, names[0]) for group, names in _FIELD_NAMES.items()}


def unknowns(facts: Facts) -> Iterator[tuple[str, str]]:
    """Each unknown fact as (path, reason): `consent.purpose`, or `consent` where the whole group is unknown."""
    for group, names in _FIELD_NAMES.items():
        value = getattr(facts, group)
        if isinstance(value, Unknown):
            yield group, value.reason
            continue
        if isinstance(value, NoConsent):
            continue
        if Unknown not in map(type, _VALUES[group](value)):
            continue
        for name in names:
            inner = getattr(value, name)
            if isinstance(inner, Unknown):
                yield f"{group}.{name}", inner.reason
