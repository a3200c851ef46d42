"""T3: a refusal, in one transaction (rule 11).

DNC entry, consent withdrawn, issued permits void, queued, claimed and dialing leads dropped, `cut_wanted` stored on every
other open consumed attempt, and `closing_until` on the conversation in which it was said. Repeating it changes nothing.
"""

import secrets
from typing import Final

from dialer.calls.attempt import AttemptState
from dialer.domain.dnc import DncScope
from dialer.domain.heard import HeardState
from dialer.domain.ids import AttemptId
from dialer.evidence.dnc_proof import PLATFORM_SCOPE, org_scope
from dialer.evidence.dnc_tree import Change
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.calls import RefusalHeard, Refusing
from dialer.ports.keys import Keyring
from dialer.storage.dnc import grow_dnc_tree
from dialer.storage.heard import close_all_words
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.moves import void_unused
from dialer.storage.sql import Row, Tx
from dialer.storage.tables_people import DncEntry
from dialer.storage.times import micros, moment, moment_or_none

CONSUMED_OPEN: Final = "('placed', 'ringing', 'answered', 'connected', 'abandoned', 'uncertain')"


def refuse(tx: Tx, log: LogWriter, keyring: Keyring, refusing: Refusing) -> RefusalHeard:
    """T3."""
    subject = tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=refusing.sid)
    platform_wide = refusing.scope is DncScope.PLATFORM
    hmac = bytes(subject.platform_hmac if platform_wide else subject.number_hmac)
    org_id = None if platform_wide else refusing.org_id
    purpose = refusing.purpose if refusing.scope is DncScope.PURPOSE else None
    now_us = tx.now_us()
    known = tx.one(
        "SELECT id, at_us FROM dnc_entry WHERE number_hmac = :hmac AND lifted_by_consent IS NULL"
        " AND COALESCE(org_id, '') = COALESCE(:org, '') AND COALESCE(purpose, '') = COALESCE(:purpose, '')",
        hmac=hmac,
        org=org_id,
        purpose=purpose,
    )
    people = _people(tx, subject, org_id)
    if known is None:
        entry_id, at_us = _enter(tx, log, keyring, refusing, subject, hmac, org_id, purpose, now_us), now_us
    else:
        entry_id, at_us = known.id, known.at_us
    withdrawn = sum(_withdraw(tx, log, refusing, person, purpose, now_us) for person in people)
    voided = _void(tx, log, refusing, subject, org_id, purpose)
    dropped = sum(_drop(tx, person, purpose) for person in people)
    if purpose is None:
        for person in people:
            close_all_words(tx, log, person.sid, HeardState.CONFIRMED, refusing.actor)
    closing = _closing(tx, refusing, now_us)
    cut = _cut(tx, refusing, subject, org_id)
    if known is None:
        tx.run(
            "UPDATE dnc_entry SET leads_dropped = :leads, permits_void = :permits, legs_cut = :legs WHERE id = :id",
            leads=dropped,
            permits=voided,
            legs=len(cut),
            id=entry_id,
        )
    return RefusalHeard(
        entry_id=entry_id,
        at=moment(at_us),
        is_new=known is None,
        leads_dropped=dropped,
        permits_void=voided,
        consents_withdrawn=withdrawn,
        cut=cut,
        closing_until=moment_or_none(closing),
    )


def _people(tx: Tx, subject: Row, org_id: str | None) -> list[Row]:
    """The subjects that the refusal is about: this one, or the same number's in every organisation."""
    if org_id is not None:
        return [subject]
    return tx.all("SELECT * FROM subject WHERE platform_hmac = :hmac", hmac=bytes(subject.platform_hmac))


def _draft(
    refusing: Refusing, subject: Row, kind: EventType, says: dict[str, str | int], consent_id: str | None
) -> Draft:
    key = subject.wrapped_key
    return Draft(
        type=kind,
        actor=refusing.actor,
        says=says if key is not None else {},
        org=subject.org_id,
        attempt_id=refusing.said_in,
        consent_id=consent_id,
        subject=Subject(subject.sid, bytes(key)) if key is not None else None,
        sid=subject.sid,
    )


