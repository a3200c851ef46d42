"""Where a rule comes from: title, article, date and quoted words (decision 32)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Nature(StrEnum):
    """What kind of authority stands behind a rule."""

    LAW = "law"
    """A statute, regulation or order of an authority."""
    SEED = "seed"
    """A document of the operator's platform or trade that the product is built to."""
    PRODUCT = "product"
    """The product's own choice, stricter than or silent in law."""


@dataclass(frozen=True, slots=True)
class Source:
    """`quote`: the words that the rule is read from, in their language; for a product rule the reason."""

    title: str
    article: str
    dated: date
    quote: str
    nature: Nature


@dataclass(frozen=True, slots=True)
class RuleRef:
    """One rule of one pack: what an objection and an auditor's row cite."""

    pack_id: str
    rule_id: str
    requirements: tuple[str, ...]
    source: Source
