"""Log shipping: every leaf with its payload and the rows that it is about, in a file elsewhere, before it is acknowledged.

Each process that writes ships in its own file every leaf after the last that any file has, whoever wrote it; so a leaf that
one process committed and could not ship is shipped by the next commit of any. What no leaf leads to (registers, stops,
imports: `storage/kept.py`) is shipped by the process that wrote it. A line is one batch. What is personal stays ciphertext;
the keys that open it are not here (they are wrapped under a key that is never beside the database).
"""

import json
import os
import secrets
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from typing import Any, Final

from dialer.storage.kept import KeptRow, KeptRows
from dialer.storage.sql import Row, Tx

LEAVES_A_LINE_MAX: Final = 500
FILE_BYTES_MAX: Final = 256 * 1024 * 1024
LINE_BYTES_MAX: Final = 64 * 1024 * 1024
_SUFFIX: Final = ".ship"

FOLLOWED: Final = (
    ("subject", "sid", "SELECT * FROM subject WHERE sid = :id"),
    ("consent", "sid", "SELECT * FROM consent WHERE sid = :id"),
    # with the leaf of its consent alone: a scan is not shipped again with every call
    (
        "consent_artefact",
        "seq",
        "SELECT a.* FROM consent_artefact a JOIN leaf l ON l.consent_id = a.consent_id"
        " WHERE l.seq = :id AND l.type = 'consent.recorded'",
    ),
    (
        "consent_receipt",
        "seq",
        "SELECT r.* FROM consent_receipt r JOIN leaf l ON l.consent_id = r.consent_id"
        " WHERE l.seq = :id AND l.type = 'consent.recorded'",
    ),
    ("lead", "sid", "SELECT * FROM lead WHERE sid = :id"),
    ("subject_case", "sid", "SELECT * FROM subject_case WHERE sid = :id"),
    ("legal_hold", "sid", "SELECT * FROM legal_hold WHERE sid = :id"),
    (
        "dnc_entry",
        "sid",
        "SELECT d.* FROM dnc_entry d JOIN subject s ON d.number_hmac IN (s.number_hmac, s.platform_hmac) WHERE s.sid = :id",
    ),
    ("inbound_call", "sid", "SELECT * FROM inbound_call WHERE sid = :id"),
    (
        "recording",
        "sid",
        "SELECT r.* FROM recording r JOIN inbound_call i ON i.id = r.inbound_id WHERE i.sid = :id",
    ),
    ("attempt", "attempt_id", "SELECT * FROM attempt WHERE id = :id"),
    ("decision", "attempt_id", "SELECT * FROM decision WHERE attempt_id = :id"),
    ("refusal_code", "attempt_id", "SELECT * FROM refusal_code WHERE attempt_id = :id"),
    ("permit", "attempt_id", "SELECT * FROM permit WHERE attempt_id = :id"),
    ("egress_report", "attempt_id", "SELECT * FROM egress_report WHERE attempt_id = :id"),
    ("recording", "attempt_id", "SELECT * FROM recording WHERE attempt_id = :id"),
    ("heard_words", "attempt_id", "SELECT * FROM heard_words WHERE attempt_id = :id"),
)
"""Tables whose rows go with a leaf, by the leaf's column that leads to them, in an order that foreign keys allow."""
GROWN: Final = frozenset({"leaf", "payload", "log_node", "log_head", "dnc_node", "dnc_head"})
"""Tables that grow again leaf by leaf."""


@dataclass(frozen=True, slots=True)
class ShippedLeaf:
    """A leaf as it was stored. `payload`: (sid, ciphertext or clear bytes) where it has one."""

    seq: int
    body: bytes
    payload: tuple[str | None, bytes | None] | None


@dataclass(frozen=True, slots=True)
class ShippedBatch:
    """Leaves in order, and rows by table as they stood after the last of them; or what changed without a leaf when the log
    had `size` leaves."""

    size: int
    leaves: tuple[ShippedLeaf, ...]
    rows: dict[str, list[dict[str, object]]]
    kept: tuple[KeptRow, ...] = ()


@dataclass(slots=True)
class Shipper:
    """Called by the store's writer after each commit, before anybody is told of it."""

    folder: Path
    process: str
    _file: BufferedWriter | None = None
    _next: int = field(default=-1)
    _kept: KeptRows = field(default_factory=KeptRows)

    def __call__(self, tx: Tx, written: set[str]) -> None:
        """Ship what is new.

        Raises:
            OSError: it is not shipped, so it may not be acknowledged.
        """
        if self._next < 0:
            self._next = shipped_size(self.folder)
        while True:
            batch = _batch(tx, self._next)
            if not batch.leaves:
                break
            self._write(_line(batch))
            self._next = batch.size
        self._kept.changed(
            tx, written, lambda rows: self._write(_line(ShippedBatch(self._next, (), {}, tuple(rows))))
        )

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, line: bytes) -> None:
        if self._file is not None and self._file.tell() > FILE_BYTES_MAX:
            self.close()
        if self._file is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            name = f"{self._next:016d}-{self.process}-{secrets.token_hex(4)}{_SUFFIX}"
            descriptor = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._file = os.fdopen(descriptor, "wb")
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            # half a line may be there: what comes next goes into a file of its own
            with suppress(OSError):
                self.close()
            self._file = None
            raise


