"""What the inbound line needs of the world."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialer.calls.inbound import InboundMode
from dialer.domain.ids import CampaignId, InboundId, OrganisationId, SeatId, UserId
from dialer.evidence.record import Actor
from dialer.ports.audio import SealedAudio


@dataclass(frozen=True, slots=True)
class InboundYes:
    """The gate took a call: the exchange may be given `inbound_id` and `mode`."""

    inbound_id: InboundId
    mode: InboundMode


class InboundNo(StrEnum):
    """Why the exchange is given nothing: the egress tells the caller, or hangs up."""

    NOT_OURS = "not_ours"
    UNKNOWN_CALLER = "unknown_caller"
    """Withheld or unreadable: nobody could be put on a list or called back."""


@dataclass(frozen=True, slots=True)
class InboundView:
    """One call to a number of ours, as far as it is known. `is_over`: closed, and the caller's number forgotten."""

    inbound_id: InboundId
    org_id: OrganisationId
    is_over: bool
    wants_callback: bool
    was_refused: bool


@dataclass(frozen=True, slots=True)
class InboundEnd:
    """How a call is closed. `number`: E.164 of the caller; `audio`: None where the exchange wrote nothing."""

    inbound_id: InboundId
    number: str = field(repr=False)
    audio: SealedAudio | None


@dataclass(frozen=True, slots=True)
class InboundRoute:
    """Which agents may take a caller: those of the campaign for which the line's text asks, who speak its language first."""

    org_id: OrganisationId
    campaign_id: CampaignId
    language: str


@dataclass(frozen=True, slots=True)
class InboundTalk:
    """Caller and agent hear each other since `at`."""

    inbound_id: InboundId
    agent_id: UserId
    seat_id: SeatId
    at: datetime


class InboundCalls(Protocol):
    """What the database keeps of calls to our numbers."""

    async def view(self, inbound_id: InboundId) -> InboundView | None:
        """One call."""
        ...

    async def wishes_callback(self, inbound_id: InboundId, at: datetime) -> bool:
        """Keep that the caller agreed to be called back; False where the call is over or no text is registered."""
        ...

    async def unwished(self, inbound_id: InboundId) -> None:
        """Take the wish for a callback back: the caller was not told that it was kept."""
        ...

    async def refused(self, inbound_id: InboundId, at: datetime) -> None:
        """Keep that the caller refused in this call: no consent comes of it, whatever else was pressed."""
        ...

    async def asks_agent(self, inbound_id: InboundId, number: str, at: datetime) -> InboundRoute | None:
        """Keep that the caller (E.164) asked for an agent, and who it is; None: it is over, or nobody serves the line."""
        ...

    async def connected(self, talk: InboundTalk) -> bool:
        """Keep who talks with the caller, with its leaf; False where that is known already, or nobody asked."""
        ...

    async def disposed(self, inbound_id: InboundId, code: str, actor: Actor) -> bool:
        """Keep what came of the talk, with its leaf; False where there was none, or something was kept already."""
        ...

    async def close(self, end: InboundEnd) -> bool:
        """Recording, subject, consent and leaf in one transaction; False when it was closed before."""
        ...

    async def talking(self) -> tuple[InboundTalk, ...]:
        """Talks that were begun and whose calls are not closed."""
        ...

    async def left_open(self, older_than_seconds: float) -> tuple[InboundId, ...]:
        """Calls that began longer ago than any may last and were never closed."""
        ...


class InboundCaller(Protocol):
    """The gate alone can open what it sealed at the ring."""

    async def caller(self, inbound_id: InboundId) -> str | None:
        """E.164 of who calls; None: it is over.

        Raises:
            EgressUnavailable: the gate does not answer; ask again.
        """
        ...


class InboundExchange(Protocol):
    """What the exchange can be told about a caller."""

    def reaches(self, inbound_id: InboundId, seat_id: SeatId) -> bool:
        """Whether caller and seat are on one exchange, so that they can be bridged."""
        ...

    async def connect(self, inbound_id: InboundId, seat_id: SeatId) -> None:
        """Bridge a caller who waits, or talks with that seat, with a seat that was reserved. `InboundJoined` confirms.

        Raises:
            ExchangeUnavailable: the exchange didn't do it; the menu goes on by itself.
        """
        ...

    async def hang_up(self, inbound_id: InboundId) -> None:
        """Hang up the caller's channel; no error when it is already gone.

        Raises:
            ExchangeUnavailable: the exchange could not be told: repeat it.
        """
        ...

    async def thank(self, inbound_id: InboundId) -> None:
        """Let the menu say that the wish was kept.

        Raises:
            ExchangeUnavailable: the caller is gone or hears that it was not kept, which is safe.
        """
        ...
