"""Registers as the console shows them: entries, and every field with what it takes. A field that isn't filed refuses."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.domain.campaign import ScriptStep
from dialer.domain.purpose import Purpose
from dialer.services.views.words import Choice, Sentence


class RegisterKind(StrEnum):
    """What is registered."""

    ORGANISATION = "organisation"
    CALLER_NUMBER = "caller-number"
    SOURCE = "source"
    SCRIPT = "script"
    CAMPAIGN = "campaign"
    AGENT = "agent"


class Shape(StrEnum):
    """What a field takes. `moment` and `day` may be empty; `json` is what no form fits, as JSON text."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    TRUTH = "truth"
    DAY = "day"
    MOMENT = "moment"
    CHOICE = "choice"
    CHOICES = "choices"
    WORDS = "words"
    GROUP = "group"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class InnerField:
    """One value within a group."""

    name: str
    words: Sentence
    shape: Shape
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class RegisterField:
    """One fact. `value`: its JSON text, none while it is unknown; `inner`: the values of a group."""

    name: str
    words: Sentence
    shape: Shape
    choices: tuple[Choice, ...]
    inner: tuple[InnerField, ...]
    value: str | None


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One entry in a list. `unknown`: facts that are not filed, each of which refuses every call that needs it."""

    id: str
    title: Sentence
    state: Choice | None
    unknown: int
    fields: int


@dataclass(frozen=True, slots=True)
class RegisterEntries:
    """All entries of one register of an organisation. `kinds`: what a new source may be."""

    kind: RegisterKind
    kinds: tuple[Choice, ...]
    items: tuple[RegisterEntry, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change that lifts a stop and waits for a second person. `value`: JSON; `field`: the field as it is now."""

    id: str
    kind: RegisterKind
    entry: RegisterEntry
    field: RegisterField
    value: str
    proposed_by: str
    proposed_at: datetime
    own: bool


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What waits, oldest first. `own`: of whoever asked, who may drop it and not approve it."""

    items: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class RegisterView:
    """One entry whole. `waiting`: fields with a change that waits for a second person."""

    kind: RegisterKind
    entry: RegisterEntry
    fields: tuple[RegisterField, ...]
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScriptPart:
    """One sentence of a script, in the order of speaking."""

    key: str
    zh: str
    en: str
    required: bool


@dataclass(frozen=True, slots=True)
class ScriptVersionView:
    """One version of a script. Filed words never change: another wording is another version."""

    id: str
    family: str
    version: int
    sha256: str
    filed: bool
    purpose: str | None
    steps: tuple[str, ...]
    parts: tuple[ScriptPart, ...]
    campaigns: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class ScriptList:
    """Every version, newest first within its family; `step_choices`: what a script may make an agent do."""

    items: tuple[ScriptVersionView, ...]
    step_choices: tuple[Choice, ...]
    purposes: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class NewScript:
    """A version to be. `family`: what its versions have in common."""

    family: str
    purpose: Purpose
    steps: tuple[ScriptStep, ...]
    parts: tuple[ScriptPart, ...]