def _batch(tx: Tx, first: int) -> ShippedBatch:
    rows = tx.all(
        "SELECT l.seq, l.body, l.sid, l.attempt_id, p.seq AS payload_seq, p.sid AS payload_sid, p.ct"
        " FROM leaf l LEFT JOIN payload p ON p.seq = l.seq WHERE l.seq >= :first ORDER BY l.seq LIMIT :rows",
        first=first,
        rows=LEAVES_A_LINE_MAX,
    )
    leaves = tuple(
        ShippedLeaf(
            int(row.seq),
            bytes(row.body),
            None if row.payload_seq is None else (row.payload_sid, None if row.ct is None else bytes(row.ct)),
        )
        for row in rows
    )
    return ShippedBatch(leaves[-1].seq + 1 if leaves else first, leaves, _followed(tx, rows))


def _followed(tx: Tx, leaves: list[Row]) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for table, column, sql in FOLLOWED:
        ids = sorted({str(value) for leaf in leaves if (value := getattr(leaf, column)) is not None})
        rows = [dict(row._asdict()) for one in ids for row in tx.all(sql, id=one)]
        if rows:
            found.setdefault(table, []).extend(rows)
    return found


# ---------------------------------------------------------------- the lines of the file


def _line(batch: ShippedBatch) -> bytes:
    value: dict[str, object] = {
        "size": batch.size,
        "leaves": [
            {
                "seq": leaf.seq,
                "body": _shown(leaf.body),
                "payload": None if leaf.payload is None else [leaf.payload[0], _shown(leaf.payload[1])],
            }
            for leaf in batch.leaves
        ],
        "rows": {
            table: [{name: _shown(value) for name, value in row.items()} for row in rows]
            for table, rows in batch.rows.items()
        },
        "kept": [
            {
                "table": kept.table,
                "key": [_shown(part) for part in kept.key],
                "row": None
                if kept.row is None
                else {name: _shown(value) for name, value in kept.row.items()},
                "new": kept.is_new,
            }
            for kept in batch.kept
        ],
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _shown(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return {"b64": b64encode(bytes(value)).decode()}
    return value


def _read(value: Any) -> Any:
    return b64decode(value["b64"]) if isinstance(value, dict) else value


def _parse(line: bytes) -> ShippedBatch:
    value = json.loads(line)
    leaves = tuple(
        ShippedLeaf(
            int(leaf["seq"]),
            _read(leaf["body"]),
            None if leaf["payload"] is None else (leaf["payload"][0], _read(leaf["payload"][1])),
        )
        for leaf in value["leaves"]
    )
    rows = {
        table: [{name: _read(v) for name, v in row.items()} for row in rows]
        for table, rows in value["rows"].items()
    }
    kept = tuple(
        KeptRow(
            one["table"],
            tuple(_read(part) for part in one["key"]),
            None if one["row"] is None else {name: _read(v) for name, v in one["row"].items()},
            one["new"],
        )
        for one in value["kept"]
    )
    return ShippedBatch(value["size"], leaves, rows, kept)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{_SUFFIX}"))


def _lines(path: Path) -> Iterator[bytes]:
    """Complete lines: what was being written when the power went is not there, and was never acknowledged."""
    with path.open("rb") as file:
        while line := file.readline(LINE_BYTES_MAX):
            if line.endswith(b"\n"):
                yield line


def read_shipped(folder: Path, first: int) -> Iterator[ShippedBatch]:
    """Every batch that has a leaf from `first` on, file by file in the order in which they begin."""
    for path in _files(folder):
        for line in _lines(path):
            batch = _parse(line)
            if batch.leaves and batch.leaves[-1].seq >= first:
                yield batch


def read_kept(folder: Path, first: int) -> dict[str, dict[tuple[object, ...], KeptRow]]:
    """The last state of each row that no leaf led to, by table and key, of what changed while the log had `first` leaves or more."""
    found: dict[str, dict[tuple[object, ...], KeptRow]] = {}
    newest: dict[tuple[str, tuple[object, ...]], int] = {}
    for path in _files(folder):
        for line in _lines(path):
            batch = _parse(line)
            for row in batch.kept if batch.size >= first else ():
                # two processes may have changed the same row: the later of them read it with the longer log
                if batch.size >= newest.get((row.table, row.key), 0):
                    newest[row.table, row.key] = batch.size
                    found.setdefault(row.table, {})[row.key] = row
    return found


def shipped_size(folder: Path) -> int:
    """One more than the largest place that any file has; 0: nothing is shipped yet."""
    return max((_last(path) + 1 for path in _files(folder)), default=0)


def _last(path: Path) -> int:
    newest = deque(_lines(path), maxlen=1)
    return _parse(newest[0]).size - 1 if newest else -1
