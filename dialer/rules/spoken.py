"""The phrase lists by which a person's own words are heard as a refusal, one a language.

The Chinese list is also the gate's (scripts, SMS templates) and stands in its digest; the English one decides about
words alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from dialer.rules.phrases import (
    PhraseAction,
    PhraseClass,
    PhraseHint,
    PhraseList,
    PhraseSpeaker,
    find_phrases,
    parse_phrases,
)
from dialer.rules.shipped import pack_text, shipped_packs

REFUSAL_CLASSES: Final = frozenset({"refusal.clear", "refusal.data"})
ENGLISH: Final = "phrases-en"


@cache
def refusal_phrases() -> tuple[PhraseList, ...]:
    """Every shipped list.

    Raises:
        PackError: one doesn't load; nothing may start.
    """
    english = parse_phrases(pack_text(ENGLISH), f"{ENGLISH}.toml", ENGLISH)
    return shipped_packs().phrases["phrases"], english


def is_clear_refusal(lists: tuple[PhraseList, ...], text: str) -> bool:
    """Whether the words are a clear refusal or a withdrawal in one of the languages. A guarded phrase is not."""
    hits = (hit for phrases in lists for hit in find_phrases(phrases, REFUSAL_CLASSES, text))
    return any(hit.action is PhraseAction.DNC for hit in hits)


AFTER_REFUSAL: Final = "agent.persuade_after_refusal"
"""Counts only once the callee has refused in the same call."""
NEEDS_MORE: Final = frozenset({"claim.health_privacy", "agent.impersonation"})
"""Classes whose context words alone don't give (identity confirmed, registered name): never found by listening."""


@dataclass(frozen=True, slots=True)
class Found:
    """A class that words belong to, and what that means."""

    phrase_class: PhraseClass
    action: PhraseAction


def keyphrases() -> Mapping[tuple[str, PhraseSpeaker], tuple[PhraseHint, ...]]:
    """By language and speaker: every phrase, guards too, that a recogniser of phrases has to listen for."""
    found: dict[tuple[str, PhraseSpeaker], dict[str, PhraseHint]] = {}
    for phrases in refusal_phrases():
        for phrase_class in phrases.classes:
            words = found.setdefault((phrases.language, phrase_class.speaker), {})
            words |= {hint.words: hint for hint in (*phrase_class.hints, *phrase_class.hint_guards)}
    return {whose: tuple(words.values()) for whose, words in found.items() if words}


def meaning(
    lists: tuple[PhraseList, ...], speaker: PhraseSpeaker, language: str, text: str
) -> tuple[Found, ...]:
    """What a sentence that a recogniser of `language` wrote down means; guarded sentences mean what the guard says.

    The strictest comes first. Lists of other languages are not asked: a recogniser writes in its own.
    """
    found = []
    for phrases in lists:
        if phrases.language != language:
            continue
        classes = frozenset(
            c.class_id for c in phrases.classes if c.speaker is speaker and c.class_id not in NEEDS_MORE
        )
        for hit in find_phrases(phrases, classes, text):
            if hit.action is not PhraseAction.NONE:
                found.append(Found(phrases.named(hit.class_id), hit.action))
    return tuple(sorted(found, key=lambda f: _ORDER.index(f.action)))


def hinted(
    lists: tuple[PhraseList, ...], speaker: PhraseSpeaker, language: str, words: str, before: tuple[str, ...]
) -> Found | None:
    """What a phrase means that a recogniser of phrases found. `before`: what it found just before in the same stream."""
    for phrases in lists:
        for phrase_class in phrases.classes if phrases.language == language else ():
            if phrase_class.speaker is not speaker or words not in {h.words for h in phrase_class.hints}:
                continue
            if not {g.words for g in phrase_class.hint_guards} & set(before):
                return Found(phrase_class, phrase_class.action)
    return None


_ORDER: Final = (
    PhraseAction.DNC,
    PhraseAction.HOLD,
    PhraseAction.STOP_PURPOSE,
    PhraseAction.SHOW_PROOF,
    PhraseAction.CASE,
    PhraseAction.END_CALL,
    PhraseAction.BLOCK,
    PhraseAction.WARN,
    PhraseAction.RESCHEDULE,
    PhraseAction.NONE,
)
