"""Rows against leaves: what the desk shows of attempts, permits, consents and people must be what the log says."""

from typing import Final

from dialer.domain.errors import SealBroken
from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.record import EventType, Leaf, parse_leaf
from dialer.ports.keys import Keyring
from dialer.storage.fsck_found import Findings, Looked, pages
from dialer.storage.sql import Row, Tx

APART_US_MAX: Final = 5_000_000
"""A row's time and its leaf's are taken in one transaction, by two statements."""
_STAMPS: Final = {
    EventType.ATTEMPT_AUTHORISED: "authorised_us",
    EventType.ATTEMPT_PLACED: "placed_us",
    EventType.ATTEMPT_RINGING: "ringing_us",
    EventType.ATTEMPT_ANSWERED: "answered_us",
    EventType.ATTEMPT_CONNECTED: "connected_us",
    EventType.ATTEMPT_SEALED: "sealed_us",
}


def check_attempts(tx: Tx, findings: Findings, looked: Looked) -> None:
    """Every attempt is in the state of its last leaf, with its people and times; a consumed permit has its second gate."""
    sql = (
        "SELECT a.*, p.state AS permit FROM attempt a LEFT JOIN permit p ON p.attempt_id = a.id"
        " WHERE a.id > :after ORDER BY a.id LIMIT :rows"
    )
    for row in pages(tx, sql, "id", ""):
        looked.attempts += 1
        leaves = _leaves(tx, row.id)
        moves = [leaf for leaf in leaves if leaf.event.type.startswith("attempt.")]
        if not moves:
            findings.add("attempt.unproven", "no leaf says that there was this attempt", row.id)
            continue
        if str(moves[-1].event.type) != f"attempt.{row.state}":
            findings.add("attempt.state", "the attempt's state is not that of its last leaf", row.id)
        first = moves[0].event
        if (first.org, first.sid, first.consent_id) != (row.org_id, row.sid, row.consent_id):
            findings.add("attempt.row", "the attempt's row is not what its leaf says", row.id)
        passed = sum(leaf.event.type is EventType.GATE2_PASSED for leaf in leaves)
        if passed != (1 if row.permit == "consumed" else 0):
            findings.add(
                "permit.state", "the permit's state is not what the second gate's leaves say", row.id
            )
        _times(row, moves, findings)


def _leaves(tx: Tx, attempt_id: str) -> list[Leaf]:
    rows = tx.all(
        "SELECT body FROM leaf WHERE attempt_id = :id AND (type LIKE 'attempt.%' OR type = 'gate2.passed') ORDER BY seq",
        id=attempt_id,
    )
    found = []
    for row in rows:
        try:
            found.append(parse_leaf(bytes(row.body)))
        except EvidenceFormatError:
            continue  # the audit of the log names it
    return found


def _times(row: Row, moves: list[Leaf], findings: Findings) -> None:
    for move in moves:
        column = _STAMPS.get(move.event.type)
        if column is None:
            continue
        at = getattr(row, column)
        if at is None or abs(int(at) - move.event.ts_us) > APART_US_MAX:
            findings.add("attempt.time", f"{column} is not the time of its leaf", row.id)


def check_consents(tx: Tx, findings: Findings, looked: Looked) -> None:
    """Every consent has its leaf, and none that was withdrawn on the log is in force in the table."""
    sql = (
        "SELECT c.id, c.withdrawn_us, c.expires_us, c.leaf_seq, l.type, l.consent_id,"
        " EXISTS (SELECT 1 FROM leaf w WHERE w.consent_id = c.id AND w.type = 'consent.withdrawn') AS withdrawn"
        " FROM consent c LEFT JOIN leaf l ON l.seq = c.leaf_seq WHERE c.id > :after ORDER BY c.id LIMIT :rows"
    )
    for row in pages(tx, sql, "id", ""):
        looked.consents += 1
        if (row.type, row.consent_id) != (str(EventType.CONSENT_RECORDED), row.id):
            findings.add("consent.unproven", "no leaf says that this consent was given", row.id)
        if row.withdrawn and row.withdrawn_us is None:
            findings.add("consent.withdrawn", "withdrawn on the log, in force in the table", row.id)


def check_subjects(tx: Tx, keyring: Keyring, findings: Findings) -> None:
    """Whoever's number opens is found under that number's hash: else refusals would pass them by."""
    for row in pages(tx, "SELECT * FROM subject WHERE sid > :after ORDER BY sid LIMIT :rows", "sid", ""):
        if row.wrapped_key is None:
            if row.number_ct is not None:
                findings.add("erasure.incomplete", "the subject's key is gone, the number is not", row.sid)
            continue
        try:
            number = keyring.decrypt(
                bytes(row.wrapped_key), row.sid, "number", bytes(row.number_ct or b"")
            ).decode()
        except SealBroken:
            findings.add("subject.number", "the subject's number does not open", row.sid)
            continue
        hashes = (keyring.number_hmac(row.org_id, number), keyring.platform_hmac(number))
        if row.key_version == keyring.key_version and hashes != (
            bytes(row.number_hmac),
            bytes(row.platform_hmac),
        ):
            findings.add("subject.hmac", "the subject stands under another number's hash", row.sid)


def check_orphans(tx: Tx, findings: Findings) -> None:
    """Recordings that no leaf sealed."""
    rows = tx.all(
        "SELECT r.id FROM recording r WHERE r.state = 'sealed' AND NOT EXISTS"
        " (SELECT 1 FROM leaf l WHERE l.type = 'recording.sealed' AND (l.attempt_id = r.attempt_id OR l.seq ="
        " (SELECT i.sealed_seq FROM inbound_call i WHERE i.id = r.inbound_id))) LIMIT 1000"
    )
    for row in rows:
        findings.add("recording.unproven", "no leaf says that this recording was sealed", row.id)
