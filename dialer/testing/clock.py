"""A clock that moves only when it is wound, and an event loop that lives by such time.

`HandWoundClock` is `ports.Clock` for tests of single moments. `SimulatedTimeLoop` runs days in seconds: whenever
nothing is ready it jumps to its next timer, so sleeps, time-outs and back-offs keep their order and take no time.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Final, TypeVar

T = TypeVar("T")

IDLE_SECONDS_MAX: Final = 1_000_000_000.0


class HandWoundClock:
    """The product's time, standing still until `advance` or `set_to`."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock shows an aware time")
        self._now = now

    def now(self) -> datetime:
        """Aware UTC."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Wind by `seconds`; negative winds back, as a stepped system clock does."""
        self._now += timedelta(seconds=seconds)

    def set_to(self, now: datetime) -> None:
        """Jump to an aware moment."""
        if now.tzinfo is None:
            raise ValueError("a clock shows an aware time")
        self._now = now


class LoopClock:
    """`ports.Clock` that starts at `origin` and goes with the running loop's own time."""

    def __init__(self, origin: datetime) -> None:
        self._origin = origin
        self._began = asyncio.get_running_loop().time()

    def now(self) -> datetime:
        """Aware UTC."""
        return self._origin + timedelta(seconds=asyncio.get_running_loop().time() - self._began)


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits for time: reports how long it would have waited instead. Sockets that are ready still count."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped_seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if timeout is None and not ready:
            # No timer is set: only another thread or a socket can go on.
            return super().select(0.05)
        if timeout is not None and timeout > 0 and not ready:
            self.skipped_seconds += min(timeout, IDLE_SECONDS_MAX)
        return ready


class SimulatedTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer as soon as nothing else is ready. For in-memory peers."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds since the loop was made, jumps only."""
        return self._jumping.skipped_seconds

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., T], *args: object
    ) -> asyncio.Future[T]:
        """A thread's work takes none of this time: it is done at once, so that a seed names the whole day."""
        del executor
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # handed to whoever waits, as a thread's would be
            done.set_exception(error)
        return done


def run_in_simulated_time(main: Coroutine[object, object, T]) -> T:
    """Run a coroutine to its end in a fresh `SimulatedTimeLoop`, in as little real time as it takes."""
    with asyncio.Runner(loop_factory=SimulatedTimeLoop) as runner:
        return runner.run(main)
