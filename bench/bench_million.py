"""A store as large as an operator's: a million leads with consents and a million refusals, then T1 and an explained list.

    PYTHONPATH=. python bench/bench_million.py build FOLDER [TAKEN] [ROWS]   an SQLite store
    PYTHONPATH=. python bench/bench_million.py serve FOLDER                  a PostgreSQL with the same rows, until FOLDER/postgresql.url is removed
    PYTHONPATH=. python bench/bench_million.py measure FOLDER [sqlite|postgresql] [DECISIONS]
    PYTHONPATH=. python bench/bench_million.py explain FOLDER [PROCESSES]

TAKEN leads (100,000) come through the product's own intake, asked first and are the ones that are claimed, decided and
explained. Behind them lie rows of the same shape up to ROWS (1,000,000) leads, consents, subjects and
leaves, and as many refusals: what a decision looks among. The DNC tree isn't grown by them, for no decision reads it.
`measure` spends leads: a store serves for several runs.
"""

import asyncio
import gc
import os
import resource
import secrets
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import psycopg
from sqlmodel import SQLModel

from bench.bench_gate import rows, told
from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, ORG, SUPERVISOR
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.rules.shipped import shipped_packs
from dialer.services.views.listed import ListView
from dialer.storage.clock import InstallationClock
from dialer.storage.explain_list import Change, Crew, ExplainList
from dialer.storage.intake import StoredIntake
from dialer.storage.sql import Tx
from dialer.storage.tables_log import Leaf
from dialer.storage.tables_people import Consent, DncEntry, Lead, Subject
from tests.contract.postgres_fixture import Server, _run
from tests.unit.storage.storage_world import World, fill

TAKEN, ROWS = 100_000, 1_000_000
PIECE = 2_000
AT_ONCE = 64
NUMBERS = 12
FAR = 1_000_000_000
"""Leaves of rows that are only there to be looked among; the log's own go on from where they are."""


def url_of(folder: Path) -> str:
    """The SQLite store of a folder."""
    return f"sqlite:///{folder / 'dialer.db'}"


async def build(folder: Path, taken: int, whole: int) -> None:
    """Leads through the intake, piece by piece; then rows like theirs; then as many refusals."""
    folder.mkdir(parents=True, exist_ok=True)
    fill(url_of(folder))
    world = World(url_of(folder))
    intake = StoredIntake(world.store, world.log, world.keys, InstallationClock(world.store))
    cpu = wall = 0.0
    for start in range(0, taken, PIECE):
        piece = [replace(row, line=start + n + 2) for n, row in enumerate(rows(PIECE, start))]
        began_cpu, began = time.process_time(), time.perf_counter()
        await intake.take(OrganisationId(ORG), UserId(SUPERVISOR), CampaignId(CAMPAIGN), piece, [], PIECE)
        cpu, wall = cpu + time.process_time() - began_cpu, wall + time.perf_counter() - began
    told("import, with consents (CPU)", taken, cpu, "5,600 /s")
    told("import, with consents (wall)", taken, wall, "5,600 /s")
    like = Like.of(world)
    for start in range(taken, whole, PIECE):
        world.store.write_now(lambda tx, start=start: like.write(tx, start))  # type: ignore[misc]
    at_us = world.now_us()
    for start in range(0, whole, PIECE):
        refused = [_refused(n, at_us) for n in range(start, start + PIECE)]
        world.store.write_now(lambda tx, refused=refused: tx.put_many(DncEntry, refused))  # type: ignore[misc]
    world.close()


