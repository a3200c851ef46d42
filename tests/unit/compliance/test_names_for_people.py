"""Every rule and every fact has a name for people, in both languages; sentences say times where the person is."""

import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from breaches import BREACHES_ALL

from dialer import compliance
from dialer.compliance.checks import ALL
from dialer.compliance.facts import GROUPS
from dialer.compliance.gate import decide
from dialer.compliance.lawful import NOW, lawful_facts
from dialer.compliance.words import FIELDS, KINDS, local, name_of_check, name_of_fact
from dialer.compliance.words import GROUPS as GROUP_WORDS
from dialer.compliance.words_of_inputs import INPUTS, name_of_input
from dialer.rules.kinds import kind_name
from dialer.rules.shipped import shipped_packs

CHECKS = Path(str(compliance.__file__)).parent
SHORT_NAME = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
DAY = re.compile(r"\d{4}-\d\d-\d\d$")


def test_each_kind_of_rule_has_a_name_and_no_name_is_left_over() -> None:
    assert set(KINDS) == {kind_name(kind) for kind in ALL}


def test_each_fact_has_a_name_and_no_name_is_left_over() -> None:
    names = {f.name for _, kind in GROUPS for f in fields(kind)}
    assert set(FIELDS) == names
    assert set(GROUP_WORDS) == {group for group, _ in GROUPS}


def test_no_chinese_name_is_its_english_one() -> None:
    for zh, en in [*KINDS.values(), *FIELDS.values(), *GROUP_WORDS.values(), *INPUTS.values()]:
        assert zh != en
        assert zh
        assert en.replace("µ", "u").isascii()


def test_a_name_tells_rules_of_one_kind_apart() -> None:
    assert name_of_check("consent_term.callback") == (
        "同意的有效期（callback）",
        "Term of the consent (callback)",
    )
    assert name_of_check("dnc") == ("拒接名单", "Do-not-call list")
    assert name_of_check("a_kind_of_old.x") == ("a_kind_of_old（x）", "a_kind_of_old (x)")
    assert name_of_fact("consent.purpose") == ("同意记录的用途", "purpose (consent)")
    assert name_of_input("an_input_of_old") == ("an_input_of_old", "an_input_of_old")
    assert name_of_fact("vault") == ("证据库", "vault")


@pytest.mark.parametrize(
    ("zones", "said"),
    [
        (frozenset({"Asia/Shanghai"}), "2026-11-18 20:00 (Asia/Shanghai)"),
        (frozenset({"America/New_York"}), "2026-11-18 07:00 (America/New_York)"),
        (frozenset[str](), "2026-11-18 20:00 (Asia/Shanghai)"),
    ],
)
def test_a_moment_is_said_where_the_person_is(zones: frozenset[str], said: str) -> None:
    assert local(datetime(2026, 11, 18, 12, 0, tzinfo=UTC), zones) == said


def test_each_input_of_a_rule_has_a_name_and_no_name_is_left_over() -> None:
    shown: set[str] = set()
    for facts, at in [(lawful_facts(), NOW), *((row.facts(), row.at) for row in BREACHES_ALL)]:
        shown |= {name for rule in decide(facts, shipped_packs(), at).rules for name, _ in rule.inputs}
    days = {name for name in shown if DAY.match(name)}
    assert shown - days <= set(INPUTS), "the days of a calendar need no words, all else does"
    checks = "".join(path.read_text(encoding="utf-8") for path in CHECKS.rglob("*.py"))
    assert {name for name in INPUTS if f'"{name}"' not in checks} == set()


def test_no_sentence_shows_a_short_name() -> None:
    refused = [decide(row.facts(), shipped_packs(), row.at) for row in BREACHES_ALL]
    said = {
        sentence
        for decision in refused
        for objection in decision.objections
        for sentence in (objection.sentence_zh, objection.sentence_en)
    }
    assert len(said) > len(BREACHES_ALL), "each breach is said in two languages"
    assert {sentence for sentence in said if SHORT_NAME.search(sentence)} == set()
