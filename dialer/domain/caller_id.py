"""The number that is shown: its class, its life, its filing. It is the organisation's, not personal data.

`suspended` → `active` | `terminated`; `terminated` has no way out (不再复机); `case_frozen` opens by a police notice only.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

_NUMBER: Final = re.compile(r"^\+?[0-9]{3,15}$")


class CallerIdClass(StrEnum):
    """What kind of number it is: the pack's matrix says which purposes each may carry (B4)."""

    FIXED = "fixed"
    MOBILE = "mobile"
    N400 = "400"
    N95 = "95"
    N96 = "96"
    CARRIER = "carrier"
    """基础电信企业's own numbers (10085, 10016)."""
    OTHER = "other"


class CallerIdState(StrEnum):
    """The life of a number. Only `active` may be shown."""

    REGISTERED = "registered"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"
    CASE_FROZEN = "case_frozen"


class AppealState(StrEnum):
    """An appeal about the number: while it is open the number is frozen (C6-C8)."""

    NONE = "none"
    OPEN = "open"


class Tenure(StrEnum):
    """By what right the organisation has the number or trunk. Leased and resold refuse (D2, D23, E2)."""

    OWN = "own"
    LEASED = "leased"
    RESOLD = "resold"


class Presentation(StrEnum):
    """What the exchange and the carrier reported as shown, against what was sent (B2, D5)."""

    AS_SENT = "as_sent"
    ALTERED = "altered"
    HIDDEN = "hidden"


class FilingState(StrEnum):
    """The number's filing (码号备案)."""

    FILED = "filed"
    CHANGE_PENDING = "change_pending"
    UNFILED = "unfiled"


@dataclass(frozen=True, slots=True)
class Filing:
    """`changed_on`: the date of the document that changed what was filed, while the change isn't filed yet."""

    state: FilingState
    outbound: bool
    changed_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class CallerIdNumber:
    """A number as it is shown: +E.164 or a national service number (95xxx, 400…, 10086)."""

    digits: str

    def __post_init__(self) -> None:
        if not _NUMBER.match(self.digits):
            raise ValueError("a caller ID is 3 to 15 digits, with or without +")


def china_class_of(number: CallerIdNumber) -> CallerIdClass:
    """The class of a Chinese number by its digits."""
    digits = number.digits.removeprefix("+86").removeprefix("0086")
    if digits in ("10085", "10086", "10010", "10016", "10000", "10001", "10099"):
        return CallerIdClass.CARRIER
    if digits.startswith("400") and len(digits) == 10:
        return CallerIdClass.N400
    if digits.startswith("95") and 5 <= len(digits) <= 8:
        return CallerIdClass.N95
    if digits.startswith("96") and 5 <= len(digits) <= 8:
        return CallerIdClass.N96
    if re.match(r"^1[3-9][0-9]{9}$", digits):
        return CallerIdClass.MOBILE
    if re.match(r"^0?[2-9][0-9]{8,10}$", digits):
        return CallerIdClass.FIXED
    return CallerIdClass.OTHER