@dataclass(frozen=True, slots=True)
class Like:
    """One lead's rows, to be written many times under other ids and other people's hashes."""

    rows: dict[str, dict[str, object]]

    @classmethod
    def of(cls, world: World) -> "Like":
        """The last lead's rows."""
        lead = world.one("SELECT * FROM lead ORDER BY row DESC LIMIT 1")
        consent = world.one("SELECT * FROM consent WHERE id = :id", id=lead.consent_id)
        subject = world.one("SELECT * FROM subject WHERE sid = :sid", sid=lead.sid)
        leaf = world.one("SELECT * FROM leaf WHERE seq = :seq", seq=consent.leaf_seq)
        found = {"subject": subject, "consent": consent, "lead": lead, "leaf": leaf}
        return cls({table: row._asdict() for table, row in found.items()})

    def write(self, tx: Tx, start: int) -> None:
        """PIECE more of them, due a minute after those that were taken."""
        at: dict[str, type[SQLModel]] = {"subject": Subject, "consent": Consent, "lead": Lead, "leaf": Leaf}
        many: dict[str, list[dict[str, object]]] = {table: [] for table in at}
        for n in range(start, start + PIECE):
            sid, consent, seq = secrets.token_hex(16), secrets.token_hex(8), FAR + n
            new: dict[str, dict[str, object]] = {
                "subject": {
                    "sid": sid,
                    "number_hmac": secrets.token_bytes(32),
                    "platform_hmac": secrets.token_bytes(32),
                },
                "consent": {"id": consent, "sid": sid, "leaf_seq": seq},
                "lead": {
                    "id": secrets.token_hex(8),
                    "sid": sid,
                    "consent_id": consent,
                    "row": n + 2,
                    "requested_us": int(str(self.rows["lead"]["requested_us"])) + 60_000_000,
                },
                "leaf": {"seq": seq, "hash": secrets.token_bytes(32), "consent_id": consent, "sid": sid},
            }
            for table, row in new.items():
                many[table].append(self.rows[table] | row)
        for table, model in at.items():
            tx.put_many(model, many[table])


def _refused(n: int, at_us: int) -> dict[str, object]:
    return {
        "id": secrets.token_hex(8),
        "org_id": ORG,
        "number_hmac": sha256(str(n).encode()).digest(),
        "key_version": 1,
        "reason": "said",
        "actor": "bench",
        "at_us": at_us,
        "leaf_seq": 0,
    }


