"""What the API needs of the auditor's desk. `None` means: not there, or another organisation's."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

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
    ErasedView,
    HoldRows,
    LogHealth,
    SampleView,
)
from dialer.services.views.words import Declined


class AuditService(Protocol):
    """People's requests, holds, samples, the log's health, two decisions. Acts are on the log before they are answered."""

    async def cases(self, org: OrganisationId) -> CaseRows: ...

    async def open_case(
        self, org: OrganisationId, user: UserId, number: str, kind: CaseKind
    ) -> CaseRow | Declined: ...

    async def copy(self, org: OrganisationId, user: UserId, case_id: str) -> CopyView | Declined | None: ...

    async def correct(
        self, org: OrganisationId, user: UserId, case_id: str, name: str
    ) -> CaseRow | Declined | None: ...

    async def erase(
        self, org: OrganisationId, user: UserId, case_id: str
    ) -> ErasedView | Declined | None: ...

    async def holds(self, org: OrganisationId) -> HoldRows: ...

    async def hold(
        self, org: OrganisationId, user: UserId, case_id: str, reason: str
    ) -> HoldRows | Declined | None: ...

    async def lift(self, org: OrganisationId, user: UserId, hold_id: str, reason: str) -> HoldRows | None: ...

    async def draw(
        self, org: OrganisationId, user: UserId, since: datetime, until: datetime, count: int
    ) -> SampleView | Declined: ...

    async def drawn(self, org: OrganisationId, seq: int) -> SampleView | None: ...

    async def health(self) -> LogHealth: ...

    async def compare(
        self, org: OrganisationId, first: AttemptId, second: AttemptId
    ) -> CompareView | Declined | None: ...


class DossierService(Protocol):
    """Many attempts as one signed file."""

    async def ask(
        self,
        org: OrganisationId,
        user: UserId,
        attempts: Sequence[AttemptId],
        shape: DossierShape,
        reason: str,
    ) -> DossierRowView | Declined | None: ...

    async def listed(self, org: OrganisationId, user: UserId) -> DossierRows: ...

    async def agree(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierRowView | Declined | None: ...

    async def decline(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierRowView | Declined | None: ...

    async def fetch(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> AsyncIterator[bytes] | Declined | None: ...
