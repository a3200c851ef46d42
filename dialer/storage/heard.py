"""`ports.HeardStore` on the database."""

import json
import secrets
from datetime import datetime
from typing import Final

from dialer.domain.heard import HeardState
from dialer.domain.ids import AttemptId, LeadId, OrganisationId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.calls import CallView
from dialer.ports.heard import DueWords, HeardNow
from dialer.ports.keys import Keyring
from dialer.ports.speech import Side
from dialer.storage.blind_calls import ACTION, open_blind_call
from dialer.storage.log import LogWriter
from dialer.storage.moves import leaf_of_attempt, read_attempt
from dialer.storage.personal import Key, PersonalReader
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.tables_people import HeardWords
from dialer.storage.times import micros, moment

WORDS: Final = "heard"
_KEPT: Final = frozenset({HeardState.OPEN, HeardState.ACTED})
_WORKER: Final = Actor(ActorKind.PROCESS, "speech")


class StoredHeardWords:
    """Words in the database: the text under the person's own key, on the log as a disclosure."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring
        self._personal = PersonalReader(keyring)

    async def keep(self, heard: HeardNow) -> str | None:
        return await self._store.write(lambda tx: self._keep(tx, heard))

    async def decide(self, heard_id: str, attempt: AttemptId, state: HeardState, actor: Actor) -> bool:
        def work(tx: Tx) -> bool:
            row = tx.one(
                "SELECT * FROM heard_words WHERE id = :id AND attempt_id = :attempt AND state = 'open'",
                id=heard_id,
                attempt=attempt,
            )
            if row is None:
                return False
            close_words(tx, self._log, heard_id, attempt, state, actor)
            return True

        return await self._store.write(work)

    async def declined_before(self, call: CallView) -> bool:
        row = await self._store.read(
            lambda tx: tx.one(
                "SELECT 1 AS there FROM attempt a JOIN attempt now ON now.id = :id"
                " LEFT JOIN heard_words h ON h.attempt_id = a.id AND h.action = 'stop_purpose' AND h.state = 'confirmed'"
                " WHERE a.org_id = now.org_id AND a.number_hmac = now.number_hmac AND a.id <> now.id"
                " AND (a.disposition = 'no_interest' OR h.id IS NOT NULL) LIMIT 1",
                id=call.attempt_id,
            )
        )
        return row is not None

    async def due(self, now: datetime, most: int) -> tuple[DueWords, ...]:
        rows = await self._store.read(
            lambda tx: tx.all(
                "SELECT h.*, s.wrapped_key, s.number_ct FROM heard_words h JOIN subject s ON s.sid = h.sid"
                " WHERE h.state = 'open' AND h.due_us <= :now AND s.number_ct IS NOT NULL"
                " AND s.wrapped_key IS NOT NULL ORDER BY h.due_us LIMIT :most",
                now=micros(now),
                most=most,
            )
        )
        found = []
        for row in rows:
            number = self._personal.number(Key(row.sid, row.wrapped_key), row.number_ct)
            if number is not None:
                org, lead = OrganisationId(row.org_id), LeadId(row.lead_id)
                found.append(
                    DueWords(row.id, AttemptId(row.attempt_id), org, lead, number, moment(row.at_us))
                )
        return tuple(found)

    def _keep(self, tx: Tx, heard: HeardNow) -> str | None:
        if tx.one("SELECT id FROM attempt WHERE id = :id", id=heard.attempt_id) is None:
            return None
        attempt = read_attempt(tx, heard.attempt_id)
        heard_id = secrets.token_hex(16)
        says: dict[str, Json] = {
            "heard": heard_id,
            "side": str(heard.side),
            "class": heard.class_id,
            "action": heard.action,
            "state": str(heard.state),
            "words": heard.text,
            "said_at": micros(heard.said_at),
            "from_ms": heard.from_ms,
            "to_ms": heard.to_ms,
            "recogniser": heard.model.spotter,
            "language": heard.model.language,
            "trust": str(heard.model.trust),
            "model_sha256": heard.model.sha256,
        }
        if heard.confidence_ppm is not None:
            says["confidence_ppm"] = heard.confidence_ppm
        leaf_of_attempt(tx, self._log, attempt, EventType.TALK_WORDS_HEARD, _WORKER, says)
        if heard.side is Side.CALLEE and heard.state in _KEPT:
            self._insert(tx, heard_id, heard, attempt.org_id, attempt.sid, attempt.lead_id)
            if heard.action == ACTION:
                open_blind_call(tx, self._log, _WORKER, attempt, heard_id)
        return heard_id

    def _insert(self, tx: Tx, heard_id: str, heard: HeardNow, org: str, sid: str, lead: str) -> None:
        subject = tx.sole("SELECT wrapped_key FROM subject WHERE sid = :sid", sid=sid)
        words = json.dumps({"text": heard.text}, ensure_ascii=False).encode()
        sealed = None
        if subject.wrapped_key is not None:
            sealed = self._keyring.encrypt(bytes(subject.wrapped_key), sid, WORDS, words)
        tx.insert(
            HeardWords(
                id=heard_id,
                org_id=org,
                sid=sid,
                lead_id=lead,
                attempt_id=heard.attempt_id,
                class_id=heard.class_id,
                action=heard.action,
                state=str(heard.state),
                at_us=tx.now_us(),
                due_us=micros(heard.due),
                words_ct=sealed,
            )
        )


def close_words(tx: Tx, log: LogWriter, heard_id: str, attempt: str, state: HeardState, actor: Actor) -> None:
    """Write down what open words were, with who said so."""
    tx.run(
        "UPDATE heard_words SET state = :state, decided_us = NOW_US, decided_by = :by WHERE id = :id",
        state=str(state),
        by=f"{actor.kind}:{actor.id}",
        id=heard_id,
    )
    says: dict[str, Json] = {"heard": heard_id, "state": str(state)}
    leaf_of_attempt(tx, log, read_attempt(tx, AttemptId(attempt)), EventType.TALK_WORDS_REVIEWED, actor, says)


def close_words_of_lead(tx: Tx, log: LogWriter, lead: str, state: HeardState, actor: Actor) -> int:
    """The same for everything open of one lead; how many."""
    rows = tx.all(
        "SELECT id, attempt_id FROM heard_words WHERE lead_id = :lead AND state = 'open'", lead=lead
    )
    for row in rows:
        close_words(tx, log, row.id, row.attempt_id, state, actor)
    return len(rows)


def close_all_words(tx: Tx, log: LogWriter, sid: str, state: HeardState, actor: Actor) -> int:
    """The same for everything open of one person: a refusal answers it."""
    rows = tx.all("SELECT id, attempt_id FROM heard_words WHERE sid = :sid AND state = 'open'", sid=sid)
    for row in rows:
        close_words(tx, log, row.id, row.attempt_id, state, actor)
    return len(rows)
