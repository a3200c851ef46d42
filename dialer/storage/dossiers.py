"""Dossiers in the database: asked for, judged by a second person, fetched; each step a leaf in its transaction."""

import json
import secrets
from collections.abc import Sequence
from functools import partial
from typing import Final

from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.dossier import DossierHead
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.dossiers import (
    NOT_AGREED,
    NOT_WAITING,
    OVER,
    OWN_ACT,
    PEOPLE_ALONE_MAX,
    TOO_LARGE,
    DossierOrder,
)
from dialer.services.views.audit import DossierRows, DossierRowView, DossierShape, DossierState
from dialer.services.views.words import Declined, Named, Sentence
from dialer.storage.log import Draft, LogWriter
from dialer.storage.moves import leaf_of_attempt, read_attempt
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_proof import DossierRow
from dialer.storage.times import moment, moment_or_none

LISTED_MAX: Final = 200
DAYS_MAX: Final = 7
"""How long an agreed dossier may be fetched."""
RECORDINGS_BYTES_MAX: Final = 3_500_000_000
"""Below the 4 GiB that a ZIP without extensions holds, with room for the bundles' other files."""
LEAVES_AT_ONCE: Final = 20
"""Leaves in one transaction: nobody waits long for the log (decision 11)."""
_DAY_US: Final = 86_400_000_000
_SELECT: Final = """
    SELECT d.*, a.name AS asked_name, j.name AS judged_name FROM dossier d
      LEFT JOIN user_account a ON a.id = d.asked_by LEFT JOIN user_account j ON j.id = d.judged_by
"""


