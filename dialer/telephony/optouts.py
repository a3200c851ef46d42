"""Reads the opt-outs that the exchange wrote down itself: keys pressed in the notice while no dialer listened.

To be read when the dialer starts and after each lost link; an opt-out that is already known changes nothing, so the
whole file may be read again. Once all of it was heard, a long file is turned over: it is read for one more generation,
because the exchange may have written its last line while it was being renamed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from dialer.domain.ids import AttemptId

OPTOUTS_BYTES_MAX: Final = 64_000_000
TURN_OVER_BYTES: Final = 1_000_000


class OptOutsUnreadable(RuntimeError):
    """The file can't be read whole: somebody's refusal may be in it, so nobody may be dialled before it is."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """The callee of an attempt pressed the opt-out key. `at` is UTC."""

    attempt_id: AttemptId
    key: str
    at: dt.datetime


def read_optouts(path: Path) -> tuple[OptOut, ...]:
    """Every opt-out in the exchange's own file (`PbxSettings.optouts`) and the one before it, oldest first.

    Raises:
        OptOutsUnreadable: the file is over its bound or has a line that is none of the exchange's.
    """
    return (*_read(_former(path)), *_read(path))


def turn_over(path: Path) -> bool:
    """Put a long file aside, in the place of the one before it; only when all that was read of both has been heard.

    The exchange opens the file for each line, so that the next one begins a new file. False: it is short, or can't be
    renamed, and then its own bound holds.
    """
    try:
        if path.stat().st_size < TURN_OVER_BYTES:
            return False
        path.replace(_former(path))
    except OSError:
        return False
    return True


def _former(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


def _read(path: Path) -> tuple[OptOut, ...]:
    try:
        if path.stat().st_size > OPTOUTS_BYTES_MAX:
            raise OptOutsUnreadable(f"{path.name} is over its bound of {OPTOUTS_BYTES_MAX} bytes")
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(_optout(path, line) for line in lines if line)


def _optout(path: Path, line: str) -> OptOut:
    fields = dict(parse_qsl(line))
    try:
        return OptOut(AttemptId(fields["attempt"]), fields["key"], dt.datetime.fromisoformat(fields["at"]))
    except (KeyError, ValueError) as fault:
        raise OptOutsUnreadable(f"{path.name} has a line that is not an opt-out") from fault
