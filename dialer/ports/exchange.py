"""What the dialer asks of its exchange and of the egress."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dialer.calls.events import ExchangeEvent
from dialer.calls.permit import Permit
from dialer.domain.ids import AttemptId, InboundId, SeatId
from dialer.ports.speech import SpeechSocket


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel that the exchange has: whose it is, a callee's, a seat's or a caller's on the inbound line."""

    name: str
    attempt_id: AttemptId | None
    seat_id: SeatId | None
    is_up: bool
    inbound_id: InboundId | None = None


class Ear(StrEnum):
    """How a supervisor is in a talk: heard by nobody, by the agent alone, or by both (a conference)."""

    QUIET = "quiet"
    WHISPER = "whisper"
    BARGE = "barge"


class Telephony(Protocol):
    """The dialer's exchange. Nothing here can name a number or a trunk."""

    async def originate(self, permit: Permit) -> None:
        """Place the call of `permit`, once.

        Raises:
            ExchangeUnavailable: nothing was sent; the permit may be voided.
            OriginateUncertain: it may have been sent; never send it again, hold the attempt as uncertain.
        """
        ...

    async def call_seat(self, seat_id: SeatId) -> None:
        """Call the agent's own endpoint; `SeatUp` tells when it waits in its bridge. Also while an earlier leg is up, in
        a talk or not: the new one takes its place (`connect` moves the callee), and the earlier one's end is not told.

        Raises:
            ExchangeUnavailable: nothing was sent.
        """
        ...

    async def connect(self, attempt_id: AttemptId, seat_id: SeatId) -> None:
        """Bridge an answered callee with a seat that the caller has reserved. `CalleeJoined` confirms.

        Raises:
            ExchangeUnavailable: the exchange didn't do it; the callee will hear the notice by itself.
        """
        ...

    def reaches(self, attempt_id: AttemptId, seat_id: SeatId) -> bool:
        """Whether the callee and the seat are on one exchange, so that they can be bridged."""
        ...

    def is_away(self, attempt_id: AttemptId) -> bool:
        """Whether the callee is on an exchange of which nothing is heard now; not, where it isn't remembered which."""
        ...

    async def hold(self, attempt_id: AttemptId) -> None:
        """Take a callee out of the talk into music, for a bounded time; `connect` takes them back.

        Raises:
            ExchangeUnavailable: the exchange didn't do it; the talk goes on.
        """
        ...

    async def hang_up(self, attempt_id: AttemptId) -> None:
        """Hang up the callee's channel; no error when it is already gone."""
        ...

    async def listen(self, listener: SeatId, agent: SeatId, attempt_id: AttemptId, ear: Ear) -> None:
        """Call the listener's own phone and let it hear what the agent's seat hears, until `end_listening`.

        `attempt_id`: whose talk it is; what somebody who joins says there belongs to its recording.

        Raises:
            ExchangeUnavailable: the exchange didn't do it, or the agent's seat has no leg.
        """
        ...

    async def end_listening(self, listener: SeatId | None) -> None:
        """Hang up a listener's leg, or with None every one that the exchange has; no error when there is none.

        Raises:
            ExchangeUnavailable: the exchange could not be told: repeat it.
        """
        ...

    async def fork_callee(self, attempt_id: AttemptId, socket: SpeechSocket) -> None:
        """Let the speech worker hear the callee, and nobody else, until the callee's channel ends.

        Raises:
            ExchangeUnavailable: the exchange didn't do it; the call goes on.
        """
        ...

    async def fork_agent(self, seat_id: SeatId, socket: SpeechSocket) -> None:
        """Let the speech worker hear the agent's own voice, until it ends the stream or the seat's leg is gone.

        Raises:
            ExchangeUnavailable: the exchange didn't do it, or the seat has no leg; the talk goes on.
        """
        ...

    async def release_seat(self, seat_id: SeatId) -> None:
        """Hang up the agent's leg; no error when it is already gone."""
        ...

    async def set_seat_secret(self, seat_id: SeatId, secret: str) -> None:
        """Give the seat's endpoint the SIP password of one login session; the former one ends."""
        ...

    async def channels(self) -> tuple[ChannelView, ...]:
        """All channels that exist now, for reconciliation. Never proof that a call ended (rule 9)."""
        ...

    def events(self) -> AsyncIterator[ExchangeEvent]:
        """Events in the exchange's order, from a bounded queue with one consumer."""
        ...

    def is_up(self) -> bool:
        """Whether the link is up, authenticated and answering its pings."""
        ...


@dataclass(frozen=True, slots=True)
class EgressLeg:
    """A leg that the egress has for an attempt: in script, holding a yes, ringing or up."""

    attempt_id: AttemptId
    uid: str
    state: str


class EgressControl(Protocol):
    """The gate's control socket: the only way to ask the egress about a call (rules 9, 12)."""

    async def legs(self, attempt_id: AttemptId) -> tuple[EgressLeg, ...]:
        """Legs of that attempt.

        Raises:
            EgressUnavailable: not known; the attempt stays open.
        """
        ...

    async def hang_up(self, attempt_id: AttemptId) -> None:
        """Hang up every leg of that attempt; safe to repeat."""
        ...
