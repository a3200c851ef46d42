"""Cases files decided by the gate: what the tests of a pack and `check-packs` run."""

from dataclasses import replace
from typing import Any

from dialer.compliance.codec import CodecError, facts_from_plain, facts_to_plain
from dialer.compliance.facts import GROUPS, Facts
from dialer.compliance.gate import decide
from dialer.compliance.lawful import lawful_facts
from dialer.compliance.outcome import Allowed
from dialer.rules.cases import CaseOutcome, CaseResult, CaseRow, parse_cases, run_cases
from dialer.rules.pack import PackError
from dialer.rules.resolve import PackSet

_GROUP_NAMES = {name for name, _ in GROUPS}


def facts_of_case(row: CaseRow) -> Facts:
    """Lawful facts at the case's moment, with what the case says is different.

    A key is `group.field` with the plain value of the codec, or `group` with a whole group (`{unknown = "…"}`,
    `{consent = "none"}`).

    Raises:
        PackError: a key or value doesn't fit; the message names it.
    """
    plain: dict[str, Any] = dict(facts_to_plain(lawful_facts(row.at)))
    for path, value in row.given:
        group, _, field = path.partition(".")
        if group not in _GROUP_NAMES or (field and field not in plain[group]):
            raise PackError(row.file, row.line, f"there is no fact {path!r}")
        plain[group] = {**plain[group], field: value} if field else value
    try:
        return facts_from_plain(plain)
    except CodecError as problem:
        raise PackError(row.file, row.line, str(problem)) from None


def check_cases(text: str, file: str, packs: PackSet) -> tuple[CaseResult, ...]:
    """Read and run a cases file under `packs`.

    Raises:
        PackError: the file itself doesn't load.
    """

    def outcome(row: CaseRow) -> CaseOutcome:
        decision = decide(facts_of_case(row), packs, row.at)
        if isinstance(decision, Allowed):
            return CaseOutcome(codes=frozenset(), lawful_from=None)
        return CaseOutcome(codes=frozenset(decision.codes), lawful_from=decision.lawful_from)

    return run_cases(parse_cases(text, file), outcome)


def adopting(packs: PackSet, *pack_ids: str) -> PackSet:
    """Only these packs of the set, in their order: for running a pack's cases without its neighbours."""
    return replace(packs, packs=tuple(p for p in packs.packs if p.pack_id in pack_ids))
