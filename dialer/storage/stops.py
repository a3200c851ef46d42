"""Stops of dialling with their leaves, and what opens them by itself: calls that the log doesn't know, trunks at fault.

An open incident is a stop in force: one table, which T1 and T2 read. Lifting it is a person's act with a reason.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from dialer.calls.trunk_health import LOOKED_AT_MAX, SeenLeg, TrunkFault, trunk_fault
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.gate import EgressRecord, StopOpened
from dialer.services.views.operations import StopRow, StopRows
from dialer.services.views.vocabulary import stop_sentence
from dialer.storage.consume import keep_report
from dialer.storage.log import Draft, LogWriter
from dialer.storage.moves import void_unused
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_organisation import DiallingStop
from dialer.storage.times import moment

UNACCOUNTED: Final = "call.unaccounted"
NOT_DIALLED: Final = "NOT_DIALLED"
REPORTS_OF_SECONDS: Final = 120
PAST_SHOWN_MAX: Final = 100
PROCESS_DIALER: Final = Actor(ActorKind.PROCESS, "dialer")
_GATE: Final = Actor(ActorKind.PROCESS, "gate")


def open_stop(tx: Tx, log: LogWriter, actor: Actor, opened: StopOpened) -> bool:
    """Stop dialling with its leaf; False when this very stop was opened before, also when it was lifted since."""
    if tx.one("SELECT id FROM dialling_stop WHERE id = :id", id=opened.stop_id) is not None:
        return False
    tx.insert(
        DiallingStop(
            id=opened.stop_id,
            code=opened.code,
            org_id=opened.org_id,
            campaign_id=opened.campaign_id,
            at_us=tx.now_us(),
            log_says=opened.log_says,
            exchange_says=opened.exchange_says,
        )
    )
    says: dict[str, Json] = {"stop": opened.stop_id, "code": opened.code, "why": opened.why}
    for name, value in (
        ("campaign", opened.campaign_id),
        ("log_says", opened.log_says),
        ("exchange_says", opened.exchange_says),
    ):
        if value is not None:
            says[name] = str(value)
    draft = Draft(type=EventType.INCIDENT_OPENED, actor=actor, says=says, org=opened.org_id)
    log.append(tx, draft, tx.now_us())
    return True


def stop_dialling(tx: Tx, log: LogWriter, actor: Actor, opened: StopOpened) -> bool:
    """`open_stop`, for the dialer's process: it also voids the issued permits that the stop concerns (decision 4)."""
    if not open_stop(tx, log, actor, opened):
        return False
    issued = tx.all(
        "SELECT attempt_id FROM permit WHERE state = 'issued'"
        " AND (CAST(:org AS TEXT) IS NULL OR org_id = :org)"
        " AND (CAST(:campaign AS TEXT) IS NULL OR campaign_id = :campaign)",
        org=opened.org_id,
        campaign=opened.campaign_id,
    )
    for permit in issued:
        void_unused(tx, log, AttemptId(permit.attempt_id), actor, opened.code)
    return True


def lift_stop(tx: Tx, log: LogWriter, actor: Actor, org: OrganisationId, stop_id: str, reason: str) -> bool:
    """Let dialling of an organisation go on, with the reason on its log; False: no such stop in force there."""
    changed = tx.run(
        "UPDATE dialling_stop SET lifted_us = NOW_US WHERE id = :id AND lifted_us IS NULL"
        " AND (org_id IS NULL OR org_id = :org)",
        id=stop_id,
        org=org,
    )
    if changed == 1:
        says: dict[str, Json] = {"stop": stop_id, "from": "in force", "to": "lifted", "reason": reason}
        log.append(tx, Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org), tx.now_us())
        # what was refused because of the stop is looked at again at once
        tx.run(
            "UPDATE lead SET due_us = NOW_US WHERE org_id = :org AND state = 'queued' AND due_us > NOW_US"
            " AND last_decision_id IN (SELECT id FROM decision WHERE codes LIKE '%STOP%')",
            org=org,
        )
    return changed == 1


def incident(kind: str, reference: str) -> StopOpened:
    """A call that the log doesn't know stops the whole node. `reference` names it once: nothing personal."""
    digest = sha256(f"{kind}/{reference}".encode()).hexdigest()[:32]
    return StopOpened(stop_id=f"incident-{digest}", code=UNACCOUNTED, why=kind)


def account(tx: Tx, log: LogWriter, records: Sequence[EgressRecord]) -> tuple[int, int]:
    """Match the egress's own records with the permits (B6): (missed reports kept, incidents opened)."""
    kept = opened = 0
    for record in records:
        permit = tx.one(
            "SELECT state, consumed_uid FROM permit WHERE token_sha256 = :token",
            token=sha256(record.token.encode()).digest(),
        )
        if permit is not None and permit.state == "consumed" and permit.consumed_uid == record.uid:
            kept += keep_report(tx, record.token, record.uid, record.report)
        elif record.report.dial_status != NOT_DIALLED:
            opened += open_stop(tx, log, _GATE, _without_permit(record.token))
    return kept, opened


