"""Until when a person has to look at what may have been a refusal."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dialer.rules.calendar import Calendar

WORKING_DAYS: Final = 1
UNKNOWN_YEAR: Final = timedelta(hours=24)
"""Where the calendar doesn't know the year: sooner than any working day could be over."""


def review_due(calendar: Calendar, said_at: datetime) -> datetime:
    """The end of the first working day after the words were said, in the calendar's zone."""
    zone = ZoneInfo(calendar.zone)
    try:
        day = calendar.add_working_days(said_at.astimezone(zone).date(), WORKING_DAYS)
    except KeyError:
        return said_at + UNKNOWN_YEAR
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(said_at.tzinfo)