class StoredDossiers:
    """`services.dossiers.DossierStore`."""

    def __init__(self, store: Store, log: LogWriter) -> None:
        self._store = store
        self._log = log

    async def ask(
        self,
        org: OrganisationId,
        user: UserId,
        attempts: Sequence[AttemptId],
        shape: DossierShape,
        reason: str,
    ) -> DossierRowView | Declined | None:
        return await self._store.write(lambda tx: self._ask(tx, org, user, attempts, shape, reason))

    async def listed(self, org: OrganisationId, user: UserId) -> DossierRows:
        rows = await self._store.read(
            lambda tx: tx.all(
                f"{_SELECT} WHERE d.org_id = :org ORDER BY d.asked_us DESC, d.id LIMIT :rows",
                org=org,
                rows=LISTED_MAX,
            )
        )
        return DossierRows(tuple(_view(row, user) for row in rows))

    async def judge(
        self, org: OrganisationId, user: UserId, dossier_id: str, *, agreed: bool
    ) -> DossierRowView | Declined | None:
        return await self._store.write(lambda tx: self._judge(tx, org, user, dossier_id, agreed))

    async def order(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierOrder | Declined | None:
        order = await self._store.write(lambda tx: self._order(tx, org, user, dossier_id))
        if isinstance(order, DossierOrder):
            for first in range(0, len(order.attempts), LEAVES_AT_ONCE):
                part = order.attempts[first : first + LEAVES_AT_ONCE]
                await self._store.write(partial(self._log_each, user=user, order=order, attempts=part))
        return order

    def _ask(
        self,
        tx: Tx,
        org: OrganisationId,
        user: UserId,
        attempts: Sequence[AttemptId],
        shape: DossierShape,
        reason: str,
    ) -> DossierRowView | Declined | None:
        people: set[str] = set()
        sound_bytes = 0
        for attempt in attempts:
            row = tx.one(
                "SELECT a.sid, r.ct_bytes FROM attempt a"
                " LEFT JOIN recording r ON r.attempt_id = a.id AND r.state = 'sealed'"
                " WHERE a.id = :id AND a.org_id = :org",
                id=attempt,
                org=org,
            )
            if row is None:
                return None
            people.add(row.sid)
            sound_bytes += row.ct_bytes or 0
        if shape is DossierShape.WHOLE and sound_bytes > RECORDINGS_BYTES_MAX:
            return TOO_LARGE
        dossier_id = secrets.token_hex(8)
        state = DossierState.WAITING if len(people) > PEOPLE_ALONE_MAX else DossierState.AGREED
        says: dict[str, Json] = {
            "what": "dossier.asked",
            "dossier": dossier_id,
            "count": len(attempts),
            "people": len(people),
            "shape": str(shape),
            "reason": reason,
        }
        seq = self._leaf(tx, EventType.CONFIG_CHANGED, org, user, says)
        tx.insert(
            DossierRow(
                id=dossier_id,
                org_id=org,
                asked_by=user,
                asked_us=tx.now_us(),
                shape=str(shape),
                state=str(state),
                reason=reason,
                attempts_json=json.dumps(list(attempts)),
                people=len(people),
                leaf_seq=seq,
            )
        )
        return self._shown(tx, org, user, dossier_id)

    def _judge(
        self, tx: Tx, org: OrganisationId, user: UserId, dossier_id: str, agreed: bool
    ) -> DossierRowView | Declined | None:
        row = _row(tx, org, dossier_id)
        if row is None:
            return None
        if row.asked_by == user:
            return OWN_ACT
        state = DossierState.AGREED if agreed else DossierState.DECLINED
        changed = tx.run(
            "UPDATE dossier SET state = :state, judged_by = :user, judged_us = NOW_US"
            " WHERE id = :id AND state = 'waiting'",
            state=str(state),
            user=user,
            id=dossier_id,
        )
        if changed != 1:
            return NOT_WAITING
        says: dict[str, Json] = {"what": f"dossier.{state}", "dossier": dossier_id}
        self._leaf(tx, EventType.CONFIG_CHANGED, org, user, says)
        return self._shown(tx, org, user, dossier_id)

    def _order(
        self, tx: Tx, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierOrder | Declined | None:
        row = _row(tx, org, dossier_id)
        if row is None:
            return None
        if row.state != DossierState.AGREED:
            return NOT_AGREED
        if tx.now_us() - max(row.asked_us, row.judged_us or 0) > DAYS_MAX * _DAY_US:
            return OVER
        attempts = tuple(AttemptId(one) for one in json.loads(row.attempts_json))
        says: dict[str, Json] = {
            "what": "dossier",
            "dossier": dossier_id,
            "count": len(attempts),
            "people": row.people,
            "shape": row.shape,
        }
        self._leaf(tx, EventType.EVIDENCE_EXPORTED, org, user, says)
        head = DossierHead(dossier_id, self._log.origin, org, tx.now_us(), self._log.software)
        return DossierOrder(head, DossierShape(row.shape), attempts)

    def _log_each(self, tx: Tx, user: UserId, order: DossierOrder, attempts: Sequence[AttemptId]) -> None:
        actor = Actor(ActorKind.USER, user)
        for attempt in attempts:
            says: dict[str, Json] = {"what": "dossier", "dossier": order.head.id}
            leaf_of_attempt(
                tx, self._log, read_attempt(tx, attempt), EventType.EVIDENCE_EXPORTED, actor, says
            )

    def _leaf(self, tx: Tx, kind: EventType, org: OrganisationId, user: UserId, says: dict[str, Json]) -> int:
        draft = Draft(kind, Actor(ActorKind.USER, user), says, org=org)
        return self._log.append(tx, draft, tx.now_us())

    @staticmethod
    def _shown(tx: Tx, org: OrganisationId, user: UserId, dossier_id: str) -> DossierRowView | None:
        row = _row(tx, org, dossier_id)
        return None if row is None else _view(row, user)


def _row(tx: Tx, org: OrganisationId, dossier_id: str) -> Row | None:
    return tx.one(f"{_SELECT} WHERE d.id = :id AND d.org_id = :org", id=dossier_id, org=org)


def _view(row: Row, user: UserId) -> DossierRowView:
    state = DossierState(row.state)
    judged = Named(row.judged_by, Sentence(row.judged_name, row.judged_name)) if row.judged_name else None
    name = row.asked_name or row.asked_by
    return DossierRowView(
        id=row.id,
        reason=row.reason,
        asked_at=moment(row.asked_us),
        asked_by=Named(row.asked_by, Sentence(name, name)),
        shape=DossierShape(row.shape),
        state=state,
        attempts=len(json.loads(row.attempts_json)),
        people=row.people,
        judged_by=judged,
        judged_at=moment_or_none(row.judged_us),
        may_judge=state is DossierState.WAITING and row.asked_by != user,
    )
