"""Words that every console shares: a sentence in both languages, a named thing, a question that was declined."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for people, in Chinese and in English. Neither is empty."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Named:
    """An id with the name that people know it by."""

    id: str
    name: Sentence


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a closed list that a person may pick from: its code and what it says."""

    code: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Declined:
    """An act that may not be done now, and why. Nothing was changed."""

    code: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Law:
    """The source of a rule as its pack cites it. `nature`: seed, law or product; `quote`: the words themselves."""

    pack: str
    rule: str
    title: str
    article: str
    dated: str
    quote: str
    nature: str
