"""The evidence log in the database: leaf, payload, tree nodes and root in the business transaction that they prove.

The signed note follows within a second and is never waited for (decision 13). Whoever appends holds the lock on the
one row of `log_head`, so `seq` has no gaps and `prev` no forks, from any process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from dialer.evidence.canonical import Json
from dialer.evidence.merkle import HASH_BYTES, LeafHash, leaf_hash
from dialer.evidence.payload import Payload, build_payload, parse_payload
from dialer.evidence.record import Actor, Ciphertext, Event, EventType, Leaf, Policy, Recording
from dialer.evidence.tree import EMPTY, Frontier, extend, root
from dialer.ports.keys import Keyring, PayloadKeys
from dialer.storage.sql import Tx

PAYLOAD: Final = "payload"
SALT_BYTES: Final = 32


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
class LogWriter:
    """Who writes: log origin, node, this start of it, the build; and the keys for payloads."""

    origin: str
    node: str
    boot: str
    software: str
    keys: PayloadKeys

    def append(self, tx: Tx, draft: Draft, ts_us: int) -> int:
        """Append one leaf inside `tx`; its `seq`."""
        head = tx.sole("SELECT size, peaks, last_hash FROM log_head WHERE id = 1")
        seq = int(head.size)
        stored, event = self._payload(draft, ts_us)
        cause = self._cause(tx, draft)
        leaf = Leaf(
            log=self.origin,
            seq=seq,
            prev=LeafHash(bytes(head.last_hash)) if seq else None,
            cause=cause,
            event=event,
        )
        body = leaf.to_bytes()
        digest = leaf_hash(body)
        grown = extend(_frontier(seq, bytes(head.peaks)), [digest])
        tx.run(
            "INSERT INTO leaf (seq, hash, body, type, attempt_id, consent_id, sid)"
            " VALUES (:seq, :hash, :body, :type, :attempt_id, :consent_id, :sid)",
            seq=seq,
            hash=digest,
            body=body,
            type=str(event.type),
            attempt_id=event.attempt_id,
            consent_id=event.consent_id,
            sid=event.sid,
        )
        if stored is not None:
            tx.run(
                "INSERT INTO payload (seq, sid, ct) VALUES (:seq, :sid, :ct)",
                seq=seq,
                sid=draft.subject.sid if draft.subject else None,
                ct=stored,
            )
        tx.run_many(
            "INSERT INTO log_node (level, idx, hash) VALUES (:level, :idx, :hash)",
            [{"level": n.level, "idx": n.index, "hash": n.hash} for n in grown.nodes],
        )
        tx.run(
            "UPDATE log_head SET size = :size, peaks = :peaks, last_hash = :last, last_ts_us = :ts, root = :root WHERE id = 1",
            size=grown.frontier.size,
            peaks=b"".join(grown.frontier.peaks),
            last=digest,
            ts=ts_us,
            root=root(grown.frontier),
        )
        return seq

    def _payload(self, draft: Draft, ts_us: int) -> tuple[bytes | None, Event]:
        stored: bytes | None = None
        commit: bytes | None = None
        ciphertext: Ciphertext | None = None
        if draft.says:
            salts = [self.keys.random_bytes(SALT_BYTES) for _ in range(len(draft.says) + 1)]
            payload = build_payload(draft.says, salts)
            commit = payload.commit()
            stored = payload.to_bytes()
            if draft.subject is not None:
                stored = self.keys.encrypt(draft.subject.wrapped_key, draft.subject.sid, PAYLOAD, stored)
                ciphertext = Ciphertext(sha256(stored).digest(), len(stored))
        event = Event(
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
            commit=commit,
            ct=ciphertext,
            rec=draft.recording,
        )
        return stored, event

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
