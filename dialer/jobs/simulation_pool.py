"""Simulated days in processes of their own: neither the event loop nor a running dialer feels them."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from dialer.pacing.compare import DayOrder, run_day
from dialer.pacing.result import DayResult

Order = TypeVar("Order")
Result = TypeVar("Result")

NICENESS: Final = 10
"""Simulated days wait for everything else on the machine."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


async def run_days(
    work: Callable[[Order], Result], orders: Sequence[Order], processes: int, done: Callable[[int], None]
) -> tuple[Result, ...]:
    """`work` on every order, at most `processes` (≥ 1) at a time; `done` hears how many are ready. In their order.

    Cancelled: what has begun ends by itself within one order, nothing more begins.
    Raises: BrokenExecutor when a process was killed; what `work` raised.
    """
    # spawned, not forked: this process may have threads and open sockets
    executor = ProcessPoolExecutor(
        min(processes, max(1, len(orders))), multiprocessing.get_context("spawn"), _begin
    )
    ready = 0
    try:
        tasks = [asyncio.wrap_future(executor.submit(work, order)) for order in orders]
        for task in asyncio.as_completed(tasks):
            await task
            ready += 1
            done(ready)
        return tuple(task.result() for task in tasks)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _begin() -> None:
    """Be fair to others, end at once on Ctrl-C, and don't outlive whoever asked."""
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    process = multiprocessing.parent_process()
    if process is not None:
        process.join()
    os._exit(1)


@dataclass(frozen=True, slots=True)
class DayProcesses:
    """`services.simulations.DayRunner`: at most `processes` days at a time."""

    processes: int

    async def run(self, orders: Sequence[DayOrder], done: Callable[[int], None]) -> tuple[DayResult, ...]:
        """All of them, in their order. Raises: BrokenExecutor when a process was killed."""
        return await run_days(run_day, orders, self.processes, done)
