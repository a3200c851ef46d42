"""A desk whose phone is on a real exchange: the seat is called when its agent goes ready, as in the product."""

import dataclasses
import secrets

from dialer.domain.ids import SeatId, UserId
from dialer.ports import Clock, Telephony
from dialer.services.changes import Changes
from dialer.services.views.desk import DeskView, PhoneView
from dialer.services.views.words import Declined
from dialer.testing.rooms import MemoryDesk

SEAT = SeatId("seat-1")


class ExchangeDesk(MemoryDesk):
    """`MemoryDesk` with one real seat."""

    def __init__(self, clock: Clock, changes: Changes, telephony: Telephony) -> None:
        super().__init__(clock, changes)
        self._telephony = telephony

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
        """Call the seat, too."""
        went = await super().ready(user)
        if not isinstance(went, Declined):
            await self._telephony.call_seat(SEAT)
        return went
