"""What the gate said, written so that a person can check it: every rule with its inputs, result and law."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.services.views.words import Law, Named, Pair, Sentence


class DecisionOutcome(StrEnum):
    """What the gate answered."""

    ALLOWED = "allowed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """One reason why a call may not be made, what would cure it, and from when it would be lawful."""

    code: str
    rules: tuple[str, ...]
    sentence: Sentence
    cure: Sentence
    laws: tuple[Law, ...]
    inputs: tuple[Pair, ...]
    lawful_from: datetime | None


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule that was read: what went in, whether it passed, on what law it rests."""

    code: str
    rules: tuple[str, ...]
    passed: bool
    sentence: Sentence | None
    inputs: tuple[Pair, ...]
    laws: tuple[Law, ...]


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A rule pack by its id and the digest of the very text that decided."""

    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision of the gate. `lawful_from`: the next lawful moment, empty where there is none."""

    id: str | None
    at: datetime
    outcome: DecisionOutcome
    rules: tuple[RuleView, ...]
    objections: tuple[ObjectionView, ...]
    lawful_from: datetime | None
    packs: tuple[PolicyView, ...]


@dataclass(frozen=True, slots=True)
class ExplainView:
    """Why this number is or is not called in that campaign. `lead_id` is empty where there is no such lead."""

    number: str
    campaign: Named
    lead_id: str | None
    decision: DecisionView
