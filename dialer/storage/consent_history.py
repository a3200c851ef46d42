"""What happened between an organisation and one person, for that person: no words of others, no numbers, no staff."""

from typing import Final

from dialer.calls.attempt import AttemptState
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.consent_desk import Event, Past
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.sql import Row, Tx
from dialer.storage.times import moment

EVENTS_MAX: Final = 200
_NOT_TRIED: Final = (str(AttemptState.REFUSED), str(AttemptState.LAPSED))


def read_history(tx: Tx, log: LogWriter, token_sha256: bytes) -> tuple[Event, ...]:
    """Newest first, at most 200. That it was read is a leaf: the person looked at their own record."""
    owner = tx.one(
        "SELECT c.sid, c.org_id, s.number_hmac, s.wrapped_key FROM consent_receipt r"
        " JOIN consent c ON c.id = r.consent_id JOIN subject s ON s.sid = c.sid WHERE r.token_sha256 = :token",
        token=token_sha256,
    )
    if owner is None or owner.wrapped_key is None:
        return ()
    log.append(
        tx,
        Draft(
            type=EventType.EVIDENCE_ACCESSED,
            actor=Actor(ActorKind.CALLEE, owner.sid),
            says={"what": "history by receipt"},
            org=owner.org_id,
            subject=Subject(owner.sid, bytes(owner.wrapped_key)),
        ),
        tx.now_us(),
    )
    events = [*_consents(tx, owner), *_refusals(tx, owner), *_calls(tx, owner)]
    return tuple(sorted(events, key=lambda e: e.at, reverse=True)[:EVENTS_MAX])


def _consents(tx: Tx, owner: Row) -> list[Event]:
    rows = tx.all("SELECT given_us, withdrawn_us FROM consent WHERE sid = :sid", sid=owner.sid)
    given = [Event(moment(r.given_us), Past.AGREED) for r in rows]
    return given + [Event(moment(r.withdrawn_us), Past.WITHDREW) for r in rows if r.withdrawn_us is not None]


def _refusals(tx: Tx, owner: Row) -> list[Event]:
    rows = tx.all(
        "SELECT at_us FROM dnc_entry WHERE org_id = :org AND number_hmac = :hmac",
        org=owner.org_id,
        hmac=bytes(owner.number_hmac),
    )
    return [Event(moment(r.at_us), Past.REFUSED) for r in rows]


def _calls(tx: Tx, owner: Row) -> list[Event]:
    rows = tx.all(
        "SELECT authorised_us, connected_us, ended_us, abandon_cause FROM attempt"
        " WHERE sid = :sid AND placed_us IS NOT NULL AND state NOT IN (:refused, :lapsed)",
        sid=owner.sid,
        refused=_NOT_TRIED[0],
        lapsed=_NOT_TRIED[1],
    )
    return [_call(r) for r in rows]


def _call(row: Row) -> Event:
    at = moment(row.authorised_us)
    if row.connected_us is not None:
        seconds = None if row.ended_us is None else (row.ended_us - row.connected_us) // 1_000_000
        return Event(at, Past.TALKED, seconds)
    return Event(at, Past.ABANDONED if row.abandon_cause is not None else Past.NOT_REACHED)
