"""A callback agreed in a talk: a consent of its own for one purpose and one time, with the talk's recording as proof.

The slot is judged by the gate itself, on the rows as they would be, in the transaction that writes them: where the gate
would refuse at either end of the slot, nothing is written. Until the recording is sealed the consent has no artefact, and
the lead is not dialable.
"""

import asyncio
import json
import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from dialer.compliance.explain import as_of
from dialer.compliance.facts import CalleeFacts, ConsentFacts, ContactFacts, Facts, LeadFacts
from dialer.compliance.outcome import Refusal
from dialer.domain.consent import Artefact, ConsentField, Origin, Ownership, Promise, SourceKind
from dialer.domain.ids import AttemptId, LeadId, OrganisationId, UserId
from dialer.evidence.canonical import encode
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.keys import Keyring
from dialer.services.callbacks import SLOT, Agreed, Judged, JudgedWeek, NoSlot, NotSetUp, Slot, half_hours
from dialer.services.views.words import Sentence
from dialer.storage.consent_leaf import ConsentLeaf, append_consent
from dialer.storage.facts import BUSINESS_ZONE, FactsReader
from dialer.storage.intake_rows import RECORD_FILE, SHOWN_FILE, fields_of
from dialer.storage.ledger import Decide
from dialer.storage.log import LogWriter
from dialer.storage.moves import read_attempt
from dialer.storage.personal import CONSENT
from dialer.storage.registers import to_register
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_people import Consent, Lead
from dialer.storage.times import micros, moment

ACT: Final = "agreed in the talk to be called back at that time"
_LAST_MOMENT: Final = timedelta(minutes=1)
"""How long before the slot's end a call must still be lawful."""


