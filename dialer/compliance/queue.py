"""Who is called next: routing by declared purpose, promised time and age of the request. Pure.

1. A lead belongs to the campaign whose purpose its consent names; none is guessed.
2. Within a campaign: who was promised this time comes first, earliest promise first; then the oldest request. Who was
   promised a later time waits, whoever is due later waits.
3. Between campaigns that share agents: the queue whose window closes soonest is served first, then the oldest request.
4. An agent takes a lead whose purpose and language are among their skills.
Pacing says how many, this says whom, and the gate says whether.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Final

from dialer.domain.consent import Promise
from dialer.domain.ids import CampaignId, LeadId, UserId
from dialer.domain.purpose import Purpose

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
LANGUAGES_MAX: Final = 6
"""Sets of at most so many languages are looked at: 63 of six."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lead that could be claimed. `requested_at`: when the person asked; `language`: a BCP 47 tag."""

    lead_id: LeadId
    campaign_id: CampaignId
    purpose: Purpose
    language: str
    requested_at: datetime
    due_at: datetime
    promise: Promise | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A campaign as far as routing looks at it. `closes_at`: when its callees' window closes today; None = closed."""

    campaign_id: CampaignId
    purpose: Purpose
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Skills:
    """What an agent may take."""

    agent_id: UserId
    purposes: frozenset[Purpose]
    languages: frozenset[str]


def campaign_for(purpose: Purpose, offers: Iterable[Offer]) -> CampaignId | None:
    """The campaign that a consent's purpose goes to; None: none declares it, the lead waits for one.

    Of several, the one whose window closes soonest, then by id, so that the answer never depends on the order.
    """
    matching = [o for o in offers if o.purpose is purpose]
    matching.sort(key=lambda o: (o.closes_at is None, o.closes_at or _NEVER, o.campaign_id))
    return matching[0].campaign_id if matching else None


def may_take(skills: Skills, lead: Waiting) -> bool:
    """Whether the agent has the lead's purpose and language."""
    return lead.purpose in skills.purposes and speaks(skills.languages, lead.language)


def speaks(languages: frozenset[str], language: str) -> bool:
    """Whether one of `languages` (empty: not restricted) is `language` or its primary tag: zh speaks zh-HK, not yue."""
    return not languages or not language or bool(languages & {language, language.partition("-")[0]})


@dataclass(frozen=True, slots=True)
class Room:
    """Which further calls agents can take: `lines` at once, all in `languages` (None: in any)."""

    languages: frozenset[str] | None
    lines: int


def room(
    speakers: Sequence[frozenset[str]], waiting: frozenset[str], in_air: Mapping[str, int], total: int
) -> Room:
    """The further calls of a campaign that agents with these languages can take, of `total` lines with those in the air.

    Each set of languages gets no more lines than its speakers' share of `total`, rounded up (Hall's condition): with a
    line for each ready agent, whoever answers finds an agent of their language, in whatever order they answer.
    """
    known = sorted((waiting | set(in_air)) - {""})
    if not any(speakers):
        return Room(None, max(0, total - sum(in_air.values())))
    left: dict[frozenset[str], int] = {}
    for size in range(1, min(len(known), LANGUAGES_MAX) + 1):
        for some in combinations(known, size):
            able = sum(1 for s in speakers if any(speaks(s, language) for language in some))
            share = -(-total * able // len(speakers)) if speakers else 0
            left[frozenset(some)] = share - sum(in_air.get(language, 0) for language in some)
    served = frozenset(w for w in waiting if min(n for some, n in left.items() if w in some) > 0)
    lines = min((n for some, n in left.items() if some & served), default=0)
    return Room(served, min(lines, max(0, total - sum(in_air.values()))))


def next_leads(leads: Iterable[Waiting], now: datetime) -> tuple[Waiting, ...]:
    """Leads of one campaign that may be claimed now, in the order of service. Promised windows are [opens, closes)."""
    ready = [lead for lead in leads if lead.due_at <= now and _promise_allows(lead, now)]
    return tuple(sorted(ready, key=_rank))


def _promise_allows(lead: Waiting, now: datetime) -> bool:
    return lead.promise is None or lead.promise.opens <= now < lead.promise.closes


def _rank(lead: Waiting) -> tuple[int, datetime, datetime, str]:
    if lead.promise is not None:
        return (0, lead.promise.opens, lead.requested_at, lead.lead_id)
    return (1, lead.requested_at, lead.requested_at, lead.lead_id)


def next_queues(offers: Iterable[Offer], oldest: dict[CampaignId, datetime]) -> tuple[CampaignId, ...]:
    """Campaigns with waiting leads (`oldest`: oldest request of each) in the order of service; closed ones are left out."""
    open_offers = [o for o in offers if o.closes_at is not None and o.campaign_id in oldest]
    open_offers.sort(key=lambda o: (o.closes_at or _NEVER, oldest[o.campaign_id], o.campaign_id))
    return tuple(o.campaign_id for o in open_offers)
