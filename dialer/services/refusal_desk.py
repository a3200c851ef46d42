"""Refusals that people type in, upload or receive: one number, a file, a partner's signed message, an SMS reply.

All of them end in `Refusals.told`: the same transaction and the same cutting as a refusal in a call.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final, Protocol, assert_never

from dialer.domain.dnc import DncReason
from dialer.domain.ids import OrganisationId, UserId
from dialer.domain.phone import BadNumber, parse_phone
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import RefusalHeard
from dialer.ports.clock import Clock
from dialer.services.changes import Changes, FloorChanged, StatusChanged
from dialer.services.import_progress import Progress
from dialer.services.lead_rows import FileRefused, decode_file
from dialer.services.refusal_rows import CLOCK_SLACK, REMARKS_SHOWN_MAX, RefusalRow, read_refusals
from dialer.services.refusals import Refusals, Superseded, ToldRefusal, Waiting
from dialer.services.views.caller import Stopped
from dialer.services.views.floor import RejectedRow
from dialer.services.views.refusals import RefusalImportView, RefusalTaken, TakenAs
from dialer.services.views.words import Declined, Sentence

AT_ONCE: Final = 3
"""So few rows of a file are on their way together: a refusal that comes meanwhile waits behind no more than these."""
NOTHING: Final = Stopped(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Report:
    """One refusal as it was reported. `number`: as written; `country`: assumed where it has no country code."""

    number: str
    country: str
    purpose: str | None
    reason: DncReason
    said_at: datetime | None
    via: str


class ImportReports(Protocol):
    """Storage's part: reports of files, by the file's bytes."""

    async def report(self, org: OrganisationId, file_sha256: str) -> RefusalImportView | None:
        """What became of that very file before."""
        ...

    async def keep(
        self, org: OrganisationId, user: UserId, file_sha256: str, view: RefusalImportView
    ) -> None:
        """Keep a report; the first one for these bytes stands."""
        ...


class RefusalDesk:
    """Takes refusals from outside a call."""

    def __init__(self, refusals: Refusals, reports: ImportReports, clock: Clock, changes: Changes) -> None:
        self._refusals = refusals
        self._reports = reports
        self._clock = clock
        self._changes = changes

    async def enter(self, org: OrganisationId, actor: Actor, report: Report) -> RefusalTaken | Declined:
        """One number. It needn't be anybody's lead.

        Raises:
            StoreUnavailable: neither database nor disk took it; nothing is dialled, and it must be told again.
        """
        number = parse_phone(report.number, report.country)
        if isinstance(number, BadNumber):
            return Declined(f"number.{number.problem}", Sentence(number.zh, number.en))
        said_at = report.said_at
        if said_at is not None and said_at > self._clock.now() + CLOCK_SLACK:
            said_at = None  # a wrong clock at the teller's is no reason to lose a refusal
        began = time.monotonic()
        answer = await self._refusals.told(
            ToldRefusal(
                org_id=org,
                number=number.e164,
                purpose=report.purpose,
                reason=report.reason,
                actor=actor,
                said_at=said_at,
                via=report.via,
            )
        )
        self._changes.touch(FloorChanged(org), StatusChanged())
        took_ms = int((time.monotonic() - began) * 1000)
        match answer:
            case RefusalHeard():
                stopped = Stopped(answer.leads_dropped, answer.permits_void, len(answer.cut))
                state = TakenAs.ENTERED if answer.is_new else TakenAs.KNOWN
                return RefusalTaken(answer.entry_id, number.masked, state, answer.at, took_ms, stopped)
            case Superseded(since=since):
                return RefusalTaken(None, number.masked, TakenAs.SUPERSEDED, since, took_ms, NOTHING)
            case Waiting(at=at):
                return RefusalTaken(None, number.masked, TakenAs.WAITING, at, took_ms, NOTHING)
            case _:
                assert_never(answer)

    async def take_file(
        self, org: OrganisationId, user: UserId, country: str, content: bytes, progress: Progress
    ) -> RefusalImportView | Declined:
        """A CSV of refusals. The same bytes give the same report and do nothing twice.

        Rows are committed a few at a time, so that no refusal that comes meanwhile waits for the file; a file whose
        taking was interrupted is simply taken again.

        Raises:
            StoreUnavailable: the file is not in whole; take it again.
        """
        digest = sha256(content).hexdigest()
        before = await self._reports.report(org, digest)
        if before is not None:
            return before
        text = await asyncio.to_thread(decode_file, content)
        if isinstance(text, FileRefused):
            return Declined(text.code, text.sentence)
        read = read_refusals(text, country, self._clock.now())
        if isinstance(read, FileRefused):
            return Declined(read.code, read.sentence)
        progress.whole = text.count("\n")
        tally = _Tally()
        actor = Actor(ActorKind.USER, user)
        while batch := list(islice(read, AT_ONCE)):
            good = [row for row in batch if isinstance(row, RefusalRow)]
            answers = await asyncio.gather(*(self._refusals.told(_told(org, actor, row)) for row in good))
            tally.add(batch, answers)
            progress.rows = progress.done = tally.rows
        view = tally.view(digest[:16], self._clock.now())
        await self._reports.keep(org, user, digest, view)
        self._changes.touch(FloorChanged(org), StatusChanged())
        return view


def _told(org: OrganisationId, actor: Actor, row: RefusalRow) -> ToldRefusal:
    return ToldRefusal(
        org_id=org,
        number=row.number.e164,
        purpose=None,
        reason=row.reason,
        actor=actor,
        said_at=row.said_at,
        via="list",
    )


class _Tally:
    """Counts a file's rows as they are answered."""

    def __init__(self) -> None:
        self.rows = 0
        self._by_state = dict.fromkeys(TakenAs, 0)
        self._rejected: list[RejectedRow] = []
        self._remarks: list[RejectedRow] = []

    def add(
        self,
        batch: Sequence[RefusalRow | RejectedRow],
        answers: Sequence[RefusalHeard | Superseded | Waiting],
    ) -> None:
        """One batch: its rows, and the answers to the good ones."""
        self.rows += len(batch)
        for row in batch:
            if isinstance(row, RejectedRow):
                self._by_state[TakenAs.REJECTED] += 1
                self._rejected.append(row)
            elif row.remark is not None:
                self._remarks.append(row.remark)
        del self._rejected[REMARKS_SHOWN_MAX:], self._remarks[REMARKS_SHOWN_MAX:]
        for answer in answers:
            self._by_state[_state(answer)] += 1

    def view(self, import_id: str, at: datetime) -> RefusalImportView:
        """The report."""
        return RefusalImportView(
            id=import_id,
            at=at,
            rows=self.rows,
            entered=self._by_state[TakenAs.ENTERED],
            known=self._by_state[TakenAs.KNOWN],
            superseded=self._by_state[TakenAs.SUPERSEDED],
            waiting=self._by_state[TakenAs.WAITING],
            unreadable=self._by_state[TakenAs.REJECTED],
            rejected=tuple(self._rejected),
            remarks=tuple(self._remarks),
        )


def _state(answer: RefusalHeard | Superseded | Waiting) -> TakenAs:
    match answer:
        case RefusalHeard():
            return TakenAs.ENTERED if answer.is_new else TakenAs.KNOWN
        case Superseded():
            return TakenAs.SUPERSEDED
        case Waiting():
            return TakenAs.WAITING
        case _:
            assert_never(answer)
