"""A whole list explained: how many leads are dialable now, today, later or only after a cure, and why not the rest."""

from dataclasses import dataclass
from datetime import datetime

from dialer.services.views.decision import DecisionView
from dialer.services.views.words import Law, Named, Sentence


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One reason, on how many leads it lies; as it reads on the first of them."""

    code: str
    leads: int
    sentence: Sentence
    cure: Sentence
    laws: tuple[Law, ...]


@dataclass(frozen=True, slots=True)
class CountsView:
    """Each open lead stands in exactly one of the four; a lead with several reasons stands under each of them."""

    now: int
    today: int
    later: int
    never: int
    """Not by waiting: something has to be cured first."""
    reasons: tuple[ReasonView, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """The open leads of one campaign at one moment. `changed`: the same under changed packs or another campaign."""

    campaign: Named
    at: datetime
    leads: int
    counts: CountsView
    changed: CountsView | None


@dataclass(frozen=True, slots=True)
class ReplayView:
    """A past decision made again from its evidence. `same`: the gate says today what it said then.

    `packs_changed`: ids of packs, calendars and lists whose text is another one today.
    """

    at: datetime
    same: bool
    then: tuple[str, ...]
    decision: DecisionView
    packs_changed: tuple[str, ...]
