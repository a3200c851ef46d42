"""A lead that an agent saw and did not want to call: who, why and when, with the lead and on the log."""

import json

from dialer.domain.ids import LeadId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.ledger import Skipped
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.sql import Tx


def tell_skip(tx: Tx, log: LogWriter, lead_id: LeadId, skipped: Skipped, wait_seconds: int) -> None:
    """In the transaction that puts the lead back. A leaf of its own: nobody was dialled, so no attempt tells of it."""
    lead = tx.sole(
        "SELECT l.*, s.wrapped_key FROM lead l JOIN subject s ON s.sid = l.sid WHERE l.id = :id", id=lead_id
    )
    now_us = tx.now_us()
    register = json.loads(lead.register_json)
    told = {"reason": skipped.reason, "by": skipped.by, "at_us": now_us}
    register["skipped"] = [*register.get("skipped", []), told]
    tx.run(
        "UPDATE lead SET register_json = :register WHERE id = :lead",
        register=json.dumps(register),
        lead=lead_id,
    )
    says: dict[str, Json] = {
        "lead.id": lead_id,
        "lead.campaign": lead.campaign_id,
        "skip.reason": skipped.reason,
        "skip.seconds": wait_seconds,
    }
    leaf = Draft(
        type=EventType.LEAD_SKIPPED,
        actor=Actor(ActorKind.USER, skipped.by),
        says=says,
        org=lead.org_id,
        consent_id=lead.consent_id,
        subject=Subject(lead.sid, bytes(lead.wrapped_key)) if lead.wrapped_key is not None else None,
        sid=lead.sid,
    )
    log.append_all(tx, [log.seal(leaf)], now_us)
