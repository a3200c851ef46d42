"""The tables of docs/ are those of the code, and no requirement of the gate is without a test."""

import re

from make_docs import REQUIREMENTS, ROOT, RULE_PACKS, marked_tests, rows, rule_packs_page


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


def test_the_table_of_kinds_is_that_of_the_code() -> None:
    page = RULE_PACKS.read_text(encoding="utf-8")
    assert page == rule_packs_page(page), "run tests/rulepacks/make_docs.py"
