"""Why and when, for one lead, for a list, and under changed law."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from breach import shanghai
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.compliance.explain import When, as_of, explain, summarise, what_if
from dialer.compliance.facts import Facts
from dialer.compliance.gate import decide
from dialer.compliance.lawful import NOW, lawful_facts, with_facts
from dialer.compliance.outcome import Allowed, Refusal, Result
from dialer.domain.consent import ConsentState, Promise
from dialer.domain.organisation import Attestation
from dialer.rules.change import with_pack, without_rules
from dialer.rules.kinds.moments import Window
from dialer.rules.shipped import shipped_packs
from dialer.rules.strictness import Span


@pytest.mark.parametrize(
    ("at", "when", "lawful_from", "why"),
    [
        (shanghai(11, 18, 10, 30), When.NOW, shanghai(11, 18, 10, 30), "it is allowed"),
        (shanghai(11, 18, 7), When.TODAY, shanghai(11, 18, 9), "opens today"),
        (shanghai(11, 18, 22), When.LATER, shanghai(11, 19, 9), "opens tomorrow"),
        (shanghai(10, 3, 12), When.LATER, shanghai(10, 8, 9), "opens after the holiday"),
    ],
)
def test_a_lead_is_placed_in_time(at: datetime, when: When, lawful_from: datetime, why: str) -> None:
    explanation = explain(lawful_facts(at), shipped_packs(), at)
    assert (explanation.when, explanation.lawful_from) == (when, lawful_from), why


def test_what_no_waiting_cures_is_never() -> None:
    withdrawn = with_facts(lawful_facts(), consent={"state": ConsentState.WITHDRAWN})
    assert explain(withdrawn, shipped_packs(), NOW).when is When.NEVER


def test_the_next_moment_holds_for_all_objections_together() -> None:
    at = shanghai(11, 18, 20, 50)
    facts = with_facts(
        lawful_facts(at),
        contact={"attempts_at": (at - timedelta(minutes=11),), "last_ended_at": at - timedelta(minutes=10)},
        consent={"promise": Promise(shanghai(11, 19, 14), shanghai(11, 19, 15))},
    )
    assert explain(facts, shipped_packs(), at).lawful_from == shanghai(11, 19, 14)


def test_a_list_is_counted_and_its_reasons_ranked() -> None:
    packs = shipped_packs()
    early = shanghai(11, 18, 7)
    withdrawn = with_facts(lawful_facts(NOW), consent={"state": ConsentState.WITHDRAWN})
    rows = [
        explain(lawful_facts(NOW), packs, NOW),
        explain(lawful_facts(early), packs, early),
        explain(withdrawn, packs, NOW),
        explain(withdrawn, packs, NOW),
    ]
    summary = summarise(rows)
    assert (summary.now, summary.today, summary.later, summary.never) == (1, 1, 0, 2)
    assert summary.codes == (("CONSENT_WITHDRAWN", 2), ("WINDOW_CLOSED", 1))


def test_what_if_shows_what_a_changed_pack_would_change() -> None:
    packs = shipped_packs()
    at = shanghai(11, 18, 9, 30)
    cn = next(p for p in packs.packs if p.pack_id == "cn")
    ten = tuple(
        replace(r, value=replace(r.value, weekday=Span(time(10), time(21))))
        if isinstance(r.value, Window)
        else r
        for r in cn.rules
    )
    difference = what_if(lawful_facts(at), packs, with_pack(packs, replace(cn, rules=ten)), at)
    assert difference.before.when is When.NOW
    assert difference.after.lawful_from == shanghai(11, 18, 10)
    assert (difference.codes_gone, difference.codes_new) == ((), ("WINDOW_CLOSED",))
    back = what_if(lawful_facts(at), with_pack(packs, replace(cn, rules=ten)), packs, at)
    assert (back.codes_gone, back.codes_new) == (("WINDOW_CLOSED",), ())


def test_without_a_mandatory_kind_nothing_is_allowed() -> None:
    packs = without_rules(shipped_packs(), lambda _, rule: rule.kind == "window")
    decision = decide(lawful_facts(), packs, NOW)
    assert isinstance(decision, Refusal)
    assert decision.codes == ("LAW_MISSING",)
    assert decision.objections[0].inputs == (("kind", "window"),)


def test_an_auditor_reads_every_rule_with_input_result_and_law() -> None:
    decision = decide(lawful_facts(), shipped_packs(), NOW)
    assert isinstance(decision, Allowed)
    assert len(decision.rules) > 75
    assert len({rule.check for rule in decision.rules}) == len(decision.rules), "each row has its own name"
    for rule in decision.rules:
        assert rule.inputs
        assert rule.law
        assert rule.result is Result.PASSED
    assert {p.policy_id for p in decision.policy} == {
        "house",
        "cn",
        "cn-platform",
        "calendar:cn",
        "list:banned_business",
        "list:phrases",
    }
    assert {w.code for w in decision.warnings} == {"PACK_UNVERIFIED"}


def _at(minutes: int) -> datetime:
    return shanghai(1, 1, 0) + timedelta(minutes=minutes)


def _asked(minutes: int, hours_ago: int) -> tuple[Facts, datetime]:
    at = _at(minutes)
    return with_facts(lawful_facts(at), consent={"given_at": at - timedelta(hours=hours_ago)}), at


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 365 * 1440 - 1), st.integers(0, 100))
def test_at_any_minute_of_the_year_what_is_allowed_rings_inside_the_hours(
    minutes: int, hours_ago: int
) -> None:
    facts, at = _asked(minutes, hours_ago)
    decision = decide(facts, shipped_packs(), at)
    local = at + timedelta(hours=8)
    if isinstance(decision, Allowed):
        assert 9 <= local.hour < 21
        assert at < decision.terms.dial_before <= shanghai(local.month, local.day, 20, 59, 30)
    elif decision.lawful_from is not None:
        moment = decision.lawful_from
        assert moment > at
        assert isinstance(decide(_moved(facts, moment), shipped_packs(), moment), Allowed)
        before = moment - timedelta(seconds=1)
        assert not isinstance(decide(_moved(facts, before), shipped_packs(), before), Allowed)


def _moved(facts: Facts, moment: datetime) -> Facts:
    """The same facts read later: only the log's newest time moves on."""
    return with_facts(facts, clock={"latest_recorded_at": moment})


def test_the_facts_of_now_can_be_judged_at_an_earlier_moment() -> None:
    earlier = NOW - timedelta(minutes=3)
    assert not isinstance(decide(lawful_facts(), shipped_packs(), earlier), Allowed), (
        "the clock would be behind the log"
    )
    assert isinstance(decide(as_of(lawful_facts(), earlier), shipped_packs(), earlier), Allowed)


@pytest.mark.rule("D27")
def test_without_iso_27001_a_call_is_allowed_and_a_person_is_told() -> None:
    expired = with_facts(
        lawful_facts(), organisation={"attestation": Attestation(3, date(2027, 1, 1), date(2026, 1, 1))}
    )
    decision = decide(expired, shipped_packs(), NOW)
    assert isinstance(decision, Allowed)
    assert "ISO27001" in {w.code for w in decision.warnings}
    kept = decide(lawful_facts(), shipped_packs(), NOW)
    assert isinstance(kept, Allowed)
    assert "ISO27001" not in {w.code for w in kept.warnings}
