"""The product's clock: system time plus the installation's offset, which is other than zero on the demo profile only."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dialer.compliance.facts import Unknown
from dialer.storage.store import Store

PROBE_LATE_SECONDS = 30.0
SLEW_SECONDS_MAX = 0.2
"""What a clock that is being set right drifts by between two probes; more is a step."""


def _since_boot() -> float:
    """Seconds that no setting of the clock changes; they go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class InstallationClock:
    """`ports.Clock`, and the probe that watches it for steps.

    A clock that was stepped stays doubted until it is stepped back or this process starts anew: which of the two times
    was right is for somebody to say.
    """

    def __init__(
        self,
        store: Store,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = _since_boot,
    ) -> None:
        self._store, self._wall, self._steady = store, wall, steady
        row = store.read_now(lambda tx: tx.sole("SELECT offset_us FROM clock_offset"))
        self._offset = timedelta(microseconds=row.offset_us)
        self._wall_minus_steady = wall() - steady()
        self._apart_ms: int | None = None
        self._probed = 0.0

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.fromtimestamp(self._wall(), UTC) + self._offset

    async def probe(self) -> None:
        """Measure the database's clock against ours, and follow a clock that is being set right by little."""
        before = self.now()
        database_us = await self._store.read(lambda tx: tx.now_us())
        after = self.now()
        middle = before + (after - before) / 2
        apart = abs(database_us / 1e6 - middle.timestamp()) - (after - before).total_seconds() / 2
        self._apart_ms = int(max(apart, 0.0) * 1000)
        self._probed = self._steady()
        if abs(self._stepped_seconds()) <= SLEW_SECONDS_MAX:
            self._wall_minus_steady += self._stepped_seconds()

    def error_ms(self) -> int | Unknown:
        """The newest measurement, and any step until this moment; unknown when it is late."""
        if self._apart_ms is None or self._steady() - self._probed > PROBE_LATE_SECONDS:
            return Unknown("the clock was not probed in time")
        return max(self._apart_ms, int(abs(self._stepped_seconds()) * 1000))

    def _stepped_seconds(self) -> float:
        return self._wall() - self._steady() - self._wall_minus_steady
