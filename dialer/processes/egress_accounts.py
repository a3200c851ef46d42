"""The gate's part of B6: the egress's own records and the legs that are up, matched with the permits.

Reads what the egress itself wrote, so that an outcome which it could not report (the gate was away) is still known, and a
call that no permit explains stops all dialling.
"""

import asyncio
import time
from functools import partial
from typing import Final

import structlog

from dialer.domain.errors import StoreUnavailable
from dialer.ports.gate import EgressRecord, LegReport
from dialer.settings import Egress, Settings
from dialer.storage.exchange_match import differences, keep_match, records_by_token
from dialer.storage.log import LogWriter
from dialer.storage.stops import account, account_legs
from dialer.storage.store import Store
from dialer.telephony import legs as egress_legs
from dialer.telephony.control import ControlUnavailable
from dialer.telephony.trunk_records import TrunkRecord, TrunkRecords, read_days

EVERY_SECONDS: Final = 30.0
MATCH_EVERY_SECONDS: Final = 86_400.0
_HOUR_US: Final = 3_600_000_000
_DAY_US: Final = 24 * _HOUR_US
MATCHED_FILES: Final = 4
"""Two days of calls lie in up to three files, and in one more around midnight."""
RECORDS_AT_ONCE: Final = 200
_log = structlog.get_logger()


class EgressAccounts:
    """One gate's look at its egress."""

    def __init__(self, store: Store, log: LogWriter, settings: Settings) -> None:
        self._store = store
        self._log = log
        self._egresses = settings.gate.egresses
        self._records = {
            egress.records: TrunkRecords(egress.records)
            for egress in self._egresses
            if egress.records is not None
        }

    async def look(self) -> tuple[int, int]:
        """Match once: (missed reports kept, incidents opened). A side that is away is looked at next time."""
        kept = opened = 0
        for records in self._records.values():
            more = await self._match_records(records)
            kept, opened = kept + more[0], opened + more[1]
        for egress in self._egresses:
            opened += await self._match_legs(egress)
        if opened:
            _log.error("call.unaccounted", incidents=opened)
        return kept, opened

    async def _match_legs(self, egress: Egress) -> int:
        try:
            legs = await egress_legs.legs(egress.control)
            up = sorted({leg.token for leg in legs if leg.state is not egress_legs.LegState.IN_SCRIPT})
            return await self._store.write(lambda tx: account_legs(tx, self._log, up)) if up else 0
        except (ControlUnavailable, StoreUnavailable) as away:
            _log.warning("egress.legs_not_matched", egress=egress.name, failure=type(away).__name__)
            return 0

    async def match_day(self) -> int:
        """Compare each call of the last two days with its record; how many incidents are new. Overlaps on purpose.

        A call that ended in the last hour is compared next time: its record may still be on its way.
        """
        files = [egress.records for egress in self._egresses]
        if None in files:
            return 0
        began = time.monotonic()
        try:
            read = [
                await asyncio.to_thread(read_days, path, MATCHED_FILES) for path in files if path is not None
            ]
            lines = [line for of_one in read for line in of_one]
            records = records_by_token([_record(line) for line in lines])
            looked_at, found = await self._store.read(
                lambda tx: differences(tx, records, tx.now_us() - 2 * _DAY_US, tx.now_us() - _HOUR_US)
            )
            took_us = int((time.monotonic() - began) * 1_000_000)
            opened = await self._store.write(lambda tx: keep_match(tx, self._log, found, looked_at, took_us))
        except (OSError, KeyError, ValueError, ControlUnavailable, StoreUnavailable) as unread:
            _log.warning("egress.day_not_matched", failure=type(unread).__name__)
            return 0
        if opened:
            _log.error("call.differs", incidents=opened)
        return opened

    async def keep_looking(self) -> None:
        """Until cancelled."""
        matched = float("-inf")
        while True:
            if time.monotonic() - matched >= MATCH_EVERY_SECONDS:
                await self.match_day()
                matched = time.monotonic()
            await asyncio.sleep(EVERY_SECONDS)
            await self.look()

    async def _match_records(self, written: TrunkRecords) -> tuple[int, int]:
        kept = opened = 0
        try:
            while (piece := await asyncio.to_thread(written.next_piece)) is not None:
                for start in range(0, len(piece.records), RECORDS_AT_ONCE):
                    batch = [_record(line) for line in piece.records[start : start + RECORDS_AT_ONCE]]
                    more = await self._store.write(partial(account, log=self._log, records=batch))
                    kept, opened = kept + more[0], opened + more[1]
                written.keep(piece)
        except (OSError, KeyError, ValueError, StoreUnavailable) as unread:
            _log.warning("egress.records_not_matched", failure=type(unread).__name__)
        return kept, opened


def _record(line: TrunkRecord) -> EgressRecord:
    return EgressRecord(
        token=line.token,
        uid=line.uniqueid,
        report=LegReport(
            dial_status=line.dialstatus,
            sip_text=line.tech,
            rang_ms=line.rang_ms,
            talk_seconds=line.answered_seconds,
        ),
    )
