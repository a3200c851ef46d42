"""One attempt as a page: from the consent to the seal. The proof of a call that was not made is read the same way."""

import json
from dataclasses import dataclass
from typing import Any, Final

from dialer.calls.attempt import AttemptState
from dialer.domain.disposition import BY_CODE
from dialer.domain.errors import SealBroken
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.domain.purpose import Purpose
from dialer.evidence.canonical import EvidenceFormatError
from dialer.services.views.decision import InputView
from dialer.services.views.trail import (
    AttemptFacts,
    AttemptView,
    ConsentShown,
    GapView,
    PersonView,
    ProofView,
    RecordingView,
    SecondGateView,
    TimelineEvent,
)
from dialer.services.views.vocabulary import DETAILS, PAYLOAD, PURPOSES, event_sentence
from dialer.services.views.words import Choice, Named, Sentence
from dialer.storage.access import LOOKS
from dialer.storage.log import open_payload
from dialer.storage.personal import CONSENT, LEAD, Key, PersonalReader
from dialer.storage.script_ticks import ticked_script
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment, moment_or_none
from dialer.storage.views_decision import DECISION_COLUMNS, stored_decision

TIMELINE_EVENTS_MAX: Final = 500
_LOOKED: Final = ", ".join(f"'{kind}'" for kind in sorted(LOOKS))
_ATTEMPT: Final = """
    SELECT a.*, c.name_zh, c.name_en, u.name AS agent_name, i.number AS shown_number,
           s.wrapped_key, s.number_ct, l.payload_ct AS lead_payload
      FROM attempt a
      JOIN campaign c ON c.id = a.campaign_id
      JOIN subject s ON s.sid = a.sid
      JOIN lead l ON l.id = a.lead_id
      LEFT JOIN user_account u ON u.id = a.agent_id
      LEFT JOIN caller_id i ON i.id = a.caller_id
     WHERE a.id = :id AND a.org_id = :org
"""


@dataclass(frozen=True, slots=True)
class AttemptReader:
    """Reads `AttemptView`."""

    store: Store
    personal: PersonalReader

    async def view(self, org: OrganisationId, attempt: AttemptId) -> AttemptView | None:
        """The page of one attempt of that organisation, None where it has no such attempt."""
        return await self.store.read(lambda tx: self.read(tx, org, attempt))

    def read(self, tx: Tx, org: OrganisationId, attempt: AttemptId) -> AttemptView | None:
        """The same inside a transaction."""
        row = tx.one(_ATTEMPT, id=attempt, org=org)
        if row is None:
            return None
        key = Key(row.sid, row.wrapped_key)
        decision = tx.one(
            f"SELECT {DECISION_COLUMNS} FROM decision d WHERE d.attempt_id = :id ORDER BY d.at_us LIMIT 1",
            id=attempt,
        )
        return AttemptView(
            attempt=_facts(row),
            person=PersonView(
                name=self.personal.words(key, LEAD, row.lead_payload).get("name"),
                number=self.personal.masked(key, row.number_ct),
                zone=self.personal.zone(key, row.number_ct),
                erased=row.wrapped_key is None,
            ),
            consent=self._consent(tx, row, key),
            decision=None if decision is None else stored_decision(decision),
            second_gate=_second_gate(tx, attempt),
            timeline=self._timeline(tx, row),
            recording=_recording(tx, attempt),
            proof=_proof(tx, attempt),
            script=None if row.connected_us is None else ticked_script(tx, self.personal.keyring, row),
        )

    def _consent(self, tx: Tx, attempt: Row, key: Key) -> ConsentShown | None:
        if attempt.consent_id is None:
            return None
        row = tx.sole(
            "SELECT c.*, s.name AS source_name FROM consent c LEFT JOIN consent_source s ON s.id = c.source_id"
            " WHERE c.id = :id",
            id=attempt.consent_id,
        )
        words = self.personal.words(key, CONSENT, row.payload_ct)
        purpose = Purpose(row.purpose)
        return ConsentShown(
            id=row.id,
            purpose=purpose.value,
            purpose_name=PURPOSES[purpose],
            source=None if row.source_name is None else Sentence(row.source_name, row.source_name),
            origin=row.origin,
            ownership=row.ownership,
            given_at=moment(row.given_us),
            expires_at=moment_or_none(row.expires_us),
            withdrawn_at=moment_or_none(row.withdrawn_us),
            text=words.get("text"),
            text_version=words.get("text_version"),
            asked=words.get("asked"),
            artefact_sha256=row.artefact_sha256,
            leaf_seq=row.leaf_seq,
        )

    def _timeline(self, tx: Tx, attempt: Row) -> tuple[TimelineEvent, ...]:
        rows = tx.all(
            "SELECT seq, hash, body, type FROM leaf WHERE attempt_id = :id"
            " OR (consent_id = :consent AND type LIKE 'consent.%')"
            " ORDER BY seq LIMIT :most",
            id=attempt.id,
            consent=attempt.consent_id or "",
            most=TIMELINE_EVENTS_MAX,
        )
        return tuple(timeline_event(tx, self.personal, row) for row in rows)


