"""Consents from the form: subject, leaf, artefact, receipt and the due lead, in one transaction."""

import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from dialer.compliance.facts import CalleeFacts, ConsentFacts
from dialer.domain.consent import Artefact, ConsentField, Origin
from dialer.domain.ids import OrganisationId, SubjectId
from dialer.domain.lead import Age, Person, Relation
from dialer.evidence.canonical import Json, encode
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.keys import Keyring
from dialer.services.consent_desk import Event, Form, Given, Receipt
from dialer.services.views.words import Sentence
from dialer.storage.consent_forms import read_form, sms_of
from dialer.storage.consent_history import read_history
from dialer.storage.consent_leaf import ConsentLeaf, append_consent
from dialer.storage.intake import subject_of
from dialer.storage.intake_rows import RECORD_FILE, SHOWN_FILE, fields_of
from dialer.storage.log import LogWriter
from dialer.storage.personal import CONSENT, LEAD, Key, PersonalReader
from dialer.storage.refusal_lift import NewConsent, lift_by_consent
from dialer.storage.registers import to_register
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_people import Consent, ConsentReceipt, Lead
from dialer.storage.times import micros, moment, moment_or_none

ACTS: Final = {"zh": "pressed 同意并请回电", "en": "pressed Agree, please call me"}
LEADS_A_DAY_MAX: Final = 3
"""Leads that one number gets in one campaign within a day, however often the form is sent."""
DAY_US: Final = 86_400_000_000


@dataclass(frozen=True, slots=True)
class StoredConsents:
    """`services.consent_desk.ConsentStore` on the database."""

    store: Store
    log: LogWriter
    keyring: Keyring

    async def form(self, source_id: str, language: str, base_url: str) -> Form | None:
        return await self.store.read(lambda tx: read_form(tx, source_id, language, base_url))

    async def record(self, given: Given) -> None:
        await self.store.write(lambda tx: self._record(tx, given))

    async def receipt(self, token: str) -> Receipt | None:
        digest = sha256(token.encode()).digest()
        return await self.store.read(lambda tx: _receipt(tx, self.keyring, digest))

    async def history(self, token: str) -> tuple[Event, ...]:
        digest = sha256(token.encode()).digest()
        return await self.store.write(lambda tx: read_history(tx, self.log, digest))

    async def number(self, token: str) -> str | None:
        digest = sha256(token.encode()).digest()

        def work(tx: Tx) -> str | None:
            row = tx.one(
                "SELECT s.* FROM consent_receipt r JOIN consent c ON c.id = r.consent_id"
                " JOIN subject s ON s.sid = c.sid WHERE r.token_sha256 = :token",
                token=digest,
            )
            if row is None:
                return None
            return PersonalReader(self.keyring).number(Key(row.sid, row.wrapped_key), row.number_ct)

        return await self.store.read(work)

    def _record(self, tx: Tx, given: Given) -> None:
        form = given.form
        subject = subject_of(tx, self.keyring, form.org_id, given.number.e164)
        now_us = tx.now_us()
        consent_id = secrets.token_hex(8)
        record = encode(_record_of(given, now_us))
        artefact_sha256 = sha256(record).hexdigest()
        seq = append_consent(tx, self.log, _leaf(given, subject, consent_id, record, now_us), now_us)
        tx.insert(
            Consent(
                id=consent_id,
                org_id=form.org_id,
                sid=subject.sid,
                purpose=str(form.purpose),
                source_id=form.source_id,
                origin=str(Origin.WEB_FORM),
                ownership=str(given.ownership),
                given_us=now_us,
                expires_us=micros(form.expires_at) if form.expires_at is not None else None,
                register_json=_consent_register(tx, given, artefact_sha256),
                artefact_sha256=artefact_sha256,
                payload_ct=self._close(
                    subject,
                    CONSENT,
                    {
                        "text": form.text,
                        "text_version": form.text_version,
                        "language": form.language,
                        "name": given.name,
                        "asked": given.asked,
                        "record": record.decode(),
                    },
                ),
                leaf_seq=seq,
            )
        )
        lift_by_consent(
            tx,
            self.keyring,
            subject,
            NewConsent(
                consent_id=consent_id,
                purpose=str(form.purpose),
                ownership=str(given.ownership),
                given_us=now_us,
                expires_us=micros(form.expires_at) if form.expires_at is not None else None,
                withdrawn_us=None,
                has_artefact=True,
                leaf_seq=seq,
            ),
        )
        tx.insert(
            ConsentReceipt(
                token_sha256=sha256(given.token.encode()).digest(), consent_id=consent_id, created_us=now_us
            )
        )
        if _wants_lead(tx, given, subject, now_us):
            tx.insert(self._lead(given, subject, consent_id, now_us))

    def _lead(self, given: Given, subject: Row, consent_id: str, now_us: int) -> Lead:
        promise = given.promise
        return Lead(
            id=secrets.token_hex(8),
            org_id=given.form.org_id,
            campaign_id=given.form.campaign_id,
            sid=subject.sid,
            consent_id=consent_id,
            state="queued",
            due_us=max(now_us, micros(promise.opens)) if promise is not None else now_us,
            promised_from_us=micros(promise.opens) if promise is not None else None,
            promised_until_us=micros(promise.closes) if promise is not None else None,
            requested_us=now_us,
            # the text says that minors may not use it, and asks only people who deal with the organisation themselves
            register_json=to_register(
                CalleeFacts,
                age=Age.ADULT,
                relation=Relation.OTHER,
                person=Person.NATURAL,
                region_rule="",
                risk_marks=frozenset(),
            ),
            payload_ct=self._close(subject, LEAD, {"name": given.name, "asked": given.asked}),
            language=given.form.language,
            zones=",".join(sorted(given.number.zones)),
        )

    def _close(self, subject: Row, purpose: str, words: dict[str, str]) -> bytes:
        plaintext = json.dumps(words, ensure_ascii=False).encode()
        return self.keyring.encrypt(bytes(subject.wrapped_key), subject.sid, purpose, plaintext)


