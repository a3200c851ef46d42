"""The exchange's own list of opt-outs, read when the dialer is back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from dialer.domain.ids import AttemptId
from dialer.telephony.optouts import TURN_OVER_BYTES, OptOut, OptOutsUnreadable, read_optouts, turn_over

LINE = "at=2026-11-18T02:30:00.250000Z&attempt=at-1&key=9\n"


def test_each_line_is_one_opt_out(tmp_path: Path) -> None:
    path = tmp_path / "optouts"
    path.write_text(LINE + LINE.replace("at-1", "at-2").replace("key=9", "key=%2A"))
    at = dt.datetime(2026, 11, 18, 2, 30, 0, 250_000, tzinfo=dt.UTC)
    assert read_optouts(path) == (
        OptOut(AttemptId("at-1"), "9", at),
        OptOut(AttemptId("at-2"), "*", at),
    )


def test_no_file_means_that_nobody_opted_out(tmp_path: Path) -> None:
    assert read_optouts(tmp_path / "optouts") == ()


@pytest.mark.parametrize(
    "line", ["at=2026-11-18T02:30:00Z&key=9\n", "at=yesterday&attempt=at-1&key=9\n", "?\n"]
)
def test_a_line_that_can_not_be_read_is_never_passed_over(tmp_path: Path, line: str) -> None:
    path = tmp_path / "optouts"
    path.write_text(LINE)
    assert len(read_optouts(path)) == 1
    path.write_text(LINE + line)
    with pytest.raises(OptOutsUnreadable):
        read_optouts(path)


def test_a_long_list_is_turned_over_once_it_was_heard_and_no_line_is_lost_on_the_way(tmp_path: Path) -> None:
    path = tmp_path / "optouts"
    path.write_text(LINE)
    assert not turn_over(path), "short"
    lines = TURN_OVER_BYTES // len(LINE) + 1
    path.write_text(LINE * lines)
    late = path.open("a")  # the exchange has it open while it is renamed
    assert turn_over(path)
    late.write(LINE.replace("at-1", "at-2"))
    late.close()
    path.write_text(LINE.replace("at-1", "at-3"))
    assert [o.attempt_id for o in read_optouts(path)][-2:] == ["at-2", "at-3"]
    path.write_text(LINE.replace("at-1", "at-4") * lines)
    assert turn_over(path)
    assert {o.attempt_id for o in read_optouts(path)} == {"at-4"}, "two generations, no more"


def test_a_list_that_is_not_there_is_not_turned_over(tmp_path: Path) -> None:
    assert not turn_over(tmp_path / "optouts")
