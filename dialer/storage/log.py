"""The evidence log in the database: leaf, payload, tree nodes and root in the business transaction that they prove.

The signed note follows within a second and is never waited for (decision 13). Whoever appends holds the lock on the
one row of `log_head`, so `seq` has no gaps and `prev` no forks, from any process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from dialer.evidence.canonical import Json
from dialer.evidence.merkle import HASH_BYTES, LeafHash, leaf_hash
from dialer.evidence.payload import Payload, parse_payload, write_payload
from dialer.evidence.record import Actor, Ciphertext, Event, EventType, Leaf, Policy, Recording
from dialer.evidence.tree import EMPTY, Frontier, extend, root
from dialer.ports.keys import Keyring, PayloadKeys
from dialer.storage.sql import Tx

PAYLOAD: Final = "payload"
SALT_BYTES: Final = 32
_LEAF: Final = (
    "INSERT INTO leaf (seq, hash, body, type, attempt_id, consent_id, sid)"
    " VALUES (:seq, :hash, :body, :type, :attempt_id, :consent_id, :sid)"
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose key the payload of a leaf is encrypted under."""

    sid: str
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has its place. `says`: its disclosures by name; personal only when `subject` is given."""

    type: EventType
    actor: Actor
    says: Mapping[str, Json] = field(default_factory=dict)
    org: str | None = None
    attempt_id: str | None = None
    consent_id: str | None = None
    subject: Subject | None = None
    sid: str | None = None
    """For events about a subject whose payload is not personal (the gate has no subject keys)."""
    policy: Policy | None = None
    recording: Recording | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A draft whose payload is salted, committed to and encrypted: all but its time and its place."""

    draft: Draft
    stored: bytes | None
    commit: bytes | None
    ciphertext: Ciphertext | None


@dataclass(frozen=True, slots=True)
class LogWriter:
    """Who writes: log origin, node, this start of it, the build; and the keys for payloads."""

    origin: str
    node: str
    boot: str
    software: str
    keys: PayloadKeys

    def append(self, tx: Tx, draft: Draft, ts_us: int) -> int:
        """Append one leaf inside `tx`; its `seq`."""
        return self.append_all(tx, [self.seal(draft)], ts_us)[0]

    def append_all(self, tx: Tx, drafts: Sequence[Sealed], ts_us: int) -> list[int]:
        """Append leaves in order inside `tx`; their `seq`s. The head is read and moved once."""
        if not drafts:
            return []
        head = tx.sole("SELECT size, peaks, last_hash FROM log_head WHERE id = 1")
        first = seq = int(head.size)
        previous = LeafHash(bytes(head.last_hash)) if seq else None
        of_attempts: dict[str, LeafHash] = {}
        leaves: list[dict[str, object]] = []
        payloads: list[dict[str, object]] = []
        hashes: list[LeafHash] = []
        for sealed in drafts:
            draft, event = sealed.draft, self._event(sealed, ts_us)
            before = of_attempts.get(draft.attempt_id or "")
            cause = (before,) if before is not None else self._cause(tx, draft)
            body = Leaf(log=self.origin, seq=seq, prev=previous, cause=cause, event=event).to_bytes()
            previous = leaf_hash(body)
            hashes.append(previous)
            if draft.attempt_id is not None:
                of_attempts[draft.attempt_id] = previous
            leaves.append(
                {
                    "seq": seq,
                    "hash": previous,
                    "body": body,
                    "type": str(event.type),
                    "attempt_id": event.attempt_id,
                    "consent_id": event.consent_id,
                    "sid": event.sid,
                }
            )
            if sealed.stored is not None:
                sid = draft.subject.sid if draft.subject else None
                payloads.append({"seq": seq, "sid": sid, "ct": sealed.stored})
            seq += 1
        tx.run_many(_LEAF, leaves)
        tx.run_many("INSERT INTO payload (seq, sid, ct) VALUES (:seq, :sid, :ct)", payloads)
        grown = extend(_frontier(first, bytes(head.peaks)), hashes)
        tx.run_many(
            "INSERT INTO log_node (level, idx, hash) VALUES (:level, :idx, :hash)",
            [{"level": n.level, "idx": n.index, "hash": n.hash} for n in grown.nodes],
        )
        tx.run(
            "UPDATE log_head SET size = :size, peaks = :peaks, last_hash = :last, last_ts_us = :ts, root = :root WHERE id = 1",
            size=grown.frontier.size,
            peaks=b"".join(grown.frontier.peaks),
            last=hashes[-1],
            ts=ts_us,
            root=root(grown.frontier),
        )
        return list(range(first, seq))

    def seal(self, draft: Draft) -> Sealed:
        """Salt, commit to and encrypt what a draft says. It needs no transaction."""
        if not draft.says:
            return Sealed(draft, None, None, None)
        salts = self.keys.random_bytes(SALT_BYTES * (len(draft.says) + 1))
        written = write_payload(
            draft.says, [salts[n : n + SALT_BYTES] for n in range(0, len(salts), SALT_BYTES)]
        )
        if draft.subject is None:
            return Sealed(draft, written.body, written.commit, None)
        stored = self.keys.encrypt(draft.subject.wrapped_key, draft.subject.sid, PAYLOAD, written.body)
        return Sealed(draft, stored, written.commit, Ciphertext(sha256(stored).digest(), len(stored)))

    def _event(self, sealed: Sealed, ts_us: int) -> Event:
        draft = sealed.draft
        return Event(
            ts_us=ts_us,
            node=self.node,
            boot=self.boot,
            type=draft.type,
            actor=draft.actor,
            sw=self.software,
            org=draft.org,
            attempt_id=draft.attempt_id,
            sid=draft.subject.sid if draft.subject else draft.sid,
            consent_id=draft.consent_id,
            policy=draft.policy,
            commit=sealed.commit,
            ct=sealed.ciphertext,
            rec=draft.recording,
        )

    @staticmethod
    def _cause(tx: Tx, draft: Draft) -> tuple[LeafHash, ...]:
        if draft.attempt_id is None:
            return ()
        before = tx.one(
            "SELECT hash FROM leaf WHERE attempt_id = :attempt_id ORDER BY seq DESC LIMIT 1",
            attempt_id=draft.attempt_id,
        )
        if before is None and draft.consent_id is not None:
            before = tx.one(
                "SELECT hash FROM leaf WHERE consent_id = :consent_id AND type = 'consent.recorded' ORDER BY seq LIMIT 1",
                consent_id=draft.consent_id,
            )
        return () if before is None else (LeafHash(bytes(before.hash)),)


