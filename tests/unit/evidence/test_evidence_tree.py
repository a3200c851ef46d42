"""The Merkle tree: the roots of Certificate Transparency's test data, and proofs against a plain recursion."""

from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.evidence.merkle import LeafHash, consistency_holds, inclusion_holds, leaf_hash
from dialer.evidence.tree import (
    EMPTY,
    Frontier,
    consistency_proof,
    extend,
    frontier_at,
    inclusion_proof,
    root,
)

# The eight inputs and the roots over the first n of them, as published with the first implementations of RFC 6962.
CT_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

LEAVES = [leaf_hash(number.to_bytes(4, "big")) for number in range(200)]


class Rows:
    """Nodes as storage keeps them."""

    def __init__(self, leaves: list[LeafHash], batch: int) -> None:
        self.nodes = {(0, seq): bytes(leaf) for seq, leaf in enumerate(leaves)}
        self.frontier = EMPTY
        for start in range(0, len(leaves), batch):
            step = extend(self.frontier, leaves[start : start + batch])
            for node in step.nodes:
                assert (node.level, node.index) not in self.nodes, "a completed subtree is handed out once"
                self.nodes[node.level, node.index] = node.hash
            self.frontier = step.frontier

    def get(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


ROWS = Rows(LEAVES, batch=7)


@cache
def plain_root(start: int, end: int) -> bytes:
    """RFC 6962 section 2.1 as it is written down, over LEAVES[start:end]."""
    count = end - start
    if count == 0:
        return sha256(b"").digest()
    if count == 1:
        return LEAVES[start]
    split = 1
    while split * 2 < count:
        split *= 2
    return sha256(b"\x01" + plain_root(start, start + split) + plain_root(start + split, end)).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_published_test_data(size: int) -> None:
    assert root(extend(EMPTY, map(leaf_hash, CT_INPUTS[:size])).frontier).hex() == CT_ROOTS[size]


@given(st.integers(0, 200), st.integers(1, 50))
def test_the_root_does_not_depend_on_how_leaves_were_batched(size: int, batch: int) -> None:
    rows = Rows(LEAVES[:size], batch)
    assert root(rows.frontier) == plain_root(0, size)
    assert frontier_at(ROWS.get, size) == rows.frontier


@settings(max_examples=300)
@given(st.data())
def test_an_inclusion_proof_holds_for_its_leaf_place_size_and_root_only(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 200))
    seq = data.draw(st.integers(0, size - 1))
    proof, head = inclusion_proof(ROWS.get, seq, size), plain_root(0, size)
    assert inclusion_holds(LEAVES[seq], seq, size, proof, head)
    other = data.draw(st.integers(0, 199).filter(lambda n: n != seq))
    assert not inclusion_holds(LEAVES[other], seq, size, proof, head)
    assert not inclusion_holds(LEAVES[seq], other, size, proof, head)
    assert not inclusion_holds(LEAVES[seq], seq, size, (*proof, head), head)
    assert not inclusion_holds(LEAVES[seq], seq, size, proof, plain_root(0, size - 1))
    if proof:
        assert not inclusion_holds(LEAVES[seq], seq, size, proof[:-1], head)
        assert not inclusion_holds(LEAVES[seq], seq, size, (proof[0][:-1], *proof[1:]), head)


@settings(max_examples=300)
@given(st.data())
def test_a_consistency_proof_holds_for_its_two_trees_only(data: st.DataObject) -> None:
    new = data.draw(st.integers(0, 200))
    old = data.draw(st.integers(0, new))
    proof = consistency_proof(ROWS.get, old, new)
    old_root, new_root = plain_root(0, old), plain_root(0, new)
    assert consistency_holds(old, old_root, new, new_root, proof)
    assert not consistency_holds(old, sha256(old_root).digest(), new, new_root, proof)
    assert not consistency_holds(old, old_root, new, new_root, (*proof, new_root))
    if proof:
        assert not consistency_holds(old, old_root, new, sha256(new_root).digest(), proof)
        assert not consistency_holds(old, old_root, new, new_root, proof[:-1])
        assert not consistency_holds(old, old_root, new, new_root, ())


def test_every_proof_of_every_small_tree_holds() -> None:
    for size in range(1, 33):
        head = plain_root(0, size)
        for seq in range(size):
            assert inclusion_holds(LEAVES[seq], seq, size, inclusion_proof(ROWS.get, seq, size), head)
        for old in range(size + 1):
            proof = consistency_proof(ROWS.get, old, size)
            assert consistency_holds(old, plain_root(0, old), size, head, proof)


def test_a_shrunk_tree_is_never_consistent() -> None:
    assert not consistency_holds(8, plain_root(0, 8), 7, plain_root(0, 7), ())
    with pytest.raises(ValueError, match="larger"):
        consistency_proof(ROWS.get, 8, 7)


def test_a_node_cannot_pass_for_a_leaf() -> None:
    # The bytes of two leaf hashes, given as one leaf, hash otherwise than the node over them.
    forged = leaf_hash(LEAVES[0] + LEAVES[1])
    assert forged != plain_root(0, 2)
    assert not inclusion_holds(forged, 0, 1, (), plain_root(0, 2))


def test_a_proof_outside_the_tree_is_not_built() -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_proof(ROWS.get, 5, 5)


def test_a_frontier_that_does_not_fit_its_size_is_refused() -> None:
    assert Frontier(2, (plain_root(0, 2),)).size == 2
    with pytest.raises(ValueError, match="one peak"):
        Frontier(3, (plain_root(0, 2),))
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier(2, (b"short",))
