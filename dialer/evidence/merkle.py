"""The Merkle tree of RFC 6962 from a reader's side: hashes, and the check of inclusion and consistency proofs.

    leaf hash = SHA-256(0x00 ‖ bytes)      node hash = SHA-256(0x01 ‖ left ‖ right)      empty tree = SHA-256("")

The different first byte keeps anyone from passing a node off as a leaf (second preimage).
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NewType

LeafHash = NewType("LeafHash", bytes)

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
PROOF_HASHES_MAX = 64


def leaf_hash(data: bytes) -> LeafHash:
    """The hash of one leaf's bytes, as they are stored."""
    return LeafHash(sha256(b"\x00" + data).digest())


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def inclusion_holds(leaf: LeafHash, seq: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that `leaf` is number `seq` (from 0) of the tree of `size` leaves with `root`.

    RFC 9162 section 2.1.3.2. A proof of the wrong length is no proof.
    """
    if not 0 <= seq < size or len(proof) > PROOF_HASHES_MAX:
        return False
    position, last, running = seq, size - 1, bytes(leaf)
    for step in proof:
        if last == 0 or len(step) != HASH_BYTES:
            return False
        if position & 1 or position == last:
            running = node_hash(step, running)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            running = node_hash(running, step)
        position >>= 1
        last >>= 1
    return last == 0 and running == root


def consistency_holds(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the tree of `new_size` leaves only appends to the one of `old_size`.

    RFC 9162 section 2.1.4.2. The empty tree is a prefix of every tree (empty proof); equal sizes need equal roots.
    """
    if not 0 <= old_size <= new_size or len(proof) > PROOF_HASHES_MAX:
        return False
    if any(len(step) != HASH_BYTES for step in proof):
        return False
    if old_size == new_size:
        return old_root == new_root and not proof
    if old_size == 0:
        return old_root == EMPTY_ROOT and not proof
    steps = list(proof)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old_running = new_running = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_running, new_running = node_hash(step, old_running), node_hash(step, new_running)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new_running = node_hash(new_running, step)
        position >>= 1
        last >>= 1
    return last == 0 and old_running == old_root and new_running == new_root
