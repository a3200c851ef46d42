"""违规行为: the seven rows of the platform's table and their two grades, as data for whoever handles a violation.

What a verified violation does to calls is the gate's, through the facts it leaves behind: `gate_codes` names them.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from dialer.rules.lines import map_lines
from dialer.rules.pack import PackError
from dialer.rules.parse import read_toml


class Grade(StrEnum):
    """特大违规 stops everything, 严重违规 is a warning and a strike."""

    GRAVE = "grave"
    SERIOUS = "serious"


@dataclass(frozen=True, slots=True)
class Violation:
    """One row. `behaviour_zh` and `handling_zh` are the table's own words; `gate_code`: how the gate refuses after it."""

    violation_id: str
    requirement: str
    behaviour_zh: str
    behaviour_en: str
    grade: Grade
    handling_zh: str
    handling_en: str
    strike: int
    needs_verification: bool
    gate_code: str
    evidence_decides: tuple[str, ...]
    not_enough: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ViolationTable:
    """All rows in one version."""

    version: str
    rows: tuple[Violation, ...]
    sha256: str


def parse_violations(text: str, file: str) -> ViolationTable:
    """Read the table.

    Raises:
        PackError: a row lacks something, names an unknown grade, or the count isn't what the file says.
    """
    data = read_toml(text, file)
    lines = map_lines(text)
    grades = {raw["id"]: raw for raw in data.get("grade", [])}
    rows = []
    for index, raw in enumerate(data.get("violation", [])):
        try:
            rows.append(_row(raw, grades[raw["grade"]]))
        except (KeyError, ValueError) as problem:
            raise PackError(
                file, lines.at("violation", index), f"wrong or incomplete row: {problem}"
            ) from None
    if len(rows) != data.get("meta", {}).get("rows"):
        raise PackError(file, lines.at("meta"), f"{len(rows)} rows are not what [meta] says")
    return ViolationTable(version=data["version"], rows=tuple(rows), sha256=sha256(text.encode()).hexdigest())


def _row(raw: dict[str, Any], grade: dict[str, Any]) -> Violation:
    return Violation(
        violation_id=raw["id"],
        requirement=raw["requirement"],
        behaviour_zh=raw["behaviour_zh"],
        behaviour_en=raw["behaviour_en"],
        grade=Grade(grade["id"]),
        handling_zh=grade["handling_zh"],
        handling_en=grade["handling_en"],
        strike=grade["strike"],
        needs_verification=raw["needs_verification"],
        gate_code=raw["gate_code"],
        evidence_decides=tuple(raw["evidence_decides"]),
        not_enough=tuple(raw["not_enough"]),
    )
