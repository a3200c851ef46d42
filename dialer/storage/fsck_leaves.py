"""The leaves one by one: row against bytes, payload against commitment, recording against the vault, rows that must be."""

from array import array
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from dialer.domain.errors import SealBroken
from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.payload import Payload, parse_payload
from dialer.evidence.record import Event, EventType, Leaf
from dialer.ports.keys import Keyring
from dialer.services.store_audit import MeasureAudio
from dialer.storage.dnc_keys import says_vrf_key
from dialer.storage.fsck_found import Findings, Looked, pages
from dialer.storage.fsck_nodes import NodeCheck
from dialer.storage.sql import Row, Tx

_LEAVES: Final = """
SELECT l.seq, l.hash, l.body, l.type, l.attempt_id, l.consent_id, l.sid,
       p.seq AS payload_seq, p.sid AS payload_sid, p.ct, s.wrapped_key
FROM leaf l LEFT JOIN payload p ON p.seq = l.seq LEFT JOIN subject s ON s.sid = p.sid
WHERE l.seq > :after ORDER BY l.seq LIMIT :rows
"""
_DESTROYED: Final = """
SELECT 1 AS there FROM leaf WHERE seq > :seq
  AND ((type = 'subject.erased' AND sid = :sid)
       OR (type = 'retention.purged' AND attempt_id = :attempt)
       OR (type = 'retention.purged' AND attempt_id IS NULL AND consent_id = :consent))
LIMIT 1
"""
_FIRST: Final = frozenset({EventType.ATTEMPT_AUTHORISED, EventType.ATTEMPT_REFUSED, EventType.ATTEMPT_FAILED})


