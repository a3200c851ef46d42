"""A rule pack: dated rules of law, each with its source, and an answer for every kind of rule.

A pack is read from TOML (`parse.py`), never edited while it runs; its digest is in every permit's policy.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from dialer.domain.errors import DialerError
from dialer.rules.source import RuleRef, Source


class PackError(DialerError):
    """A pack, calendar, list or cases file doesn't load: the message names the file and the line. Nothing was loaded."""

    def __init__(self, file: str, line: int, said: str) -> None:
        super().__init__(f"{file}:{line}: {said}")
        self.file = file
        self.line = line
        self.said = said


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a pack applies. `everywhere`: to every call; all empty: to organisations that name the pack."""

    everywhere: bool
    callee_countries: frozenset[str]
    callee_regions: frozenset[str]
    """ISO 3166-2; a pack with regions applies to callees who may be in one of them."""
    organisation_countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated rule. In force on the days [in_force_from, in_force_until); never edited in place."""

    rule_id: str
    kind: str
    value: Any
    """An instance of the kind's class: `KINDS[kind]`."""
    requirements: tuple[str, ...]
    in_force_from: date
    in_force_until: date | None
    source: Source
    line: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A kind that the pack doesn't encode, and why. `todo` refuses every call under the pack, `exempt` doesn't."""

    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole pack. `verified`: counsel has read it; `checked_on`: the day on which its sources were looked up."""

    pack_id: str
    title: str
    version: str
    verified: bool
    checked_on: date
    scope: Scope
    rules: tuple[Rule, ...]
    exempt: tuple[Answer, ...]
    todo: tuple[Answer, ...]
    sha256: str

    def ref(self, rule: Rule) -> RuleRef:
        """How an objection cites the rule."""
        return RuleRef(
            pack_id=self.pack_id, rule_id=rule.rule_id, requirements=rule.requirements, source=rule.source
        )


@dataclass(frozen=True, slots=True)
class Place:
    """What decides which packs are in force. `regions` empty = the callee may be in any region of the country."""

    packs: frozenset[str]
    organisation_country: str
    callee_country: str
    regions: frozenset[str]


def applies(pack: Pack, place: Place) -> bool:
    """Whether the pack binds a call between these places: any one reason is enough."""
    scope = pack.scope
    if scope.everywhere or pack.pack_id in place.packs:
        return True
    if place.organisation_country in scope.organisation_countries:
        return True
    if place.callee_country not in scope.callee_countries:
        return False
    if not scope.callee_regions:
        return True
    return not place.regions or bool(scope.callee_regions & place.regions)
