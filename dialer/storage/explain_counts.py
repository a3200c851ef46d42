"""A list in stretches, and what was counted of each: sums that come out the same, whoever counted which stretch."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from dialer.compliance.explain import When, explain
from dialer.compliance.facts import Facts
from dialer.compliance.gate import Together
from dialer.compliance.outcome import Refusal
from dialer.rules.resolve import PackSet
from dialer.services.views.decided import live_decision
from dialer.services.views.listed import CountsView, ReasonView
from dialer.storage.sql import Row, Tx

STRETCH_LEADS: Final = 2_000
"""What a process counts at a time."""
SHARED_STRETCHES_MIN: Final = 5
"""A list of fewer stretches is counted before another process would have started."""
_WALKS: Final = ("state = 'dialing'", "state IN ('queued', 'claimed')")
"""One after the other, as an index leads through each: a batch of a long list costs no more than one of a short list."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A lead in the order of its walk."""

    requested_us: int
    lead: str


_START: Final = _Place(-1, "")
_END: Final = _Place(2**63 - 1, "")


@dataclass(frozen=True, slots=True)
class Stretch:
    """The leads of one walk (after, until]."""

    walk: str
    after: _Place
    until: _Place

    def behind(self, lead: Row) -> "Stretch":
        """What is left of it after that lead."""
        return replace(self, after=_Place(lead.requested_us, lead.id))


def stretches(tx: Tx, campaign: str) -> list[Stretch]:
    """The whole list, in its order; whatever is added to it later falls into one of them."""
    found: list[Stretch] = []
    for walk in _WALKS:
        ends = tx.all(
            "SELECT requested_us, id FROM (SELECT requested_us, id, ROW_NUMBER() OVER (ORDER BY requested_us, id)"
            f" AS place FROM lead WHERE campaign_id = :id AND {walk}) AS placed"
            " WHERE place % :leads = 0 ORDER BY requested_us, id",
            id=campaign,
            leads=STRETCH_LEADS,
        )
        bounds = [_START, *(_Place(end.requested_us, end.id) for end in ends), _END]
        found += [Stretch(walk, after, until) for after, until in pairwise(bounds)]
    return found


def is_long(found: list[Stretch]) -> bool:
    """Whether more than one process is worth its start."""
    return len(found) > SHARED_STRETCHES_MIN


def next_of(tx: Tx, campaign: str, stretch: Stretch, leads_max: int) -> list[Row]:
    """The first leads of a stretch."""
    return tx.all(
        f"SELECT * FROM lead WHERE campaign_id = :id AND {stretch.walk}"
        " AND (requested_us, id) > (:after_us, :after) AND (requested_us, id) <= (:until_us, :until)"
        " ORDER BY requested_us, id LIMIT :leads_max",
        id=campaign,
        after_us=stretch.after.requested_us,
        after=stretch.after.lead,
        until_us=stretch.until.requested_us,
        until=stretch.until.lead,
        leads_max=leads_max,
    )


@dataclass(slots=True)
class Tally:
    """Counts as `compliance.explain.summarise`, one lead at a time, with the first sentence of each reason."""

    when: Counter[When] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    example: dict[str, ReasonView] = field(default_factory=dict)

    @property
    def leads(self) -> int:
        """How many were judged."""
        return self.when.total()

    def take(self, facts: Facts, packs: PackSet, now: datetime, together: Together) -> None:
        """One more lead."""
        explanation = explain(facts, packs, now, together)
        self.when[explanation.when] += 1
        if not isinstance(explanation.decision, Refusal):
            return
        found = {o.code for o in explanation.decision.objections}
        self.codes.update(found)
        if found - self.example.keys():
            for shown in live_decision(explanation.decision).objections:
                self.example.setdefault(
                    shown.code, ReasonView(shown.code, 0, shown.sentence, shown.cure, shown.laws)
                )

    def add(self, later: "Tally") -> None:
        """Leads that come after these in the list: the first sentence of a reason stays the first."""
        self.when.update(later.when)
        self.codes.update(later.codes)
        self.example = later.example | self.example

    def view(self) -> CountsView:
        """As people read it: most frequent reasons first."""
        ordered = sorted(self.codes.items(), key=lambda item: (-item[1], item[0]))
        return CountsView(
            now=self.when[When.NOW],
            today=self.when[When.TODAY],
            later=self.when[When.LATER],
            never=self.when[When.NEVER],
            reasons=tuple(replace(self.example[code], leads=leads) for code, leads in ordered),
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """One stretch, or several: as things are, and under what is changed."""

    before: Tally = field(default_factory=Tally)
    after: Tally = field(default_factory=Tally)

    def add(self, later: "Counted") -> None:
        """The stretch that comes next in the list."""
        self.before.add(later.before)
        self.after.add(later.after)
