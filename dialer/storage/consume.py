"""T2: the gate process consumes a permit, in one statement that reads DNC, consent, stops and the clock once more.

One changed row is yes. Anything else is no: also an unknown commit, also “already consumed” (rule 5). A refusal
committed before this statement wins; one committed after finds the call in flight and cuts it.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from dialer.calls.attempt import AttemptState
from dialer.domain.ids import AttemptId
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.gate import GateNo, GateYes, LegReport
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Row, Tx

SPARE_SECONDS: Final = 10
"""What the egress's own absolute limit adds to ring and talk."""
_GATE: Final = Actor(ActorKind.PROCESS, "gate")

CONSUME: Final = """
UPDATE permit SET state = 'consumed', consumed_us = NOW_US, consumed_uid = :uid
WHERE token_sha256 = :token
  AND state = 'issued'
  AND expires_us > NOW_US
  AND dial_before_us > NOW_US
  AND NOT EXISTS (
      SELECT 1 FROM dnc_entry d
      WHERE d.lifted_by_consent IS NULL
        AND ((d.org_id = permit.org_id AND d.number_hmac = permit.number_hmac)
             OR (d.org_id IS NULL AND d.number_hmac = permit.platform_hmac))
        AND (d.purpose IS NULL OR d.purpose = permit.purpose))
  AND EXISTS (
      SELECT 1 FROM consent c
      WHERE c.id = permit.consent_id AND c.withdrawn_us IS NULL
        AND (c.expires_us IS NULL OR c.expires_us > NOW_US))
  AND EXISTS (SELECT 1 FROM campaign g WHERE g.id = permit.campaign_id AND g.state = 'running')
  AND EXISTS (SELECT 1 FROM caller_id i WHERE i.id = permit.caller_id AND i.state = 'active')
  AND NOT EXISTS (
      SELECT 1 FROM dialling_stop s
      WHERE s.lifted_us IS NULL
        AND (s.org_id IS NULL OR s.org_id = permit.org_id)
        AND (s.campaign_id IS NULL OR s.campaign_id = permit.campaign_id)
        AND (s.caller_id IS NULL OR s.caller_id = permit.caller_id))
RETURNING attempt_id, sealed
"""


class Unseal(Protocol):
    """Opens what T1 sealed to the gate's key."""

    def __call__(self, sealed: bytes) -> bytes: ...


