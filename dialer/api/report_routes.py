"""Reports over HTTP: JSON for the page, CSV that no spreadsheet takes for formulas, a workbook, and PDF to hand on."""

import asyncio
import csv
import io
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, model_validator

from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import Moment, Nothing, Sent
from dialer.api.report_pdf import Heading, certificate_of, pdf_of
from dialer.api.report_xlsx import xlsx_of
from dialer.api.route import (
    SUPERVISOR_OR_AUDITOR,
    Call,
    Download,
    FileAnswer,
    Handle,
    Method,
    Route,
    json_get,
)
from dialer.services.views.reports import ReportPart, ReportTable, ReportView
from dialer.services.views.session import Locale

DAYS_MAX: Final = 92
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class ReportQuery(Sent):
    """The span [from, to), at most 92 days; `locale`: the language of a file, the person's own unless it is given."""

    since: Annotated[Moment, Field(alias="from")]
    until: Annotated[Moment, Field(alias="to")]
    locale: Locale | None = None

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
    return Download(csv_of(table, _language(call)), f"{table.part}-{call.query.since.date()}.csv")


async def report_book(call: Call[Nothing, ReportQuery]) -> Download:
    """Every table in one workbook."""
    view = await call.deps.reports.view(call.org, call.query.since, call.query.until)
    book = await asyncio.to_thread(xlsx_of, view, _language(call), call.who.org.name, call.deps.clock.now())
    return Download(book, f"report-{call.query.since.date()}.xlsx")


async def report_pdf(call: Call[Nothing, ReportQuery]) -> Download:
    """Every table on paper."""
    view = await call.deps.reports.view(call.org, call.query.since, call.query.until)
    paper = await asyncio.to_thread(pdf_of, view, _language(call), await _heading(call))
    return Download(paper, f"report-{call.query.since.date()}.pdf")


async def certificate_pdf(call: Call[Nothing, ReportQuery]) -> Download:
    """The certificate of abandoned calls on paper."""
    view = await call.deps.reports.view(call.org, call.query.since, call.query.until)
    paper = await asyncio.to_thread(certificate_of, view, _language(call), await _heading(call))
    return Download(paper, f"certificate-{call.query.since.date()}.pdf")


def _language(call: Call[Nothing, ReportQuery]) -> Locale:
    return call.query.locale or call.who.locale


async def _heading(call: Call[Nothing, ReportQuery]) -> Heading:
    who = call.who
    return Heading(who.org.name, who.user_name, call.deps.clock.now(), await call.deps.audit.health())


def _file(path: str, operation: str, summary: str, content_type: str, handle: Handle) -> Route:
    return Route(
        Method.GET,
        path,
        operation,
        summary,
        SUPERVISOR_OR_AUDITOR,
        None,
        ReportQuery,
        FileAnswer(content_type),
        (),
        False,
        handle,
    )


XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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
    _file(
        "/api/reports/book.xlsx", "getReportBook", "The report as a workbook with charts", XLSX, report_book
    ),
    _file("/api/reports/report.pdf", "getReportPdf", "The report as PDF", "application/pdf", report_pdf),
    _file(
        "/api/reports/certificate.pdf",
        "getCertificatePdf",
        "The certificate of abandoned calls as PDF",
        "application/pdf",
        certificate_pdf,
    ),
)
