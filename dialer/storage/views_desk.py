"""The database's part of an agent's desk: the queue, the person on the line, the day so far."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dialer.calls.attempt import Outcome
from dialer.domain.disposition import DISPOSITIONS
from dialer.domain.ids import AttemptId, LeadId, UserId
from dialer.domain.purpose import Purpose
from dialer.ports.clock import Clock
from dialer.services.views.caller import EarlierContact
from dialer.services.views.desk import (
    CallbackView,
    ConsentGlance,
    DeskCall,
    PreviewLead,
    QueueItem,
    QueueKind,
    Today,
)
from dialer.services.views.pause_codes import PauseCodeView
from dialer.services.views.reads import QueueView
from dialer.services.views.vocabulary import OUTCOMES, PURPOSES
from dialer.services.views.words import Choice, Sentence
from dialer.storage.facts import BUSINESS_ZONE
from dialer.storage.pause_codes import pause_codes_of
from dialer.storage.personal import CONSENT, LEAD, Key, PersonalReader
from dialer.storage.script_ticks import ticked_script
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import micros, moment, moment_or_none
from dialer.storage.views_floor import day_start

QUEUE_SHOWN_MAX: Final = 12
EARLIER_SHOWN_MAX: Final = 5

_MINE: Final = (
    "l.state = 'queued' AND l.campaign_id IN (SELECT campaign_id FROM campaign_agent WHERE user_id = :user)"
)
_CALL: Final = """
    SELECT a.*, c.name_zh, c.name_en, s.wrapped_key, s.number_ct,
           l.payload_ct AS lead_payload, l.requested_us
      FROM attempt a
      JOIN campaign c ON c.id = a.campaign_id
      JOIN subject s ON s.sid = a.sid
      JOIN lead l ON l.id = a.lead_id
     WHERE a.id = :id AND a.agent_id = :user
"""


@dataclass(frozen=True, slots=True)
class DeskReader:
    """`DeskReads` on the product's database."""

    store: Store
    personal: PersonalReader
    clock: Clock

    async def pause_codes(self, user: UserId) -> tuple[PauseCodeView, ...]:
        """Why agents of that person's organisation pause."""

        def work(tx: Tx) -> tuple[PauseCodeView, ...]:
            row = tx.one("SELECT org_id FROM user_account WHERE id = :id", id=user)
            return () if row is None else pause_codes_of(tx, row.org_id)

        return await self.store.read(work)

    async def queue(self, user: UserId) -> QueueView:
        """Promised callbacks first at their time, then what is due, then what opens later today."""
        now = self.clock.now()
        return await self.store.read(lambda tx: self._queue(tx, user, now))

    async def preview(self, lead: LeadId) -> PreviewLead | None:
        """`PreviewReads`: who asked, for what, and when."""
        return await self.store.read(lambda tx: self._preview(tx, lead))

    async def call(self, user: UserId, attempt: AttemptId) -> DeskCall | None:
        """The call at hand, only to the agent who has it."""
        return await self.store.read(lambda tx: self._call(tx, user, attempt))

    async def today(self, user: UserId) -> Today:
        """The agent's own day."""
        now = self.clock.now()
        return await self.store.read(lambda tx: _today(tx, user, now))

    def _queue(self, tx: Tx, user: UserId, now: datetime) -> QueueView:
        now_us, until_us = micros(now), micros(day_start(now) + timedelta(days=1))
        counts = tx.sole(
            "SELECT COALESCE(SUM(CASE WHEN l.due_us <= :now THEN 1 ELSE 0 END), 0) AS due,"
            " COALESCE(SUM(CASE WHEN l.due_us > :now THEN 1 ELSE 0 END), 0) AS later,"
            " MIN(CASE WHEN l.due_us > :now THEN l.due_us END) AS next_us"
            f" FROM lead l WHERE {_MINE} AND l.due_us < :until",
            user=user,
            now=now_us,
            until=until_us,
        )
        rows = tx.all(
            "SELECT l.id, l.due_us, l.promised_from_us, l.payload_ct, s.sid, s.wrapped_key, s.number_ct"
            f" FROM lead l JOIN subject s ON s.sid = l.sid WHERE {_MINE} AND l.due_us < :until"
            " ORDER BY CASE WHEN l.promised_from_us IS NULL THEN 1 ELSE 0 END, l.due_us, l.id LIMIT :most",
            user=user,
            until=until_us,
            most=QUEUE_SHOWN_MAX,
        )
        next_at = moment_or_none(counts.next_us)
        return QueueView(
            items=tuple(self._item(row, now_us) for row in rows),
            due=int(counts.due),
            later=int(counts.later),
            next_at=None if next_at is None else next_at.astimezone(BUSINESS_ZONE),
        )

    def _item(self, row: Row, now_us: int) -> QueueItem:
        key = Key(row.sid, row.wrapped_key)
        words = self.personal.words(key, LEAD, row.payload_ct)
        if row.promised_from_us is not None:
            kind, at_us = QueueKind.PROMISED, row.promised_from_us
        else:
            kind, at_us = (QueueKind.DUE if row.due_us <= now_us else QueueKind.LATER), row.due_us
        return QueueItem(
            lead_id=row.id,
            kind=kind,
            at=moment(at_us),
            name=words.get("name"),
            number=self.personal.masked(key, row.number_ct),
            asked=words.get("asked"),
        )

    def _preview(self, tx: Tx, lead: LeadId) -> PreviewLead | None:
        row = tx.one(
            """
            SELECT l.*, c.name_zh, c.name_en, s.wrapped_key, s.number_ct,
                   (SELECT COUNT(*) FROM attempt a WHERE a.lead_id = l.id AND a.state NOT IN ('refused', 'lapsed')) AS tries
              FROM lead l JOIN campaign c ON c.id = l.campaign_id JOIN subject s ON s.sid = l.sid
             WHERE l.id = :id
            """,
            id=lead,
        )
        if row is None:
            return None
        key = Key(row.sid, row.wrapped_key)
        words = self.personal.words(key, LEAD, row.payload_ct)
        return PreviewLead(
            lead_id=row.id,
            campaign=Sentence(row.name_zh, row.name_en),
            name=words.get("name"),
            number=self.personal.masked(key, row.number_ct),
            asked=words.get("asked"),
            asked_at=moment(row.requested_us),
            promised_from=moment_or_none(row.promised_from_us),
            promised_until=moment_or_none(row.promised_until_us),
            tries=int(row.tries),
        )

    def _call(self, tx: Tx, user: UserId, attempt: AttemptId) -> DeskCall | None:
        row = tx.one(_CALL, id=attempt, user=user)
        if row is None:
            return None
        key = Key(row.sid, row.wrapped_key)
        words = self.personal.words(key, LEAD, row.lead_payload)
        return DeskCall(
            attempt_id=row.id,
            lead_id=row.lead_id,
            campaign=Sentence(row.name_zh, row.name_en),
            name=words.get("name"),
            number=self.personal.masked(key, row.number_ct),
            zone=self.personal.zone(key, row.number_ct),
            asked=words.get("asked"),
            asked_at=moment(row.requested_us),
            answered_at=moment_or_none(row.answered_us),
            connected_at=moment_or_none(row.connected_us),
            ended_at=moment_or_none(row.ended_us),
            wrap_until=None,
            consent=self._consent(tx, row.consent_id, key),
            script=ticked_script(tx, self.personal.keyring, row),
            earlier=_earlier(tx, row),
            dispositions=tuple(Choice(d.code, Sentence(d.zh, d.en)) for d in DISPOSITIONS),
            refused=None,
            callback=_callback(tx, row.id),
        )

    def _consent(self, tx: Tx, consent_id: str | None, key: Key) -> ConsentGlance | None:
        if consent_id is None:
            return None
        row = tx.sole(
            "SELECT c.*, s.name AS source_name FROM consent c LEFT JOIN consent_source s ON s.id = c.source_id"
            " WHERE c.id = :id",
            id=consent_id,
        )
        purpose = Purpose(row.purpose)
        return ConsentGlance(
            id=row.id,
            purpose=purpose.value,
            purpose_name=PURPOSES[purpose],
            source=None if row.source_name is None else Sentence(row.source_name, row.source_name),
            given_at=moment(row.given_us),
            expires_at=moment_or_none(row.expires_us),
            ownership=row.ownership,
            text=self.personal.words(key, CONSENT, row.payload_ct).get("text"),
            artefact_sha256=row.artefact_sha256,
        )


