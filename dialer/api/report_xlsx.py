"""A report as a workbook: a sheet a table with figures as numbers, and a chart. Nothing in it is a formula."""

import io
import re
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from dialer.services.views.reports import ReportPart, ReportTable, ReportView
from dialer.services.views.session import Locale
from dialer.services.views.words import Sentence

_WHOLE: Final = re.compile(r"\d{1,15}")
_DECIMAL: Final = re.compile(r"\d{1,12}\.\d+")
_PERCENT: Final = re.compile(r"(\d{1,3}\.\d+) %")
_BLUE: Final = "#0958D9"
_GREY: Final = "#5B6676"
_NAME_WIDTH: Final = 34
_FIGURE_WIDTH: Final = 14
_CHARTED: Final[dict[ReportPart, tuple[int, ...]]] = {
    ReportPart.CAMPAIGN: (0, 3),
    ReportPart.AGENT: (0, 3),
    ReportPart.HOUR: (0, 3),
    ReportPart.REASON: (0,),
    ReportPart.CERTIFICATE: (2, 3),
}
"""Which columns are drawn: calls made and talks, times, share beside cap."""


def xlsx_of(view: ReportView, locale: Locale, org: Sentence, made_at: datetime) -> bytes:
    """Every table of the report in one workbook, in the person's language."""
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(kept, options) as book:
        book.set_properties(
            {"title": said(TITLE, locale), "company": said(org, locale), "created": naive(made_at)}
        )
        formats = _formats(book)
        for table in view.tables:
            _sheet(book, formats, table, locale)
    return kept.getvalue()


TITLE: Final = Sentence("外呼工作报表", "Report of outbound calls")


def said(sentence: Sentence, locale: Locale) -> str:
    """A sentence in one language."""
    return sentence.zh if locale is Locale.ZH else sentence.en


def naive(moment: datetime) -> datetime:
    """The moment without its zone, which office formats don't know: UTC."""
    return moment.replace(tzinfo=None)


def number_of(cell: str) -> tuple[float, str] | None:
    """A figure and how it is written (`whole`, `decimal`, `percent`); None: the cell is words."""
    if _WHOLE.fullmatch(cell):
        return int(cell), "whole"
    if _DECIMAL.fullmatch(cell):
        return float(cell), "decimal"
    percent = _PERCENT.fullmatch(cell)
    return None if percent is None else (float(percent[1]) / 100, "percent")


def _formats(book: Any) -> dict[str, Any]:
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format(
            {"bold": True, "font_color": "white", "bg_color": _BLUE, "border": 1, "text_wrap": True, "valign": "vcenter"}
        ),
        "words": book.add_format({"border": 1, "border_color": "#DDE2E9"}),
        "whole": book.add_format({"border": 1, "border_color": "#DDE2E9", "num_format": "#,##0"}),
        "decimal": book.add_format({"border": 1, "border_color": "#DDE2E9", "num_format": "#,##0.0"}),
        "percent": book.add_format({"border": 1, "border_color": "#DDE2E9", "num_format": "0.00%"}),
    }  # fmt: skip


def _sheet(book: Any, formats: dict[str, Any], table: ReportTable, locale: Locale) -> None:
    sheet = book.add_worksheet(said(table.title, locale)[:31])
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, _NAME_WIDTH)
    sheet.set_column(1, len(table.columns), _FIGURE_WIDTH)
    sheet.write_string(0, 0, said(table.title, locale), formats["title"])
    for place, column in enumerate((table.first, *table.columns)):
        sheet.write_string(2, place, said(column, locale), formats["head"])
    sheet.freeze_panes(3, 1)
    for line, row in enumerate(table.rows, start=3):
        sheet.write_string(line, 0, said(row.name, locale), formats["words"])
        for place, cell in enumerate(row.values, start=1):
            number = number_of(cell)
            if number is None:
                sheet.write_string(line, place, cell, formats["words"])
            else:
                sheet.write_number(line, place, number[0], formats[number[1]])
    if table.rows:
        sheet.autofilter(2, 0, 2 + len(table.rows), len(table.columns))
        sheet.insert_chart(4 + len(table.rows), 0, _chart(book, sheet, table, locale))


def _chart(book: Any, sheet: Any, table: ReportTable, locale: Locale) -> Any:
    chart = book.add_chart({"type": "column"})
    last = 2 + len(table.rows)
    for column, colour in zip(_CHARTED[table.part], (_BLUE, _GREY), strict=False):
        chart.add_series(
            {
                "name": said(table.columns[column], locale),
                "categories": [sheet.name, 3, 0, last, 0],
                "values": [sheet.name, 3, 1 + column, last, 1 + column],
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    chart.set_title({"name": said(table.title, locale), "overlay": False})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 860, "height": 320})
    return chart
