"""Who is called next, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.compliance.queue import Offer, Skills, Waiting, campaign_for, may_take, next_leads, next_queues
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
