"""What is due to be purged, and purging it: each call one transaction with its leaf `retention.purged` (D12, D19)."""

import asyncio
import json
from collections.abc import Callable
from typing import Final

from dialer.compliance.retention import UnknownLaw
from dialer.evidence.canonical import Json
from dialer.evidence.checkpoint import parse_note
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.evidence.tree import inclusion_proof
from dialer.rules.resolve import PackSet
from dialer.services.retention import Due
from dialer.storage.log import Draft, LogWriter, get_node
from dialer.storage.shred import forget_journal, shred_attempt, shred_subject
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.subject_rows import is_held
from dialer.storage.terms import (
    ATTEMPT_OF_ID,
    ATTEMPTS_BEFORE,
    INBOUND_OF_SUBJECT,
    consent_kept_end,
    inbound_end,
    kept_end,
)
from dialer.storage.times import micros, moment

TERM_DAYS_MIN: Final = 30
"""No law that ships asks for less: younger calls are not even looked at."""
_DAY_US: Final = 86_400_000_000
_ACTOR: Final = Actor(ActorKind.PROCESS, "retention")
_FINAL: Final = frozenset({"sealed", "refused", "failed", "cancelled", "lapsed", "ended_unknown"})


class StoredRetention:
    """`services.retention.Kept` on the database."""

    def __init__(self, store: Store, log: LogWriter, packs: Callable[[], PackSet]) -> None:
        self._store = store
        self._log = log
        self._packs = packs

    async def due(self, limit: int) -> tuple[Due, ...]:
        def work(tx: Tx) -> tuple[Due, ...]:
            found: list[Due] = []
            after, before = "", tx.now_us() - TERM_DAYS_MIN * _DAY_US
            while len(found) < limit:
                rows = tx.all(ATTEMPTS_BEFORE, before=before, after=after, rows=limit)
                for row in rows:
                    if self._is_due(tx, row):
                        found.append(Due(str(row.id), row.path if row.recording == "sealed" else None))
                if len(rows) < limit:
                    break
                after = str(rows[-1].id)
            return tuple(found[:limit])

        return await self._store.read(work)

    async def purge(self, attempt_id: str) -> tuple[str, ...] | None:
        def work(tx: Tx) -> tuple[str, ...] | None:
            row = tx.one(ATTEMPT_OF_ID, id=attempt_id)
            if row is None or not self._is_due(tx, row):
                return None
            gone = shred_attempt(tx, attempt_id)
            until = kept_end(self._packs(), row, moment(tx.now_us()))
            says: dict[str, Json] = {
                "kept_until": micros(until),
                "payloads": gone.payloads,
                "recordings": [row.recording_id] if gone.recordings else [],
            }
            draft = Draft(
                EventType.RETENTION_PURGED, _ACTOR, says, org=row.org_id, attempt_id=attempt_id, sid=row.sid
            )
            self._log.append(tx, draft, tx.now_us())
            return gone.paths

        return await self._done(await self._store.write(work))

    async def people_due(self, limit: int) -> tuple[str, ...]:
        def work(tx: Tx) -> tuple[str, ...]:
            found: list[str] = []
            after, before = "", tx.now_us() - TERM_DAYS_MIN * _DAY_US
            while len(found) < limit:
                rows = tx.all(
                    "SELECT sid FROM subject WHERE sid > :after AND created_us < :before AND wrapped_key IS NOT NULL"
                    " ORDER BY sid LIMIT :rows",
                    after=after,
                    before=before,
                    rows=limit,
                )
                found += [str(row.sid) for row in rows if self._is_over(tx, row.sid)]
                if len(rows) < limit:
                    break
                after = str(rows[-1].sid)
            return tuple(found[:limit])

        return await self._store.read(work)

    async def erase(self, sid: str) -> tuple[str, ...] | None:
        def work(tx: Tx) -> tuple[str, ...] | None:
            if not self._is_over(tx, sid):
                return None
            subject = tx.sole("SELECT org_id FROM subject WHERE sid = :sid", sid=sid)
            gone = shred_subject(tx, sid)
            says: dict[str, Json] = {
                "why": "retention",
                "payloads": gone.payloads,
                "recordings": gone.recordings,
            }
            draft = Draft(EventType.SUBJECT_ERASED, _ACTOR, says, org=subject.org_id, sid=sid)
            self._log.append(tx, draft, tx.now_us())
            return gone.paths

        return await self._done(await self._store.write(work))

    async def files_gone(self, paths: tuple[str, ...]) -> None:
        def work(tx: Tx) -> None:
            for path in paths:
                tx.run("UPDATE recording SET path = NULL WHERE path = :path AND state <> 'sealed'", path=path)

        await self._store.write(work)

    async def _done(self, paths: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if paths is not None:
            await asyncio.to_thread(forget_journal, self._store.url)
        return paths

    def _is_due(self, tx: Tx, row: Row) -> bool:
        """Term over, nobody holds it, not purged yet, and nothing of its bundle is missing."""
        if row.state not in _FINAL or is_held(tx, row.sid) or row.purged:
            return False
        now = moment(tx.now_us())
        try:
            if kept_end(self._packs(), row, now) > now:
                return False
        except UnknownLaw:
            return False
        return _is_whole(tx, row)

    def _is_over(self, tx: Tx, sid: str) -> bool:
        """Every call of the person is purged, the term of every consent and of every call of theirs to us is over, and
        nothing is under way with them: a person who only rang us is not kept for ever for want of a consent."""
        under_way = tx.one(
            """
            SELECT 1 AS there FROM subject s WHERE s.sid = :sid AND (
                EXISTS (SELECT 1 FROM attempt a WHERE a.sid = s.sid AND NOT EXISTS (SELECT 1 FROM leaf l
                        WHERE l.attempt_id = a.id AND l.type = 'retention.purged'))
                OR EXISTS (SELECT 1 FROM lead l WHERE l.sid = s.sid
                           AND l.state IN ('staged', 'queued', 'claimed', 'dialing'))
                OR EXISTS (SELECT 1 FROM inbound_call i WHERE i.sid = s.sid AND (i.ended_us IS NULL
                           OR NOT EXISTS (SELECT 1 FROM checkpoint k WHERE k.cosigned_us IS NOT NULL
                                          AND k.size > i.ended_seq)))
                OR EXISTS (SELECT 1 FROM subject_case c WHERE c.sid = s.sid AND c.state = 'open'))
            """,
            sid=sid,
        )
        if under_way is not None or is_held(tx, sid):
            return False
        now = moment(tx.now_us())
        consents = tx.all(
            "SELECT c.given_us, c.register_json, o.packs, o.industry AS org_industry,"
            " o.register_json AS org_register FROM consent c JOIN organisation o ON o.id = c.org_id"
            " WHERE c.sid = :sid",
            sid=sid,
        )
        try:
            ends = [consent_kept_end(self._packs(), row, now) for row in consents]
            ends += [inbound_end(self._packs(), row, now) for row in tx.all(INBOUND_OF_SUBJECT, sid=sid)]
        except UnknownLaw:
            return False
        return bool(ends) and max(ends) <= now


def _is_whole(tx: Tx, row: Row) -> bool:
    """Every leaf cosigned, every payload there (unless the person was erased), the recording sealed or said to be missing."""
    last = tx.sole("SELECT MAX(seq) AS seq FROM leaf WHERE attempt_id = :id", id=row.id)
    cosigned = tx.one(
        "SELECT 1 AS there FROM checkpoint WHERE cosigned_us IS NOT NULL AND size > :seq LIMIT 1",
        seq=last.seq if last.seq is not None else -1,
    )
    if last.seq is None or cosigned is None:
        return False
    if row.connected_us is not None and row.recording is None:
        return False
    if row.wrapped_key is None:
        return True
    gone = tx.one(
        "SELECT 1 AS there FROM leaf l JOIN payload p ON p.seq = l.seq"
        " WHERE l.attempt_id = :id AND p.ct IS NULL LIMIT 1",
        id=row.id,
    )
    return gone is None


def certificate(tx: Tx, seq: int) -> str | None:
    """Proof to hand out that something was destroyed: the leaf, what it says, and its place under a cosigned checkpoint.

    None: leaf `seq` is no purge or erasure, or no checkpoint over it is cosigned yet.
    """
    leaf = tx.one(
        "SELECT l.body, p.ct FROM leaf l JOIN payload p ON p.seq = l.seq"
        " WHERE l.seq = :seq AND l.type IN ('retention.purged', 'subject.erased')",
        seq=seq,
    )
    head = tx.one(
        "SELECT note FROM checkpoint WHERE cosigned_us IS NOT NULL AND size > :seq ORDER BY size DESC LIMIT 1",
        seq=seq,
    )
    if leaf is None or leaf.ct is None or head is None:
        return None
    size = parse_note(str(head.note).encode()).checkpoint().size
    path = inclusion_proof(lambda level, index: get_node(tx, level, index), seq, size)
    said = {
        "v": 1,
        "leaf": bytes(leaf.body).decode(),
        "payload": json.loads(bytes(leaf.ct)),
        "path": [digest.hex() for digest in path],
        "checkpoint": str(head.note),
    }
    return json.dumps(said, ensure_ascii=False, indent=1)
