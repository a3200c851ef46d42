"""The DNC tree from a reader's side: was this number on the list when the log had this many leaves?

A sparse Merkle tree over places. A place is the first 32 bytes of the VRF output of a number in a scope; its bits,
highest first, lead from the root down: 0 left, 1 right. Hashes are of what is stored, so a node is known by its hash:

    empty subtree     = 32 zero bytes
    entry             = SHA-256(0x00 ‖ place ‖ JCS([seq, seq, …]))      a subtree with one entry is that entry
    two or more       = SHA-256(0x01 ‖ left ‖ right)

An entry lists the leaves at which the number's state changed, ascending: the first put it on the list, the second (only
the person's own later consent) took it off, and so on. One proof under a root therefore answers for every earlier size.
"""

from bisect import bisect_right
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from dialer.evidence.canonical import EvidenceFormatError, Json, encode
from dialer.evidence.checkpoint import DncHead
from dialer.evidence.forms import (
    Fields,
    check_integer,
    exact_fields,
    hash_from_hex,
    hash_in,
    list_in,
)

EMPTY_SUBTREE = bytes(32)
PLACE_BYTES = 32
DEPTH_BITS_MAX = 256
CHANGES_MAX = 1000
PLATFORM_SCOPE = "platform"


@dataclass(frozen=True, slots=True)
class DncEntry:
    """One place of the tree: leaves (seq) at which the number went on the list, off, on again …, ascending."""

    place: bytes
    changes: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.place) != PLACE_BYTES:
            raise EvidenceFormatError("a place is 32 bytes")
        if not 0 < len(self.changes) <= CHANGES_MAX:
            raise EvidenceFormatError(f"an entry has 1 to {CHANGES_MAX} changes")
        for seq in self.changes:
            check_integer("changes", seq, 0)
        if any(later <= earlier for earlier, later in pairwise(self.changes)):
            raise EvidenceFormatError("an entry's changes do not ascend")

    def stored(self) -> bytes:
        """The bytes whose SHA-256 is the entry's hash."""
        return b"\x00" + self.place + encode(list(self.changes))


@dataclass(frozen=True, slots=True)
class PlaceProof:
    """What the tree holds where a place would be: siblings from the root down, and what ends the way.

    `end` is None (empty subtree), the entry of the place itself, or another entry, which shows that the place is absent.
    """

    siblings: tuple[bytes, ...]
    end: DncEntry | None

    def root(self, place: bytes) -> bytes:
        """The root that this proof leads to for `place`."""
        running = EMPTY_SUBTREE if self.end is None else sha256(self.end.stored()).digest()
        for depth in reversed(range(len(self.siblings))):
            sibling = self.siblings[depth]
            pair = sibling + running if bit_of(place, depth) else running + sibling
            running = sha256(b"\x01" + pair).digest()
        return running

    def to_json(self) -> dict[str, Json]:
        """`{"siblings": [hex, …]}` with, unless the way ends empty, `"end": {"place": hex, "changes": [seq, …]}`."""
        value: dict[str, Json] = {"siblings": [sibling.hex() for sibling in self.siblings]}
        if self.end is not None:
            value["end"] = {"changes": list(self.end.changes), "place": self.end.place.hex()}
        return value


def changes_proven(proof: PlaceProof, place: bytes, head: DncHead) -> tuple[int, ...] | None:
    """The changes of `place` under a root (empty: never on the list), or None if `proof` does not show them.

    Raises nothing: whatever does not fit is no proof.
    """
    if len(place) != PLACE_BYTES or len(proof.siblings) > DEPTH_BITS_MAX:
        return None
    if any(len(sibling) != 32 for sibling in proof.siblings):
        return None
    end = proof.end
    if end is not None and any(
        bit_of(end.place, depth) != bit_of(place, depth) for depth in range(len(proof.siblings))
    ):
        return None
    if (head.size == 0) != (head.root == EMPTY_SUBTREE) or proof.root(place) != head.root:
        return None
    return end.changes if end is not None and end.place == place else ()


def is_listed(changes: tuple[int, ...], seq: int) -> bool:
    """Whether a number with these changes was on the list when leaf `seq` was written (that leaf included)."""
    return bisect_right(changes, seq) % 2 == 1


def dnc_alpha(scope: str, number: str) -> bytes:
    """The VRF's input for an E.164 number in a scope: `org:<org id>` or `platform`."""
    return encode(["dnc/v1", scope, number])


def org_scope(org: str) -> str:
    """The scope of one organisation's own list."""
    return f"org:{org}"


def bit_of(place: bytes, depth: int) -> int:
    """Which way a place goes at a depth from the root: 0 left, 1 right."""
    return place[depth >> 3] >> (7 - (depth & 7)) & 1


def parse_place_proof(value: Json) -> PlaceProof:
    """The proof of `PlaceProof.to_json()`.

    Raises:
        EvidenceFormatError: not of that form.
    """
    fields = exact_fields("place proof", value, {"siblings"}, {"end"})
    siblings = tuple(hash_from_hex("siblings", item) for item in list_in(fields, "siblings", DEPTH_BITS_MAX))
    return PlaceProof(siblings, _parse_end(fields))


def _parse_end(fields: Fields) -> DncEntry | None:
    if "end" not in fields:
        return None
    end = exact_fields("end", fields["end"], {"changes", "place"})
    changes = []
    for seq in list_in(end, "changes", CHANGES_MAX):
        if not isinstance(seq, int):
            raise EvidenceFormatError("changes holds what is no integer")
        changes.append(seq)
    return DncEntry(hash_in(end, "place"), tuple(changes))
