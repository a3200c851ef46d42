"""The inbound line (呼入线路): somebody rings the number that we showed. What the menu can be, and what it hears.

The egress asks the gate, the gate draws an `InboundId`, and the dialer's exchange gets that id and a mode, never a number.
"""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from dialer.domain.ids import InboundId, SeatId, UserId


class InboundMode(StrEnum):
    """What the menu offers. The value is the letter that the egress hands to the exchange with the id."""

    OPEN = "o"
    """Opening hours."""
    CLOSED = "c"
    """After hours: the notice that says so, then a callback."""
    REFUSALS_ONLY = "r"
    """No text for a callback is registered: only a refusal is taken."""


class InboundWish(StrEnum):
    """What a caller asked for by a key."""

    REFUSE = "refuse"
    TALK = "talk"
    """1: in opening hours the exchange lets the caller wait for an agent, for a bounded time, then goes on to the callback."""
    CALLBACK = "callback"
    """1 again, after the text of the consent was read out."""


@dataclass(frozen=True, slots=True)
class InboundTaken:
    """A caller hears the menu; the recording runs."""

    inbound_id: InboundId
    at: datetime


@dataclass(frozen=True, slots=True)
class InboundWished:
    """A caller pressed a key that means something."""

    inbound_id: InboundId
    wish: InboundWish
    at: datetime
    agent_id: UserId | None = None
    """The agent who heard it said, where no key was pressed."""


@dataclass(frozen=True, slots=True)
class InboundJoined:
    """Caller and agent hear each other."""

    inbound_id: InboundId
    seat_id: SeatId
    at: datetime


@dataclass(frozen=True, slots=True)
class InboundAlone:
    """Nobody came in time, or the agent's line was lost: the menu goes on to the callback."""

    inbound_id: InboundId
    at: datetime


@dataclass(frozen=True, slots=True)
class InboundLeft:
    """The caller's channel is gone; the recording is whole."""

    inbound_id: InboundId
    at: datetime


InboundEvent = InboundTaken | InboundWished | InboundJoined | InboundAlone | InboundLeft


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When agents may be asked for: [opens, closes) on the ISO weekdays (1 Monday … 7 Sunday) of a zone."""

    zone: str
    opens: time
    closes: time
    weekdays: frozenset[int]

    def is_open(self, at: datetime) -> bool:
        """Whether `at` (aware) lies inside."""
        local = at.astimezone(ZoneInfo(self.zone))
        return local.isoweekday() in self.weekdays and self.opens <= local.time() < self.closes
