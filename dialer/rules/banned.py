"""禁止接入业务: the banned business as data, and how a text is matched against it.

The table of the seed has 28 rows in 19 industries; the last row has parts. A hit in what the organisation declares,
asks consent for or says refuses; a hint, a negated word or a word in the name asks for the number review; words of
the licensed business scope alone never refuse, since nearly every licence lists some of them.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from dialer.rules.lines import map_lines
from dialer.rules.pack import PackError
from dialer.rules.parse import read_toml
from dialer.rules.text import mask, normal_words

_NEGATION: Final = re.compile("(不涉及|不包括|不是|不做|严禁|禁止|不|非)")
_NEGATION_REACH: Final = 6
"""Characters before a hit in which a negation makes it a question for a person."""


class TextField(StrEnum):
    """Where a text stands decides what a hit does."""

    DECLARED_INDUSTRY = "declared_industry"
    CAMPAIGN_PURPOSE = "campaign_purpose"
    CONSENT_PURPOSE = "consent_purpose"
    SCRIPT = "script"
    SMS_TEMPLATE = "sms_template"
    ORGANISATION_NAME = "organisation_name"
    LICENCE_SCOPE = "licence_scope"
    TRANSCRIPT = "transcript"


class HitEffect(StrEnum):
    """What a hit does; strictest first."""

    REFUSE = "refuse"
    REVIEW = "review"
    CASE = "case"
    NOTE = "note"


_EFFECT: Final[dict[TextField, HitEffect]] = {
    TextField.DECLARED_INDUSTRY: HitEffect.REFUSE,
    TextField.CAMPAIGN_PURPOSE: HitEffect.REFUSE,
    TextField.CONSENT_PURPOSE: HitEffect.REFUSE,
    TextField.SCRIPT: HitEffect.REFUSE,
    TextField.SMS_TEMPLATE: HitEffect.REFUSE,
    TextField.ORGANISATION_NAME: HitEffect.REVIEW,
    TextField.LICENCE_SCOPE: HitEffect.NOTE,
    TextField.TRANSCRIPT: HitEffect.CASE,
}
_FIELDS_WITH_INDUSTRY_TERMS: Final = (TextField.DECLARED_INDUSTRY, TextField.ORGANISATION_NAME)


@dataclass(frozen=True, slots=True)
class BannedRow:
    """One row (or part of the last row). `override`: whether a recorded approval naming the row may lift it."""

    row_id: str
    industry_zh: str
    industry_en: str
    scene_zh: str
    scene_en: str
    overridable: bool
    industry_terms: tuple[str, ...]
    keywords: tuple[str, ...]
    review_keywords: tuple[str, ...]
    false_friends: tuple[str, ...]
    tests_match: tuple[str, ...]
    tests_pass: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BannedList:
    """The whole list in one version."""

    list_id: str
    version: str
    industries: int
    rows: int
    entries: tuple[BannedRow, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class BannedHit:
    """One row found in one text."""

    row: BannedRow
    field: TextField
    keyword: str
    effect: HitEffect


@lru_cache(maxsize=8192)
def screen(banned: BannedList, field: TextField, text: str) -> tuple[BannedHit, ...]:
    """All rows that the text hits, at most one hit a row, the strictest. Pure; the result is remembered."""
    words = normal_words(text)
    hits = (_row_hit(row, field, words) for row in banned.entries)
    return tuple(hit for hit in hits if hit is not None)


def _row_hit(row: BannedRow, field: TextField, words: str) -> BannedHit | None:
    masked = mask(words, row.false_friends)
    keywords = row.keywords + (row.industry_terms if field in _FIELDS_WITH_INDUSTRY_TERMS else ())
    negated: str | None = None
    for keyword in keywords:
        for match in re.finditer(re.escape(keyword), masked):
            if _NEGATION.search(masked[max(0, match.start() - _NEGATION_REACH) : match.start()]):
                negated = keyword
                continue
            return BannedHit(row=row, field=field, keyword=keyword, effect=_EFFECT[field])
    for hint in (negated, *row.review_keywords):
        if hint is not None and hint in masked:
            effect = HitEffect.NOTE if _EFFECT[field] is HitEffect.NOTE else HitEffect.REVIEW
            return BannedHit(row=row, field=field, keyword=hint, effect=effect)
    return None


def parse_banned(text: str, file: str, list_id: str) -> BannedList:
    """Read the list.

    Raises:
        PackError: a row lacks something, or the counts of rows and industries aren't what the file says.
    """
    data = read_toml(text, file)
    lines = map_lines(text)
    entries: list[BannedRow] = []
    for index, raw in enumerate(data.get("row", [])):
        try:
            parts = raw.get("part", [])
            entries.extend(_row(raw, part) for part in parts or [raw])
        except KeyError as missing:
            raise PackError(file, lines.at("row", index), f"{missing} is missing") from None
    industries = len({row.industry_zh for row in entries})
    rows = len(data.get("row", []))
    meta = data.get("meta", {})
    if (rows, industries) != (meta.get("rows"), meta.get("industries")):
        raise PackError(
            file, lines.at("meta"), f"{rows} rows in {industries} industries are not what [meta] says"
        )
    return BannedList(
        list_id=list_id,
        version=data["version"],
        industries=industries,
        rows=rows,
        entries=tuple(entries),
        sha256=sha256(text.encode()).hexdigest(),
    )


def _row(whole: dict[str, Any], raw: dict[str, Any]) -> BannedRow:
    is_part = raw is not whole

    def words(key: str) -> tuple[str, ...]:
        return tuple(normal_words(word) for word in raw.get(key, ()))

    return BannedRow(
        row_id=raw["id"],
        industry_zh=whole["industry_zh"],
        industry_en=whole["industry_en"],
        scene_zh=raw["zh"] if is_part else whole["scene_zh"],
        scene_en=raw["en"] if is_part else whole["scene_en"],
        overridable=whole.get("override") != "none",
        industry_terms=words("industry_terms"),
        keywords=tuple(normal_words(word) for word in raw["keywords"]),
        review_keywords=words("review_keywords"),
        false_friends=tuple(sorted(words("false_friends"), key=len, reverse=True)),
        tests_match=tuple(raw["tests_match"]),
        tests_pass=tuple(raw["tests_pass"]),
    )
