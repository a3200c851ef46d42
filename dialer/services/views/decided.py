"""A decision that was made just now and is kept nowhere (explain), as people read it."""

from collections.abc import Iterable, Sequence

from dialer.compliance.outcome import Allowed, Objection, Refusal, RuleResult
from dialer.compliance.words import name_of_check
from dialer.compliance.words_of_inputs import name_of_input
from dialer.rules.source import RuleRef
from dialer.services.views.decision import (
    DecisionOutcome,
    DecisionView,
    InputView,
    ObjectionView,
    PolicyView,
    RuleView,
)
from dialer.services.views.words import Law, Sentence


def live_decision(decision: Allowed | Refusal) -> DecisionView:
    """A decision that was made just now and kept nowhere (explain)."""
    objections = decision.objections if isinstance(decision, Refusal) else ()
    return DecisionView(
        id=None,
        at=decision.decided_at,
        outcome=DecisionOutcome.REFUSED if isinstance(decision, Refusal) else DecisionOutcome.ALLOWED,
        rules=tuple(_live_rule(r) for r in decision.rules),
        objections=tuple(_live_objection(o) for o in objections),
        lawful_from=decision.lawful_from if isinstance(decision, Refusal) else None,
        packs=tuple(PolicyView(p.policy_id, p.sha256) for p in decision.policy),
    )


def inputs_in_words(inputs: Iterable[Sequence[str]]) -> tuple[InputView, ...]:
    """Names and values as rules and evidence have them, with what people call them."""
    return tuple(InputView(name, Sentence(*name_of_input(name)), value) for name, value in inputs)


def _live_rule(row: RuleResult) -> RuleView:
    return RuleView(
        check=row.check,
        title=Sentence(*name_of_check(row.check)),
        result=row.result,
        codes=row.codes,
        inputs=inputs_in_words(row.inputs),
        laws=tuple(_live_law(ref) for ref in row.law),
    )


def _live_objection(objection: Objection) -> ObjectionView:
    return ObjectionView(
        code=objection.code,
        requirements=objection.requirements,
        sentence=Sentence(objection.sentence_zh, objection.sentence_en),
        cure=Sentence(objection.cure_zh, objection.cure_en),
        laws=tuple(_live_law(ref) for ref in objection.law),
        inputs=inputs_in_words(objection.inputs),
        lawful_from=objection.lawful_from,
    )


def _live_law(ref: RuleRef) -> Law:
    return Law(
        pack=ref.pack_id,
        rule=ref.rule_id,
        title=ref.source.title,
        article=ref.source.article,
        dated=ref.source.dated.isoformat(),
        quote=ref.source.quote,
        nature=str(ref.source.nature),
    )
