"""From the text of a pack to a `Pack`. Whatever it doesn't know, it refuses, and says file and line.

Unknown kinds and keys, a missing source, rules of one kind whose dates overlap, a kind that the pack doesn't answer:
none of them loads. Pure: text in, pack out.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, NoReturn

from dialer.rules.kinds import KINDS
from dialer.rules.lines import LineMap, map_lines
from dialer.rules.pack import Answer, Pack, PackError, Rule, Scope
from dialer.rules.source import Nature, Source
from dialer.rules.strictness import key_of, shape_of
from dialer.rules.values import value_of

TEXT_BYTES_MAX: Final = 1_000_000
_TOP: Final = {"id", "title", "version", "verified", "checked", "scope", "sources", "rule", "exempt", "todo"}
_SCOPE: Final = {"everywhere", "callee_countries", "callee_regions", "organisation_countries"}
_RULE: Final = {"id", "kind", "requirements", "from", "until", "source", "article", "quote"}
_SOURCE: Final = {"title", "date", "nature"}


@dataclass(frozen=True, slots=True)
class _Page:
    """A file being read: its name and where things stand in it."""

    file: str
    lines: LineMap

    def fail(self, said: str, table: str = "", index: int = 0, key: str = "") -> NoReturn:
        raise PackError(self.file, self.lines.at(table, index, key), said)

    def known(self, data: dict[str, Any], allowed: set[str], table: str, index: int = 0) -> None:
        for key in data:
            if key not in allowed:
                self.fail(f"unknown key {key!r}", table, index, key)

    def need(self, data: dict[str, Any], key: str, declared: Any, table: str, index: int = 0) -> Any:
        if key not in data:
            self.fail(f"{key!r} is missing", table, index)
        try:
            return value_of(declared, data[key])
        except ValueError as problem:
            self.fail(f"{key!r}: {problem}", table, index, key)


def read_toml(text: str, file: str) -> dict[str, Any]:
    """Parse TOML with decimals kept exact.

    Raises:
        PackError: too long or not TOML.
    """
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise PackError(file, 1, f"longer than {TEXT_BYTES_MAX} bytes")
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as problem:
        said = str(problem)
        line = said.rpartition("at line ")[2].partition(",")[0]
        raise PackError(file, int(line) if line.isdigit() else 1, said) from None


def parse_pack(text: str, file: str) -> Pack:
    """Read one pack.

    Raises:
        PackError: anything in it is unknown, missing, doubled or unanswered.
    """
    data = read_toml(text, file)
    page = _Page(file=file, lines=map_lines(text))
    page.known(data, _TOP, "")
    verified = data.get("verified")
    if not isinstance(verified, bool):
        page.fail("'verified' must be true or false", key="verified")
    sources = _sources(page, data)
    rules = tuple(_rule(page, i, raw, sources) for i, raw in enumerate(data.get("rule", [])))
    exempt, todo = _answers(page, data, "exempt"), _answers(page, data, "todo")
    _no_doubles(page, rules)
    _all_answered(page, rules, exempt, todo)
    return Pack(
        pack_id=page.need(data, "id", str, ""),
        title=page.need(data, "title", str, ""),
        version=page.need(data, "version", str, ""),
        verified=verified,
        checked_on=page.need(data, "checked", date, ""),
        scope=_scope(page, data),
        rules=rules,
        exempt=exempt,
        todo=todo,
        sha256=sha256(text.encode()).hexdigest(),
    )


def _scope(page: _Page, data: dict[str, Any]) -> Scope:
    raw = data.get("scope")
    if not isinstance(raw, dict):
        page.fail("the table [scope] is missing")
    page.known(raw, _SCOPE, "scope")
    everywhere = raw.get("everywhere", False)
    if not isinstance(everywhere, bool):
        page.fail("'everywhere' must be true or false", "scope", 0, "everywhere")

    def names(key: str) -> frozenset[str]:
        return page.need(raw, key, frozenset[str], "scope") if key in raw else frozenset()

    return Scope(
        everywhere=everywhere,
        callee_countries=names("callee_countries"),
        callee_regions=names("callee_regions"),
        organisation_countries=names("organisation_countries"),
    )


def _sources(page: _Page, data: dict[str, Any]) -> dict[str, tuple[str, date, Nature]]:
    found = {}
    for name, raw in data.get("sources", {}).items():
        table = f"sources.{name}"
        page.known(raw, _SOURCE, table)
        found[name] = (
            page.need(raw, "title", str, table),
            page.need(raw, "date", date, table),
            page.need(raw, "nature", Nature, table),
        )
    return found


def _rule(page: _Page, index: int, raw: dict[str, Any], sources: dict[str, tuple[str, date, Nature]]) -> Rule:
    name = page.need(raw, "kind", str, "rule", index)
    kind = KINDS.get(name)
    if kind is None:
        page.fail(f"unknown kind {name!r}", "rule", index, "kind")
    shapes = shape_of(kind)
    page.known(raw, _RULE | {s.name for s in shapes}, "rule", index)
    values = {s.name: page.need(raw, s.name, s.type, "rule", index) for s in shapes}
    source = page.need(raw, "source", str, "rule", index)
    if source not in sources:
        page.fail(f"the source {source!r} is not in [sources]", "rule", index, "source")
    title, dated, nature = sources[source]
    starts = page.need(raw, "from", date, "rule", index)
    ends = page.need(raw, "until", date, "rule", index) if "until" in raw else None
    if ends is not None and ends <= starts:
        page.fail("'until' is not after 'from'", "rule", index, "until")
    requirements = raw.get("requirements")
    if not isinstance(requirements, list) or not all(isinstance(r, str) and r for r in requirements):
        page.fail("'requirements' must be a list of ids", "rule", index, "requirements")
    return Rule(
        rule_id=page.need(raw, "id", str, "rule", index),
        kind=name,
        value=kind(**values),
        requirements=tuple(requirements),
        in_force_from=starts,
        in_force_until=ends,
        source=Source(
            title=title,
            article=page.need(raw, "article", str, "rule", index),
            dated=dated,
            quote=page.need(raw, "quote", str, "rule", index),
            nature=nature,
        ),
        line=page.lines.at("rule", index),
    )


def _answers(page: _Page, data: dict[str, Any], table: str) -> tuple[Answer, ...]:
    answers = []
    for name, why in data.get(table, {}).items():
        if name not in KINDS:
            page.fail(f"unknown kind {name!r}", table, 0, name)
        if not isinstance(why, str) or len(why) < 8:
            page.fail(f"{name!r} needs a sentence that says why", table, 0, name)
        answers.append(Answer(kind=name, why=why))
    return tuple(answers)


def _no_doubles(page: _Page, rules: tuple[Rule, ...]) -> None:
    ids: set[tuple[str, date]] = set()
    by_key: dict[tuple[str, ...], list[Rule]] = {}
    for rule in rules:
        if (rule.rule_id, rule.in_force_from) in ids:
            raise PackError(page.file, rule.line, f"the rule {rule.rule_id!r} stands twice")
        ids.add((rule.rule_id, rule.in_force_from))
        siblings = by_key.setdefault((rule.kind, *key_of(rule.value)), [])
        for other in siblings:
            if _overlap(rule, other):
                raise PackError(
                    page.file, rule.line, f"its dates overlap with {other.rule_id!r} (line {other.line})"
                )
        siblings.append(rule)


def _overlap(a: Rule, b: Rule) -> bool:
    a_before_b_ends = b.in_force_until is None or a.in_force_from < b.in_force_until
    b_before_a_ends = a.in_force_until is None or b.in_force_from < a.in_force_until
    return a_before_b_ends and b_before_a_ends


def _all_answered(
    page: _Page, rules: tuple[Rule, ...], exempt: tuple[Answer, ...], todo: tuple[Answer, ...]
) -> None:
    encoded = {rule.kind for rule in rules}
    said = [*encoded, *(a.kind for a in exempt), *(a.kind for a in todo)]
    missing = [kind for kind in KINDS if kind not in said]
    if missing:
        kinds = ", ".join(repr(kind) for kind in missing)
        page.fail(f"no answer for the kind {kinds}: encode it, or say why not under [exempt] or [todo]")
    for kind in KINDS:
        if said.count(kind) > 1:
            page.fail(f"two answers for the kind {kind!r}", "exempt", 0, kind)
