"""Which leaves begin another VRF key: a hand-over signed by both, or the end of one that was lost or stolen."""

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.payload import parse_payload
from dialer.evidence.record import EventType
from dialer.evidence.trust import KeyUse
from dialer.storage.sql import Tx


def begins_vrf_key(tx: Tx, seq: int, kind: str) -> bool:
    """Whether that leaf says so. Its payload is in clear: keys are nobody's personal data."""
    if kind not in (EventType.KEY_ROTATED, EventType.CONFIG_CHANGED):
        return False
    row = tx.one("SELECT ct FROM payload WHERE seq = :seq AND sid IS NULL", seq=seq)
    if row is None or row.ct is None:
        return False
    try:
        says = parse_payload(bytes(row.ct))
    except EvidenceFormatError:
        return False
    return says.value("key.use") == str(KeyUse.VRF) and says.value("key.new") is not None


def vrf_keys_begun(tx: Tx) -> int:
    """How many VRF keys have placed entries, by the leaves alone: the first one, and each that a leaf begins."""
    rows = tx.all(
        "SELECT seq, type FROM leaf WHERE type IN (:rotated, :changed) ORDER BY seq",
        rotated=EventType.KEY_ROTATED,
        changed=EventType.CONFIG_CHANGED,
    )
    return 1 + sum(begins_vrf_key(tx, int(row.seq), row.type) for row in rows)
