"""The rooms behind the do-not-call desk: the real ones on the test's database, with an exchange that only hangs up."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dialer.domain.ids import AttemptId
from dialer.ports.clock import Clock
from dialer.rules.shipped import shipped_packs
from dialer.rules.spoken import refusal_phrases
from dialer.services.changes import Changes
from dialer.services.import_jobs import Imports
from dialer.services.outside_lists import ListFeeds, OutsideListDesk
from dialer.services.refusal_desk import RefusalDesk
from dialer.services.refusal_hooks import Partners, RefusalHooks
from dialer.services.refusal_reviews import Reviews
from dialer.services.refusals import Refusals, Spooled
from dialer.storage.calls import StoredCalls
from dialer.storage.dnc_desk import DncDesk
from dialer.storage.log import LogWriter
from dialer.storage.outside_list_desk import StoredOutsideLists
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.refusal_partners import StoredImportReports, StoredPartners
from dialer.storage.refusal_reviews import StoredReviews
from dialer.storage.store import Store
from dialer.vault.keyring import FileKeyring


@dataclass
class Line:
    """An exchange and egress of which only hanging up is asked."""

    hung_up: list[AttemptId] = field(default_factory=list)

    async def hang_up(self, attempt_id: AttemptId) -> None:
        self.hung_up.append(attempt_id)


@dataclass
class MemorySpool:
    """A spool that lives as long as the test."""

    kept: dict[int, Spooled] = field(default_factory=dict)

    async def keep(self, refusal: Spooled) -> None:
        self.kept[len(self.kept) + 1] = refusal

    def waiting(self) -> tuple[tuple[int, Spooled], ...]:
        return tuple(self.kept.items())

    async def committed(self, place: int) -> None:
        del self.kept[place]


@dataclass
class RefusalRooms:
    """What `Deps` needs, and what a test looks at."""

    desk: RefusalDesk
    hooks: RefusalHooks
    partners: Partners
    dnc: DncDesk
    outside_lists: OutsideListDesk
    files: Imports
    reviews: Reviews
    line: Line
    spool: MemorySpool

    def looked_at(self) -> dict[str, Any]:
        """The rooms of the desk, as `Deps` calls them."""
        return {
            "dnc": self.dnc,
            "outside_lists": self.outside_lists,
            "refusal_files": self.files,
            "reviews": self.reviews,
        }


def refusal_rooms(
    store: Store, keys: FileKeyring, log: LogWriter, clock: Clock, changes: Changes, folder: Path
) -> RefusalRooms:
    """Real services on `store`."""
    line, spool = Line(), MemorySpool()
    refusals = Refusals(
        calls=StoredCalls(store, log, keys),
        numbers=StoredDoNotCall(store, log, keys),
        telephony=line,
        egress=line,
        spool=spool,
        clock=clock,
    )
    desk = RefusalDesk(refusals, StoredImportReports(store), clock, changes)
    register = StoredPartners(store, log, keys)
    hooks = RefusalHooks(desk, register, clock, refusal_phrases())
    dnc = DncDesk(store, log, keys)
    lists = StoredOutsideLists(store, log, keys, clock, folder / "lists")
    listed = OutsideListDesk(lists, ListFeeds((), lists, clock), shipped_packs().packs, clock)
    files = Imports(desk, lists, clock)
    reviews = Reviews(StoredReviews(store, log, keys), refusals, changes)
    return RefusalRooms(desk, hooks, Partners(register), dnc, listed, files, reviews, line, spool)
