"""One form of a Chinese text, so that 贷 款, 贷-款, 貸款 and 贷*款 are the same word."""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

MASK: Final = "\ufffc"
"""What stands where a false friend stood."""

_WORD_SIGNS: Final = re.compile("[\\s\u200b-\u200f\u2060\ufeff\\-_.·*|/~]+")
_SPEECH_SIGNS: Final = re.compile("[\\s\u200b-\u200f\u2060\ufeff，,、…—~·\"“”'‘’]+")
_FILLERS: Final = re.compile("嗯|呃|哎呀|那个|就是说")
_SENTENCE_ENDS: Final = re.compile("[。！？?!；;\\n\\r]+")


@cache
def _to_simplified() -> dict[int, str]:
    text = files("dialer.rules").joinpath("packs/traditional.txt").read_text(encoding="utf-8")
    return {ord(pair[0]): pair[1] for pair in text.split() if len(pair) == 2 and ord(pair[0]) > 0x3400}


def simplify(text: str) -> str:
    """NFKC, lower case, simplified characters."""
    return unicodedata.normalize("NFKC", text).lower().translate(_to_simplified())


def normal_words(text: str) -> str:
    """For keyword search: white space, zero-width characters and the signs - _ . · * | / ~ are dropped."""
    return _WORD_SIGNS.sub("", simplify(text))


def normal_sentences(text: str) -> tuple[str, ...]:
    """For speech: split at sentence ends, then signs and fillers dropped. Empty sentences are left out."""
    sentences = (
        _FILLERS.sub("", _SPEECH_SIGNS.sub("", part)) for part in _SENTENCE_ENDS.split(_before_nfkc(text))
    )
    return tuple(s for s in sentences if s)


def _before_nfkc(text: str) -> str:
    # NFKC turns … into three full stops, which would stay in the sentence: it is dropped first, as the list asks.
    return simplify(text.replace("…", ""))


def mask(text: str, words: tuple[str, ...]) -> str:
    """Replace each of `words` (longest first, as given) by one mask character."""
    for word in words:
        text = text.replace(word, MASK)
    return text
