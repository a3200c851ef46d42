"""The doors of the core: what it needs of the world, as Protocols. Adapters and shipped fakes stand behind each."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, TypedDict

from dialer.calls.attempt import AttemptState
from dialer.calls.events import ExchangeEvent
from dialer.calls.permit import Permit
from dialer.calls.talk import TalkAct
from dialer.compliance.outcome import Refusal
from dialer.domain.campaign import PacingMode
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.ids import AttemptId, CampaignId, LeadId, OrganisationId, SeatId, SubjectId, UserId
from dialer.evidence.bundle import Parts
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor
from dialer.evidence.vrf import VrfProof


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

    async def hold(self, attempt_id: AttemptId) -> None:
        """Take a callee out of the talk into music, for a bounded time; `connect` takes them back.

        Raises:
            ExchangeUnavailable: the exchange didn't do it; the talk goes on.
        """
        ...

    async def hang_up(self, attempt_id: AttemptId) -> None:
        """Hang up the callee's channel; no error when it is already gone."""
        ...

    async def listen(self, listener: SeatId, agent: SeatId, ear: Ear) -> None:
        """Call the listener's own phone and let it hear what the agent's seat hears, until `end_listening`.

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

    async def sign(self, body: bytes, proof: tuple[bytes, ...]) -> bytes | int:
        """The signed note over a checkpoint's body; an int: the last size that the signer knows, nothing was signed.

        Raises:
            SignerUnavailable: no note was made; the log goes on.
        """
        ...

    async def sign_bundle(self, message: bytes) -> bytes:
        """An Ed25519 signature of the bundle key.

        Raises:
            SignerUnavailable: there is none.
        """
        ...


class WitnessDoor(Protocol):
    """The process, under another user and on another host where there is one, that cosigns heads."""

    async def add(self, old_size: int, note: bytes, proof: tuple[bytes, ...]) -> str | int:
        """The cosignature's line; an int: the last size that the witness knows, nothing was cosigned.

        Raises:
            SignerUnavailable: no cosignature; what is signed stands, its exposure grows.
        """
        ...


class Heads(Protocol):
    """The log's heads in the database."""

    async def checkpoint_body(self) -> tuple[int, bytes]:
        """Size and body of the checkpoint of this moment (root, DNC root)."""
        ...

    async def consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """The proof that the log of `new_size` extends the one of `old_size`."""
        ...

    async def keep_note(self, size: int, note: bytes) -> None:
        """Keep a signed note."""
        ...

    async def keep_cosignature(self, size: int, line: str) -> None:
        """Add a witness's line to a kept note."""
        ...

    async def sizes(self) -> tuple[int, int]:
        """Sizes of the newest signed and of the newest cosigned checkpoint."""
        ...

    async def note(self, size: int) -> bytes:
        """A kept note."""
        ...


class PayloadKeys(Protocol):
    """What writing a leaf needs: salts, and the subject's key where the payload is personal."""

    def random_bytes(self, size: int) -> bytes:
        """`size` bytes from the system's generator: tokens, salts, ids."""
        ...

    def encrypt(self, wrapped_key: bytes, sid: str, purpose: str, plaintext: bytes) -> bytes:
        """AES-256-GCM under the subject's key; `purpose` and `sid` are bound to the ciphertext."""
        ...


class Keyring(PayloadKeys, Protocol):
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

    def decrypt(self, wrapped_key: bytes, sid: str, purpose: str, ciphertext: bytes) -> bytes:
        """The plaintext.

        Raises:
            SealBroken: another key, subject or purpose, or altered bytes.
        """
        ...

    def seal_to_gate(self, plaintext: bytes) -> bytes:
        """Sealed box to the gate's public key: the dialer itself can't open it again."""
        ...

    def dnc_place(self, scope: str, number: str) -> bytes:
        """The place of a number in the DNC tree: the output of a verifiable random function (decision 16)."""
        ...

    def dnc_proof(self, scope: str, number: str) -> VrfProof:
        """The proof that a number has that place and no other under this key."""
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


# ---------------------------------------------------------------- the second gate


@dataclass(frozen=True, slots=True)
class GateYes:
    """What the egress may dial, once."""

    attempt_id: AttemptId
    number: str
    caller_id: str
    caller_name: str
    ring_seconds: int
    call_seconds_max: int

    def __repr__(self) -> str:
        return f"GateYes(attempt_id={self.attempt_id!r})"


@dataclass(frozen=True, slots=True)
class GateNo:
    """Nothing may be dialled; `why` is a fixed word."""

    why: str


@dataclass(frozen=True, slots=True)
class LegReport:
    """What the egress said at the end of a leg. `rang_ms`: from dialling to the first ringing; None: it never rang."""

    dial_status: str
    sip_text: str
    rang_ms: int | None
    talk_seconds: int


