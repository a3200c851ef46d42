"""What a verification knows so far, and the three ways a check can end: passed, failed with its place, skipped.

Each check reads what earlier checks established and adds to it; a check whose ground failed is skipped, never passed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import NoReturn, TypeVar

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.checkpoint import Checkpoint, Note
from dialer.evidence.container import Extent
from dialer.evidence.manifest import Envelope, Manifest
from dialer.evidence.merkle import LeafHash
from dialer.evidence.parts import Proofs
from dialer.evidence.payload import Payload
from dialer.evidence.record import EventType, Leaf
from dialer.evidence.trust import Trust

Parsed = TypeVar("Parsed")


@dataclass(frozen=True, slots=True)
class Sound:
    """What a decoder says of a recording: SHA-256 over 16-bit little-endian interleaved frames, and its shape."""

    pcm_sha256: bytes
    frames: int


DecodeSound = Callable[[bytes], Sound]
"""FLAC bytes → sound. Raises ValueError for what it can't decode."""


class Outcome(StrEnum):
    """How a check ended. Skipped: nothing to look at, no fault. Unreached: what it stands on did not hold."""

    PASSED = "pass"
    FAILED = "fail"
    SKIPPED = "skip"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a fault: bytes [start, end) of the bundle's file, the file inside it, the leaf, as far as known."""

    file: str | None
    start: int | None
    end: int | None
    seq: int | None


NOWHERE = Where(None, None, None, None)


class CheckFailedError(Exception):
    """A check does not hold."""

    def __init__(self, what: str, where: Where = NOWHERE) -> None:
        super().__init__(what)
        self.what = what
        self.where = where


class CheckSkippedError(Exception):
    """A check has nothing to look at, for a reason that is no fault."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class Case:
    """One bundle under verification. Attributes without default are set by the check that establishes them."""

    data: bytes
    pinned: Trust | None
    decode_sound: DecodeSound | None
    files: dict[str, Extent] = field(default_factory=dict)
    leaves: dict[int, Leaf] = field(default_factory=dict)
    hashes: dict[int, LeafHash] = field(default_factory=dict)
    payloads: dict[int, Payload] = field(default_factory=dict)
    envelope: Envelope = field(init=False)
    manifest: Manifest = field(init=False)
    trust: Trust = field(init=False)
    note: Note = field(init=False)
    checkpoint: Checkpoint = field(init=False)
    proofs: Proofs = field(init=False)
    earlier: dict[int, tuple[Note, Checkpoint]] = field(default_factory=dict)
    consumed_seq: int | None = None
    places: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _digests: dict[str, bytes] = field(default_factory=dict)

    def own(self) -> list[Leaf]:
        """The leaves of the attempt that the bundle is about, by seq."""
        wanted = self.manifest.attempt_id
        return [leaf for _, leaf in sorted(self.leaves.items()) if leaf.event.attempt_id == wanted]

    def decision_seq(self) -> int:
        """The leaf of the gate's decision; the story check has made sure that there is one."""
        decisions = (EventType.DECISION_PERMITTED, EventType.DECISION_REFUSED)
        return min(leaf.seq for leaf in self.own() if leaf.event.type in decisions)

    def file(self, name: str) -> Extent:
        """A file of the bundle; a failed check where there is none."""
        if name not in self.files:
            raise CheckFailedError(f"there is no {name}")
        return self.files[name]

    def digest(self, name: str) -> bytes:
        """SHA-256 of a file of the bundle, computed once."""
        if name not in self._digests:
            self._digests[name] = sha256(self.file(name).data).digest()
        return self._digests[name]

    def parse(self, name: str, parser: Callable[[bytes], Parsed], seq: int | None = None) -> Parsed:
        """What `parser` reads in a file; a failed check with the file's place where it refuses."""
        extent = self.file(name)
        try:
            return parser(bytes(extent.data))
        except EvidenceFormatError as error:
            start = extent.start + max(error.offset, 0)
            raise CheckFailedError(error.what, Where(name, min(start, extent.end), extent.end, seq)) from None

    def fail(self, what: str, name: str | None = None, seq: int | None = None) -> NoReturn:
        """End the check: it does not hold, in this file, at this leaf."""
        extent = self.files.get(name) if name is not None else None
        start, end = (extent.start, extent.end) if extent is not None else (None, None)
        raise CheckFailedError(what, Where(name, start, end, seq))
