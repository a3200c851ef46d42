"""A database connection that breaks when it is told to: before a commit reaches the engine, after it, or in a statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dialer.storage.store import _Connection


class Break(Enum):
    """Where the next fault strikes."""

    NOWHERE = "nowhere"
    BEFORE_COMMIT = "before_commit"
    AFTER_COMMIT = "after_commit"
    IN_LEAF = "in_leaf"
    """The statement that inserts a leaf fails as a full disk makes it fail."""


@dataclass
class Fault:
    """One fault at a time; it strikes once."""

    where: Break = Break.NOWHERE
    error: type[Exception] = OSError

    def strikes(self, where: Break) -> bool:
        if self.where is not where:
            return False
        self.where = Break.NOWHERE
        return True


class BreakableCursor:
    """A real cursor with a fault in front."""

    def __init__(self, real: Any, fault: Fault) -> None:
        self._real = real
        self._fault = fault

    def execute(self, sql: str, parameters: Any = None) -> Any:
        if sql == "COMMIT" and self._fault.strikes(Break.BEFORE_COMMIT):
            raise self._fault.error("cut before the commit left")
        self._fill_the_disk(sql)
        done = self._real.execute(sql) if parameters is None else self._real.execute(sql, parameters)
        if sql == "COMMIT" and self._fault.strikes(Break.AFTER_COMMIT):
            raise self._fault.error("cut after the commit was made")
        return done

    def executemany(self, sql: str, rows: Any) -> Any:
        self._fill_the_disk(sql)
        return self._real.executemany(sql, rows)

    def _fill_the_disk(self, sql: str) -> None:
        if "INSERT INTO leaf" in sql and self._fault.strikes(Break.IN_LEAF):
            raise self._fault.error("the disk is full")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def breakable(fault: Fault) -> Callable[[str], _Connection]:
    """Connections of the product with `fault` in front of their cursor."""

    def connect(url: str) -> _Connection:
        connection = _Connection(url)
        connection.cursor = BreakableCursor(connection.cursor, fault)
        return connection

    return connect
