"""No statement between a lead's turn and its permit reads a table that grows with calls: each has an index to walk."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.ids import CampaignId, OrganisationId
from dialer.ports.ledger import Claim
from dialer.rules.shipped import shipped_packs
from dialer.services.views.listed import ListView
from dialer.storage import explain_list
from dialer.storage.campaigns import StoredCampaigns
from dialer.storage.explain_list import Change, ExplainList
from dialer.storage.lead_features import features_ahead
from dialer.storage.ledger import _Issued
from dialer.storage.sql import Engine, Tx, translate
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import World, fresh_sqlite

__all__ = ["core", "core_url"]
GROWING = ("attempt", "lead", "subject", "consent", "leaf", "decision", "dnc_entry", "permit", "heard_words")
WHOLE = {
    Engine.SQLITE: tuple(f"SCAN {table}" for table in GROWING),
    Engine.POSTGRESQL: tuple(f"Seq Scan on {table}" for table in GROWING),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, object]]:
    """Each statement that ran, and its parameters."""
    ran: dict[str, dict[str, object]] = {}

    class Watched:
        def __init__(self, cursor: object) -> None:
            self._cursor = cursor

        def execute(self, sql: str, parameters: dict[str, object]) -> object:
            ran.setdefault(sql, dict(parameters))
            return self._cursor.execute(sql, parameters)  # type: ignore[attr-defined]

        def __getattr__(self, name: str) -> object:
            return getattr(self._cursor, name)

    begin = Tx.__init__
    monkeypatch.setattr(
        Tx, "__init__", lambda self, cursor, engine, *rest: begin(self, Watched(cursor), engine, *rest)
    )  # type: ignore[arg-type]
    return ran


def plan_of(tx: Tx, sql: str, params: dict[str, object]) -> list[str]:
    """The engine's own plan; an almost empty table is read whole by any planner, so PostgreSQL is told not to."""
    if tx.engine is Engine.SQLITE:
        tx._cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return [str(row[3]) for row in tx._cursor.fetchall()]
    tx.run("SET LOCAL enable_seqscan = off")
    tx._cursor.execute(f"EXPLAIN {sql}", params)
    return [str(row[0]) for row in tx._cursor.fetchall()]


def whole_tables(tx: Tx, sql: str, params: dict[str, object]) -> list[str]:
    """What a statement would read whole."""
    lines = plan_of(tx, sql, params)
    return [line for line in lines if any(f"{whole} " in f"{line.strip()} " for whole in WHOLE[tx.engine])]


def steps_of(tx: Tx, world: World, claim: Claim) -> int:
    """Instructions of SQLite's machine that T1 takes; what it wrote is undone."""
    ticks = [0]

    def tick() -> int:
        ticks[0] += 1
        return 0

    connection: sqlite3.Connection = tx._cursor.connection  # type: ignore[attr-defined]
    tx.run("SAVEPOINT counted")
    connection.set_progress_handler(tick, 1)
    try:
        assert isinstance(world.ledger._authorise(tx, claim), _Issued)
    finally:
        connection.set_progress_handler(None, 0)
        tx.run("ROLLBACK TO SAVEPOINT counted")
        tx.run("RELEASE SAVEPOINT counted")
    return ticks[0]


@pytest.fixture
def sqlite_world(tmp_path: Path) -> Iterator[World]:
    """SQLite alone: it counts its own steps."""
    world = World(fresh_sqlite(tmp_path))
    yield world
    world.close()


async def test_no_statement_of_a_claim_and_a_decision_reads_a_growing_table_whole(
    core: World, asked: dict[str, dict[str, object]]
) -> None:
    for number in range(3):
        await core.lead(number)
    campaigns = StoredCampaigns(core.store, shipped_packs())
    asked.clear()
    assert await campaigns.running()
    (claim,) = await core.ledger.claim(CampaignId(CAMPAIGN), 1)
    await core.store.read(lambda tx: features_ahead(tx, CAMPAIGN, 10))
    assert isinstance(await core.ledger.authorise(claim), Permit)
    statements = {sql: params for sql, params in asked.items() if sql.split()[0] in ("SELECT", "UPDATE")}
    assert len(statements) > 15
    found = {
        " ".join(sql.split()): whole
        for sql, params in statements.items()
        if (whole := core.store.write_now(lambda tx, sql=sql, params=params: whole_tables(tx, sql, params)))
    }
    assert found == {}


