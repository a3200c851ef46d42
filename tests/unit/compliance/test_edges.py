"""Edges of time and number. Each row says why it falls as it does."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from breach import shanghai

from dialer.compliance.facts import Facts, Profile
from dialer.compliance.gate import decide
from dialer.compliance.lawful import NOW, lawful_facts, with_facts
from dialer.compliance.outcome import Allowed, Refusal
from dialer.domain.caller_id import Filing, FilingState
from dialer.domain.campaign import NumberReview, PacingMode, ReviewState, ScriptStep
from dialer.domain.consent import Ownership, Promise
from dialer.domain.purpose import Purpose
from dialer.rules.shipped import shipped_packs
from dialer.rules.strictness import Span

XINJIANG = frozenset({"Asia/Shanghai", "Asia/Urumqi"})


def codes(facts: Facts, at: datetime = NOW) -> set[str]:
    decision = decide(facts, shipped_packs(), at)
    return set(decision.codes) if isinstance(decision, Refusal) else set()


@pytest.mark.rule("D16")
@pytest.mark.parametrize(
    ("at", "said", "why"),
    [
        (shanghai(11, 18, 8, 59, 59), {"WINDOW_CLOSED"}, "one second before the window"),
        (shanghai(11, 18, 9, 0, 0), set(), "09:00:00 belongs to the window: [opens, closes)"),
        (shanghai(11, 18, 20, 59, 29), set(), "30 s of ringing end at 20:59:59"),
        (
            shanghai(11, 18, 20, 59, 30),
            {"WINDOW_CLOSED"},
            "the last ring would reach 21:00:00: no phone rings at 21:00",
        ),
        (shanghai(11, 18, 21, 0, 0), {"WINDOW_CLOSED"}, "21:00 itself is closed"),
        (shanghai(11, 22, 10, 0), set(), "an ordinary Sunday is open: only statutory holidays are closed"),
        (shanghai(10, 10, 10, 0), set(), "Saturday, made a workday for National Day"),
        (shanghai(9, 20, 10, 0), set(), "Sunday, made a workday for Mid-Autumn"),
        (shanghai(10, 1, 10, 0), {"HOLIDAY"}, "National Day"),
        (shanghai(10, 7, 20, 0), {"HOLIDAY"}, "last day of the National Day holiday"),
        (shanghai(10, 8, 9, 0), set(), "first day after it"),
        (shanghai(2, 14, 10, 0), set(), "Saturday, made a workday before Spring Festival"),
        (shanghai(2, 15, 10, 0), {"HOLIDAY"}, "first day of the nine of Spring Festival"),
        (shanghai(2, 23, 10, 0), {"HOLIDAY"}, "last of the nine"),
        (shanghai(1, 4, 10, 0), set(), "Sunday after New Year, a make-up workday"),
        (shanghai(12, 31, 20, 59, 0), set(), "the last open minute of the year that is known"),
    ],
)
def test_the_window_and_the_calendar_fall_as_the_notice_says(at: datetime, said: set[str], why: str) -> None:
    assert codes(lawful_facts(at), at) == said, why


@pytest.mark.rule("D16")
@pytest.mark.parametrize(
    ("at", "said", "why"),
    [
        (shanghai(11, 18, 10, 59, 59), {"WINDOW_CLOSED"}, "08:59:59 in Urumqi"),
        (shanghai(11, 18, 11, 0, 0), set(), "09:00 in Urumqi and 11:00 in Shanghai"),
        (shanghai(11, 18, 20, 59, 0), set(), "open in both"),
        (shanghai(11, 18, 21, 0, 0), {"WINDOW_CLOSED"}, "19:00 in Urumqi, but 21:00 in Shanghai"),
    ],
)
def test_a_number_of_xinjiang_is_called_in_the_hours_of_both_zones(
    at: datetime, said: set[str], why: str
) -> None:
    assert codes(with_facts(lawful_facts(at), callee={"zones": XINJIANG}), at) == said, why


def _kept(opens: int, closes: int) -> dict[str, object]:
    return {"hours": Span(time(opens), time(closes))}


@pytest.mark.rule("D16")
@pytest.mark.parametrize(
    ("at", "said", "why"),
    [
        (shanghai(11, 18, 9, 59, 59), {"CAMPAIGN_HOURS"}, "the law's window is open, the campaign's isn't"),
        (shanghai(11, 18, 10, 0, 0), set(), "both are open"),
        (shanghai(11, 18, 16, 59, 29), set(), "30 s of ringing end at 16:59:59"),
        (shanghai(11, 18, 16, 59, 30), {"CAMPAIGN_HOURS"}, "the last ring would reach 17:00:00"),
        (shanghai(11, 18, 22, 0, 0), {"CAMPAIGN_HOURS", "WINDOW_CLOSED"}, "outside both"),
    ],
)
def test_a_campaigns_own_hours_bind_inside_those_of_the_law(at: datetime, said: set[str], why: str) -> None:
    assert codes(with_facts(lawful_facts(at), campaign=_kept(10, 17)), at) == said, why


@pytest.mark.rule("D16")
def test_a_campaigns_hours_never_widen_the_laws_and_end_its_permits() -> None:
    late = shanghai(11, 18, 21, 30)
    assert codes(with_facts(lawful_facts(late), campaign=_kept(6, 23)), late) == {"WINDOW_CLOSED"}
    noon = shanghai(11, 18, 12, 0)
    ends = {}
    for name, campaign in (("law", {}), ("own", _kept(10, 17)), ("wider", _kept(6, 23))):
        decision = decide(with_facts(lawful_facts(noon), campaign=campaign), shipped_packs(), noon)
        assert isinstance(decision, Allowed), name
        ends[name] = decision.terms.dial_before
    assert ends["own"] == shanghai(11, 18, 16, 59, 30)
    assert ends["law"] == ends["wider"]


@pytest.mark.rule("D16")
def test_the_next_lawful_moment_is_in_both_windows() -> None:
    night = shanghai(11, 18, 22, 0)
    decision = decide(with_facts(lawful_facts(night), campaign=_kept(14, 17)), shipped_packs(), night)
    assert isinstance(decision, Refusal)
    assert decision.lawful_from == shanghai(11, 19, 14, 0)


@pytest.mark.rule("D16")
def test_a_number_without_a_known_zone_is_not_called() -> None:
    assert codes(with_facts(lawful_facts(), callee={"zones": frozenset()})) == {
        "WINDOW_CLOSED",
        "CALLEE_ZONE_UNKNOWN",
    }


@pytest.mark.rule("D16")
def test_the_permit_may_be_used_before_the_close_less_the_ring_and_within_promise_and_consent() -> None:
    def dial_before(**consent: object) -> datetime:
        decision = decide(with_facts(lawful_facts(), consent=consent), shipped_packs(), NOW)
        assert isinstance(decision, Allowed)
        return decision.terms.dial_before

    assert dial_before() == shanghai(11, 18, 20, 59, 30)
    promise = Promise(NOW, NOW + timedelta(hours=1))
    assert dial_before(promise=promise) == promise.closes - timedelta(seconds=30)
    assert dial_before(expires_at=NOW + timedelta(minutes=5)) == NOW + timedelta(minutes=4, seconds=30)


@pytest.mark.rule("D15")
@pytest.mark.parametrize(
    ("given", "at", "said", "why"),
    [
        (shanghai(11, 15, 10), shanghai(11, 18, 9, 59), set(), "72 h are over at 10:00"),
        (
            shanghai(11, 15, 10),
            shanghai(11, 18, 9, 59, 30),
            {"CONSENT_EXPIRED"},
            "it would ring past the 72 h",
        ),
        (
            shanghai(9, 30, 20),
            shanghai(10, 8, 20),
            set(),
            "asked before the holiday: until the close of the first open day",
        ),
        (shanghai(9, 30, 20), shanghai(10, 9, 9), {"CONSENT_EXPIRED"}, "the day after that is too late"),
        (shanghai(11, 17, 22), shanghai(11, 18, 9), set(), "asked at night, called back at nine"),
    ],
)
def test_a_callback_is_made_within_72_hours_or_by_the_end_of_the_first_open_day(
    given: datetime, at: datetime, said: set[str], why: str
) -> None:
    assert codes(with_facts(lawful_facts(at), consent={"given_at": given}), at) == said, why


def _info(given: datetime, expires: datetime | None) -> Facts:
    return with_facts(
        lawful_facts(),
        campaign={"purpose": Purpose.INFO_CONSULT},
        script={"purpose": Purpose.INFO_CONSULT},
        consent={
            "purpose": Purpose.INFO_CONSULT,
            "given_at": given,
            "expires_at": expires,
            "conversations": 4,
        },
    )


@pytest.mark.rule("D15")
@pytest.mark.parametrize(
    ("age_days", "named_days", "said", "why"),
    [
        (29, None, set(), "30 days where the text named no end"),
        (31, None, {"CONSENT_EXPIRED"}, "more than 30 days and no end named"),
        (179, 180, set(), "the text named 180 days, the ceiling"),
        (181, 400, {"CONSENT_EXPIRED"}, "no text reaches beyond 180 days"),
        (10, 9, {"CONSENT_EXPIRED"}, "the text named less than the default"),
    ],
)
def test_an_enquiry_lasts_as_long_as_its_text_says_within_180_days(
    age_days: int, named_days: int | None, said: set[str], why: str
) -> None:
    given = NOW - timedelta(days=age_days)
    expires = given + timedelta(days=named_days) if named_days is not None else None
    assert codes(_info(given, expires)) == said, why


@pytest.mark.rule("B10")
@pytest.mark.parametrize(
    ("score", "said", "why"),
    [
        ("0.749999", set(), "below"),
        ("0.75", {"RISK_SCORE"}, "以上 includes the number"),
        ("0.76", {"RISK_SCORE"}, "above"),
    ],
)
def test_a_risk_score_of_0_75_suspends(score: str, said: set[str], why: str) -> None:
    assert codes(with_facts(lawful_facts(), caller_id={"risk_score": Decimal(score)})) == said, why


@pytest.mark.rule("D17")
@pytest.mark.parametrize(
    ("ended_ago", "said", "why"),
    [
        (timedelta(minutes=30), set(), "the gap is over when it is over"),
        (timedelta(minutes=29, seconds=59), {"CALLED_RECENTLY"}, "one second short"),
    ],
)
def test_half_an_hour_lies_between_attempts(ended_ago: timedelta, said: set[str], why: str) -> None:
    contact = {"attempts_at": (NOW - ended_ago,), "last_ended_at": NOW - ended_ago}
    assert codes(with_facts(lawful_facts(), contact=contact)) == said, why


@pytest.mark.rule("D17")
@pytest.mark.parametrize(
    ("hours_ago", "said", "why"),
    [
        ((23, 20, 2), {"FREQUENCY_24_HOURS"}, "three already"),
        ((24, 20, 2), set(), "24 hours ago exactly lies outside (now - 24 h, now]"),
        ((20, 2), set(), "this one is the third"),
    ],
)
def test_three_attempts_fit_any_24_hours(hours_ago: tuple[int, ...], said: set[str], why: str) -> None:
    attempts = tuple(NOW - timedelta(hours=h) for h in hours_ago)
    facts = with_facts(lawful_facts(), contact={"attempts_at": attempts, "last_ended_at": attempts[-1]})
    assert codes(facts) == said, why


@pytest.mark.rule("A6")
@pytest.mark.parametrize(
    ("abandoned", "live", "mode", "said", "why"),
    [
        (2, 100, PacingMode.PROGRESSIVE, set(), "2 % is over the cap of pacing, below the stop of the gate"),
        (3, 100, PacingMode.PROGRESSIVE, {"ABANDON_STOP"}, "3 % is the stop itself"),
        (1, 33, PacingMode.PROGRESSIVE, {"ABANDON_STOP"}, "one of 33 is more than 3 %"),
        (0, 0, PacingMode.PROGRESSIVE, set(), "a day that has just begun"),
        (3, 100, PacingMode.PREVIEW, set(), "agent-first can't abandon anybody"),
    ],
)
def test_the_abandon_stop(abandoned: int, live: int, mode: PacingMode, said: set[str], why: str) -> None:
    campaign = {"abandoned_day": abandoned, "live_answers_day": live, "mode": mode}
    assert codes(with_facts(lawful_facts(), campaign=campaign)) == said, why


@pytest.mark.rule("A6")
def test_an_abandoned_person_is_tried_the_next_day_by_an_agent_first() -> None:
    yesterday = with_facts(lawful_facts(), contact={"abandoned_at": shanghai(11, 17, 18)})
    assert codes(yesterday) == {"ABANDONED_NEEDS_AGENT_FIRST"}
    assert codes(with_facts(yesterday, campaign={"mode": PacingMode.PREVIEW})) == set()


@pytest.mark.rule("D2")
@pytest.mark.parametrize(
    ("changed_on", "said", "why"),
    [
        (date(2026, 11, 4), set(), "day 1 is the 5th, day 10 is Wednesday the 18th: today"),
        (date(2026, 11, 3), {"NUMBER_CHANGE_OVERDUE"}, "day 10 was the 17th"),
    ],
)
def test_a_change_of_a_filing_has_ten_working_days(changed_on: date, said: set[str], why: str) -> None:
    filing = Filing(state=FilingState.CHANGE_PENDING, outbound=True, changed_on=changed_on, expires_on=None)
    assert codes(with_facts(lawful_facts(), caller_id={"filing": filing})) == said, why


@pytest.mark.rule("A10")
def test_unproven_ownership_is_dialable_when_the_script_confirms_the_request() -> None:
    unproven = with_facts(lawful_facts(), consent={"ownership": Ownership.UNPROVEN})
    assert codes(unproven) == set()
    steps = frozenset(ScriptStep) - {ScriptStep.REQUEST_CONFIRMED}
    assert codes(with_facts(unproven, script={"steps": steps})) == {"OWNERSHIP_UNPROVEN"}


@pytest.mark.rule("A4")
def test_a_recorded_approval_that_names_the_row_lifts_a_review_and_predictive_mode() -> None:
    def review(**values: object) -> NumberReview:
        named: dict[str, object] = {"reference": "r-1", "modes": frozenset(), "rows": frozenset(), **values}
        return NumberReview(state=ReviewState.APPROVED, **named)  # type: ignore[arg-type]

    hinted = {"purpose_text": "二手房看房回访"}
    assert codes(with_facts(lawful_facts(), campaign=hinted)) == {"NUMBER_REVIEW_PENDING"}
    approved = {**hinted, "number_review": review(rows=frozenset({"A2-06"}))}
    assert codes(with_facts(lawful_facts(), campaign=approved)) == set()
    unrecorded = {**hinted, "number_review": review(rows=frozenset({"A2-06"}), reference="")}
    assert codes(with_facts(lawful_facts(), campaign=unrecorded)) == {"NUMBER_REVIEW_PENDING"}
    predictive = {
        "mode": PacingMode.PREDICTIVE,
        "number_review": review(modes=frozenset({PacingMode.PREDICTIVE})),
    }
    assert codes(with_facts(lawful_facts(), campaign=predictive)) == set()


@pytest.mark.rule("D16")
def test_two_seconds_of_clock_error_are_counted_in_and_a_shifted_clock_is_the_demos() -> None:
    assert codes(with_facts(lawful_facts(), clock={"error_ms": 2000})) == set()
    assert codes(with_facts(lawful_facts(), clock={"error_ms": 2001})) == {"CLOCK_UNSURE"}
    assert codes(with_facts(lawful_facts(), clock={"offset_us": 1})) == {"CLOCK_SHIFTED"}
    assert codes(with_facts(lawful_facts(), clock={"offset_us": 1, "profile": Profile.DEMO})) == set()


def test_the_gate_decides_about_aware_moments_only() -> None:
    with pytest.raises(ValueError, match="aware"):
        decide(lawful_facts(), shipped_packs(), datetime(2026, 11, 18, 10, 30))  # noqa: DTZ001
    assert isinstance(
        decide(lawful_facts(), shipped_packs(), datetime(2026, 11, 18, 2, 30, tzinfo=UTC)), Allowed
    )
