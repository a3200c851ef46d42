"""Which leaves begin another VRF key: a hand-over signed by both, or the end of one that was lost or stolen."""

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.payload import Payload, parse_payload
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
    return says_vrf_key(says)


def says_vrf_key(payload: Payload) -> bool:
    """Whether the payload of such a leaf begins another VRF key."""
    return payload.value("key.use") == str(KeyUse.VRF) and payload.value("key.new") is not None