async def test_the_look_finds_a_statement_that_has_no_index(core: World) -> None:
    sql = translate("SELECT COUNT(*) FROM attempt WHERE hangup_by = :who", core.store.engine)
    assert core.store.write_now(lambda tx: whole_tables(tx, sql, {"who": "callee"}))


async def test_a_decision_takes_as_many_steps_among_hundreds_of_people_as_among_a_few(
    sqlite_world: World,
) -> None:
    steps: list[int] = []
    for people in (range(5), range(5, 6), range(6, 99), range(99, 100)):
        leads = await sqlite_world.leads(people)
        if len(leads) == 1:
            claim = await sqlite_world.claim(leads[0])
            steps.append(
                sqlite_world.store.write_now(lambda tx, claim=claim: steps_of(tx, sqlite_world, claim))
            )
    few, many = steps
    assert few > 500
    assert many < few * 1.1


async def test_the_steps_show_a_statement_that_reads_what_grows(sqlite_world: World) -> None:
    sqlite_world.run("DROP INDEX ix_leaf_consent_id")
    await sqlite_world.leads(range(99))
    claim = await sqlite_world.claim((await sqlite_world.leads(range(99, 100)))[0])
    grown = sqlite_world.store.write_now(lambda tx: steps_of(tx, sqlite_world, claim))
    sqlite_world.run("CREATE INDEX ix_leaf_consent_id ON leaf (consent_id, type)")
    sqlite_world.run("UPDATE lead SET state = 'claimed' WHERE id = :id", id=claim.lead_id)
    found = sqlite_world.store.write_now(lambda tx: steps_of(tx, sqlite_world, claim))
    assert grown > found * 1.2


async def test_the_order_of_service_is_walked_and_not_sorted(core: World) -> None:
    claimed: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        run = Tx.all
        patch.setattr(Tx, "all", lambda self, sql, **p: claimed.append(sql) or run(self, sql, **p))
        await core.ledger.claim(CampaignId(CAMPAIGN), 1)
    (sql,) = [s for s in claimed if "ORDER BY requested_us" in s]
    params: dict[str, object] = {"node": "n", "lease": 1, "campaign": CAMPAIGN, "count": 10}
    plan = core.store.write_now(lambda tx: plan_of(tx, translate(sql, tx.engine), params))
    assert any("ix_lead_turn" in line for line in plan), plan
    assert any("ix_lead_promised" in line for line in plan), plan


async def test_a_long_list_is_walked_along_an_index_and_each_batch_goes_on_where_the_last_one_ended(
    core: World, asked: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain_list, "BATCH_LEADS", 2)
    leads = await core.leads(range(7))
    core.run(
        "UPDATE lead SET state = 'dialing' WHERE id IN (:first, :second)", first=leads[0], second=leads[3]
    )
    lists = ExplainList(core.store, core.keys, core.facts, shipped_packs(), 1_000)
    asked.clear()
    view = await lists.what_if(OrganisationId(ORG), CampaignId(CAMPAIGN), None, Change(None, None))
    assert isinstance(view, ListView)
    counts = view.counts
    assert counts.now + counts.today + counts.later + counts.never == 7
    (waiting,) = [
        (sql, params) for sql, params in asked.items() if "IN ('queued', 'claimed') AND (req" in sql
    ]
    plan = core.store.write_now(lambda tx: plan_of(tx, *waiting))
    assert any("ix_lead_turn" in line for line in plan), plan
    assert not any("TEMP B-TREE" in line or "Sort" in line for line in plan), plan
