"""Files on their way in: one file is one job, a few at once, and an interruption is said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from dialer.demo.sample_organisation import DEMO_INSTANT
from dialer.domain.errors import StoreUnavailable
from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.record import Actor
from dialer.services.import_jobs import BUSY, OPEN_MAX, Imports
from dialer.services.import_progress import Progress
from dialer.services.outside_lists import NewVersion
from dialer.services.views.refusals import (
    ImportJob,
    ImportState,
    OutsideListState,
    OutsideListTaken,
    RefusalImportView,
)
from dialer.services.views.words import Declined
from dialer.testing.clock import HandWoundClock

HOME, SOMEBODY = OrganisationId("org"), UserId("user")


@dataclass
class SlowFiles:
    """Takes files when it is let; lists never come here."""

    let: asyncio.Event = field(default_factory=asyncio.Event)
    is_away: bool = False
    taken: int = 0

    async def take_file(
        self, org: OrganisationId, user: UserId, country: str, content: bytes, progress: Progress
    ) -> RefusalImportView | Declined:
        progress.rows, progress.done, progress.whole = 30, 30, 120
        await self.let.wait()
        if self.is_away:
            raise StoreUnavailable("away")
        self.taken += 1
        return RefusalImportView("x", DEMO_INSTANT, 120, 120, 0, 0, 0, 0, (), ())

    async def lists(self) -> tuple[OutsideListState, ...]:
        return ()

    async def take(
        self, org: OrganisationId | None, actor: Actor, new: NewVersion, progress: Progress
    ) -> OutsideListTaken | Declined:
        return BUSY

    def incoming(self) -> Path:
        return Path("/nonexistent/incoming")


async def started(imports: Imports, content: bytes) -> ImportJob:
    job = await imports.refusals(HOME, SOMEBODY, "CN", content)
    assert isinstance(job, ImportJob)
    return job


async def ended(imports: Imports, job: ImportJob) -> ImportJob:
    for _ in range(1_000):
        now = await imports.job(HOME, job.id)
        if now is not None and now.state is not ImportState.RUNNING:
            return now
        await asyncio.sleep(0)
    raise AssertionError("it never ended")


async def test_a_file_says_how_far_it_is_and_sent_again_meanwhile_is_the_same() -> None:
    files = SlowFiles()
    imports = Imports(files, files, HandWoundClock(DEMO_INSTANT))
    job = await started(imports, b"one")
    await asyncio.sleep(0)
    now = await imports.job(HOME, job.id)
    assert now is not None
    assert (now.state, now.rows, now.percent) == (ImportState.RUNNING, 30, 25)
    assert (await started(imports, b"one")).id == job.id
    assert (await started(imports, b"two")).id != job.id
    files.let.set()
    done = await ended(imports, job)
    assert (done.state, done.rows, done.percent) == (ImportState.DONE, 120, 100)
    # afterwards it is a question of its own, which the desk answers with its first report
    assert (await started(imports, b"one")).id != job.id


async def test_only_a_few_files_are_on_their_way_at_once() -> None:
    files = SlowFiles()
    imports = Imports(files, files, HandWoundClock(DEMO_INSTANT))
    jobs = [await started(imports, b"%d" % n) for n in range(OPEN_MAX)]
    assert await imports.refusals(HOME, SOMEBODY, "CN", b"one more") is BUSY
    assert isinstance(await imports.refusals(OrganisationId("other"), SOMEBODY, "CN", b"x"), ImportJob)
    files.let.set()
    for job in jobs:
        await ended(imports, job)
    assert isinstance(await imports.refusals(HOME, SOMEBODY, "CN", b"one more"), ImportJob)


async def test_an_interrupted_file_says_that_it_is_to_be_sent_again() -> None:
    files = SlowFiles(is_away=True)
    imports = Imports(files, files, HandWoundClock(DEMO_INSTANT))
    files.let.set()
    broken = await ended(imports, await started(imports, b"one"))
    assert broken.state is ImportState.INTERRUPTED
    assert broken.why is not None
    files.is_away = False
    whole = await ended(imports, await started(imports, b"one"))
    assert (whole.state, files.taken) == (ImportState.DONE, 1)
