"""The DNC list three ways: the leaves that put somebody on it, the rows that the gate reads, the tree that is proven from."""

import json
from array import array
from bisect import bisect_left
from hashlib import sha256
from itertools import pairwise

from dialer.domain.errors import SealBroken
from dialer.evidence.dnc_proof import EMPTY_SUBTREE, PLATFORM_SCOPE, bit_of, org_scope
from dialer.ports.keys import Keyring
from dialer.storage.fsck_found import Findings, Looked, pages
from dialer.storage.fsck_leaves import LeafCheck
from dialer.storage.sql import Row, Tx

_ENTRIES = """
SELECT d.*, l.type, l.sid, s.wrapped_key, s.number_ct AS subject_ct, s.org_id AS subject_org,
       s.number_hmac AS subject_hmac, s.platform_hmac AS subject_platform, c.leaf_seq AS lifted_seq,
       EXISTS (SELECT 1 FROM payload p WHERE p.seq = d.leaf_seq) AS says
FROM dnc_entry d LEFT JOIN leaf l ON l.seq = d.leaf_seq LEFT JOIN subject s ON s.sid = l.sid
LEFT JOIN consent c ON c.id = d.lifted_by_consent
WHERE d.id > :after ORDER BY d.id LIMIT :rows
"""


def check_dnc(tx: Tx, keyring: Keyring, leaves: LeafCheck, findings: Findings, looked: Looked) -> None:
    """Compare the three, after the walk over the leaves."""
    head = tx.sole("SELECT root, keys FROM dnc_head WHERE id = 1")
    root = bytes(head.root)
    if int(head.keys) != leaves.vrf_keys:
        findings.add("dnc.keys", "the DNC tree counts other VRF keys than the log has begun", "dnc_head")
    whole, entered, seen = array("q"), array("q"), array("q")
    for row in pages(tx, _ENTRIES, "id", ""):
        looked.dnc_entries += 1
        _entry(tx, keyring, root, row, findings)
        if row.says:
            seen.append(row.leaf_seq)
            if row.purpose is None:
                entered.append(row.leaf_seq)
        if row.lifted_seq is not None and row.purpose is None:
            whole.append(row.lifted_seq)
    _same(seen, leaves.dnc_added, findings, "dnc.missing", "a refusal on the log has no row in the list")
    on, off = _tree(tx, root, findings)
    _same(on, entered, findings, "dnc.tree", "a refusal of the list is not in the tree that was signed")
    _same(entered, on, findings, "dnc.tree", "the tree says a refusal that the list does not")
    _same(off, _once(whole), findings, "dnc.lift", "an entry is lifted in the list, not in the tree")
    _same(whole, off, findings, "dnc.lift", "an entry is lifted in the tree, not in the list")


def _entry(tx: Tx, keyring: Keyring, root: bytes, row: Row, findings: Findings) -> None:
    if row.type != "dnc.added":
        findings.add("dnc.unproven", "no leaf says that this number was put on the list", row.id)
        return
    own = row.subject_platform if row.org_id is None else row.subject_hmac
    if own is None or bytes(own) != bytes(row.number_hmac) or row.org_id not in (None, row.subject_org):
        findings.add("dnc.row", "the entry stands under another number or organisation than its leaf", row.id)
    if row.lifted_by_consent is not None and (row.lifted_seq is None or row.lifted_seq <= row.leaf_seq):
        findings.add("dnc.lift", "lifted by no later consent", row.id)
    if row.purpose is not None or not row.says or row.wrapped_key is None or row.subject_ct is None:
        return
    try:
        number = keyring.decrypt(bytes(row.wrapped_key), row.sid, "number", bytes(row.subject_ct)).decode()
    except SealBroken:
        return  # named with the subject
    scope = PLATFORM_SCOPE if row.org_id is None else org_scope(row.org_id)
    try:
        place = keyring.dnc_place(scope, number, int(row.leaf_seq))
    except SealBroken:
        return  # its VRF key is lost, as trust.json says; that the tree has the leaf is looked at all the same
    if row.leaf_seq not in _changes_at(tx, root, place):
        findings.add("dnc.place", "the tree does not have the refusal at its number's place", row.id)


def _changes_at(tx: Tx, root: bytes, place: bytes) -> tuple[int, ...]:
    running, depth = root, 0
    while running != EMPTY_SUBTREE:
        stored = _node(tx, running)
        if stored is None:
            return ()
        if stored[0] == 0:
            return tuple(json.loads(stored[33:])) if stored[1:33] == place else ()
        running = stored[33:] if bit_of(place, depth) else stored[1:33]
        depth += 1
    return ()


def _tree(tx: Tx, root: bytes, findings: Findings) -> tuple["array[int]", "array[int]"]:
    """Every change under `root`: on the list, and off it. Nodes are checked to be their hashes on the way."""
    on, off = array("q"), array("q")
    waiting, places = [root], 0
    while waiting:
        digest = waiting.pop()
        if digest == EMPTY_SUBTREE:
            continue
        stored = _node(tx, digest)
        if stored is None or sha256(stored).digest() != digest:
            findings.add("dnc.node", "a node of the DNC tree is gone or altered", digest.hex())
            continue
        if stored[0] == 1:
            waiting += [stored[33:], stored[1:33]]
            continue
        places += 1
        changes = json.loads(stored[33:])
        on.extend(changes[0::2])
        off.extend(changes[1::2])
        if any(earlier >= later for earlier, later in pairwise(changes)):
            findings.add("dnc.node", "changes of a place are not in order", digest.hex())
    if int(tx.sole("SELECT size FROM dnc_head WHERE id = 1").size) != places:
        findings.add("dnc.head", "the DNC tree has another number of places than its head says", "dnc_head")
    return on, off


def _node(tx: Tx, digest: bytes) -> bytes | None:
    row = tx.one("SELECT body FROM dnc_node WHERE hash = :hash", hash=digest)
    return None if row is None else bytes(row.body)


def _once(seqs: "array[int]") -> "array[int]":
    return array("q", sorted(set(seqs)))


def _same(has: "array[int]", wanted: "array[int]", findings: Findings, code: str, what: str) -> None:
    """Name each of `wanted` that is not among `has`."""
    ordered = array("q", sorted(has))
    for seq in wanted:
        place = bisect_left(ordered, seq)
        if place == len(ordered) or ordered[place] != seq:
            findings.add(code, what, f"leaf {seq}")
