"""A CSV of refusals, read row by row. Pure.

Columns: `number`, and where known `when` and `reason`. A refusal is not lost over a wrong date or an odd reason: the
row is taken as of now, as an imported refusal, and the report says so. Only a row without a readable number is rejected.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from dialer.domain.dnc import DncReason
from dialer.domain.phone import BadNumber, PhoneNumber, parse_phone
from dialer.services.lead_rows import FileRefused
from dialer.services.views.floor import RejectedRow
from dialer.services.views.words import Sentence

ROWS_MAX: Final = 1_000_000
FIELD_CHARACTERS_MAX: Final = 200
REMARKS_SHOWN_MAX: Final = 1_000
"""So many bad rows are named one by one; the others are counted."""
COLUMNS: Final = ("number", "when", "reason")
CLOCK_SLACK: Final = timedelta(minutes=5)
TOLD_REASONS: Final = frozenset(
    {
        DncReason.SAID,
        DncReason.COMPLAINT,
        DncReason.FORM,
        DncReason.INBOUND_LINE,
        DncReason.SMS,
        DncReason.IMPORT,
    }
)
"""Reasons that somebody else can report. Keys and SIP answers are heard by this product alone; fraud is not a list's."""


class Lines(Protocol):
    """A reader of CSV that knows its line."""

    line_num: int

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """A row with a number. `said_at` is None where the file doesn't say it, or not believably."""

    line: int
    number: PhoneNumber
    said_at: datetime | None
    reason: DncReason
    remark: RejectedRow | None


def read_refusals(text: str, country: str, now: datetime) -> Iterator[RefusalRow | RejectedRow] | FileRefused:
    """The rows of a file, read as they are asked for; a file without a column `number` is refused as a whole."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip().lower() for name in next(reader, [])]
    except csv.Error:
        header = []
    if "number" not in header or len(set(header)) != len(header) or not set(header) <= set(COLUMNS):
        return FileRefused(
            "csv.columns",
            Sentence(
                "列只能是 number、when、reason，且必须有 number。",
                "The columns are number, when and reason, each once; number must be there.",
            ),
        )
    return _rows(reader, header, country, now)


def _rows(
    reader: Lines, header: list[str], country: str, now: datetime
) -> Iterator[RefusalRow | RejectedRow]:
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield _bad(reader.line_num, None, "csv.malformed", "这一行无法读取。", "The row can't be read.")
            continue
        if any(v.strip() for v in values):
            yield _row(reader.line_num, values, header, country, now)


def _row(
    line: int, values: list[str], header: list[str], country: str, now: datetime
) -> RefusalRow | RejectedRow:
    cells = dict(zip(header, (v.strip() for v in values), strict=False))
    number = parse_phone(cells.get("number", ""), country)
    if isinstance(number, BadNumber):
        return _bad(line, "number", f"number.{number.problem}", number.zh, number.en)
    remark: RejectedRow | None = None
    if len(values) != len(header):
        remark = _bad(
            line,
            None,
            "csv.columns_differ",
            "列数与表头不一致，已按可读部分登记。",
            "The row has another number of columns than the header; what could be read was taken.",
        )
    said_at, wrong = _moment(line, cells.get("when", ""), now)
    remark = remark or wrong
    reason, odd = _reason(line, cells.get("reason", ""))
    return RefusalRow(line=line, number=number, said_at=said_at, reason=reason, remark=remark or odd)


def _moment(line: int, value: str, now: datetime) -> tuple[datetime | None, RejectedRow | None]:
    if not value:
        return None, None
    try:
        at = datetime.fromisoformat(value[:FIELD_CHARACTERS_MAX])
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at.astimezone(UTC) > now + CLOCK_SLACK:
        return None, _bad(
            line,
            "when",
            "time.malformed",
            "时间不可用（格式应为 2026-11-18T10:30:00+08:00，且不晚于现在），按现在登记。",
            "The time can't be used (written like 2026-11-18T10:30:00+08:00, not in the future); taken as of now.",
        )
    return at.astimezone(UTC), None


def _reason(line: int, value: str) -> tuple[DncReason, RejectedRow | None]:
    if not value:
        return DncReason.IMPORT, None
    if value in {str(r) for r in TOLD_REASONS}:
        return DncReason(value), None
    return DncReason.IMPORT, _bad(
        line,
        "reason",
        "reason.unknown",
        "原因不在允许范围内，按“导入”登记。",
        "The reason is not one of the allowed ones; taken as imported.",
    )


def _bad(line: int, column: str | None, code: str, zh: str, en: str) -> RejectedRow:
    return RejectedRow(line=line, column=column, code=code, sentence=Sentence(zh, en))
