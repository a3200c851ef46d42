"""Outside lists and files as they are staged: a store in memory below the product's own jobs and desk."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from dialer.domain.errors import ListUnavailable
from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.record import Actor
from dialer.ports.clock import Clock
from dialer.rules.shipped import shipped_packs
from dialer.services.import_jobs import Imports
from dialer.services.import_progress import Progress
from dialer.services.lead_rows import FileRefused
from dialer.services.outside_lists import Feed, ListFeeds, NewVersion, OutsideListDesk
from dialer.services.refusal_rows import RefusalRow, read_refusals
from dialer.services.views.floor import RejectedRow
from dialer.services.views.refusals import OutsideListState, OutsideListTaken, RefusalImportView
from dialer.services.views.words import Declined, Sentence
from tests.acceptance.browser.stage_words import NOW

OLD = OutsideListState("us-ndnc", "2026-10", 240_118_004, "ab" * 32, NOW - timedelta(days=40), 960)
FRESH = OutsideListState("xielaidian", "2026-11", 1_204_511, "cd" * 32, NOW - timedelta(hours=31), 31)
NOT_NEWER = Declined(
    "list.older", Sentence("名单的时间不晚于现用名单。", "The list is not newer than the one in use.")
)


@dataclass
class StagedLists:
    """`OutsideListStore`."""

    folder: Path
    known: dict[str, OutsideListState] = field(default_factory=lambda: {s.kind: s for s in (OLD, FRESH)})

    async def lists(self) -> tuple[OutsideListState, ...]:
        return tuple(self.known[kind] for kind in sorted(self.known))

    async def take(
        self, org: OrganisationId | None, actor: Actor, new: NewVersion, progress: Progress
    ) -> OutsideListTaken | Declined:
        before = self.known.get(new.kind)
        if before is not None and new.as_of <= before.as_of:
            return NOT_NEWER
        rows = new.path.read_text(encoding="utf-8").split()
        good = [row for row in rows if row.removeprefix("+").isdigit()]
        hours = int((NOW - new.as_of).total_seconds() // 3600)
        state = replace(
            FRESH, kind=new.kind, version="2026-11-18", entries=len(good), as_of=new.as_of, age_hours=hours
        )
        self.known[new.kind] = state
        bad = tuple(_bad(line) for line, row in enumerate(rows, start=1) if row not in good)
        return OutsideListTaken(state, len(rows), len(bad), bad)

    def incoming(self) -> Path:
        return self.folder / "incoming"


@dataclass(frozen=True)
class SilentSource:
    """A registry that can't be reached."""

    async def fetch(self, newer_than: datetime | None, into: Path) -> datetime | None:
        del newer_than, into
        raise ListUnavailable("连接失败", "no connection")


@dataclass
class StagedRefusalFiles:
    """`RefusalFiles`: rows are read as the product reads them, and nothing is entered."""

    async def take_file(
        self, org: OrganisationId, user: UserId, country: str, content: bytes, progress: Progress
    ) -> RefusalImportView | Declined:
        read = read_refusals(content.decode(), country, NOW)
        if isinstance(read, FileRefused):
            return Declined(read.code, read.sentence)
        rows = list(read)
        good = [row for row in rows if isinstance(row, RefusalRow)]
        bad = tuple(row for row in rows if isinstance(row, RejectedRow))
        return RefusalImportView(
            id="0" * 16,
            at=NOW,
            rows=len(rows),
            entered=len(good),
            known=0,
            superseded=0,
            waiting=0,
            unreadable=len(bad),
            rejected=bad,
            remarks=tuple(row.remark for row in good if row.remark is not None),
        )


def list_rooms(folder: Path, clock: Clock) -> dict[str, object]:
    """The product's own desk with one source that is asked by itself, and its own jobs."""
    lists = StagedLists(folder)
    feed = Feed("us-ndnc", "https", "US", timedelta(hours=6), SilentSource())
    desk = OutsideListDesk(lists, ListFeeds((feed,), lists, clock), shipped_packs().packs, clock)
    return {"outside_lists": desk, "refusal_files": Imports(StagedRefusalFiles(), lists, clock)}


def _bad(line: int) -> RejectedRow:
    sentence = Sentence("不是电话号码", "It is not a telephone number")
    return RejectedRow(line, "number", "number.not_a_number", sentence)
