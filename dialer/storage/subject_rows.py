"""What stands in the way of using or destroying a person's data: holds, and a consent given anew."""

from dialer.storage.sql import Tx


def is_held(tx: Tx, sid: str) -> bool:
    """Whether a legal hold stands on a person."""
    return (
        tx.one("SELECT 1 AS there FROM legal_hold WHERE sid = :sid AND lifted_us IS NULL LIMIT 1", sid=sid)
        is not None
    )


def is_consented_since(tx: Tx, sid: str, since_us: int) -> bool:
    """Whether the person gave a consent after that moment which they did not withdraw."""
    found = tx.one(
        "SELECT 1 AS there FROM consent WHERE sid = :sid AND given_us > :since AND withdrawn_us IS NULL"
        " AND artefact_sha256 IS NOT NULL LIMIT 1",
        sid=sid,
        since=since_us,
    )
    return found is not None
