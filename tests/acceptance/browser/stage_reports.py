"""A report of a busy week, for the staged console: long names, a day over its cap, many hours."""

from dataclasses import dataclass
from datetime import datetime

from dialer.domain.ids import OrganisationId
from dialer.services.views.reports import ReportPart, ReportRow, ReportTable, ReportView
from dialer.services.views.words import Sentence
from dialer.storage.views_reports import COLUMNS

CAMPAIGNS = (
    ("续费与开票回访", "Renewal and invoice callbacks", 412, 96, 288),
    ("新版本升级告知（企业版）", "Notice of the new release (enterprise)", 236, 41, 150),
    ("售后满意度", "After-sales satisfaction", 88, 7, 61),
)
AGENTS = ("陈晓", "周敏", "Zhao Min", "吴桐", "=1+1")
HOURS = ((9, 60), (10, 96), (11, 74), (14, 88), (15, 102), (16, 91), (17, 55), (18, 20))
REASONS = (
    ("本机构拒接名单", "On the organisation's do-not-call list", 64, "DNC_ORGANISATION"),
    ("不在可拨打时段", "Outside the calling hours", 41, "WINDOW_CLOSED"),
    ("当日已联系过", "Called already that day", 27, "FREQUENCY_DAY"),
    ("同意已过期", "The consent has expired", 9, "CONSENT_EXPIRED"),
)


@dataclass(frozen=True)
class StagedReports:
    """`ReportService`: the same week whatever span is asked for; none before 2026."""

    async def view(self, org: OrganisationId, since: datetime, until: datetime) -> ReportView:
        """Five tables."""
        del org
        empty = until.year < 2026
        tables = (
            _counted(ReportPart.CAMPAIGN, "按任务", "By campaign", "任务", "Campaign",
                     tuple((Sentence(zh, en), made, no, talks) for zh, en, made, no, talks in CAMPAIGNS)),
            _counted(ReportPart.AGENT, "按坐席", "By agent", "坐席", "Agent",
                     tuple((Sentence(n, n), 150 - 20 * i, 0, 110 - 17 * i) for i, n in enumerate(AGENTS))),
            _counted(ReportPart.HOUR, "按小时", "By hour", "小时", "Hour",
                     tuple((Sentence(f"{h:02d}:00", f"{h:02d}:00"), n, n // 9, n * 2 // 3) for h, n in HOURS)),
            _reasons(),
            _certificate(),
        )  # fmt: skip
        if empty:
            tables = tuple(ReportTable(t.part, t.title, t.first, t.columns, ()) for t in tables)
        return ReportView(since, until, tables)


def _counted(
    part: ReportPart,
    zh: str,
    en: str,
    first_zh: str,
    first_en: str,
    rows: tuple[tuple[Sentence, int, int, int], ...],
) -> ReportTable:
    listed = tuple(
        ReportRow(name, (str(made), str(no), str(talks + 9), str(talks), "1", "6", f"{talks * 1.7:.1f}"))
        for name, made, no, talks in rows
    )
    return ReportTable(part, Sentence(zh, en), Sentence(first_zh, first_en), COLUMNS, listed)


def _reasons() -> ReportTable:
    rows = tuple(ReportRow(Sentence(zh, en), (str(n), code)) for zh, en, n, code in REASONS)
    columns = (Sentence("次数", "Times"), Sentence("代码", "Code"))
    return ReportTable(
        ReportPart.REASON,
        Sentence("拒绝理由", "Reasons of refusals"),
        Sentence("理由", "Reason"),
        columns,
        rows,
    )


def _certificate() -> ReportTable:
    rows = tuple(
        ReportRow(
            Sentence(f"2026-11-{day} {CAMPAIGNS[0][0]}", f"2026-11-{day} {CAMPAIGNS[0][1]}"),
            (
                str(live),
                str(lost),
                f"{lost / live:.2%}".replace("%", " %"),
                "1.00 %",
                "✓" if lost / live <= 0.01 else "✗",
            ),
        )
        for day, live, lost in ((13, 240, 1), (14, 12, 0), (16, 260, 2), (17, 150, 2), (18, 288, 1))
    )
    columns = (
        Sentence("真人接听", "Live answers"),
        Sentence("呼损", "Abandoned"),
        Sentence("呼损率", "Share"),
        Sentence("上限", "Cap"),
        Sentence("未超限", "Within the cap"),
    )
    title = Sentence("呼损证明", "Certificate of abandoned calls")
    return ReportTable(
        ReportPart.CERTIFICATE, title, Sentence("日期与任务", "Day and campaign"), columns, rows
    )
