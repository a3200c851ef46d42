"""What the gate said, written so that a person can check it: every rule with its inputs, result and law."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.compliance.outcome import Result
from dialer.services.views.words import Law, Named, Sentence


class DecisionOutcome(StrEnum):
    """What the gate answered."""

    ALLOWED = "allowed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class InputView:
    """What a rule looked at. `name`: as the evidence has it; `title`: what people call it; `value`: as it stood."""

    name: str
    title: Sentence
    value: str


@dataclass(frozen=True, slots=True)
class ObjectionView:
    """One reason why a call may not be made, what would cure it, and from when it would be lawful.

    `requirements`: ids of the requirements table (D16, E4, …).
    """

    code: str
    requirements: tuple[str, ...]
    sentence: Sentence
    cure: Sentence
    laws: tuple[Law, ...]
    inputs: tuple[InputView, ...]
    lawful_from: datetime | None


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule that was read: what went in, how it came out, on what law it rests. `codes`: its objections.

    `title`: what people call it; `check` is its id in the evidence.
    """

    check: str
    title: Sentence
    result: Result
    codes: tuple[str, ...]
    inputs: tuple[InputView, ...]
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
    """Why this number is or is not called in that campaign. `lead_id` is empty where there is no such lead.

    `changed`: what the gate would say of the same lead under another campaign or another pack; None: nothing was changed.
    """

    number: str
    campaign: Named
    lead_id: str | None
    decision: DecisionView
    changed: DecisionView | None = None
