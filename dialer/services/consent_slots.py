"""The times that the form offers: whole slots of the next days, none on a public holiday.

A chosen slot becomes a promise, which narrows what the gate allows and never widens it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dialer.domain.consent import Promise
from dialer.rules.calendar import Calendar, DayKind

DAYS: Final = 3
NOTICE_MINUTES_MIN: Final = 60
"""A slot that closes sooner than this isn't offered."""
HOURS: Final = ((9, 12), (14, 18), (18, 21))
_CLOSED: Final = frozenset({DayKind.HOLIDAY, DayKind.REGIONAL_HOLIDAY, DayKind.UNKNOWN_YEAR})


@dataclass(frozen=True, slots=True)
class Slot:
    """One choice: its code in the form, its day and hours where the form is, and the promise that it makes."""

    code: str
    day: date
    from_hour: int
    to_hour: int
    promise: Promise


def slots(calendar: Calendar | None, now: datetime) -> tuple[Slot, ...]:
    """What may be wished now. No calendar: none, and the call comes as soon as it may."""
    if calendar is None:
        return ()
    zone = ZoneInfo(calendar.zone)
    today = now.astimezone(zone).date()
    found = []
    for ahead in range(DAYS):
        day = today + timedelta(days=ahead)
        if calendar.kind_of(day, frozenset()) in _CLOSED:
            continue
        for opens, closes in HOURS:
            promise = Promise(_at(day, opens, zone), _at(day, closes, zone))
            if promise.closes > now + timedelta(minutes=NOTICE_MINUTES_MIN):
                found.append(Slot(f"{day.isoformat()}.{opens}-{closes}", day, opens, closes, promise))
    return tuple(found)


def _at(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), zone).astimezone(UTC)
