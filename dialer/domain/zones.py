"""In which time zones a number may be. China lives by UTC+8; Xinjiang also by UTC+6, so both bind there (D16)."""

from bisect import bisect_right
from functools import cache
from importlib.resources import files
from typing import Final

SHANGHAI: Final = "Asia/Shanghai"
URUMQI: Final = "Asia/Urumqi"

XINJIANG_AREA_CODES: Final = (
    "901", "902", "903", "906", "908", "909", "990", "991", "992", "993", "994", "995", "996", "997", "998", "999",
)  # fmt: skip


@cache
def _xinjiang_mobile_prefixes() -> tuple[str, ...]:
    """National mobile prefixes (5 to 7 digits, none the start of another) that were issued in Xinjiang, sorted; see the file's first lines."""
    text = files("dialer.domain").joinpath("xinjiang_prefixes.txt").read_text(encoding="ascii")
    return tuple(sorted(line for line in text.split() if line.isdigit()))


def zones_of_china(national: str) -> frozenset[str]:
    """Zones of a Chinese number from its national digits (the first eight are enough), without the leading 0."""
    if _is_xinjiang(national):
        return frozenset({SHANGHAI, URUMQI})
    return frozenset({SHANGHAI})


def _is_xinjiang(national: str) -> bool:
    if not national.startswith("1"):
        return national.startswith(XINJIANG_AREA_CODES)
    prefixes = _xinjiang_mobile_prefixes()
    at = bisect_right(prefixes, national)
    return at > 0 and national.startswith(prefixes[at - 1])


def zones_of(e164: str) -> frozenset[str]:
    """All zones the number may be in. Where nothing narrower is known: every zone of its plan; empty = not known."""
    if e164.startswith("+86"):
        return zones_of_china(e164[3:])
    import phonenumbers  # the zone table loads on first use, and only for numbers outside China
    from phonenumbers import timezone

    parsed = phonenumbers.parse(e164)
    return frozenset(z for z in timezone.time_zones_for_number(parsed) if z != timezone.UNKNOWN_TIMEZONE)
