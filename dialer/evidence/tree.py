"""The Merkle tree of RFC 6962 from the writer's side: append in constant memory, and build proofs from stored nodes.

Storage keeps two kinds of rows: the leaf hash of each `seq` (level 0), and every *completed* subtree that `extend`
hands out: `Node(level, index, hash)` covers the leaves [index·2^level, (index + 1)·2^level). Such a node never
changes, so rows are only ever inserted. All functions here are pure; rows are read back through `get`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dialer.evidence.merkle import EMPTY_ROOT, HASH_BYTES, LeafHash, node_hash

GetNode = Callable[[int, int], bytes]
"""(level, index) → hash of that completed subtree; level 0 is the leaf hash of `seq` = index. Raises if unknown."""


@dataclass(frozen=True, slots=True)
class Node:
    """A completed subtree of 2^level leaves, level ≥ 1, the `index`-th of its level from the left."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed to append: the size, and the roots of the complete subtrees from left (large) to right.

    `len(peaks)` is the number of one-bits of `size`.
    """

    size: int
    peaks: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise ValueError("a frontier has one peak for each one-bit of its size")
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError("a peak is a hash of 32 bytes")


@dataclass(frozen=True, slots=True)
class Extended:
    """What appending gave: the new frontier and the subtrees that became complete, lowest first."""

    frontier: Frontier
    nodes: tuple[Node, ...]


EMPTY = Frontier(0, ())


def extend(frontier: Frontier, leaves: Iterable[LeafHash]) -> Extended:
    """Append `leaves` in order. O(1) memory and amortised two hashes a leaf."""
    size, peaks, completed = frontier.size, list(frontier.peaks), list[Node]()
    for leaf in leaves:
        running: bytes = leaf
        level, index = 0, size
        while index & 1:
            running = node_hash(peaks.pop(), running)
            level += 1
            index >>= 1
            completed.append(Node(level, index, running))
        peaks.append(running)
        size += 1
    return Extended(Frontier(size, tuple(peaks)), tuple(completed))


def root(frontier: Frontier) -> bytes:
    """The root hash of the tree as it stands."""
    if not frontier.peaks:
        return EMPTY_ROOT
    running = frontier.peaks[-1]
    for peak in reversed(frontier.peaks[:-1]):
        running = node_hash(peak, running)
    return running


def frontier_at(get: GetNode, size: int) -> Frontier:
    """The frontier of the first `size` leaves, read from stored nodes (after a restart, or for an older root)."""
    peaks = []
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            peaks.append(get(level, start >> level))
            start += 1 << level
    return Frontier(size, tuple(peaks))


def inclusion_proof(get: GetNode, seq: int, size: int) -> tuple[bytes, ...]:
    """PATH(seq, D[size]) of RFC 6962 section 2.1.1, from the leaf upwards.

    Raises:
        ValueError: `seq` is not in a tree of that size.
    """
    if not 0 <= seq < size:
        raise ValueError("that leaf is not in a tree of that size")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if seq < middle:
            path.append(_range_root(get, middle, end))
            end = middle
        else:
            path.append(_range_root(get, start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(get: GetNode, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """PROOF(old_size, D[new_size]) of RFC 6962 section 2.1.2; empty for equal sizes and for the empty tree.

    Raises:
        ValueError: the old tree is larger than the new one.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError("the older tree is the larger one")
    if old_size in (0, new_size):
        return ()
    path = []
    start, end = 0, new_size
    whole = True  # the old tree is a complete subtree of what we look at, so its root is already known
    while old_size != end:
        middle = start + _largest_power_below(end - start)
        if old_size <= middle:
            path.append(_range_root(get, middle, end))
            end = middle
        else:
            path.append(_range_root(get, start, middle))
            start = middle
            whole = False
    if not whole:
        path.append(_range_root(get, start, end))
    return tuple(reversed(path))


def _largest_power_below(count: int) -> int:
    """The largest power of two that is smaller than `count` (count ≥ 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(get: GetNode, start: int, end: int) -> bytes:
    """The root over leaves [start, end), where `start` is a multiple of the largest power of two in the range."""
    hashes = []
    while start < end:
        level = (end - start).bit_length() - 1
        hashes.append(get(level, start >> level))
        start += 1 << level
    running = hashes[-1]
    for peak in reversed(hashes[:-1]):
        running = node_hash(peak, running)
    return running
