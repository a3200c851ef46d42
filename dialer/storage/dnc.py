"""The DNC tree in the database: every checkpoint commits to it, so that absence can be proven (decision 16)."""

from collections.abc import Iterable

from dialer.evidence.checkpoint import DncHead
from dialer.evidence.dnc_tree import EMPTY_HEAD, Change, prove_place, record_changes
from dialer.storage.sql import Tx


def start_dnc_tree(tx: Tx) -> None:
    """Write the empty head, once."""
    if tx.one("SELECT id FROM dnc_head WHERE id = 1") is None:
        tx.run(
            "INSERT INTO dnc_head (id, size, root, keys) VALUES (1, :size, :root, :keys)",
            size=EMPTY_HEAD.size,
            root=EMPTY_HEAD.root,
            keys=EMPTY_HEAD.keys,
        )


def dnc_head(tx: Tx) -> DncHead:
    """The tree as it stands."""
    row = tx.sole("SELECT size, root, keys FROM dnc_head WHERE id = 1")
    return DncHead(int(row.size), bytes(row.root), int(row.keys))


def count_new_key(tx: Tx) -> None:
    """From here on another VRF key places entries: each checkpoint says how many have, so that none can be kept quiet."""
    tx.run("UPDATE dnc_head SET keys = keys + 1 WHERE id = 1")


def dnc_node(tx: Tx, digest: bytes) -> bytes:
    """A stored node.

    Raises:
        LookupError: it is not stored.
    """
    return bytes(tx.sole("SELECT body FROM dnc_node WHERE hash = :hash", hash=digest).body)


def grow_dnc_tree(tx: Tx, changes: Iterable[Change]) -> None:
    """Record changes: insert new nodes, move the head, in the refusal's own transaction."""
    grown = record_changes(dnc_head(tx), changes, lambda digest: dnc_node(tx, digest))
    for digest, body in grown.nodes.items():
        tx.run(
            "INSERT INTO dnc_node (hash, body) VALUES (:hash, :body) ON CONFLICT (hash) DO NOTHING",
            hash=digest,
            body=body,
        )
    tx.run(
        "UPDATE dnc_head SET size = :size, root = :root WHERE id = 1",
        size=grown.head.size,
        root=grown.head.root,
    )


def is_on(tx: Tx, place: bytes) -> bool:
    """Whether a place says on the list, as the tree stands."""
    shown = prove_place(dnc_head(tx).root, place, lambda digest: dnc_node(tx, digest))
    return shown.end is not None and shown.end.place == place and len(shown.end.changes) % 2 == 1
