"""Reads what the simulated carrier wrote down: the record that the demo and the tests judge from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

JOURNAL_BYTES_MAX: Final = 256_000_000


@dataclass(frozen=True, slots=True)
class CarrierRecord:
    """One thing that happened at the carrier.

    `event` is INVITE (accepted, digest and all), 180, 200, KEY, a final refusal's code, or END. `at` is UTC.
    `call` names one call within one carrier's life. `is_encrypted`: signalling and audio both were, at that moment.
    """

    at: dt.datetime
    event: str
    number: str
    caller_id: str
    call: str
    is_encrypted: bool = False

    def __repr__(self) -> str:
        """Without the number: records end up in assertion messages."""
        return f"CarrierRecord({self.at.isoformat()}, {self.event}, call={self.call})"


def read_journal(path: Path) -> list[CarrierRecord]:
    """Every record, oldest first; empty when there was no call yet.

    Raises:
        ValueError: the file is over its bound, or a line is none of the carrier's.
    """
    if not path.exists():
        return []
    if path.stat().st_size > JOURNAL_BYTES_MAX:
        raise ValueError("the carrier's journal is over its bound")
    return [_record(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _record(line: str) -> CarrierRecord:
    fields = dict(parse_qsl(line, keep_blank_values=True, strict_parsing=True))
    return CarrierRecord(
        at=dt.datetime.fromisoformat(fields["at"]),
        event=fields["event"],
        number=fields["num"],
        caller_id=fields["cid"],
        call=fields["call"],
        is_encrypted=(fields.get("tls"), fields.get("srtp")) == ("1", "1"),
    )
