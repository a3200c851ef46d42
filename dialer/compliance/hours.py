"""Open hours over every zone a number may be in, and open days by the calendars of the law. Pure.

Windows are [opens, closes) in local time; several zones bind together, so that in Xinjiang the hours are 11:00–21:00
by Beijing's clock.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from dialer.rules.calendar import Calendar, DayKind
from dialer.rules.kinds.moments import Holidays, Window
from dialer.rules.kinds.words import Day
from dialer.rules.resolve import Law, PackSet
from dialer.rules.strictness import Span

SEARCH_DAYS_MAX: Final = 45
"""How far ahead an opening is looked for: longer than any run of closed days."""


PAPERS_ZONE: Final = "Asia/Shanghai"


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name."""
    return ZoneInfo(name)


@lru_cache(maxsize=512)
def local_days(zones: frozenset[str], now: datetime) -> frozenset[date]:
    """The callee's local dates at this moment: one, or two where the zones disagree."""
    return frozenset(now.astimezone(zone(name)).date() for name in zones)


def today_of(now: datetime) -> date:
    """The date by which papers, checks and filings expire: Shanghai's."""
    return now.astimezone(zone(PAPERS_ZONE)).date()


def span_of(window: Window, day: date) -> Span | None:
    """The hours of that weekday; None = closed."""
    match day.weekday():
        case 5:
            return window.saturday
        case 6:
            return window.sunday
        case _:
            return window.weekday


def on_every_day(hours: Span) -> Window:
    """A window of the same hours all week."""
    return Window(weekday=hours, saturday=hours, sunday=hours)


def closes_at(window: Window, zones: frozenset[str], now: datetime) -> datetime | None:
    """When the window that is open now closes first among the zones, aware UTC; None: it isn't open in all of them."""
    closings = []
    for name in zones:
        local = now.astimezone(zone(name))
        span = span_of(window, local.date())
        if span is None or not span.opens <= local.time() < span.closes:
            return None
        closings.append(datetime.combine(local.date(), span.closes, zone(name)).astimezone(UTC))
    return min(closings)


def next_opening(
    window: Window, zones: frozenset[str], after: datetime, ring_seconds: int
) -> datetime | None:
    """The first moment from `after` on at which a phone could ring to the end inside the window in every zone."""
    ring = timedelta(seconds=ring_seconds)
    closing = closes_at(window, zones, after)
    if closing is not None and after < closing - ring:
        return after
    openings = []
    for name in zones:
        first = after.astimezone(zone(name)).date()
        for offset in range(SEARCH_DAYS_MAX):
            day = first + timedelta(days=offset)
            span = span_of(window, day)
            if span is not None:
                openings.append(datetime.combine(day, span.opens, zone(name)).astimezone(UTC))
    for moment in sorted(o for o in openings if o > after):
        closing = closes_at(window, zones, moment)
        if closing is not None and moment < closing - ring:
            return moment
    return None


@dataclass(frozen=True, slots=True)
class DayJudged:
    """What a holiday rule says of one local day."""

    kind: DayKind
    closed: bool


def judge_day(rule: Holidays, calendar: Calendar | None, day: date, regions: frozenset[str]) -> DayJudged:
    """Whether the rule closes that day. A calendar that isn't loaded knows no year."""
    kind = calendar.kind_of(day, regions) if calendar else DayKind.UNKNOWN_YEAR
    match kind:
        case DayKind.HOLIDAY | DayKind.REGIONAL_HOLIDAY | DayKind.UNKNOWN_YEAR:
            return DayJudged(kind, closed=True)
        case DayKind.MAKEUP_WORKDAY:
            return DayJudged(kind, closed=rule.makeup_workdays is Day.CLOSED)
        case DayKind.WEEKEND:
            return DayJudged(kind, closed=rule.weekends is Day.CLOSED)
        case DayKind.WORKDAY:
            return DayJudged(kind, closed=False)


def first_open_day_closes(
    law: Law, packs: PackSet, zones: frozenset[str], regions: frozenset[str], after: datetime
) -> datetime | None:
    """Close of the first open day after the day of `after`, the earliest over the zones; None: not known.

    A year that no calendar knows ends the search: a term isn't stretched into what nobody announced.
    """
    closings = []
    for name in zones:
        closing = _open_day_closes(law, packs, name, regions, after.astimezone(zone(name)).date())
        if closing is None:
            return None
        closings.append(closing)
    return min(closings) if closings else None


@lru_cache(maxsize=1024)
def _open_day_closes(
    law: Law, packs: PackSet, name: str, regions: frozenset[str], first: date
) -> datetime | None:
    """The same in one zone, after its day `first`: asked for every consent of that day."""
    window = law.one(Window)
    if window is None:
        return None
    for offset in range(1, SEARCH_DAYS_MAX):
        day = first + timedelta(days=offset)
        judged = [
            judge_day(b.value, packs.calendars.get(b.value.calendar), day, regions) for b in law.all(Holidays)
        ]
        if any(j.kind is DayKind.UNKNOWN_YEAR for j in judged):
            return None
        span = span_of(window.value, day)
        if span is not None and not any(j.closed for j in judged):
            return datetime.combine(day, span.closes, zone(name)).astimezone(UTC)
    return None
