"""Applies what operators said about draining exchanges to the running links."""

from collections.abc import Sequence
from typing import Protocol

import structlog

_log = structlog.get_logger()


class DrainStore(Protocol):
    """What is kept of drained exchanges."""

    async def drained(self) -> frozenset[str]:
        """Their names."""
        ...


class Pairs(Protocol):
    """The exchange, as far as draining needs it."""

    def drain(self, pair: str) -> None:
        """Place no new call on that pair."""
        ...

    def restore(self, pair: str) -> None:
        """Place calls there again."""
        ...


class Drains:
    """Looked at once a second: a drain takes hold within that, and at every start."""

    def __init__(self, kept: DrainStore, pairs: Pairs, names: Sequence[str]) -> None:
        self._kept = kept
        self._pairs = pairs
        self._names = tuple(names)
        self._applied: frozenset[str] = frozenset()

    async def look(self) -> int:
        """Apply what changed; how many exchanges are drained."""
        wanted = (await self._kept.drained()) & frozenset(self._names)
        for name in wanted - self._applied:
            self._pairs.drain(name)
            _log.info("exchange.drained", exchange=name)
        for name in self._applied - wanted:
            self._pairs.restore(name)
            _log.info("exchange.restored", exchange=name)
        self._applied = wanted
        return len(wanted)