def account_legs(tx: Tx, log: LogWriter, up: Sequence[str]) -> int:
    """Match the tokens of legs that ring or talk now with consumed permits; how many incidents were opened."""
    opened = 0
    for token in up:
        permit = tx.one(
            "SELECT state FROM permit WHERE token_sha256 = :token", token=sha256(token.encode()).digest()
        )
        if permit is None or permit.state != "consumed":
            opened += open_stop(tx, log, _GATE, _without_permit(token))
    return opened


def _without_permit(token: str) -> StopOpened:
    """One incident a token, whether its legs were seen, its record, or both."""
    return incident("call without a permit", sha256(token.encode()).hexdigest())


class StoredStops:
    """`ports.Stops` on the database, for the dialer's process."""

    def __init__(self, store: Store, log: LogWriter) -> None:
        self._store = store
        self._log = log

    async def unaccounted(self, kind: str, reference: str) -> bool:
        return await self._store.write(lambda tx: self._open(tx, incident(kind, reference)))

    async def watch_trunk(self) -> int:
        """Stop each running campaign whose newest reports show the trunk at fault; how many were stopped."""
        return await self._store.write(self._watch_trunk)

    async def all(self, org: OrganisationId) -> StopRows:
        """Stops in force for an organisation, newest first."""
        rows = await self._store.read(
            lambda tx: tx.all(
                "SELECT id, code, campaign_id, org_id, at_us, log_says, exchange_says FROM dialling_stop WHERE lifted_us IS NULL"
                " AND (org_id IS NULL OR org_id = :org) ORDER BY at_us DESC",
                org=org,
            )
        )
        return StopRows(tuple(_row(r) for r in rows))

    async def past(self, org: OrganisationId) -> StopRows:
        """Stops that were lifted, the newest first, at most a hundred."""
        rows = await self._store.read(
            lambda tx: tx.all(
                "SELECT * FROM dialling_stop WHERE lifted_us IS NOT NULL"
                " AND (org_id IS NULL OR org_id = :org) ORDER BY at_us DESC LIMIT :most",
                org=org,
                most=PAST_SHOWN_MAX,
            )
        )
        return StopRows(tuple(replace(_row(r), lifted_at=moment(r.lifted_us)) for r in rows))

    async def lift(self, stop_id: str, org: OrganisationId, actor: Actor, reason: str) -> bool:
        """Let dialling go on; False when that organisation has no such stop in force."""

        return await self._store.write(lambda tx: lift_stop(tx, self._log, actor, org, stop_id, reason))

    def _open(self, tx: Tx, opened: StopOpened) -> bool:
        return stop_dialling(tx, self._log, PROCESS_DIALER, opened)

    def _watch_trunk(self, tx: Tx) -> int:
        rows = tx.all(
            "SELECT r.uid, r.dial_status, r.sip_text, r.rang_ms, a.campaign_id, a.org_id, a.lead_id"
            " FROM egress_report r JOIN attempt a ON a.id = r.attempt_id"
            " JOIN campaign c ON c.id = a.campaign_id AND c.state = 'running'"
            " WHERE r.at_us > NOW_US - :window AND r.dial_status <> 'NOT_DIALLED'"
            " AND NOT EXISTS (SELECT 1 FROM dialling_stop s WHERE s.campaign_id = a.campaign_id"
            "   AND s.code LIKE 'trunk.%' AND (s.lifted_us IS NULL OR s.lifted_us >= r.at_us))"
            " ORDER BY r.at_us DESC",
            window=REPORTS_OF_SECONDS * 1_000_000,
        )
        by_campaign: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_campaign[row.campaign_id].append(row)
        return sum(self._judge(tx, legs[:LOOKED_AT_MAX]) for legs in by_campaign.values())

    def _judge(self, tx: Tx, legs: Sequence[Row]) -> bool:
        fault = trunk_fault([SeenLeg(r.dial_status, r.sip_text, r.rang_ms is not None) for r in legs])
        if fault is None:
            return False
        newest = legs[0]
        opened = self._open(
            tx,
            StopOpened(
                stop_id=f"trunk-{newest.uid}",
                code=str(fault),
                why=f"{len(legs)} newest reports of the trunk",
                org_id=OrganisationId(newest.org_id),
                campaign_id=CampaignId(newest.campaign_id),
            ),
        )
        if opened and fault is TrunkFault.DECLINING:
            # a burst is the trunk's fault: the people behind it declined nothing
            for leg in legs:
                tx.run(
                    "UPDATE lead SET hold = 'none' WHERE id = :id AND hold = 'declined_603'", id=leg.lead_id
                )
        return opened


def _row(row: Row) -> StopRow:
    return StopRow(
        id=row.id,
        code=row.code,
        sentence=stop_sentence(row.code),
        campaign_id=row.campaign_id,
        platform_wide=row.org_id is None,
        since=moment(row.at_us),
        log_says=row.log_says,
        exchange_says=row.exchange_says,
    )
