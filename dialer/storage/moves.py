"""Moves of attempts and what follows from them, each one transaction with its leaf (rules 4, 7-10, 12-14)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dialer.calls.attempt import AttemptState, move
from dialer.domain.ids import AttemptId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, EventType, Recording
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.sql import Row, Tx

NOT_DIALLED_WAIT_SECONDS: Final = 15
"""A lead that wasn't dialled waits a little, or a gate or exchange that is away would be asked in a circle."""
_STAMP: Final = {
    AttemptState.PLACED: "placed_us",
    AttemptState.RINGING: "ringing_us",
    AttemptState.ANSWERED: "answered_us",
    AttemptState.CONNECTED: "connected_us",
    AttemptState.SEALED: "sealed_us",
}
_COLUMNS: Final = frozenset(
    {
        "outcome",
        "ended_us",
        "agent_id",
        "seat_id",
        "disposition",
        "hangup_by",
        "dial_status",
        "sip_text",
        "abandon_cause",
        "egress_uid",
        "answer_class",
    }
)


@dataclass(frozen=True, slots=True)
class Moved:
    """The attempt is in its new state, on the log at `seq`."""

    seq: int


@dataclass(frozen=True, slots=True)
class NotThere:
    """The attempt was not in the state that the move starts from: nothing happened (a late or doubled report)."""


def read_attempt(tx: Tx, attempt_id: AttemptId) -> Row:
    """The attempt with its subject's wrapped key.

    Raises:
        LookupError: there is no such attempt.
    """
    return tx.sole(
        "SELECT a.*, s.wrapped_key FROM attempt a JOIN subject s ON s.sid = a.sid WHERE a.id = :id",
        id=attempt_id,
    )


def leaf_of_attempt(
    tx: Tx,
    log: LogWriter,
    attempt: Row,
    kind: EventType,
    actor: Actor,
    says: Mapping[str, Json],
    *,
    recording: Recording | None = None,
) -> int:
    """Append a leaf about `attempt`; its personal payload is under the subject's key."""
    subject = Subject(attempt.sid, bytes(attempt.wrapped_key)) if attempt.wrapped_key is not None else None
    return log.append(
        tx,
        Draft(
            type=kind,
            actor=actor,
            says=says if subject is not None else {},
            org=attempt.org_id,
            attempt_id=attempt.id,
            consent_id=attempt.consent_id,
            subject=subject,
            sid=attempt.sid,
            recording=recording,
        ),
        tx.now_us(),
    )


def advance(
    tx: Tx,
    log: LogWriter,
    attempt_id: AttemptId,
    source: AttemptState,
    target: AttemptState,
    actor: Actor,
    *,
    fields: Mapping[str, object] | None = None,
    says: Mapping[str, Json] | None = None,
) -> Moved | NotThere:
    """Move an attempt by compare-and-swap on its state, with its leaf `attempt.<target>`.

    Raises:
        ValueError: the machine has no such move; nothing was changed.
    """
    step = move(source, target)
    given = dict(fields or {})
    if not given.keys() <= _COLUMNS:
        raise ValueError(f"not columns of a move: {sorted(given.keys() - _COLUMNS)}")
    sets = ["state = :target", *(f"{name} = :{name}" for name in given)]
    if (stamp := _STAMP.get(target)) is not None:
        sets.append(f"{stamp} = NOW_US")
    changed = tx.run(
        f"UPDATE attempt SET {', '.join(sets)} WHERE id = :id AND state = :source",
        id=attempt_id,
        source=str(step.source),
        target=str(step.target),
        **given,
    )
    if changed != 1:
        return NotThere()
    attempt = read_attempt(tx, attempt_id)
    return Moved(leaf_of_attempt(tx, log, attempt, EventType(f"attempt.{target}"), actor, says or {}))


def finish_lead(tx: Tx, attempt: Row, outcome: str, retry_after_us: int | None) -> None:
    """Settle the lead of an attempt that ended: done, or queued again after `retry_after_us` (through the gate)."""
    if retry_after_us is None:
        tx.run(
            "UPDATE lead SET state = 'done', outcome = :outcome, owner = NULL WHERE id = :id AND state = 'dialing'",
            outcome=outcome,
            id=attempt.lead_id,
        )
        return
    tx.run(
        "UPDATE lead SET state = 'queued', outcome = :outcome, owner = NULL, due_us = NOW_US + :wait"
        " WHERE id = :id AND state = 'dialing'",
        outcome=outcome,
        wait=retry_after_us,
        id=attempt.lead_id,
    )


def void_unused(tx: Tx, log: LogWriter, attempt_id: AttemptId, actor: Actor, why: str) -> bool:
    """“Not dialled” as a fact: permit issued → void, attempt → lapsed, lead → queued, in this transaction (rule 7).

    Returns False when the permit was consumed: then only rule 9 may close the attempt.
    """
    return _not_dialled(tx, log, attempt_id, actor, why, "void", "state = 'issued'")


def lapse_expired(tx: Tx, log: LogWriter, actor: Actor, limit: int) -> int:
    """Lapse permits whose time is over by the database's clock; the number of them."""
    rows = tx.all(
        "SELECT attempt_id FROM permit WHERE state = 'issued' AND expires_us < NOW_US ORDER BY expires_us LIMIT :limit",
        limit=limit,
    )
    condition = "state = 'issued' AND expires_us < NOW_US"
    return sum(
        _not_dialled(tx, log, AttemptId(r.attempt_id), actor, "expired", "lapsed", condition) for r in rows
    )


def _not_dialled(
    tx: Tx, log: LogWriter, attempt_id: AttemptId, actor: Actor, why: str, permit_state: str, condition: str
) -> bool:
    freed = tx.run(
        f"UPDATE permit SET state = :state WHERE attempt_id = :attempt AND {condition}",
        state=permit_state,
        attempt=attempt_id,
    )
    if freed != 1:
        return False
    attempt = read_attempt(tx, attempt_id)
    advance(
        tx,
        log,
        attempt_id,
        AttemptState(attempt.state),
        AttemptState.LAPSED,
        actor,
        fields={"outcome": "not_dialled", "ended_us": tx.now_us()},
        says={"why": why},
    )
    tx.run(
        "UPDATE lead SET state = 'queued', owner = NULL, due_us = NOW_US + :wait WHERE id = :id AND state = 'dialing'",
        wait=NOT_DIALLED_WAIT_SECONDS * 1_000_000,
        id=attempt.lead_id,
    )
    return True
