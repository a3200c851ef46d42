"""A real PostgreSQL server for tests: Debian's own binaries, a non-root user, one socket in a temporary folder, no port.

A missing server fails the run, it never skips it (decision 28). One server a test process; each test gets a database of its
own, copied from a template that was migrated and filled once.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import psycopg
import pytest

from tests.unit.storage.storage_world import World, fill, fresh_sqlite

BINARIES: Final = Path("/usr/lib/postgresql")
SECONDS_MAX: Final = 60
USER: Final = "dialer"
_serial = count(1)


class PostgresMissing(Exception):
    """The server's programs are not installed: `apt-get install postgresql`."""


def _programs() -> Path:
    found = sorted(BINARIES.glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    if not found:
        raise PostgresMissing("no PostgreSQL server is installed: apt-get install postgresql")
    return found[-1].parent


def _run(*command: object) -> None:
    # the server refuses to run as root
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, command)],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
        cwd="/",
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr or done.stdout)


class Server:
    """One server in a folder of its own. It ends with the process. `fsync`: "on" where its speed is measured."""

    def __init__(self, fsync: str = "off") -> None:
        self._fsync = fsync
        self._programs = _programs()
        self.folder = Path(tempfile.mkdtemp(prefix="store-pg-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._data = self.folder / "data"
        whose = ["-U", USER, "-A", "trust"]
        _run(self._programs / "initdb", "-D", self._data, *whose, "--no-sync", "-E", "UTF8", "--locale=C")
        self.start()
        atexit.register(self.kill)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync={self._fsync} -c max_connections=60"
        log = self.folder / "log"
        _run(self._programs / "pg_ctl", "-D", self._data, "-o", options, "-l", log, "-w", "start")

    def kill(self) -> None:
        """End it at once, as a crash does: nothing is flushed, connections drop."""
        if (self._data / "postmaster.pid").exists():
            _run(self._programs / "pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")

    def url_of(self, database: str) -> str:
        """The product's URL of one of its databases."""
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def create(self, database: str) -> str:
        """A new database without any table; its URL."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database}")
        return self.url_of(database)


@cache
def server() -> Server:
    """The server of this process, started once."""
    return Server()


@cache
def _template() -> str:
    name = "filled"
    fill(server().create(name))
    return name


def fresh_database() -> str:
    """The URL of a new database with the product's tables and the sample organisation."""
    template = _template()
    name = f"test_{next(_serial)}"
    with psycopg.connect(server().url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server().url_of(name)


def empty_database() -> str:
    """The URL of a new database without any table."""
    return server().create(f"empty_{next(_serial)}")


def fresh_url(engine: str, folder: Path) -> str:
    """A filled database of its own on `sqlite` or `postgresql`."""
    return fresh_sqlite(folder) if engine == "sqlite" else fresh_database()


ENGINES: Final = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


@pytest.fixture(params=ENGINES)
def core_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A filled database on each engine."""
    return fresh_url(str(request.param), tmp_path)


@pytest.fixture
def core(core_url: str) -> Iterator[World]:
    """The storage core on each engine, with the sample organisation."""
    world = World(core_url)
    yield world
    world.close()
