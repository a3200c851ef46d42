"""A CSV of leads and consents, read row by row: good rows as values, bad rows by line and reason. Pure.

The columns are a closed set (D7: 不得过度收集). A file that can't be read as a whole is refused as a whole.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from dialer.domain.consent import Origin
from dialer.domain.lead import Age, Person, Relation
from dialer.domain.phone import BadNumber, PhoneNumber, parse_phone
from dialer.domain.purpose import Purpose
from dialer.services.views.floor import RejectedRow
from dialer.services.views.words import Sentence

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
ROWS_MAX: Final = 1_000_000
TEXT_CHARACTERS_MAX: Final = 500

REQUIRED: Final = ("number", "requested_at")
OPTIONAL: Final = (
    "name",
    "asked",
    "purpose",
    "source",
    "origin",
    "given_at",
    "expires_at",
    "withdrawn_at",
    "text_version",
    "act",
    "address",
    "ownership",
    "signature",
    "promised_from",
    "promised_until",
    "age",
    "relation",
    "person",
    "language",
    "artefact",
)
COLUMNS: Final = (*REQUIRED, *OPTIONAL)


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """What a row says of a consent. `signature`: hex, the source's own over the record; empty: none."""

    purpose: Purpose
    source: str
    origin: Origin
    given_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None
    text_version: str
    act: str
    address: str
    ownership: str
    signature: str


@dataclass(frozen=True, slots=True)
class ArtefactFile:
    """A file that came with a row and proves its consent. `ending`: of its kind, such as `pdf`; its name is not kept."""

    ending: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A good row. `language`: a BCP 47 tag, empty where the row names none."""

    line: int
    number: PhoneNumber
    name: str
    asked: str
    requested_at: datetime
    promised_from: datetime | None
    promised_until: datetime | None
    age: Age
    relation: Relation
    person: Person
    consent: ConsentRow | None
    language: str = ""
    artefact: ArtefactFile | None = None


@dataclass(frozen=True, slots=True)
class FileRefused:
    """The file as a whole can't be taken: nothing was imported."""

    code: str
    sentence: Sentence


Files = Callable[[str], ArtefactFile | FileRefused]
ARTEFACT_MISSING: Final = FileRefused(
    "artefact.missing",
    Sentence(
        "压缩包中没有该行所写的凭证文件。",
        "The file that the row names as its artefact isn't in the archive.",
    ),
)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
E = TypeVar("E", bound=StrEnum)


class _Lines(Protocol):
    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


