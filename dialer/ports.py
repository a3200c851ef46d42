"""The doors of the core: what it needs of the world, as Protocols. Adapters and shipped fakes stand behind each."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.calls.events import ExchangeEvent
from dialer.calls.permit import Permit
from dialer.compliance.outcome import Refusal
from dialer.domain.ids import AttemptId, CampaignId, LeadId, SeatId


class Clock(Protocol):
    """The product's time."""

    def now(self) -> datetime:
        """Aware UTC, with the installation's offset added (non-zero on the demo profile only)."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel that the exchange has: `attempt_id` where it is a callee's, `seat_id` where it is a seat's."""

    name: str
    attempt_id: AttemptId | None
    seat_id: SeatId | None
    is_up: bool


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
        """Call the agent's own endpoint; `SeatUp` tells when it waits in its bridge.

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

    async def hang_up(self, attempt_id: AttemptId) -> None:
        """Hang up the callee's channel; no error when it is already gone."""
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


class Signer(Protocol):
    """The process that holds the log's key."""

    async def sign_checkpoint(self, body: str) -> str:
        """The signed note over a checkpoint's body.

        Raises:
            SignerUnavailable: no note was made; the log goes on.
        """
        ...


class Keyring(Protocol):
    """Keys of the dialer's process: hashes of numbers, subject keys, sealing to the gate. Pure computation, no I/O."""

    key_version: int

    def number_hmac(self, organisation_id: str, number: str) -> bytes:
        """Keyed hash of an E.164 number within one organisation (consent, DNC)."""
        ...

    def platform_hmac(self, number: str) -> bytes:
        """Keyed hash of an E.164 number over all organisations (frequency, concurrency, platform-wide DNC)."""
        ...

    def new_subject_key(self, sid: str) -> bytes:
        """A fresh key for one subject, wrapped under the master key and bound to `sid`."""
        ...

    def encrypt(self, wrapped_key: bytes, sid: str, purpose: str, plaintext: bytes) -> bytes:
        """AES-256-GCM under the subject's key; `purpose` and `sid` are bound to the ciphertext."""
        ...

    def decrypt(self, wrapped_key: bytes, sid: str, purpose: str, ciphertext: bytes) -> bytes:
        """The plaintext.

        Raises:
            SealBroken: another key, subject or purpose, or altered bytes.
        """
        ...

    def seal_to_gate(self, plaintext: bytes) -> bytes:
        """Sealed box to the gate's public key: the dialer itself can't open it again."""
        ...

    def random_bytes(self, size: int) -> bytes:
        """`size` bytes from the system's generator: tokens, salts, ids."""
        ...


# ---------------------------------------------------------------- the ledger


@dataclass(frozen=True, slots=True)
class Claim:
    """A lead that this node may decide about until its lease ends."""

    lead_id: LeadId
    campaign_id: CampaignId
    owner: str
    fence: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The gate said no; the attempt that was not made is on the log."""

    attempt_id: AttemptId
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NotMine:
    """The claim was lost (lease over, other owner, lead no longer claimed): nothing happened."""


@dataclass(frozen=True, slots=True)
class NumberBusy:
    """Another attempt holds the number: nothing happened, the lead is queued again."""


Authorisation = Permit | Refused | NotMine | NumberBusy


class Ledger(Protocol):
    """Claims, and the only source of permits."""

    async def claim(self, campaign_id: CampaignId, count: int) -> list[Claim]:
        """Claim up to `count` leads that are due."""
        ...

    async def authorise(self, claim: Claim) -> Authorisation:
        """T1: decide and, on yes, issue.

        Raises:
            StoreUnavailable: the commit is not known: there is no permit.
        """
        ...
