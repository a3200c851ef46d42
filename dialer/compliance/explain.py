"""Why, and when: one lead, a whole list, and both under changed law. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dialer.compliance.facts import Facts, Unknown
from dialer.compliance.gate import Together, decide
from dialer.compliance.hours import local_days
from dialer.compliance.outcome import Allowed, Decision, Refusal
from dialer.rules.resolve import PackSet


class When(StrEnum):
    """When a lead can be dialled by waiting alone."""

    NOW = "now"
    TODAY = "today"
    LATER = "later"
    NEVER = "never"
    """Not by waiting: something has to be cured first."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One lead's decision at one moment, and when it could be dialled. `lawful_from`: `now` where it is allowed."""

    decision: Decision
    when: When
    lawful_from: datetime | None


@dataclass(frozen=True, slots=True)
class ListSummary:
    """How many leads of a list are dialable now, today, later by waiting, or only after a cure; and why not.

    `now + today + later + never` is all of them. `codes`: how many leads carry each objection, most frequent first.
    """

    now: int
    today: int
    later: int
    never: int
    codes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One lead under two laws."""

    before: Explanation
    after: Explanation
    codes_gone: tuple[str, ...]
    codes_new: tuple[str, ...]


def explain(facts: Facts, packs: PackSet, now: datetime, together: Together | None = None) -> Explanation:
    """Decide, and place the answer in time: `today` is the callee's local day. `together`: as for `decide`."""
    decision = decide(facts, packs, now, together)
    match decision:
        case Allowed():
            return Explanation(decision=decision, when=When.NOW, lawful_from=now)
        case Refusal(lawful_from=None):
            return Explanation(decision=decision, when=When.NEVER, lawful_from=None)
        case Refusal(lawful_from=moment):
            when = When.TODAY if _same_day(facts, now, moment) else When.LATER
            return Explanation(decision=decision, when=when, lawful_from=moment)


def as_of(facts: Facts, at: datetime) -> Facts:
    """The facts of now, to be judged at another moment: the log's newest time is then no sign of a clock set back."""
    clock = facts.clock
    if isinstance(clock, Unknown) or isinstance(clock.latest_recorded_at, Unknown):
        return facts
    return replace(facts, clock=replace(clock, latest_recorded_at=min(clock.latest_recorded_at, at)))


def _same_day(facts: Facts, now: datetime, moment: datetime | None) -> bool:
    zones = getattr(facts.callee, "zones", None)
    if moment is None or not isinstance(zones, frozenset) or not zones:
        return False
    return bool(local_days(zones, now) & local_days(zones, moment))


def summarise(explanations: Iterable[Explanation]) -> ListSummary:
    """Count a list, which may be long: one pass, nothing kept."""
    when: Counter[When] = Counter()
    codes: Counter[str] = Counter()
    for explanation in explanations:
        when[explanation.when] += 1
        if isinstance(explanation.decision, Refusal):
            codes.update(set(explanation.decision.codes))
    return ListSummary(
        now=when[When.NOW],
        today=when[When.TODAY],
        later=when[When.LATER],
        never=when[When.NEVER],
        codes=tuple(sorted(codes.items(), key=lambda item: (-item[1], item[0]))),
    )


def what_if(facts: Facts, packs: PackSet, changed: PackSet, now: datetime) -> Difference:
    """The same facts under the packs as they are and under changed ones (`rules/change.py`)."""
    before, after = explain(facts, packs, now), explain(facts, changed, now)
    old, new = _codes(before), _codes(after)
    return Difference(
        before=before,
        after=after,
        codes_gone=tuple(c for c in old if c not in new),
        codes_new=tuple(c for c in new if c not in old),
    )


def _codes(explanation: Explanation) -> tuple[str, ...]:
    decision = explanation.decision
    return tuple(dict.fromkeys(decision.codes)) if isinstance(decision, Refusal) else ()
