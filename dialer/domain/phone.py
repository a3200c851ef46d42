"""A callee's number: parsed to E.164, reachable persons only, with the zones it may be in. It never shows itself.

`PhoneNumber.e164` is the one way to read the digits; `str`, `repr` and formatting give the masked form.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, shortnumberinfo

from dialer.domain.zones import zones_of

E164: Final = re.compile(r"^\+[1-9][0-9]{6,14}$")
INPUT_CHARACTERS_MAX: Final = 40
_IDENTITY_CARD: Final = re.compile(r"^[1-9][0-9]{16}[0-9Xx]$")


class NumberType(StrEnum):
    """Kinds of number behind which a person answers."""

    MOBILE = "mobile"
    FIXED = "fixed"
    FIXED_OR_MOBILE = "fixed_or_mobile"
    VOIP = "voip"
    PERSONAL = "personal"


class PhoneProblem(StrEnum):
    """Why a text is not a callee's number."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    IDENTITY_CARD = "identity_card"
    NOT_A_NUMBER = "not_a_number"
    EMERGENCY = "emergency"
    SHORT_CODE = "short_code"
    NOT_IN_PLAN = "not_in_plan"
    NOT_A_PERSON = "not_a_person"


@dataclass(frozen=True, slots=True)
class BadNumber:
    """A text that can't be dialled. It does not hold the text."""

    problem: PhoneProblem
    zh: str
    en: str


_SAID: Final[dict[PhoneProblem, tuple[str, str]]] = {
    PhoneProblem.EMPTY: ("号码为空", "There is no number"),
    PhoneProblem.TOO_LONG: ("内容过长，不是电话号码", "The text is too long for a telephone number"),
    PhoneProblem.IDENTITY_CARD: (
        "看起来是身份证号，不得收集",
        "It looks like an identity-card number, which may not be collected",
    ),
    PhoneProblem.NOT_A_NUMBER: ("不是电话号码", "It is not a telephone number"),
    PhoneProblem.EMERGENCY: ("紧急号码，禁止外呼", "It is an emergency number and is never called"),
    PhoneProblem.SHORT_CODE: (
        "短号或服务号码，不是个人电话",
        "It is a short or service code, not a person's phone",
    ),
    PhoneProblem.NOT_IN_PLAN: ("号码不在编号计划内", "The number is not in its country's numbering plan"),
    PhoneProblem.NOT_A_PERSON: (
        "该类号码（免费、付费或公用）不是个人电话",
        "A number of this type (toll-free, premium, shared) doesn't reach a person",
    ),
}

_CHINESE_MOBILE: Final = re.compile(r"(?:\+86)?(1[3-9][0-9]{9})")
RANGES_KEPT_MAX: Final = 65_536
"""Ranges of ten thousand numbers that are remembered; they name nobody."""

_TYPES: Final[dict[int, NumberType]] = {
    PhoneNumberType.MOBILE: NumberType.MOBILE,
    PhoneNumberType.FIXED_LINE: NumberType.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberType.FIXED_OR_MOBILE,
    PhoneNumberType.VOIP: NumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberType.PERSONAL,
}


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """A callee's number. `zones`: IANA names it may be in; empty = not known, which the gate refuses."""

    e164: str
    country: str
    number_type: NumberType
    zones: frozenset[str]

    def __post_init__(self) -> None:
        if not E164.match(self.e164):
            raise ValueError("not E.164")

    @property
    def masked(self) -> str:
        """138****1234 for a Chinese mobile, +120****0100 elsewhere: never enough to call."""
        digits = self.e164[3:] if self.e164.startswith("+86") else self.e164
        head = 3 if self.e164.startswith("+86") else max(len(digits) - 8, 2)
        return f"{digits[:head]}****{digits[-4:]}"

    @property
    def number_range(self) -> str:
        """E.164 without the last four digits: what region and range rules look at."""
        return self.e164[:-4]

    def __repr__(self) -> str:
        return f"PhoneNumber({self.masked})"

    def __str__(self) -> str:
        return self.masked


def parse_phone(text: str, country: str) -> PhoneNumber | BadNumber:
    """Parse what a form, a file or a person gave. `country` (ISO 3166) is assumed where there is no country code."""
    cleaned = text.strip()
    plain = _CHINESE_MOBILE.fullmatch(cleaned)
    if plain is not None and (country == "CN" or cleaned.startswith("+")):
        return _of_chinese_range(plain[1])
    return _parse(cleaned, country)


def _of_chinese_range(national: str) -> PhoneNumber | BadNumber:
    # the numbering plan says nothing of a Chinese mobile's last four digits: its range is parsed once, not each number
    found = _chinese_range(national[:7])
    if isinstance(found, BadNumber):
        return found
    return PhoneNumber(f"+86{national}", found.country, found.number_type, found.zones)


@lru_cache(maxsize=RANGES_KEPT_MAX)
def _chinese_range(prefix: str) -> PhoneNumber | BadNumber:
    return _parse(f"+86{prefix}0000", "CN")


def _parse(cleaned: str, country: str) -> PhoneNumber | BadNumber:
    if not cleaned:
        return _bad(PhoneProblem.EMPTY)
    if len(cleaned) > INPUT_CHARACTERS_MAX:
        return _bad(PhoneProblem.TOO_LONG)
    if _IDENTITY_CARD.match(re.sub(r"[\s-]", "", cleaned)):
        return _bad(PhoneProblem.IDENTITY_CARD)
    try:
        parsed = phonenumbers.parse(cleaned, country)
    except NumberParseException:
        return _bad(PhoneProblem.NOT_A_NUMBER)
    if parsed.extension:
        return _bad(PhoneProblem.NOT_A_PERSON)
    national = phonenumbers.national_significant_number(parsed)
    region = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    if shortnumberinfo.is_emergency_number(national, region):
        return _bad(PhoneProblem.EMERGENCY)
    if not phonenumbers.is_valid_number(parsed):
        short = shortnumberinfo.is_possible_short_number(parsed)
        return _bad(PhoneProblem.SHORT_CODE if short else PhoneProblem.NOT_IN_PLAN)
    number_type = _TYPES.get(phonenumbers.number_type(parsed))
    if number_type is None:
        return _bad(PhoneProblem.NOT_A_PERSON)
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if not E164.match(e164):
        return _bad(PhoneProblem.NOT_IN_PLAN)
    return PhoneNumber(
        e164=e164,
        country=phonenumbers.region_code_for_number(parsed) or region,
        number_type=number_type,
        zones=zones_of(e164),
    )


def _bad(problem: PhoneProblem) -> BadNumber:
    zh, en = _SAID[problem]
    return BadNumber(problem=problem, zh=zh, en=en)