def timeline_event(tx: Tx, personal: PersonalReader, row: Row) -> TimelineEvent:
    """A leaf (`seq`, `hash`, `body`, `type`) as a page shows it."""
    body = json.loads(bytes(row.body))
    return TimelineEvent(
        seq=row.seq,
        at=moment(int(body["ts"])),
        type=row.type,
        sentence=event_sentence(row.type),
        actor=f"{body['actor']['kind']}:{body['actor']['id']}",
        details=_details(tx, personal, row.seq),
        leaf_hash=bytes(row.hash).hex(),
    )


def _details(tx: Tx, personal: PersonalReader, seq: int) -> tuple[InputView, ...]:
    try:
        payload = open_payload(tx, personal.keyring, seq)
    except (SealBroken, EvidenceFormatError):
        return (InputView("payload", PAYLOAD, "broken"),)
    if payload is None:
        return ()
    named: list[tuple[str, Any]] = [(name, payload.value(name)) for name in DETAILS]
    return tuple(
        InputView(name, DETAILS[name], str(value)) for name, value in named if isinstance(value, str | int)
    )


def _facts(row: Row) -> AttemptFacts:
    chosen = None if row.disposition is None else BY_CODE.get(row.disposition)
    return AttemptFacts(
        id=row.id,
        state=AttemptState(row.state),
        campaign=Named(row.campaign_id, Sentence(row.name_zh, row.name_en)),
        lead_id=row.lead_id,
        caller_id=row.shown_number,
        agent=row.agent_name,
        authorised_at=moment(row.authorised_us),
        placed_at=moment_or_none(row.placed_us),
        ringing_at=moment_or_none(row.ringing_us),
        answered_at=moment_or_none(row.answered_us),
        connected_at=moment_or_none(row.connected_us),
        ended_at=moment_or_none(row.ended_us),
        sealed_at=moment_or_none(row.sealed_us),
        outcome=row.outcome,
        disposition=None if chosen is None else Choice(chosen.code, Sentence(chosen.zh, chosen.en)),
        hangup_by=row.hangup_by,
        dial_status=row.dial_status,
        sip_text=row.sip_text,
        abandon_cause=row.abandon_cause,
    )


def _second_gate(tx: Tx, attempt: AttemptId) -> SecondGateView | None:
    row = tx.one(
        "SELECT state, issued_us, expires_us, dial_before_us, consumed_us FROM permit WHERE attempt_id = :id",
        id=attempt,
    )
    if row is None:
        return None
    return SecondGateView(
        state=row.state,
        issued_at=moment(row.issued_us),
        expires_at=moment(row.expires_us),
        dial_before=moment(row.dial_before_us),
        consumed_at=moment_or_none(row.consumed_us),
    )


def _recording(tx: Tx, attempt: AttemptId) -> RecordingView | None:
    row = tx.one(
        "SELECT state, frames, rate, channels, flac_sha256, gaps_json FROM recording WHERE attempt_id = :id",
        id=attempt,
    )
    return None if row is None else recording_view(row)


def recording_view(row: Row) -> RecordingView:
    """A row of `recording` as a page shows it."""
    return RecordingView(
        state=row.state,
        seconds=row.frames / row.rate if row.frames is not None and row.rate else None,
        rate=row.rate,
        channels=row.channels,
        flac_sha256=row.flac_sha256,
        gaps=tuple(
            GapView(gap["from_ms"] / 1000, gap["to_ms"] / 1000, gap["why"])
            for gap in json.loads(row.gaps_json)
        ),
    )


def _proof(tx: Tx, attempt: AttemptId) -> ProofView:
    last = tx.sole(
        f"SELECT MAX(seq) AS seq FROM leaf WHERE attempt_id = :id AND type NOT IN ({_LOOKED})", id=attempt
    ).seq
    return proof_until(tx, last)


def proof_until(tx: Tx, last: int | None) -> ProofView:
    """How far the proof has come of what ends with leaf `last`; None: it has not ended."""
    signed = tx.one("SELECT size, signed_us FROM checkpoint ORDER BY size DESC LIMIT 1")
    # the first cosigned checkpoint that covers the attempt: from then on its proof was complete
    covering = tx.one(
        "SELECT size, cosigned_us FROM checkpoint WHERE cosigned_us IS NOT NULL AND size > :seq ORDER BY size LIMIT 1",
        seq=-1 if last is None else last,
    )
    return ProofView(
        last_seq=last,
        signed_size=None if signed is None else signed.size,
        signed_at=None if signed is None else moment(signed.signed_us),
        cosigned_size=None if covering is None else covering.size,
        cosigned_at=None if covering is None else moment_or_none(covering.cosigned_us),
        complete=last is not None and covering is not None,
    )
