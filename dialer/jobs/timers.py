"""Per-node timers on APScheduler. Legal windows are never jobs: they are decided at the claim and again at the gate.

A run that is missed is not made up for in a burst: one late run, one at a time. Each job's last run is on the job board.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from prometheus_client import CollectorRegistry, Gauge, Histogram

from dialer.domain.errors import DialerError
from dialer.services.job_board import JobBoard

_log = structlog.get_logger()


class Timers:
    """The timers of one process."""

    def __init__(self, registry: CollectorRegistry, board: JobBoard) -> None:
        self._board = board
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._took = Histogram("dialer_job_seconds", "Time a job's run took", ["job"], registry=registry)
        self._last = Gauge("dialer_job_last_run_timestamp", "When a job last ran", ["job"], registry=registry)
        self._failed = Gauge(
            "dialer_job_failing", "1 while a job's last run failed", ["job"], registry=registry
        )

    def every(self, seconds: float, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Run `work` each `seconds`."""
        self._board.planned(name, seconds)

        async def run() -> None:
            began = time.monotonic()
            failure: str | None = None
            try:
                await work()
            except DialerError as away:
                failure = type(away).__name__
                _log.warning("job.failed", job=name, failure=failure)
            except Exception as bug:
                failure = type(bug).__name__
                _log.error("job.failed", job=name, failure=failure, exc_info=bug)
            took = time.monotonic() - began
            self._board.ran(name, took, failure)
            self._took.labels(name).observe(took)
            self._last.labels(name).set_to_current_time()
            self._failed.labels(name).set(0 if failure is None else 1)

        self._scheduler.add_job(run, "interval", seconds=seconds, id=name, next_run_time=datetime.now(UTC))

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """End; a run under way finishes by itself."""
        self._scheduler.shutdown(wait=False)
