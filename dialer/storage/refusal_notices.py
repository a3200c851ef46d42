"""`services.refusal_notices.NoticeStore` on the database."""

from typing import Final

from dialer.domain.ids import OrganisationId
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.keys import Keyring
from dialer.services.refusal_notices import (
    ANSWERED,
    NOTICE_SECONDS_MAX,
    WAIT_SECONDS,
    DueNotice,
    NoticeState,
)
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.personal import CONSENT, Key, PersonalReader
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment

SECOND_US: Final = 1_000_000
_DUE: Final = f"""
SELECT d.id, d.at_us, s.sid, s.wrapped_key, s.number_ct, COALESCE(n.tries, 0) AS tries
FROM dnc_entry d
JOIN subject s ON s.org_id = d.org_id AND s.number_hmac = d.number_hmac
LEFT JOIN refusal_notice n ON n.entry_id = d.id
WHERE d.at_us > :since AND d.org_id = :org AND d.purpose IS NULL AND d.lifted_by_consent IS NULL
  AND d.reason IN ({", ".join(f"'{reason}'" for reason in sorted(ANSWERED))})
  AND s.number_ct IS NOT NULL AND s.wrapped_key IS NOT NULL
  AND (n.entry_id IS NULL OR (n.state = '{NoticeState.WAITING}' AND n.next_us <= :now))
  AND (EXISTS (SELECT 1 FROM consent c WHERE c.sid = s.sid)
       OR EXISTS (SELECT 1 FROM attempt a WHERE a.sid = s.sid AND a.placed_us IS NOT NULL))
ORDER BY d.at_us, d.id LIMIT :most
"""


class StoredRefusalNotices:
    """Messages to people who refused, at most one an entry."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._personal = PersonalReader(keyring)

    async def take_due(self, org: OrganisationId, most: int) -> tuple[DueNotice, ...]:
        # looked at first without the write lock: nearly always there is nobody
        if not await self._store.read(lambda tx: _due(tx, org, 1)):
            return ()
        return await self._store.write(lambda tx: self._take(tx, org, most))

    async def settle(self, entry_id: str, state: NoticeState, template_id: str) -> None:
        await self._store.write(lambda tx: self._settle(tx, entry_id, state, template_id))

    def _take(self, tx: Tx, org: str, most: int) -> tuple[DueNotice, ...]:
        taken = []
        for row in _due(tx, org, most):
            number = self._personal.number(Key(row.sid, row.wrapped_key), row.number_ct)
            if number is None:
                continue
            tx.run(
                "INSERT INTO refusal_notice (entry_id, state, tries, next_us) VALUES (:id, :state, 1, :now)"
                " ON CONFLICT (entry_id) DO UPDATE SET state = excluded.state, tries = refusal_notice.tries + 1",
                id=row.id,
                state=str(NoticeState.SENDING),
                now=tx.now_us(),
            )
            language = self._language(tx, row)
            taken.append(DueNotice(row.id, number, moment(row.at_us), language, int(row.tries) + 1))
        return tuple(taken)

    def _language(self, tx: Tx, person: Row) -> str:
        """The language of the text to which they agreed last."""
        consent = tx.one(
            "SELECT payload_ct FROM consent WHERE sid = :sid ORDER BY given_us DESC, id LIMIT 1",
            sid=person.sid,
        )
        if consent is None:
            return ""
        return self._personal.words(Key(person.sid, person.wrapped_key), CONSENT, consent.payload_ct).get(
            "language", ""
        )

    def _settle(self, tx: Tx, entry_id: str, state: NoticeState, template_id: str) -> None:
        now_us = tx.now_us()
        tx.run(
            "UPDATE refusal_notice SET state = :state, next_us = :next, template_id = :template,"
            " sent_us = CAST(:sent AS BIGINT) WHERE entry_id = :id",
            state=str(state),
            next=now_us + WAIT_SECONDS * SECOND_US,
            template=template_id,
            sent=now_us if state is NoticeState.SENT else None,
            id=entry_id,
        )
        if state is not NoticeState.SENT:
            return
        row = tx.sole(
            "SELECT d.org_id, d.attempt_id, s.sid, s.wrapped_key FROM dnc_entry d"
            " JOIN subject s ON s.org_id = d.org_id AND s.number_hmac = d.number_hmac WHERE d.id = :id",
            id=entry_id,
        )
        key = row.wrapped_key
        draft = Draft(
            type=EventType.REFUSAL_ACKNOWLEDGED,
            actor=Actor(ActorKind.PROCESS, "dialer"),
            says={"by": "sms", "template": template_id, "entry": entry_id} if key is not None else {},
            org=row.org_id,
            attempt_id=row.attempt_id,
            subject=Subject(row.sid, bytes(key)) if key is not None else None,
            sid=row.sid,
        )
        self._log.append(tx, draft, now_us)


def _due(tx: Tx, org: str, most: int) -> list[Row]:
    now_us = tx.now_us()
    return tx.all(_DUE, org=org, since=now_us - NOTICE_SECONDS_MAX * SECOND_US, now=now_us, most=most)
