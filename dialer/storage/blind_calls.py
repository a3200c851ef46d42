"""Blind-call words of a callee (“how do you have my number”): a case on the log, and a source that draws them is paused (A10).

The agent is shown the consent's proof and the lead is held until a person has looked (`heard.py`). Here the source of that
consent answers: V6 of the violations list says when it is paused before a verdict. A person who verifies it anew opens it.
"""

from datetime import timedelta
from typing import Final

from dialer.domain.consent import SourceState
from dialer.domain.heard import HeardState
from dialer.domain.ids import AttemptId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, EventType
from dialer.rules.phrases import PhraseAction
from dialer.storage.log import Draft, LogWriter
from dialer.storage.moves import leaf_of_attempt, read_attempt, void_unused
from dialer.storage.sql import Row, Tx

CALLEES_MAX: Final = 3
"""So many different callees within the days pause a source; one does where the consent has no artefact."""
WITHIN: Final = timedelta(days=7)
ACTION: Final = str(PhraseAction.SHOW_PROOF)
WHY: Final = "blind_call"


def open_blind_call(tx: Tx, log: LogWriter, actor: Actor, attempt: Row, heard_id: str) -> None:
    """Open the case of words that were just kept, and pause their source where they are too many."""
    says: dict[str, Json] = {"case": WHY, "heard": heard_id}
    source = tx.one(
        "SELECT s.id, s.org_id, s.state, c.artefact_sha256 FROM consent c JOIN consent_source s ON s.id = c.source_id"
        " WHERE c.id = :id",
        id=attempt.consent_id,
    )
    if source is not None:
        says["source"] = source.id
    leaf_of_attempt(tx, log, read_attempt(tx, AttemptId(attempt.id)), EventType.INCIDENT_OPENED, actor, says)
    if source is None or source.state != SourceState.VERIFIED:
        return
    callees = _callees(tx, source.id)
    if callees >= CALLEES_MAX or source.artefact_sha256 is None:
        _pause(tx, log, actor, source, callees)


def _callees(tx: Tx, source_id: str) -> int:
    """Different people within the days who said so of this source's consents, and of whom nobody found otherwise."""
    row = tx.sole(
        "SELECT COUNT(DISTINCT h.sid) AS n FROM heard_words h JOIN attempt a ON a.id = h.attempt_id"
        " JOIN consent c ON c.id = a.consent_id"
        " WHERE c.source_id = :source AND h.action = :action AND h.state <> :dismissed AND h.at_us > :since",
        source=source_id,
        action=ACTION,
        dismissed=str(HeardState.DISMISSED),
        since=tx.now_us() - int(WITHIN.total_seconds()) * 1_000_000,
    )
    return int(row.n)


def _pause(tx: Tx, log: LogWriter, actor: Actor, source: Row, callees: int) -> None:
    tx.run(
        "UPDATE consent_source SET state = :state WHERE id = :id", state=str(SourceState.PAUSED), id=source.id
    )
    says: dict[str, Json] = {"register": "source", "entry": source.id, "paused": WHY, "callees": callees}
    draft = Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=source.org_id)
    log.append(tx, draft, tx.now_us())
    issued = tx.all(
        "SELECT p.attempt_id FROM permit p JOIN consent c ON c.id = p.consent_id"
        " WHERE c.source_id = :id AND p.state = 'issued'",
        id=source.id,
    )
    for row in issued:
        void_unused(tx, log, AttemptId(row.attempt_id), actor, "source paused")
