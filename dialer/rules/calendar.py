"""Holidays and make-up workdays as versioned data. A year that isn't announced is not guessed: it refuses.

For China the days are those of the State Council's notice (国务院办公厅关于部分节假日安排的通知): every day of 放假 is
closed, make-up workdays and ordinary weekends are open unless a pack says otherwise.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from dialer.rules.lines import map_lines
from dialer.rules.pack import PackError
from dialer.rules.parse import read_toml
from dialer.rules.source import Nature, Source

ALARM_MONTH: Final = 11
"""From 1 November a year that follows and isn't announced raises an alarm."""


class DayKind(StrEnum):
    """What a calendar says of one day."""

    HOLIDAY = "holiday"
    REGIONAL_HOLIDAY = "regional_holiday"
    MAKEUP_WORKDAY = "makeup_workday"
    WEEKEND = "weekend"
    WORKDAY = "workday"
    UNKNOWN_YEAR = "unknown_year"


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One announced year. `regional`: ISO 3166-2 → days that are holidays there only."""

    year: int
    holidays: frozenset[date]
    makeup_workdays: frozenset[date]
    regional: dict[str, frozenset[date]]
    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """A calendar in one version; `zone` is where its days begin and end."""

    calendar_id: str
    version: str
    zone: str
    years: dict[int, CalendarYear]
    sha256: str

    def kind_of(self, day: date, regions: frozenset[str]) -> DayKind:
        """What kind of day it is for somebody in one of `regions` (empty = anywhere in the country)."""
        year = self.years.get(day.year)
        if year is None:
            return DayKind.UNKNOWN_YEAR
        if day in year.holidays:
            return DayKind.HOLIDAY
        if any(day in days for region, days in year.regional.items() if not regions or region in regions):
            return DayKind.REGIONAL_HOLIDAY
        if day in year.makeup_workdays:
            return DayKind.MAKEUP_WORKDAY
        return DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY

    def is_working_day(self, day: date) -> bool:
        """Whether authorities work on it: make-up workdays do.

        Raises:
            KeyError: the year isn't announced; no deadline may be computed over it.
        """
        if day.year not in self.years:
            raise KeyError(f"calendar {self.calendar_id} does not know {day.year}")
        year = self.years[day.year]
        return day in year.makeup_workdays or (day.weekday() < 5 and day not in year.holidays)

    def add_working_days(self, start: date, count: int) -> date:
        """The last day of a term of `count` working days; the day after `start` is day 1.

        Raises:
            KeyError: the term reaches into a year that isn't announced.
        """
        day = start
        while count > 0:
            day += timedelta(days=1)
            if self.is_working_day(day):
                count -= 1
        return day


class CalendarGap(StrEnum):
    """What a calendar lacks. Without this year nothing is dialled; without the next, from 1 January."""

    THIS_YEAR = "this_year"
    NEXT_YEAR = "next_year"


def calendar_gap(calendar: Calendar, today: date) -> CalendarGap | None:
    """What is missing on `today` (a day of the calendar's zone): next year is missed from 1 November on."""
    if today.year not in calendar.years:
        return CalendarGap.THIS_YEAR
    if today.month >= ALARM_MONTH and today.year + 1 not in calendar.years:
        return CalendarGap.NEXT_YEAR
    return None


def parse_calendar(text: str, file: str) -> Calendar:
    """Read one calendar.

    Raises:
        PackError: a key or date is missing, unknown or outside its year.
    """
    data = read_toml(text, file)
    lines = map_lines(text)
    for key in data:
        if key not in {"id", "version", "zone", "year"}:
            raise PackError(file, lines.at("", 0, key), f"unknown key {key!r}")
    try:
        years = {raw["year"]: _year(raw) for raw in data["year"]}
        return Calendar(
            calendar_id=data["id"],
            version=data["version"],
            zone=data["zone"],
            years=years,
            sha256=sha256(text.encode()).hexdigest(),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise PackError(
            file, lines.at("year"), f"a calendar's year is wrong or incomplete: {problem}"
        ) from None


_YEAR_KEYS: Final = {
    "year",
    "holidays",
    "makeup_workdays",
    "regional",
    "title",
    "article",
    "date",
    "quote",
    "nature",
}


def _year(raw: dict[str, Any]) -> CalendarYear:
    unknown = set(raw) - _YEAR_KEYS
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    year = int(raw["year"])
    return CalendarYear(
        year=year,
        holidays=_days(year, raw["holidays"]),
        makeup_workdays=_days(year, raw["makeup_workdays"]),
        regional={region: _days(year, spans) for region, spans in raw.get("regional", {}).items()},
        source=Source(
            title=raw["title"],
            article=raw["article"],
            dated=raw["date"],
            quote=raw["quote"],
            nature=Nature(raw["nature"]),
        ),
    )


def _days(year: int, spans: list[list[date]]) -> frozenset[date]:
    """Spans [first, last], both included, or [day]."""
    days: set[date] = set()
    for span in spans:
        first, last = span[0], span[-1]
        if first > last or first.year != year or last.year != year or len(span) > 2:
            raise ValueError(f"{span} is not a span of days of {year}")
        days.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    return frozenset(days)
