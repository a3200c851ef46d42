"""The law of one call: the packs in force for its places and days, with the strictest bound of each kind.

Where two packs, or two days (the callee's zones may disagree on the date), say something of one kind and key, the
bounds are combined field by field (`strictness.py`).
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar

from dialer.rules.banned import BannedList
from dialer.rules.calendar import Calendar
from dialer.rules.kinds import KINDS, kind_name
from dialer.rules.pack import Pack, Place, Rule, applies
from dialer.rules.phrases import PhraseList
from dialer.rules.source import RuleRef
from dialer.rules.strictness import binds, key_of, strictest

K = TypeVar("K")

MANDATORY: Final = (
    "window",
    "frequency_callee",
    "gap",
    "concurrency",
    "abandon",
    "clock_trust",
    "consent_given",
    "consent_content",
    "consent_proof",
    "source_kinds",
    "purpose_chain",
    "purposes",
    "dnc",
    "caller_id_binding",
    "caller_id_life",
    "speakers",
    "modes",
    "ring",
    "call_length",
    "patience",
    "opt_out",
    "sip_refusals",
    "recording",
    "retention",
    "running",
)
"""Kinds without which no call is allowed anywhere: a law that lacks one is not a law to dial under."""


@dataclass(frozen=True, slots=True)
class Bound(Generic[K]):
    """The strictest value of one kind and key, with the rules that make it. `check`: kind and key, as evidence names it."""

    check: str
    value: K
    law: tuple[RuleRef, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PackSet:
    """Everything that was loaded at the start. Compared by identity: there is one, and its parts have digests."""

    packs: tuple[Pack, ...]
    calendars: dict[str, Calendar]
    banned: dict[str, BannedList]
    phrases: dict[str, PhraseList]


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """What is in force for one call. `todo`: (pack, kind, why) of law that exists and isn't encoded: it refuses."""

    packs: tuple[Pack, ...]
    bounds: dict[str, tuple[Bound[Any], ...]]
    todo: tuple[tuple[str, str, str], ...]
    missing: tuple[str, ...]

    def all(self, kind: type[K]) -> tuple[Bound[K], ...]:
        """Bounds of a kind, one a key; () = no pack in force bounds it."""
        return self.bounds.get(kind_name(kind), ())

    def one(self, kind: type[K]) -> Bound[K] | None:
        """The bound of a kind without keys, or None."""
        found = self.all(kind)
        return found[0] if found else None


@lru_cache(maxsize=4096)
def resolve(packs: PackSet, place: Place, days: frozenset[date]) -> Law:
    """The law for a call between these places on these days (the callee's local dates, one or two)."""
    in_force = tuple(pack for pack in packs.packs if applies(pack, place))
    grouped: dict[tuple[str, ...], list[tuple[Pack, Rule]]] = {}
    for pack in in_force:
        for rule in pack.rules:
            if any(_in_force(rule, day) for day in days):
                grouped.setdefault((rule.kind, *key_of(rule.value)), []).append((pack, rule))
    bounds: dict[str, tuple[Bound[Any], ...]] = {}
    for name in KINDS:
        found = tuple(_bound(members) for key, members in sorted(grouped.items()) if key[0] == name)
        if found:
            bounds[name] = found
    return Law(
        packs=in_force,
        bounds=bounds,
        todo=tuple((pack.pack_id, answer.kind, answer.why) for pack in in_force for answer in pack.todo),
        missing=tuple(name for name in MANDATORY if name not in bounds),
    )


def _in_force(rule: Rule, day: date) -> bool:
    return rule.in_force_from <= day and (rule.in_force_until is None or day < rule.in_force_until)


def _bound(members: list[tuple[Pack, Rule]]) -> Bound[Any]:
    value = members[0][1].value
    for _, rule in members[1:]:
        value = strictest(value, rule.value)
    return Bound(
        check=".".join((kind_name(type(value)), *key_of(value))),
        value=value,
        law=tuple(pack.ref(rule) for pack, rule in members if binds(rule.value, value)),
    )
