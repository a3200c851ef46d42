"""A desk whose phone is on a real exchange: the seat is called when its agent goes ready, as in the product."""

import asyncio
import dataclasses
import secrets
from collections.abc import Awaitable, Callable

from dialer.domain.ids import AttemptId, SeatId, UserId
from dialer.ports.clock import Clock
from dialer.ports.exchange import Telephony
from dialer.services.changes import Changes
from dialer.services.views.desk import DeskState, DeskView, PhoneView
from dialer.services.views.words import Declined
from dialer.testing.rooms import MemoryDesk

SEAT = SeatId("seat-1")


class ExchangeDesk(MemoryDesk):
    """`MemoryDesk` with one real seat."""

    def __init__(self, clock: Clock, changes: Changes, telephony: Telephony) -> None:
        super().__init__(clock, changes)
        self._telephony = telephony
        self._attempt: AttemptId | None = None
        self._next_leg: Callable[[], Awaitable[None]] | None = None

    def talks_on(self, attempt: AttemptId, next_leg: Callable[[], Awaitable[None]]) -> None:
        """The call at hand, and how to wait for the seat's next leg."""
        self._attempt, self._next_leg = attempt, next_leg

    async def phone(self, user: UserId, session_id: str) -> PhoneView | Declined:
        """The seat's endpoint with a password of this session."""
        given = await super().phone(user, session_id)
        if isinstance(given, Declined):
            return given
        secret = secrets.token_urlsafe(24)
        await self._telephony.set_seat_secret(SEAT, secret)
        return dataclasses.replace(given, uri=f"sip:{SEAT}@dialer", user=SEAT, password=secret)

    async def seat_user(self, user: UserId, session_id: str) -> str | None:
        """The seat, for the session that was given its password."""
        return SEAT if await super().seat_user(user, session_id) is not None else None

    async def ready(self, user: UserId) -> DeskView | Declined:
        """Call the seat, too; in a call the new leg takes the place of the one that went with the page."""
        view = await self.view(user)
        if view.state is DeskState.TALKING:
            assert self._attempt is not None
            assert self._next_leg is not None
            up = asyncio.ensure_future(self._next_leg())
            await self._telephony.call_seat(SEAT)
            await up
            await self._telephony.connect(self._attempt, SEAT)
            return view
        went = await super().ready(user)
        if not isinstance(went, Declined):
            await self._telephony.call_seat(SEAT)
        return went
