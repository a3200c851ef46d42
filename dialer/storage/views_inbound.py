"""Calls to our numbers, read for the agent who has one and for supervisors and auditors."""

from dataclasses import dataclass
from typing import Final

from dialer.calls.attempt import Outcome
from dialer.calls.inbound import InboundMode
from dialer.domain.disposition import BY_CODE, INBOUND
from dialer.domain.ids import InboundId, OrganisationId, UserId
from dialer.ports.bundle import SealedRecording
from dialer.services.views.caller import AskedBefore, DeskCaller, EarlierContact
from dialer.services.views.inbound import (
    InboundFacts,
    InboundPage,
    InboundRow,
    InboundView,
)
from dialer.services.views.trail import PersonView, TimelineEvent
from dialer.services.views.vocabulary import OUTCOMES
from dialer.services.views.words import Choice, Named, Sentence
from dialer.storage.log import open_payload
from dialer.storage.personal import LEAD, Key, PersonalReader
from dialer.storage.recordings import KEY
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment, moment_or_none
from dialer.storage.views_attempt import proof_until, recording_view, timeline_event

ASKED_SHOWN_MAX: Final = 5
ROWS_MAX: Final = 50
TIMELINE_LEAVES_MAX: Final = 500
_CALL: Final = """
    SELECT i.*, k.number AS shown_number, s.wrapped_key, s.number_ct, s.number_hmac, s.platform_hmac, u.name AS agent_name
      FROM inbound_call i
      JOIN caller_id k ON k.id = i.line
      LEFT JOIN subject s ON s.sid = i.sid
      LEFT JOIN user_account u ON u.id = i.agent_id
"""


@dataclass(frozen=True, slots=True)
class InboundReader:
    """Reads calls to our numbers."""

    store: Store
    personal: PersonalReader

    async def caller(self, user: UserId, inbound_id: InboundId) -> DeskCaller | None:
        """`CallerReads`: the person who rings, whose call the exchange gave to that agent of the same organisation."""
        return await self.store.read(lambda tx: self._caller(tx, user, inbound_id))

    async def rows(self, org: OrganisationId, after: str | None) -> InboundPage:
        """Calls, newest first. `after`: the `next` of the page before."""
        return await self.store.read(lambda tx: self._rows(tx, org, after))

    async def view(self, org: OrganisationId, inbound_id: InboundId) -> InboundView | None:
        """The page of one call; None: that organisation has no such call."""
        return await self.store.read(lambda tx: self._view(tx, org, inbound_id))

    async def recording(self, org: OrganisationId, inbound_id: InboundId) -> SealedRecording | None:
        """What opens the sealed recording of one call; None: there is none (any more)."""

        def work(tx: Tx) -> SealedRecording | None:
            row = tx.one(
                "SELECT r.*, i.sid, s.wrapped_key AS subject_key FROM recording r"
                " JOIN inbound_call i ON i.id = r.inbound_id JOIN subject s ON s.sid = i.sid"
                " WHERE i.id = :id AND i.org_id = :org AND r.state = 'sealed'",
                id=inbound_id,
                org=org,
            )
            if row is None or row.subject_key is None:
                return None
            key = self.personal.keyring.decrypt(bytes(row.subject_key), row.sid, KEY, bytes(row.wrapped_key))
            return SealedRecording(path=row.path, key=key, ct_sha256=row.ct_sha256)

        return await self.store.read(work)

    def _caller(self, tx: Tx, user: UserId, inbound_id: InboundId) -> DeskCaller | None:
        row = tx.one(
            f"{_CALL} WHERE i.id = :id AND i.sid IS NOT NULL"
            " AND i.org_id = (SELECT a.org_id FROM user_account a WHERE a.id = :user)",
            id=inbound_id,
            user=user,
        )
        if row is None:
            return None
        key = Key(row.sid, row.wrapped_key)
        leads = tx.all(
            "SELECT l.id, l.payload_ct, l.requested_us, l.state, c.name_zh, c.name_en FROM lead l"
            " JOIN campaign c ON c.id = l.campaign_id WHERE l.sid = :sid ORDER BY l.requested_us DESC LIMIT :most",
            sid=row.sid,
            most=ASKED_SHOWN_MAX,
        )
        asked = [(lead, self.personal.words(key, LEAD, lead.payload_ct)) for lead in leads]
        return DeskCaller(
            inbound_id=row.id,
            line=row.shown_number,
            name=next((words["name"] for _, words in asked if "name" in words), None),
            number=self.personal.masked(key, row.number_ct),
            zone=self.personal.zone(key, row.number_ct),
            received_at=moment(row.received_us),
            asked_at=moment_or_none(row.asked_us),
            connected_at=moment_or_none(row.connected_us),
            wrap_until=None,
            on_do_not_call=_on_list(tx, row),
            asked_before=tuple(
                AskedBefore(
                    lead.id,
                    Sentence(lead.name_zh, lead.name_en),
                    words.get("asked"),
                    moment(lead.requested_us),
                    lead.state,
                )
                for lead, words in asked
            ),
            earlier=_earlier(tx, row),
            dispositions=tuple(Choice(d.code, Sentence(d.zh, d.en)) for d in INBOUND),
        )

    def _rows(self, tx: Tx, org: OrganisationId, after: str | None) -> InboundPage:
        before = (
            None
            if after is None
            else tx.one("SELECT received_seq FROM inbound_call WHERE id = :id", id=after)
        )
        rows = tx.all(
            f"{_CALL} WHERE i.org_id = :org AND i.received_seq < :before ORDER BY i.received_seq DESC LIMIT :most",
            org=org,
            before=2**62 if before is None else before.received_seq,
            most=ROWS_MAX + 1,
        )
        shown = rows[:ROWS_MAX]
        sealed = {
            r.inbound_id
            for row in shown
            for r in tx.all(
                "SELECT inbound_id FROM recording WHERE inbound_id = :id AND state = 'sealed'", id=row.id
            )
        }
        items = tuple(self._row(row, has_recording=row.id in sealed) for row in shown)
        return InboundPage(items, shown[-1].id if len(rows) > ROWS_MAX else None)

    def _row(self, row: Row, *, has_recording: bool) -> InboundRow:
        return InboundRow(
            id=row.id,
            at=moment(row.received_us),
            line=row.shown_number,
            number=None
            if row.sid is None
            else self.personal.masked(Key(row.sid, row.wrapped_key), row.number_ct),
            mode=InboundMode(row.mode).name.lower(),
            state=_state(row),
            wish=row.wish or "none",
            asked_agent=row.asked_us is not None,
            agent=row.agent_name,
            disposition=row.disposition,
            seconds=None if row.ended_us is None else (row.ended_us - row.received_us) / 1_000_000,
            has_recording=has_recording,
        )

    def _view(self, tx: Tx, org: OrganisationId, inbound_id: InboundId) -> InboundView | None:
        row = tx.one(f"{_CALL} WHERE i.id = :id AND i.org_id = :org", id=inbound_id, org=org)
        if row is None:
            return None
        sound = tx.one(
            "SELECT state, frames, rate, channels, flac_sha256, gaps_json FROM recording WHERE inbound_id = :id",
            id=inbound_id,
        )
        return InboundView(
            call=_facts(row),
            person=self._person(tx, row),
            timeline=self._timeline(tx, row),
            recording=None if sound is None else recording_view(sound),
            proof=proof_until(tx, row.ended_seq),
        )

    def _person(self, tx: Tx, row: Row) -> PersonView | None:
        if row.sid is None:
            return None
        key = Key(row.sid, row.wrapped_key)
        lead = tx.one(
            "SELECT payload_ct FROM lead WHERE sid = :sid ORDER BY requested_us DESC LIMIT 1", sid=row.sid
        )
        words = {} if lead is None else self.personal.words(key, LEAD, lead.payload_ct)
        return PersonView(
            name=words.get("name"),
            number=self.personal.masked(key, row.number_ct),
            zone=self.personal.zone(key, row.number_ct),
            erased=row.wrapped_key is None,
        )

    def _timeline(self, tx: Tx, row: Row) -> tuple[TimelineEvent, ...]:
        """Leaves about the caller that name this call, and the list's between its first leaf and its last."""
        leaves = tx.all(
            "SELECT seq, hash, body, type FROM leaf WHERE seq = :first OR (sid = :sid AND seq > :first)"
            " ORDER BY seq LIMIT :most",
            first=row.received_seq,
            sid=row.sid or "",
            most=TIMELINE_LEAVES_MAX,
        )
        last = row.ended_seq if row.ended_seq is not None else 2**62
        return tuple(
            timeline_event(tx, self.personal, leaf)
            for leaf in leaves
            if leaf.seq == row.received_seq
            or (leaf.type == "dnc.added" and leaf.seq < last)
            or self._names(tx, leaf.seq, row.id)
        )

    def _names(self, tx: Tx, seq: int, inbound_id: str) -> bool:
        payload = open_payload(tx, self.personal.keyring, seq)
        return payload is not None and payload.value("inbound") == inbound_id


