"""Holidays, make-up days, working-day terms, and the alarm about a year that nobody announced."""

from datetime import date, timedelta

import pytest

from dialer.rules.calendar import Calendar, CalendarGap, DayKind, calendar_gap, parse_calendar
from dialer.rules.pack import PackError
from dialer.rules.shipped import pack_text, shipped_packs

CN = shipped_packs().calendars["cn"]
ANYWHERE: frozenset[str] = frozenset()


def test_2026_has_the_days_of_the_notice_and_no_others() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    holidays = [d for d in days if CN.kind_of(d, ANYWHERE) is DayKind.HOLIDAY]
    assert len(holidays) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    makeup = [d for d in days if CN.kind_of(d, ANYWHERE) is DayKind.MAKEUP_WORKDAY]
    assert makeup == [date(2026, *d) for d in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))]
    assert all(d.weekday() >= 5 for d in makeup), "only weekends are made workdays"


@pytest.mark.parametrize(
    ("day", "kind", "why"),
    [
        (date(2026, 10, 7), DayKind.HOLIDAY, "last day of National Day"),
        (date(2026, 10, 8), DayKind.WORKDAY, "Thursday after it"),
        (date(2026, 10, 10), DayKind.MAKEUP_WORKDAY, "Saturday made a workday"),
        (date(2026, 10, 11), DayKind.WEEKEND, "an ordinary Sunday"),
        (date(2025, 12, 31), DayKind.UNKNOWN_YEAR, "the shipped calendar begins in 2026"),
        (date(2027, 1, 1), DayKind.UNKNOWN_YEAR, "not announced"),
    ],
)
def test_each_day_is_of_its_kind(day: date, kind: DayKind, why: str) -> None:
    assert CN.kind_of(day, ANYWHERE) is kind, why


@pytest.mark.parametrize(
    ("start", "count", "end", "why"),
    [
        (date(2026, 11, 4), 10, date(2026, 11, 18), "the day after the document's date is day 1"),
        (date(2026, 9, 30), 1, date(2026, 10, 8), "the holiday doesn't count"),
        (date(2026, 9, 30), 3, date(2026, 10, 10), "the make-up Saturday counts"),
        (date(2026, 11, 6), 1, date(2026, 11, 9), "from Friday to Monday"),
    ],
)
def test_a_term_of_working_days(start: date, count: int, end: date, why: str) -> None:
    assert CN.add_working_days(start, count) == end, why


def test_no_term_reaches_into_a_year_that_is_not_announced() -> None:
    with pytest.raises(KeyError, match="2027"):
        CN.add_working_days(date(2026, 12, 28), 10)


@pytest.mark.parametrize(
    ("today", "gap", "why"),
    [
        (date(2026, 10, 31), None, "the notice comes in November"),
        (date(2026, 11, 1), CalendarGap.NEXT_YEAR, "from 1 November on somebody must look"),
        (date(2027, 1, 1), CalendarGap.THIS_YEAR, "nothing is dialled"),
    ],
)
def test_a_year_that_is_not_announced_is_missed_from_november(
    today: date, gap: CalendarGap | None, why: str
) -> None:
    assert calendar_gap(CN, today) is gap, why


def test_once_the_next_year_is_loaded_nothing_is_missing() -> None:
    text = pack_text("calendars/cn")
    nxt = text[text.index("[[year]]") :].replace("2026-", "2028-").replace("year = 2026", "year = 2028")
    two = parse_calendar(text + nxt.replace("2028", "2027"), "cn.toml")
    assert set(two.years) == {2026, 2027}
    assert calendar_gap(two, date(2026, 12, 1)) is None


def regional() -> Calendar:
    text = pack_text("calendars/cn") + "\n[year.regional]\nCN-XJ = [[2026-05-27, 2026-05-29]]\n"
    return parse_calendar(text, "cn.toml")


def test_a_regional_holiday_binds_its_region_and_who_may_be_there() -> None:
    day = date(2026, 5, 28)
    assert regional().kind_of(day, frozenset({"CN-XJ"})) is DayKind.REGIONAL_HOLIDAY
    assert regional().kind_of(day, frozenset({"CN-SH"})) is DayKind.WORKDAY
    assert regional().kind_of(day, ANYWHERE) is DayKind.REGIONAL_HOLIDAY, "who may be anywhere may be there"
    assert regional().is_working_day(day), "authorities elsewhere work"


@pytest.mark.parametrize(
    "change",
    [
        ("year = 2026", "year = 2026\nmoon = 1"),
        ("[2026-06-19, 2026-06-21]", "[2026-06-21, 2026-06-19]"),
        ("[2026-06-19, 2026-06-21]", "[2025-06-19, 2025-06-21]"),
        ('nature = "law"', 'nature = "guess"'),
        ("makeup_workdays", "makeup"),
        ('id = "cn"', 'id = "cn"\nmood = 1'),
    ],
)
def test_a_calendar_that_is_wrong_does_not_load(change: tuple[str, str]) -> None:
    text = pack_text("calendars/cn")
    assert change[0] in text
    with pytest.raises(PackError):
        parse_calendar(text.replace(*change), "cn.toml")
