"""Writes docs/requirements.md and the table of rule kinds in docs/rule-packs.md. Tests hold both.

PYTHONPATH=. python tests/rulepacks/make_docs.py
"""

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from dialer.rules.kinds import KINDS
from dialer.rules.strictness import Combine, Span, shape_of

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "docs" / "requirements.md"
RULE_PACKS = ROOT / "docs" / "rule-packs.md"
BEGIN, END = "<!-- kinds: generated -->\n", "<!-- end of kinds -->\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement row of requirements.toml."""

    ids: tuple[str, ...]
    term: str
    behaviour: str
    gate: str

    @property
    def refuses(self) -> bool:
        return self.gate.startswith("refuse")


def rows() -> list[Row]:
    data = tomllib.loads(Path(__file__).with_name("requirements.toml").read_text(encoding="utf-8"))
    return [Row(tuple(r["ids"]), r["term"], r["behaviour"], r["gate"]) for r in data["row"]]


def marked_tests() -> dict[str, set[str]]:
    """Requirement id → tests marked by it, over all tests: `path::function`. Breaches count by their table."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for requirement in _rules_of(node.decorator_list):
                    found.setdefault(requirement, set()).add(f"{path.relative_to(ROOT)}::{node.name}")
    tables = sorted((ROOT / "tests" / "unit" / "compliance").glob("breaches_*.py"))
    for node in (n for table in tables for n in ast.walk(ast.parse(table.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "").lower() == "breach":
            words = [getattr(a, "value", None) for a in node.args[:2]]
            if all(isinstance(word, str) for word in words):
                found.setdefault(str(words[0]), set()).add(f"breach: {words[1]}")
    return found


def _rules_of(decorators: list[ast.expr]) -> list[str]:
    ids = []
    for decorator in decorators:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rule":
            ids += [
                a.value for a in decorator.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
    return ids


def requirements_page() -> str:
    tests = marked_tests()
    lines = [
        "# Requirements, behaviour, tests",
        "",
        "Made by `tests/rulepacks/make_docs.py` from `tests/rulepacks/requirements.toml` and the tests marked",
        "`@pytest.mark.rule(id)`. *breach* is a row of `tests/unit/compliance/breaches_*.py`: it refuses by its own code under the",
        "shipped packs, and no longer does when the packs lack the requirement's rules: once from facts alone, and once on the",
        "real path, filed in the database's registers and rows, read, decided and kept by T1",
        "(`tests/unit/storage/test_requirements_on_the_path.py`). A requirement that refuses at the gate and has no test fails",
        "the build.",
        "",
        "| id | requirement | behaviour | at the gate | tests |",
        "|---|---|---|---|---|",
    ]
    for row in rows():
        cells = [f"{i}: {t}" for i in row.ids for t in sorted(tests.get(i, ()))]
        cells += [f"{i}: no test of its own yet; it is not the gate's" for i in row.ids if i not in tests]
        held = "<br>".join(cells)
        lines.append(f"| {' '.join(row.ids)} | {row.term} | {row.behaviour} | {row.gate} | {held} |")
    return "\n".join(lines) + "\n"


def kinds_table() -> str:
    lines = ["| kind | what it says | fields |", "|---|---|---|"]
    for name, kind in KINDS.items():
        says = " ".join((kind.__doc__ or "").split())
        listed = "<br>".join(f"`{s.name}`: {_type(s.type)} ({_combined(s.combine)})" for s in shape_of(kind))
        lines.append(f"| `{name}` | {says} | {listed} |")
    return "\n".join(lines) + "\n"


def _type(declared: Any) -> str:
    if get_origin(declared) is frozenset:
        return f"list of {_type(get_args(declared)[0])}"
    if set(get_args(declared)) == {Span, type(None)}:
        return "`[opens, closes]` or `[]`"
    if declared in (int, str):
        return "number" if declared is int else "text"
    members = getattr(declared, "__members__", None)
    return " / ".join(str(m.value) for m in members.values()) if members else declared.__name__.lower()


def _combined(combine: Combine) -> str:
    return combine.value


def rule_packs_page(page: str) -> str:
    """The page with its table of kinds made anew."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + kinds_table() + END + tail


def main() -> None:
    REQUIREMENTS.write_text(requirements_page(), encoding="utf-8")
    RULE_PACKS.write_text(rule_packs_page(RULE_PACKS.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