class LeafCheck:
    """One walk over the leaves.

    `dnc_added`: the places of all `dnc.added` leaves that say something. `vrf_keys`: how many VRF keys have placed
    entries, by the leaves alone: the first one, and each that a leaf begins.
    """

    def __init__(
        self, tx: Tx, keyring: Keyring, measure: MeasureAudio, findings: Findings, looked: Looked
    ) -> None:
        self._tx = tx
        self._keyring = keyring
        self._measure = measure
        self._findings = findings
        self._looked = looked
        self._nodes = NodeCheck(tx, findings)
        self._row: Row | None = None
        self._last = b""
        self._size = 0
        self.dnc_added = array("q")
        self.vrf_keys = 1

    def bodies(self) -> Iterator[bytes]:
        """The stored bytes in order of their rows."""
        for row in pages(self._tx, _LEAVES, "seq", -1):
            body = bytes(row.body)
            self._last = sha256(b"\x00" + body).digest()
            if bytes(row.hash) != self._last:
                self._say("leaf.hash", "the hash beside the leaf is not the leaf's")
            if row.seq != self._size:
                self._findings.add("leaf.row", f"the row says place {row.seq}", f"leaf {self._size}")
            self._nodes.add(self._last)
            self._row = row
            yield body
            self._size += 1

    def look(self, leaf: Leaf) -> None:
        """A leaf that is of its form, while its row is at hand."""
        row, event = self._row, leaf.event
        assert row is not None
        said = (str(event.type), event.attempt_id, event.consent_id, event.sid)
        if (row.type, row.attempt_id, row.consent_id, row.sid) != said:
            self._say("leaf.columns", "the columns beside the leaf are not what it says")
        payload = self._payload(event, row)
        if event.type in _FIRST and not self._there("attempt", event.attempt_id):
            self._say("attempt.missing", "the attempt of the leaf has no row")
        match event.type:
            case EventType.CONSENT_RECORDED:
                self._consent(event, payload)
            case EventType.RECORDING_SEALED:
                self._recording(event, payload)
            case EventType.DNC_ADDED if event.commit is not None:
                self.dnc_added.append(self._size)
            case EventType.KEY_ROTATED | EventType.CONFIG_CHANGED if payload is not None:
                self.vrf_keys += says_vrf_key(payload)
            case _:
                pass

    def finish(self, root: bytes) -> None:
        """The head, and what must not be there."""
        self._nodes.finish()
        head = self._tx.sole("SELECT * FROM log_head WHERE id = 1")
        right = (self._size, self._nodes.peaks(), self._last, root)
        if (int(head.size), bytes(head.peaks), bytes(head.last_hash), bytes(head.root)) != right:
            self._findings.add("head.row", "the stored head is not the one of the leaves", "log_head")
        orphans = self._tx.sole(
            "SELECT COUNT(*) AS n FROM payload WHERE NOT EXISTS (SELECT 1 FROM leaf WHERE leaf.seq = payload.seq)"
        )
        if orphans.n:
            self._findings.add("payload.orphan", "payloads without a leaf", f"{orphans.n} rows")

    def _say(self, code: str, what: str) -> None:
        self._findings.add(code, what, f"leaf {self._size}")

    def _there(self, table: str, row_id: str | None) -> bool:
        return self._tx.one(f"SELECT 1 AS there FROM {table} WHERE id = :id", id=row_id or "") is not None

    def _destroyed(self, event: Event) -> bool:
        """Whether a later leaf says that this leaf's personal data were erased or purged."""
        found = self._tx.one(
            _DESTROYED,
            seq=self._size,
            sid=event.sid or "",
            attempt=event.attempt_id or "",
            consent="" if event.attempt_id is not None else event.consent_id or "",
        )
        return found is not None

    def _payload(self, event: Event, row: Row) -> Payload | None:
        if event.commit is None:
            if row.payload_seq is not None:
                self._say("payload.unproven", "a payload to which the leaf does not commit")
            return None
        if row.ct is None:
            if not self._destroyed(event):
                self._say("payload.missing", "the payload is gone, and no leaf says why")
            return None
        stored = bytes(row.ct)
        if event.ct is not None and (event.ct.sha256, event.ct.size_bytes) != (
            sha256(stored).digest(),
            len(stored),
        ):
            self._say("payload.altered", "the payload's ciphertext is not the one that the leaf states")
            return None
        return self._opened(event, row, stored)

    def _opened(self, event: Event, row: Row, stored: bytes) -> Payload | None:
        try:
            if row.payload_sid is not None:
                if row.wrapped_key is None:
                    self._say("erasure.incomplete", "the subject's key is gone, the payload is not")
                    return None
                stored = self._keyring.decrypt(bytes(row.wrapped_key), row.payload_sid, "payload", stored)
            payload = parse_payload(stored)
        except (SealBroken, EvidenceFormatError):
            self._say("payload.unreadable", "the payload does not open")
            return None
        if payload.commit() != event.commit:
            self._say("payload.commit", "the payload is not the one to which the leaf commits")
            return None
        self._looked.payloads += 1
        return payload

    def _consent(self, event: Event, payload: Payload | None) -> None:
        row = self._tx.one("SELECT * FROM consent WHERE id = :id", id=event.consent_id or "")
        if row is None:
            self._say("consent.missing", "the consent of the leaf has no row")
            return
        given = (row.sid, row.org_id, row.leaf_seq) == (event.sid, event.org, self._size)
        if payload is not None and given:
            said = (payload.value("purpose"), payload.value("given_at"))
            given = said == (row.purpose, row.given_us)
        if not given:
            self._say("consent.row", "the consent's row is not what its leaf says")

    def _recording(self, event: Event, payload: Payload | None) -> None:
        row = self._tx.one(
            "SELECT r.*, s.sid, s.wrapped_key AS subject_key FROM recording r LEFT JOIN attempt a ON a.id = r.attempt_id"
            " LEFT JOIN inbound_call i ON i.id = r.inbound_id JOIN subject s ON s.sid = COALESCE(a.sid, i.sid)"
            " WHERE r.attempt_id = :id OR (r.id = :recording AND r.inbound_id IS NOT NULL)",
            id=event.attempt_id or "",
            recording=event.rec.id if event.rec is not None and event.attempt_id is None else "",
        )
        if row is None or row.state != "sealed":
            if not self._destroyed(event):
                self._say("recording.missing", "the recording's row is gone, and no leaf says why")
            return
        said = event.rec
        assert said is not None
        stated = (said.id, said.ct_sha256.hex(), said.ct_bytes, said.frames, said.rate_hz, said.channels)
        if (row.id, row.ct_sha256, row.ct_bytes, row.frames, row.rate, row.channels) != stated:
            self._say("recording.row", "the recording's row is not what its leaf says")
        self._looked.recordings += 1
        self._file(row, said.ct_sha256.hex(), said.ct_bytes, payload)

    def _file(self, row: Row, ct_sha256: str, ct_bytes: int, payload: Payload | None) -> None:
        try:
            key = self._keyring.decrypt(
                bytes(row.subject_key or b""), row.sid, "recording", bytes(row.wrapped_key or b"")
            )
        except SealBroken:
            self._say("recording.key", "the recording's key does not open")
            key = None
        found = self._measure(row.path or "", key)
        if found is None:
            self._say("recording.file", "the recording's file is gone or can't be read")
            return
        if (found.ct_sha256, found.ct_bytes) != (ct_sha256, ct_bytes):
            self._say("recording.altered", "the recording's file is not the one that the leaf states")
        elif key is not None and found.flac_sha256 is None:
            self._say("recording.unreadable", "the recording does not open")
        elif (
            payload is not None
            and found.flac_sha256 is not None
            and payload.value("rec.flac_sha256") != found.flac_sha256
        ):
            self._say("recording.sound", "the recording's sound is not the one that was sealed")
