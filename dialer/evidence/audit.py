"""Re-check a whole log: every leaf in order, every checkpoint kept, and what the witness remembers.

The checkpoints that the log's own host keeps catch an outsider; an insider with the log's key can re-sign everything,
so the last head that the *witness* cosigned, from the witness's own state, is what counts. Everything up to its size is
caught; what came after it is exposed until the next cosignature, and the result says how much that is.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.checkpoint import Checkpoint, cosignature_time, log_signature_holds, parse_note
from dialer.evidence.merkle import LeafHash, leaf_hash
from dialer.evidence.record import EventType, Leaf, parse_leaf
from dialer.evidence.tree import EMPTY, Frontier, extend, root
from dialer.evidence.trust import KeyUse, Trust

FINDINGS_MAX = 1000
_BATCH = 128


class Fault(StrEnum):
    """What can be wrong with a log."""

    LEAF_FORM = "leaf.form"
    LEAF_SEQ = "leaf.seq"
    LEAF_PREV = "leaf.prev"
    LEAF_TIME = "leaf.time"
    LEAF_LOG = "leaf.log"
    CHECKPOINT_FORM = "checkpoint.form"
    CHECKPOINT_ORDER = "checkpoint.order"
    CHECKPOINT_SIGNATURE = "checkpoint.signature"
    CHECKPOINT_ROOT = "checkpoint.root"
    CHECKPOINT_TAIL = "checkpoint.tail"
    WITNESS_SIGNATURE = "witness.signature"
    WITNESS_ROOT = "witness.root"
    WITNESS_TAIL = "witness.tail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault; `seq` is the leaf, or the size of the checkpoint, at which it shows."""

    fault: Fault
    what: str
    seq: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What the re-check of a log found. `exposed`: leaves after the last head that a witness cosigned."""

    size: int
    root: bytes
    exposed: int
    findings: tuple[Finding, ...]


Look = Callable[[Leaf], None]
"""What a caller does with each leaf that is of its form, in the same walk."""


@dataclass(slots=True)
class _Walk:
    trust: Trust
    look: Look | None
    frontier: Frontier = EMPTY
    pending: list[LeafHash] = field(default_factory=list)
    last: LeafHash | None = None
    last_ts_us: int = 0
    findings: list[Finding] = field(default_factory=list)

    def size(self) -> int:
        return self.frontier.size + len(self.pending)

    def root(self) -> bytes:
        self.flush()
        return root(self.frontier)

    def flush(self) -> None:
        self.frontier = extend(self.frontier, self.pending).frontier
        self.pending.clear()

    def found(self, fault: Fault, what: str, seq: int) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(fault, what, seq))


def audit_log(
    leaves: Iterable[bytes],
    checkpoints: Iterable[bytes],
    witnessed: bytes | Checkpoint | None,
    trust: Trust,
    look: Look | None = None,
) -> Audit:
    """Walk the log once, in constant memory.

    `leaves`: stored bytes from seq 0 on. `checkpoints`: the notes that the host kept, by size; one is read at a time.
    `witnessed`: the last note that the witness cosigned, or the head as the witness's own state file has it, which
    nobody signed and which is worth what that file is worth; None if there was none yet.
    """
    walk = _Walk(trust, look)
    heads = _heads(walk, checkpoints)
    witness_head = _witness_head(walk, witnessed)
    due = next(heads, None)
    for data in leaves:
        due = _pass(walk, due, heads, witness_head)
        _leaf(walk, data)
    due = _pass(walk, due, heads, witness_head)
    while due is not None:
        walk.found(Fault.CHECKPOINT_TAIL, "a checkpoint covers leaves that are gone", due.size)
        due = next(heads, None)
    if witness_head is not None and witness_head.size > walk.size():
        walk.found(Fault.WITNESS_TAIL, "the witness saw leaves that are gone", witness_head.size)
    cosigned = min(witness_head.size, walk.size()) if witness_head is not None else 0
    return Audit(walk.size(), walk.root(), walk.size() - cosigned, tuple(walk.findings))


def _leaf(walk: _Walk, data: bytes) -> None:
    seq = walk.size()
    digest = leaf_hash(data)
    try:
        leaf = parse_leaf(data)
    except EvidenceFormatError as error:
        walk.found(Fault.LEAF_FORM, error.what, seq)
    else:
        _place(walk, leaf, seq)
        if walk.look is not None:
            walk.look(leaf)
    walk.last = digest
    walk.pending.append(digest)
    if len(walk.pending) == _BATCH:
        walk.flush()


def _place(walk: _Walk, leaf: Leaf, seq: int) -> None:
    if leaf.log != walk.trust.log:
        walk.found(Fault.LEAF_LOG, "a leaf of another log", seq)
    if leaf.seq != seq:
        walk.found(Fault.LEAF_SEQ, f"leaf {leaf.seq} stands at place {seq}", seq)
    if leaf.prev != walk.last:
        walk.found(Fault.LEAF_PREV, "the leaf does not follow the one before it", seq)
    if leaf.event.ts_us < walk.last_ts_us and leaf.event.type is not EventType.CLOCK_STEPPED:
        walk.found(Fault.LEAF_TIME, "the leaf is earlier than the one before it", seq)
    walk.last_ts_us = leaf.event.ts_us


def _pass(
    walk: _Walk, due: Checkpoint | None, heads: Iterator[Checkpoint], witness_head: Checkpoint | None
) -> Checkpoint | None:
    """Compare roots with every head of exactly the size that the walk has reached; the next head that is due."""
    while due is not None and due.size <= walk.size():
        if due.size < walk.size():
            walk.found(Fault.CHECKPOINT_ORDER, "the checkpoint stands after a larger one", due.size)
        elif due.root != walk.root():
            walk.found(Fault.CHECKPOINT_ROOT, "the leaves are not those that the checkpoint signed", due.size)
        due = next(heads, None)
    if witness_head is not None and witness_head.size == walk.size() and witness_head.root != walk.root():
        walk.found(Fault.WITNESS_ROOT, "the leaves are not those that the witness saw", witness_head.size)
    return due


def _heads(walk: _Walk, checkpoints: Iterable[bytes]) -> Iterator[Checkpoint]:
    for number, data in enumerate(checkpoints):
        try:
            note = parse_note(data)
            head = note.checkpoint()
        except EvidenceFormatError as error:
            walk.found(Fault.CHECKPOINT_FORM, error.what, number)
            continue
        keys = walk.trust.at(KeyUse.LOG, head.size)
        if head.origin != walk.trust.log or not any(log_signature_holds(note, k.note_key()) for k in keys):
            walk.found(Fault.CHECKPOINT_SIGNATURE, "no trusted log key signed the checkpoint", head.size)
        yield head


def _witness_head(walk: _Walk, witnessed: bytes | Checkpoint | None) -> Checkpoint | None:
    if witnessed is None:
        return None
    if isinstance(witnessed, Checkpoint):
        return witnessed
    try:
        note = parse_note(witnessed)
        head = note.checkpoint()
    except EvidenceFormatError as error:
        walk.found(Fault.WITNESS_SIGNATURE, error.what, 0)
        return None
    keys = walk.trust.at(KeyUse.WITNESS, head.size)
    if head.origin != walk.trust.log or all(cosignature_time(note, k.note_key()) is None for k in keys):
        walk.found(Fault.WITNESS_SIGNATURE, "no trusted witness cosigned that head", head.size)
        return None
    return head
