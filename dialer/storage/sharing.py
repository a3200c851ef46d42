"""Work shared among processes of this machine: pieces in, answers out in the pieces' order.

One process computes on one core. What reads much, computes much and writes nothing can have more of them, each with its
own connection to the database and therefore its own snapshots.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import Any, Final, TypeVar

from dialer.domain.errors import StoreUnavailable

P = TypeVar("P")
A = TypeVar("A")

AHEAD: Final = 2
"""Pieces a process that wait for it or for whoever takes its answers: it never waits, and little is kept."""

_work: Callable[[Any], Any]
"""What a process of ours does with a piece, from its start on."""


def _begin(open_work: Callable[[], Callable[[Any], Any]]) -> None:
    global _work
    _work = open_work()


def _answer(piece: object) -> Any:
    return _work(piece)


async def share(
    open_work: Callable[[], Callable[[P], A]], pieces: Iterable[P], processes: int
) -> AsyncIterator[A]:
    """What the function that `open_work` opens in each process answers to each piece.

    `open_work`, pieces and answers are pickled. Processes are started anew (`spawn`), for this one has threads.

    Raises:
        StoreUnavailable: a process ended before it answered; the answers that were given are good.
        Exception: what the work raised on a piece; no answer to a later one is given.
    """
    coming = iter(pieces)
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (open_work,))
    try:
        asked: deque[Future[A]] = deque(pool.submit(_answer, p) for p in islice(coming, processes * AHEAD))
        while asked:
            answer = await asyncio.wrap_future(asked.popleft())
            asked.extend(pool.submit(_answer, piece) for piece in islice(coming, 1))
            yield answer
    except BrokenProcessPool as broken:
        raise StoreUnavailable("a process that shared the work ended") from broken
    finally:
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)
