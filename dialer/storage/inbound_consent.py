"""A callback asked for on the inbound line: a consent of its own, whose proof is the recording of that very call.

It is made when the recording is sealed, in the same transaction, and names the recording's hash: without a recording there
is no consent. Ownership is unproven (decision 25): the number that a carrier shows can be forged, so the pack says
whether and how such a consent may be dialled, and the gate decides when the lead is due.
"""

import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from dialer.compliance.facts import CalleeFacts, ConsentFacts
from dialer.domain.consent import Artefact, ConsentField, Origin, Ownership, SourceKind
from dialer.domain.ids import OrganisationId
from dialer.domain.lead import Age, Person, Relation
from dialer.domain.purpose import Purpose
from dialer.evidence.canonical import encode
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.audio import SealedAudio
from dialer.ports.keys import Keyring
from dialer.storage.consent_forms import campaign_of
from dialer.storage.consent_leaf import ConsentLeaf, append_consent
from dialer.storage.intake_rows import RECORD_FILE, SHOWN_FILE, fields_of
from dialer.storage.log import LogWriter
from dialer.storage.personal import CONSENT, LEAD
from dialer.storage.registers import to_register
from dialer.storage.sql import Row, Tx
from dialer.storage.tables_people import Consent, Lead
from dialer.storage.times import moment

ACT: Final = "pressed 1 after the text was read out on the inbound line"


@dataclass(frozen=True, slots=True)
class InboundRegister:
    """The organisation's inbound line as registered: the source, and the text that the menu reads out."""

    source: Row
    text: Row


def line_of(tx: Tx, org: str) -> InboundRegister | None:
    """The verified inbound line of an organisation with its text; None: no callback may be taken."""
    source = tx.one(
        "SELECT * FROM consent_source WHERE org_id = :org AND kind = :kind AND state = 'verified' ORDER BY id LIMIT 1",
        org=org,
        kind=str(SourceKind.INBOUND_LINE),
    )
    if source is None:
        return None
    named = str(json.loads(source.register_json).get("text", ""))
    text = tx.one("SELECT * FROM consent_text WHERE id = :id AND org_id = :org", id=named, org=org)
    return None if text is None else InboundRegister(source, text)


def consent_by_call(
    tx: Tx, log: LogWriter, keyring: Keyring, call: Row, subject: Row, audio: SealedAudio
) -> str | None:
    """Consent and due lead of a caller who agreed; the consent's id. None: the line or a campaign for it is gone."""
    line = line_of(tx, call.org_id)
    if line is None:
        return None
    campaign = campaign_of(tx, OrganisationId(call.org_id), Purpose(line.text.purpose))
    if campaign is None:
        return None
    consent_id = f"inbound-{call.id}"
    record = _record(call, line, audio)
    seq = append_consent(tx, log, _leaf(call, subject, line, consent_id, record), tx.now_us())
    words = {
        "text": line.text.text,
        "text_version": line.text.id,
        "name": "",
        "asked": "",
        "record": record.decode(),
    }
    tx.insert(
        Consent(
            id=consent_id,
            org_id=call.org_id,
            sid=subject.sid,
            purpose=line.text.purpose,
            source_id=line.source.id,
            origin=str(Origin.INBOUND_CALL),
            ownership=str(Ownership.UNPROVEN),
            given_us=call.wish_us,
            register_json=_register(line.text, record),
            artefact_sha256=sha256(record).hexdigest(),
            payload_ct=_close(keyring, subject, CONSENT, words),
            leaf_seq=seq,
        )
    )
    if not _waits(tx, subject.sid, campaign.id):
        tx.insert(_lead(keyring, call, subject, campaign.id, consent_id))
    return consent_id


def _record(call: Row, line: InboundRegister, audio: SealedAudio) -> bytes:
    return encode(
        {
            "kind": "inbound_call",
            "inbound": call.id,
            "line": call.line,
            "source": line.source.id,
            "origin": str(Origin.INBOUND_CALL),
            "text_version": line.text.id,
            "text_sha256": sha256(line.text.text.encode()).hexdigest(),
            "act": ACT,
            "given_at": moment(call.wish_us).isoformat(),
            "ownership": str(Ownership.UNPROVEN),
            "recording": {
                "id": audio.recording_id,
                "flac_sha256": audio.flac_sha256,
                "pcm_sha256": audio.pcm_sha256,
            },
        }
    )


def _leaf(call: Row, subject: Row, line: InboundRegister, consent_id: str, record: bytes) -> ConsentLeaf:
    return ConsentLeaf(
        org_id=call.org_id,
        consent_id=consent_id,
        subject=subject,
        actor=Actor(ActorKind.CALLEE, subject.sid),
        says={
            "purpose": line.text.purpose,
            "act": ACT,
            "given_at": call.wish_us,
            "origin": str(Origin.INBOUND_CALL),
            "source": line.source.id,
            "text_version": line.text.id,
            "inbound": call.id,
            "ownership": str(Ownership.UNPROVEN),
        },
        files={RECORD_FILE: record, SHOWN_FILE: line.text.text.encode()},
    )


def _register(text: Row, record: bytes) -> str:
    said = json.loads(text.register_json)
    return to_register(
        ConsentFacts,
        purpose_text=str(said.get("purpose_text", "")),
        fields=fields_of(
            said,
            {
                ConsentField.TEXT_SHOWN: text.text,
                ConsentField.TEXT_VERSION: text.id,
                ConsentField.ACT: ACT,
                ConsentField.TIME: True,
                ConsentField.CHANNEL: True,
                ConsentField.ADDRESS: "telephone",
                ConsentField.ARTEFACT_SHA256: sha256(record).hexdigest(),
            },
        ),
        unfilled_placeholders=text.text.count("{{"),
        artefact=Artefact.FILE,
        kept_days_promised=int(said.get("kept_days_promised", 0)),
        separate_consent_sha256="",
        guardian_consent_sha256="",
    )


def _waits(tx: Tx, sid: str, campaign: str) -> bool:
    """Whether the caller waits for that campaign already: one request is one lead."""
    row = tx.one(
        "SELECT 1 AS there FROM lead WHERE sid = :sid AND campaign_id = :campaign"
        " AND state IN ('claimed', 'dialing')",
        sid=sid,
        campaign=campaign,
    )
    return row is not None


def _lead(keyring: Keyring, call: Row, subject: Row, campaign: str, consent_id: str) -> Lead:
    return Lead(
        id=secrets.token_hex(8),
        org_id=call.org_id,
        campaign_id=campaign,
        sid=subject.sid,
        consent_id=consent_id,
        state="queued",
        due_us=call.wish_us,
        requested_us=call.wish_us,
        # the text says that minors may not use it
        register_json=to_register(
            CalleeFacts,
            age=Age.ADULT,
            relation=Relation.OTHER,
            person=Person.NATURAL,
            region_rule="",
            risk_marks=frozenset(),
        ),
        payload_ct=_close(keyring, subject, LEAD, {"name": "", "asked": ""}),
    )


def _close(keyring: Keyring, subject: Row, purpose: str, words: dict[str, str]) -> bytes:
    plaintext = json.dumps(words, ensure_ascii=False).encode()
    return keyring.encrypt(bytes(subject.wrapped_key), subject.sid, purpose, plaintext)
