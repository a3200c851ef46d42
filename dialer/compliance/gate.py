"""The gate: facts, packs and a moment in, `Allowed | Refusal` out. Pure; the only place where `Allowed` is made.

Every check of the law in force runs, also after the first objection, so that an auditor and a supervisor read all of
them. What is unknown refuses: a fact by its own objection, a place without a pack, a law that isn't encoded, a kind
without which no call is lawful.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from dialer.compliance.alike import TIERS, Tier
from dialer.compliance.case import Case, Finding, InputUnknownError, NotApplicableError, Said
from dialer.compliance.checks import ALL, OF_TIME, Check
from dialer.compliance.checks.moments import ring_seconds, term_ends
from dialer.compliance.facts import Facts, NoConsent, Unknown, unknowns
from dialer.compliance.hours import closes_at, local_days, on_every_day
from dialer.compliance.outcome import (
    _KEY_OF_THE_GATE,
    Allowed,
    Decision,
    Notice,
    Objection,
    PolicyDigest,
    Refusal,
    Result,
    RuleResult,
)
from dialer.compliance.recurring import RECURRING, recurring
from dialer.compliance.terms import terms_of
from dialer.compliance.words import name_of_check, name_of_fact
from dialer.rules.banned import BannedList
from dialer.rules.kinds.moments import ConsentTerm, Holidays, Window
from dialer.rules.kinds.words import Effect
from dialer.rules.pack import Place
from dialer.rules.phrases import PhraseList
from dialer.rules.resolve import Bound, Law, PackSet, resolve
from dialer.rules.strictness import Span

LATER_STEPS_MAX: Final = 64
"""Steps in the search for the next lawful moment, each past at least one bound."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """All rules run, and what they said."""

    rules: tuple[RuleResult, ...]
    objections: tuple[Objection, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """One check of one bound."""

    kind: type[Any]
    check: Check
    bound: Bound[Any]


@dataclass(frozen=True, slots=True)
class _Told:
    """What one check told."""

    rule: RuleResult
    objections: tuple[Objection, ...]
    notices: tuple[Notice, ...]


REMEMBERED_MAX: Final = 1024
_REMEMBERED: Final[dict[Hashable, tuple[_Told | None, ...]]] = {}
"""By law, packs and what recurring checks may read. Laws and packs are compared by identity, facts by value."""


class Together:
    """What was told of leads that are judged together. Kept as long as one batch of a list: it holds every entry's facts."""

    def __init__(self) -> None:
        self._told: dict[Hashable, tuple[Facts, tuple[_Told | None, ...]]] = {}

    def told(self, tier: Tier, case: Case, steps: tuple[_Step, ...]) -> tuple[_Told | None, ...]:
        """What the tier's checks told of the same facts; None for all others."""
        key = (tier.kinds, case.law, case.packs, case.now, tier.key(case.facts))
        known = self._told.get(key)
        if known is None:
            told = tuple(_ask(step, case) if step.kind in tier.kinds else None for step in steps)
            # The facts are kept with it, so that no other group takes the identity of one of theirs.
            known = self._told[key] = (case.facts, told)
        return known[1]


def decide(facts: Facts, packs: PackSet, now: datetime, together: Together | None = None) -> Decision:
    """Whether this call may be placed now, `now` aware.

    `together`: what was told of other leads of the same batch; it changes no decision.

    Raises:
        ValueError: `now` is naive; nothing was decided.
    """
    if now.tzinfo is None:
        raise ValueError("the gate decides about aware moments only")
    law = law_of(facts, packs, now)
    case = Case(facts=facts, packs=packs, law=law, now=now)
    judged = _judge(case, together)
    objections = (*_unknown_objections(facts), *_law_objections(law, _country(facts)), *judged.objections)
    policy = policy_of(law, packs)
    if objections:
        return Refusal(
            decided_at=now,
            objections=objections,
            rules=judged.rules,
            policy=policy,
            lawful_from=_lawful_from(case, objections),
        )
    return Allowed(
        _KEY_OF_THE_GATE,
        decided_at=now,
        terms=terms_of(case, dial_before(case)),
        rules=judged.rules,
        policy=policy,
        warnings=(*judged.notices, *_unverified(law)),
    )


def law_of(facts: Facts, packs: PackSet, now: datetime) -> Law:
    """The law of this call. Where a place is unknown, only what applies everywhere is in force (and it refuses)."""
    organisation, callee = facts.organisation, facts.callee

    def text(value: object) -> str:
        return value if isinstance(value, str) else ""

    def words(value: object) -> frozenset[str]:
        return value if isinstance(value, frozenset) else frozenset()

    place = Place(
        packs=frozenset() if isinstance(organisation, Unknown) else words(organisation.packs),
        organisation_country="" if isinstance(organisation, Unknown) else text(organisation.country),
        callee_country="" if isinstance(callee, Unknown) else text(callee.country),
        regions=frozenset() if isinstance(callee, Unknown) else words(callee.regions),
    )
    zones = frozenset() if isinstance(callee, Unknown) else words(callee.zones)
    days = local_days(zones, now) or frozenset({now.astimezone(UTC).date()})
    return resolve(packs, place, days)


