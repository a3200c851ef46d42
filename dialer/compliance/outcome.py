"""What the gate says: `Allowed | Refusal`, with every rule, its input, its result and its law.

`Allowed` is made by `gate.decide` alone: it can't be constructed, copied, edited or pickled elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NoReturn, TypeAlias, final

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
from dialer.domain.purpose import Purpose
from dialer.rules.kinds.words import RecordingNotice, SipMeaning
from dialer.rules.source import RuleRef

_KEY_OF_THE_GATE: Final = object()

Inputs: TypeAlias = tuple[tuple[str, str], ...]
"""Name and value of what a rule looked at, as text, without personal data."""


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason why the call may not be made now.

    `code` is stable. `lawful_from`: the first moment at which this objection alone would be gone by waiting, aware
    UTC; None: waiting doesn't cure it.
    """

    code: str
    requirements: tuple[str, ...]
    law: tuple[RuleRef, ...]
    inputs: Inputs
    sentence_zh: str
    sentence_en: str
    cure_zh: str
    cure_en: str
    lawful_from: datetime | None


class Result(StrEnum):
    """How a rule came out."""

    PASSED = "passed"
    OBJECTED = "objected"
    UNDECIDED = "undecided"
    """An input was unknown: that fact has its own objection."""
    NOT_APPLICABLE = "not_applicable"


OF_INSTALLATION: Final = frozenset({"CLOCK_UNSURE", "VAULT_NOT_WRITABLE"})
"""Objections that name a fault of the installation; it passes by itself, and says nothing of the lead."""


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One row of an auditor's table: rule, input, result, law.

    `check` is unique within a decision: the kind, and its key where rules of the kind stand beside each other
    (`consent_term.callback`).
    """

    check: str
    law: tuple[RuleRef, ...]
    inputs: Inputs
    result: Result
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyDigest:
    """A rule pack, calendar or list that the decision used, by its bytes."""

    policy_id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that doesn't refuse today and that a person should know."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The call may not be made now. At least one objection; all of them are listed.

    `lawful_from`: the next moment at which the same facts would be allowed by waiting alone; None: a cure is needed.
    """

    decided_at: datetime
    objections: tuple[Objection, ...]
    rules: tuple[RuleResult, ...]
    policy: tuple[PolicyDigest, ...]
    lawful_from: datetime | None

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the objections, in the order of the checks."""
        return tuple(o.code for o in self.objections)

    @property
    def is_of_installation(self) -> bool:
        """Nothing stands in the way but the installation's own state, the same for every lead: worth asking soon again."""
        return OF_INSTALLATION.issuperset(self.codes)


@dataclass(frozen=True, slots=True)
class Terms:
    """How the allowed call must be made: what T1 writes and the exchange enforces.

    `dial_before`: the call must be placed before this moment (exclusive), so that its last ring ends inside window,
    promise and consent. `permit_seconds_max`: life of the permit. `abandon_cap_ppm`: abandoned per million live
    answers that pacing may reach.
    """

    organisation_id: OrganisationId
    campaign_id: CampaignId
    lead_id: LeadId
    subject_id: SubjectId
    consent_id: ConsentId
    source_id: SourceId
    script_id: ScriptId
    caller_id_id: CallerIdId
    purpose: Purpose
    zones: tuple[str, ...]
    dial_before: datetime
    ring_seconds_max: int
    call_seconds_max: int
    permit_seconds_max: int
    patience_ms: int
    recording_notice: RecordingNotice
    optout_key: str
    closing_seconds: int
    abandon_cap_ppm: int
    sip_603: SipMeaning
    sip_607: SipMeaning
    sip_608: SipMeaning
    kept_days: int


@final
class Allowed:
    """The gate's yes, for the facts of one moment. Only `Ledger.authorise` may turn it into a permit."""

    __slots__ = ("decided_at", "policy", "rules", "terms", "warnings")

    decided_at: datetime
    terms: Terms
    rules: tuple[RuleResult, ...]
    policy: tuple[PolicyDigest, ...]
    warnings: tuple[Notice, ...]

    def __init__(
        self,
        key: object,
        *,
        decided_at: datetime,
        terms: Terms,
        rules: tuple[RuleResult, ...],
        policy: tuple[PolicyDigest, ...],
        warnings: tuple[Notice, ...],
    ) -> None:
        if key is not _KEY_OF_THE_GATE:
            raise TypeError("only the gate allows a call")
        object.__setattr__(self, "decided_at", decided_at)
        object.__setattr__(self, "terms", terms)
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "policy", policy)
        object.__setattr__(self, "warnings", warnings)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise TypeError("what the gate allowed is not edited")

    def __copy__(self) -> NoReturn:
        raise TypeError("what the gate allowed is not copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("what the gate allowed is not copied")

    def __reduce__(self) -> NoReturn:
        raise TypeError("what the gate allowed is not pickled")

    def __repr__(self) -> str:
        return f"Allowed(campaign={self.terms.campaign_id!r}, lead={self.terms.lead_id!r})"


Decision: TypeAlias = Allowed | Refusal
