"""The DNC tree from the writer's side: record changes, and build the proof for a place under any root ever made.

Nodes are stored by their hash and never change: `get(hash)` gives the bytes back, `nodes` of a `Grown` are to be
inserted (an insert that finds the hash already there is right, too). Old roots stay provable as long as their nodes are
kept. A change adds about log2(entries) nodes of 65 bytes; recording many at once shares them.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from dialer.evidence.checkpoint import DncHead
from dialer.evidence.dnc_proof import EMPTY_SUBTREE, DncEntry, PlaceProof, bit_of, dnc_alpha
from dialer.evidence.vrf import VrfKey, VrfProof, prove

GetStored = Callable[[bytes], bytes]
"""Hash (32 bytes) → stored bytes of that node. Raises if unknown."""


@dataclass(frozen=True, slots=True)
class Change:
    """A number's place goes on the list, or off it, with the leaf `seq`."""

    place: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Grown:
    """The head after the changes, and the nodes to insert (hash → stored bytes)."""

    head: DncHead
    nodes: Mapping[bytes, bytes]


EMPTY_HEAD = DncHead(0, EMPTY_SUBTREE)


def place_of(key: VrfKey, scope: str, number: str) -> tuple[bytes, VrfProof]:
    """The place of an E.164 number in a scope, and the proof that it is the only one it can have under this key."""
    proof = prove(key, dnc_alpha(scope, number))
    return proof.output[:32], proof


def record_changes(head: DncHead, changes: Iterable[Change], get: GetStored) -> Grown:
    """The tree after `changes`. A place that is new gets an entry, one that is known another change.

    Raises:
        EvidenceFormatError: a change is not later than the last one of its place; nothing was recorded.
    """
    additions: dict[bytes, tuple[int, ...]] = {}
    for change in changes:
        additions[change.place] = (*additions.get(change.place, ()), change.seq)
    grower = _Grower(get)
    root = grower.merge(head.root, sorted(additions.items()), 0)
    return Grown(replace(head, size=head.size + grower.new_places, root=root), grower.nodes)


def prove_place(root: bytes, place: bytes, get: GetStored) -> PlaceProof:
    """What the tree with `root` holds at `place`: the entry, or what shows that there is none."""
    siblings: list[bytes] = []
    running = root
    while running != EMPTY_SUBTREE:
        stored = get(running)
        if stored[0] == 0:
            return PlaceProof(tuple(siblings), _entry(stored))
        left, right = stored[1:33], stored[33:]
        if bit_of(place, len(siblings)):
            siblings.append(left)
            running = right
        else:
            siblings.append(right)
            running = left
    return PlaceProof(tuple(siblings), None)


Additions = list[tuple[bytes, tuple[int, ...]]]


class _Grower:
    """One run of `record_changes`: collects new nodes and counts new places."""

    def __init__(self, get: GetStored) -> None:
        self._get = get
        self.nodes: dict[bytes, bytes] = {}
        self.new_places = 0

    def merge(self, node: bytes, additions: Additions, depth: int) -> bytes:
        """The hash of the subtree `node` after `additions`, all of which lie under it."""
        if not additions:
            return node
        if node == EMPTY_SUBTREE:
            self.new_places += len(additions)
            return self._build([DncEntry(*addition) for addition in additions], depth)
        stored = self._get(node)
        if stored[0] == 0:
            return self._build(self._beside(_entry(stored), additions), depth)
        split = _first_right(additions, depth)
        left = self.merge(stored[1:33], additions[:split], depth + 1)
        right = self.merge(stored[33:], additions[split:], depth + 1)
        return self._put(b"\x01" + left + right)

    def _beside(self, known: DncEntry, additions: Additions) -> list[DncEntry]:
        entries = {known.place: known}
        for place, seqs in additions:
            if place == known.place:
                entries[place] = DncEntry(place, known.changes + seqs)
            else:
                entries[place] = DncEntry(place, seqs)
                self.new_places += 1
        return [entries[place] for place in sorted(entries)]

    def _build(self, entries: list[DncEntry], depth: int) -> bytes:
        if not entries:
            return EMPTY_SUBTREE
        if len(entries) == 1:
            return self._put(entries[0].stored())
        split = _first_right([(entry.place, entry.changes) for entry in entries], depth)
        left, right = self._build(entries[:split], depth + 1), self._build(entries[split:], depth + 1)
        return self._put(b"\x01" + left + right)

    def _put(self, stored: bytes) -> bytes:
        digest = sha256(stored).digest()
        self.nodes[digest] = stored
        return digest


def _first_right(additions: Additions, depth: int) -> int:
    """How many of the sorted additions go left at `depth`."""
    return sum(1 for place, _ in additions if not bit_of(place, depth))


def _entry(stored: bytes) -> DncEntry:
    return DncEntry(stored[1:33], tuple(json.loads(stored[33:])))