class _Unlawful(Exception):
    """Rolls the transaction back: the gate would refuse."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__("the slot is not lawful")
        self.refusal = refusal


class _Looked(Exception):
    """Rolls the transaction back: nothing was agreed. `read`: the facts as they would be, each from its moment on."""

    def __init__(self, zone: str, slots: tuple[Slot, ...], read: tuple[tuple[datetime, Facts], ...]) -> None:
        super().__init__("looked at only")
        self.zone = zone
        self.slots = slots
        self.read = read


class StoredCallbacks:
    """`services.callbacks.CallbackStore` on the database."""

    def __init__(
        self, store: Store, log: LogWriter, keyring: Keyring, read_facts: FactsReader, decide: Decide
    ) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring
        self._read_facts = read_facts
        self._decide = decide

    async def agree(
        self, org: OrganisationId, user: UserId, attempt_id: AttemptId, slot: Slot
    ) -> Agreed | NoSlot | NotSetUp | None:
        """Keep what was agreed. None: that agent has no such talk up or in wrap-up."""
        try:
            return await self._store.write(lambda tx: self._agree(tx, org, user, attempt_id, slot))
        except _Unlawful as unlawful:
            refusal = unlawful.refusal
            objections = tuple(Sentence(o.sentence_zh, o.sentence_en) for o in refusal.objections)
            return NoSlot(objections, refusal.lawful_from)

    async def judge(
        self, org: OrganisationId, user: UserId, attempt_id: AttemptId, first: date
    ) -> JudgedWeek | NotSetUp | None:
        """Judge a week of slots by the gate, on the rows as they would be; the transaction is always rolled back."""
        try:
            refused = await self._store.write(lambda tx: self._look(tx, org, user, attempt_id, first))
        except _Looked as looked:
            found = []
            for slot in looked.slots:
                facts = next(f for since, f in reversed(looked.read) if since <= slot.opens)
                found.append(Judged(slot, self._objections(facts, slot)))
                await asyncio.sleep(0)  # a week is some hundred decisions: calls under way come between them
            return JudgedWeek(looked.zone, tuple(found))
        return refused

    def _look(
        self, tx: Tx, org: OrganisationId, user: UserId, attempt_id: AttemptId, first: date
    ) -> NotSetUp | None:
        attempt = _talk(tx, org, user, attempt_id)
        if attempt is None:
            return None
        now = moment(tx.now_us())
        known = tx.one("SELECT * FROM lead WHERE consent_id = :id", id=f"callback-{attempt_id}")
        trial = Slot(now, now + SLOT)
        lead = self._draft(tx, attempt, user, trial) if known is None else LeadId(known.id)
        if isinstance(lead, NotSetUp):
            return lead
        zone = _zone_of(self._read_facts(tx, lead, now))
        slots = half_hours(ZoneInfo(zone), first, now)
        read = tuple((at, self._facts_then(tx, lead, at)) for at in _moments(slots, now))
        raise _Looked(zone, slots, read)

    def _objections(self, facts: Facts, slot: Slot) -> tuple[Sentence, ...]:
        """What speaks against a slot, at either end of it; what waiting doesn't cure comes first."""
        promised = _promised(facts, slot)
        for at in (slot.opens, slot.closes - _LAST_MOMENT):
            decision = self._decide(as_of(promised, at), at)
            if isinstance(decision, Refusal):
                ordered = sorted(decision.objections, key=lambda o: o.lawful_from is not None)
                return tuple(Sentence(o.sentence_zh, o.sentence_en) for o in ordered)
        return ()

    def _agree(
        self, tx: Tx, org: OrganisationId, user: UserId, attempt_id: AttemptId, slot: Slot
    ) -> Agreed | NotSetUp | None:
        attempt = _talk(tx, org, user, attempt_id)
        if attempt is None:
            return None
        known = tx.one("SELECT * FROM lead WHERE consent_id = :id", id=f"callback-{attempt_id}")
        if known is not None:
            return Agreed(known.id, moment(known.promised_from_us), moment(known.promised_until_us))
        drafted = self._draft(tx, attempt, user, slot)
        if isinstance(drafted, NotSetUp):
            return drafted
        for at in (slot.opens, slot.closes - _LAST_MOMENT):
            decision = self._decide(self._facts_then(tx, drafted, at), at)
            if isinstance(decision, Refusal):
                raise _Unlawful(decision)
        # lawful with its proof; the proof is the recording, which exists when the talk was sealed
        _set_artefact(tx, f"callback-{attempt_id}", Artefact.NONE)
        return Agreed(drafted, slot.opens, slot.closes)

    def _draft(self, tx: Tx, attempt: Row, user: UserId, slot: Slot) -> LeadId | NotSetUp:
        """The consent and the lead as they would be with their proof."""
        campaign = tx.sole("SELECT purpose FROM campaign WHERE id = :id", id=attempt.campaign_id)
        source, text = _own_call(tx, attempt.org_id, campaign.purpose)
        if source is None or text is None:
            return NotSetUp()
        consent_id = f"callback-{attempt.id}"
        record = self._record(tx, attempt, user, source, text, slot)
        tx.insert(self._consent(tx, attempt, user, source, text, consent_id, record, slot))
        lead_id = LeadId(secrets.token_hex(8))
        tx.insert(_lead(tx, attempt, lead_id, consent_id, slot))
        return lead_id

    def _facts_then(self, tx: Tx, lead_id: LeadId, at: datetime) -> Facts:
        """The facts of now at that moment: this very talk will be over by then."""
        facts = as_of(self._read_facts(tx, lead_id, at), at)
        contact = facts.contact
        if isinstance(contact, ContactFacts):
            facts = replace(facts, contact=replace(contact, open_attempts=0))
        return facts

    def _record(self, tx: Tx, attempt: Row, user: UserId, source: Row, text: Row, slot: Slot) -> bytes:
        return encode(
            {
                "kind": "talk",
                "attempt": attempt.id,
                "agent": str(user),
                "source": source.id,
                "origin": str(Origin.AGENT_PROMISE),
                "text_version": text.id,
                "act": ACT,
                "given_at": moment(tx.now_us()).isoformat(),
                "agreed": [slot.opens.isoformat(), slot.closes.isoformat()],
            }
        )

    def _consent(
        self,
        tx: Tx,
        attempt: Row,
        user: UserId,
        source: Row,
        text: Row,
        consent_id: str,
        record: bytes,
        slot: Slot,
    ) -> Consent:
        now_us = tx.now_us()
        leaf = ConsentLeaf(
            org_id=attempt.org_id,
            consent_id=consent_id,
            subject=attempt,
            actor=Actor(ActorKind.USER, user),
            says={
                "purpose": text.purpose,
                "act": ACT,
                "given_at": now_us,
                "origin": str(Origin.AGENT_PROMISE),
                "source": source.id,
                "text_version": text.id,
                "recording_of": attempt.id,
                "ownership": str(Ownership.UNPROVEN),
            },
            files={RECORD_FILE: record, SHOWN_FILE: text.text.encode()},
        )
        seq = append_consent(tx, self._log, leaf, now_us)
        words = {
            "text": text.text,
            "text_version": text.id,
            "name": "",
            "asked": "",
            "record": record.decode(),
        }
        return Consent(
            id=consent_id,
            org_id=attempt.org_id,
            sid=attempt.sid,
            purpose=text.purpose,
            source_id=source.id,
            origin=str(Origin.AGENT_PROMISE),
            ownership=str(Ownership.UNPROVEN),
            given_us=now_us,
            expires_us=micros(slot.closes),
            register_json=_register(text, record, Artefact.FILE),
            artefact_sha256=sha256(record).hexdigest(),
            payload_ct=self._keyring.encrypt(
                bytes(attempt.wrapped_key),
                attempt.sid,
                CONSENT,
                json.dumps(words, ensure_ascii=False).encode(),
            ),
            leaf_seq=seq,
        )


