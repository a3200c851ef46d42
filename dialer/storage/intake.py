"""Leads and consents into the database: small batches to staging, visible by one flip (decision 12)."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from typing import Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from dialer.compliance.facts import CalleeFacts, ConsentFacts
from dialer.domain.consent import Artefact, ConsentField
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.evidence.canonical import Json, encode
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.services.lead_rows import ConsentRow, LeadRow
from dialer.services.views.floor import ImportView, RejectedRow
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.personal import CONSENT, LEAD, NUMBER
from dialer.storage.refusal_lift import NewConsent, lift_by_consent
from dialer.storage.registers import to_register
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables import Consent, ImportRun, Lead
from dialer.storage.tables import Subject as SubjectRow
from dialer.storage.times import micros

BATCH_ROWS: Final = 100
SHOWN_FILE: Final = "shown.txt"
RECORD_FILE: Final = "record.json"


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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a lead is put: staged in an import, or queued by itself."""

    state: str
    import_id: str | None


BY_ITSELF: Final = _Place("queued", None)


class StoredIntake:
    """`services.lead_intake.Intake` on the database."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring
        self._clock = clock

    async def country(self, org: OrganisationId, campaign: CampaignId) -> str | None:
        row = await self._store.read(
            lambda tx: tx.one(
                "SELECT register_json FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org
            )
        )
        return None if row is None else str(json.loads(row.register_json).get("country", "CN"))

    async def take(
        self,
        org: OrganisationId,
        user: UserId,
        campaign: CampaignId,
        good: list[LeadRow],
        bad: list[RejectedRow],
        rows: int,
    ) -> ImportView:
        import_id = secrets.token_hex(8)
        for start in range(0, len(good), BATCH_ROWS):
            batch = good[start : start + BATCH_ROWS]
            await self._store.write(
                partial(self._stage, org=org, user=user, campaign=campaign, import_id=import_id, batch=batch)
            )
        at = self._clock.now()
        view = ImportView(
            id=import_id, campaign_id=campaign, at=at, rows=rows, accepted=len(good), rejected=tuple(bad)
        )

        def flip(tx: Tx) -> None:
            tx.run(
                "UPDATE lead SET state = 'queued' WHERE import_id = :id AND state = 'staged'", id=import_id
            )
            tx.insert(
                ImportRun(
                    id=import_id,
                    org_id=org,
                    campaign_id=campaign,
                    state="visible",
                    at_us=micros(at),
                    rows=rows,
                    accepted=len(good),
                    report_json=json.dumps([asdict(r) for r in bad], ensure_ascii=False),
                )
            )

        await self._store.write(flip)
        return view

    def _stage(
        self,
        tx: Tx,
        org: OrganisationId,
        user: UserId,
        campaign: CampaignId,
        import_id: str,
        batch: list[LeadRow],
    ) -> None:
        actor = Actor(ActorKind.USER, user)
        for row in batch:
            self.put(tx, org, campaign, row, actor, _Place("staged", import_id))

    def put(
        self, tx: Tx, org: OrganisationId, campaign: CampaignId, row: LeadRow, actor: Actor, place: _Place
    ) -> str | None:
        """One lead with its consent, inside `tx`; the consent's id."""
        subject = subject_of(tx, self._keyring, org, row.number.e164)
        consent_id = None
        if row.consent is not None:
            consent_id = self._record(tx, org, subject, row, row.consent, actor)
        words = {"name": row.name, "asked": row.asked}
        tx.insert(
            Lead(
                id=secrets.token_hex(8),
                org_id=org,
                campaign_id=campaign,
                sid=subject.sid,
                consent_id=consent_id,
                state=place.state,
                due_us=micros(row.requested_at),
                promised_from_us=micros(row.promised_from) if row.promised_from else None,
                promised_until_us=micros(row.promised_until) if row.promised_until else None,
                requested_us=micros(row.requested_at),
                register_json=to_register(
                    CalleeFacts,
                    age=row.age,
                    relation=row.relation,
                    person=row.person,
                    region_rule="",
                    risk_marks=frozenset(),
                ),
                payload_ct=self._close(subject, LEAD, words),
                import_id=place.import_id,
                row=row.line if place.import_id is not None else None,
            )
        )
        return consent_id

    def _record(
        self, tx: Tx, org: OrganisationId, subject: Row, row: LeadRow, consent: ConsentRow, actor: Actor
    ) -> str:
        """One consent with its leaf; what it lacks is kept as lacking, and the gate will say so."""
        consent_id = secrets.token_hex(8)
        text = tx.one(
            "SELECT * FROM consent_text WHERE id = :id AND org_id = :org", id=consent.text_version, org=org
        )
        source = tx.one(
            "SELECT * FROM consent_source WHERE id = :id AND org_id = :org", id=consent.source, org=org
        )
        record = signed_record(row.number.e164, consent)
        is_signed = source is not None and signed_by(source, record, consent.signature)
        artefact = artefact_of(record, consent.signature)
        artefact_sha256 = sha256(artefact).hexdigest() if is_signed else None
        said = json.loads(text.register_json) if text is not None else {}
        files = {RECORD_FILE: artefact} if is_signed else {}
        if text is not None:
            files[SHOWN_FILE] = text.text.encode()
        listed: list[Json] = [
            {"bytes": len(files[name]), "name": name, "sha256": sha256(files[name]).hexdigest()}
            for name in sorted(files)
        ]
        says: dict[str, Json] = {
            "callee.number": row.number.e164,
            "purpose": str(consent.purpose),
            "act": consent.act,
            "given_at": micros(consent.given_at),
            "origin": str(consent.origin),
            "source": consent.source,
            "text_version": consent.text_version,
            "address": consent.address,
            "ownership": consent.ownership,
        }
        if listed:
            says["consent.files"] = listed
        ts = tx.now_us()
        draft = Draft(
            type=EventType.CONSENT_RECORDED,
            actor=actor,
            says=says,
            org=org,
            consent_id=consent_id,
            subject=Subject(subject.sid, bytes(subject.wrapped_key)),
        )
        seq = self._log.append(tx, draft, ts)
        words = {
            "text": text.text if text is not None else "",
            "text_version": consent.text_version,
            "name": row.name,
            "asked": row.asked,
            "record": artefact.decode() if is_signed else "",
        }
        tx.insert(
            Consent(
                id=consent_id,
                org_id=org,
                sid=subject.sid,
                purpose=str(consent.purpose),
                source_id=source.id if source is not None else None,
                origin=str(consent.origin),
                ownership=consent.ownership,
                given_us=micros(consent.given_at),
                expires_us=micros(consent.expires_at) if consent.expires_at else None,
                withdrawn_us=micros(consent.withdrawn_at) if consent.withdrawn_at else None,
                register_json=to_register(
                    ConsentFacts,
                    purpose_text=str(said.get("purpose_text", "")),
                    fields=fields_of(
                        said,
                        {
                            ConsentField.TEXT_VERSION: consent.text_version,
                            ConsentField.ACT: consent.act,
                            ConsentField.TIME: consent.given_at,
                            ConsentField.CHANNEL: str(consent.origin),
                            ConsentField.ADDRESS: consent.address,
                            ConsentField.ARTEFACT_SHA256: artefact_sha256,
                        },
                    ),
                    unfilled_placeholders=text.text.count("{{") if text is not None else 0,
                    artefact=Artefact.SOURCE_SIGNED if is_signed else Artefact.NONE,
                    kept_days_promised=int(said.get("kept_days_promised", 0)),
                    separate_consent_sha256="",
                    guardian_consent_sha256="",
                ),
                artefact_sha256=artefact_sha256,
                payload_ct=self._close(subject, CONSENT, words),
                leaf_seq=seq,
            )
        )
        new = NewConsent(
            consent_id=consent_id,
            purpose=str(consent.purpose),
            ownership=consent.ownership,
            given_us=micros(consent.given_at),
            expires_us=micros(consent.expires_at) if consent.expires_at else None,
            withdrawn_us=micros(consent.withdrawn_at) if consent.withdrawn_at else None,
            has_artefact=is_signed,
            leaf_seq=seq,
        )
        lift_by_consent(tx, self._keyring, subject, new)
        return consent_id

    def _close(self, subject: Row, purpose: str, words: dict[str, str]) -> bytes:
        plaintext = json.dumps(words, ensure_ascii=False).encode()
        return self._keyring.encrypt(bytes(subject.wrapped_key), subject.sid, purpose, plaintext)


