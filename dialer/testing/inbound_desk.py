"""`InboundDeskService` without an exchange: callers are put on the screens of `MemoryDesk`."""

import dataclasses
from datetime import timedelta

from dialer.domain.ids import InboundId, UserId
from dialer.ports.clock import Clock
from dialer.services.inbound_talks import CLOSING_SECONDS
from dialer.services.views.caller import CallerRefused, DeskCaller, Stopped
from dialer.services.views.desk import DeskState
from dialer.services.views.words import Declined
from dialer.testing.rooms import NOT_NOW, MemoryDesk


class MemoryCallers:
    """What the agents did with their callers."""

    def __init__(self, desk: MemoryDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self.disposed: list[str] = []

    async def refused(self, user: UserId, inbound_id: InboundId) -> CallerRefused | Declined | None:
        """The caller wants no further calls: once said it stays."""
        caller = self._of(user, inbound_id)
        if caller is None:
            return None
        if caller.refused is not None:
            return caller.refused
        now = self._clock.now()
        said = CallerRefused(
            now, Stopped(leads=1, permits=0, legs=0), now + timedelta(seconds=CLOSING_SECONDS)
        )
        self._desk.put_caller(user, dataclasses.replace(caller, refused=said), DeskState.CLOSING)
        return said

    async def hang_up(self, user: UserId, inbound_id: InboundId) -> Declined | bool | None:
        """End the talk."""
        caller = self._of(user, inbound_id)
        if caller is None:
            return None
        if self._desk.state_of(user) not in (DeskState.TALKING, DeskState.CLOSING):
            return NOT_NOW
        until = self._clock.now() + timedelta(seconds=30)
        self._desk.put_caller(user, dataclasses.replace(caller, wrap_until=until), DeskState.WRAPPING)
        return True

    async def dispose(self, user: UserId, inbound_id: InboundId, code: str) -> Declined | bool | None:
        """Say what came of it; then the agent is ready again."""
        caller = self._of(user, inbound_id)
        if caller is None:
            return None
        if self._desk.state_of(user) is not DeskState.WRAPPING or code not in {
            c.code for c in caller.dispositions
        }:
            return NOT_NOW
        self.disposed.append(code)
        self._desk.put_caller(user, None, DeskState.READY)
        return True

    def _of(self, user: UserId, inbound_id: InboundId) -> DeskCaller | None:
        caller = self._desk.caller_of(user)
        return caller if caller is not None and caller.inbound_id == inbound_id else None
