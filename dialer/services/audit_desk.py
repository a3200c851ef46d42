"""The auditor's desk beside the trail: people's requests, holds, random samples, the log's health, two decisions compared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from dialer.domain.ids import AttemptId, OrganisationId, SubjectId, UserId
from dialer.services.subject_rights import CaseKind, CaseView, Erased, SubjectRights
from dialer.services.views.audit import (
    CaseRow,
    CaseRows,
    CompareView,
    CopyView,
    ErasedView,
    HoldRows,
    LogHealth,
    SampleView,
)
from dialer.services.views.words import Declined

COUNTRY_ASSUMED: Final = "CN"


class AuditReads(Protocol):
    """What the desk shows, numbers masked."""

    async def case_rows(self, org: OrganisationId, cases: tuple[CaseView, ...]) -> tuple[CaseRow, ...]: ...

    async def holds(self, org: OrganisationId) -> HoldRows: ...

    async def health(self) -> LogHealth: ...

    async def compare(
        self, org: OrganisationId, first: AttemptId, second: AttemptId
    ) -> CompareView | Declined | None: ...


class Holds(Protocol):
    """Legal holds; each is a leaf."""

    async def set_hold(
        self, org: OrganisationId, user: UserId, sid: SubjectId, reason: str
    ) -> str | Declined: ...

    async def lift(self, org: OrganisationId, user: UserId, hold_id: str, reason: str) -> bool: ...


class Samples(Protocol):
    """Random samples; the seed is a leaf first."""

    async def drawn_for(
        self, org: OrganisationId, user: UserId, since: datetime, until: datetime, count: int
    ) -> SampleView | Declined: ...

    async def drawn_at(self, org: OrganisationId, seq: int) -> SampleView | None: ...


@dataclass(frozen=True, slots=True)
class AuditDesk:
    """The verbs. None: that organisation has no such thing."""

    rights: SubjectRights
    reads: AuditReads
    held: Holds
    samples: Samples

    async def cases(self, org: OrganisationId) -> CaseRows:
        """People's requests, the most urgent first."""
        return CaseRows(await self.reads.case_rows(org, await self.rights.listed(org)))

    async def open_case(
        self, org: OrganisationId, user: UserId, number: str, kind: CaseKind
    ) -> CaseRow | Declined:
        """Open a request by number; a deletion takes effect at once as “storage only”."""
        opened = await self.rights.open_case(org, user, number, kind, COUNTRY_ASSUMED)
        return opened if isinstance(opened, Declined) else await self._row(org, opened)

    async def copy(self, org: OrganisationId, user: UserId, case_id: str) -> CopyView | Declined | None:
        """The person's own copy; handing it over answers the request."""
        text = await self.rights.copy(org, user, case_id)
        return CopyView(f"own-copy-{case_id}.txt", text) if isinstance(text, str) else text

    async def correct(
        self, org: OrganisationId, user: UserId, case_id: str, name: str
    ) -> CaseRow | Declined | None:
        """Correct the name on what is still to be used."""
        done = await self.rights.correct(org, user, case_id, name)
        return await self._row(org, done) if isinstance(done, CaseView) else done

    async def erase(self, org: OrganisationId, user: UserId, case_id: str) -> ErasedView | Declined | None:
        """Destroy what is kept, once the statutory term is over and no hold stands."""
        done = await self.rights.erase(org, user, case_id)
        return ErasedView(done.case_id, done.payloads, done.recordings) if isinstance(done, Erased) else done

    async def holds(self, org: OrganisationId) -> HoldRows:
        """Legal holds in force."""
        return await self.reads.holds(org)

    async def hold(
        self, org: OrganisationId, user: UserId, case_id: str, reason: str
    ) -> HoldRows | Declined | None:
        """Hold everything of the person of a request."""
        sid = next((case.sid for case in await self.rights.listed(org) if case.id == case_id), None)
        if sid is None:
            return None
        done = await self.held.set_hold(org, user, sid, reason)
        return done if isinstance(done, Declined) else await self.reads.holds(org)

    async def lift(self, org: OrganisationId, user: UserId, hold_id: str, reason: str) -> HoldRows | None:
        """Lift a hold."""
        return await self.reads.holds(org) if await self.held.lift(org, user, hold_id, reason) else None

    async def draw(
        self, org: OrganisationId, user: UserId, since: datetime, until: datetime, count: int
    ) -> SampleView | Declined:
        """Draw attempts and their inspector at random."""
        return await self.samples.drawn_for(org, user, since, until, count)

    async def drawn(self, org: OrganisationId, seq: int) -> SampleView | None:
        """Draw again by the seed in a leaf: the same attempts, as far as nothing was added to that time."""
        return await self.samples.drawn_at(org, seq)

    async def health(self) -> LogHealth:
        """How far the log is signed and witnessed, and when everything was last checked."""
        return await self.reads.health()

    async def compare(
        self, org: OrganisationId, first: AttemptId, second: AttemptId
    ) -> CompareView | Declined | None:
        """Two decisions, rule by rule."""
        return await self.reads.compare(org, first, second)

    async def _row(self, org: OrganisationId, case: CaseView) -> CaseRow:
        return (await self.reads.case_rows(org, (case,)))[0]
