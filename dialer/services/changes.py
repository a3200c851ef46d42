"""Who wants to know that something changed. A change carries no content: whoever hears of it reads the whole view.

In one process and one event loop; a change made elsewhere (the gate, another node) is found by the readers' own period.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dialer.domain.ids import OrganisationId, UserId


@dataclass(frozen=True, slots=True)
class DeskChanged:
    """Something on that agent's desk is different."""

    user: UserId


@dataclass(frozen=True, slots=True)
class FloorChanged:
    """Something on that organisation's floor is different."""

    org: OrganisationId


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """Clock, stops or witness of the installation are different."""


Topic = DeskChanged | FloorChanged | StatusChanged


class Changes:
    """A board of flags: a touch raises the flag of everyone who watches that topic. Nothing queues up."""

    def __init__(self) -> None:
        self._watchers: dict[Topic, set[asyncio.Event]] = {}

    def touch(self, *topics: Topic) -> None:
        """Say that these changed. Call it after the commit, in the event loop's thread."""
        for topic in topics:
            for flag in self._watchers.get(topic, ()):
                flag.set()

    @contextmanager
    def watch(self, topic: Topic) -> Iterator[asyncio.Event]:
        """A flag that `touch` raises; the watcher lowers it before it reads."""
        flag = asyncio.Event()
        self._watchers.setdefault(topic, set()).add(flag)
        try:
            yield flag
        finally:
            watchers = self._watchers[topic]
            watchers.discard(flag)
            if not watchers:
                del self._watchers[topic]
