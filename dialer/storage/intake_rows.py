"""One row of a list made ready for the database: encrypted, signed record checked, disclosures sealed. No transaction.

What a consent lacks is kept as lacking, and the gate will say so. Nothing here needs the log's head, so that a long list
is made ready outside the transactions that write it.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from dialer.compliance.facts import CalleeFacts, ConsentFacts
from dialer.domain.consent import Artefact, ConsentField, Ownership
from dialer.evidence.canonical import Json, encode
from dialer.evidence.record import Actor, EventType
from dialer.ports.keys import Keyring
from dialer.services.lead_rows import ConsentRow, LeadRow
from dialer.storage.consent_leaf import consent_files
from dialer.storage.log import Draft, LogWriter, Sealed, Subject
from dialer.storage.personal import CONSENT, LEAD
from dialer.storage.refusal_lift import NewConsent
from dialer.storage.registers import to_register
from dialer.storage.sql import Row
from dialer.storage.times import micros

SHOWN_FILE: Final = "shown.txt"
RECORD_FILE: Final = "record.json"
ARTEFACT_FILE: Final = "artefact"


@dataclass(frozen=True, slots=True)
class Callee:
    """The subject of a row, known or about to be: its key and hashes."""

    sid: str
    wrapped_key: bytes
    number_hmac: bytes
    platform_hmac: bytes
    number_ct: bytes
    org_id: str


@dataclass(frozen=True, slots=True)
class Registers:
    """The consent texts and sources of one organisation, by id, as they stood when the rows were made ready."""

    texts: Mapping[str, Row]
    sources: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lead is put: its campaign, staged in an import or queued by itself."""

    org_id: str
    campaign_id: str
    state: str
    import_id: str | None


@dataclass(frozen=True, slots=True)
class ReadyConsent:
    """A consent but for its place on the log. `artefact`: the row of its file, where there is one."""

    values: dict[str, object]
    sealed: Sealed
    artefact: dict[str, object] | None
    new: NewConsent


@dataclass(frozen=True, slots=True)
class ReadyRow:
    """A lead with its consent, ready to be written."""

    callee: Callee
    lead: dict[str, object]
    consent: ReadyConsent | None


def signed_record(number: str, consent: ConsentRow) -> bytes:
    """What a source signs: the record of one consent in canonical bytes."""
    return encode(
        {
            "number": number,
            "purpose": str(consent.purpose),
            "source": consent.source,
            "origin": str(consent.origin),
            "given_at": consent.given_at.isoformat(),
            "text_version": consent.text_version,
            "act": consent.act,
            "address": consent.address,
            "ownership": consent.ownership,
        }
    )


def signed_by(source: Row, record: bytes, signature: str) -> bool:
    """Whether the source's own key signed that record."""
    if not signature:
        return False
    public = json.loads(source.register_json).get("record_key", "")
    try:
        VerifyKey(bytes.fromhex(public)).verify(record, bytes.fromhex(signature))
    except (ValueError, BadSignatureError):
        return False
    return True


def artefact_of(record: bytes, signature: str) -> bytes:
    """What is kept as the proof: the record and its signature, a line each."""
    return record + b"\n" + signature.encode()


def fields_of(said: Mapping[str, object], given: Mapping[ConsentField, object]) -> frozenset[ConsentField]:
    """The parts of a record that are there: what the registered text states, and what has a value in `given`."""
    states = said.get("states", [])
    present = {ConsentField(name) for name in states} if isinstance(states, list) else set()
    return frozenset(present | {name for name, value in given.items() if value})


def make_ready(
    log: LogWriter,
    keyring: Keyring,
    registers: Registers,
    callee: Callee,
    row: LeadRow,
    place: Place,
    actor: Actor,
) -> ReadyRow:
    """One row, encrypted under its callee's key."""
    consent = None
    if row.consent is not None:
        proof = _Proof.of(registers, row, row.consent)
        consent = _consent(log, keyring, callee, row, row.consent, proof, actor)
    return ReadyRow(callee, _lead(keyring, callee, row, place, consent), consent)


@dataclass(frozen=True, slots=True)
class _Proof:
    """What proves a consent: its text as registered, the record that its source signed, a file."""

    text: Row | None
    source: Row | None
    record: bytes
    is_signed: bool
    file: bytes | None
    file_name: str

    @classmethod
    def of(cls, registers: Registers, row: LeadRow, consent: ConsentRow) -> "_Proof":
        source = registers.sources.get(consent.source)
        record = signed_record(row.number.e164, consent)
        is_signed = source is not None and signed_by(source, record, consent.signature)
        file = row.artefact
        return cls(
            text=registers.texts.get(consent.text_version),
            source=source,
            record=artefact_of(record, consent.signature) if is_signed else b"",
            is_signed=is_signed,
            file=file.content if file is not None else None,
            file_name=f"{ARTEFACT_FILE}.{file.ending}" if file is not None else "",
        )

    def files(self) -> dict[str, bytes]:
        """What the leaf names by hash."""
        found = {RECORD_FILE: self.record} if self.is_signed else {}
        if self.text is not None:
            found[SHOWN_FILE] = self.text.text.encode()
        if self.file is not None:
            found[self.file_name] = self.file
        return found

    def kind(self) -> Artefact:
        """Which of the two kinds of proof it is; a source's signature says more than a file."""
        if self.is_signed:
            return Artefact.SOURCE_SIGNED
        return Artefact.NONE if self.file is None else Artefact.FILE

    def sha256(self) -> str | None:
        """The hash that stands with the consent."""
        proof = self.record if self.is_signed else self.file
        return None if proof is None else sha256(proof).hexdigest()

    def ownership(self, consent: ConsentRow) -> str:
        """Whose phone it is may only be claimed by whom the source's signature binds."""
        return consent.ownership if self.is_signed else str(Ownership.UNPROVEN)


