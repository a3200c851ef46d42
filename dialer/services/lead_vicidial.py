"""VICIdial's exports, read row by row: its do-not-call list, its leads, its callbacks. Pure.

That dialer keeps no record of consent, so none is made up here: every lead comes without proof and the gate refuses it.
Statuses that mean a refusal are refusals. A callback's time is kept as the request's, so that people see it.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from dialer.domain.lead import Age, Person, Relation
from dialer.domain.phone import BadNumber, PhoneNumber, parse_phone
from dialer.services.lead_rows import LeadRow

LINES_MAX: Final = 5_000_000
NAME_CHARACTERS_MAX: Final = 50
REFUSED: Final = frozenset({"DNC", "DNCL", "DNCC", "NI", "XDNC"})
"""Statuses after which nobody calls: do-not-call in all its forms, and “not interested”."""
OVER: Final = frozenset({"SALE", "XFER", "DEC", "DC", "ADC", "DISCONN", "WRONG", "DEL"})
"""Statuses of leads that were settled there: not taken over."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead of theirs. `callback_at`: the moment that was promised, where there is one."""

    number: PhoneNumber
    row: LeadRow
    callback_at: datetime | None


@dataclass(slots=True)
class Exports:
    """What was read. `left_out`: rows by cause, in codes; no row vanishes uncounted."""

    refused: dict[str, PhoneNumber] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def read_dnc(text: str, country: str, into: Exports) -> None:
    """The DNC list: a number a line, with or without further columns."""
    for place, line in enumerate(text.splitlines()):
        first = line.replace("\t", ",").split(",")[0].strip().strip('"')
        if not first or (place == 0 and not any(c.isdigit() for c in first)) or place >= LINES_MAX:
            continue
        number = parse_phone(first, country)
        if isinstance(number, BadNumber):
            into.left_out[f"dnc.number.{number.problem}"] += 1
        else:
            into.refused[number.e164] = number


def read_leads(text: str, country: str, zone: ZoneInfo, into: Exports) -> dict[str, str]:
    """The lead export, with its header. Numbers by VICIdial's lead id, for the callbacks.

    Raises:
        ValueError: a column without which nothing can be read is missing; its name is the message.
    """
    by_id: dict[str, str] = {}
    for place, row in enumerate(_rows(text, ("phone_number", "status"))):
        number = _number(row, country)
        if isinstance(number, BadNumber):
            into.left_out[f"lead.number.{number.problem}"] += 1
            continue
        by_id[row.get("lead_id", "")] = number.e164
        status = row["status"].upper()
        if status in REFUSED:
            into.refused[number.e164] = number
            into.left_out["lead.refused_there"] += 1
        elif status in OVER:
            into.left_out["lead.settled_there"] += 1
        elif number.e164 in into.leads:
            into.left_out["lead.twice"] += 1
        else:
            asked_at = _moment(row.get("entry_date", ""), zone)
            if asked_at is None:
                into.left_out["lead.no_date"] += 1
                continue
            into.leads[number.e164] = Lead(number, _row(place + 2, number, row, asked_at), None)
    return by_id


def read_callbacks(text: str, zone: ZoneInfo, by_id: dict[str, str], into: Exports) -> None:
    """The callbacks, by lead id.

    Raises:
        ValueError: a column without which nothing can be read is missing; its name is the message.
    """
    for row in _rows(text, ("lead_id", "callback_time", "status")):
        number = by_id.get(row["lead_id"])
        lead = into.leads.get(number) if number is not None else None
        at = _moment(row["callback_time"], zone)
        if row["status"].upper() in ("INACTIVE", "DEAD"):
            into.left_out["callback.over"] += 1
        elif lead is None or number is None:
            into.left_out["callback.no_lead"] += 1
        elif at is None:
            into.left_out["callback.no_date"] += 1
        else:
            into.leads[number] = Lead(lead.number, lead.row, at)


def _rows(text: str, needed: tuple[str, ...]) -> list[dict[str, str]]:
    sample = text[:4096]
    reader = csv.reader(io.StringIO(text), delimiter="\t" if sample.count("\t") > sample.count(",") else ",")
    header = [name.strip().lower() for name in next(reader, [])]
    for name in needed:
        if name not in header:
            raise ValueError(name)
    found: list[dict[str, str]] = []
    for values in reader:
        if any(v.strip() for v in values) and len(found) < LINES_MAX:
            cells = [v.strip() for v in values] + [""] * len(header)
            found.append(dict(zip(header, cells, strict=False)))
    return found


def _number(row: dict[str, str], country: str) -> PhoneNumber | BadNumber:
    plain, code = row["phone_number"], row.get("phone_code", "").lstrip("+")
    if code.isdigit() and plain.isdigit():
        whole = parse_phone(f"+{code}{plain}", country)
        if not isinstance(whole, BadNumber):
            return whole
    return parse_phone(plain, country)


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """Their times are the server's own wall clock."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)


def _row(line: int, number: PhoneNumber, row: dict[str, str], asked_at: datetime) -> LeadRow:
    name = f"{row.get('last_name', '')}{row.get('first_name', '')}"
    return LeadRow(
        line=line,
        number=number,
        name=name[:NAME_CHARACTERS_MAX],
        asked="",
        requested_at=asked_at,
        promised_from=None,
        promised_until=None,
        age=Age.ADULT,
        relation=Relation.OTHER,
        person=Person.NATURAL,
        consent=None,
    )
