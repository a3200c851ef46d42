"""One event of the evidence log, and the leaf that it becomes: every field of the format, and nothing else.

A room of the product reports an `Event`; the sequencer gives it its place and makes the `Leaf`, whose bytes are
stored and hashed for ever. A leaf holds no personal data and has no free field: everything that an event *says*
(refusal codes, dial status, inputs of a decision, words, numbers) is a disclosure of its payload (`payload.py`),
of which the leaf holds the commitment. So a leaf can be shown to anyone, and each fact can be shown or withheld alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from dialer.evidence.canonical import EvidenceFormatError, decode, encode
from dialer.evidence.forms import (
    Fields,
    check_hash,
    check_id,
    check_integer,
    exact_fields,
    hash_from_hex,
    hash_in,
    int_in,
    list_in,
    one_of,
    text_in,
    text_maybe,
)
from dialer.evidence.merkle import LeafHash

LEAF_VERSION = 1
LEAF_BYTES_MAX = 64 * 1024
CAUSES_MAX = 256
DEMO_ORIGIN_PREFIX = "demo/"
"""A log whose clock was shifted (decision 14) has an origin that starts so, and a verifier says it."""

_ORIGIN = re.compile(r"[a-z0-9][a-z0-9._/-]{0,127}")


class EventType(StrEnum):
    """The closed vocabulary of leaves. `attempt.<state>` are the states of decision 2, in their order."""

    CONSENT_RECORDED = "consent.recorded"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CONSENT_EXPIRED = "consent.expired"
    DECISION_PERMITTED = "decision.permitted"
    DECISION_REFUSED = "decision.refused"
    ATTEMPT_AUTHORISED = "attempt.authorised"
    ATTEMPT_PLACED = "attempt.placed"
    ATTEMPT_RINGING = "attempt.ringing"
    ATTEMPT_ANSWERED = "attempt.answered"
    ATTEMPT_CONNECTED = "attempt.connected"
    ATTEMPT_WRAPPING = "attempt.wrapping"
    ATTEMPT_SEALED = "attempt.sealed"
    ATTEMPT_REFUSED = "attempt.refused"
    ATTEMPT_FAILED = "attempt.failed"
    ATTEMPT_ABANDONED = "attempt.abandoned"
    ATTEMPT_CANCELLED = "attempt.cancelled"
    ATTEMPT_LAPSED = "attempt.lapsed"
    ATTEMPT_UNCERTAIN = "attempt.uncertain"
    ATTEMPT_ENDED_UNKNOWN = "attempt.ended_unknown"
    GATE2_PASSED = "gate2.passed"
    GATE2_REFUSED = "gate2.refused"
    RECORDING_SEALED = "recording.sealed"
    RECORDING_MISSING = "recording.missing"
    REFUSAL_HEARD = "refusal.heard"
    REFUSAL_ACKNOWLEDGED = "refusal.acknowledged"
    DNC_ADDED = "dnc.added"
    DISPOSITION_SET = "disposition.set"
    TALK_HELD = "talk.held"
    TALK_RESUMED = "talk.resumed"
    TALK_TRANSFERRED = "talk.transferred"
    TALK_LISTENED = "talk.listened"
    TALK_LISTENING_ENDED = "talk.listening_ended"
    INBOUND_RECEIVED = "inbound.received"
    INBOUND_CONNECTED = "inbound.connected"
    INBOUND_ENDED = "inbound.ended"
    INBOUND_DISPOSED = "inbound.disposed"
    TALK_WORDS_HEARD = "talk.words_heard"
    TALK_WORDS_REVIEWED = "talk.words_reviewed"
    TALK_SCRIPT_TICKED = "talk.script_ticked"
    LEAD_SKIPPED = "lead.skipped"
    INCIDENT_OPENED = "incident.opened"
    COMPLAINT_RECEIVED = "complaint.received"
    COMPLAINT_VERIFIED = "complaint.verified"
    COMPLAINT_UNFOUNDED = "complaint.unfounded"
    COMPLAINT_CLOSED = "complaint.closed"
    VIOLATION_RECORDED = "violation.recorded"
    VIOLATION_HANDLED = "violation.handled"
    VIOLATION_CLOSED = "violation.closed"
    EVIDENCE_ACCESSED = "evidence.accessed"
    EVIDENCE_EXPORTED = "evidence.exported"
    NUMBER_REVEALED = "number.revealed"
    SUBJECT_ERASED = "subject.erased"
    HOLD_SET = "hold.set"
    HOLD_LIFTED = "hold.lifted"
    RETENTION_PURGED = "retention.purged"
    KEY_ROTATED = "key.rotated"
    CLOCK_STEPPED = "clock.stepped"
    CONFIG_CHANGED = "config.changed"
    VERIFY_RUN = "verify.run"


class ActorKind(StrEnum):
    """Who did it. `callee`'s id is the subject id; a process is named by its program, a partner by its register id."""

    USER = "user"
    CALLEE = "callee"
    PROCESS = "process"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused the event."""

    kind: ActorKind
    id: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The rule packs under which something was decided, as one name and one digest; build it with `policy_of`."""

    id: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """Where the encrypted payload can be recognised: SHA-256 and length of the stored ciphertext."""

    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Recording:
    """A sealed recording: its ciphertext, and its shape. The hashes of the sound itself sit in the payload."""

    id: str
    ct_sha256: bytes
    ct_bytes: int
    frames: int
    rate_hz: int
    channels: int


