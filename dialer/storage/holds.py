"""Legal holds: nothing of a person is erased or purged while one stands (D12)."""

import secrets

from dialer.domain.ids import OrganisationId, SubjectId, UserId
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_rights import LegalHold

NOT_KNOWN = Declined(
    "person.unknown", Sentence("没有保存此人的个人信息。", "Nothing is kept of this person.")
)


class StoredHolds:
    """Sets and lifts; the reason stands on the log under the person's own key."""

    def __init__(self, store: Store, log: LogWriter) -> None:
        self._store = store
        self._log = log

    async def set_hold(
        self, org: OrganisationId, user: UserId, sid: SubjectId, reason: str
    ) -> str | Declined:
        """The hold's id."""

        def work(tx: Tx) -> str | Declined:
            subject = tx.one("SELECT * FROM subject WHERE sid = :sid AND org_id = :org", sid=sid, org=org)
            if subject is None or subject.wrapped_key is None:
                return NOT_KNOWN
            hold_id = secrets.token_hex(8)
            seq = self._leaf(tx, subject, EventType.HOLD_SET, user, {"hold": hold_id, "reason": reason})
            tx.insert(
                LegalHold(id=hold_id, org_id=org, sid=sid, set_us=tx.now_us(), set_by=user, leaf_seq=seq)
            )
            return hold_id

        return await self._store.write(work)

    async def lift(self, org: OrganisationId, user: UserId, hold_id: str, reason: str) -> bool:
        """False: no such hold stands here."""

        def work(tx: Tx) -> bool:
            hold = tx.one(
                "UPDATE legal_hold SET lifted_us = NOW_US, lifted_by = :user"
                " WHERE id = :id AND org_id = :org AND lifted_us IS NULL RETURNING sid",
                user=user,
                id=hold_id,
                org=org,
            )
            if hold is None:
                return False
            subject = tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=hold.sid)
            self._leaf(tx, subject, EventType.HOLD_LIFTED, user, {"hold": hold_id, "reason": reason})
            return True

        return await self._store.write(work)

    def _leaf(self, tx: Tx, subject: Row, kind: EventType, user: UserId, says: dict[str, str]) -> int:
        draft = Draft(
            type=kind,
            actor=Actor(ActorKind.USER, user),
            says=says,
            org=subject.org_id,
            subject=Subject(subject.sid, bytes(subject.wrapped_key)),
        )
        return self._log.append(tx, draft, tx.now_us())
