"""Simulated days in this very process: for tests, where a process of one's own for each day would only take time."""

import asyncio
from collections.abc import Callable, Sequence

from dialer.pacing.compare import DayOrder, run_day
from dialer.pacing.result import DayResult


class DaysHere:
    """`services.simulations.DayRunner`: the same days, one after the other, in a thread. `gate` holds them back."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()

    async def run(self, orders: Sequence[DayOrder], done: Callable[[int], None]) -> tuple[DayResult, ...]:
        """All of them, in their order."""
        results: list[DayResult] = []
        for order in orders:
            await self.gate.wait()
            results.append(await asyncio.to_thread(run_day, order))
            done(len(results))
        return tuple(results)
