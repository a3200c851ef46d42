"""Facts go to JSON and back without loss, so that a past decision can be decided again."""

import json
from typing import Any

import pytest
from breach import Breach
from breaches import BREACHES_ALL, without_consent

from dialer.compliance.codec import CodecError, facts_from_plain, facts_to_plain
from dialer.compliance.facts import GROUPS, Unknown
from dialer.compliance.gate import decide
from dialer.compliance.lawful import NOW, lawful_facts, with_facts
from dialer.compliance.outcome import Refusal
from dialer.rules.shipped import shipped_packs


@pytest.mark.parametrize("row", BREACHES_ALL, ids=[f"{r.requirement} {r.name}" for r in BREACHES_ALL])
def test_facts_come_back_as_they_went_and_decide_the_same(row: Breach) -> None:
    facts = row.facts()
    again = facts_from_plain(json.loads(json.dumps(facts_to_plain(facts))))
    assert again == facts
    first, second = (decide(f, shipped_packs(), row.at) for f in (facts, again))
    assert isinstance(first, Refusal)
    assert first == second


def test_an_unknown_fact_stays_unknown_and_an_absent_consent_absent() -> None:
    facts = with_facts(lawful_facts(), consent={"purpose": Unknown("why")}, callee={"zones": Unknown("why")})
    assert facts_from_plain(facts_to_plain(facts)) == facts
    absent = without_consent(lawful_facts())
    assert facts_from_plain(facts_to_plain(absent)) == absent


def _broken(group: str, change: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(facts_to_plain(lawful_facts(NOW))))
    change(plain[group])
    return plain


@pytest.mark.parametrize(
    ("group", "change", "why"),
    [
        ("clock", lambda g: g.pop("error_ms"), "a field is missing"),
        ("clock", lambda g: g.update(mood=1), "a field is unknown"),
        ("clock", lambda g: g.update(error_ms="20"), "text is no number"),
        ("clock", lambda g: g.update(error_ms=True), "true is no number"),
        ("clock", lambda g: g.update(profile="holiday"), "no such word"),
        ("consent", lambda g: g.update(given_at="2026-11-18T10:30:00"), "a moment without offset"),
        ("consent", lambda g: g.update(fields="text_shown"), "a list is a list"),
        ("caller_id", lambda g: g.update(risk_score="much"), "no decimal"),
        ("caller_id", lambda g: g.update(agents_bound=1), "1 is not true"),
        ("campaign", lambda g: g.update(hours={"opens": "noon", "closes": "18:00:00"}), "no time of day"),
        (
            "campaign",
            lambda g: g.update(hours={"opens": "18:00:00", "closes": "17:00:00"}),
            "closes before it opens",
        ),
    ],
)
def test_what_is_not_of_the_declared_type_is_not_decoded(group: str, change: Any, why: str) -> None:
    with pytest.raises(CodecError):
        facts_from_plain(_broken(group, change))
    assert why


def test_a_missing_group_is_not_decoded() -> None:
    for group, _ in GROUPS:
        plain = dict(facts_to_plain(lawful_facts()))
        del plain[group]
        with pytest.raises(CodecError, match=group):
            facts_from_plain(plain)
