"""Files of refusals and of outside lists, taken in the background: how far each has come, and what became of it.

Nobody waits for a file, neither whoever sent it nor a refusal that comes meanwhile. A file that is sent twice while it is
being taken is one file. What a restart interrupts is sent again: rows that were taken stand, and a list's version that
was not whole was never in use.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol, assert_never

import structlog

from dialer.domain.errors import DialerError
from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.clock import Clock
from dialer.services.import_progress import Progress
from dialer.services.outside_lists import NewVersion, OutsideListStore
from dialer.services.views.refusals import (
    ImportJob,
    ImportJobs,
    ImportState,
    OutsideListTaken,
    RefusalImportView,
)
from dialer.services.views.words import Declined, Sentence

OPEN_MAX: Final = 4
"""Files of one organisation on their way at once: each is in memory or on disk."""
KEPT_MAX: Final = 50
BUSY: Final = Declined(
    "import.busy",
    Sentence("已有多个文件在导入，请等其完成。", "Several files are being taken: wait until one is done."),
)
_INTERRUPTED: Final = Sentence(
    "导入中断：已登记的行有效，请重新上传同一文件。",
    "Interrupted: rows that were taken stand. Send the same file again.",
)
_log = structlog.get_logger()
Taken = RefusalImportView | OutsideListTaken | Declined


class RefusalFiles(Protocol):
    """Whoever takes a file of refusals (`services.refusal_desk`)."""

    async def take_file(
        self, org: OrganisationId, user: UserId, country: str, content: bytes, progress: Progress
    ) -> RefusalImportView | Declined:
        """A CSV of refusals; the same bytes give the same report and do nothing twice.

        Raises:
            StoreUnavailable: the file is not in whole; it is sent again.
        """
        ...


@dataclass(slots=True)
class _Job:
    org_id: OrganisationId
    key: tuple[str, str]
    view: ImportJob
    progress: Progress = field(default_factory=Progress)
    task: "asyncio.Task[None] | None" = None


class Imports:
    """Starts files and answers how far they are."""

    def __init__(self, refusals: RefusalFiles, lists: OutsideListStore, clock: Clock) -> None:
        self._refusals = refusals
        self._lists = lists
        self._clock = clock
        self._jobs: dict[str, _Job] = {}

    async def refusals(
        self, org: OrganisationId, user: UserId, country: str, content: bytes
    ) -> ImportJob | Declined:
        """Take a CSV of refusals; the job at its start."""

        async def take(progress: Progress) -> Taken:
            return await self._refusals.take_file(org, user, country, content, progress)

        return self._start(org, None, content, take)

    async def outside_list(
        self, org: OrganisationId, user: UserId, kind: str, as_of: datetime, country: str, content: bytes
    ) -> ImportJob | Declined:
        """Take a version of an outside list, one number a line; the job at its start."""

        async def take(progress: Progress) -> Taken:
            path = self._lists.incoming()
            try:
                await asyncio.to_thread(_write, path, content)
                new = NewVersion(kind, as_of, country, path)
                return await self._lists.take(org, Actor(ActorKind.USER, user), new, progress)
            finally:
                path.unlink(missing_ok=True)

        return self._start(org, kind, content, take)

    async def job(self, org: OrganisationId, job_id: str) -> ImportJob | None:
        """One file; None: not that organisation's, or of a former process."""
        job = self._jobs.get(job_id)
        return None if job is None or job.org_id != org else _now(job)

    async def jobs(self, org: OrganisationId) -> ImportJobs:
        """The organisation's files, newest first."""
        mine = [job for job in self._jobs.values() if job.org_id == org]
        return ImportJobs(tuple(_now(job) for job in reversed(mine)))

    def _start(
        self,
        org: OrganisationId,
        kind: str | None,
        content: bytes,
        take: Callable[[Progress], Awaitable[Taken]],
    ) -> ImportJob | Declined:
        key = (kind or "", sha256(content).hexdigest())
        running = [j for j in self._jobs.values() if j.org_id == org and j.view.state is ImportState.RUNNING]
        for job in running:
            if job.key == key:
                return _now(job)
        if len(running) >= OPEN_MAX:
            return BUSY
        view = ImportJob(secrets.token_hex(16), kind, ImportState.RUNNING, self._clock.now(), 0, 0)
        job = _Job(org, key, view)
        self._jobs[view.id] = job
        job.task = asyncio.create_task(self._run(job, take))
        self._forget()
        return view

    async def _run(self, job: _Job, take: Callable[[Progress], Awaitable[Taken]]) -> None:
        try:
            taken = await take(job.progress)
        except (DialerError, OSError) as away:
            _log.warning("import.interrupted", failure=type(away).__name__)
            job.view = replace(_now(job), state=ImportState.INTERRUPTED, why=_INTERRUPTED)
            return
        except Exception as bug:
            _log.error("import.failed", failure=type(bug).__name__)
            job.view = replace(_now(job), state=ImportState.INTERRUPTED, why=_INTERRUPTED)
            return
        job.view = _ended(_now(job), taken)

    def _forget(self) -> None:
        ended = [i for i, job in self._jobs.items() if job.view.state is not ImportState.RUNNING]
        for job_id in ended[: max(0, len(self._jobs) - KEPT_MAX)]:
            del self._jobs[job_id]


def _now(job: _Job) -> ImportJob:
    if job.view.state is not ImportState.RUNNING:
        return job.view
    return replace(job.view, rows=job.progress.rows, percent=job.progress.percent)


def _ended(view: ImportJob, taken: Taken) -> ImportJob:
    match taken:
        case Declined(sentence=why):
            return replace(view, state=ImportState.DECLINED, why=why)
        case RefusalImportView(rows=rows):
            return replace(view, state=ImportState.DONE, rows=rows, percent=100, refusals=taken)
        case OutsideListTaken(rows=rows):
            return replace(view, state=ImportState.DONE, rows=rows, percent=100, outside=taken)
        case _:
            assert_never(taken)


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
