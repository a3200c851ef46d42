"""An unknown fact refuses, by its own code, whichever it is."""

from dataclasses import fields, replace

import pytest
from breaches import without_consent

from dialer.compliance.facts import GROUPS, Unknown, unknowns
from dialer.compliance.gate import decide, unknown_code
from dialer.compliance.lawful import NOW, lawful_facts, with_facts
from dialer.compliance.outcome import Allowed, Refusal
from dialer.rules.shipped import shipped_packs

FIELDS = [(group, field.name) for group, kind in GROUPS for field in fields(kind)]


@pytest.mark.parametrize(("group", "field"), FIELDS, ids=[f"{g}.{f}" for g, f in FIELDS])
def test_an_unknown_fact_refuses_by_its_own_code_and_the_known_one_is_allowed(group: str, field: str) -> None:
    facts = lawful_facts()
    assert isinstance(decide(facts, shipped_packs(), NOW), Allowed)
    decision = decide(with_facts(facts, **{group: {field: Unknown("not read")}}), shipped_packs(), NOW)
    assert isinstance(decision, Refusal)
    assert unknown_code(f"{group}.{field}") in decision.codes
    assert decision.lawful_from is None


@pytest.mark.parametrize("group", [name for name, _ in GROUPS])
def test_an_unknown_group_refuses_by_its_own_code(group: str) -> None:
    decision = decide(replace(lawful_facts(), **{group: Unknown("not read")}), shipped_packs(), NOW)
    assert isinstance(decision, Refusal)
    assert unknown_code(group) in decision.codes


def test_with_everything_unknown_every_group_is_named() -> None:
    facts = replace(lawful_facts(), **{name: Unknown("not read") for name, _ in GROUPS})
    decision = decide(facts, shipped_packs(), NOW)
    assert isinstance(decision, Refusal)
    assert {unknown_code(name) for name, _ in GROUPS} <= set(decision.codes)


def test_lawful_facts_have_no_unknown_and_a_known_absence_of_consent_is_none() -> None:
    assert not list(unknowns(lawful_facts()))
    assert not list(unknowns(without_consent(lawful_facts())))


def test_facts_have_no_defaults() -> None:
    for _, kind in GROUPS:
        for field in fields(kind):
            assert field.default is field.default_factory, f"{kind.__name__}.{field.name} has a default"
