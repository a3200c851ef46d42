"""A kept decision as people read it."""

import json
from datetime import datetime
from typing import Any, Final

from dialer.compliance.outcome import Result
from dialer.compliance.words import name_of_check
from dialer.rules.shipped import shipped_laws
from dialer.services.views.decided import inputs_in_words
from dialer.services.views.decision import (
    DecisionOutcome,
    DecisionView,
    ObjectionView,
    PolicyView,
    RuleView,
)
from dialer.services.views.words import Law, Sentence
from dialer.storage.sql import Row
from dialer.storage.times import moment, moment_or_none

DECISION_COLUMNS: Final = (
    "d.id AS decision_id, d.at_us AS decided_us, d.outcome AS decision_outcome, d.rules_json, d.policy_json,"
    " d.lawful_from_us, d.attempt_id AS decision_attempt_id"
)
"""What a statement selects of `decision d` for the functions here."""


def stored_decision(row: Row) -> DecisionView:
    """The decision of a row with `DECISION_COLUMNS`."""
    kept = json.loads(row.rules_json)
    return DecisionView(
        id=row.decision_id,
        at=moment(row.decided_us),
        outcome=DecisionOutcome(row.decision_outcome),
        rules=tuple(_rule(r) for r in kept["rules"]),
        objections=tuple(_objection(o) for o in kept["objections"]),
        lawful_from=moment_or_none(row.lawful_from_us),
        packs=tuple(PolicyView(p["id"], p["sha256"]) for p in json.loads(row.policy_json)),
    )


def stored_objections(rules_json: str | None) -> tuple[ObjectionView, ...]:
    """The objections alone, for lists."""
    return () if rules_json is None else tuple(_objection(o) for o in json.loads(rules_json)["objections"])


def _rule(kept: dict[str, Any]) -> RuleView:
    return RuleView(
        check=kept["check"],
        title=Sentence(*name_of_check(kept["check"])),
        result=Result(kept["result"]),
        codes=tuple(kept["codes"]),
        inputs=inputs_in_words(kept["inputs"]),
        laws=tuple(_cited(law) for law in kept["law"]),
    )


def _cited(reference: str) -> Law:
    """The law of a rule that is kept by reference; a pack that isn't installed any more is named and not quoted."""
    pack, _, rest = reference.partition("/")
    rule, _, dated = rest.rpartition("@")
    ref = shipped_laws().get((pack, rule, dated))
    if ref is None:
        return Law(pack=pack, rule=rule, title="", article="", dated=dated, quote="", nature="")
    return Law(
        pack=pack,
        rule=rule,
        title=ref.source.title,
        article=ref.source.article,
        dated=dated,
        quote=ref.source.quote,
        nature=str(ref.source.nature),
    )


def _objection(kept: dict[str, Any]) -> ObjectionView:
    lawful_from: datetime | None = moment_or_none(kept.get("lawful_from"))
    return ObjectionView(
        code=kept["code"],
        requirements=tuple(kept["requirements"]),
        sentence=Sentence(kept["zh"], kept["en"]),
        cure=Sentence(kept["cure_zh"], kept["cure_en"]),
        laws=tuple(_law(law) for law in kept["law"]),
        inputs=inputs_in_words(kept["inputs"]),
        lawful_from=lawful_from,
    )


def _law(kept: dict[str, str]) -> Law:
    return Law(
        pack=kept["pack"],
        rule=kept["rule"],
        title=kept["title"],
        article=kept["article"],
        dated=kept["dated"],
        quote=kept["quote"],
        nature=kept["nature"],
    )
