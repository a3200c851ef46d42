"""Tells people, by whatever couriers there are, when something that `dialer doctor` finds begins and when it is over."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from dialer.domain.errors import CourierUnavailable
from dialer.ports.clock import Clock
from dialer.services.findings import Finding

LOOKS_MIN: Final = 2
"""A finding is told when it was found so many times in a row: a restart is not an alarm."""


class Turn(StrEnum):
    """What became of it."""

    BEGAN = "began"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Alert:
    """A finding that began or ended. `at`: aware UTC."""

    turn: Turn
    finding: Finding
    at: datetime


class Courier(Protocol):
    """Takes alerts to people."""

    async def deliver(self, alerts: Sequence[Alert]) -> None:
        """All of them, at least once.

        Raises:
            CourierUnavailable: they may not have arrived; they will come again with the next ones.
        """
        ...


@dataclass(slots=True)
class _Round:
    courier: Courier
    told: dict[tuple[str, str], Finding] = field(default_factory=dict)
    """What this courier's people believe to be wrong."""


class Alerts:
    """One look a run. After a restart, what is still wrong is told again: better twice than never."""

    def __init__(
        self, look: Callable[[], Awaitable[tuple[Finding, ...]]], couriers: Sequence[Courier], clock: Clock
    ) -> None:
        self._look = look
        self._rounds = tuple(_Round(courier) for courier in couriers)
        self._clock = clock
        self._seen: dict[tuple[str, str], int] = {}
        self._lasting: dict[tuple[str, str], Finding] = {}

    def lasting(self) -> tuple[Finding, ...]:
        """What was found in each of the last `LOOKS_MIN` looks."""
        return tuple(self._lasting.values())

    async def run(self) -> None:
        """Look, and tell each courier what changed since it last delivered.

        Raises:
            CourierUnavailable: one of them could not deliver; the others did.
        """
        found = {(f.code, f.about): f for f in await self._look()}
        self._seen = {key: self._seen.get(key, 0) + 1 for key in found}
        lasting = {key: f for key, f in found.items() if self._seen[key] >= LOOKS_MIN}
        self._lasting = lasting
        failed: CourierUnavailable | None = None
        for each in self._rounds:
            try:
                await self._tell(each, lasting, set(found))
            except CourierUnavailable as away:
                failed = away
        if failed is not None:
            raise failed

    async def _tell(
        self, each: _Round, lasting: dict[tuple[str, str], Finding], found: set[tuple[str, str]]
    ) -> None:
        now = self._clock.now()
        ended = [Alert(Turn.ENDED, f, now) for key, f in each.told.items() if key not in found]
        began = [Alert(Turn.BEGAN, f, now) for key, f in lasting.items() if key not in each.told]
        if began or ended:
            await each.courier.deliver((*began, *ended))
            each.told = {key: f for key, f in each.told.items() if key in found} | lasting