def prove_by_recording(tx: Tx, attempt_id: AttemptId) -> None:
    """The talk's recording is sealed: the callback agreed in it has its artefact. In the sealing's transaction."""
    _set_artefact(tx, f"callback-{attempt_id}", Artefact.FILE)


def _set_artefact(tx: Tx, consent_id: str, artefact: Artefact) -> None:
    row = tx.one("SELECT register_json FROM consent WHERE id = :id", id=consent_id)
    if row is None:
        return
    register = json.loads(row.register_json)
    register["artefact"] = str(artefact)
    tx.run(
        "UPDATE consent SET register_json = :register WHERE id = :id",
        register=json.dumps(register),
        id=consent_id,
    )


def _talk(tx: Tx, org: OrganisationId, user: UserId, attempt_id: AttemptId) -> Row | None:
    """That agent's talk, while it is up or in wrap-up."""
    there = tx.one(
        "SELECT id FROM attempt WHERE id = :id AND org_id = :org AND agent_id = :user"
        " AND state IN ('connected', 'wrapping')",
        id=attempt_id,
        org=org,
        user=user,
    )
    return None if there is None else read_attempt(tx, attempt_id)


def _zone_of(facts: Facts) -> str:
    zones = facts.callee.zones if isinstance(facts.callee, CalleeFacts) else None
    return min(zones) if isinstance(zones, frozenset) and zones else str(BUSINESS_ZONE)


def _moments(slots: tuple[Slot, ...], now: datetime) -> tuple[datetime, ...]:
    """From when on facts are read anew: within the next hour at every slot, then once, then at each day's begin.

    What is counted by the hour or the day has fallen to nothing by then, unless a call is made meanwhile.
    """
    found: list[datetime] = []
    soon = now + timedelta(hours=1)
    for slot in slots:
        last = found[-1] if found else None
        if last is None or last <= soon or last.astimezone(BUSINESS_ZONE).date() != _day(slot):
            found.append(slot.opens)
    return tuple(found)


def _day(slot: Slot) -> date:
    return slot.opens.astimezone(BUSINESS_ZONE).date()


def _promised(facts: Facts, slot: Slot) -> Facts:
    """The facts with that slot promised instead of the one that they were read with."""
    consent, lead = facts.consent, facts.lead
    if isinstance(consent, ConsentFacts):
        facts = replace(
            facts,
            consent=replace(consent, expires_at=slot.closes, promise=Promise(slot.opens, slot.closes)),
        )
    return replace(facts, lead=replace(lead, due_at=slot.opens)) if isinstance(lead, LeadFacts) else facts


def _own_call(tx: Tx, org: str, purpose: str) -> tuple[Row | None, Row | None]:
    source = tx.one(
        "SELECT * FROM consent_source WHERE org_id = :org AND kind = :kind AND state = 'verified' ORDER BY id LIMIT 1",
        org=org,
        kind=str(SourceKind.OWN_CALL),
    )
    if source is None:
        return None, None
    named = str(json.loads(source.register_json).get("text", ""))
    text = tx.one(
        "SELECT * FROM consent_text WHERE id = :id AND org_id = :org AND purpose = :purpose",
        id=named,
        org=org,
        purpose=purpose,
    )
    return source, text


def _register(text: Row, record: bytes, artefact: Artefact) -> str:
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
        artefact=artefact,
        kept_days_promised=int(said.get("kept_days_promised", 0)),
        separate_consent_sha256="",
        guardian_consent_sha256="",
    )


def _lead(tx: Tx, attempt: Row, lead_id: str, consent_id: str, slot: Slot) -> Lead:
    former = tx.sole(
        "SELECT register_json, payload_ct, language, zones FROM lead WHERE id = :id", id=attempt.lead_id
    )
    return Lead(
        id=lead_id,
        org_id=attempt.org_id,
        campaign_id=attempt.campaign_id,
        sid=attempt.sid,
        consent_id=consent_id,
        state="queued",
        due_us=micros(slot.opens),
        promised_from_us=micros(slot.opens),
        promised_until_us=micros(slot.closes),
        requested_us=tx.now_us(),
        register_json=former.register_json,
        payload_ct=bytes(former.payload_ct) if former.payload_ct is not None else None,
        language=former.language,
        zones=former.zones,
    )