def _leaf(given: Given, subject: Row, consent_id: str, record: bytes, now_us: int) -> ConsentLeaf:
    form = given.form
    return ConsentLeaf(
        org_id=form.org_id,
        consent_id=consent_id,
        subject=subject,
        actor=Actor(ActorKind.CALLEE, subject.sid),
        says={
            "callee.number": given.number.e164,
            "purpose": str(form.purpose),
            "act": ACTS[form.language],
            "given_at": now_us,
            "origin": str(Origin.WEB_FORM),
            "source": form.source_id,
            "text_version": form.text_version,
            "address": given.visitor.page,
            "ownership": str(given.ownership),
        },
        files={RECORD_FILE: record, SHOWN_FILE: form.text.encode()},
    )


def _record_of(given: Given, now_us: int) -> dict[str, Json]:
    """The artefact: who said yes to which words, where and when, as the server saw it."""
    form, visitor = given.form, given.visitor
    record: dict[str, Json] = {
        "kind": "web_form",
        "number": given.number.e164,
        "purpose": str(form.purpose),
        "source": form.source_id,
        "origin": str(Origin.WEB_FORM),
        "given_at": moment(now_us).isoformat(),
        "text_version": form.text_version,
        "text_sha256": form.text_sha256,
        "language": form.language,
        "act": ACTS[form.language],
        "page": visitor.page,
        "remote_address": visitor.address,
        "user_agent": visitor.user_agent,
        "ownership": str(given.ownership),
    }
    if given.proven_by:
        record["proven_by_code"] = given.proven_by
    if given.promise is not None:
        record["wished"] = [given.promise.opens.isoformat(), given.promise.closes.isoformat()]
    return record


