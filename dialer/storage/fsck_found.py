"""What the checks of the store share: the list of findings, the counts, and reading a table page by page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from dialer.services.store_audit import Found
from dialer.storage.sql import Row, Tx

PAGE_ROWS: Final = 500


@dataclass(slots=True)
class Findings:
    """Findings up to a number; the rest is counted."""

    listed_max: int
    more: int = 0
    _listed: list[Found] = field(default_factory=list)

    def add(self, code: str, what: str, where: str) -> None:
        """One more."""
        if len(self._listed) < self.listed_max:
            self._listed.append(Found(code, what, where))
        else:
            self.more += 1

    def listed(self) -> tuple[Found, ...]:
        """In the order in which they were found."""
        return tuple(self._listed)


@dataclass(slots=True)
class Looked:
    """How much was looked at: a check of nothing must not pass for a check."""

    payloads: int = 0
    recordings: int = 0
    attempts: int = 0
    consents: int = 0
    dnc_entries: int = 0


def pages(tx: Tx, sql: str, key: str, first: object) -> Iterator[Row]:
    """Every row of a statement that has `> :after`, `:rows` and an order by `key`; a page in memory at a time."""
    after = first
    while True:
        rows = tx.all(sql, after=after, rows=PAGE_ROWS)
        yield from rows
        if len(rows) < PAGE_ROWS:
            return
        after = getattr(rows[-1], key)
