"""What is remembered from lead to lead is what neither lead can change: watched, and decided again."""

import random
from typing import Any

import pytest
from breaches import BREACHES_ALL

from dialer.compliance import gate
from dialer.compliance.alike import TIERS, Tier
from dialer.compliance.case import Case
from dialer.compliance.checks import ALL
from dialer.compliance.facts import Facts, NoConsent, Unknown
from dialer.compliance.gate import Together, decide, law_of
from dialer.compliance.lawful import NOW, lawful_facts, with_facts
from dialer.compliance.recurring import FIELDS, RECURRING, recurring
from dialer.domain.ids import SubjectId
from dialer.rules.shipped import shipped_packs

CASES = [(lawful_facts(), NOW), *((row.facts(), row.at) for row in BREACHES_ALL)]


class _WatchedGroup:
    def __init__(self, group: str, inner: object, read: set[str]) -> None:
        self._group, self._inner, self._read = group, inner, read

    def __getattr__(self, name: str) -> object:
        self._read.add(f"{self._group}.{name}")
        return getattr(self._inner, name)


class _WatchedFacts:
    def __init__(self, inner: Facts, read: set[str]) -> None:
        self._inner, self._read = inner, read

    def __getattr__(self, group: str) -> object:
        found = getattr(self._inner, group)
        return found if isinstance(found, Unknown | NoConsent) else _WatchedGroup(group, found, self._read)


class _WatchedCase(Case):
    """Says which facts a check reads, and whether it looks at the clock."""

    __slots__ = ()
    read: set[str] = set()  # noqa: RUF012 the one test that reads it clears it

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        if name == "now":
            _WatchedCase.read.add("now")
        return _WatchedFacts(found, _WatchedCase.read) if name == "facts" else found


def test_a_recurring_check_reads_nothing_but_its_fields_and_never_the_clock() -> None:
    packs = shipped_packs()
    allowed = {f"{group}.{name}" for group, names in FIELDS.items() for name in names}
    used: set[str] = set()
    for facts, at in CASES:
        law = law_of(facts, packs, at)
        for step in (s for s in gate._steps(law) if s.kind in RECURRING):
            _WatchedCase.read.clear()
            gate._run(step.check, step.bound, _WatchedCase(facts, packs, law, at))
            assert _WatchedCase.read <= allowed, step.bound.check
            used |= _WatchedCase.read
    assert set(ALL) >= RECURRING
    assert used, "nothing was watched"


def test_the_watch_sees_the_clock_and_counts_where_a_check_reads_them() -> None:
    packs = shipped_packs()
    law = law_of(lawful_facts(), packs, NOW)
    _WatchedCase.read.clear()
    for step in (s for s in gate._steps(law) if s.kind not in RECURRING):
        gate._run(step.check, step.bound, _WatchedCase(lawful_facts(), packs, law, NOW))
    assert {"now", "contact.attempts_at", "dnc.organisation", "lead.state"} <= _WatchedCase.read


@pytest.mark.parametrize("tier", TIERS)
def test_a_check_of_leads_judged_together_reads_nothing_beyond_its_tier(tier: Tier) -> None:
    packs = shipped_packs()
    fields = {f"{group}.{name}" for group, names in tier.fields.items() for name in names}
    groups = {*tier.shared, *tier.values, "now"}
    used: set[str] = set()
    for facts, at in CASES:
        law = law_of(facts, packs, at)
        for step in (s for s in gate._steps(law) if s.kind in tier.kinds):
            _WatchedCase.read.clear()
            gate._run(step.check, step.bound, _WatchedCase(facts, packs, law, at))
            beyond = {r for r in _WatchedCase.read - fields if r.split(".")[0] not in groups}
            assert not beyond, step.bound.check
            used |= {r.split(".")[0] for r in _WatchedCase.read}
    assert used >= groups
    assert set(ALL) >= tier.kinds
    assert not tier.kinds & RECURRING


@pytest.mark.parametrize("seed", range(3))
def test_leads_judged_together_are_decided_as_each_alone(seed: int) -> None:
    packs, together = shipped_packs(), Together()
    order = list(range(len(CASES))) * 2
    random.Random(seed).shuffle(order)
    for place in order:
        facts, at = CASES[place]
        assert _all_of(decide(facts, packs, at, together)) == _all_of(decide(facts, packs, at))


def test_a_lead_like_another_one_is_not_asked_again_what_its_campaign_answered() -> None:
    packs, together, one = shipped_packs(), Together(), lawful_facts()
    other = with_facts(one, callee={"subject_id": SubjectId("somebody-else")})
    first, second = (decide(facts, packs, NOW, together) for facts in (one, other))
    same = sum(a is b for a, b in zip(first.rules, second.rules, strict=True))
    own = {"consent_given", "consent_term.callback", "promised"}
    assert own & {r.check for r in first.rules}
    assert same >= len(first.rules) - 8


@pytest.mark.parametrize("seed", range(3))
def test_what_is_remembered_changes_no_decision(seed: int) -> None:
    packs = shipped_packs()
    alone = []
    for facts, at in CASES:
        gate._REMEMBERED.clear()
        alone.append(_all_of(decide(facts, packs, at)))
    order = list(range(len(CASES))) * 2
    random.Random(seed).shuffle(order)
    for place in order:
        facts, at = CASES[place]
        assert _all_of(decide(facts, packs, at)) == alone[place]


def test_leads_of_one_campaign_share_what_recurs_and_another_campaign_does_not() -> None:
    one = lawful_facts()
    assert recurring(one) == recurring(with_facts(one, callee={"subject_id": SubjectId("somebody-else")}))
    assert recurring(one) != recurring(with_facts(one, campaign={"declared_business": "保健品推荐"}))


def _all_of(decision: Any) -> tuple[object, ...]:
    return tuple(
        getattr(decision, name, None)
        for name in ("decided_at", "rules", "objections", "policy", "lawful_from", "terms", "warnings")
    )
