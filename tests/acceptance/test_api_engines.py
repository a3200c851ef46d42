"""The consoles' read side says the same on SQLite and on a real PostgreSQL server: same rows, same sums, same order."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from dialer.calls.attempt import AttemptState
from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.services.identity import (
    Account,
    Identity,
    LoggedIn,
    LoginLocked,
    LoginRefused,
    PasswordChecker,
    SessionRow,
)
from dialer.services.views.desk import DeskState
from dialer.services.views.live import AgentNow
from dialer.services.views.queries import AttemptFilter, LeadFilter
from dialer.services.views.session import Role
from dialer.storage.access import AccessLog
from dialer.storage.identity import StoredIdentity
from dialer.storage.migrate import sqlalchemy_url
from dialer.storage.personal import PersonalReader
from dialer.storage.schema import metadata
from dialer.storage.store import Store
from dialer.storage.tables_organisation import ClockOffset
from dialer.storage.times import micros
from dialer.storage.views_attempt import AttemptReader
from dialer.storage.views_desk import DeskReader
from dialer.storage.views_floor import FloorReader
from dialer.storage.views_leads import LeadsReader
from dialer.storage.views_status import StatusReader
from dialer.storage.views_trail import TrailReader
from dialer.testing.clock import HandWoundClock
from dialer.testing.rooms import MemoryFloor
from tests.unit.api.api_seed import (
    HOME,
    NUMBER,
    PASSWORD,
    QUICK,
    keyring,
    log_writer,
    login_of,
    seed,
    user_of,
)
from tests.unit.api.api_world import NOW

POSTGRES = Path("/usr/lib/postgresql")
AGENT = UserId(user_of(HOME, Role.AGENT))
ATTEMPT = AttemptId(f"attempt-made-{HOME}")
KEYS = keyring()
ANY = AttemptFilter(None, None, None, None, None, None, None, None, None, None, None, 50)


def _as_postgres() -> list[str]:
    # the server refuses to run as root
    return ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []


@contextmanager
def postgres_server() -> Iterator[str]:
    """A fresh server on a socket of its own folder, listening to no port; its URL."""
    programs = max(POSTGRES.glob("*/bin"), key=lambda p: int(p.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="api-pg-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    try:
        _run(programs / "initdb", "-D", data, "-U", "dialer", "-A", "trust", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run(programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
        try:
            yield f"postgresql://dialer@/postgres?host={folder}"
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: object) -> None:
    done = subprocess.run(
        [*_as_postgres(), *map(str, command)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr or done.stdout


@contextmanager
def filled(url: str) -> Iterator[Store]:
    """The product's tables with both sample organisations."""
    engine = create_engine(sqlalchemy_url(url))
    metadata.create_all(engine)
    engine.dispose()
    store = Store(url)
    store.write_now(lambda tx: tx.insert(ClockOffset(id=1, offset_us=0)))
    store.write_now(lambda tx: seed(tx, KEYS, micros(NOW)))
    yield store
    store.close()


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """The same data on both engines."""
    sqlite = f"sqlite:///{tmp_path_factory.mktemp('engines') / 'dialer.db'}"
    with postgres_server() as url, filled(sqlite) as first, filled(url) as second:
        yield first, second


async def _both(engines: tuple[Store, Store], read: Any) -> tuple[Any, Any]:
    return await read(engines[0]), await read(engines[1])


pytestmark = pytest.mark.postgres
PERSONAL = PersonalReader(KEYS)


async def test_the_floor_is_the_same(engines: tuple[Store, Store]) -> None:
    live = MemoryFloor()
    live.agents[AGENT] = AgentNow(DeskState.READY, NOW, None, 600, None)
    first, second = await _both(engines, lambda s: FloorReader(s, HandWoundClock(NOW), live).view(HOME))
    assert first == second
    assert first.totals.answered_today == 1
    assert first.totals.talk_share_ppm == 100_000


@pytest.mark.parametrize(
    "wanted",
    [
        LeadFilter(None, None, None, None, 50),
        LeadFilter(CampaignId(f"campaign-{HOME}"), "queued", "frequency.day", None, 50),
        LeadFilter(None, None, "frequency_day", None, 50),
        LeadFilter(None, None, None, f"{micros(NOW) - 60_000_000}:lead-made-{HOME}", 1),
    ],
    ids=["all", "all filters", "a wildcard is a letter", "the second page"],
)
async def test_the_leads_are_the_same(engines: tuple[Store, Store], wanted: LeadFilter) -> None:
    first, second = await _both(engines, lambda s: LeadsReader(s, PERSONAL).page(HOME, wanted))
    assert first == second
    assert len(first.items) == {None: 2, "frequency.day": 1, "frequency_day": 0}[wanted.code] or wanted.after


