"""The DNC tree in the database: every checkpoint commits to it, so that absence can be proven (decision 16)."""

from collections.abc import Iterable

from dialer.evidence.checkpoint import DncHead
from dialer.evidence.dnc_tree import EMPTY_HEAD, Change, record_changes
from dialer.storage.sql import Tx


def start_dnc_tree(tx: Tx) -> None:
    """Write the empty head, once."""
    if tx.one("SELECT id FROM dnc_head WHERE id = 1") is None:
        tx.run(
            "INSERT INTO dnc_head (id, size, root) VALUES (1, :size, :root)",
            size=EMPTY_HEAD.size,
            root=EMPTY_HEAD.root,
        )


def dnc_head(tx: Tx) -> DncHead:
    """The tree as it stands."""
    row = tx.sole("SELECT size, root FROM dnc_head WHERE id = 1")
    return DncHead(int(row.size), bytes(row.root))


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
