"""Shipped packs load, answer for everything, and decide their cases as written."""

from datetime import date

import pytest

from dialer.compliance.casebook import check_cases
from dialer.rules.cases import CaseResult
from dialer.rules.kinds import KINDS
from dialer.rules.shipped import PACKS, shipped_cases, shipped_packs
from dialer.rules.source import Nature

CASES: list[CaseResult] = [
    result for file, text in shipped_cases().items() for result in check_cases(text, file, shipped_packs())
]


@pytest.mark.parametrize("result", CASES, ids=[f"{r.row.file}:{r.row.line} {r.row.name}" for r in CASES])
def test_a_case_beside_its_pack_comes_out_as_written(result: CaseResult) -> None:
    assert result.trouble == "", result.row.why


def test_every_place_has_cases() -> None:
    places = {name for name in PACKS if "/" not in name and name != "house"}
    assert places - {"us"} <= {file.removesuffix(".cases.toml") for file in shipped_cases()}


@pytest.mark.parametrize("pack", shipped_packs().packs, ids=[p.pack_id for p in shipped_packs().packs])
def test_a_shipped_pack_answers_for_every_kind_and_cites_its_sources(pack) -> None:  # type: ignore[no-untyped-def]
    answered = {r.kind for r in pack.rules} | {a.kind for a in (*pack.exempt, *pack.todo)}
    assert answered == set(KINDS)
    assert not pack.verified, "no counsel has read it"
    for rule in pack.rules:
        assert rule.source.title
        assert rule.source.article
        assert len(rule.source.quote) >= 8
        assert rule.in_force_from <= date(2026, 11, 18)
        assert rule.requirements


def test_the_figures_that_no_document_gives_are_marked_as_the_products() -> None:
    cn = next(p for p in shipped_packs().packs if p.pack_id == "cn")
    for rule in cn.rules:
        if rule.kind in ("frequency_callee", "gap", "abandon", "ring", "modes"):
            assert rule.source.nature is Nature.PRODUCT, rule.rule_id


def test_the_defaults_of_the_chinese_pack() -> None:
    cn = {r.rule_id: r.value for p in shipped_packs().packs if p.pack_id == "cn" for r in p.rules}
    assert (cn["cn.frequency"].per_24_hours_max, cn["cn.frequency"].per_30_days_max) == (3, 5)
    assert cn["cn.gap"].minutes_min == 30
    assert cn["cn.ring"].ring_seconds_max == 30
    assert (cn["cn.abandon-day"].cap_ppm, cn["cn.abandon-day"].stop_ppm) == (10_000, 30_000)
    assert cn["cn.term-callback"].hours_max == 72
    assert cn["cn.term-info"].hours_max == 180 * 24
    assert str(cn["cn.number-risk"].score_stop) == "0.75"
    assert cn["cn.retention-finance"].days_min >= 5 * 365
