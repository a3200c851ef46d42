"""Reports of a span of days: the same tables on the page and in the file that people hand on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.services.views.words import Sentence


class ReportPart(StrEnum):
    """What is counted by."""

    CAMPAIGN = "campaign"
    AGENT = "agent"
    HOUR = "hour"
    REASON = "reason"
    CERTIFICATE = "certificate"
    """Abandoned calls against the cap, a day and campaign: what an authority asks for."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line. `values`: figures as text, in the order of the columns."""

    name: Sentence
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table. `first`: the heading over the names."""

    part: ReportPart
    title: Sentence
    first: Sentence
    columns: tuple[Sentence, ...]
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """Every table of one organisation for attempts authorised in [since, until)."""

    since: datetime
    until: datetime
    tables: tuple[ReportTable, ...]
