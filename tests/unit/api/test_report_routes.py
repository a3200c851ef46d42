"""Reports: what the attempts themselves say, one organisation's, and no formula for a spreadsheet."""

from dialer.api.report_routes import csv_of, plain
from dialer.services.views.reports import ReportPart, ReportRow, ReportTable
from dialer.services.views.session import Locale, Role
from dialer.services.views.words import Sentence
from tests.unit.api.api_seed import HOME
from tests.unit.api.api_world import Client, Rooms, browser_of

SPAN = "?from=2026-11-17T16:00:00Z&to=2026-11-18T16:00:00Z"


async def test_a_report_counts_the_organisations_own_attempts(client: Client, rooms: Rooms) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    found = (await supervisor.ask("GET", f"/api/reports{SPAN}")).json
    assert isinstance(found, dict)
    tables = {t["part"]: t["rows"] for t in found["tables"]}
    (campaign,) = tables["campaign"]
    assert campaign["values"] == ["1", "1", "1", "1", "0", "0", "1.0"]
    assert [r["values"][0] for r in tables["agent"]] == ["1"]
    assert [r["name"]["zh"] for r in tables["hour"]] == ["09:00"]
    (certified,) = tables["certificate"]
    assert certified["name"]["zh"] == "2026-11-18 续费咨询"
    assert certified["values"] == ["1", "0", "0.00 %", "1.00 %", "✓"]
    rooms.store.write_now(
        lambda tx: tx.run("UPDATE attempt SET abandon_cause = 'nobody' WHERE state = 'sealed'")
    )
    after = (await supervisor.ask("GET", f"/api/reports{SPAN}")).json
    assert isinstance(after, dict)
    assert after["tables"][4]["rows"][0]["values"] == ["1", "1", "100.00 %", "1.00 %", "✗"]


async def test_a_span_is_asked_for_and_another_day_is_empty(client: Client) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    assert (await supervisor.ask("GET", "/api/reports")).status == 422
    backwards = "?from=2026-11-18T00:00:00Z&to=2026-11-17T00:00:00Z"
    assert (await supervisor.ask("GET", f"/api/reports{backwards}")).status == 422
    other = "?from=2026-10-17T00:00:00Z&to=2026-10-18T00:00:00Z"
    empty = (await supervisor.ask("GET", f"/api/reports{other}")).json
    assert isinstance(empty, dict)
    assert [t["rows"] for t in empty["tables"]] == [[]] * 5


async def test_a_table_is_kept_as_a_file_in_the_persons_language(client: Client) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    kept = await supervisor.ask("GET", f"/api/reports/campaign/table.csv{SPAN}")
    assert kept.headers["Content-Type"].startswith("text/csv")
    assert kept.body.decode("utf-8-sig").splitlines()[1].startswith('"续费咨询","1"')
    assert (await supervisor.ask("GET", f"/api/reports/nothing/table.csv{SPAN}")).status == 404


def test_no_cell_is_a_formula_and_plain_words_stay_as_they_are() -> None:
    for evil in ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"):
        assert plain(evil) == f"'{evil}"
    assert plain("王芳 1") == "王芳 1"
    row = ReportRow(Sentence("=1+1", "=1+1"), ("1",))
    first = Sentence("坐席", "Agent")
    table = ReportTable(ReportPart.AGENT, first, first, (Sentence("次数", "Times"),), (row,))
    assert csv_of(table, Locale.EN).decode("utf-8-sig").splitlines() == ['"Agent","Times"', '"\'=1+1","1"']
