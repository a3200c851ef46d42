"""The signer's and the witness's judgement: both sign only what provably extends what they signed before.

Each keeps its last head in a file of its own, written durably before the signature leaves, so that a log that was cut,
renumbered or re-signed from an older state meets a no.
"""

import json
import os
from pathlib import Path

from dialer.evidence.checkpoint import (
    Checkpoint,
    Note,
    NoteKey,
    NoteSignature,
    cosign,
    log_signature_holds,
    sign_checkpoint,
)
from dialer.evidence.merkle import EMPTY_ROOT, consistency_holds
from dialer.signing.places import Holder


class LastHead:
    """The last head of one log, kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, origin: str) -> tuple[int, bytes]:
        """Size and root; the empty tree at first."""
        if not self._path.exists():
            return 0, EMPTY_ROOT
        heads = json.loads(self._path.read_text())
        if origin not in heads:
            return 0, EMPTY_ROOT
        return int(heads[origin]["size"]), bytes.fromhex(heads[origin]["root"])

    def write(self, origin: str, size: int, root: bytes) -> None:
        """Keep it durably."""
        heads = json.loads(self._path.read_text()) if self._path.exists() else {}
        heads[origin] = {"size": size, "root": root.hex()}
        temporary = self._path.with_suffix(".part")
        with temporary.open("w") as file:
            json.dump(heads, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(self._path)


class LogSigner:
    """Holds the log's key."""

    def __init__(self, name: str, key: Holder, last: LastHead) -> None:
        self._key = key
        self.public = NoteKey(name, key.public)
        self._last = last

    def sign(self, checkpoint: Checkpoint, proof: tuple[bytes, ...]) -> Note | int:
        """The signed note of a head that extends the last one by `proof`; an int: the last size, nothing was signed."""
        size, root = self._last.read(checkpoint.origin)
        if not consistency_holds(size, root, checkpoint.size, checkpoint.root, proof):
            return size
        self._last.write(checkpoint.origin, checkpoint.size, checkpoint.root)
        return sign_checkpoint(checkpoint, self.public, self._key.sign)


class Witness:
    """Cosigns what it saw, once it is consistent with all it saw before (C2SP tlog-witness)."""

    def __init__(self, name: str, key: Holder, log_key: NoteKey, last: LastHead) -> None:
        self._key = key
        self.public = NoteKey(name, key.public)
        self._log_key = log_key
        self._last = last

    def add(
        self, old_size: int, note: Note, proof: tuple[bytes, ...], time_s: int
    ) -> NoteSignature | int | None:
        """The cosignature; an int, the last size, when `old_size` isn't it or the proof fails; None: not our log's."""
        if not log_signature_holds(note, self._log_key):
            return None
        checkpoint = note.checkpoint()
        size, root = self._last.read(checkpoint.origin)
        if old_size != size or not consistency_holds(size, root, checkpoint.size, checkpoint.root, proof):
            return size
        self._last.write(checkpoint.origin, checkpoint.size, checkpoint.root)
        return cosign(note.body, time_s, self.public, self._key.sign)
