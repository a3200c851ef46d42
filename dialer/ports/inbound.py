"""What the inbound line needs of the world."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialer.calls.inbound import InboundMode
from dialer.domain.ids import InboundId, OrganisationId
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

    async def close(self, end: InboundEnd) -> bool:
        """Recording, subject, consent and leaf in one transaction; False when it was closed before."""
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

    async def thank(self, inbound_id: InboundId) -> None:
        """Let the menu say that the wish was kept.

        Raises:
            ExchangeUnavailable: the caller is gone or hears that it was not kept, which is safe.
        """
        ...
