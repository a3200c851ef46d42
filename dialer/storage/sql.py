"""One SQL text for both engines: named parameters, the database's own clock, rows with attribute access."""

import re
from collections import namedtuple
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, Protocol, cast

from sqlmodel import SQLModel

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_]+)")
_OFFSET = "(SELECT offset_us FROM clock_offset)"


class Engine(Enum):
    """The two engines; one set of statements runs on both."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


NOW_US = {
    # 'now' has milliseconds and stands still within one statement
    Engine.SQLITE: f"(CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000 + {_OFFSET})",
    # not now(): that is the transaction's start, and a permit that expired while it waited would be consumed (S7)
    Engine.POSTGRESQL: f"(CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) + {_OFFSET})",
}


class Row(Protocol):
    """A row: a named tuple with one attribute a column."""

    def __getattr__(self, name: str) -> Any: ...
    def __getitem__(self, index: int) -> Any: ...
    def __len__(self) -> int: ...


class Cursor(Protocol):
    """The part of a DB-API cursor that we use."""

    rowcount: int
    description: Any

    def execute(self, sql: str, parameters: Any = ...) -> Any: ...
    def executemany(self, sql: str, parameters: Any) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


@lru_cache(maxsize=1024)
def translate(sql: str, engine: Engine) -> str:
    """`sql` for one engine: `NOW_US` becomes its clock in the statement, `:name` its parameter style."""
    text = sql.replace("NOW_US", NOW_US[engine])
    if engine is Engine.SQLITE:
        return text
    return _PARAMETER.sub(r"%(\1)s", text.replace("%", "%%"))


@lru_cache(maxsize=1024)
def written_table(sql: str) -> str | None:
    """The table that a statement writes to; None: it only reads."""
    found = _WRITES.match(sql)
    return None if found is None else found[1]


@lru_cache(maxsize=1024)
def _row_type(columns: tuple[str, ...]) -> type[tuple[Any, ...]]:
    return namedtuple("Row", columns, rename=True)


@lru_cache(maxsize=128)
def _insert_sql(model: type[SQLModel]) -> str:
    columns = [c.name for c in model.__table__.columns]  # type: ignore[attr-defined]
    names = ", ".join(columns)
    values = ", ".join(f":{c}" for c in columns)
    return f"INSERT INTO {model.__tablename__} ({names}) VALUES ({values})"


class Tx:
    """One transaction on one cursor. Valid only inside the function it was given to."""

    __slots__ = ("_cursor", "_written", "engine")

    def __init__(self, cursor: Cursor, engine: Engine, written: set[str] | None = None) -> None:
        """`written`: takes the names of the tables that are written to."""
        self._cursor = cursor
        self._written = written
        self.engine = engine

    def run(self, sql: str, **params: object) -> int:
        """Run a statement; the number of rows it changed."""
        self._note(sql)
        self._cursor.execute(translate(sql, self.engine), params)
        return self._cursor.rowcount

    def run_many(self, sql: str, rows: Sequence[dict[str, object]]) -> None:
        """Run one statement for many rows of parameters."""
        if rows:
            self._note(sql)
            self._cursor.executemany(translate(sql, self.engine), rows)

    def one(self, sql: str, **params: object) -> Row | None:
        """The first row, or None."""
        self._note(sql)
        self._cursor.execute(translate(sql, self.engine), params)
        values = self._cursor.fetchone()
        return None if values is None else self._shape(values)

    def sole(self, sql: str, **params: object) -> Row:
        """The row that must be there.

        Raises:
            LookupError: there is none.
        """
        row = self.one(sql, **params)
        if row is None:
            raise LookupError(sql.split("WHERE")[0].strip())
        return row

    def all(self, sql: str, **params: object) -> list[Row]:
        """Every row."""
        self._note(sql)
        self._cursor.execute(translate(sql, self.engine), params)
        values = self._cursor.fetchall()
        if not values:
            return []
        kind = _row_type(tuple(column[0] for column in self._cursor.description))
        return [cast(Row, kind(*v)) for v in values]

    def insert(self, *rows: SQLModel) -> None:
        """Insert table rows. Raises the engine's integrity error when a constraint says no."""
        for row in rows:
            self.run(_insert_sql(type(row)), **{c.name: getattr(row, c.key) for c in _columns(type(row))})

    def put(self, model: type[SQLModel], **values: object) -> None:
        """Insert one row from plain values, the model's defaults for the rest: for the hot path.

        Raises:
            TypeError: a name that is no column, or a column without a default that was not given.
        """
        row = _defaults(model) | values
        if len(row) != len(_columns(model)):
            raise TypeError(f"not exactly the columns of {model.__tablename__}")
        self.run(_insert_sql(model), **row)

    def put_many(self, model: type[SQLModel], rows: Sequence[dict[str, object]]) -> None:
        """Insert many rows of plain values, the model's defaults for the rest.

        Raises:
            TypeError: a name that is no column, or a column without a default that was not given.
        """
        if not rows:
            return
        filled = [_defaults(model) | values for values in rows]
        if any(len(row) != len(_columns(model)) for row in filled):
            raise TypeError(f"not exactly the columns of {model.__tablename__}")
        self.run_many(_insert_sql(model), filled)

    def all_in(self, sql: str, values: Iterable[object], **params: object) -> list[Row]:
        """Every row of `sql`, which ends in `IN`, for these values; none for no values."""
        listed = {f"in_{n}": value for n, value in enumerate(dict.fromkeys(values))}
        if not listed:
            return []
        return self.all(f"{sql} ({', '.join(f':{name}' for name in listed)})", **listed, **params)

    def insert_many(self, rows: Iterable[SQLModel]) -> None:
        """Insert many rows of one table."""
        listed = list(rows)
        if listed:
            model = type(listed[0])
            self.run_many(
                _insert_sql(model), [{c.name: getattr(r, c.key) for c in _columns(model)} for r in listed]
            )

    def now_us(self) -> int:
        """The database's clock with the installation's offset, microseconds since 1970 UTC."""
        return int(self.sole("SELECT NOW_US AS now_us").now_us)

    def _note(self, sql: str) -> None:
        if self._written is not None and (table := written_table(sql)) is not None:
            self._written.add(table)

    def _shape(self, values: Sequence[Any]) -> Row:
        kind = _row_type(tuple(column[0] for column in self._cursor.description))
        return cast(Row, kind(*values))


@lru_cache(maxsize=128)
def _columns(model: type[SQLModel]) -> tuple[Any, ...]:
    return tuple(model.__table__.columns)  # type: ignore[attr-defined]


@lru_cache(maxsize=128)
def _defaults(model: type[SQLModel]) -> dict[str, object]:
    return {name: f.default for name, f in model.model_fields.items() if not f.is_required()}
