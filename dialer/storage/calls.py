"""`ports.Calls` on the database."""

from collections.abc import Mapping
from typing import Final

from dialer.calls.attempt import OPEN, AttemptState, may_move
from dialer.calls.talk import TalkAct, Tick, Ticked
from dialer.domain.ids import AttemptId, CampaignId, LeadId, OrganisationId, SeatId, SubjectId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.calls import (
    CallView,
    LeadAfter,
    LeadAgain,
    LeadDone,
    MoveFields,
    PermitState,
    RefusalHeard,
    Refusing,
)
from dialer.ports.gate import LegReport
from dialer.ports.keys import Keyring
from dialer.storage.log import LogWriter
from dialer.storage.moves import (
    Moved,
    advance,
    finish_lead,
    lapse_expired,
    leaf_of_attempt,
    read_attempt,
    void_unused,
)
from dialer.storage.refuse import refuse
from dialer.storage.script_ticks import keep_tick, script_shown
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment, moment_or_none

_DIALER: Final = Actor(ActorKind.PROCESS, "dialer")
LAPSES_PER_TICK_MAX: Final = 200
_VIEW: Final = """
SELECT a.*, p.state AS permit_state, r.dial_status AS r_status, r.sip_text AS r_sip, r.rang_ms AS r_rang,
       r.talk_seconds AS r_talk, r.uid AS r_uid
FROM attempt a
LEFT JOIN permit p ON p.attempt_id = a.id
LEFT JOIN egress_report r ON r.attempt_id = a.id AND r.uid = p.consumed_uid
"""
_OPEN: Final = ", ".join(f"'{s}'" for s in sorted(OPEN))


