"""Reports out of the attempts themselves: nothing is counted elsewhere that could differ from the evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dialer.domain.ids import OrganisationId
from dialer.services.views.reports import ReportPart, ReportRow, ReportTable, ReportView
from dialer.services.views.words import Sentence
from dialer.storage.facts import BUSINESS_ZONE
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import micros, moment
from dialer.storage.views_trail import code_choices

PPM: Final = 1_000_000
HOUR_US: Final = 3_600_000_000
_IN: Final = "a.org_id = :org AND a.authorised_us >= :since AND a.authorised_us < :until"
_SUMS: Final = """
    SUM(CASE WHEN a.state = 'refused' THEN 0 ELSE 1 END) AS made,
    SUM(CASE WHEN a.state = 'refused' THEN 1 ELSE 0 END) AS refused,
    SUM(CASE WHEN a.answered_us IS NOT NULL THEN 1 ELSE 0 END) AS answered,
    SUM(CASE WHEN a.connected_us IS NOT NULL THEN 1 ELSE 0 END) AS connected,
    SUM(CASE WHEN a.answered_us IS NOT NULL AND (a.abandon_cause IS NOT NULL OR a.answer_class = 'human')
        THEN 1 ELSE 0 END) AS live,
    SUM(CASE WHEN a.answered_us IS NOT NULL AND a.abandon_cause = 'nobody' THEN 1 ELSE 0 END) AS abandoned,
    SUM(CASE WHEN a.outcome IN ('refused_by_callee', 'unwanted') THEN 1 ELSE 0 END) AS said_no,
    COALESCE(SUM(CASE WHEN a.ended_us > a.connected_us THEN a.ended_us - a.connected_us ELSE 0 END), 0) AS talk_us