class Durable(Server):
    """The tests' server as an operator has it: commits reach the disk."""

    def start(self) -> None:
        """As the tests' own, but for `fsync`."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c shared_buffers=1GB"
        started = [self._programs / "pg_ctl", "-D", self._data, "-o", options, "-l", self.folder / "log"]
        _run(*started, "-w", "start")


def copy(folder: Path) -> Server:
    """Every row of the SQLite store into a PostgreSQL that ends with this process."""
    server = Durable()
    url = server.create("million")
    fill(url)
    world = World(url_of(folder))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        tables = [r.name for r in world.all("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            _copy_table(world, connection, table)
        connection.execute("ANALYZE")
    world.close()
    return server


def _copy_table(world: World, connection: psycopg.Connection, table: str) -> None:
    described = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [table]
    ).fetchall()
    if not described:
        return
    booleans = {name for name, kind in described if kind == "boolean"}
    connection.execute(f'TRUNCATE "{table}" CASCADE')
    names = [name for name, _ in described]
    listed = ", ".join(f'"{n}"' for n in names)

    def pour(tx: object) -> None:
        cursor = tx._cursor  # type: ignore[attr-defined]  # rows as they lie, none of them shaped
        cursor.execute(f'SELECT {listed} FROM "{table}"')
        with connection.cursor().copy(f'COPY "{table}" ({listed}) FROM STDIN') as out:
            for row in cursor:
                out.write_row(
                    [
                        bool(v) if n in booleans and v is not None else v
                        for n, v in zip(names, row, strict=True)
                    ]
                )

    world.store.read_now(pour)


def add_numbers(world: World) -> None:
    """More numbers to show, so that no decision is refused because one of them called too often this hour."""
    for n in range(NUMBERS):
        row = world.one("SELECT * FROM caller_id WHERE id = 'number-400'")._asdict() | {"id": f"number-{n}"}
        columns = ", ".join(row)
        world.run(
            f"INSERT INTO caller_id ({columns}) VALUES ({', '.join(f':{name}' for name in row)}) ON CONFLICT DO NOTHING",
            **row,
        )
        world.run(
            "INSERT INTO campaign_caller_id (campaign_id, caller_id) VALUES (:campaign, :id) ON CONFLICT DO NOTHING",
            campaign=CAMPAIGN,
            id=f"number-{n}",
        )


async def measure(world: World, count: int) -> None:
    """Claim and T1, many at once; the wait of each from asking to its permit, one at a time and many at once."""
    add_numbers(world)
    told_of = world.one("SELECT COUNT(*) AS n FROM lead WHERE state = 'queued'")
    print(f"{told_of.n} leads wait, {world.one('SELECT COUNT(*) AS n FROM dnc_entry').n} refusals")
    for at_once in (1, 16, AT_ONCE):
        waits: list[float] = []

        async def one(place: asyncio.Semaphore, claim: object, waits: list[float] = waits) -> bool:
            async with place:
                began = time.perf_counter()
                answer = await world.ledger.authorise(claim)  # type: ignore[arg-type]
                waits.append(time.perf_counter() - began)
                return isinstance(answer, Permit)

        began = time.perf_counter()
        claims = await world.ledger.claim(CampaignId(CAMPAIGN), count)
        print(f"{'claim (wall)':<44}{(time.perf_counter() - began) / count * 1e6:>8.0f} µs a lead")
        gc.collect()
        place = asyncio.Semaphore(at_once)
        cpu, began = time.process_time(), time.perf_counter()
        permits = sum(await asyncio.gather(*(one(place, claim) for claim in claims)))
        took = time.perf_counter() - began
        told("T1 with its commit (CPU)", len(claims), time.process_time() - cpu, "1,000 /s")
        told(f"T1 with its commit, {at_once} at once (wall)", len(claims), took, "1,000 /s")
        waits.sort()
        p50, p99 = (waits[int(len(waits) * share)] * 1e3 for share in (0.50, 0.99))
        print(f"{'T1, p50 and p99':<44}{p50:>8.1f} and {p99:.1f} ms   target 20 ms   {permits} permits")


def counting(url: str) -> ExplainList:
    """What a process that shares the count opens."""
    world = World(url)
    return ExplainList(world.store, world.keys, world.facts, shipped_packs(), sys.maxsize)


async def explain(world: World, processes: int) -> None:
    """The leads that were taken, counted by when and why; the others' numbers are nobody's and can't be opened."""
    world.run(
        "UPDATE lead SET state = 'staged' WHERE state = 'queued' AND id IN (SELECT l.id FROM lead l JOIN consent c ON c.id = l.consent_id WHERE c.leaf_seq >= :far)",
        far=FAR,
    )
    crew = Crew(partial(counting, world.url), processes) if processes > 1 else None
    lists = ExplainList(world.store, world.keys, world.facts, shipped_packs(), sys.maxsize, crew)
    cpu, began = cpu_seconds(), time.perf_counter()
    view = await lists.what_if(OrganisationId(ORG), CampaignId(CAMPAIGN), None, Change(None, None))
    assert isinstance(view, ListView)
    told(f"explain a list of {view.leads} (CPU)", view.leads, cpu_seconds() - cpu, "3,333 /s")
    told(f"explain a list, {processes} at once (wall)", view.leads, time.perf_counter() - began, "3,333 /s")
    print(view.counts.now, view.counts.today, view.counts.later, view.counts.never)


def cpu_seconds() -> float:
    """Of this process and of those that it waited for."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main(act: str, folder: Path, *rest: str) -> None:
    """One act."""
    match act:
        case "build":
            taken = int(rest[0]) if rest else TAKEN
            asyncio.run(build(folder, taken, int(rest[1]) if len(rest) > 1 else ROWS))
        case "serve":
            server = copy(folder)
            (folder / "postgresql.url").write_text(server.url_of("million"))
            while (folder / "postgresql.url").exists():
                time.sleep(1)
        case "measure":
            postgresql = (folder / "postgresql.url").read_text() if "postgresql" in rest else None
            world = World(postgresql or url_of(folder))
            asyncio.run(measure(world, int(rest[1]) if len(rest) > 1 else 1_000))
            world.close()
        case "explain":
            world = World(url_of(folder))
            asyncio.run(explain(world, int(rest[0]) if rest else 1))
            world.close()
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
