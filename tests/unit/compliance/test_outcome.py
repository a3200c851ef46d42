"""Only the gate allows a call, and nothing it says names a number."""

import copy
import json
import pickle
from pathlib import Path

import pytest
from breaches import BREACHES_ALL

import dialer
from dialer.compliance.gate import decide
from dialer.compliance.lawful import NOW, lawful_facts
from dialer.compliance.outcome import Allowed, Refusal
from dialer.rules.shipped import shipped_packs


def allowed() -> Allowed:
    decision = decide(lawful_facts(), shipped_packs(), NOW)
    assert isinstance(decision, Allowed)
    return decision


def test_allowed_is_made_by_the_gate_alone() -> None:
    yes = allowed()
    with pytest.raises(TypeError, match="only the gate"):
        Allowed(object(), decided_at=NOW, terms=yes.terms, rules=(), policy=(), warnings=())
    with pytest.raises(TypeError):
        yes.terms = yes.terms
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copying(yes)


def test_allowed_has_no_way_to_be_born_without_its_fields() -> None:
    empty = object.__new__(Allowed)
    with pytest.raises(AttributeError):
        _ = empty.terms


def test_no_module_but_the_gate_and_its_outcome_names_the_key() -> None:
    package = Path(dialer.__file__).parent
    holders = {
        str(p.relative_to(package))
        for p in package.rglob("*.py")
        if "_KEY_OF_THE_GATE" in p.read_text(encoding="utf-8")
    }
    assert holders == {"compliance/gate.py", "compliance/outcome.py"}


def test_a_decision_is_the_same_each_time_it_is_made() -> None:
    assert allowed().rules == allowed().rules
    assert allowed().terms == allowed().terms


@pytest.mark.rule("C3")
@pytest.mark.rule("C4")
@pytest.mark.rule("C5")
def test_every_refusal_has_stable_codes_and_names_nobody() -> None:
    for row in BREACHES_ALL:
        decision = decide(row.facts(), shipped_packs(), row.at)
        assert isinstance(decision, Refusal)
        assert all(code.isupper() and code.replace("_", "").isalnum() for code in decision.codes)
        text = json.dumps([[o.inputs, o.sentence_zh, o.sentence_en] for o in decision.objections])
        assert "+86130" not in text, "not even the range of the number"