def _consent_register(tx: Tx, given: Given, artefact_sha256: str) -> str:
    form = given.form
    text = tx.sole("SELECT register_json FROM consent_text WHERE id = :id", id=form.text_version)
    said = json.loads(text.register_json)
    return to_register(
        ConsentFacts,
        purpose_text=str(said.get("purpose_text", "")),
        fields=fields_of(
            said,
            {
                ConsentField.TEXT_SHOWN: form.text,
                ConsentField.TEXT_VERSION: form.text_version,
                ConsentField.LANGUAGE: form.language,
                ConsentField.ACT: ACTS[form.language],
                ConsentField.TIME: True,
                ConsentField.CHANNEL: True,
                ConsentField.ADDRESS: given.visitor.page,
                ConsentField.ARTEFACT_SHA256: artefact_sha256,
            },
        ),
        unfilled_placeholders=form.text.count("{{"),
        artefact=Artefact.FILE,
        kept_days_promised=int(said.get("kept_days_promised", 0)),
        separate_consent_sha256="",
        guardian_consent_sha256="",
    )


def _wants_lead(tx: Tx, given: Given, subject: Row, now_us: int) -> bool:
    """A number that waits for this campaign by this form already, or got its leads of the day, gets no further one."""
    row = tx.sole(
        "SELECT COUNT(*) AS made, COALESCE(SUM(CASE WHEN l.state IN ('queued', 'claimed', 'dialing')"
        " THEN 1 ELSE 0 END), 0) AS waiting FROM lead l JOIN consent c ON c.id = l.consent_id"
        " WHERE l.sid = :sid AND l.campaign_id = :campaign AND c.source_id = :source AND l.requested_us > :since",
        sid=subject.sid,
        campaign=given.form.campaign_id,
        source=given.form.source_id,
        since=now_us - DAY_US,
    )
    return int(row.waiting) == 0 and int(row.made) < LEADS_A_DAY_MAX


def _refused(tx: Tx, consent: Row) -> int | None:
    """Since when nothing of the organisation calls this person; of a refusal before the receipt a stranger learns nothing."""
    entry = tx.one(
        "SELECT MIN(d.at_us) AS at_us FROM dnc_entry d JOIN subject s ON s.sid = :sid"
        " WHERE ((d.org_id = s.org_id AND d.number_hmac = s.number_hmac)"
        " OR (d.org_id IS NULL AND d.number_hmac = s.platform_hmac))"
        " AND d.purpose IS NULL AND d.lifted_by_consent IS NULL",
        sid=consent.sid,
    )
    if entry is None or entry.at_us is None:
        return None
    if entry.at_us >= consent.given_us:
        return int(entry.at_us)
    return None if consent.withdrawn_us is None else int(consent.withdrawn_us)


def _receipt(tx: Tx, keyring: Keyring, token_sha256: bytes) -> Receipt | None:
    row = tx.one(
        "SELECT c.*, s.wrapped_key, o.name_zh, o.name_en FROM consent_receipt r"
        " JOIN consent c ON c.id = r.consent_id JOIN subject s ON s.sid = c.sid"
        " JOIN organisation o ON o.id = c.org_id WHERE r.token_sha256 = :token",
        token=token_sha256,
    )
    if row is None or row.wrapped_key is None:
        return None
    words = PersonalReader(keyring).words(Key(row.sid, row.wrapped_key), CONSENT, row.payload_ct)
    shown = tx.all(
        "SELECT DISTINCT k.number FROM campaign c JOIN campaign_caller_id x ON x.campaign_id = c.id"
        " JOIN caller_id k ON k.id = x.caller_id WHERE c.org_id = :org AND c.purpose = :purpose ORDER BY k.number",
        org=row.org_id,
        purpose=row.purpose,
    )
    return Receipt(
        consent_id=row.id,
        org_id=OrganisationId(row.org_id),
        sid=SubjectId(row.sid),
        org_name=Sentence(row.name_zh, row.name_en),
        purpose_text=str(json.loads(row.register_json).get("purpose_text", "")),
        text=words.get("text", ""),
        language=words.get("language", "zh"),
        caller_ids=tuple(r.number for r in shown),
        given_at=moment(row.given_us),
        expires_at=moment_or_none(row.expires_us),
        withdrawn_at=moment_or_none(row.withdrawn_us),
        refused_at=moment_or_none(_refused(tx, row)),
        sms=sms_of(tx, row.source_id, words.get("language", "zh")),
    )
