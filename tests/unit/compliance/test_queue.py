"""Who is called next, as a table."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.compliance.queue import (
    Offer,
    Room,
    Skills,
    Waiting,
    campaign_for,
    may_take,
    next_leads,
    next_queues,
    room,
    speaks,
)
from dialer.domain.consent import Promise
from dialer.domain.ids import CampaignId, LeadId, UserId
from dialer.domain.purpose import Purpose

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lead(
    name: str, *, asked_ago: float = 10, due_in: float = -1, promised: tuple[float, float] | None = None
) -> Waiting:
    """A lead; hours from now."""
    promise = Promise(NOW + promised[0] * HOUR, NOW + promised[1] * HOUR) if promised else None
    return Waiting(
        lead_id=LeadId(name),
        campaign_id=CampaignId("c"),
        purpose=Purpose.CALLBACK,
        language="zh",
        requested_at=NOW - asked_ago * HOUR,
        due_at=NOW + due_in * HOUR,
        promise=promise,
    )


@pytest.mark.parametrize(
    ("leads", "order", "why"),
    [
        ([lead("young", asked_ago=1), lead("old", asked_ago=9)], ["old", "young"], "oldest request first"),
        (
            [lead("old", asked_ago=99), lead("promised", asked_ago=1, promised=(-0.5, 0.5))],
            ["promised", "old"],
            "who was promised this time comes first",
        ),
        (
            [lead("later", promised=(-0.25, 1)), lead("earlier", promised=(-0.5, 1))],
            ["earlier", "later"],
            "the earlier promise first",
        ),
        ([lead("promised", promised=(1, 2)), lead("plain")], ["plain"], "a later promise waits for its time"),
        (
            [lead("promised", promised=(-2, 0)), lead("plain")],
            ["plain"],
            "[opens, closes): the promise is over now",
        ),
        ([lead("promised", promised=(0, 1))], ["promised"], "its first moment belongs to it"),
        ([lead("due", due_in=0), lead("not yet", due_in=0.01)], ["due"], "due now, and not yet due"),
        ([lead("b"), lead("a")], ["a", "b"], "a tie never depends on the order of the list"),
        ([], [], "nobody waits"),
    ],
)
def test_leads_are_served_in_order(leads: list[Waiting], order: list[str], why: str) -> None:
    assert [x.lead_id for x in next_leads(leads, NOW)] == order, why
    assert [x.lead_id for x in next_leads(reversed(leads), NOW)] == order, why


def offer(name: str, closes_in: float | None, purpose: Purpose = Purpose.CALLBACK) -> Offer:
    return Offer(CampaignId(name), purpose, None if closes_in is None else NOW + closes_in * HOUR)


@pytest.mark.parametrize(
    ("offers", "oldest_ago", "order", "why"),
    [
        (
            [offer("late", 9), offer("soon", 2)],
            {"late": 50, "soon": 1},
            ["soon", "late"],
            "closes soonest first",
        ),
        ([offer("b", 2), offer("a", 2)], {"b": 5, "a": 1}, ["b", "a"], "then the oldest request"),
        (
            [offer("closed", None), offer("open", 2)],
            {"closed": 9, "open": 1},
            ["open"],
            "a closed window isn't served",
        ),
        ([offer("empty", 1), offer("open", 2)], {"open": 1}, ["open"], "nobody waits there"),
    ],
)
def test_queues_are_served_in_order(
    offers: list[Offer], oldest_ago: dict[str, float], order: list[str], why: str
) -> None:
    oldest = {CampaignId(name): NOW - ago * HOUR for name, ago in oldest_ago.items()}
    assert list(next_queues(offers, oldest)) == order, why


def test_a_lead_goes_to_the_campaign_of_its_consents_purpose() -> None:
    offers = [
        offer("info", 2, Purpose.INFO_CONSULT),
        offer("late", 9),
        offer("soon", 3),
        offer("closed", None),
    ]
    assert campaign_for(Purpose.CALLBACK, offers) == "soon"
    assert campaign_for(Purpose.CALLBACK, reversed(offers)) == "soon"
    assert campaign_for(Purpose.INFO_CONSULT, offers) == "info"
    assert campaign_for(Purpose.MARKETING, offers) is None, (
        "no campaign declares it: it waits, none is guessed"
    )


def test_an_agent_takes_what_is_among_their_skills() -> None:
    skills = Skills(UserId("u"), frozenset({Purpose.CALLBACK}), frozenset({"zh"}))
    assert may_take(skills, lead("x"))
    assert not may_take(Skills(UserId("u"), frozenset({Purpose.INFO_CONSULT}), frozenset({"zh"})), lead("x"))
    assert not may_take(Skills(UserId("u"), frozenset(Purpose), frozenset({"en"})), lead("x"))


ZH, EN, BOTH, ANY = frozenset({"zh"}), frozenset({"en"}), frozenset({"zh", "en"}), frozenset[str]()


@pytest.mark.parametrize(
    ("languages", "language", "is_spoken"),
    [
        (ZH, "zh", True),
        (ZH, "en", False),
        (ZH, "zh-HK", True),
        (frozenset({"zh-HK"}), "zh", False),
        (ANY, "ja", True),
        (ZH, "", True),
    ],
)
def test_who_speaks_a_language_speaks_its_regions(
    languages: frozenset[str], language: str, is_spoken: bool
) -> None:
    assert speaks(languages, language) is is_spoken


@pytest.mark.parametrize(
    ("speakers", "waiting", "in_air", "total", "expected", "why"),
    [
        ([ANY, ANY], BOTH, {}, 2, Room(None, 2), "nobody is restricted"),
        ([ZH, EN], BOTH, {}, 2, Room(BOTH, 1), "one of each: not both lines may be of one language"),
        ([ZH, EN], BOTH, {"zh": 1}, 2, Room(EN, 1), "the speaker of zh is taken"),
        ([ZH, ZH], BOTH, {}, 2, Room(ZH, 2), "nobody speaks en: it waits"),
        ([ZH, ZH], EN, {}, 2, Room(frozenset(), 0), "nobody speaks what waits"),
        ([BOTH, BOTH], BOTH, {}, 2, Room(BOTH, 2), "everybody speaks everything that waits"),
        ([BOTH, ZH], BOTH, {"en": 1}, 2, Room(ZH, 1), "the one speaker of en is counted on"),
        ([ZH, EN], BOTH, {"zh": 1, "en": 1}, 2, Room(frozenset(), 0), "each has a line"),
        ([ZH, ZH, ZH, EN], BOTH, {}, 6, Room(BOTH, 2), "predictive: half as much again for each"),
        ([ZH], ZH, {"": 1}, 2, Room(ZH, 1), "a line whose language isn't known counts in the whole"),
        ([ZH, EN], frozenset(), {}, 2, Room(frozenset(), 0), "nobody waits"),
    ],
)
def test_agents_are_found_for_whoever_answers(
    speakers: list[frozenset[str]],
    waiting: frozenset[str],
    in_air: dict[str, int],
    total: int,
    expected: Room,
    why: str,
) -> None:
    assert room(speakers, waiting, in_air, total) == expected, why


@given(
    speakers=st.lists(st.sets(st.sampled_from(["zh", "en", "ja"]), min_size=1), min_size=1, max_size=5),
    wishes=st.lists(st.sampled_from(["zh", "en", "ja"]), max_size=12),
)
def test_with_a_line_for_each_ready_agent_every_answer_finds_a_speaker(
    speakers: list[set[str]], wishes: list[str]
) -> None:
    """However leads come, lines taken as `room` allows can all be answered at once, each by an agent of its own."""
    able = [frozenset(s) for s in speakers]
    lines: list[str] = []
    while wishes:
        found = room(able, frozenset(wishes), Counter(lines), len(able))
        taken = [w for w in wishes if found.languages is None or w in found.languages][: found.lines]
        if not taken:
            break
        for language in taken:
            wishes.remove(language)
        lines += taken
    seats: dict[int, str] = {}

    def seat(language: str, tried: set[int]) -> bool:
        for n, agent in enumerate(able):
            if language in agent and n not in tried:
                tried.add(n)
                if n not in seats or seat(seats[n], tried):
                    seats[n] = language
                    return True
        return False

    assert all(seat(language, set()) for language in lines)
