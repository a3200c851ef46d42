"""Rows that stand beside an attempt: the codes by which a refused one is found, and what the egress said of its leg."""

from dialer.domain.errors import SealBroken
from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.payload import Payload
from dialer.ports.keys import Keyring
from dialer.storage.fsck_found import Findings, pages
from dialer.storage.log import open_payload
from dialer.storage.sql import Row, Tx

_ATTEMPTS = """
SELECT a.id, a.org_id, a.authorised_us, l.seq FROM attempt a
LEFT JOIN leaf l ON l.attempt_id = a.id AND l.type = 'attempt.refused'
WHERE a.id > :after ORDER BY a.id LIMIT :rows
"""
_REPORTS = """
SELECT r.uid, r.attempt_id, r.at_us, a.placed_us,
       (SELECT l.seq FROM leaf l WHERE l.attempt_id = r.attempt_id AND l.type = 'gate2.passed' LIMIT 1) AS passed
FROM egress_report r LEFT JOIN attempt a ON a.id = r.attempt_id
WHERE r.uid > :after ORDER BY r.uid LIMIT :rows
"""


def check_refusal_codes(tx: Tx, keyring: Keyring, findings: Findings) -> None:
    """Each refused attempt is found by the very codes that its leaf says, and no other attempt by any."""
    for row in pages(tx, _ATTEMPTS, "id", ""):
        codes = tx.all("SELECT org_id, code, at_us FROM refusal_code WHERE attempt_id = :id", id=row.id)
        if any((code.org_id, code.at_us) != (row.org_id, row.authorised_us) for code in codes):
            findings.add("refusal.row", "a code of the refusal stands under another time or tenant", row.id)
        said = _codes_said(tx, keyring, row)
        if said is not None and said != {code.code for code in codes}:
            findings.add(
                "refusal.codes", "the codes by which the attempt is found are not its leaf's", row.id
            )
    lone = tx.all(
        "SELECT DISTINCT k.attempt_id FROM refusal_code k"
        " WHERE NOT EXISTS (SELECT 1 FROM attempt a WHERE a.id = k.attempt_id) LIMIT 1000"
    )
    for row in lone:
        findings.add("refusal.unproven", "a code of a refusal that no attempt is of", row.attempt_id)


def check_reports(tx: Tx, keyring: Keyring, findings: Findings) -> None:
    """Each report of the egress is of the leg that the second gate let pass, and came after it."""
    for row in pages(tx, _REPORTS, "uid", ""):
        if row.passed is None:
            findings.add("report.unproven", "a report of a leg that the second gate let not pass", row.uid)
            continue
        passed = _opened(tx, keyring, int(row.passed))
        if passed is not None and passed.value("uid") != row.uid:
            findings.add("report.row", "the report is of another leg than the one that passed", row.uid)
        if row.placed_us is not None and row.at_us < row.placed_us:
            findings.add("report.time", "the report came before its call was placed", row.uid)


def _codes_said(tx: Tx, keyring: Keyring, row: Row) -> set[str] | None:
    """What the leaf says; None: its payload is gone, as a later leaf says."""
    if row.seq is None:
        return set()
    says = _opened(tx, keyring, int(row.seq))
    codes = None if says is None else says.value("codes")
    return {str(code) for code in codes} if isinstance(codes, list) else None


def _opened(tx: Tx, keyring: Keyring, seq: int) -> Payload | None:
    try:
        return open_payload(tx, keyring, seq)
    except (SealBroken, EvidenceFormatError):
        return None  # named with the payload
