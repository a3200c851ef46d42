"""Outside lists, wired: the store of their versions, the sources that are asked, and the desk."""

from dataclasses import dataclass
from datetime import timedelta

from dialer.jobs.list_sources import open_list_source
from dialer.processes.core import Core
from dialer.rules.shipped import shipped_packs
from dialer.services.outside_lists import Feed, ListFeeds, OutsideListDesk
from dialer.storage.outside_list_desk import StoredOutsideLists


@dataclass(frozen=True, slots=True)
class OutsideListParts:
    """What the console, the timers and the imports share."""

    store: StoredOutsideLists
    feeds: ListFeeds
    desk: OutsideListDesk


def outside_lists_of(core: Core) -> OutsideListParts:
    """The parts of one dialer; what a former process left on its way in is removed.

    Raises:
        InstallationError: a source of the settings isn't installed or can't be used.
    """
    store = StoredOutsideLists(
        core.store, core.log, core.keyring, core.clock, core.settings.folders.vault / "lists"
    )
    store.sweep()
    feeds = ListFeeds(
        [
            Feed(
                said.kind,
                said.source,
                said.country,
                timedelta(hours=said.every_hours),
                open_list_source(said.source, said.path),
            )
            for said in core.settings.lists
        ],
        store,
        core.clock,
    )
    return OutsideListParts(store, feeds, OutsideListDesk(store, feeds, shipped_packs().packs, core.clock))
