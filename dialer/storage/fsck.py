"""Re-checks the whole store against the log, in one snapshot and one walk; shares no code with what writes it.

Every leaf and its columns, payload against commitment, tree nodes, head, checkpoints and cosignatures, what the witness
remembers, recordings as they lie in the vault, then every attempt, permit, consent, subject and DNC entry against the
leaves, and the DNC tree against both. Memory does not grow with the log: rows come in pages.
"""

from dataclasses import dataclass
from typing import Final

from dialer.evidence.audit import audit_log
from dialer.evidence.checkpoint import Checkpoint
from dialer.evidence.trust import Trust
from dialer.ports.keys import Keyring
from dialer.services.store_audit import MeasureAudio, StoreAudit
from dialer.storage.fsck_beside import check_refusal_codes, check_reports
from dialer.storage.fsck_dnc import check_dnc
from dialer.storage.fsck_found import Findings, Looked
from dialer.storage.fsck_leaves import LeafCheck
from dialer.storage.fsck_notes import NoteCheck
from dialer.storage.fsck_rows import check_attempts, check_consents, check_orphans, check_subjects
from dialer.storage.sql import Tx

FOUND_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Against:
    """What the store is checked with: the keys that are believed, the witness's own head, keys, and the vault.

    `witnessed`: the head that stands in the witness's state file; None if it has none or can't be asked.
    """

    trust: Trust
    witnessed: Checkpoint | None
    keyring: Keyring
    measure: MeasureAudio


def check_store(tx: Tx, against: Against) -> StoreAudit:
    """Everything, in the snapshot of `tx`."""
    findings, looked = Findings(FOUND_MAX), Looked()
    leaves = LeafCheck(tx, against.keyring, against.measure, findings, looked)
    notes = NoteCheck(tx, against.trust, findings)
    audit = audit_log(leaves.bodies(), notes.bodies(), against.witnessed, against.trust, leaves.look)
    for fault in audit.findings:
        findings.add(str(fault.fault), fault.what, f"leaf {fault.seq}")
    leaves.finish(audit.root)
    check_attempts(tx, findings, looked)
    check_consents(tx, findings, looked)
    check_subjects(tx, against.keyring, findings)
    check_orphans(tx, findings)
    check_refusal_codes(tx, against.keyring, findings)
    check_reports(tx, against.keyring, findings)
    check_dnc(tx, against.keyring, leaves, findings, looked)
    notes.finish()
    return StoreAudit(
        leaves=audit.size,
        exposed=audit.exposed,
        payloads=looked.payloads,
        recordings=looked.recordings,
        attempts=looked.attempts,
        consents=looked.consents,
        dnc_entries=looked.dnc_entries,
        found=findings.listed(),
        found_more=findings.more,
    )
