"""The daily sweep: every sealed recording is there, as long as it was, locked where it has to be; some are read whole.

Which are read whole moves on from day to day, so that all are read in `DAYS_TO_READ_ALL`. What is gone, altered or unlocked
opens an incident: dialling stops until a person explains it.
"""

import asyncio
import time
import zlib
from dataclasses import dataclass
from typing import Final, Protocol

from dialer.ports.clock import Clock

DAYS_TO_READ_ALL: Final = 30
_DAY_SECONDS: Final = 86_400


class Sealed(Protocol):
    """A recording that has to lie in the vault."""

    @property
    def id(self) -> str: ...
    @property
    def attempt_id(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def ct_sha256(self) -> str: ...
    @property
    def ct_bytes(self) -> int: ...


class SweepStore(Protocol):
    """What has to be there, in the database."""

    async def sealed_after(self, after: str) -> tuple[Sealed, ...]: ...

    async def is_sealed(self, recording_id: str) -> bool:
        """Whether it still has to be there: it may have been erased meanwhile."""
        ...

    async def found(self, recording_id: str, attempt_id: str, fault: str) -> bool: ...

    async def done(self, took_us: int, looked_at: int, findings: int) -> None: ...


class Stored(Protocol):
    """The vault. Blocking; called from a thread."""

    def fault_of(self, path: str, size_bytes: int) -> str | None: ...

    def sha256_of(self, path: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class VaultSweep:
    """The verb of the timer."""

    store: SweepStore
    vault: Stored
    clock: Clock

    async def run(self) -> int:
        """Look at everything once; how many faults there are.

        Raises:
            VaultUnavailable: the vault can't be asked now; nothing is concluded of the rest.
        """
        began = time.monotonic()
        today = int(self.clock.now().timestamp()) // _DAY_SECONDS % DAYS_TO_READ_ALL
        looked_at, findings, after = 0, 0, ""
        while page := await self.store.sealed_after(after):
            for one in page:
                looked_at += 1
                is_read = zlib.crc32(one.id.encode()) % DAYS_TO_READ_ALL == today
                fault = await asyncio.to_thread(self._fault, one, is_read)
                if fault is not None and await self.store.is_sealed(one.id):
                    findings += 1
                    await self.store.found(one.id, one.attempt_id, fault)
            after = page[-1].id
        await self.store.done(int((time.monotonic() - began) * 1_000_000), looked_at, findings)
        return findings

    def _fault(self, one: Sealed, is_read: bool) -> str | None:
        fault = self.vault.fault_of(one.path, one.ct_bytes)
        if fault is None and is_read and self.vault.sha256_of(one.path) != one.ct_sha256:
            return "altered"
        return fault
