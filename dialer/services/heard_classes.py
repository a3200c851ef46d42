"""What the classes of the phrase lists are called."""

from typing import Final

from dialer.rules.spoken import refusal_phrases
from dialer.services.views.words import Sentence

_UNKNOWN: Final = Sentence("未知类别", "A class that the lists don't have any more")


def class_sentence(class_id: str) -> Sentence:
    """Its name in both languages."""
    for phrases in refusal_phrases():
        for phrase_class in phrases.classes:
            if phrase_class.class_id == class_id:
                return Sentence(phrase_class.zh, phrase_class.en)
    return _UNKNOWN
