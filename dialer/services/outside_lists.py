"""Outside lists (national registries, platform lists): a file by hand, or by a source that is asked again and again.

The gate reads the version in use and its age; a list that a pack demands and that is missing or too old refuses every
call it binds. Nothing here makes a list look younger than it says it is: a source that has nothing newer leaves it to age.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import structlog

from dialer.domain.errors import ListUnavailable
from dialer.domain.ids import OrganisationId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.clock import Clock
from dialer.rules.kinds.people import OutsideList
from dialer.rules.pack import Pack
from dialer.services.import_progress import Progress
from dialer.services.views.refusals import (
    FeedView,
    OutsideLists,
    OutsideListState,
    OutsideListTaken,
    WantedList,
)
from dialer.services.views.words import Declined, Sentence

RETRY_SECONDS: Final = 900
"""A source that failed is asked again so soon, or sooner where it is asked more often anyway."""
_FAILED: Final = Sentence("读取来源时出错，见日志。", "Asking the source failed; the log says how.")
_OURSELVES: Final = Actor(ActorKind.PROCESS, "dialer")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A file of numbers, one a line. `country`: of numbers without a country code; `as_of`: the moment it speaks for."""

    kind: str
    as_of: datetime
    country: str
    path: Path


class OutsideListStore(Protocol):
    """Storage's part."""

    async def lists(self) -> tuple[OutsideListState, ...]:
        """Every list in use, with its age."""
        ...

    async def take(
        self, org: OrganisationId | None, actor: Actor, new: NewVersion, progress: Progress
    ) -> OutsideListTaken | Declined:
        """Take a version into use; not one that is empty, not newer, or has less than half of the one in use."""
        ...

    def incoming(self) -> Path:
        """A path for a file on its way in, the caller's to unlink."""
        ...


class ListSource(Protocol):
    """Where versions of a list come from. Entry-point group `dialer.list_sources`: a callable that takes a path."""

    async def fetch(self, newer_than: datetime | None, into: Path) -> datetime | None:
        """Write the newest version to `into`, one number a line; the moment it speaks for. None: nothing newer.

        Raises:
            ListUnavailable: the source can't be asked, or answered with what is no list.
        """
        ...


@dataclass(frozen=True, slots=True)
class Feed:
    """A list that is fetched by itself. `source_name`: what people know the source by."""

    kind: str
    source_name: str
    country: str
    every: timedelta
    source: ListSource


@dataclass(slots=True)
class _Asked:
    at: datetime
    well_at: datetime | None = None
    why: Sentence | None = None


@dataclass(slots=True)
class ListFeeds:
    """Asks every source in its turn."""

    feeds: Sequence[Feed]
    store: OutsideListStore
    clock: Clock
    _asked: dict[str, _Asked] = field(default_factory=dict)

    async def run(self) -> int:
        """Ask whoever is due; how many versions were taken into use."""
        taken = 0
        for feed in self.feeds:
            if self._is_due(feed):
                taken += await self._ask(feed)
        return taken

    def views(self) -> tuple[FeedView, ...]:
        """Every feed, and how its last question went."""
        return tuple(self._view(feed) for feed in self.feeds)

    def _is_due(self, feed: Feed) -> bool:
        asked = self._asked.get(feed.kind)
        if asked is None:
            return True
        wait = feed.every if asked.why is None else min(feed.every, timedelta(seconds=RETRY_SECONDS))
        return self.clock.now() >= asked.at + wait

    async def _ask(self, feed: Feed) -> bool:
        asked = self._asked.setdefault(feed.kind, _Asked(self.clock.now()))
        asked.at = self.clock.now()
        path = self.store.incoming()
        try:
            used = next((state for state in await self.store.lists() if state.kind == feed.kind), None)
            as_of = await feed.source.fetch(None if used is None else used.as_of, path)
            if as_of is None:
                asked.well_at, asked.why = self.clock.now(), None
                return False
            new = NewVersion(feed.kind, as_of, feed.country, path)
            answer = await self.store.take(None, _OURSELVES, new, Progress())
        except ListUnavailable as away:
            asked.why = Sentence(f"来源暂不可用：{away.zh}", f"The source can't be asked: {away.en}")
            _log.warning("list.away", list=feed.kind, why=away.en)
            return False
        except Exception as bug:  # a plug-in's fault stays its own list's: the others are asked all the same
            asked.why = _FAILED
            _log.error("list.failed", list=feed.kind, failure=type(bug).__name__)
            return False
        finally:
            path.unlink(missing_ok=True)
        if isinstance(answer, Declined):
            asked.why = answer.sentence
            _log.warning("list.declined", list=feed.kind, code=answer.code)
            return False
        asked.well_at, asked.why = self.clock.now(), None
        _log.info("list.taken", list=feed.kind, version=answer.list.version, entries=answer.list.entries)
        return True

    def _view(self, feed: Feed) -> FeedView:
        asked = self._asked.get(feed.kind)
        return FeedView(
            kind=feed.kind,
            source=feed.source_name,
            every_hours=int(feed.every.total_seconds() // 3600),
            asked_at=None if asked is None else asked.at,
            well_at=None if asked is None else asked.well_at,
            why=None if asked is None else asked.why,
        )


@dataclass(frozen=True, slots=True)
class OutsideListDesk:
    """What people see of outside lists."""

    store: OutsideListStore
    feeds: ListFeeds
    packs: Sequence[Pack]
    clock: Clock

    async def view(self) -> OutsideLists:
        """Lists in use, lists that packs may demand, sources."""
        days = list_ages_max(self.packs, self.clock.now().date())
        wanted = tuple(WantedList(kind, days[kind]) for kind in sorted(days))
        return OutsideLists(await self.store.lists(), wanted, self.feeds.views())


def list_ages_max(packs: Sequence[Pack], today: date) -> Mapping[str, int]:
    """Days that the strictest of these packs allows each outside list that one of them demands."""
    days: dict[str, int] = {}
    for pack in packs:
        for rule in pack.rules:
            if isinstance(rule.value, OutsideList) and (
                rule.in_force_until is None or today < rule.in_force_until
            ):
                known = days.get(rule.value.list_id, rule.value.age_days_max)
                days[rule.value.list_id] = min(known, rule.value.age_days_max)
    return days
