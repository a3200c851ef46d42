"""A report as workbook and PDF: both languages, figures as numbers, no formula, and a verdict that is counted."""

import io
import re
import zipfile
import zlib
from base64 import a85decode
from datetime import UTC, datetime

import pytest

from dialer.api.report_pdf import Heading, certificate_of, pdf_of
from dialer.api.report_xlsx import number_of, xlsx_of
from dialer.services.views.audit import LogHealth
from dialer.services.views.reports import ReportPart, ReportRow, ReportTable, ReportView
from dialer.services.views.session import Locale, Role
from dialer.services.views.words import Sentence
from tests.unit.api.api_seed import HOME
from tests.unit.api.api_world import Client, browser_of

SPAN = "?from=2026-11-17T16:00:00Z&to=2026-11-18T16:00:00Z"
NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
ORG = Sentence("示例软件有限公司", "Sample Software Ltd")
LOG = LogHealth(4118, NOW, 4100, NOW, 4090, NOW, 12, 28, None, None, None)
HEADING = Heading(ORG, "林悦", NOW, LOG)
EVIL = "=cmd|' /C calc'!A0"


def table(part: ReportPart, *rows: tuple[str, tuple[str, ...]]) -> ReportTable:
    """A table with as many columns as its rows have values."""
    width = max((len(values) for _, values in rows), default=5)
    columns = tuple(Sentence(f"列{n}", f"Column {n}") for n in range(width))
    listed = tuple(ReportRow(Sentence(name, name), values) for name, values in rows)
    return ReportTable(part, Sentence(f"表 {part}", f"Table {part}"), Sentence("名", "Name"), columns, listed)


def report(*certified: str) -> ReportView:
    """One row in each table; the certificate has a row for each mark."""
    figures = ("12", "3", "8", "7", "0", "1", "10.5")
    rows = tuple(
        (f"2026-11-18 任务{n}", ("10", "0", "0.00 %", "1.00 %", mark)) for n, mark in enumerate(certified)
    )
    counted = (ReportPart.CAMPAIGN, ReportPart.AGENT, ReportPart.HOUR)
    tables = (
        *(table(part, (EVIL, figures)) for part in counted),
        table(ReportPart.REASON, ("x", ("4", "DNC"))),
    )
    return ReportView(NOW, NOW, (*tables, table(ReportPart.CERTIFICATE, *rows)))


def sheets(book: bytes) -> str:
    """Every part of a workbook, one after another."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return "\n".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))


def shown(pdf: bytes) -> str:
    """What a PDF's pages draw: Latin as it stands, Chinese out of its UTF-16 codes."""
    drawn = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        page = zlib.decompress(a85decode(stream.strip().removesuffix(b"~>")))
        for text in re.findall(rb"\((.*?)(?<!\\)\) Tj", page, re.DOTALL):
            plain = re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), text)
            plain = re.sub(rb"\\(.)", rb"\1", plain)
            chinese = b"\x00" in plain or any(byte > 127 for byte in plain)
            drawn.append(plain.decode("utf-16-be", "replace") if chinese else plain.decode("latin-1"))
    return "".join(drawn)


def test_a_workbook_has_figures_as_numbers_charts_and_no_formula() -> None:
    book = xlsx_of(report("✓"), Locale.ZH, ORG, NOW)
    everything = sheets(book)
    assert "<v>10.5</v>" in everything
    assert "表 certificate" in everything
    assert "<f>" not in everything.replace("<c:f>", "")
    assert EVIL.replace("'", "&apos;") in everything or EVIL in everything
    assert everything.count("<c:barChart>") == 5


@pytest.mark.parametrize(
    ("cell", "number"),
    [("12", (12, "whole")), ("10.5", (10.5, "decimal")), ("0.75 %", (0.0075, "percent")), ("✓", None), ("=1", None), ("-1", None)],
)  # fmt: skip
def test_a_cell_is_a_number_or_words(cell: str, number: tuple[float, str] | None) -> None:
    assert number_of(cell) == number


@pytest.mark.parametrize(
    ("locale", "words"),
    [(Locale.ZH, ("示例软件有限公司", "呼损率", "存证日志共", "4118")), (Locale.EN, ("Sample Software Ltd", "live answers", "4118"))],
)  # fmt: skip
def test_a_certificate_says_whose_how_counted_and_how_to_check_it(
    locale: Locale, words: tuple[str, ...]
) -> None:
    pdf = certificate_of(report("✓"), locale, HEADING)
    assert pdf.startswith(b"%PDF-")
    drawn = shown(pdf)
    for word in words:
        assert word in drawn, drawn


def test_a_certificate_counts_the_days_over_the_cap() -> None:
    assert "No day of any campaign was over its cap" in shown(
        certificate_of(report("✓", "✓"), Locale.EN, HEADING)
    )
    assert "2 days of campaigns were over" in shown(certificate_of(report("✗", "✓", "✗"), Locale.EN, HEADING))
    assert "Nobody answered" in shown(certificate_of(report(), Locale.EN, HEADING))


def test_a_report_of_many_rows_goes_on_over_pages() -> None:
    rows = tuple((f"2026-11-{n:02d}", ("10", "0", "0.00 %", "1.00 %", "✓")) for n in range(1, 31)) * 4
    view = ReportView(NOW, NOW, (table(ReportPart.CERTIFICATE, *rows),))
    pdf = pdf_of(view, Locale.EN, HEADING)
    assert len(re.findall(rb"/Type /Page\b", pdf)) >= 3
    assert shown(pdf).count("2026-11-30") == 4


async def test_files_are_kept_in_the_persons_language(client: Client) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    for name, start in (("book.xlsx", b"PK"), ("report.pdf", b"%PDF"), ("certificate.pdf", b"%PDF")):
        kept = await supervisor.ask("GET", f"/api/reports/{name}{SPAN}")
        assert kept.status == 200, name
        assert kept.body.startswith(start)
        assert (
            f'filename="{name.replace("book", "report").split(".")[0]}-2026-11-17'
            in kept.headers["Content-Disposition"]
        )
        assert (await supervisor.ask("GET", f"/api/reports/{name}")).status == 422
        other = await supervisor.ask("GET", f"/api/reports/{name}{SPAN}&locale=en")
        assert len(other.body) != len(kept.body), "the page's language, not the account's"
