"""Every requirement that refuses at the gate: broken alone it refuses with its own code, and nothing else is said."""

import pytest
from breach import Breach
from breaches import BREACHES_ALL

from dialer.compliance.gate import decide
from dialer.compliance.lawful import NOW, lawful_facts
from dialer.compliance.outcome import Allowed, Refusal
from dialer.rules.change import without_rules
from dialer.rules.resolve import PackSet
from dialer.rules.shipped import shipped_packs

ROWS = [
    pytest.param(
        row, id=f"{row.requirement}-{row.name}".replace(" ", "_"), marks=pytest.mark.rule(row.requirement)
    )
    for row in BREACHES_ALL
]


def said_codes(row: Breach, packs: PackSet) -> frozenset[str]:
    decision = decide(row.facts(), packs, row.at)
    return frozenset(decision.codes) if isinstance(decision, Refusal) else frozenset()


def test_lawful_facts_are_allowed() -> None:
    assert isinstance(decide(lawful_facts(), shipped_packs(), NOW), Allowed)


@pytest.mark.parametrize("row", ROWS)
def test_a_breach_of_a_requirement_is_refused_by_its_own_code(row: Breach) -> None:
    assert said_codes(row, shipped_packs()) == row.codes


@pytest.mark.parametrize("row", ROWS)
def test_the_same_breach_is_not_refused_so_when_the_packs_lack_the_requirement(row: Breach) -> None:
    packs = shipped_packs()
    kinds = {r.kind for p in packs.packs for r in p.rules if row.requirement in r.requirements}
    assert kinds, "no rule of any pack names the requirement"
    left = said_codes(row, without_rules(packs, lambda _, rule: rule.kind in kinds))
    assert row.codes - left, "the test would stay green without its rule"
    assert row.codes.isdisjoint(left) or len(row.codes) > 1


@pytest.mark.parametrize("row", ROWS)
def test_each_objection_says_why_what_would_cure_it_and_by_which_law(row: Breach) -> None:
    decision = decide(row.facts(), shipped_packs(), row.at)
    assert isinstance(decision, Refusal)
    for objection in decision.objections:
        assert objection.law
        assert objection.requirements
        assert all(ref.source.quote and ref.source.title and ref.source.article for ref in objection.law)
        said = (objection.sentence_zh, objection.sentence_en, objection.cure_zh, objection.cure_en)
        assert all(said)
        assert objection.sentence_zh != objection.sentence_en
        assert objection.cure_zh != objection.cure_en
        assert objection.inputs
