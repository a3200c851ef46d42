"""The phrase lists by which a person's own words are heard as a refusal, one a language.

The Chinese list is also the gate's (scripts, SMS templates) and stands in its digest; the English one decides about
words alone.
"""

from functools import cache
from typing import Final

from dialer.rules.phrases import PhraseAction, PhraseList, find_phrases, parse_phrases
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
