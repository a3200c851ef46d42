"""What the auditor's desk reads: requests with masked numbers, holds, the log's health, two decisions compared."""

from dataclasses import dataclass
from typing import Final

from dialer.compliance.words import name_of_check
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.ports.clock import Clock
from dialer.services.subject_rights import CaseView
from dialer.services.views.audit import (
    CaseRow,
    CompareView,
    HoldRow,
    HoldRows,
    LastCheck,
    LogHealth,
    RuleCompared,
)
from dialer.services.views.decision import DecisionView, RuleView
from dialer.services.views.words import Declined, Sentence
from dialer.storage.personal import Key, PersonalReader
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.times import moment, moment_or_none
from dialer.storage.views_decision import DECISION_COLUMNS, stored_decision

HOLDS_MAX: Final = 500
NOT_DECIDED: Final = Declined(
    "decision.none",
    Sentence("这次呼叫尝试没有判定记录。", "There is no decision of one of these attempts."),
)


@dataclass(frozen=True, slots=True)
class AuditReader:
    """`services.audit_desk.AuditReads`."""

    store: Store
    personal: PersonalReader
    clock: Clock

    async def case_rows(self, org: OrganisationId, cases: tuple[CaseView, ...]) -> tuple[CaseRow, ...]:
        def work(tx: Tx) -> tuple[CaseRow, ...]:
            return tuple(
                CaseRow(
                    id=case.id,
                    number=self._masked(tx, org, case.sid),
                    kind=case.kind,
                    state=case.state,
                    opened_at=case.opened_at,
                    due_on=case.due_on,
                    closed_at=case.closed_at,
                    outcome=case.outcome,
                    waits_until=case.waits_until,
                    held=case.held,
                )
                for case in cases
            )

        return await self.store.read(work)

    async def holds(self, org: OrganisationId) -> HoldRows:
        def work(tx: Tx) -> HoldRows:
            rows = tx.all(
                "SELECT h.id, h.sid, h.set_us, u.name FROM legal_hold h LEFT JOIN user_account u ON u.id = h.set_by"
                " WHERE h.org_id = :org AND h.lifted_us IS NULL ORDER BY h.set_us DESC, h.id LIMIT :rows",
                org=org,
                rows=HOLDS_MAX,
            )
            return HoldRows(
                tuple(
                    HoldRow(r.id, self._masked(tx, org, r.sid), moment(r.set_us), r.name or "") for r in rows
                )
            )

        return await self.store.read(work)

    async def health(self) -> LogHealth:
        now = self.clock.now()

        def work(tx: Tx) -> LogHealth:
            head = tx.sole("SELECT size, last_ts_us FROM log_head WHERE id = 1")
            signed = tx.one("SELECT size, signed_us FROM checkpoint ORDER BY size DESC LIMIT 1")
            seen = tx.one(
                "SELECT size, cosigned_us FROM checkpoint WHERE cosigned_us IS NOT NULL ORDER BY size DESC LIMIT 1"
            )
            seen_at = moment(seen.cosigned_us) if seen is not None else None
            seen_size = int(seen.size) if seen is not None else 0
            checks = {
                row.kind: LastCheck(moment(row.at_us), row.took_us // 1000, row.looked_at, row.findings)
                for row in tx.all("SELECT * FROM check_run")
            }
            return LogHealth(
                size=int(head.size),
                last_leaf_at=moment(head.last_ts_us) if head.size else None,
                signed_size=int(signed.size) if signed is not None else 0,
                signed_at=moment_or_none(signed.signed_us) if signed is not None else None,
                cosigned_size=seen_size,
                cosigned_at=seen_at,
                cosigned_age_seconds=None
                if seen_at is None
                else max(0, int((now - seen_at).total_seconds())),
                exposed=max(0, int(head.size) - seen_size),
                store=checks.get("store"),
                exchange=checks.get("exchange"),
                vault=checks.get("vault"),
            )

        return await self.store.read(work)

    async def compare(
        self, org: OrganisationId, first: AttemptId, second: AttemptId
    ) -> CompareView | Declined | None:
        def work(tx: Tx) -> CompareView | Declined | None:
            there = tx.all(
                "SELECT id FROM attempt WHERE org_id = :org AND id IN (:first, :second)",
                org=org,
                first=first,
                second=second,
            )
            if {row.id for row in there} != {first, second}:
                return None
            decisions = [_decision(tx, org, attempt) for attempt in (first, second)]
            left, right = decisions
            return NOT_DECIDED if left is None or right is None else compared(left, right)

        return await self.store.read(work)

    def _masked(self, tx: Tx, org: OrganisationId, sid: str) -> str:
        row = tx.one(
            "SELECT sid, wrapped_key, number_ct FROM subject WHERE sid = :sid AND org_id = :org",
            sid=sid,
            org=org,
        )
        return "" if row is None else self.personal.masked(Key(row.sid, row.wrapped_key), row.number_ct)


def _decision(tx: Tx, org: OrganisationId, attempt: AttemptId) -> DecisionView | None:
    row = tx.one(
        f"SELECT {DECISION_COLUMNS} FROM decision d WHERE d.attempt_id = :id AND d.org_id = :org"
        " ORDER BY d.at_us LIMIT 1",
        id=attempt,
        org=org,
    )
    return None if row is None else stored_decision(row)


def compared(first: DecisionView, second: DecisionView) -> CompareView:
    """Both side by side: rules that differ in result or input first, each group in the gate's order."""
    left, right = ({rule.check: rule for rule in d.rules} for d in (first, second))
    rules = [_rule(check, left.get(check), right.get(check)) for check in dict.fromkeys((*left, *right))]
    packs = [{p.id: p.sha256 for p in d.packs} for d in (first, second)]
    changed = sorted(
        pack for pack in packs[0].keys() | packs[1].keys() if packs[0].get(pack) != packs[1].get(pack)
    )
    return CompareView(first, second, tuple(sorted(rules, key=lambda rule: rule.same)), tuple(changed))


def _rule(check: str, first: RuleView | None, second: RuleView | None) -> RuleCompared:
    inputs = [rule.inputs if rule is not None else () for rule in (first, second)]
    return RuleCompared(
        check=check,
        title=Sentence(*name_of_check(check)),
        first=first.result if first is not None else None,
        second=second.result if second is not None else None,
        first_inputs=inputs[0],
        second_inputs=inputs[1],
        same=first is not None
        and second is not None
        and (first.result, first.codes) == (second.result, second.codes)
        and inputs[0] == inputs[1],
    )