"""
COLUMNS: Final = (
    Sentence("已拨打", "Calls made"),
    Sentence("规则拒绝", "Refused by rules"),
    Sentence("接听", "Answered"),
    Sentence("通话", "Talks"),
    Sentence("呼损", "Abandoned"),
    Sentence("对方拒绝", "Person refused"),
    Sentence("通话分钟", "Talk minutes"),
)


@dataclass(frozen=True, slots=True)
class ReportReader:
    """`ReportService`."""

    store: Store

    async def view(self, org: OrganisationId, since: datetime, until: datetime) -> ReportView:
        """Every table of that span."""
        return await self.store.read(lambda tx: self.read(tx, org, since, until))

    def read(self, tx: Tx, org: OrganisationId, since: datetime, until: datetime) -> ReportView:
        """The same inside a transaction."""
        span: dict[str, object] = {"org": org, "since": micros(since), "until": micros(until)}
        return ReportView(
            since,
            until,
            (
                _campaigns(tx, span),
                _agents(tx, span),
                _hours(tx, span, since),
                _reasons(tx, org, span),
                _certificate(tx, span),
            ),
        )


def _figures(row: Row) -> tuple[str, ...]:
    counts = (row.made, row.refused, row.answered, row.connected, row.abandoned, row.said_no)
    return (*(str(int(n or 0)) for n in counts), f"{int(row.talk_us) / 60e6:.1f}")


def _table(part: ReportPart, title: Sentence, first: Sentence, rows: list[ReportRow]) -> ReportTable:
    return ReportTable(part, title, first, COLUMNS, tuple(rows))


def _campaigns(tx: Tx, span: dict[str, object]) -> ReportTable:
    rows = tx.all(
        f"SELECT c.id, c.name_zh, c.name_en, {_SUMS} FROM attempt a JOIN campaign c ON c.id = a.campaign_id"
        f" WHERE {_IN} GROUP BY c.id, c.name_zh, c.name_en ORDER BY c.name_zh, c.id",
        **span,
    )
    named = [ReportRow(Sentence(r.name_zh, r.name_en), _figures(r)) for r in rows]
    return _table(ReportPart.CAMPAIGN, Sentence("按任务", "By campaign"), Sentence("任务", "Campaign"), named)


def _agents(tx: Tx, span: dict[str, object]) -> ReportTable:
    rows = tx.all(
        f"SELECT u.id, u.name, {_SUMS} FROM attempt a JOIN user_account u ON u.id = a.agent_id"
        f" WHERE {_IN} GROUP BY u.id, u.name ORDER BY u.name, u.id",
        **span,
    )
    named = [ReportRow(Sentence(r.name, r.name), _figures(r)) for r in rows]
    return _table(ReportPart.AGENT, Sentence("按坐席", "By agent"), Sentence("坐席", "Agent"), named)


def _hours(tx: Tx, span: dict[str, object], since: datetime) -> ReportTable:
    offset = since.astimezone(BUSINESS_ZONE).utcoffset()
    hours = 0 if offset is None else int(offset.total_seconds()) // 3600
    rows = tx.all(
        f"SELECT (a.authorised_us / {HOUR_US} + {hours}) % 24 AS hour, {_SUMS} FROM attempt a"
        f" WHERE {_IN} GROUP BY 1 ORDER BY 1",
        **span,
    )
    named = []
    for row in rows:
        words = f"{int(row.hour):02d}:00"
        named.append(ReportRow(Sentence(words, words), _figures(row)))
    return _table(ReportPart.HOUR, Sentence("按小时", "By hour"), Sentence("小时", "Hour"), named)


def _reasons(tx: Tx, org: OrganisationId, span: dict[str, object]) -> ReportTable:
    words = {choice.code: choice.sentence for choice in code_choices(tx, org)}
    rows = tx.all(
        "SELECT r.code, COUNT(*) AS n FROM refusal_code r"
        " WHERE r.org_id = :org AND r.at_us >= :since AND r.at_us < :until"
        " GROUP BY r.code ORDER BY n DESC, r.code",
        **span,
    )
    named = [ReportRow(words.get(r.code, Sentence(r.code, r.code)), (str(int(r.n)), r.code)) for r in rows]
    return ReportTable(
        ReportPart.REASON,
        Sentence("拒绝理由", "Reasons of refusals"),
        Sentence("理由", "Reason"),
        (Sentence("次数", "Times"), Sentence("代码", "Code")),
        tuple(named),
    )


def _certificate(tx: Tx, span: dict[str, object]) -> ReportTable:
    rows = tx.all(
        "SELECT c.name_zh, c.name_en, c.abandon_cap_ppm, a.authorised_us, a.abandon_cause"
        " FROM attempt a JOIN campaign c ON c.id = a.campaign_id"
        f" WHERE {_IN} AND a.answered_us IS NOT NULL"
        " AND (a.abandon_cause IS NOT NULL OR a.answer_class = 'human')",
        **span,
    )
    counted: dict[tuple[str, str, str, int], tuple[int, int]] = {}
    for row in rows:
        day = moment(row.authorised_us).astimezone(BUSINESS_ZONE).date().isoformat()
        key = (day, row.name_zh, row.name_en, int(row.abandon_cap_ppm))
        live, abandoned = counted.get(key, (0, 0))
        counted[key] = (live + 1, abandoned + (row.abandon_cause == "nobody"))
    named = []
    for (day, zh, en, cap), (live, abandoned) in sorted(counted.items()):
        share = abandoned * PPM // live
        values = (str(live), str(abandoned), _percent(share), _percent(cap), "✓" if share <= cap else "✗")
        named.append(ReportRow(Sentence(f"{day} {zh}", f"{day} {en}"), values))
    return ReportTable(
        ReportPart.CERTIFICATE,
        Sentence("呼损证明", "Certificate of abandoned calls"),
        Sentence("日期与任务", "Day and campaign"),
        (
            Sentence("真人接听", "Live answers"),
            Sentence("呼损", "Abandoned"),
            Sentence("呼损率", "Share"),
            Sentence("上限", "Cap"),
            Sentence("未超限", "Within the cap"),
        ),
        tuple(named),
    )


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:.2f} %"
