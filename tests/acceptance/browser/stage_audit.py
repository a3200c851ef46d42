"""The auditor's desk on the stage: requests, holds, samples, dossiers, the log's health, two decisions side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dialer.compliance.outcome import Result
from dialer.compliance.words import name_of_check
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.services.subject_rights import CaseKind
from dialer.services.views.audit import (
    CaseRow,
    CaseRows,
    CompareView,
    CopyView,
    DossierRows,
    DossierRowView,
    DossierShape,
    DossierState,
    ErasedView,
    HoldRow,
    HoldRows,
    LastCheck,
    LogHealth,
    RuleCompared,
    SampleView,
)
from dialer.services.views.decided import inputs_in_words
from dialer.services.views.words import Declined, Named, Sentence
from tests.acceptance.browser.stage_calls import rows
from tests.acceptance.browser.stage_words import NOW, decision

if TYPE_CHECKING:
    from tests.acceptance.browser.stage import Stage

DOSSIER = Path(__file__).resolve().parents[2] / "vectors" / "dossiers" / "quiet.zip"
AUDITOR = Named("user-auditor", Sentence("何宁", "He Ning"))
OTHER = Named("user-other", Sentence("沈怡", "Shen Yi"))
DAY = timedelta(days=1)
SEED = "5f1c0e7a" * 8
PEOPLE_ALONE_MAX = 20


def case(number: int, kind: CaseKind, due_in: timedelta) -> CaseRow:
    """An open request."""
    return CaseRow(
        f"case-{number}",
        f"130****00{number:02}",
        kind,
        "open",
        NOW - DAY * number,
        NOW + due_in,
        None,
        None,
        None,
        held=False,
    )


def first_cases() -> dict[str, CaseRow]:
    """One of each kind, one over its time, one that the law keeps, one that is held, one answered."""
    kept = dataclasses.replace(case(3, CaseKind.DELETE, DAY * 12), waits_until=NOW + DAY * 180)
    held = dataclasses.replace(case(4, CaseKind.DELETE, DAY * 14), held=True)
    done = dataclasses.replace(case(5, CaseKind.QUERY, DAY * 9), state="closed", closed_at=NOW - DAY)
    given = (
        case(1, CaseKind.QUERY, -DAY),
        case(2, CaseKind.CORRECT, DAY * 2),
        kept,
        held,
        case(6, CaseKind.DELETE, DAY * 15),
        done,
    )
    return {one.id: one for one in given}


def dossier(number: int, state: DossierState, by: Named) -> DossierRowView:
    """A dossier that somebody asked for."""
    judged = state is not DossierState.WAITING
    return DossierRowView(
        f"dossier-{number}",
        "监管检查第 2 号：核对续费回访的同意与通话",
        NOW - timedelta(hours=number),
        by,
        DossierShape.REDACTED,
        state,
        40 if number > 1 else 3,
        31 if number > 1 else 3,
        OTHER if judged and number > 1 else None,
        NOW - timedelta(minutes=30) if judged and number > 1 else None,
        may_judge=not judged and by != AUDITOR,
    )


@dataclasses.dataclass
class StagedAudit:
    """AuditService over the stage."""

    stage: Stage
    cases_now: dict[str, CaseRow] = dataclasses.field(default_factory=first_cases)
    holds_now: dict[str, HoldRow] = dataclasses.field(
        default_factory=lambda: {"hold-4": HoldRow("hold-4", "130****0004", NOW - DAY * 4, "何宁")}
    )

    async def cases(self, org: OrganisationId) -> CaseRows:
        del org
        return CaseRows(
            tuple(sorted(self.cases_now.values(), key=lambda c: (c.closed_at is not None, c.due_on)))
        )

    async def open_case(
        self, org: OrganisationId, user: UserId, number: str, kind: CaseKind
    ) -> CaseRow | Declined:
        del org, user
        if len(number) < 8:
            return Declined(
                "number.malformed", Sentence("这不是一个有效的电话号码。", "This is not a phone number.")
            )
        opened = dataclasses.replace(
            case(7, kind, DAY * 21), number=f"130****{number.strip()[-4:]}", opened_at=self.stage.clock.now()
        )
        self.cases_now[opened.id] = opened
        return opened

    async def copy(self, org: OrganisationId, user: UserId, case_id: str) -> CopyView | Declined | None:
        del org, user
        if self._close(case_id) is None:
            return None
        return CopyView(
            f"own-copy-{case_id}.txt", "姓名：王芳\n授权：2026-11-18 11:20 网页表单\n呼叫：2026-11-18 14:05"
        )

    async def correct(
        self, org: OrganisationId, user: UserId, case_id: str, name: str
    ) -> CaseRow | Declined | None:
        del org, user, name
        return self._close(case_id)

    async def erase(self, org: OrganisationId, user: UserId, case_id: str) -> ErasedView | Declined | None:
        del org, user
        found = self.cases_now.get(case_id)
        if found is not None and (found.held or found.waits_until is not None):
            return Declined("case.held", Sentence("现在不得销毁。", "It may not be erased now."))
        return None if self._close(case_id) is None else ErasedView(case_id, 7, 1)

    async def holds(self, org: OrganisationId) -> HoldRows:
        del org
        return HoldRows(tuple(self.holds_now.values()))

    async def hold(
        self, org: OrganisationId, user: UserId, case_id: str, reason: str
    ) -> HoldRows | Declined | None:
        del user
        found = self.cases_now.get(case_id)
        if found is None:
            return None
        self.stage.reasons.append(reason)
        self.cases_now[case_id] = dataclasses.replace(found, held=True)
        self.holds_now[f"hold-{case_id}"] = HoldRow(f"hold-{case_id}", found.number, NOW, "何宁")
        return await self.holds(org)

    async def lift(self, org: OrganisationId, user: UserId, hold_id: str, reason: str) -> HoldRows | None:
        del user
        if self.holds_now.pop(hold_id, None) is None:
            return None
        self.stage.reasons.append(reason)
        return await self.holds(org)

    async def draw(
        self, org: OrganisationId, user: UserId, since: datetime, until: datetime, count: int
    ) -> SampleView | Declined:
        del org, user
        if since >= until:
            return Declined("sample.period", Sentence("起止时间有误。", "The period ends before it begins."))
        return SampleView(4243, SEED, since, until, count, OTHER, rows()[:count])

    async def drawn(self, org: OrganisationId, seq: int) -> SampleView | None:
        del org
        return SampleView(seq, SEED, NOW - 30 * DAY, NOW, 5, OTHER, rows()[:5]) if seq == 4243 else None

    async def health(self) -> LogHealth:
        found = 0 if self.stage.bundle_holds else 2
        late = self.stage.witness_late
        return LogHealth(
            4_250,
            NOW - timedelta(seconds=4),
            4_250,
            NOW - timedelta(seconds=3),
            4_180 if late else 4_247,
            NOW - timedelta(seconds=190 if late else 12),
            190 if late else 12,
            70 if late else 3,
            LastCheck(NOW - timedelta(hours=3), 41_200, 4_190, found),
            LastCheck(NOW - timedelta(hours=2), 830, 1_204, 0),
            None,
        )

    async def compare(
        self, org: OrganisationId, first: AttemptId, second: AttemptId
    ) -> CompareView | Declined | None:
        del org
        if not first or not second:
            return None
        rules = (
            RuleCompared(
                "frequency_callee",
                Sentence(*name_of_check("frequency_callee")),
                Result.PASSED,
                Result.OBJECTED,
                inputs_in_words((("attempts_24_hours", "1"), ("per_24_hours_max", "3"))),
                inputs_in_words((("attempts_24_hours", "3"), ("per_24_hours_max", "3"))),
                same=False,
            ),
            RuleCompared("burst", Sentence(*name_of_check("burst")), None, Result.PASSED, (), (), same=False),
            RuleCompared(
                "dnc", Sentence(*name_of_check("dnc")), Result.PASSED, Result.PASSED, (), (), same=True
            ),
        )
        return CompareView(
            decision("one", ()), decision("two", (("FREQUENCY_DAY", 14),)), rules, ("cn-platform",)
        )

    def _close(self, case_id: str) -> CaseRow | None:
        found = self.cases_now.get(case_id)
        if found is None:
            return None
        done = dataclasses.replace(found, state="closed", closed_at=self.stage.clock.now())
        self.cases_now[case_id] = done
        return done


@dataclasses.dataclass
class StagedDossiers:
    """DossierService over the stage."""

    stage: Stage
    rows_now: dict[str, DossierRowView] = dataclasses.field(
        default_factory=lambda: {
            row.id: row
            for row in (
                dossier(1, DossierState.AGREED, AUDITOR),
                dossier(2, DossierState.WAITING, OTHER),
                dossier(3, DossierState.WAITING, AUDITOR),
                dossier(4, DossierState.DECLINED, AUDITOR),
            )
        }
    )

    async def ask(
        self,
        org: OrganisationId,
        user: UserId,
        attempts: Sequence[AttemptId],
        shape: DossierShape,
        reason: str,
    ) -> DossierRowView | Declined | None:
        del org, user
        self.stage.reasons.append(reason)
        alone = len(attempts) <= PEOPLE_ALONE_MAX
        asked = dataclasses.replace(
            dossier(0, DossierState.AGREED if alone else DossierState.WAITING, AUDITOR),
            shape=shape,
            attempts=len(attempts),
            people=len(attempts),
        )
        self.rows_now[asked.id] = asked
        return asked

    async def listed(self, org: OrganisationId, user: UserId) -> DossierRows:
        del org, user
        return DossierRows(tuple(sorted(self.rows_now.values(), key=lambda row: row.id)))

    async def agree(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierRowView | Declined | None:
        del org, user
        return self._judged(dossier_id, DossierState.AGREED)

    async def decline(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierRowView | Declined | None:
        del org, user
        return self._judged(dossier_id, DossierState.DECLINED)

    async def fetch(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> AsyncIterator[bytes] | Declined | None:
        del org, user
        return _pieces() if dossier_id in self.rows_now else None

    def _judged(self, dossier_id: str, state: DossierState) -> DossierRowView | None:
        found = self.rows_now.get(dossier_id)
        if found is None:
            return None
        judged = dataclasses.replace(
            found, state=state, may_judge=False, judged_by=AUDITOR, judged_at=self.stage.clock.now()
        )
        self.rows_now[dossier_id] = judged
        return judged


async def _pieces() -> AsyncIterator[bytes]:
    yield DOSSIER.read_bytes()
