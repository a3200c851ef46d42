"""One bounded queue for what all links tell, in the order it was read, with one consumer."""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from panoramisk.message import Message

EVENTS_QUEUED_MAX: Final = 20_000
TAKEN_IN_ONE_GO_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Up:
    """The link of a pair came up."""

    pair: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """The link of a pair was lost."""

    pair: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """One AMI event of a pair, as it was read."""

    pair: str
    at: datetime
    message: Message


Item = Up | Lost | Heard


class Inbox:
    """Bounded by `events_max`; when it is full the next event is refused, and its link has to be declared lost.

    Marks of a link are always taken, and can't pile up: a lost link comes back only when the inbox has room
    (`has_room`), so there are at most two marks a link beyond the bound.
    """

    def __init__(self, events_max: int = EVENTS_QUEUED_MAX) -> None:
        self._events_max = events_max
        self._taken = 0
        self._items: deque[Item] = deque()
        self._filled = asyncio.Event()
        self._roomy = asyncio.Event()
        self._roomy.set()

    def __len__(self) -> int:
        return len(self._items)

    def offer(self, item: Heard) -> bool:
        """Take an event if there is room."""
        if len(self._items) >= self._events_max:
            self._roomy.clear()
            return False
        self._put(item)
        return True

    def mark(self, item: Up | Lost) -> None:
        """Take a link's mark, always."""
        self._put(item)

    async def take(self) -> Item:
        """The oldest item; waits for one."""
        self._taken += 1
        if self._taken % TAKEN_IN_ONE_GO_MAX == 0:
            # A consumer that never has to wait would never let the links read.
            await asyncio.sleep(0)
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        item = self._items.popleft()
        if len(self._items) <= self._events_max // 2:
            self._roomy.set()
        return item

    async def has_room(self) -> None:
        """Return when the inbox, once it was full, is at most half full again."""
        await self._roomy.wait()

    def _put(self, item: Item) -> None:
        self._items.append(item)
        self._filled.set()
