"""The auditor's desk beside the trail: people's requests, holds, samples, dossiers, the log's health, two decisions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.compliance.outcome import Result
from dialer.services.subject_rights import CaseKind
from dialer.services.views.decision import DecisionView, InputView
from dialer.services.views.trail import AttemptRow
from dialer.services.views.words import Named, Sentence


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A person's request; the number is masked. `due_on`: by when they are answered; `waits_until`: the law forbids to destroy before.

    `held`: a legal hold stands.
    """

    id: str
    number: str
    kind: CaseKind
    state: str
    opened_at: datetime
    due_on: datetime
    closed_at: datetime | None
    outcome: str | None
    waits_until: datetime | None
    held: bool


@dataclass(frozen=True, slots=True)
class CaseRows:
    """Requests, the most urgent first."""

    items: tuple[CaseRow, ...]


@dataclass(frozen=True, slots=True)
class CopyView:
    """A person's own copy of what is kept of them, as a text to hand over, and a name for the file."""

    filename: str
    text: str


@dataclass(frozen=True, slots=True)
class ErasedView:
    """What was destroyed."""

    case: str
    payloads: int
    recordings: int


@dataclass(frozen=True, slots=True)
class HoldRow:
    """Nothing of this person is erased or purged; the number is masked."""

    id: str
    number: str
    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class HoldRows:
    """Holds in force, newest first."""

    items: tuple[HoldRow, ...]


@dataclass(frozen=True, slots=True)
class SampleView:
    """A random sample: the seed stands in leaf `seq`, so that anybody can draw it again. `inspector`: drawn, too."""

    seq: int
    seed: str
    since: datetime
    until: datetime
    count: int
    inspector: Named | None
    attempts: tuple[AttemptRow, ...]


class DossierShape(StrEnum):
    """What the bundles of a dossier show."""

    WHOLE = "whole"
    REDACTED = "redacted"


class DossierState(StrEnum):
    """`waiting`: over 20 people, a second person has to agree."""

    WAITING = "waiting"
    AGREED = "agreed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class DossierRowView:
    """A dossier that was asked for, and why. `may_judge`: whoever looks may agree to it or decline it."""

    id: str
    reason: str
    asked_at: datetime
    asked_by: Named
    shape: DossierShape
    state: DossierState
    attempts: int
    people: int
    judged_by: Named | None
    judged_at: datetime | None
    may_judge: bool


@dataclass(frozen=True, slots=True)
class DossierRows:
    """Dossiers, newest first."""

    items: tuple[DossierRowView, ...]


@dataclass(frozen=True, slots=True)
class LastCheck:
    """When something was last checked as a whole, and what was found."""

    at: datetime
    took_ms: int
    looked_at: int
    findings: int


@dataclass(frozen=True, slots=True)
class LogHealth:
    """How far the log is signed and witnessed, and when everything was last checked; None: never yet.

    `exposed`: leaves after the witness's last cosignature: what an insider could still change unseen.
    """

    size: int
    last_leaf_at: datetime | None
    signed_size: int
    signed_at: datetime | None
    cosigned_size: int
    cosigned_at: datetime | None
    cosigned_age_seconds: int | None
    exposed: int
    store: LastCheck | None
    exchange: LastCheck | None
    vault: LastCheck | None


@dataclass(frozen=True, slots=True)
class RuleCompared:
    """One rule in both decisions; `title` is what people call it. A side is None where that decision did not read the rule."""

    check: str
    title: Sentence
    first: Result | None
    second: Result | None
    first_inputs: tuple[InputView, ...]
    second_inputs: tuple[InputView, ...]
    same: bool


@dataclass(frozen=True, slots=True)
class CompareView:
    """Two decisions side by side, the rules that differ first. `packs_changed`: ids of packs with another text."""

    first: DecisionView
    second: DecisionView
    rules: tuple[RuleCompared, ...]
    packs_changed: tuple[str, ...]
