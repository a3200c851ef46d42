"""The tables of docs/ are those of the code, and no requirement of the gate is without a test."""

import re

import pytest
from make_docs import REQUIREMENTS, ROOT, RULE_PACKS, marked_tests, rows, rule_packs_page

from dialer.compliance.casebook import check_cases
from dialer.rules.change import with_pack
from dialer.rules.kinds import KINDS
from dialer.rules.pack import PackError
from dialer.rules.parse import parse_pack
from dialer.rules.shipped import shipped_packs


def test_every_requirement_that_refuses_at_the_gate_has_a_test() -> None:
    tests = marked_tests()
    missing = [i for row in rows() if row.refuses for i in row.ids if i not in tests]
    assert not missing


def test_no_test_is_marked_by_an_id_that_nobody_asked_for() -> None:
    asked = {i for row in rows() for i in row.ids}
    assert set(marked_tests()) <= asked


def test_the_page_of_requirements_names_every_id_and_tests_that_exist() -> None:
    page = REQUIREMENTS.read_text(encoding="utf-8")
    for row in rows():
        assert f"| {' '.join(row.ids)} | {row.term} | {row.behaviour} |" in page, (
            "run tests/rulepacks/make_docs.py"
        )
    for path, name in re.findall(r"(tests/[\w/]+\.py)::(\w+)", page):
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"def {name}\b", text), f"{path}::{name} is gone: run tests/rulepacks/make_docs.py"


def block(page: str, name: str) -> str:
    """The TOML that follows `<!-- name -->`."""
    found = re.search(rf"<!-- {name} -->\n```toml\n(.*?)```", page, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_first_pack_and_its_cases_are_what_the_page_says_they_are() -> None:
    page = RULE_PACKS.read_text(encoding="utf-8")
    text, cases = block(page, "first pack"), block(page, "first cases")
    with pytest.raises(PackError) as lacking:
        parse_pack(text, "nz-first.toml")
    kinds = re.findall(r"'([a-z_0-9]+)'", lacking.value.said)
    assert len(kinds) == len(KINDS) - 1, "one sentence names every kind that has no answer"
    whole = text + "\n[exempt]\n" + "".join(f'{kind} = "the house rule holds"\n' for kind in kinds)
    tried = with_pack(shipped_packs(), parse_pack(whole, "nz-first.toml"))
    results = check_cases(cases, "nz-first.cases.toml", tried)
    assert [result.trouble for result in results] == ["", ""]
    assert [result.trouble for result in check_cases(cases, "x", shipped_packs())] != ["", ""]


def test_the_table_of_kinds_is_that_of_the_code() -> None:
    page = RULE_PACKS.read_text(encoding="utf-8")
    assert page == rule_packs_page(page), "run tests/rulepacks/make_docs.py"