class StoredCalls:
    """One node's attempts."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring

    async def view(self, attempt_id: AttemptId) -> CallView | None:
        row = await self._store.read(lambda tx: tx.one(f"{_VIEW} WHERE a.id = :id", id=attempt_id))
        return None if row is None else _view(row)

    async def open_calls(self) -> tuple[CallView, ...]:
        rows = await self._store.read(
            lambda tx: tx.all(
                f"{_VIEW} WHERE a.node = :node AND a.state IN ({_OPEN}) ORDER BY a.authorised_us",
                node=self._log.node,
            )
        )
        return tuple(_view(r) for r in rows)

    async def wanted_cuts(self) -> tuple[CallView, ...]:
        rows = await self._store.read(
            lambda tx: tx.all(
                f"{_VIEW} WHERE a.state IN ({_OPEN}) AND a.state <> 'wrapping'"
                " AND (a.cut_wanted_us IS NOT NULL OR (a.closing_until_us IS NOT NULL AND a.closing_until_us <= NOW_US))"
            )
        )
        return tuple(_view(r) for r in rows)

    async def was_refused_in(self, attempt_id: AttemptId) -> bool:
        row = await self._store.read(
            lambda tx: tx.one(
                "SELECT 1 AS there FROM dnc_entry WHERE attempt_id = :id LIMIT 1", id=attempt_id
            )
        )
        return row is not None

    async def advance(
        self,
        attempt_id: AttemptId,
        target: AttemptState,
        actor: Actor,
        fields: MoveFields,
        says: dict[str, Json],
    ) -> bool:
        return await self._store.write(
            lambda tx: self._advance(tx, attempt_id, target, actor, fields, says) is not None
        )

    async def close(
        self,
        attempt_id: AttemptId,
        target: AttemptState,
        actor: Actor,
        fields: MoveFields,
        says: dict[str, Json],
        lead: LeadAfter,
    ) -> bool:
        def work(tx: Tx) -> bool:
            attempt = self._advance(tx, attempt_id, target, actor, fields, says)
            if attempt is None:
                return False
            _settle(tx, attempt, lead)
            return True

        return await self._store.write(work)

    async def void(self, attempt_id: AttemptId, why: str) -> bool:
        return await self._store.write(lambda tx: void_unused(tx, self._log, attempt_id, _DIALER, why))

    async def lapse_expired(self) -> int:
        return await self._store.write(lambda tx: lapse_expired(tx, self._log, _DIALER, LAPSES_PER_TICK_MAX))

    async def refuse(self, refusing: Refusing) -> RefusalHeard:
        return await self._store.write(lambda tx: refuse(tx, self._log, self._keyring, refusing))

    async def dispose(
        self, attempt_id: AttemptId, code: str, answer_class: str, actor: Actor, note: str
    ) -> None:
        def work(tx: Tx) -> None:
            changed = tx.run(
                "UPDATE attempt SET disposition = :code, answer_class = :answer_class"
                " WHERE id = :id AND disposition IS NULL",
                code=code,
                answer_class=answer_class,
                id=attempt_id,
            )
            if changed == 1:
                says: dict[str, Json] = {"code": code, "answer_class": answer_class}
                if note:
                    says["note"] = note
                attempt = read_attempt(tx, attempt_id)
                leaf_of_attempt(tx, self._log, attempt, EventType.DISPOSITION_SET, actor, says)

        await self._store.write(work)

    async def keep_talk_act(
        self, attempt_id: AttemptId, act: TalkAct, actor: Actor, says: dict[str, Json]
    ) -> bool:
        def work(tx: Tx) -> bool:
            attempt = read_attempt(tx, attempt_id)
            if attempt.state != AttemptState.CONNECTED:
                return False
            leaf_of_attempt(tx, self._log, attempt, EventType(act), actor, says)
            return True

        return await self._store.write(work)

    async def tick(self, attempt_id: AttemptId, part: str, tick: Tick, actor: Actor) -> Ticked:
        return await self._store.write(
            lambda tx: keep_tick(
                tx, self._log, self._keyring, read_attempt(tx, attempt_id), part, tick, actor
            )
        )

    async def hand_over(self, attempt_id: AttemptId, agent_id: UserId, seat_id: SeatId, actor: Actor) -> bool:
        def work(tx: Tx) -> bool:
            former = read_attempt(tx, attempt_id)
            changed = tx.run(
                "UPDATE attempt SET agent_id = :agent, seat_id = :seat WHERE id = :id AND state = 'connected'",
                agent=agent_id,
                seat=seat_id,
                id=attempt_id,
            )
            if changed == 1:
                says: dict[str, Json] = {
                    "from": former.agent_id or "",
                    "to": str(agent_id),
                    "seat": str(seat_id),
                }
                leaf_of_attempt(tx, self._log, former, EventType.TALK_TRANSFERRED, actor, says)
            return changed == 1

        return await self._store.write(work)

    def _advance(
        self,
        tx: Tx,
        attempt_id: AttemptId,
        target: AttemptState,
        actor: Actor,
        fields: MoveFields,
        says: Mapping[str, Json],
    ) -> Row | None:
        row = tx.one("SELECT state, campaign_id FROM attempt WHERE id = :id", id=attempt_id)
        if row is None or not may_move(AttemptState(row.state), target):
            return None
        if target is AttemptState.CONNECTED:
            says = {**says, **script_shown(tx, row.campaign_id)}
        columns: dict[str, object] = {name: value for name, value in fields.items() if name != "ended"}
        if fields.get("ended"):
            columns["ended_us"] = tx.now_us()
        done = advance(
            tx, self._log, attempt_id, AttemptState(row.state), target, actor, fields=columns, says=says
        )
        return read_attempt(tx, attempt_id) if isinstance(done, Moved) else None


def _settle(tx: Tx, attempt: Row, lead: LeadAfter) -> None:
    outcome = attempt.outcome or "unknown"
    match lead:
        case LeadDone():
            finish_lead(tx, attempt, outcome, None)
        case LeadAgain(wait_seconds=wait_seconds, hold=hold):
            finish_lead(tx, attempt, outcome, wait_seconds * 1_000_000)
            if hold != "none":
                tx.run("UPDATE lead SET hold = :hold WHERE id = :id", hold=hold, id=attempt.lead_id)


def _view(row: Row) -> CallView:
    report = None
    if row.r_uid is not None:
        report = LegReport(
            dial_status=row.r_status, sip_text=row.r_sip, rang_ms=row.r_rang, talk_seconds=row.r_talk
        )
    return CallView(
        attempt_id=AttemptId(row.id),
        org_id=OrganisationId(row.org_id),
        campaign_id=CampaignId(row.campaign_id),
        lead_id=LeadId(row.lead_id),
        sid=SubjectId(row.sid),
        state=AttemptState(row.state),
        permit=PermitState(row.permit_state) if row.permit_state is not None else None,
        agent_id=UserId(row.agent_id) if row.agent_id is not None else None,
        seat_id=SeatId(row.seat_id) if row.seat_id is not None else None,
        rang=row.ringing_us is not None or (report is not None and report.rang_ms is not None),
        authorised_at=moment(row.authorised_us),
        connected_at=moment_or_none(row.connected_us),
        ended_at=moment_or_none(row.ended_us),
        cut_wanted=row.cut_wanted_us is not None,
        closing_until=moment_or_none(row.closing_until_us),
        disposition=row.disposition,
        report=report,
    )
