"""A report, or its certificate of abandoned calls alone, as a PDF that may be handed on.

Chinese is set in STSong-Light, one of the fonts that every PDF reader brings or replaces by its own: no font of the
machine is needed, and the file stays small. Runs of Latin letters and figures are set in Helvetica.
"""

import html
import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.fonts import addMapping
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from dialer.api.report_xlsx import TITLE, number_of, said
from dialer.compliance.hours import PAPERS_ZONE, zone
from dialer.services.views.audit import LogHealth
from dialer.services.views.reports import ReportPart, ReportTable, ReportView
from dialer.services.views.session import Locale
from dialer.services.views.words import Sentence

_HAN: Final = re.compile(r"[\u2018-\u2027\u3000-\u30ff\u3400-\u9fff\uff00-\uffef\u2713\u2717]+")
_CHINESE: Final = "STSong-Light"
_BLUE, _LINE, _SOFT, _META = (
    HexColor("#0958D9"),
    HexColor("#DDE2E9"),
    HexColor("#F3F5F8"),
    HexColor("#566070"),
)
_MARGIN: Final = 16 * mm
_NAME_SHARE: Final = 0.3
pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
addMapping(_CHINESE, 0, 0, _CHINESE)
_MARKS: Final = {"✓": Sentence("是", "yes"), "✗": Sentence("否", "NO")}


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a report: whose it is, who asked for it, when, and how far the log stood then."""

    org: Sentence
    asked_by: str
    made_at: datetime
    log: LogHealth


def pdf_of(view: ReportView, locale: Locale, heading: Heading) -> bytes:
    """Every table of the report, with the hours drawn."""
    story: list[Any] = [*_head(TITLE, view, locale, heading)]
    for table in view.tables:
        parts: list[Any] = [_words(said(table.title, locale), _H2), Spacer(0, 2 * mm)]
        if table.part is ReportPart.HOUR and table.rows:
            parts += [_hours(table), _words(said(_LEGEND, locale), _SMALL), Spacer(0, 2 * mm)]
        parts += [_table(table, locale), Spacer(0, 6 * mm)]
        story.append(KeepTogether(parts) if len(table.rows) < 20 else _Together(parts))
    return _made(story, said(TITLE, locale))


def certificate_of(view: ReportView, locale: Locale, heading: Heading) -> bytes:
    """The certificate of abandoned calls: how it is counted, every day and campaign, and how to check it."""
    table = next(t for t in view.tables if t.part is ReportPart.CERTIFICATE)
    over = [row for row in table.rows if row.values[-1] == "✗"]
    verdict = _WITHIN if not over else Sentence(
        _OVER.zh.format(count=len(over)), _OVER.en.format(count=len(over))
    )  # fmt: skip
    story: list[Any] = [
        *_head(table.title, view, locale, heading),
        _words(said(verdict if table.rows else _NOTHING, locale), _VERDICT),
        Spacer(0, 3 * mm),
        _words(said(_METHOD, locale), _BODY),
        Spacer(0, 4 * mm),
        _table(table, locale),
        Spacer(0, 6 * mm),
        _words(_log_words(heading.log, locale), _BODY),
        Spacer(0, 16 * mm),
        _words(said(_SIGNED, locale), _BODY),
    ]
    return _made(story, said(table.title, locale))


class _Together(KeepTogether):  # type: ignore[misc]  # reportlab has no types
    """A long table may break over pages, but its title stays with its first rows."""

    def split(self, width: float, height: float) -> list[Any]:
        """The parts one by one."""
        del width, height
        return list(self._content)


_WITHIN: Final = Sentence("各日各任务均未超过呼损上限。", "No day of any campaign was over its cap.")
_OVER: Final = Sentence(
    "{count} 个“日期与任务”超过呼损上限。", "{count} days of campaigns were over their cap."
)
_NOTHING: Final = Sentence("该期间没有真人接听。", "Nobody answered in these days.")
_METHOD: Final = Sentence(
    "计算方法：呼损率 = 呼损 ÷ 真人接听，按任务、按自然日（北京时间）计算。真人接听指接听后由坐席确认为真人的通话，"
    "以及接听后无坐席可接而结束的通话；语音信箱不计入，因而不会摊薄比率。数字直接由通话存证记录计出，不另设账。",
    "How it is counted: share = abandoned / live answers, a campaign and a day of China's time. A live answer is a call "
    "that an agent found to be a person, or one that ended because no agent was there; voicemail doesn't count, so that "
    "it can't thin the share. The figures are counted out of the evidence itself; no other book is kept.",
)
_SIGNED: Final = Sentence(
    "负责人（签字）：__________________    日期：______________",
    "Responsible (signature): __________________    Date: ______________",
)
_LEGEND: Final = Sentence("蓝色：已拨打；灰色：通话", "Blue: calls made; grey: talks")
_H1 = ParagraphStyle("h1", fontName="Helvetica-Bold", fontSize=18, leading=24)
_H2 = ParagraphStyle("h2", fontName="Helvetica-Bold", fontSize=12, leading=16)
_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=15, wordWrap="CJK")
_SMALL = ParagraphStyle(
    "small", fontName="Helvetica", fontSize=8.5, leading=12, textColor=_META, wordWrap="CJK"
)
_VERDICT = ParagraphStyle("verdict", fontName="Helvetica-Bold", fontSize=12, leading=18)
_CELL = ParagraphStyle("cell", fontName="Helvetica", fontSize=8.5, leading=12, wordWrap="CJK")
_FIGURE = ParagraphStyle("figure", parent=_CELL, alignment=2)
_HEAD = ParagraphStyle("head", parent=_CELL, fontName="Helvetica-Bold", textColor=HexColor("#FFFFFF"))
_HEAD_FIGURE = ParagraphStyle("headFigure", parent=_HEAD, alignment=2)


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    marked = _HAN.sub(lambda han: f'<font name="{_CHINESE}">{han[0]}</font>', html.escape(text))
    return Paragraph(marked, style)


def _head(title: Sentence, view: ReportView, locale: Locale, heading: Heading) -> list[Any]:
    first, last = (
        f"{moment.astimezone(zone(PAPERS_ZONE)):%Y-%m-%d %H:%M}" for moment in (view.since, view.until)
    )
    made = f"{heading.made_at.astimezone(zone(PAPERS_ZONE)):%Y-%m-%d %H:%M}"
    lines = Sentence(
        f"期间：{first} 至 {last}（北京时间）。生成：{made}，{heading.asked_by}。",
        f"From {first} to {last} (China time). Made at {made} by {heading.asked_by}.",
    )
    return [
        _words(said(heading.org, locale), _BODY),
        _words(said(title, locale), _H1),
        _words(said(lines, locale), _SMALL),
        Spacer(0, 5 * mm),
    ]


def _log_words(log: LogHealth, locale: Locale) -> str:
    cosigned = (
        "—"
        if log.cosigned_at is None
        else f"{log.cosigned_at.astimezone(zone(PAPERS_ZONE)):%Y-%m-%d %H:%M:%S}"
    )
    return said(
        Sentence(
            f"核验：生成本证明时存证日志共 {log.size} 条，其中 {log.cosigned_size} 条已由见证方会签（{cosigned}）。"
            "任一通话均可凭其证据包独立核验。",
            f"To check it: the evidence log had {log.size} entries when this was made, {log.cosigned_size} of them "
            f"cosigned by the witness ({cosigned}). Every call can be verified on its own by its bundle.",
        ),
        locale,
    )


def _table(table: ReportTable, locale: Locale) -> Table:
    width = A4[0] - 2 * _MARGIN
    rest = width * (1 - _NAME_SHARE) / max(1, len(table.columns))
    lines: list[list[Any]] = [
        [
            _words(said(table.first, locale), _HEAD),
            *(_words(said(column, locale), _HEAD_FIGURE) for column in table.columns),
        ]
    ]
    for row in table.rows:
        cells = (said(_MARKS[v], locale) if v in _MARKS else v for v in row.values)
        lines.append([_words(said(row.name, locale), _CELL), *(_words(cell, _FIGURE) for cell in cells)])
    if not table.rows:
        lines.append([_words("—", _CELL)] + [""] * len(table.columns))
    style = TableStyle(
        [
            ("BACKGROUND", (0, 0), (-1, 0), _BLUE),
            ("ROWBACKGROUNDS", (0, 1), (-1, -1), (HexColor("#FFFFFF"), _SOFT)),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ]
    )
    return Table(lines, [width * _NAME_SHARE, *([rest] * len(table.columns))], repeatRows=1, style=style)


def _hours(table: ReportTable) -> Drawing:
    """Calls made (blue) and talks (grey) by hour."""
    width, height = A4[0] - 2 * _MARGIN, 46 * mm
    drawing = Drawing(width, height)
    chart = VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = 24, 16, width - 30, height - 22
    made = [_figure(row.values[0]) for row in table.rows]
    chart.data = [made, [_figure(row.values[3]) for row in table.rows]]
    chart.categoryAxis.categoryNames = [row.name.en for row in table.rows]
    chart.categoryAxis.labels.fontSize = chart.valueAxis.labels.fontSize = 7
    chart.valueAxis.valueMin, chart.valueAxis.valueMax = 0, max(1, *made) if made else 1
    chart.valueAxis.labelTextFormat = "%d"
    chart.bars[0].fillColor, chart.bars[1].fillColor = _BLUE, HexColor("#8F9AAA")
    chart.bars.strokeColor = None
    drawing.add(chart)
    return drawing


def _figure(cell: str) -> float:
    number = number_of(cell)
    return 0.0 if number is None else number[0]


def _made(story: list[Any], title: str) -> bytes:
    kept = io.BytesIO()

    def page(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(_META)
        canvas.drawRightString(A4[0] - _MARGIN, 9 * mm, str(document.page))

    SimpleDocTemplate(
        kept,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
    ).build(story, onFirstPage=page, onLaterPages=page)
    return kept.getvalue()
