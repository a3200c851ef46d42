"""How long the auditor's search takes among many attempts, by each of what it may be narrowed by.

    python bench/bench_search.py [--attempts 1000000] [--url postgresql://… [--copy-of FILE] | --keep FILE] [--fill-only]

Fills a fresh database with made-up attempts (nobody's numbers: random bytes stand for keyed hashes; the indexes are made when
all rows are there), then runs each search a hundred times with other values and prints the 95th percentile. A database that
was filled before is measured as it is; `--copy-of` fills from a SQLite file that was kept.
"""

import argparse
import asyncio
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dialer.calls.attempt import AttemptState
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.services.views.queries import AttemptFilter
from dialer.storage.migrate import migrate
from dialer.storage.personal import PersonalReader
from dialer.storage.sql import Engine, Tx
from dialer.storage.store import Store
from dialer.storage.views_trail import TrailReader
from dialer.vault.keyring import FileKeyring

RUNS = 100
BATCH = 5_000
SPAN = timedelta(days=365)
END = datetime(2026, 11, 18, tzinfo=UTC)
ORG = OrganisationId("org-bench")
CODES = ("FREQUENCY_DAY", "WINDOW_CLOSED", "DNC_ORGANISATION", "CONSENT_EXPIRED", "RARE_CODE")
ENDS = (
    ("sealed", "talked", 30),
    ("failed", "no_answer", 30),
    ("failed", "busy", 15),
    ("refused", "not_dialled", 20),
    ("sealed", "abandoned", 1),
    ("lapsed", "not_dialled", 4),
)
FILLED = ("attempt", "decision", "refusal_code")
COPIED = ("organisation", "script", "campaign", "user_account", "caller_id", "subject", *FILLED)
CAMPAIGNS, AGENTS, CALLER_IDS = 20, 200, 10


def at_us(index: int, attempts: int) -> int:
    """Attempts are spread evenly over a year."""
    span_us = SPAN // timedelta(microseconds=1)
    return int((END - SPAN).timestamp()) * 1_000_000 + span_us * index // attempts


