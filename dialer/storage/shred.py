"""Destroys what is personal and leaves what proves: keys and ciphertexts go, leaves, tree and hashes stay.

The leaf that says so is appended by whoever calls, in the same transaction. Files are unlinked after its commit; until
then nobody can open them either, for their keys are gone.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from dialer.storage.sql import Engine, Tx
from dialer.storage.store import BUSY_TIMEOUT_MS, engine_of, sqlite_path

ERASED = "erased"
PURGED = "purged"


@dataclass(frozen=True, slots=True)
class Shredded:
    """How much was destroyed, and which files of the vault have to go."""

    payloads: int
    recordings: int
    paths: tuple[str, ...]


def shred_subject(tx: Tx, sid: str) -> Shredded:
    """Everything of a person: their key first, then each ciphertext under it. The hashes of the number stay."""
    tx.run("UPDATE subject SET wrapped_key = NULL, number_ct = NULL WHERE sid = :sid", sid=sid)
    payloads = tx.run("UPDATE payload SET ct = NULL WHERE sid = :sid AND ct IS NOT NULL", sid=sid)
    tx.run("UPDATE consent SET payload_ct = NULL WHERE sid = :sid", sid=sid)
    tx.run(
        "UPDATE consent_artefact SET ct = NULL WHERE consent_id IN (SELECT id FROM consent WHERE sid = :sid)",
        sid=sid,
    )
    tx.run(
        "UPDATE lead SET payload_ct = NULL, register_json = '{}',"
        " state = CASE WHEN state IN ('queued', 'claimed', 'staged') THEN 'dropped' ELSE state END,"
        " outcome = CASE WHEN state IN ('queued', 'claimed', 'staged') THEN 'erased' ELSE outcome END WHERE sid = :sid",
        sid=sid,
    )
    tx.run(
        "UPDATE dnc_entry SET number_ct = NULL WHERE leaf_seq IN"
        " (SELECT seq FROM leaf WHERE sid = :sid AND type = 'dnc.added')",
        sid=sid,
    )
    attempts = "(SELECT id FROM attempt WHERE sid = :sid)"
    tx.run(f"UPDATE permit SET sealed = :nothing WHERE attempt_id IN {attempts}", sid=sid, nothing=b"")
    rows = tx.all(
        f"UPDATE recording SET state = '{ERASED}', wrapped_key = NULL, pcm_sha256 = NULL, flac_sha256 = NULL"
        f" WHERE state = 'sealed' AND (attempt_id IN {attempts}"
        " OR inbound_id IN (SELECT id FROM inbound_call WHERE sid = :sid)) RETURNING path",
        sid=sid,
    )
    return Shredded(payloads, len(rows), tuple(str(r.path) for r in rows if r.path is not None))


def shred_attempt(tx: Tx, attempt_id: str) -> Shredded:
    """One call after its term: its payloads, its permit's seal, its recording's key. Consent and person stay."""
    payloads = tx.run(
        "UPDATE payload SET ct = NULL WHERE ct IS NOT NULL AND seq IN (SELECT seq FROM leaf WHERE attempt_id = :id)",
        id=attempt_id,
    )
    tx.run("UPDATE permit SET sealed = :nothing WHERE attempt_id = :id", id=attempt_id, nothing=b"")
    rows = tx.all(
        f"UPDATE recording SET state = '{PURGED}', wrapped_key = NULL, pcm_sha256 = NULL, flac_sha256 = NULL"
        " WHERE state = 'sealed' AND attempt_id = :id RETURNING path",
        id=attempt_id,
    )
    return Shredded(payloads, len(rows), tuple(str(r.path) for r in rows if r.path is not None))


def forget_journal(url: str) -> None:
    """Empty SQLite's write-ahead log, where the pages still stand as they were before; on PostgreSQL it is recycled.

    A reader that is under way keeps it a little longer: the next checkpoint empties it.
    """
    if engine_of(url) is not Engine.SQLITE:
        return
    with closing(sqlite3.connect(sqlite_path(url), timeout=BUSY_TIMEOUT_MS / 1000)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