async def test_the_search_is_the_same_for_every_filter(engines: tuple[Store, Store]) -> None:
    everything = AttemptFilter(
        number=NUMBER,
        since=NOW.replace(hour=0),
        until=NOW,
        campaign=CampaignId(f"campaign-{HOME}"),
        agent=AGENT,
        state=AttemptState.SEALED,
        outcome="talked",
        code=None,
        consent=f"consent-{HOME}",
        caller_id=None,
        after=f"{micros(NOW)}:zz",
        limit=5,
    )
    for wanted, expected in ((ANY, 2), (everything, 1)):
        first, second = await _both(engines, lambda s, w=wanted: TrailReader(s, PERSONAL).search(HOME, w))
        assert first == second
        assert len(first.items) == expected


async def test_filters_status_and_the_page_of_an_attempt_are_the_same(engines: tuple[Store, Store]) -> None:
    clock = HandWoundClock(NOW)
    filters = await _both(engines, lambda s: TrailReader(s, PERSONAL).filters(HOME))
    status = await _both(engines, lambda s: StatusReader(s, clock).view(HOME))
    page = await _both(engines, lambda s: AttemptReader(s, PERSONAL).view(HOME, ATTEMPT))
    assert filters[0] == filters[1]
    assert status[0] == status[1]
    # leaves hold random salts and the database's own time: all but their hashes and moments is the same
    assert [(e.seq, e.type, e.details) for e in page[0].timeline] == [
        (e.seq, e.type, e.details) for e in page[1].timeline
    ]
    assert (page[0].attempt, page[0].person, page[0].consent) == (
        page[1].attempt,
        page[1].person,
        page[1].consent,
    )
    assert (page[0].decision, page[0].second_gate) == (page[1].decision, page[1].second_gate)


async def test_the_desk_is_the_same(engines: tuple[Store, Store]) -> None:
    clock = HandWoundClock(NOW)
    for read in ("queue", "today"):
        first, second = await _both(
            engines, lambda s, r=read: getattr(DeskReader(s, PERSONAL, clock), r)(AGENT)
        )
        assert first == second
    call = await _both(engines, lambda s: DeskReader(s, PERSONAL, clock).call(AGENT, ATTEMPT))
    assert call[0] == call[1]
    assert call[0] is not None


async def test_logins_lock_outs_and_sessions_work_alike(engines: tuple[Store, Store]) -> None:
    async def story(store: Store) -> list[object]:
        clock = HandWoundClock(NOW)
        identity = Identity(StoredIdentity(store), clock, PasswordChecker(QUICK))
        login = login_of(HOME, Role.AUDITOR)
        first = await identity.login(login, PASSWORD, None, "browser")
        assert isinstance(first, LoggedIn)
        clock.advance(120)
        used = await identity.session(first.cookie)
        failures = [type(await identity.login(login, "wrong", None, "")) for _ in range(6)]
        logins = [item.current for item in await identity.logins(first.session)]
        await identity.logout(first.session)
        return [used is not None, failures, logins, await identity.session(first.cookie)]

    first, second = await _both(engines, story)
    assert first == second == [True, [LoginRefused] * 5 + [LoginLocked], [True], None]


async def test_a_one_time_code_used_by_two_logins_at_once_opens_one(engines: tuple[Store, Store]) -> None:
    async def story(store: Store) -> tuple[bool, bool, Account | None]:
        identity = StoredIdentity(store)
        user = UserId(user_of(HOME, Role.SUPERVISOR))

        def row(name: str) -> SessionRow:
            return SessionRow(name, user, "csrf", NOW, NOW, NOW, "browser")

        opened = await identity.begin(row("a"), totp_step=7), await identity.begin(row("b"), totp_step=7)
        return *opened, await identity.account(login_of(HOME, Role.SUPERVISOR))

    first, second = await _both(engines, story)
    assert first[:2] == second[:2] == (True, False)
    assert first[2] == second[2]


async def test_a_reveal_is_logged_alike(engines: tuple[Store, Store]) -> None:
    async def story(store: Store) -> object:
        access = AccessLog(store, log_writer(KEYS), PERSONAL, HandWoundClock(NOW))
        shown = await access.reveal(HOME, AGENT, ATTEMPT, "a written complaint")
        assert shown is not None
        kinds = store.read_now(lambda tx: [r.type for r in tx.all("SELECT type FROM leaf ORDER BY seq DESC")])
        return getattr(shown, "number", None), kinds[0]

    first, second = await _both(engines, story)
    assert first == second == (NUMBER, "number.revealed")
