"""Every rule and every fact has a name for people, in both languages; sentences say times where the person is."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from dialer.compliance.checks import ALL
from dialer.compliance.facts import GROUPS
from dialer.compliance.words import FIELDS, KINDS, local, name_of_check, name_of_fact
from dialer.compliance.words import GROUPS as GROUP_WORDS
from dialer.rules.kinds import kind_name


def test_each_kind_of_rule_has_a_name_and_no_name_is_left_over() -> None:
    assert set(KINDS) == {kind_name(kind) for kind in ALL}


def test_each_fact_has_a_name_and_no_name_is_left_over() -> None:
    names = {f.name for _, kind in GROUPS for f in fields(kind)}
    assert set(FIELDS) == names
    assert set(GROUP_WORDS) == {group for group, _ in GROUPS}


def test_no_chinese_name_is_its_english_one() -> None:
    for zh, en in [*KINDS.values(), *FIELDS.values(), *GROUP_WORDS.values()]:
        assert zh != en
        assert zh
        assert en.isascii()


def test_a_name_tells_rules_of_one_kind_apart() -> None:
    assert name_of_check("consent_term.callback") == (
        "同意的有效期（callback）",
        "Term of the consent (callback)",
    )
    assert name_of_check("dnc") == ("拒接名单", "Do-not-call list")
    assert name_of_check("a_kind_of_old.x") == ("a_kind_of_old（x）", "a_kind_of_old (x)")
    assert name_of_fact("consent.purpose") == ("同意记录的用途", "purpose (consent)")
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