@dataclass(frozen=True, slots=True)
class Event:
    """What a room reports: a leaf without its place in the log. `ts_us` is UTC in microseconds since 1970.

    `commit` is the commitment of the payload, `ct` the ciphertext it is stored as; events of the platform itself
    (no `sid`) keep their payload in clear and have no `ct`. `None` means: left out of the leaf.

    Raises:
        EvidenceFormatError: a field is not of its form; the message names the field, never its value.
    """

    ts_us: int
    node: str
    boot: str
    type: EventType
    actor: Actor
    sw: str
    org: str | None = None
    call_id: str | None = None
    attempt_id: str | None = None
    sid: str | None = None
    consent_id: str | None = None
    policy: Policy | None = None
    commit: bytes | None = None
    ct: Ciphertext | None = None
    rec: Recording | None = None

    def __post_init__(self) -> None:
        check_integer("ts", self.ts_us, 1)
        for name in ("node", "boot", "sw"):
            check_id(name, getattr(self, name))
        for name in ("org", "call_id", "attempt_id", "sid", "consent_id"):
            if (value := getattr(self, name)) is not None:
                check_id(name, value)
        check_id("actor.id", self.actor.id)
        if self.commit is not None:
            check_hash("commit", self.commit)
        if self.policy is not None:
            check_id("policy.id", self.policy.id)
            check_hash("policy.sha256", self.policy.sha256)
        if self.ct is not None:
            check_hash("ct.sha256", self.ct.sha256)
            check_integer("ct.bytes", self.ct.size_bytes, 1)
        if self.rec is not None:
            check_id("rec.id", self.rec.id)
            check_hash("rec.ct_sha256", self.rec.ct_sha256)
            check_integer("rec.ct_bytes", self.rec.ct_bytes, 1)
            check_integer("rec.frames", self.rec.frames, 0)
            check_integer("rec.rate", self.rec.rate_hz, 1)
            check_integer("rec.ch", self.rec.channels, 1)


@dataclass(frozen=True, slots=True)
class Leaf:
    """An event at its place: log origin, `seq` from 0, the leaf hash of `seq` − 1, and the leaves it follows from.

    `prev` is `None` for `seq` 0 only. `cause` names at least the preceding leaf of the same attempt, if there is one.
    """

    log: str
    seq: int
    prev: LeafHash | None
    cause: tuple[LeafHash, ...]
    event: Event

    def __post_init__(self) -> None:
        if _ORIGIN.fullmatch(self.log) is None:
            raise EvidenceFormatError("log is not an origin: a-z, 0-9, . _ / - only, 128 at most")
        check_integer("seq", self.seq, 0)
        if (self.prev is None) != (self.seq == 0):
            raise EvidenceFormatError("prev is left out for seq 0 and for no other leaf")
        if self.prev is not None:
            check_hash("prev", self.prev)
        if len(self.cause) > CAUSES_MAX:
            raise EvidenceFormatError(f"more than {CAUSES_MAX} causes")
        for cause in self.cause:
            check_hash("cause", cause)
        if len(set(self.cause)) != len(self.cause):
            raise EvidenceFormatError("cause names one leaf twice")

    def to_bytes(self) -> bytes:
        """The canonical bytes that are stored and hashed."""
        return _written_leaf(self).encode("ascii")


def policy_of(packs: Mapping[str, bytes]) -> Policy:
    """The `policy` field for the packs in force (pack id → SHA-256 of the pack's file).

    Several packs apply to one call, the leaf has room for one name and one digest: the ids in order joined by "+",
    and SHA-256 over JCS([{"id", "sha256"}, …]) in that order. The list itself is the disclosure `policy.packs`.

    Raises:
        EvidenceFormatError: no packs: a decision without rules is not a decision.
    """
    if not packs:
        raise EvidenceFormatError("policy without packs")
    names = sorted(packs)
    return Policy("+".join(names), sha256(encode(policy_packs(packs))).digest())


def policy_packs(packs: Mapping[str, bytes]) -> list[dict[str, str]]:
    """The value of the disclosure `policy.packs` to which `policy_of` commits."""
    return [{"id": name, "sha256": packs[name].hex()} for name in sorted(packs)]