@lru_cache(maxsize=1024)
def policy_of(law: Law, packs: PackSet) -> tuple[PolicyDigest, ...]:
    """Digests of the packs in force and of the calendars and lists that they name."""
    digests = [PolicyDigest(p.pack_id, p.version, p.sha256) for p in law.packs]
    for bound in law.all(Holidays):
        calendar = packs.calendars.get(bound.value.calendar)
        if calendar is not None:
            digests.append(
                PolicyDigest(f"calendar:{calendar.calendar_id}", calendar.version, calendar.sha256)
            )
    used = {getattr(b.value, "list_id", "") for bounds in law.bounds.values() for b in bounds}
    lists: tuple[BannedList | PhraseList, ...] = (*packs.banned.values(), *packs.phrases.values())
    for listed in lists:
        if listed.list_id in used:
            digests.append(PolicyDigest(f"list:{listed.list_id}", listed.version, listed.sha256))
    return tuple(digests)


def dial_before(case: Case) -> datetime:
    """The call is placed before this moment, so that its last ring ends inside window, campaign's hours, promise and consent.

    For an allowed case; its facts are known.
    """
    ring = ring_seconds(case)
    ends: list[datetime] = []
    window = case.law.one(Window)
    zones = case.callee.zones
    if window is not None and isinstance(zones, frozenset):
        closing = closes_at(window.value, zones, case.now)
        ends += [closing] if closing is not None else []
    hours = case.campaign.hours
    if isinstance(hours, Span) and isinstance(zones, frozenset):
        closing = closes_at(on_every_day(hours), zones, case.now)
        ends += [closing] if closing is not None else []
    promise = case.consent.promise
    if promise is not None and not isinstance(promise, Unknown):
        ends.append(promise.closes)
    ends += [
        term_ends(b.value, case) for b in case.law.all(ConsentTerm) if b.value.purpose is case.consent.purpose
    ]
    return min(ends) - timedelta(seconds=ring)


def _judge(case: Case, together: Together | None) -> _Judged:
    steps = _steps(case.law)
    known = _remembered(case, steps)
    if together is not None:
        for tier in TIERS:
            known = tuple([a or b for a, b in zip(known, together.told(tier, case, steps), strict=True)])
    return _judged([one or _ask(step, case) for step, one in zip(steps, known, strict=True)])


def _judged(told: list[_Told]) -> _Judged:
    return _Judged(
        rules=tuple([one.rule for one in told]),
        objections=tuple([said for one in told for said in one.objections]),
        notices=tuple([said for one in told for said in one.notices]),
    )


@lru_cache(maxsize=1024)
def _steps(law: Law) -> tuple[_Step, ...]:
    """The checks of a law in their order, one a bound."""
    return tuple(_Step(kind, check, bound) for kind, check in ALL.items() for bound in law.all(kind))


def _remembered(case: Case, steps: tuple[_Step, ...]) -> tuple[_Told | None, ...]:
    """What recurring checks told of the same facts under the same law; None for all others."""
    key = (case.law, case.packs, recurring(case.facts))
    known = _REMEMBERED.get(key)
    if known is None:
        known = tuple(_ask(step, case) if step.kind in RECURRING else None for step in steps)
        if len(_REMEMBERED) >= REMEMBERED_MAX:
            _REMEMBERED.clear()
        _REMEMBERED[key] = known
    return known


def _ask(step: _Step, case: Case) -> _Told:
    bound = step.bound
    result, finding = _run(step.check, bound, case)
    warns = getattr(bound.value, "effect", Effect.REFUSE) is Effect.WARN
    said = () if warns else finding.said
    return _Told(
        rule=RuleResult(
            check=bound.check,
            law=bound.law,
            inputs=finding.inputs,
            result=Result.OBJECTED if said else result,
            codes=tuple([s.code for s in finding.said]),
        ),
        objections=tuple([_objection(s, bound, finding) for s in said]),
        notices=tuple([Notice(code=s.code, zh=s.zh, en=s.en) for s in finding.said]) if warns else (),
    )


def _run(check: Any, bound: Bound[Any], case: Case) -> tuple[Result, Finding]:
    try:
        return Result.PASSED, check(bound.value, case)
    except InputUnknownError as unknown:
        return Result.UNDECIDED, Finding(inputs=(("unknown", str(unknown)),), said=())
    except NotApplicableError as why:
        return Result.NOT_APPLICABLE, Finding(inputs=(("not_applicable", str(why)),), said=())


