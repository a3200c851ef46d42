"""The stored nodes of the log's tree against the leaves: computed anew, compared level by level as both streams run."""

from collections import deque
from hashlib import sha256
from typing import Final

from dialer.storage.fsck_found import Findings
from dialer.storage.sql import Row, Tx

_AHEAD: Final = 256


class NodeCheck:
    """Takes leaf hashes in order; keeps one hash a level and a short read-ahead a level."""

    def __init__(self, tx: Tx, findings: Findings) -> None:
        self._tx = tx
        self._findings = findings
        self._edge: list[tuple[int, bytes]] = []
        self._ahead: dict[int, deque[Row]] = {}
        self._size = 0
        self._complete = 0

    def add(self, leaf_digest: bytes) -> None:
        """The next leaf."""
        level, place, running = 0, self._size, leaf_digest
        while self._edge and self._edge[-1][0] == level:
            running = sha256(b"\x01" + self._edge.pop()[1] + running).digest()
            level, place = level + 1, place >> 1
            self._complete += 1
            if self._stored(level, place) != running:
                self._findings.add(
                    "node.hash", "a stored node of the tree is not the one of its leaves", f"{level}/{place}"
                )
        self._edge.append((level, running))
        self._size += 1

    def peaks(self) -> bytes:
        """The right edge, as the head has to keep it."""
        return b"".join(digest for _, digest in self._edge)

    def finish(self) -> None:
        """No node more than the leaves give."""
        stored = int(self._tx.sole("SELECT COUNT(*) AS n FROM log_node").n)
        if stored > self._complete:
            self._findings.add("node.count", "there are nodes that no leaves give", f"{stored} stored")

    def _stored(self, level: int, place: int) -> bytes | None:
        ahead = self._ahead.setdefault(level, deque())
        while ahead and ahead[0].idx < place:
            ahead.popleft()
        if not ahead:
            ahead.extend(
                self._tx.all(
                    "SELECT idx, hash FROM log_node WHERE level = :level AND idx >= :place ORDER BY idx LIMIT :rows",
                    level=level,
                    place=place,
                    rows=_AHEAD,
                )
            )
        if not ahead or ahead[0].idx != place:
            return None
        return bytes(ahead.popleft().hash)