def _callback(tx: Tx, attempt: str) -> CallbackView | None:
    """What was agreed in this very call."""
    row = tx.one(
        "SELECT id, promised_from_us, promised_until_us FROM lead WHERE consent_id = :id",
        id=f"callback-{attempt}",
    )
    return (
        None
        if row is None
        else CallbackView(row.id, moment(row.promised_from_us), moment(row.promised_until_us))
    )


def _earlier(tx: Tx, call: Row) -> tuple[EarlierContact, ...]:
    rows = tx.all(
        "SELECT id, authorised_us, outcome FROM attempt WHERE org_id = :org AND number_hmac = :hmac AND id <> :id"
        " AND state NOT IN ('refused', 'lapsed') AND outcome IS NOT NULL"
        " ORDER BY authorised_us DESC LIMIT :most",
        org=call.org_id,
        hmac=bytes(call.number_hmac),
        id=call.id,
        most=EARLIER_SHOWN_MAX,
    )
    return tuple(
        EarlierContact(row.id, moment(row.authorised_us), row.outcome, OUTCOMES[Outcome(row.outcome)])
        for row in rows
    )


def _today(tx: Tx, user: UserId, now: datetime) -> Today:
    row = tx.sole(
        "SELECT COUNT(*) AS calls, COALESCE(SUM(COALESCE(a.ended_us, :now) - a.connected_us), 0) AS talk_us,"
        " COALESCE(SUM(CASE WHEN l.promised_until_us IS NOT NULL AND a.connected_us <= l.promised_until_us"
        " THEN 1 ELSE 0 END), 0) AS kept"
        " FROM attempt a JOIN lead l ON l.id = a.lead_id WHERE a.agent_id = :user AND a.connected_us >= :day",
        user=user,
        day=micros(day_start(now)),
        now=micros(now),
    )
    return Today(
        calls=int(row.calls), talk_seconds=int(row.talk_us) // 1_000_000, callbacks_kept=int(row.kept)
    )