def rows(attempts: int, first: int, rng: random.Random) -> Iterator[tuple[dict[str, object], str | None]]:
    """Attempts from `first` on, each with the code of its refusal."""
    weights = [weight for _, _, weight in ENDS]
    for index in range(first, min(first + BATCH, attempts)):
        state, outcome, _ = rng.choices(ENDS, weights)[0]
        talked = outcome == "talked"
        subject = index % max(1, attempts // 10)
        at = at_us(index, attempts)
        code = None
        if state == "refused":
            code = CODES[-1] if rng.random() < 1e-4 else rng.choice(CODES[:-1])
        yield (
            {
                "id": f"{index:012x}{rng.getrandbits(80):020x}",
                "org_id": ORG,
                "campaign_id": f"campaign-{index % CAMPAIGNS}",
                "lead_id": f"lead-{index}",
                "sid": f"subject-{subject}",
                "consent_id": f"consent-{subject}",
                "caller_id": f"caller-{rng.randrange(CALLER_IDS)}",
                "platform_hmac": index.to_bytes(32, "big"),
                "number_hmac": hmac_of(subject),
                "state": state,
                "node": "bench",
                "outcome": outcome,
                "authorised_us": at,
                "connected_us": at + 9_000_000 if talked else None,
                "ended_us": at + 60_000_000,
                "agent_id": f"agent-{rng.randrange(AGENTS)}" if talked else None,
            },
            code,
        )


def hmac_of(subject: int) -> bytes:
    """Stands for the keyed hash of a subject's number."""
    return b"bench" + subject.to_bytes(27, "big")


def registers(tx: Tx, attempts: int) -> None:
    """The subjects."""
    subjects = max(1, attempts // 10)
    for first in range(0, subjects, BATCH):
        tx.run_many(
            "INSERT INTO subject (sid, org_id, number_hmac, platform_hmac, key_version, created_us)"
            " VALUES (:sid, :org, :hmac, :hmac, 1, 0)",
            [
                {"sid": f"subject-{n}", "org": ORG, "hmac": hmac_of(n)}
                for n in range(first, min(first + BATCH, subjects))
            ],
        )


def campaigns(tx: Tx) -> None:
    """The organisation, campaigns, agents and caller IDs, from whatever columns their tables have: what a search doesn't show is empty."""
    for table, ids, known in (
        ("organisation", [str(ORG)], {}),
        ("script", ["script"], {}),
        ("campaign", [f"campaign-{n}" for n in range(CAMPAIGNS)], {"script_id": "script"}),
        ("user_account", [f"agent-{n}" for n in range(AGENTS)], {"role": "agent"}),
        ("caller_id", [f"caller-{n}" for n in range(CALLER_IDS)], {}),
    ):
        columns = required(tx, table)
        for one in ids:
            values = {name: empty(kind) for name, kind in columns.items()}
            values |= {k: v for k, v in known.items() if k in columns} | {"id": one}
            values |= {"org_id": ORG} if "org_id" in columns else {}
            if "login" in columns:
                values["login"] = one
            names = ", ".join(values)
            marks = ", ".join(f":{name}" for name in values)
            tx.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", **values)


def required(tx: Tx, table: str) -> dict[str, str]:
    """Columns that have to be given, with their type."""
    if tx.engine is Engine.SQLITE:
        return {r.name: r.type for r in tx.all(f"PRAGMA table_info({table})") if r.notnull}
    found = tx.all(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = :table AND is_nullable = 'NO'",
        table=table,
    )
    return {r.column_name: r.data_type for r in found}


def empty(kind: str) -> object:
    """A value of a column that nobody looks at."""
    return 0 if "INT" in kind.upper() else "{}"


def fill(store: Store, attempts: int) -> float:
    """Everything; the seconds it took."""
    began, rng = time.monotonic(), random.Random(7)
    store.write_now(campaigns)
    indexes = store.write_now(drop_indexes)
    store.write_now(lambda tx: registers(tx, attempts))
    for first in range(0, attempts, BATCH):
        batch = list(rows(attempts, first, rng))
        store.write_now(lambda tx, batch=batch: put(tx, batch))  # type: ignore[misc]
    for index in indexes:
        store.write_now(lambda tx, index=index: tx.run(index))  # type: ignore[misc]
    if store.engine is Engine.POSTGRESQL:
        analyse(store.url)
    return time.monotonic() - began


def copy_of(source: Path, store: Store) -> float:
    """The rows of a SQLite file that was filled before, by COPY; the seconds it took."""
    import psycopg

    began = time.monotonic()
    indexes = store.write_now(drop_indexes)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as read,
        psycopg.connect(store.url) as write,
    ):
        write.execute("SET session_replication_role = replica")
        write.execute("SET maintenance_work_mem = '1GB'")
        for table in COPIED:
            columns = [row[1] for row in read.execute(f"PRAGMA table_info({table})")]
            names = ", ".join(columns)
            with write.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in read.execute(f"SELECT {names} FROM {table}"):
                    copy.write_row(row)
        for index in indexes:
            write.execute(index)
    analyse(store.url)
    return time.monotonic() - began


def drop_indexes(tx: Tx) -> list[str]:
    """Away with what every insert would have to keep in order; the statements that make them again."""
    if tx.engine is Engine.SQLITE:
        found = tx.all("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    else:
        found = tx.all(
            "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = indexname)"
        )
    filled = [
        row
        for row in found
        if any(f" ON {at}{table} " in f"{row.sql} " for table in FILLED for at in ("", "public."))
    ]
    for row in filled:
        tx.run(f"DROP INDEX {row.name}")
    return [str(row.sql) for row in filled]


def is_filled(tx: Tx) -> bool:
    """Was this database filled before?"""
    return tx.one("SELECT id FROM attempt LIMIT 1") is not None


def put(tx: Tx, batch: list[tuple[dict[str, object], str | None]]) -> None:
    """One batch of attempts with their refusals."""
    attempts = [row for row, _ in batch]
    names = ", ".join(attempts[0])
    tx.run_many(
        f"INSERT INTO attempt ({names}) VALUES ({', '.join(f':{name}' for name in attempts[0])})", attempts
    )
    refused = [
        {"org": ORG, "code": code, "at": row["authorised_us"], "id": row["id"]}
        for row, code in batch
        if code is not None
    ]
    tx.run_many(
        "INSERT INTO refusal_code (org_id, code, at_us, attempt_id) VALUES (:org, :code, :at, :id)", refused
    )
    tx.run_many(
        "INSERT INTO decision (id, org_id, campaign_id, lead_id, attempt_id, at_us, outcome, codes, rules_json,"
        " policy_json, leaf_seq) VALUES (:id, :org, 'campaign-0', 'x', :id, :at, 'refused', :code, '{}', '[]', 0)",
        refused,
    )


def analyse(url: str) -> None:
    """What autovacuum would have done by now."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def searches(attempts: int, rng: random.Random) -> dict[str, AttemptFilter]:
    """One search of each kind, with values of its own."""
    at = END - SPAN * rng.random()
    day = {"since": at - timedelta(days=1), "until": at}
    agent, campaign = f"agent-{rng.randrange(AGENTS)}", f"campaign-{rng.randrange(CAMPAIGNS)}"
    subject = rng.randrange(max(1, attempts // 10))
    return {
        "newest": wanted(),
        "a page far back": wanted(after=f"{int(at.timestamp() * 1_000_000)}:zz"),
        "number": wanted(number="+8613000000001"),
        "one day": wanted(**day),
        "campaign": wanted(campaign=CampaignId(campaign)),
        "campaign, one day": wanted(campaign=CampaignId(campaign), **day),
        "agent": wanted(agent=UserId(agent)),
        "agent, one day": wanted(agent=UserId(agent), **day),
        "state": wanted(state=AttemptState.LAPSED),
        "outcome": wanted(outcome="abandoned"),
        "outcome, campaign": wanted(outcome="abandoned", campaign=CampaignId(campaign)),
        "refusal reason": wanted(code=rng.choice(CODES[:-1])),
        "rare refusal reason": wanted(code=CODES[-1]),
        "refusal reason, campaign, one day": wanted(
            code=rng.choice(CODES[:-1]), campaign=CampaignId(campaign), **day
        ),
        "consent": wanted(consent=f"consent-{subject}"),
        "caller ID": wanted(caller_id=f"caller-{rng.randrange(CALLER_IDS)}"),
        "nothing there": wanted(outcome="no_such_outcome", campaign=CampaignId(campaign)),
    }


def wanted(**narrowed: object) -> AttemptFilter:
    """A page of fifty."""
    fields: dict[str, object] = dict.fromkeys(AttemptFilter.__slots__) | {"limit": 50} | narrowed
    return AttemptFilter(**fields)  # type: ignore[arg-type]


class BenchKeys(FileKeyring):
    """A keyring whose hash of any number is that of a subject which is there."""

    def __init__(self, attempts: int) -> None:
        super().__init__(
            master_key=bytes(32), pepper=bytes(32), gate_public_key=bytes(32), vrf_seed=bytes(range(32))
        )
        self._subjects = max(1, attempts // 10)
        self._rng = random.Random(3)

    def number_hmac(self, organisation_id: str, number: str) -> bytes:
        return hmac_of(self._rng.randrange(self._subjects))


async def measure(store: Store, attempts: int) -> None:
    """Print each search's 95th percentile."""
    reader = TrailReader(store, PersonalReader(BenchKeys(attempts)))
    rng = random.Random(11)
    took: dict[str, list[float]] = {}
    for _ in range(RUNS):
        for name, one in searches(attempts, rng).items():
            began = time.perf_counter()
            await reader.search(ORG, one)
            took.setdefault(name, []).append((time.perf_counter() - began) * 1000)
    for name, times in took.items():
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name:<36} p50 {statistics.median(times):7.1f} ms   p95 {p95:7.1f} ms", flush=True)
    everything = statistics.quantiles([t for times in took.values() for t in times], n=20)[-1]
    print(f"{'all':<36} p95 {everything:7.1f} ms")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument(
        "--url", help="an empty PostgreSQL database; else a SQLite file in a folder of its own"
    )
    parser.add_argument("--keep", type=Path, help="a SQLite file that stays")
    parser.add_argument("--copy-of", type=Path, help="fill the PostgreSQL database from a kept SQLite file")
    parser.add_argument("--fill-only", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-search-") as folder:
        url = options.url or f"sqlite:///{options.keep or Path(folder) / 'bench.db'}"
        migrate(url)
        store = Store(url)
        try:
            if options.copy_of is not None:
                print(f"copied in {copy_of(options.copy_of, store):.0f} s", flush=True)
            elif not store.read_now(is_filled):
                print(f"{options.attempts} attempts in {fill(store, options.attempts):.0f} s", flush=True)
            if not options.fill_only:
                asyncio.run(measure(store, options.attempts))
        finally:
            store.close()


if __name__ == "__main__":
    main()
