"""A decision as it is kept: a row to search by, disclosures to prove it by."""

import json
from functools import lru_cache
from typing import Final

from dialer.compliance.codec import to_plain
from dialer.compliance.facts import GROUPS, Facts, Group, NoConsent, Unknown
from dialer.compliance.outcome import Allowed, Inputs, Objection, PolicyDigest, Refusal, RuleResult
from dialer.domain.ids import AttemptId
from dialer.evidence.canonical import Json, Written, encode, written
from dialer.evidence.record import Policy, policy_of
from dialer.rules.source import RuleRef
from dialer.storage.sql import Row
from dialer.storage.times import micros


def says_of_decision(decision: Allowed | Refusal) -> dict[str, Json]:
    """The disclosures of a decision's leaf: one for each rule (`rule.<check>`), the law that they cite (`law`: a line a
    rule, by its reference), the packs, and terms or objections. A rule that passed cites its law by reference; the
    quoted words stand in the pack, whose digest is here, and in full with each objection.
    """
    says: dict[str, Json] = {_disclosed(row.check): _rule(row) for row in decision.rules}
    says["law"] = _laws_of(decision.rules)
    says["policy.packs"] = _packs(decision.policy)
    says["decided_at"] = micros(decision.decided_at)
    match decision:
        case Allowed():
            says["outcome"] = "allowed"
            says["terms"] = {
                "dial_before": micros(decision.terms.dial_before),
                "ring_seconds_max": decision.terms.ring_seconds_max,
                "call_seconds_max": decision.terms.call_seconds_max,
                "patience_ms": decision.terms.patience_ms,
                "recording_notice": str(decision.terms.recording_notice),
                "zones": list(decision.terms.zones),
            }
        case Refusal():
            says["outcome"] = "refused"
            says["objections"] = [_objection(o) for o in decision.objections]
            if decision.lawful_from is not None:
                says["lawful_from"] = micros(decision.lawful_from)
    return says


def _disclosed(check: str) -> str:
    """A rule's check as the name of a disclosure, which has no hyphen; ids of outside lists do (`us-ndnc`)."""
    return f"rule.{check.replace('-', '_')}"


def facts_text(facts: Facts) -> str:
    """All facts as one line of JSON, exactly: with them the decision can be made again (compliance/codec.py)."""
    groups = sorted((name, _group_text(getattr(facts, name))) for name, _ in GROUPS)
    return "{" + ",".join(f'"{name}":{text}' for name, text in groups) + "}"


@lru_cache(maxsize=2048)
def _group_text(group: Group | NoConsent | Unknown) -> str:
    # most groups are the same for every lead of a campaign: they are written once
    return json.dumps(to_plain(group), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def policy_of_decision(decision: Allowed | Refusal) -> Policy:
    """The `policy` field of its leaf."""
    return policy_of({p.policy_id: bytes.fromhex(p.sha256) for p in decision.policy})


def decision_row(
    decision_id: str, lead: Row, attempt_id: AttemptId, decision: Allowed | Refusal, at_us: int, seq: int
) -> dict[str, object]:
    """The row of `decision` that consoles search and show."""
    refused = isinstance(decision, Refusal)
    objections = decision.objections if isinstance(decision, Refusal) else ()
    lawful_from = decision.lawful_from if isinstance(decision, Refusal) else None
    return {
        "id": decision_id,
        "org_id": lead.org_id,
        "campaign_id": lead.campaign_id,
        "lead_id": lead.id,
        "attempt_id": attempt_id,
        "at_us": at_us,
        "outcome": "refused" if refused else "allowed",
        "codes": ",".join(o.code for o in objections),
        "rules_json": encode(
            {"rules": [_rule(r) for r in decision.rules], "objections": [_objection(o) for o in objections]}
        ).decode(),
        "policy_json": json.dumps(
            [
                {"id": p.policy_id, "sha256": p.sha256, "version": p.version}
                for p in sorted(decision.policy, key=lambda p: p.policy_id)
            ]
        ),
        "lawful_from_us": micros(lawful_from) if lawful_from is not None else None,
        "leaf_seq": seq,
    }


_RULES: Final[dict[tuple[str, str, tuple[str, ...], Inputs, int], tuple[tuple[RuleRef, ...], Written]]] = {}
_LAWS: Final[dict[tuple[int, ...], tuple[tuple[tuple[RuleRef, ...], ...], str]]] = {}
KEPT_MAX: Final = 8192
"""Written rules and laws that are kept; most rules say the same of every lead of a campaign.

Keys hold the law's identity, entries the law itself, so that no identity is given to another one meanwhile.
"""


def _rule(row: RuleResult) -> Written:
    key = (row.check, str(row.result), row.codes, row.inputs, id(row.law))
    kept = _RULES.get(key)
    if kept is None:
        kept = (
            row.law,
            written(
                {
                    "check": row.check,
                    "result": str(row.result),
                    "codes": list(row.codes),
                    "inputs": [[name, value] for name, value in row.inputs],
                    "law": [reference(ref) for ref in row.law],
                }
            ),
        )
        if len(_RULES) >= KEPT_MAX:
            _RULES.clear()
        _RULES[key] = kept
    return kept[1]


def _laws_of(rules: tuple[RuleResult, ...]) -> str:
    key = tuple(id(row.law) for row in rules)
    kept = _LAWS.get(key)
    if kept is None:
        laws = tuple(row.law for row in rules)
        kept = (laws, _cited(tuple(dict.fromkeys(ref for law in laws for ref in law))))
        if len(_LAWS) >= KEPT_MAX:
            _LAWS.clear()
        _LAWS[key] = kept
    return kept[1]


def reference(ref: RuleRef) -> str:
    """A rule by pack, id and date: entries are dated and never edited in place, so it names one text for good."""
    return f"{ref.pack_id}/{ref.rule_id}@{ref.source.dated.isoformat()}"


def _cited(refs: tuple[RuleRef, ...]) -> str:
    return "\n".join(f"{reference(ref)} {ref.source.title} · {ref.source.article}" for ref in refs)


def _objection(objection: Objection) -> dict[str, Json]:
    said: dict[str, Json] = {
        "code": objection.code,
        "requirements": list(objection.requirements),
        "law": [_law(ref) for ref in objection.law],
        "inputs": [[name, value] for name, value in objection.inputs],
        "zh": objection.sentence_zh,
        "en": objection.sentence_en,
        "cure_zh": objection.cure_zh,
        "cure_en": objection.cure_en,
    }
    if objection.lawful_from is not None:
        said["lawful_from"] = micros(objection.lawful_from)
    return said


def _law(ref: RuleRef) -> dict[str, Json]:
    return {
        "pack": ref.pack_id,
        "rule": ref.rule_id,
        "title": ref.source.title,
        "article": ref.source.article,
        "dated": ref.source.dated.isoformat(),
        "quote": ref.source.quote,
        "nature": str(ref.source.nature),
    }


def _packs(policy: tuple[PolicyDigest, ...]) -> list[Json]:
    return [{"id": p.policy_id, "sha256": p.sha256} for p in sorted(policy, key=lambda p: p.policy_id)]