@dataclass(frozen=True, slots=True)
class EgressRecord:
    """One line of the egress's own file: a leg that ended, by token and by the egress's channel."""

    token: str = field(repr=False)
    uid: str
    report: LegReport


@dataclass(frozen=True, slots=True)
class StopOpened:
    """Why nothing more is dialled: on the whole node, in one organisation or in one campaign."""

    stop_id: str
    code: str
    why: str
    org_id: OrganisationId | None = None
    campaign_id: CampaignId | None = None


# ---------------------------------------------------------------- the life of calls


class PermitState(StrEnum):
    """issued → consumed | void | lapsed."""

    ISSUED = "issued"
    CONSUMED = "consumed"
    VOID = "void"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class CallView:
    """An attempt as the services need it."""

    attempt_id: AttemptId
    org_id: OrganisationId
    campaign_id: CampaignId
    lead_id: LeadId
    sid: SubjectId
    state: AttemptState
    permit: PermitState | None
    agent_id: UserId | None
    seat_id: SeatId | None
    rang: bool
    authorised_at: datetime
    connected_at: datetime | None
    ended_at: datetime | None
    cut_wanted: bool
    closing_until: datetime | None
    disposition: str | None
    report: LegReport | None


class MoveFields(TypedDict, total=False):
    """What a move may write beside the state. `ended_us` is the database's clock when `ended` is given."""

    outcome: str
    ended: bool
    agent_id: str
    seat_id: str
    disposition: str
    hangup_by: str
    dial_status: str
    sip_text: str
    abandon_cause: str
    answer_class: str


@dataclass(frozen=True, slots=True)
class LeadDone:
    """The lead is settled: it isn't called again for this request."""


@dataclass(frozen=True, slots=True)
class LeadAgain:
    """The lead is queued again after `wait_seconds`, through the gate; `hold` for a person's review, or none."""

    wait_seconds: int
    hold: str


LeadAfter = LeadDone | LeadAgain


@dataclass(frozen=True, slots=True)
class Refusing:
    """Who refused, how it was heard, and in which conversation (if in one)."""

    sid: SubjectId
    org_id: OrganisationId
    scope: DncScope
    purpose: str | None
    reason: DncReason
    actor: Actor
    said_in: AttemptId | None
    closing_seconds: int
    said_at: datetime | None = None
    """When the person refused, where it was told later; None: now."""
    via: str = ""
    """The door through which it was told, outside a call."""


@dataclass(frozen=True, slots=True)
class RefusalHeard:
    """What T3 did. Entry and moment are the first one's when the same refusal was heard before."""

    entry_id: str
    at: datetime
    is_new: bool
    leads_dropped: int
    permits_void: int
    consents_withdrawn: int
    cut: tuple[AttemptId, ...]
    closing_until: datetime | None


class Calls(Protocol):
    """The lives of attempts in the database. Every method is one transaction; StoreUnavailable: not known."""

    async def view(self, attempt_id: AttemptId) -> CallView | None:
        """The attempt now."""
        ...

    async def open_calls(self) -> tuple[CallView, ...]:
        """Every attempt of this node in an open state, oldest first."""
        ...

    async def advance(
        self,
        attempt_id: AttemptId,
        target: AttemptState,
        actor: Actor,
        fields: MoveFields,
        says: dict[str, Json],
    ) -> bool:
        """Move to `target` with its leaf; False when the machine has no such move from where it is (late report)."""
        ...

    async def close(
        self,
        attempt_id: AttemptId,
        target: AttemptState,
        actor: Actor,
        fields: MoveFields,
        says: dict[str, Json],
        lead: LeadAfter,
    ) -> bool:
        """`advance` into an end, and the lead settled in the same transaction."""
        ...

    async def void(self, attempt_id: AttemptId, why: str) -> bool:
        """Rule 7: permit issued → void, attempt → lapsed, lead → queued. False: the permit was consumed."""
        ...

    async def lapse_expired(self) -> int:
        """Rule 7 for permits whose time is over by the database's clock; how many."""
        ...

    async def refuse(self, refusing: Refusing) -> RefusalHeard:
        """T3."""
        ...

    async def dispose(
        self, attempt_id: AttemptId, code: str, answer_class: str, actor: Actor, note: str
    ) -> None:
        """Keep the agent's disposition with its leaf; the first one stands, a refusal is never overwritten."""
        ...

    async def keep_talk_act(
        self, attempt_id: AttemptId, act: TalkAct, actor: Actor, says: dict[str, Json]
    ) -> bool:
        """Put an act on the log; False when the attempt is not connected (any more)."""
        ...

    async def hand_over(self, attempt_id: AttemptId, agent_id: UserId, seat_id: SeatId, actor: Actor) -> bool:
        """The talk is another agent's from now on, with its leaf; False when the attempt is not connected."""
        ...

    async def was_refused_in(self, attempt_id: AttemptId) -> bool:
        """Whether a refusal heard in this attempt is on the log already, in force or lifted since."""
        ...

    async def wanted_cuts(self) -> tuple[CallView, ...]:
        """Attempts that must be hung up now: `cut_wanted`, or `closing_until` passed (rule 12)."""
        ...


