"""Cases beside a pack: facts → expected decision, each with its why. Run by the tests and by `check-packs`.

A case starts from facts that are lawful (named by the caller of `run_cases`) and says what is different; `[base]` says
what is different in all cases of the file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from dialer.rules.lines import map_lines
from dialer.rules.pack import PackError
from dialer.rules.parse import read_toml

ALLOWED: Final = "allowed"
_KEYS: Final = {"name", "why", "at", "requirements", "expect", "lawful_from", "given"}


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case. `given`: (group.field, plain value) pairs; `expect`: the exact set of codes, empty = allowed.

    `lawful_from` is compared where the row names it.
    """

    file: str
    line: int
    name: str
    why: str
    at: datetime
    requirements: tuple[str, ...]
    given: tuple[tuple[str, Any], ...]
    expect: frozenset[str]
    lawful_from: datetime | None


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What a decision said of a case: its codes (empty = allowed) and the next lawful moment."""

    codes: frozenset[str]
    lawful_from: datetime | None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case and how it came out. `trouble` is empty where it came out as expected."""

    row: CaseRow
    outcome: CaseOutcome | None
    trouble: str


def parse_cases(text: str, file: str) -> tuple[CaseRow, ...]:
    """Read a cases file.

    Raises:
        PackError: an unknown key, a case without why, or none at all.
    """
    data = read_toml(text, file)
    lines = map_lines(text)
    if not {"case"} <= set(data) <= {"base", "case"} or not data["case"]:
        raise PackError(
            file, 1, "a cases file holds [[case]] tables, may be a [base] table, and nothing else"
        )
    base = data.get("base", {})
    rows = []
    for index, raw in enumerate(data["case"]):
        line = lines.at("case", index)
        unknown = set(raw) - _KEYS
        missing = {"name", "why", "at", "expect"} - set(raw)
        if unknown or missing:
            raise PackError(file, line, f"unknown {sorted(unknown)}, missing {sorted(missing)}")
        at = raw["at"]
        if not isinstance(at, datetime) or at.tzinfo is None:
            raise PackError(file, line, "'at' must be a moment with its offset, as 2026-11-18T10:30:00+08:00")
        expect = raw["expect"]
        if expect != ALLOWED and not (isinstance(expect, list) and expect):
            raise PackError(file, line, "'expect' must be \"allowed\" or a list of codes")
        rows.append(
            CaseRow(
                file=file,
                line=line,
                name=raw["name"],
                why=raw["why"],
                at=at,
                requirements=tuple(raw.get("requirements", ())),
                given=tuple({**base, **raw.get("given", {})}.items()),
                expect=frozenset() if expect == ALLOWED else frozenset(expect),
                lawful_from=raw.get("lawful_from"),
            )
        )
    return tuple(rows)


def run_cases(rows: tuple[CaseRow, ...], decide: Callable[[CaseRow], CaseOutcome]) -> tuple[CaseResult, ...]:
    """Decide each case and compare. A case that can't be decided is in trouble, not passed."""
    results = []
    for row in rows:
        try:
            outcome = decide(row)
        except PackError as problem:
            results.append(CaseResult(row=row, outcome=None, trouble=problem.said))
            continue
        results.append(CaseResult(row=row, outcome=outcome, trouble=_trouble(row, outcome)))
    return tuple(results)


def _trouble(row: CaseRow, outcome: CaseOutcome) -> str:
    if outcome.codes != row.expect:
        missing = ", ".join(sorted(row.expect - outcome.codes)) or "-"
        surplus = ", ".join(sorted(outcome.codes - row.expect)) or "-"
        return f"codes: expected but absent {missing}; said but not expected {surplus}"
    if row.lawful_from is not None and outcome.lawful_from != row.lawful_from:
        return f"lawful from: expected {row.lawful_from}, said {outcome.lawful_from}"
    return ""
