"""Reports over HTTP, as JSON for the page and as a CSV that no spreadsheet takes for formulas."""

import csv
import io
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, model_validator

from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import Moment, Nothing, Sent
from dialer.api.route import SUPERVISOR_OR_AUDITOR, Call, Download, FileAnswer, Method, Route, json_get
from dialer.services.views.reports import ReportPart, ReportTable, ReportView
from dialer.services.views.session import Locale

DAYS_MAX: Final = 92
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class ReportQuery(Sent):
    """The span [from, to), at most 92 days."""

    since: Annotated[Moment, Field(alias="from")]
    until: Annotated[Moment, Field(alias="to")]

    @model_validator(mode="after")
    def _is_a_span(self) -> "ReportQuery":
        if not timedelta(0) < self.until - self.since <= timedelta(days=DAYS_MAX):
            raise ValueError("the span is no span of at most 92 days")
        return self


def plain(cell: str) -> str:
    """A cell that a spreadsheet shows and never computes (CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def csv_of(table: ReportTable, locale: Locale) -> bytes:
    """One table as CSV, with the mark by which spreadsheets know UTF-8."""
    written = io.StringIO()
    lines = csv.writer(written, quoting=csv.QUOTE_ALL)
    chinese = locale is Locale.ZH
    lines.writerow([s.zh if chinese else s.en for s in (table.first, *table.columns)])
    for row in table.rows:
        lines.writerow([plain(row.name.zh if chinese else row.name.en), *map(plain, row.values)])
    return written.getvalue().encode("utf-8-sig")


async def report(call: Call[Nothing, ReportQuery]) -> ReportView:
    """Every table."""
    return await call.deps.reports.view(call.org, call.query.since, call.query.until)


async def report_csv(call: Call[Nothing, ReportQuery]) -> Download | Problem:
    """One table as a file, in the person's language."""
    if call.path["part"] not in set(ReportPart):
        return problem(Fault.NOT_FOUND)
    view = await call.deps.reports.view(call.org, call.query.since, call.query.until)
    table = next(t for t in view.tables if t.part == call.path["part"])
    return Download(csv_of(table, call.who.locale), f"{table.part}-{call.query.since.date()}.csv")


REPORTS: Final[tuple[Route, ...]] = (
    json_get(
        "/api/reports",
        "getReports",
        "Campaigns, agents, hours, reasons of refusals and the certificate of abandoned calls",
        SUPERVISOR_OR_AUDITOR,
        query=ReportQuery,
        answer=ReportView,
        handle=report,
    ),
    Route(
        Method.GET,
        "/api/reports/{part}/table.csv",
        "getReportCsv",
        "One table of the report as CSV",
        SUPERVISOR_OR_AUDITOR,
        None,
        ReportQuery,
        FileAnswer("text/csv"),
        (Fault.NOT_FOUND,),
        False,
        report_csv,
    ),
)