# ---------------------------------------------------------------- recordings


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without sound kept, in milliseconds from the start of the recording."""

    from_ms: int
    to_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class SealedAudio:
    """A recording as the vault has it: FLAC, callee left and agent right, encrypted under `key`."""

    recording_id: str
    path: str
    key: bytes = field(repr=False)
    pcm_sha256: str
    flac_sha256: str
    ct_sha256: str
    ct_bytes: int
    frames: int
    rate_hz: int
    channels: int
    gaps: tuple[Gap, ...]


class AudioVault(Protocol):
    """Where recordings go. The spool holds them in the clear until they are sealed, and no longer."""

    async def seal(self, attempt_id: AttemptId) -> SealedAudio | None:
        """Encrypt what the exchange wrote for this attempt; None when it wrote nothing.

        Raises:
            VaultUnavailable: it could not be kept; the spool still has it.
        """
        ...

    async def discard_spool(self, attempt_id: AttemptId) -> None:
        """Unlink the clear files; only after the sealed recording is on the log."""
        ...

    async def open(self, path: str, key: bytes, ct_sha256: str) -> bytes:
        """The FLAC of a sealed recording.

        Raises:
            SealBroken: the ciphertext isn't what was sealed.
        """
        ...


class Recordings(Protocol):
    """What the database and the log keep of recordings."""

    async def sealed(self, attempt_id: AttemptId, audio: SealedAudio) -> None:
        """Keep a sealed recording with its leaf."""
        ...

    async def missing(self, attempt_id: AttemptId, why: str) -> None:
        """Keep that there is none, with its leaf."""
        ...


# ---------------------------------------------------------------- agents


@dataclass(frozen=True, slots=True)
class AgentCard:
    """An agent as the floor needs one."""

    user_id: UserId
    org_id: OrganisationId
    name: str
    campaigns: frozenset[CampaignId]


class Roster(Protocol):
    """Who may sit at the floor."""

    async def agent(self, user_id: UserId) -> AgentCard | None:
        """The agent, unless disabled or not an agent."""
        ...


# ---------------------------------------------------------------- campaigns


@dataclass(frozen=True, slots=True)
class RunningCampaign:
    """A campaign that may place calls now, with what pacing needs of today. `live`, `abandoned`: L and A of `day`."""

    campaign_id: CampaignId
    day: date
    org_id: OrganisationId
    mode: PacingMode
    abandon_cap_ppm: int
    live: int
    abandoned: int
    leads_due: int


class Campaigns(Protocol):
    """Campaigns as the dialing loop sees them."""

    async def running(self) -> tuple[RunningCampaign, ...]:
        """Campaigns in state running without a stop, those first whose next promised or oldest lead is most urgent."""
        ...


@dataclass(frozen=True, slots=True)
class Peaks:
    """Loudness of each leg, `per_second` values a second, each 0 … 127."""

    per_second: int
    seconds: float
    callee: tuple[int, ...]
    agent: tuple[int, ...]


class Sound(Protocol):
    """Decodes what the vault gives back."""

    def wav(self, flac: bytes) -> bytes:
        """A WAV with both legs, 16 bit."""
        ...

    def peaks(self, flac: bytes) -> Peaks:
        """Peaks for a waveform."""
        ...


@dataclass(frozen=True, slots=True)
class SealedRecording:
    """Where a recording lies and the key that opens it."""

    path: str
    key: bytes = field(repr=False)
    ct_sha256: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """The parts of a bundle without the recording's sound, which the vault opens."""

    parts: Parts
    recording: SealedRecording | None


@dataclass(frozen=True, slots=True)
class NotYetSigned:
    """The newest cosigned checkpoint doesn't cover what happened: it will in a moment."""


class BundleParts(Protocol):
    """Gathers what a bundle holds, in one snapshot."""

    async def gather(
        self, org: OrganisationId, attempt_id: AttemptId, *, is_final_try: bool
    ) -> Gathered | NotYetSigned | None:
        """Under a cosigned checkpoint; on the final try a signed one will do. None: no such attempt there."""
        ...

    async def recording(self, org: OrganisationId, attempt_id: AttemptId) -> SealedRecording | None:
        """The recording alone; None: there is none."""
        ...
