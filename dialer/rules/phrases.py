"""敏感词与话术: refusal, blind call, abuse and forbidden claims as patterns over telephone speech and scripts.

A refusal that is clear is DNC (D18); “没兴趣” ends one purpose; a time wish is neither. Only the leg that the class
names counts: an agent who reads “如果您不希望再接到来电” has not refused for the callee.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any

from dialer.rules.lines import map_lines
from dialer.rules.pack import PackError
from dialer.rules.parse import read_toml
from dialer.rules.text import mask, normal_sentences, simplify


class PhraseSpeaker(StrEnum):
    """Whose words a class looks at."""

    CALLEE = "callee"
    AGENT = "agent"
    SMS = "sms"


class PhraseAction(StrEnum):
    """What a hit does; the file says each in a sentence under [actions]."""

    DNC = "dnc"
    STOP_PURPOSE = "stop_purpose"
    HOLD = "hold"
    CASE = "case"
    SHOW_PROOF = "show_proof"
    WARN = "warn"
    BLOCK = "block"
    END_CALL = "end_call"
    RESCHEDULE = "reschedule"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Guard:
    """A sentence that also matches this gets the guard's effect instead of the class's action."""

    pattern: re.Pattern[str]
    effect: PhraseAction


@dataclass(frozen=True, slots=True)
class PhraseHint:
    """A phrase for recognisers that find given phrases. `threshold`: 10 to the minus this; more hears more, also wrongly."""

    words: str
    threshold: int


@dataclass(frozen=True, slots=True)
class PhraseClass:
    """One class with the examples that its tests run."""

    class_id: str
    zh: str
    en: str
    speaker: PhraseSpeaker
    action: PhraseAction
    requirements: tuple[str, ...]
    masks: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    guards: tuple[Guard, ...]
    examples_match: tuple[str, ...]
    examples_guarded: tuple[tuple[str, PhraseAction], ...]
    examples_pass: tuple[str, ...]
    hints: tuple[PhraseHint, ...] = ()
    hint_guards: tuple[PhraseHint, ...] = ()
    """Heard just before a hint, they take it back: “I did not say …”."""


@dataclass(frozen=True, slots=True, eq=False)
class PhraseList:
    """All classes in one version."""

    list_id: str
    version: str
    classes: tuple[PhraseClass, ...]
    sha256: str
    language: str

    def named(self, class_id: str) -> PhraseClass:
        """The class with this id.

        Raises:
            KeyError: there is none.
        """
        for phrase_class in self.classes:
            if phrase_class.class_id == class_id:
                return phrase_class
        raise KeyError(class_id)


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """One sentence that a class matched. `start`, `end`: place within the normalised sentence."""

    class_id: str
    action: PhraseAction
    sentence_index: int
    start: int
    end: int
    found: str


@lru_cache(maxsize=8192)
def find_phrases(phrases: PhraseList, class_ids: frozenset[str], text: str) -> tuple[PhraseHit, ...]:
    """Hits of these classes in a text, at most one a class and sentence. Pure; the result is remembered."""
    hits = []
    for index, sentence in enumerate(normal_sentences(text)):
        for phrase_class in phrases.classes:
            if phrase_class.class_id in class_ids:
                hit = _hit(phrase_class, index, sentence)
                if hit is not None:
                    hits.append(hit)
    return tuple(hits)


def _hit(phrase_class: PhraseClass, index: int, sentence: str) -> PhraseHit | None:
    masked = mask(sentence, phrase_class.masks)
    for pattern in phrase_class.patterns:
        match = pattern.search(masked)
        if match:
            action = next(
                (g.effect for g in phrase_class.guards if g.pattern.search(sentence)), phrase_class.action
            )
            return PhraseHit(
                class_id=phrase_class.class_id,
                action=action,
                sentence_index=index,
                start=match.start(),
                end=match.end(),
                found=match.group(0),
            )
    return None


def parse_phrases(text: str, file: str, list_id: str) -> PhraseList:
    """Read the list.

    Raises:
        PackError: a class lacks something, or a pattern isn't a regular expression.
    """
    data = read_toml(text, file)
    lines = map_lines(text)
    classes = []
    for index, raw in enumerate(data.get("class", [])):
        try:
            classes.append(_class(raw))
        except (KeyError, ValueError, re.error) as problem:
            raise PackError(file, lines.at("class", index), f"wrong or incomplete class: {problem}") from None
    return PhraseList(
        list_id=list_id,
        version=data["version"],
        classes=tuple(classes),
        sha256=sha256(text.encode()).hexdigest(),
        language=data["language"],
    )


def _class(raw: dict[str, Any]) -> PhraseClass:
    return PhraseClass(
        class_id=raw["id"],
        zh=raw["zh"],
        en=raw["en"],
        speaker=PhraseSpeaker(raw["speaker"]),
        action=PhraseAction(raw["action"]),
        requirements=tuple(raw["seeds"]),
        masks=tuple(sorted((simplify(m) for m in raw["masks"]), key=len, reverse=True)),
        patterns=tuple(re.compile(simplify_pattern(p)) for p in raw["patterns"]),
        guards=tuple(
            Guard(pattern=re.compile(simplify_pattern(g["re"])), effect=PhraseAction(g["effect"]))
            for g in raw.get("guard", ())
        ),
        examples_match=tuple(raw["examples_match"]),
        examples_guarded=tuple((words, PhraseAction(effect)) for words, effect in raw["examples_guarded"]),
        examples_pass=tuple(raw["examples_pass"]),
        hints=_hints(raw.get("hints", [])),
        hint_guards=_hints(raw.get("hint_guards", [])),
    )


def _hints(raw: list[list[Any]]) -> tuple[PhraseHint, ...]:
    hints = tuple(PhraseHint(str(words), int(threshold)) for words, threshold in raw)
    if any(not 1 <= hint.threshold <= 60 for hint in hints):
        raise ValueError("a hint's threshold is 1 to 60")
    return hints


def simplify_pattern(pattern: str) -> str:
    """A pattern is literal text with the usual operators: only its characters are simplified, not its syntax."""
    return pattern if pattern.isascii() else simplify(pattern)