class _RolledBack(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def too_fast(tx: Tx, calls_per_second_max: int) -> bool:
    """Whether the trunk had its calls of the last second; 0: it has no limit."""
    if calls_per_second_max == 0:
        return False
    row = tx.sole(
        "SELECT COUNT(*) AS n FROM permit WHERE state = 'consumed' AND consumed_us > NOW_US - 1000000"
    )
    return int(row.n) >= calls_per_second_max


def consume(tx: Tx, log: LogWriter, unseal: Unseal, token: str, uid: str) -> GateYes | GateNo:
    """Consume the permit of `token` for the egress channel `uid`.

    Raises:
        Exception: rolls the transaction back: the permit stays as it was, and the answer is no.
    """
    digest = sha256(token.encode()).digest()
    row = tx.one(CONSUME, token=digest, uid=uid)
    if row is None:
        return _refused(tx, log, digest)
    attempt_id = AttemptId(row.attempt_id)
    moved = tx.run(
        "UPDATE attempt SET state = 'placed', placed_us = NOW_US, egress_uid = :uid"
        " WHERE id = :id AND state IN ('authorised', 'uncertain')",
        id=attempt_id,
        uid=uid,
    )
    if moved != 1:
        raise _RolledBack("the attempt is not open")
    said = json.loads(unseal(bytes(row.sealed)))
    if said["attempt"] != attempt_id:
        raise _RolledBack("the seal is another attempt's")
    attempt = tx.sole("SELECT org_id, consent_id, sid, id FROM attempt WHERE id = :id", id=attempt_id)
    ts = tx.now_us()
    log.append(tx, _draft(attempt, EventType.GATE2_PASSED, {"uid": uid, "caller_id": str(said["cid"])}), ts)
    log.append(tx, _draft(attempt, EventType(f"attempt.{AttemptState.PLACED}"), {"uid": uid}), ts)
    return GateYes(
        attempt_id=attempt_id,
        number=str(said["num"]),
        caller_id=str(said["cid"]),
        caller_name=str(said["cname"]),
        ring_seconds=int(said["ring"]),
        call_seconds_max=int(said["max"]),
    )


def _refused(tx: Tx, log: LogWriter, digest: bytes) -> GateNo:
    """Say on the log why a token that exists was refused; a token that doesn't exist leaves no trace to flood."""
    permit = tx.one(
        "SELECT p.state, p.expires_us, p.dial_before_us, p.attempt_id AS id, a.org_id, a.consent_id, a.sid"
        " FROM permit p JOIN attempt a ON a.id = p.attempt_id WHERE p.token_sha256 = :token",
        token=digest,
    )
    if permit is None:
        return GateNo("unknown")
    now_us = tx.now_us()
    if permit.state != "issued":
        why = str(permit.state)
    elif permit.expires_us <= now_us:
        why = "expired"
    elif permit.dial_before_us <= now_us:
        why = "too_late"
    else:
        why = "no_longer_lawful"
    log.append(tx, _draft(permit, EventType.GATE2_REFUSED, {"why": why}), now_us)
    return GateNo(why)


def _draft(attempt: Row, kind: EventType, says: dict[str, str]) -> Draft:
    # the gate has no subject keys: what it says is not personal and stays in clear
    return Draft(
        type=kind,
        actor=_GATE,
        says=says,
        org=attempt.org_id,
        attempt_id=attempt.id,
        consent_id=attempt.consent_id,
        sid=attempt.sid,
    )


@dataclass(frozen=True, slots=True)
class LongestEnd:
    """When a carrier leg began and when our own limits end it at the latest. Moments of the database's clock, µs."""

    consumed_us: int
    ends_us: int
    now_us: int
    consumed_uid: str


def longest_end(tx: Tx, unseal: Unseal, attempt_id: AttemptId) -> LongestEnd | None:
    """How long the leg of a consumed permit may go on unseen (rule 10); None: nobody got a yes, or it was reported."""
    row = tx.one(
        "SELECT p.consumed_us, p.consumed_uid, p.sealed FROM permit p WHERE p.attempt_id = :id AND p.state = 'consumed'"
        " AND NOT EXISTS (SELECT 1 FROM egress_report r WHERE r.attempt_id = p.attempt_id AND r.uid = p.consumed_uid)",
        id=attempt_id,
    )
    if row is None:
        return None
    said = json.loads(unseal(bytes(row.sealed)))
    seconds = int(said["ring"]) + int(said["max"]) + SPARE_SECONDS
    return LongestEnd(row.consumed_us, row.consumed_us + seconds * 1_000_000, tx.now_us(), row.consumed_uid)


def keep_report(tx: Tx, token: str, uid: str, report: LegReport) -> bool:
    """Keep what the egress says of the leg that got the yes; reports of other legs close nothing (rule 13)."""
    permit = tx.one(
        "SELECT attempt_id FROM permit WHERE token_sha256 = :token AND state = 'consumed' AND consumed_uid = :uid",
        token=sha256(token.encode()).digest(),
        uid=uid,
    )
    if permit is None or tx.one("SELECT uid FROM egress_report WHERE uid = :uid", uid=uid) is not None:
        return False
    tx.run(
        "INSERT INTO egress_report (uid, attempt_id, at_us, dial_status, sip_text, rang_ms, talk_seconds)"
        " VALUES (:uid, :attempt, NOW_US, :status, :sip, :rang, :talk)",
        uid=uid,
        attempt=permit.attempt_id,
        status=report.dial_status,
        sip=report.sip_text,
        rang=report.rang_ms,
        talk=report.talk_seconds,
    )
    return True
