"""What an auditor who has the whole table in hand would check of the log."""

from __future__ import annotations

from hashlib import sha256

from dialer.evidence.merkle import EMPTY_ROOT, LeafHash, leaf_hash
from dialer.evidence.record import parse_leaf
from dialer.evidence.tree import EMPTY, extend, root
from tests.unit.storage.storage_world import World


def check_log(core: World) -> int:
    """Everything that an auditor with the table in hand would check; how many leaves there are."""
    rows = core.all("SELECT seq, hash, body FROM leaf ORDER BY seq")
    head = core.one("SELECT * FROM log_head")
    assert [r.seq for r in rows] == list(range(len(rows)))
    assert head.size == len(rows)
    before: LeafHash | None = None
    hashes = []
    for row in rows:
        body = bytes(row.body)
        leaf = parse_leaf(body)
        assert leaf.to_bytes() == body
        assert leaf.seq == row.seq
        assert leaf.prev == before
        before = leaf_hash(body)
        assert bytes(row.hash) == before
        hashes.append(before)
    again = root(extend(EMPTY, hashes).frontier)
    assert bytes(head.root) == again
    assert again == _root_by_definition(hashes)
    return len(rows)


def _root_by_definition(hashes: list[LeafHash]) -> bytes:
    """RFC 9162, 2.1.1, written out once more."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    left, right = _root_by_definition(hashes[:split]), _root_by_definition(hashes[split:])
    return sha256(b"\x01" + left + right).digest()