def parse_leaf(data: bytes) -> Leaf:
    """The leaf of stored bytes; `parse_leaf(b).to_bytes() == b` for all that it accepts.

    Raises:
        EvidenceFormatError: not canonical, a field missing, unknown or not of its form.
    """
    fields = exact_fields("leaf", decode(data, LEAF_BYTES_MAX), _LEAF_FIELDS_ALWAYS, _LEAF_FIELDS_MAYBE)
    if fields["v"] != LEAF_VERSION:
        raise EvidenceFormatError("a leaf of an unknown version")
    actor = exact_fields("actor", fields["actor"], {"kind", "id"})
    event = Event(
        ts_us=int_in(fields, "ts"),
        node=text_in(fields, "node"),
        boot=text_in(fields, "boot"),
        type=EventType(one_of("type", text_in(fields, "type"), _TYPES)),
        actor=Actor(ActorKind(one_of("actor.kind", text_in(actor, "kind"), _KINDS)), text_in(actor, "id")),
        sw=text_in(fields, "sw"),
        org=text_maybe(fields, "org"),
        call_id=text_maybe(fields, "call_id"),
        attempt_id=text_maybe(fields, "attempt_id"),
        sid=text_maybe(fields, "sid"),
        consent_id=text_maybe(fields, "consent_id"),
        policy=_parse_policy(fields),
        commit=hash_in(fields, "commit") if "commit" in fields else None,
        ct=_parse_ct(fields),
        rec=_parse_rec(fields),
    )
    prev = LeafHash(hash_in(fields, "prev")) if "prev" in fields else None
    return Leaf(text_in(fields, "log"), int_in(fields, "seq"), prev, _parse_cause(fields), event)


_LEAF_FIELDS_ALWAYS = frozenset({"actor", "boot", "log", "node", "seq", "sw", "ts", "type", "v"})
_LEAF_FIELDS_MAYBE = frozenset(
    ("attempt_id", "call_id", "cause", "commit", "consent_id", "ct", "org", "policy", "prev", "rec", "sid")
)
_TYPES = frozenset(str(member) for member in EventType)
_KINDS = frozenset(str(member) for member in ActorKind)


def _written_leaf(leaf: Leaf) -> str:
    """The canonical text of a leaf, field by field in JCS order.

    Written out by hand because every event of the product passes here, and because it may be: each value has been
    found in __post_init__ to be an id, a hash or an integer, so none needs an escape.
    """
    event = leaf.event
    text = f'{{"actor":{{"id":"{event.actor.id}","kind":"{event.actor.kind}"}},'
    if event.attempt_id is not None:
        text += f'"attempt_id":"{event.attempt_id}",'
    text += f'"boot":"{event.boot}",'
    if event.call_id is not None:
        text += f'"call_id":"{event.call_id}",'
    if leaf.cause:
        causes = '","'.join([cause.hex() for cause in leaf.cause])
        text += f'"cause":["{causes}"],'
    if event.commit is not None:
        text += f'"commit":"{event.commit.hex()}",'
    if event.consent_id is not None:
        text += f'"consent_id":"{event.consent_id}",'
    if (ct := event.ct) is not None:
        text += f'"ct":{{"bytes":{ct.size_bytes},"sha256":"{ct.sha256.hex()}"}},'
    text += f'"log":"{leaf.log}","node":"{event.node}",'
    if event.org is not None:
        text += f'"org":"{event.org}",'
    if (policy := event.policy) is not None:
        text += f'"policy":{{"id":"{policy.id}","sha256":"{policy.sha256.hex()}"}},'
    if leaf.prev is not None:
        text += f'"prev":"{leaf.prev.hex()}",'
    if (rec := event.rec) is not None:
        text += (
            f'"rec":{{"ch":{rec.channels},"ct_bytes":{rec.ct_bytes},"ct_sha256":"{rec.ct_sha256.hex()}",'
            f'"frames":{rec.frames},"id":"{rec.id}","rate":{rec.rate_hz}}},'
        )
    text += f'"seq":{leaf.seq},'
    if event.sid is not None:
        text += f'"sid":"{event.sid}",'
    return f'{text}"sw":"{event.sw}","ts":{event.ts_us},"type":"{event.type}","v":{LEAF_VERSION}}}'


def _parse_policy(fields: Fields) -> Policy | None:
    if "policy" not in fields:
        return None
    policy = exact_fields("policy", fields["policy"], {"id", "sha256"})
    return Policy(text_in(policy, "id"), hash_in(policy, "sha256"))


def _parse_ct(fields: Fields) -> Ciphertext | None:
    if "ct" not in fields:
        return None
    ct = exact_fields("ct", fields["ct"], {"bytes", "sha256"})
    return Ciphertext(hash_in(ct, "sha256"), int_in(ct, "bytes"))


def _parse_rec(fields: Fields) -> Recording | None:
    if "rec" not in fields:
        return None
    rec = exact_fields("rec", fields["rec"], {"id", "ct_sha256", "ct_bytes", "frames", "rate", "ch"})
    return Recording(
        id=text_in(rec, "id"),
        ct_sha256=hash_in(rec, "ct_sha256"),
        ct_bytes=int_in(rec, "ct_bytes"),
        frames=int_in(rec, "frames"),
        rate_hz=int_in(rec, "rate"),
        channels=int_in(rec, "ch"),
    )


def _parse_cause(fields: Fields) -> tuple[LeafHash, ...]:
    if "cause" not in fields:
        return ()
    causes = list_in(fields, "cause", CAUSES_MAX)
    if not causes:
        raise EvidenceFormatError("cause is an empty list; a field without a value is left out")
    return tuple(LeafHash(hash_from_hex("cause", cause)) for cause in causes)
