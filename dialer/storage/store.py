"""The database: one writer thread with group commit, a few readers, the same SQL on SQLite and PostgreSQL.

A write runs in a savepoint of a shared transaction, so that many small writes cost one fsync. Writers are serial (SQLite
by `BEGIN IMMEDIATE`, PostgreSQL by the lock on the head of the log), and every guarantee of the protocol is nevertheless
also a row condition or a unique index, so that it holds should that change.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import psycopg

from dialer.domain.errors import InstallationError, StoreUnavailable
from dialer.storage.sql import Cursor, Engine, Tx

T = TypeVar("T")

BUSY_TIMEOUT_MS: Final = 500
BATCH_WRITES_MAX: Final = 64
BATCH_SECONDS_MAX: Final = 0.010
QUEUE_WRITES_MAX: Final = 10_000
READERS: Final = 2

IntegrityViolation = (sqlite3.IntegrityError, psycopg.IntegrityError)
"""What a constraint's no looks like on either engine."""

_ENGINE_FAILURES = (sqlite3.Error, psycopg.Error, OSError)
"""Whatever begin, commit or a savepoint can meet."""
_WORLD_FAILURES = (sqlite3.OperationalError, psycopg.OperationalError, psycopg.InterfaceError, OSError)
"""What a statement of ours meets when the world fails (disk, lock, connection), not when the statement is wrong."""


def engine_of(url: str) -> Engine:
    """`sqlite:///path` or `postgresql://…`.

    Raises:
        InstallationError: another scheme.
    """
    scheme = url.split(":", 1)[0]
    try:
        return Engine(scheme)
    except ValueError:
        raise InstallationError(
            f"database URL must start with sqlite:/// or postgresql://, not {scheme}"
        ) from None


def sqlite_path(url: str) -> Path:
    """The file of a `sqlite:///` URL."""
    return Path(url.removeprefix("sqlite:///"))


class Ship(Protocol):
    """Copies elsewhere what was committed."""

    def __call__(self, tx: Tx, written: set[str]) -> None:
        """`written`: names of the tables to which the commit wrote, or tried to."""

    def close(self) -> None: ...


@dataclass(slots=True)
class _Write:
    work: Callable[[Tx], Any]
    done: "Future[Any]"


class _Connection:
    """One DB-API connection with explicit transactions."""

    def __init__(self, url: str) -> None:
        self.engine = engine_of(url)
        self._raw: Any
        if self.engine is Engine.SQLITE:
            self._raw = sqlite3.connect(
                sqlite_path(url),
                isolation_level=None,
                timeout=BUSY_TIMEOUT_MS / 1000,
                check_same_thread=False,
            )
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "secure_delete=ON",  # what is erased is overwritten, not only unlinked from its page
                f"busy_timeout={BUSY_TIMEOUT_MS}",
            ):
                self._raw.execute(f"PRAGMA {pragma}")
        else:
            self._raw = psycopg.connect(url, autocommit=True)
        self.cursor: Cursor = self._raw.cursor()

    def begin_write(self) -> None:
        if self.engine is Engine.SQLITE:
            self.cursor.execute("BEGIN IMMEDIATE")
        else:
            self.cursor.execute("BEGIN")
            self.cursor.execute("SELECT size FROM log_head FOR UPDATE")

    def begin_read(self) -> None:
        self.cursor.execute(
            "BEGIN" if self.engine is Engine.SQLITE else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        )

    def close(self) -> None:
        self._raw.close()


