"""A decision as it is kept: a row to search by, disclosures to prove it by."""

import json
from functools import lru_cache

from dialer.compliance.codec import facts_to_plain
from dialer.compliance.facts import Facts
from dialer.compliance.outcome import Allowed, Objection, PolicyDigest, Refusal, RuleResult
from dialer.domain.ids import AttemptId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Policy, policy_of
from dialer.rules.source import RuleRef
from dialer.storage.sql import Row
from dialer.storage.times import micros


def says_of_decision(decision: Allowed | Refusal) -> dict[str, Json]:
    """The disclosures of a decision's leaf: one for each rule (`rule.<check>`), the law that they cite (`law`: a line a
    rule, by its reference), the packs, and terms or objections. A rule that passed cites its law by reference; the
    quoted words stand in the pack, whose digest is here, and in full with each objection.
    """
    says: dict[str, Json] = {f"rule.{row.check}": _rule(row) for row in decision.rules}
    says["law"] = _cited(tuple(dict.fromkeys(ref for row in decision.rules for ref in row.law)))
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


def facts_text(facts: Facts) -> str:
    """All facts as one line of JSON, exactly: with them the decision can be made again (compliance/codec.py)."""
    return json.dumps(facts_to_plain(facts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


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
        "rules_json": json.dumps(
            {"rules": [_rule(r) for r in decision.rules], "objections": [_objection(o) for o in objections]},
            ensure_ascii=False,
        ),
        "policy_json": json.dumps(_packs(decision.policy)),
        "lawful_from_us": micros(lawful_from) if lawful_from is not None else None,
        "leaf_seq": seq,
    }


def _rule(row: RuleResult) -> dict[str, Json]:
    return {
        "check": row.check,
        "result": str(row.result),
        "codes": list(row.codes),
        "inputs": [[name, value] for name, value in row.inputs],
        "law": [reference(ref) for ref in row.law],
    }


def reference(ref: RuleRef) -> str:
    """A rule by pack, id and date: entries are dated and never edited in place, so it names one text for good."""
    return f"{ref.pack_id}/{ref.rule_id}@{ref.source.dated.isoformat()}"


@lru_cache(maxsize=256)
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