def _facts(row: Row) -> InboundFacts:
    chosen = None if row.disposition is None else BY_CODE.get(row.disposition)
    came = row.asked_us is not None and row.connected_us is not None
    return InboundFacts(
        id=row.id,
        line=row.shown_number,
        mode=InboundMode(row.mode).name.lower(),
        state=_state(row),
        wish=row.wish or "none",
        received_at=moment(row.received_us),
        asked_at=moment_or_none(row.asked_us),
        connected_at=moment_or_none(row.connected_us),
        ended_at=moment_or_none(row.ended_us),
        waited_seconds=(row.connected_us - row.asked_us) / 1_000_000 if came else None,
        agent=None if row.agent_id is None else Named(row.agent_id, Sentence(row.agent_name, row.agent_name)),
        disposition=None if chosen is None else Choice(chosen.code, Sentence(chosen.zh, chosen.en)),
        consent_id=row.consent_id,
    )


def _state(row: Row) -> str:
    return "under_way" if row.ended_us is None else "ended"


def _on_list(tx: Tx, row: Row) -> bool:
    found = tx.one(
        "SELECT 1 AS there FROM dnc_entry WHERE lifted_by_consent IS NULL AND ((org_id = :org AND number_hmac = :hmac)"
        " OR (org_id IS NULL AND number_hmac = :platform)) LIMIT 1",
        org=row.org_id,
        hmac=bytes(row.number_hmac),
        platform=bytes(row.platform_hmac),
    )
    return found is not None


def _earlier(tx: Tx, row: Row) -> tuple[EarlierContact, ...]:
    rows = tx.all(
        "SELECT id, authorised_us, outcome FROM attempt WHERE org_id = :org AND number_hmac = :hmac"
        " AND state NOT IN ('refused', 'lapsed') AND outcome IS NOT NULL ORDER BY authorised_us DESC LIMIT :most",
        org=row.org_id,
        hmac=bytes(row.number_hmac),
        most=ASKED_SHOWN_MAX,
    )
    return tuple(
        EarlierContact(r.id, moment(r.authorised_us), r.outcome, OUTCOMES[Outcome(r.outcome)]) for r in rows
    )
