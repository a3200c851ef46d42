"""Reads the trunk's own record of each call: a folder with a file a day (UTC), a line a leg, never a number.

Asterisk's dialplan appends; nothing here writes. A line that is being written is read when it is whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

PIECE_BYTES: Final = 1024 * 1024
"""What is read at a time."""
KEPT_DAYS: Final = 35
LOOK_BACK_DAYS: Final = 7
"""A process that starts reads so many days again: what was reported already is kept once."""
_DAY: Final = re.compile(r"^\d{4}-\d\d-\d\d$")


@dataclass(frozen=True, slots=True)
class TrunkRecord:
    """One line of the egress's own record: how a leg that asked the gate ended. Times in seconds and milliseconds.

    `dialstatus` is Asterisk's, or NOT_DIALLED: this leg called nobody (refused, no answer of the gate, gone early).
    `tech` is what the carrier said in its own words, such as `SIP 607 Unwanted`; empty when it never answered.
    `rang_ms` is the time from dialling to the first ringing; None when it never rang.
    """

    at: str
    token: str
    uniqueid: str
    dialstatus: str
    tech: str
    answered_seconds: int
    dialed_seconds: int
    rang_ms: int | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of one day's file, and up to which byte they go."""

    day: str
    end_bytes: int
    records: tuple[TrunkRecord, ...]


class TrunkRecords:
    """Reads on from what was kept, day after day."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept_bytes: dict[str, int] = {}

    def next_piece(self) -> Piece | None:
        """The oldest lines that were not kept yet; None when there are none.

        Raises:
            OSError: the folder can't be read.
            ValueError, KeyError: a line that isn't the egress's.
        """
        days = days_in(self._folder)
        since = _before(days, LOOK_BACK_DAYS)
        for day in days:
            if day < since:
                continue
            done = self._kept_bytes.get(day, 0)
            with (self._folder / day).open("rb") as file:
                file.seek(done)
                read = file.read(PIECE_BYTES)
            whole = read[: read.rfind(b"\n") + 1]
            if whole:
                lines = whole.decode().splitlines()
                return Piece(day, done + len(whole), tuple(_record(line) for line in lines if line))
        return None

    def keep(self, piece: Piece) -> None:
        """What this piece says is in the database: go on behind it."""
        self._kept_bytes[piece.day] = piece.end_bytes


def read_days(folder: Path, days: int) -> list[TrunkRecord]:
    """Every whole line of the newest `days` files, oldest first. Errors as `TrunkRecords.more`."""
    lines: list[TrunkRecord] = []
    for day in days_in(folder)[-days:]:
        text = (folder / day).read_text(encoding="utf-8")
        lines += [_record(line) for line in text[: text.rfind("\n") + 1].splitlines() if line]
    return lines


def days_in(folder: Path) -> list[str]:
    """Names of the day files, oldest first; empty when there was no call yet."""
    return (
        sorted(entry.name for entry in folder.iterdir() if _DAY.match(entry.name)) if folder.exists() else []
    )


def remove_old(folder: Path) -> int:
    """Remove the files that are `KEPT_DAYS` older than the newest; how many."""
    days = days_in(folder)
    old = [day for day in days if day < _before(days, KEPT_DAYS)]
    for day in old:
        (folder / day).unlink(missing_ok=True)
    return len(old)


def _before(days: list[str], count: int) -> str:
    return (date.fromisoformat(days[-1]) - timedelta(days=count)).isoformat() if days else ""


def _record(line: str) -> TrunkRecord:
    fields = dict(parse_qsl(line, keep_blank_values=True))
    return TrunkRecord(
        at=fields["at"],
        token=fields["token"],
        uniqueid=fields["uid"],
        dialstatus=fields["dialstatus"],
        tech=fields["tech"],
        answered_seconds=int(fields["answered"] or 0),
        dialed_seconds=int(fields["dialed"] or 0),
        rang_ms=int(fields["rang_ms"]) if fields["rang_ms"] else None,
    )