class _Bad(Exception):
    def __init__(self, column: str, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.column, self.code, self.sentence = column, code, Sentence(zh, en)


def decode_file(content: bytes) -> str | FileRefused:
    """The text of a file in UTF-8 (with or without BOM) or GB18030."""
    if len(content) > FILE_BYTES_MAX:
        return FileRefused("csv.too_large", Sentence("文件过大。", "The file is too large."))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    return FileRefused(
        "csv.encoding",
        Sentence(
            "文件编码无法识别，请保存为 UTF-8 或 GB18030。",
            "The file's encoding is unknown; save it as UTF-8 or GB18030.",
        ),
    )


def no_files(name: str) -> ArtefactFile | FileRefused:
    """The files beside a bare CSV: none."""
    del name
    return ARTEFACT_MISSING


def read_rows(
    text: str, country: str, open_file: Files = no_files
) -> tuple[list[LeadRow], list[RejectedRow], int] | FileRefused:
    """Good rows, bad rows, and how many rows there were. `open_file`: the file that a row names as its artefact."""
    reader = csv.reader(io.StringIO(text))
    header = [name.strip().lower() for name in next(reader, [])]
    refused = _check_header(header)
    if refused is not None:
        return refused
    good: list[LeadRow] = []
    bad: list[RejectedRow] = []
    count = 0
    for line, values in _rows(reader):
        count += 1
        if count > ROWS_MAX:
            return FileRefused("csv.too_many_rows", Sentence("行数过多。", "The file has too many rows."))
        try:
            if len(values) != len(header):
                raise _Bad(
                    "",
                    "csv.columns_differ",
                    "列数与表头不一致。",
                    "The row has another number of columns than the header.",
                )
            cells = dict(zip(header, (v.strip() for v in values), strict=True))
            row = _row(line, cells, country)
            good.append(replace(row, artefact=_artefact(cells, row, open_file)))
        except _Bad as fault:
            bad.append(
                RejectedRow(line=line, column=fault.column or None, code=fault.code, sentence=fault.sentence)
            )
    return good, bad, count


def _rows(reader: _Lines) -> Iterator[tuple[int, list[str]]]:
    for values in iter(reader):
        if any(v.strip() for v in values):
            yield reader.line_num, values


def _check_header(header: list[str]) -> FileRefused | None:
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        names = ", ".join(missing)
        return FileRefused(
            "csv.column_missing", Sentence(f"缺少列：{names}。", f"Columns are missing: {names}.")
        )
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        return FileRefused(
            "csv.column_not_allowed",
            Sentence(
                "文件含有不允许收集的列。只允许固定字段。",
                "The file has columns that may not be collected; only the fixed ones are taken.",
            ),
        )
    if len(set(header)) != len(header):
        return FileRefused("csv.column_twice", Sentence("有重复的列。", "A column stands there twice."))
    return None


def _row(line: int, cells: dict[str, str], country: str) -> LeadRow:
    number = parse_phone(cells["number"], country)
    if isinstance(number, BadNumber):
        raise _Bad("number", f"number.{number.problem}", number.zh, number.en)
    for name, value in cells.items():
        if len(value) > TEXT_CHARACTERS_MAX and name != "signature":
            raise _Bad(name, "csv.text_too_long", "内容过长。", "The text is too long.")
    promised_from, promised_until = _moment(cells, "promised_from"), _moment(cells, "promised_until")
    if (promised_from is None) != (promised_until is None) or (
        promised_from is not None and promised_until is not None and promised_from >= promised_until
    ):
        raise _Bad(
            "promised_until", "promise.impossible", "约定时段不成立。", "The promised window can't be."
        )
    requested_at = _moment(cells, "requested_at")
    if requested_at is None:
        raise _Bad("requested_at", "time.missing", "缺少请求时间。", "The time of the request is missing.")
    return LeadRow(
        line=line,
        number=number,
        name=cells.get("name", ""),
        asked=cells.get("asked", ""),
        requested_at=requested_at,
        promised_from=promised_from,
        promised_until=promised_until,
        age=_one_of(cells, "age", Age, Age.ADULT),
        relation=_one_of(cells, "relation", Relation, Relation.OWN_CUSTOMER),
        person=_one_of(cells, "person", Person, Person.NATURAL),
        consent=_consent(cells),
        language=_tag(cells),
    )


def _tag(cells: dict[str, str]) -> str:
    tag = cells.get("language", "")
    if tag and _LANGUAGE.fullmatch(tag) is None:
        raise _Bad(
            "language",
            "language.malformed",
            "语言应写为 zh 或 en 等。",
            "A language is written like zh or en-GB.",
        )
    return tag


def _artefact(cells: dict[str, str], row: LeadRow, open_file: Files) -> ArtefactFile | None:
    name = cells.get("artefact", "")
    if not name:
        return None
    if row.consent is None:
        raise _Bad(
            "artefact",
            "artefact.proves_nothing",
            "该行没有同意记录，凭证无所证明。",
            "The row has no consent that its artefact could prove.",
        )
    found = open_file(name)
    if isinstance(found, FileRefused):
        raise _Bad("artefact", found.code, found.sentence.zh, found.sentence.en)
    return found


def _consent(cells: dict[str, str]) -> ConsentRow | None:
    given_at = _moment(cells, "given_at")
    if given_at is None:
        return None
    if not cells.get("purpose"):
        raise _Bad(
            "purpose", "consent.purpose_missing", "同意没有写明用途。", "The consent names no purpose."
        )
    return ConsentRow(
        purpose=_one_of(cells, "purpose", Purpose, Purpose.CALLBACK),
        source=cells.get("source", ""),
        origin=_one_of(cells, "origin", Origin, Origin.OTHER),
        given_at=given_at,
        expires_at=_moment(cells, "expires_at"),
        withdrawn_at=_moment(cells, "withdrawn_at"),
        text_version=cells.get("text_version", ""),
        act=cells.get("act", ""),
        address=cells.get("address", ""),
        ownership=cells.get("ownership") or "unproven",
        signature=cells.get("signature", ""),
    )


def _moment(cells: dict[str, str], column: str) -> datetime | None:
    value = cells.get(column, "")
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise _Bad(
            column,
            "time.malformed",
            "时间格式应为 2026-11-18T10:30:00+08:00。",
            "A time is written like 2026-11-18T10:30:00+08:00.",
        )
    return at.astimezone(UTC)


def _one_of(cells: dict[str, str], column: str, kind: type[E], default: E) -> E:
    value = cells.get(column, "")
    if not value:
        return default
    try:
        return kind(value)
    except ValueError:
        raise _Bad(
            column, f"{column}.unknown", "取值不在允许范围内。", "The value is not one of the allowed ones."
        ) from None
