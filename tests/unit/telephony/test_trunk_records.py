"""The trunk's own record, a file a day: read on, never twice, never half a line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from dialer.telephony import trunk_records
from dialer.telephony.trunk_records import KEPT_DAYS, LOOK_BACK_DAYS, TrunkRecords, read_days, remove_old

TODAY = date(2026, 11, 18)


def line(n: int) -> str:
    return (
        f"at=2026-11-18T02:00:00.000000Z&token=pt{n:032x}&uid=e-{n}&dialstatus=ANSWER&tech=SIP%20200%20OK"
        f"&answered={n}&dialed=9&rang_ms=\n"
    )


def write(folder: Path, days_ago: int, *numbers: int, tail: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / (TODAY - timedelta(days=days_ago)).isoformat()
    with path.open("a") as file:
        file.write("".join(map(line, numbers)) + tail)
    return path


def read_on(records: TrunkRecords) -> Iterator[int]:
    while (piece := records.next_piece()) is not None:
        yield from (record.answered_seconds for record in piece.records)
        records.keep(piece)


def test_lines_are_read_once_over_the_days_and_on_from_where_reading_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    records = TrunkRecords(folder)
    assert list(read_on(records)) == []
    write(folder, 1, 1, 2)
    write(folder, 0, 3)
    assert list(read_on(records)) == [1, 2, 3]
    write(folder, 1, 4)
    write(folder, 0, 5)
    assert list(read_on(records)) == [4, 5]
    assert list(read_on(records)) == []


def test_what_could_not_be_kept_is_read_again(tmp_path: Path) -> None:
    write(tmp_path, 0, 1, 2)
    records = TrunkRecords(tmp_path)
    assert records.next_piece() == records.next_piece() is not None
    assert list(read_on(records)) == [1, 2]


def test_a_line_that_is_being_written_waits_until_it_is_whole(tmp_path: Path) -> None:
    half, rest = line(2)[:40], line(2)[40:]
    path = write(tmp_path, 0, 1, tail=half)
    records = TrunkRecords(tmp_path)
    assert list(read_on(records)) == [1]
    assert [r.answered_seconds for r in read_days(tmp_path, 1)] == [1]
    with path.open("a") as file:
        file.write(rest)
    assert list(read_on(records)) == [2]
    assert [r.answered_seconds for r in read_days(tmp_path, 1)] == [1, 2]


def test_a_long_day_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trunk_records, "PIECE_BYTES", 500)
    write(tmp_path, 0, *range(50))
    assert list(read_on(TrunkRecords(tmp_path))) == list(range(50))


def test_a_process_that_starts_looks_back_a_week_and_files_go_after_their_time(tmp_path: Path) -> None:
    for days_ago in (0, LOOK_BACK_DAYS, LOOK_BACK_DAYS + 1, KEPT_DAYS, KEPT_DAYS + 1):
        write(tmp_path, days_ago, days_ago)
    (tmp_path / "notes").write_text("not ours")
    assert list(read_on(TrunkRecords(tmp_path))) == [LOOK_BACK_DAYS, 0]
    assert remove_old(tmp_path) == 1
    assert {p.name for p in tmp_path.iterdir()} >= {(TODAY - timedelta(days=KEPT_DAYS)).isoformat(), "notes"}


def test_a_line_that_is_not_the_egress_s_stops_the_reading(tmp_path: Path) -> None:
    write(tmp_path, 0, 1, tail="hello\n")
    with pytest.raises(KeyError):
        TrunkRecords(tmp_path).next_piece()
