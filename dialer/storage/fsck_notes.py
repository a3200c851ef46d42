"""The kept checkpoints: their rows against what they say, cosignatures, and the DNC root that each commits to."""

from collections.abc import Iterator

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.checkpoint import Checkpoint, Note, cosignature_time, parse_note
from dialer.evidence.dnc_proof import EMPTY_SUBTREE
from dialer.evidence.trust import KeyUse, Trust
from dialer.storage.fsck_found import Findings, pages
from dialer.storage.sql import Row, Tx


class NoteCheck:
    """Hands the notes to the audit, which checks signature and root, and looks at the rest."""

    def __init__(self, tx: Tx, trust: Trust, findings: Findings) -> None:
        self._tx = tx
        self._trust = trust
        self._findings = findings
        self._newest: Checkpoint | None = None

    def bodies(self) -> Iterator[bytes]:
        """Every note by size."""
        sql = "SELECT size, note, cosigned_us FROM checkpoint WHERE size > :after ORDER BY size LIMIT :rows"
        for row in pages(self._tx, sql, "size", -1):
            data = str(row.note).encode()
            self._look(row, data)
            yield data

    def finish(self) -> None:
        """The newest note over the whole log commits to the DNC tree as it stands."""
        if self._newest is None:
            return
        log = self._tx.sole("SELECT size FROM log_head WHERE id = 1")
        dnc = self._tx.sole("SELECT size, root, keys FROM dnc_head WHERE id = 1")
        said = self._newest.dnc
        if self._newest.size == log.size and (
            said is None
            or (said.size, said.root, said.keys) != (int(dnc.size), bytes(dnc.root), int(dnc.keys))
        ):
            self._findings.add(
                "checkpoint.dnc",
                "the DNC tree is not the one that the newest checkpoint signed",
                f"checkpoint {log.size}",
            )

    def _look(self, row: Row, data: bytes) -> None:
        try:
            note = parse_note(data)
            head = note.checkpoint()
        except EvidenceFormatError:
            return  # the audit names it
        where = f"checkpoint {row.size}"
        if head.size != row.size:
            self._findings.add("checkpoint.row", "the row says another size than its note", where)
        if row.cosigned_us is not None and not self._is_cosigned(note, head):
            self._findings.add("checkpoint.cosignature", "kept as cosigned, but no witness did", where)
        if head.dnc is not None and head.dnc.root != EMPTY_SUBTREE:
            known = self._tx.one("SELECT 1 AS there FROM dnc_node WHERE hash = :hash", hash=head.dnc.root)
            if known is None:
                self._findings.add("checkpoint.dnc", "the DNC tree that was signed is gone", where)
        self._newest = head

    def _is_cosigned(self, note: Note, head: Checkpoint) -> bool:
        keys = self._trust.at(KeyUse.WITNESS, head.size)
        return any(cosignature_time(note, key.note_key()) is not None for key in keys)
