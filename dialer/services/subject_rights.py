"""What a person may ask for: to see, to correct, to have deleted what is kept of them (D13).

A deletion takes effect at once as “storage only”: the gate refuses, issued permits are void, queued leads dropped. What is
kept is destroyed when the statutory term of the last call is over and no legal hold stands (decision 19).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from dialer.domain.errors import VaultUnavailable
from dialer.domain.ids import OrganisationId, SubjectId, UserId
from dialer.domain.phone import BadNumber, parse_phone
from dialer.ports.clock import Clock
from dialer.rules.calendar import Calendar
from dialer.services.views.words import Declined, Sentence

ANSWER_WORKING_DAYS: Final = 15
"""《App违法违规收集使用个人信息行为认定方法》 六: answered within 15 working days."""

_NO_NUMBER: Final = Declined(
    "number.malformed", Sentence("这不是一个有效的电话号码。", "This is not a phone number.")
)


class CaseKind(StrEnum):
    """What the person asks for."""

    QUERY = "query"
    CORRECT = "correct"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class CaseView:
    """A person's request. `waits_until`: before then the law forbids to destroy; `held`: a legal hold stands."""

    id: str
    sid: SubjectId
    kind: CaseKind
    state: str
    opened_at: datetime
    due_on: datetime
    closed_at: datetime | None
    outcome: str | None
    waits_until: datetime | None
    held: bool


@dataclass(frozen=True, slots=True)
class Erased:
    """What was destroyed; `paths`: files of the vault that are now without key and have to go."""

    case_id: str
    payloads: int
    recordings: int
    paths: tuple[str, ...]


class Cases(Protocol):
    """Cases in the database. Every method is one transaction with its leaf."""

    async def open_case(
        self, org: OrganisationId, user: UserId, number: str, kind: CaseKind, due: datetime
    ) -> CaseView | Declined: ...

    async def listed(self, org: OrganisationId) -> tuple[CaseView, ...]: ...

    async def copy(self, org: OrganisationId, user: UserId, case_id: str) -> str | Declined | None: ...

    async def correct(
        self, org: OrganisationId, user: UserId, case_id: str, name: str
    ) -> CaseView | Declined | None: ...

    async def erase(self, org: OrganisationId, user: UserId, case_id: str) -> Erased | Declined | None: ...

    async def ripe(self) -> tuple[tuple[OrganisationId, str], ...]: ...

    async def files_gone(self, paths: tuple[str, ...]) -> None: ...

    async def files_left(self) -> tuple[str, ...]: ...


class RecordingFiles(Protocol):
    """Where the vault's files are unlinked."""

    async def remove(self, path: str) -> None:
        """Unlink; no error when it is already gone."""
        ...


class SubjectRights:
    """The verbs."""

    def __init__(self, cases: Cases, files: RecordingFiles, clock: Clock, calendar: Calendar) -> None:
        self._cases = cases
        self._files = files
        self._clock = clock
        self._calendar = calendar

    async def open_case(
        self, org: OrganisationId, user: UserId, number: str, kind: CaseKind, country: str
    ) -> CaseView | Declined:
        """Open a case by number. Opening it again while it is open gives the open one."""
        parsed = parse_phone(number, country)
        if isinstance(parsed, BadNumber):
            return _NO_NUMBER
        due = deadline(self._calendar, self._clock.now())
        return await self._cases.open_case(org, user, parsed.e164, kind, due)

    async def listed(self, org: OrganisationId) -> tuple[CaseView, ...]:
        """Cases, the most urgent first."""
        return await self._cases.listed(org)

    async def copy(self, org: OrganisationId, user: UserId, case_id: str) -> str | Declined | None:
        """The person's own copy of what is kept of them, as a text to read; None: no such query."""
        return await self._cases.copy(org, user, case_id)

    async def correct(
        self, org: OrganisationId, user: UserId, case_id: str, name: str
    ) -> CaseView | Declined | None:
        """Correct the name on all that is still to be used; what was agreed to then stays as it was agreed to."""
        return await self._cases.correct(org, user, case_id, name)

    async def erase(self, org: OrganisationId, user: UserId, case_id: str) -> Erased | Declined | None:
        """Destroy keys and ciphertexts, then the files, which nobody can open any more."""
        done = await self._cases.erase(org, user, case_id)
        if isinstance(done, Erased):
            await self._unlink(done.paths)
        return done

    async def erase_ripe(self) -> int:
        """Every deletion whose term is over; how many. Files that an earlier stop left behind go, too."""
        erased = 0
        for org, case_id in await self._cases.ripe():
            erased += isinstance(await self.erase(org, UserId("retention"), case_id), Erased)
        await self._unlink(await self._cases.files_left())
        return erased

    async def _unlink(self, paths: tuple[str, ...]) -> None:
        gone = await gone_of(self._files, paths)
        if gone:
            await self._cases.files_gone(gone)


async def gone_of(files: RecordingFiles, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Take these away; those that are gone. What a store still locks stays for another run: its key is destroyed."""
    gone = []
    for path in paths:
        try:
            await files.remove(path)
        except VaultUnavailable:
            continue
        gone.append(path)
    return tuple(gone)


def deadline(calendar: Calendar, now: datetime) -> datetime:
    """The end of the last day on which the person may be answered, in the calendar's zone.

    Where the calendar doesn't know the year, as many days as working days: sooner, never later.
    """
    zone = ZoneInfo(calendar.zone)
    today = now.astimezone(zone).date()
    try:
        last: date = calendar.add_working_days(today, ANSWER_WORKING_DAYS)
    except KeyError:
        last = today + timedelta(days=ANSWER_WORKING_DAYS)
    return datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=zone)
