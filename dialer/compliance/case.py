"""One case before the gate: facts, the law in force and the moment; and what a check says of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from dialer.compliance.facts import (
    CalleeFacts,
    CallerIdFacts,
    CampaignFacts,
    ClockFacts,
    ConsentFacts,
    ContactFacts,
    DncFacts,
    Facts,
    FloorFacts,
    LeadFacts,
    NoConsent,
    OrganisationFacts,
    PlatformFacts,
    ScriptFacts,
    SourceFacts,
    Unknown,
    VaultFacts,
)
from dialer.compliance.outcome import Inputs
from dialer.compliance.words import local
from dialer.domain.errors import DialerError
from dialer.rules.resolve import Law, PackSet

T = TypeVar("T")


class InputUnknownError(DialerError):
    """A check asked for a fact that is unknown. The runner turns it into an undecided rule; it never leaves the gate."""


class NotApplicableError(DialerError):
    """A check has no object (no consent to look at). The runner turns it into a rule that doesn't apply."""


def known(value: T | Unknown) -> T:
    """The value of a fact.

    Raises:
        InputUnknownError: it is unknown, which has its own objection.
    """
    if isinstance(value, Unknown):
        raise InputUnknownError(value.reason)
    return value


@dataclass(frozen=True, slots=True)
class Case:
    """What every check sees. `now` is aware UTC."""

    facts: Facts
    packs: PackSet
    law: Law
    now: datetime

    @property
    def clock(self) -> ClockFacts:
        return known(self.facts.clock)

    @property
    def platform(self) -> PlatformFacts:
        return known(self.facts.platform)

    @property
    def vault(self) -> VaultFacts:
        return known(self.facts.vault)

    @property
    def organisation(self) -> OrganisationFacts:
        return known(self.facts.organisation)

    @property
    def campaign(self) -> CampaignFacts:
        return known(self.facts.campaign)

    @property
    def script(self) -> ScriptFacts:
        return known(self.facts.script)

    @property
    def consent(self) -> ConsentFacts:
        consent = self.facts.consent
        if isinstance(consent, Unknown):
            raise InputUnknownError(consent.reason)
        if isinstance(consent, NoConsent):
            raise NotApplicableError("there is no consent")
        return consent

    @property
    def source(self) -> SourceFacts:
        source = self.facts.source
        if isinstance(source, Unknown):
            raise InputUnknownError(source.reason)
        if isinstance(source, NoConsent):
            raise NotApplicableError("there is no consent")
        return source

    @property
    def callee(self) -> CalleeFacts:
        return known(self.facts.callee)

    @property
    def lead(self) -> LeadFacts:
        return known(self.facts.lead)

    @property
    def contact(self) -> ContactFacts:
        return known(self.facts.contact)

    @property
    def caller_id(self) -> CallerIdFacts:
        return known(self.facts.caller_id)

    @property
    def floor(self) -> FloorFacts:
        return known(self.facts.floor)

    @property
    def dnc(self) -> DncFacts:
        return known(self.facts.dnc)


@dataclass(frozen=True, slots=True)
class Said:
    """An objection as a check says it; the runner adds rules, law and inputs."""

    code: str
    zh: str
    en: str
    cure_zh: str
    cure_en: str
    lawful_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check looked at and what it has to say; nothing said = passed."""

    inputs: Inputs
    said: tuple[Said, ...]


def finding(inputs: Inputs, *said: Said | None) -> Finding:
    """A finding from what was looked at and the objections that hold."""
    return Finding(inputs=inputs, said=tuple([s for s in said if s is not None]) if any(said) else ())


def spoken(case: Case, moment: datetime) -> str:
    """A moment inside a sentence for people, where the person called is; what a machine compares is `at`."""
    callee = case.facts.callee
    zones = callee.zones if not isinstance(callee, Unknown) else frozenset()
    return local(moment, zones if isinstance(zones, frozenset) else frozenset())


def at(moment: datetime | None) -> str:
    """RFC 3339 UTC to the second, `-` for none: how moments stand in inputs."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "-"


def names(values: frozenset[T] | tuple[T, ...]) -> str:
    """A set or tuple of words for inputs: sorted, comma-separated, `-` for none."""
    return ",".join(sorted(str(v) for v in values)) or "-"
