"""Callers of the inbound line on one exchange: which channel is whose, and with which seat it talks.

A caller's channel is `PJSIP/egress-…` whose account code is the id that the gate drew; the exchange's dialplan sets it, so
that each event and each listing of the channel says whose it is, after a lost link and a restart too.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dialer.calls.events import ExchangeEvent
from dialer.calls.inbound import (
    InboundAlone,
    InboundJoined,
    InboundLeft,
    InboundTaken,
    InboundWish,
    InboundWished,
)
from dialer.domain.ids import InboundId, SeatId
from dialer.telephony.ami_wire import header

CALLERS_TRACKED_MAX: Final = 10_000
INBOUND_EVENTS: Final = frozenset({"InboundTaken", "InboundWished", "InboundAlone"})
REFUSAL_KEY: Final = "9"
"""What the menu says that it means; it means it in a talk, too."""

_CHANNEL: Final = re.compile(r"PJSIP/egress-[0-9a-f]{8,16}")
_INBOUND: Final = re.compile(r"[0-9a-f]{32}")
_UNIQUEID: Final = re.compile(r"[A-Za-z0-9_-]{0,60}\.[0-9]{1,20}")
"""Made by the exchange itself. A callee's is an attempt's id and has no dot: no account code makes it a caller's."""


@dataclass(slots=True)
class Callers:
    """Total and bounded, as the translator that it is a part of."""

    _channels: dict[InboundId, str] = field(default_factory=dict)
    _talks: dict[InboundId, SeatId] = field(default_factory=dict)

    def channel(self, inbound_id: InboundId) -> str | None:
        """The channel id of a caller."""
        return self._channels.get(inbound_id)

    def of(self, uniqueid: str) -> InboundId | None:
        """Whose channel that is."""
        return next((inbound for inbound, known in self._channels.items() if known == uniqueid), None)

    def talks_with(self, seat_id: SeatId) -> InboundId | None:
        """Which caller the seat's agent talks with."""
        return next((inbound for inbound, seat in self._talks.items() if seat == seat_id), None)

    def known(self) -> tuple[InboundId, ...]:
        """The callers who have a channel."""
        return tuple(self._channels)

    def meet(self, message: Mapping[str, object]) -> InboundId | None:
        """The caller whose channel an event or a listing is about; remembered from now on."""
        uniqueid, account = header(message, "Uniqueid"), header(message, "AccountCode")
        if not _INBOUND.fullmatch(account) or not _UNIQUEID.fullmatch(uniqueid):
            return None
        if not _CHANNEL.fullmatch(header(message, "Channel")):
            return None
        inbound = InboundId(account)
        self._channels[inbound] = uniqueid
        while len(self._channels) > CALLERS_TRACKED_MAX:
            self._forget(next(iter(self._channels)))
        return inbound

    def said(self, message: Mapping[str, object], name: str, at: datetime) -> tuple[ExchangeEvent, ...]:
        """What the dialplan tells of a caller."""
        inbound = self.meet(message)
        if inbound is None or header(message, "Call") != inbound:
            return ()
        if name == "InboundTaken":
            return (InboundTaken(inbound, at),)
        if name == "InboundAlone":
            self._talks.pop(inbound, None)
            return (InboundAlone(inbound, at),)
        wish = header(message, "Wish")
        return (InboundWished(inbound, InboundWish(wish), at),) if wish in set(InboundWish) else ()

    def pressed(self, uniqueid: str, key: str, at: datetime) -> tuple[ExchangeEvent, ...]:
        """A key in a talk with an agent; in the menu the dialplan itself tells what a key means."""
        inbound = self.of(uniqueid)
        if inbound is None or key != REFUSAL_KEY or inbound not in self._talks:
            return ()
        return (InboundWished(inbound, InboundWish.REFUSE, at),)

    def joined(self, legs: Iterable[str], seat_id: SeatId, at: datetime) -> tuple[ExchangeEvent, ...]:
        """A seat's leg is in one bridge with these channels."""
        for leg in legs:
            inbound = self.of(leg)
            if inbound is not None and self._talks.get(inbound) != seat_id:
                self._talks[inbound] = seat_id
                return (InboundJoined(inbound, seat_id, at),)
        return ()

    def parted(self, uniqueid: str) -> None:
        """A channel left its bridge."""
        inbound = self.of(uniqueid)
        if inbound is not None:
            self._talks.pop(inbound, None)

    def gone(self, uniqueid: str, at: datetime) -> tuple[ExchangeEvent, ...]:
        """A channel was hung up."""
        inbound = self.of(uniqueid)
        if inbound is None:
            return ()
        self._forget(inbound)
        return (InboundLeft(inbound, at),)

    def forget_all(self) -> None:
        """After a lost link only a listing is worth anything."""
        self._channels.clear()
        self._talks.clear()

    def _forget(self, inbound: InboundId) -> None:
        self._channels.pop(inbound, None)
        self._talks.pop(inbound, None)
