"""How long words that may be a refusal wait for a person: to the end of the next working day, make-up days included."""

from datetime import UTC, datetime

import pytest

from dialer.rules.shipped import shipped_packs
from dialer.services.review_term import review_due

CALENDAR = shipped_packs().calendars["cn"]


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("2026-11-18T02:30", "2026-11-19T16:00"),  # Wednesday → the end of Thursday in Shanghai
        ("2026-11-20T02:30", "2026-11-23T16:00"),  # Friday → Monday
        ("2026-11-18T17:00", "2026-11-20T16:00"),  # after midnight in Shanghai it is Thursday already
        ("2026-09-30T02:30", "2026-10-08T16:00"),  # the week of National Day between
        ("2026-10-09T02:30", "2026-10-10T16:00"),  # a Saturday that is worked
        ("2026-12-31T02:30", "2027-01-01T02:30"),  # a year that nobody announced: 24 hours
    ],
)
def test_words_wait_to_the_end_of_the_next_working_day(said: str, due: str) -> None:
    found = review_due(CALENDAR, datetime.fromisoformat(said).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)
