"""The seven rows of violations, and that the gate knows each of the codes they lead to."""

import pytest
from breaches import BREACHES_ALL

from dialer.rules.pack import PackError
from dialer.rules.shipped import pack_text
from dialer.rules.violations import Grade, parse_violations

TABLE = parse_violations(pack_text("violations"), "violations.toml")


@pytest.mark.rule("A12")
def test_seven_rows_in_two_grades() -> None:
    assert [row.violation_id for row in TABLE.rows] == [f"V{n}" for n in range(1, 8)]
    grave = {row.requirement for row in TABLE.rows if row.grade is Grade.GRAVE}
    assert grave == {"A5", "A7"}
    assert {row.handling_zh for row in TABLE.rows if row.grade is Grade.GRAVE} == {
        "对该客户全部业务下线整改。"
    }
    assert all(row.strike == 1 for row in TABLE.rows if row.grade is Grade.SERIOUS)


@pytest.mark.rule("A12")
@pytest.mark.parametrize("row", TABLE.rows, ids=[row.violation_id for row in TABLE.rows])
def test_the_gate_refuses_by_the_code_of_each_violation(row) -> None:  # type: ignore[no-untyped-def]
    said = {code for breach in BREACHES_ALL for code in breach.codes}
    assert row.gate_code in said


@pytest.mark.parametrize("change", [("rows = 7", "rows = 8"), ('grade = "grave"', 'grade = "mild"')])
def test_a_table_that_is_wrong_does_not_load(change: tuple[str, str]) -> None:
    text = pack_text("violations")
    assert change[0] in text
    with pytest.raises(PackError):
        parse_violations(text.replace(*change), "violations.toml")