def _consent(
    log: LogWriter,
    keyring: Keyring,
    callee: Callee,
    row: LeadRow,
    consent: ConsentRow,
    proof: _Proof,
    actor: Actor,
) -> ReadyConsent:
    consent_id = secrets.token_hex(8)
    ownership = proof.ownership(consent)
    text = proof.text.text if proof.text is not None else ""
    words = {
        "text": text,
        "text_version": consent.text_version,
        "language": _language(row, proof),
        "name": row.name,
        "asked": row.asked,
        "record": proof.record.decode(),
    }
    values: dict[str, object] = {
        "id": consent_id,
        "org_id": callee.org_id,
        "sid": callee.sid,
        "purpose": str(consent.purpose),
        "source_id": proof.source.id if proof.source is not None else None,
        "origin": str(consent.origin),
        "ownership": ownership,
        "given_us": micros(consent.given_at),
        "expires_us": micros(consent.expires_at) if consent.expires_at else None,
        "withdrawn_us": micros(consent.withdrawn_at) if consent.withdrawn_at else None,
        "register_json": _register(consent, proof),
        "artefact_sha256": proof.sha256(),
        "payload_ct": close(keyring, callee, CONSENT, words),
    }
    draft = Draft(
        type=EventType.CONSENT_RECORDED,
        actor=actor,
        says=_says(row, consent, proof, ownership),
        org=callee.org_id,
        consent_id=consent_id,
        subject=Subject(callee.sid, callee.wrapped_key),
    )
    artefact: dict[str, object] | None = None
    if proof.file is not None:
        ct = keyring.encrypt(callee.wrapped_key, callee.sid, ARTEFACT_FILE, proof.file)
        artefact = {
            "consent_id": consent_id,
            "name": proof.file_name,
            "size_bytes": len(proof.file),
            "ct": ct,
        }
    new = NewConsent(
        consent_id=consent_id,
        purpose=str(consent.purpose),
        ownership=ownership,
        given_us=micros(consent.given_at),
        expires_us=micros(consent.expires_at) if consent.expires_at else None,
        withdrawn_us=micros(consent.withdrawn_at) if consent.withdrawn_at else None,
        has_artefact=proof.is_signed,
        leaf_seq=0,
    )
    return ReadyConsent(values, log.seal(draft), artefact, new)


def _says(row: LeadRow, consent: ConsentRow, proof: _Proof, ownership: str) -> dict[str, Json]:
    says: dict[str, Json] = {
        "callee.number": row.number.e164,
        "purpose": str(consent.purpose),
        "act": consent.act,
        "given_at": micros(consent.given_at),
        "origin": str(consent.origin),
        "source": consent.source,
        "text_version": consent.text_version,
        "address": consent.address,
        "ownership": ownership,
    }
    files = proof.files()
    if files:
        says["consent.files"] = consent_files(files)
    return says


def _register(consent: ConsentRow, proof: _Proof) -> str:
    said: dict[str, Any] = json.loads(proof.text.register_json) if proof.text is not None else {}
    given: dict[ConsentField, object] = {
        ConsentField.TEXT_VERSION: consent.text_version,
        ConsentField.ACT: consent.act,
        ConsentField.TIME: consent.given_at,
        ConsentField.CHANNEL: str(consent.origin),
        ConsentField.ADDRESS: consent.address,
        ConsentField.ARTEFACT_SHA256: proof.sha256(),
    }
    return to_register(
        ConsentFacts,
        purpose_text=str(said.get("purpose_text", "")),
        fields=fields_of(said, given),
        unfilled_placeholders=proof.text.text.count("{{") if proof.text is not None else 0,
        artefact=proof.kind(),
        kept_days_promised=int(said.get("kept_days_promised", 0)),
        separate_consent_sha256="",
        guardian_consent_sha256="",
    )


def _lead(
    keyring: Keyring, callee: Callee, row: LeadRow, place: Place, consent: ReadyConsent | None
) -> dict[str, object]:
    return {
        "id": secrets.token_hex(8),
        "org_id": place.org_id,
        "campaign_id": place.campaign_id,
        "sid": callee.sid,
        "consent_id": consent.new.consent_id if consent is not None else None,
        "state": place.state,
        "due_us": micros(row.requested_at),
        "promised_from_us": micros(row.promised_from) if row.promised_from else None,
        "promised_until_us": micros(row.promised_until) if row.promised_until else None,
        "requested_us": micros(row.requested_at),
        "register_json": to_register(
            CalleeFacts,
            age=row.age,
            relation=row.relation,
            person=row.person,
            region_rule="",
            risk_marks=frozenset(),
        ),
        "payload_ct": close(keyring, callee, LEAD, {"name": row.name, "asked": row.asked}),
        "import_id": place.import_id,
        "row": row.line if place.import_id is not None else None,
        "language": row.language or _usual_language(row),
        "zones": ",".join(sorted(row.number.zones)),
    }


def _language(row: LeadRow, proof: _Proof) -> str:
    said = json.loads(proof.text.register_json).get("language") if proof.text is not None else None
    return said if isinstance(said, str) else row.language or _usual_language(row)


def _usual_language(row: LeadRow) -> str:
    return "zh" if row.number.e164.startswith("+86") else "en"


def close(keyring: Keyring, callee: Callee, purpose: str, words: dict[str, str]) -> bytes:
    """Words under the callee's key."""
    return keyring.encrypt(
        callee.wrapped_key, callee.sid, purpose, json.dumps(words, ensure_ascii=False).encode()
    )