def subject_of(tx: Tx, keyring: Keyring, org: str, number: str) -> Row:
    """The subject of a number within an organisation, made when it is new."""
    hmac = keyring.number_hmac(org, number)
    found = tx.one("SELECT * FROM subject WHERE org_id = :org AND number_hmac = :hmac", org=org, hmac=hmac)
    if found is not None and found.wrapped_key is not None:
        return found
    if found is not None:
        # the person was erased and now asks again: a new key, the same hashes
        wrapped = keyring.new_subject_key(found.sid)
        tx.run(
            "UPDATE subject SET wrapped_key = :key, number_ct = :number WHERE sid = :sid",
            key=wrapped,
            number=keyring.encrypt(wrapped, found.sid, NUMBER, number.encode()),
            sid=found.sid,
        )
        return tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=found.sid)
    sid = secrets.token_hex(16)
    wrapped = keyring.new_subject_key(sid)
    tx.insert(
        SubjectRow(
            sid=sid,
            org_id=org,
            number_hmac=hmac,
            platform_hmac=keyring.platform_hmac(number),
            key_version=keyring.key_version,
            wrapped_key=wrapped,
            number_ct=keyring.encrypt(wrapped, sid, NUMBER, number.encode()),
            created_us=tx.now_us(),
        )
    )
    return tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=sid)


def signed_by(source: Row, record: bytes, signature: str) -> bool:
    """Whether the source's own key signed that record."""
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