def _objection(said: Said, bound: Bound[Any], finding: Finding) -> Objection:
    requirements = dict.fromkeys(r for ref in bound.law for r in ref.requirements)
    return Objection(
        code=said.code,
        requirements=tuple(requirements),
        law=bound.law,
        inputs=finding.inputs,
        sentence_zh=said.zh,
        sentence_en=said.en,
        cure_zh=said.cure_zh,
        cure_en=said.cure_en,
        lawful_from=said.lawful_from,
    )


def unknown_code(path: str) -> str:
    """`consent.purpose` → `UNKNOWN_CONSENT_PURPOSE`: the stable code of an unknown fact."""
    return "UNKNOWN_" + path.replace(".", "_").upper()


def _unknown_objections(facts: Facts) -> tuple[Objection, ...]:
    return tuple(_unknown_objection(path, reason) for path, reason in unknowns(facts))


def _unknown_objection(path: str, reason: str) -> Objection:
    zh, en = name_of_fact(path)
    return Objection(
        code=unknown_code(path),
        requirements=(),
        law=(),
        inputs=(("fact", path), ("reason", reason)),
        sentence_zh=f"未知：{zh}；事实未知，不能据此外呼",
        sentence_en=f"Not known: {en} ({reason}); what is unknown refuses",
        cure_zh="补全或修复该事实的来源",
        cure_en="Establish the fact, or repair where it comes from",
        lawful_from=None,
    )


def _country(facts: Facts) -> str | None:
    """Where the callee is; None where that is unknown, which has its own objection."""
    country = facts.callee.country if not isinstance(facts.callee, Unknown) else ""
    return country if isinstance(country, str) else None


@lru_cache(maxsize=1024)
def _law_objections(law: Law, country: str | None) -> tuple[Objection, ...]:
    """A place without a pack, a kind without which nothing is lawful, law that exists and isn't encoded."""

    def objection(code: str, inputs: tuple[tuple[str, str], ...], zh: str, en: str) -> Objection:
        return Objection(
            code=code,
            requirements=(),
            law=(),
            inputs=inputs,
            sentence_zh=zh,
            sentence_en=en,
            cure_zh="由合规人员补充规则包",
            cure_en="Compliance completes the rule packs",
            lawful_from=None,
        )

    found = []
    if country is not None and not any(country in p.scope.callee_countries for p in law.packs):
        found.append(
            objection(
                "NO_PACK_FOR_PLACE",
                (("country", country or "-"),),
                f"没有适用于 {country or '未知地区'} 的规则包",
                f"No rule pack is loaded for {country or 'an unknown place'}",
            )
        )
    for kind in law.missing:
        found.append(
            objection(
                "LAW_MISSING",
                (("kind", kind),),
                f"适用的规则包缺少必备规则：{name_of_check(kind)[0]}",
                f"The packs in force lack a rule without which no call is lawful: {name_of_check(kind)[1]}",
            )
        )
    for pack_id, kind, why in law.todo:
        found.append(
            objection(
                "LAW_NOT_ENCODED",
                (("pack", pack_id), ("kind", kind)),
                f"规则包 {pack_id} 关于“{name_of_check(kind)[0]}”的规则尚未编入",
                f"The law of {pack_id} on {name_of_check(kind)[1].lower()} is not encoded yet: {why}",
            )
        )
    return tuple(found)


@lru_cache(maxsize=1024)
def _unverified(law: Law) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            code="PACK_UNVERIFIED",
            zh=f"规则包 {p.pack_id} 尚未经律师审阅",
            en=f"Counsel has not read the rule pack {p.pack_id}",
        )
        for p in law.packs
        if not p.verified and not p.scope.everywhere
    )


def _lawful_from(case: Case, objections: tuple[Objection, ...]) -> datetime | None:
    """The next moment at which the same facts would pass by waiting alone.

    Objections whose facts are counts are trusted to their own moment; those whose facts are moments are judged again
    at each candidate, so that a gap that ends at 20:59 goes on to the next morning.
    """
    moments = [o.lawful_from for o in objections]
    if any(m is None for m in moments) or isinstance(case.facts.consent, NoConsent):
        return None
    candidate = max(m for m in moments if m is not None)
    for _ in range(LATER_STEPS_MAX):
        law = law_of(case.facts, case.packs, candidate)
        then = Case(case.facts, case.packs, law, candidate)
        later = _judged([_ask(step, then) for step in _steps(law) if step.kind in OF_TIME])
        if not later.objections:
            return candidate
        nexts = [o.lawful_from for o in later.objections]
        if any(n is None or n <= candidate for n in nexts):
            return None
        candidate = max(n for n in nexts if n is not None)
    return None