def _enter(
    tx: Tx,
    log: LogWriter,
    keyring: Keyring,
    refusing: Refusing,
    subject: Row,
    hmac: bytes,
    org_id: str | None,
    purpose: str | None,
    now_us: int,
) -> str:
    entry_id = secrets.token_hex(16)
    says: dict[str, str | int] = {"reason": str(refusing.reason), "scope": str(refusing.scope), "at": now_us}
    if refusing.via:
        says["via"] = refusing.via
    if refusing.said_at is not None:
        says["said_at"] = micros(refusing.said_at)
    log.append(tx, _draft(refusing, subject, EventType.REFUSAL_HEARD, says, None), now_us)
    seq = log.append(
        tx, _draft(refusing, subject, EventType.DNC_ADDED, says | {"entry": entry_id}, None), now_us
    )
    if subject.wrapped_key is not None and subject.number_ct is not None and purpose is None:
        number = keyring.decrypt(
            bytes(subject.wrapped_key), subject.sid, "number", bytes(subject.number_ct)
        ).decode()
        place = keyring.dnc_place(PLATFORM_SCOPE if org_id is None else org_scope(org_id), number, seq)
        grow_dnc_tree(tx, [Change(place, seq)])
    tx.insert(
        DncEntry(
            id=entry_id,
            org_id=org_id,
            number_hmac=hmac,
            key_version=subject.key_version,
            purpose=purpose,
            reason=str(refusing.reason),
            attempt_id=refusing.said_in,
            actor=f"{refusing.actor.kind}:{refusing.actor.id}",
            at_us=now_us,
            number_ct=subject.number_ct,
            leaf_seq=seq,
        )
    )
    return entry_id


def _withdraw(
    tx: Tx, log: LogWriter, refusing: Refusing, person: Row, purpose: str | None, now_us: int
) -> int:
    rows = tx.all(
        "UPDATE consent SET withdrawn_us = :now WHERE sid = :sid AND withdrawn_us IS NULL"
        " AND (CAST(:purpose AS TEXT) IS NULL OR purpose = :purpose) RETURNING id",
        now=now_us,
        sid=person.sid,
        purpose=purpose,
    )
    for row in rows:
        says: dict[str, str | int] = {"reason": str(refusing.reason), "at": now_us}
        log.append(tx, _draft(refusing, person, EventType.CONSENT_WITHDRAWN, says, row.id), now_us)
    return len(rows)


def _void(
    tx: Tx, log: LogWriter, refusing: Refusing, subject: Row, org_id: str | None, purpose: str | None
) -> int:
    rows = tx.all(
        "SELECT attempt_id FROM permit WHERE state = 'issued'"
        " AND ((CAST(:org AS TEXT) IS NULL AND platform_hmac = :platform) OR (org_id = :org AND number_hmac = :number))"
        " AND (CAST(:purpose AS TEXT) IS NULL OR purpose = :purpose)",
        org=org_id,
        platform=bytes(subject.platform_hmac),
        number=bytes(subject.number_hmac),
        purpose=purpose,
    )
    actor = Actor(ActorKind.PROCESS, "dialer")
    return sum(void_unused(tx, log, AttemptId(r.attempt_id), actor, str(refusing.reason)) for r in rows)


def _drop(tx: Tx, person: Row, purpose: str | None) -> int:
    return tx.run(
        "UPDATE lead SET state = 'dropped', outcome = 'refused_by_callee', owner = NULL"
        " WHERE sid = :sid AND state IN ('queued', 'claimed', 'dialing')"
        " AND (CAST(:purpose AS TEXT) IS NULL OR campaign_id IN (SELECT id FROM campaign WHERE purpose = :purpose))",
        sid=person.sid,
        purpose=purpose,
    )


def _closing(tx: Tx, refusing: Refusing, now_us: int) -> int | None:
    if refusing.said_in is None:
        return None
    until = now_us + refusing.closing_seconds * 1_000_000
    tx.run(
        "UPDATE attempt SET closing_until_us = COALESCE(closing_until_us, :until) WHERE id = :id AND state = :state",
        until=until,
        id=refusing.said_in,
        state=str(AttemptState.CONNECTED),
    )
    row = tx.one("SELECT closing_until_us FROM attempt WHERE id = :id", id=refusing.said_in)
    return None if row is None else row.closing_until_us


def _cut(tx: Tx, refusing: Refusing, subject: Row, org_id: str | None) -> tuple[AttemptId, ...]:
    """Every other call to the number that may be up; in the conversation itself the closing words are still said.

    A call that rings, or that nobody has taken yet, has no conversation: it is cut even when the key was pressed there.
    """
    rows = tx.all(
        f"""
        UPDATE attempt SET cut_wanted_us = COALESCE(cut_wanted_us, NOW_US)
        WHERE state IN {CONSUMED_OPEN}
          AND ((CAST(:org AS TEXT) IS NULL AND platform_hmac = :platform)
               OR (org_id = :org AND number_hmac = :number))
          AND NOT (id = :said_in AND state IN ('connected', 'abandoned'))
        RETURNING id
        """,
        org=org_id,
        platform=bytes(subject.platform_hmac),
        number=bytes(subject.number_hmac),
        said_in=refusing.said_in or "",
    )
    return tuple(AttemptId(r.id) for r in rows)