def start_log(tx: Tx) -> None:
    """Write the empty head, once."""
    if tx.one("SELECT id FROM log_head WHERE id = 1") is None:
        tx.run(
            "INSERT INTO log_head (id, size, peaks, last_hash, last_ts_us, root) VALUES (1, 0, :none, :none, 0, :root)",
            none=b"",
            root=root(EMPTY),
        )


def get_node(tx: Tx, level: int, index: int) -> bytes:
    """A stored node of the tree; level 0 is the leaf's hash.

    Raises:
        LookupError: it is not stored.
    """
    if level == 0:
        return bytes(tx.sole("SELECT hash FROM leaf WHERE seq = :seq", seq=index).hash)
    return bytes(
        tx.sole("SELECT hash FROM log_node WHERE level = :level AND idx = :idx", level=level, idx=index).hash
    )


def open_payload(tx: Tx, keyring: Keyring, seq: int) -> Payload | None:
    """The payload of a leaf as the writer stored it; None where it has none or the subject was erased.

    Raises:
        SealBroken: the ciphertext was altered.
    """
    row = tx.one(
        "SELECT p.sid, p.ct, s.wrapped_key FROM payload p LEFT JOIN subject s ON s.sid = p.sid WHERE p.seq = :seq",
        seq=seq,
    )
    if row is None or row.ct is None:
        return None
    if row.sid is None:
        return parse_payload(bytes(row.ct))
    if row.wrapped_key is None:
        return None
    return parse_payload(keyring.decrypt(bytes(row.wrapped_key), row.sid, PAYLOAD, bytes(row.ct)))


def _frontier(size: int, peaks: bytes) -> Frontier:
    return Frontier(size, tuple(peaks[i : i + HASH_BYTES] for i in range(0, len(peaks), HASH_BYTES)))
