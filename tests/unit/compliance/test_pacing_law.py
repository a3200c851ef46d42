"""What the packs leave a campaign to pace with: forbidden modes can't be had, and the strictest cap holds."""

from dataclasses import replace
from datetime import date

from dialer.compliance.facts import Unknown
from dialer.compliance.lawful import lawful_facts
from dialer.compliance.pacing_law import PacingLaw, pacing_law
from dialer.domain.campaign import NumberReview, PacingMode, ReviewState
from dialer.pacing.mode import CapTooHigh, ModeBounds, ModeForbidden, PacingChoice, choose
from dialer.rules.shipped import shipped_packs

DAY = date(2026, 11, 18)
FACTS = lawful_facts()


def _law(review: NumberReview | None = None, unknown: bool = False) -> PacingLaw:
    organisation, campaign = FACTS.organisation, FACTS.campaign
    assert not isinstance(organisation, Unknown)
    assert not isinstance(campaign, Unknown)
    if review is not None:
        campaign = replace(campaign, number_review=review)
    if unknown:
        organisation = replace(organisation, packs=Unknown("not in the register"))
    law = pacing_law(organisation, campaign, shipped_packs(), DAY)
    assert law is not None
    return law


def _choose(law: PacingLaw, mode: PacingMode, cap: float = 0.01) -> object:
    return choose(mode, cap, ModeBounds(law.modes, law.cap_ppm_max / 1_000_000))


def test_predictive_needs_the_number_reviews_approval_by_name() -> None:
    bare = _law(NumberReview(ReviewState.APPROVED, "review-1", frozenset(), frozenset()))
    assert isinstance(_choose(bare, PacingMode.PREDICTIVE), ModeForbidden)
    assert isinstance(_choose(bare, PacingMode.PROGRESSIVE), PacingChoice), "control"
    approved = _law(
        NumberReview(ReviewState.APPROVED, "review-1", frozenset({PacingMode.PREDICTIVE}), frozenset())
    )
    assert isinstance(_choose(approved, PacingMode.PREDICTIVE), PacingChoice)
    pending = _law(
        NumberReview(ReviewState.PENDING, "review-1", frozenset({PacingMode.PREDICTIVE}), frozenset())
    )
    assert isinstance(_choose(pending, PacingMode.PREDICTIVE), ModeForbidden)


def test_a_cap_above_the_strictest_packs_is_refused() -> None:
    law = _law(NumberReview(ReviewState.APPROVED, "r", frozenset({PacingMode.PREDICTIVE}), frozenset()))
    assert isinstance(_choose(law, PacingMode.PREDICTIVE, 0.03), CapTooHigh)
    assert isinstance(_choose(law, PacingMode.PREDICTIVE, law.cap_ppm_max / 1_000_000), PacingChoice)


def test_where_the_packs_of_an_organisation_are_unknown_no_mode_is_left() -> None:
    assert _law(unknown=True).modes == frozenset()
    assert _law().modes, "control"


def test_ring_and_patience_are_the_strictest_packs() -> None:
    law = _law()
    assert 0 <= law.ring_seconds_min <= law.ring_seconds_max <= 60
    assert 0 < law.patience_ms <= 2_000
