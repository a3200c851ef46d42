"""The product's clock: system time plus the installation's offset, which is other than zero on the demo profile only."""

import time
from datetime import UTC, datetime, timedelta

from dialer.compliance.facts import Unknown
from dialer.storage.store import Store

PROBE_LATE_SECONDS = 30.0


class InstallationClock:
    """`ports.Clock`, and the probe that watches it for steps."""

    def __init__(self, store: Store) -> None:
        self._store = store
        row = store.read_now(lambda tx: tx.sole("SELECT offset_us FROM clock_offset"))
        self._offset = timedelta(microseconds=row.offset_us)
        self._wall_minus_monotonic = time.time() - time.monotonic()
        self._error_ms: int | None = None
        self._probed = 0.0

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC) + self._offset

    async def probe(self) -> None:
        """Measure: a step of the wall clock since the last probe, and the database's clock against ours."""
        stepped = abs(time.time() - time.monotonic() - self._wall_minus_monotonic)
        before = self.now()
        database_us = await self._store.read(lambda tx: tx.now_us())
        after = self.now()
        middle = before + (after - before) / 2
        apart = abs(database_us / 1e6 - middle.timestamp()) - (after - before).total_seconds() / 2
        self._error_ms = int(max(stepped, apart, 0.0) * 1000)
        self._wall_minus_monotonic = time.time() - time.monotonic()
        self._probed = time.monotonic()

    def error_ms(self) -> int | Unknown:
        """The newest measurement; unknown when it is late."""
        if self._error_ms is None or time.monotonic() - self._probed > PROBE_LATE_SECONDS:
            return Unknown("the clock was not probed in time")
        return self._error_ms