class Store:
    """The product's database, opened once a process. `write` and `read` take a function of a `Tx`."""

    def __init__(self, url: str, ship: Ship | None = None) -> None:
        """`ship`: called with a snapshot after each commit, before anybody is told of it."""
        self.url = url
        self.engine = engine_of(url)
        self._ship = ship
        self._writes: queue.Queue[_Write | None] = queue.Queue(QUEUE_WRITES_MAX)
        self._writer = threading.Thread(target=self._write_loop, name="store-writer", daemon=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._local = threading.local()
        self._open_readers: list[_Connection] = []
        self._is_closed = False
        self._writer.start()

    async def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction and return its value once the commit is known.

        Raises:
            StoreUnavailable: the commit is not known; nothing may be assumed done.
            Exception: what `work` itself raised; its changes are rolled back.
        """
        return await asyncio.wrap_future(self._submit(work))

    async def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` on a snapshot; it must not write.

        Raises:
            StoreUnavailable: the database can't be read now.
        """
        return await asyncio.wrap_future(self._submit_read(work))

    def write_now(self, work: Callable[[Tx], T]) -> T:
        """`write` for code outside an event loop (installation, CLI, tests)."""
        return self._submit(work).result()

    def read_now(self, work: Callable[[Tx], T]) -> T:
        """`read` for code outside an event loop."""
        return self._submit_read(work).result()

    def close(self) -> None:
        """Finish what was accepted, then close. Whatever is asked later is unavailable."""
        self._is_closed = True
        self._writes.put(None)
        self._writer.join()
        if self._ship is not None:
            self._ship.close()
        while not self._writes.empty():
            late = self._writes.get()
            if late is not None and late.done.set_running_or_notify_cancel():
                late.done.set_exception(StoreUnavailable("the store is closed"))
        self._readers.shutdown()
        for connection in self._open_readers:
            connection.close()

    def _submit_read(self, work: Callable[[Tx], T]) -> "Future[T]":
        try:
            return self._readers.submit(self._read, work)
        except RuntimeError:
            raise StoreUnavailable("the store is closed") from None

    def _submit(self, work: Callable[[Tx], T]) -> "Future[T]":
        if self._is_closed:
            raise StoreUnavailable("the store is closed")
        done: Future[T] = Future()
        try:
            self._writes.put_nowait(_Write(work, done))
        except queue.Full:
            raise StoreUnavailable("the write queue is full") from None
        return done

    def _read(self, work: Callable[[Tx], T]) -> T:
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            try:
                connection.begin_read()
            except _ENGINE_FAILURES:
                # The server may have come back since: nothing was read yet, so a new connection begins.
                self._drop_reader(connection)
                connection = None
        if connection is None:
            connection = self._new_reader()
        try:
            return work(Tx(connection.cursor, self.engine))
        except _WORLD_FAILURES as failure:
            raise StoreUnavailable(type(failure).__name__) from failure
        finally:
            try:
                connection.cursor.execute("ROLLBACK")
            except _ENGINE_FAILURES:
                self._drop_reader(connection)

    def _new_reader(self) -> _Connection:
        try:
            connection = _Connection(self.url)
            connection.begin_read()
        except _ENGINE_FAILURES as failure:
            raise StoreUnavailable(type(failure).__name__) from failure
        self._local.connection = connection
        self._open_readers.append(connection)
        return connection

    def _drop_reader(self, connection: _Connection) -> None:
        self._local.connection = None
        self._open_readers.remove(connection)
        with suppress(*_ENGINE_FAILURES):
            connection.close()

    # -------------------------------------------------------------- the writer's thread

    def _write_loop(self) -> None:
        connection: _Connection | None = None
        while (first := self._writes.get()) is not None:
            if not first.done.set_running_or_notify_cancel():
                continue  # nobody waits for it any more
            try:
                connection = connection or _Connection(self.url)
                connection.begin_write()
            except _ENGINE_FAILURES as failure:
                first.done.set_exception(StoreUnavailable(type(failure).__name__))
                connection = self._discard(connection)
                continue
            connection = self._run_batch(connection, first)
        if connection is not None:
            connection.close()

    def _run_batch(self, connection: _Connection, first: _Write) -> _Connection | None:
        settled: list[tuple[_Write, Any, BaseException | None]] = []
        written: set[str] = set()
        until = time.monotonic() + BATCH_SECONDS_MAX
        write: _Write | None = first
        try:
            while write is not None:
                settled.append(self._run_one(connection, write, written))
                if len(settled) >= BATCH_WRITES_MAX or time.monotonic() > until:
                    break
                write = self._next_write()
            connection.cursor.execute("COMMIT")
            self._shipped(connection, written)
        except _ENGINE_FAILURES as failure:
            unknown = StoreUnavailable(f"commit not known: {type(failure).__name__}")
            if write is not None and (not settled or settled[-1][0] is not write):
                settled.append((write, None, unknown))
            for done, _, own in settled:
                done.done.set_exception(own or unknown)
            return self._discard(connection)
        for done, value, own in settled:
            if own is not None:
                done.done.set_exception(own)
            else:
                done.done.set_result(value)
        return connection

    def _shipped(self, connection: _Connection, written: set[str]) -> None:
        """What can't be shipped was committed and is not acknowledged: its caller must not rely on it."""
        if self._ship is None:
            return
        connection.begin_read()
        try:
            self._ship(Tx(connection.cursor, self.engine), written)
        finally:
            connection.cursor.execute("ROLLBACK")

    def _next_write(self) -> _Write | None:
        while True:
            try:
                write = self._writes.get_nowait()
            except queue.Empty:
                return None
            if write is None:
                self._writes.put(None)  # the end of the queue is read by the outer loop, after this commit
                return None
            if write.done.set_running_or_notify_cancel():
                return write

    def _run_one(
        self, connection: _Connection, write: _Write, written: set[str]
    ) -> tuple[_Write, Any, BaseException | None]:
        cursor = connection.cursor
        cursor.execute("SAVEPOINT one")
        try:
            value = write.work(Tx(cursor, self.engine, None if self._ship is None else written))
        except Exception as own:
            cursor.execute("ROLLBACK TO SAVEPOINT one")
            cursor.execute("RELEASE SAVEPOINT one")
            return write, None, _told(own)
        cursor.execute("RELEASE SAVEPOINT one")
        return write, value, None

    @staticmethod
    def _discard(connection: _Connection | None) -> None:
        if connection is not None:
            try:
                connection.close()
            except _ENGINE_FAILURES:
                return


def _told(own: Exception) -> Exception:
    """What the writer hears: the store is away where the world failed, else what its own work raised."""
    if not isinstance(own, _WORLD_FAILURES):
        return own
    away = StoreUnavailable(type(own).__name__)
    away.__cause__ = own
    return away
