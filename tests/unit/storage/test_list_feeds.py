"""Outside lists that come by themselves: sources, what becomes of a bad answer, and what their age does to a call."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from dialer.demo.sample_organisation import CAMPAIGN, DEMO_INSTANT, ORG, SUPERVISOR
from dialer.domain.errors import InstallationError, ListUnavailable
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.jobs.list_sources import FolderSource, HttpsSource, open_list_source
from dialer.services.import_progress import Progress
from dialer.services.outside_lists import Feed, ListFeeds, ListSource, NewVersion
from dialer.services.views.refusals import OutsideListTaken
from dialer.services.views.words import Declined
from dialer.storage.intake import StoredIntake
from dialer.storage.outside_list_desk import StoredOutsideLists
from dialer.storage.times import moment
from tests.unit.storage.storage_world import World, fresh_sqlite, lead_row

LIST = "us-ndnc"
CALLED, OTHER = "+12025550142", "+12025550199"
SIX_HOURS = timedelta(hours=6)


@dataclass(frozen=True)
class Wound:
    """The database's own clock, which the test winds."""

    core: World

    def now(self) -> datetime:
        return moment(self.core.now_us())


@pytest.fixture
def core(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def lists(core: World, tmp_path: Path) -> StoredOutsideLists:
    return StoredOutsideLists(core.store, core.log, core.keys, Wound(core), tmp_path / "l")


def feeds(core: World, lists: StoredOutsideLists, *sources: tuple[str, ListSource]) -> ListFeeds:
    made = [Feed(kind, "folder", "US", SIX_HOURS, source) for kind, source in sources]
    return ListFeeds(made, lists, Wound(core))


async def codes_of_a_call(core: World) -> set[str]:
    """What the real gate objects to in a call to the number, of outside lists."""
    intake = StoredIntake(core.store, core.log, core.keys, Wound(core))
    at = Wound(core).now() - timedelta(minutes=20)
    view = await intake.take(
        OrganisationId(ORG), UserId(SUPERVISOR), CampaignId(CAMPAIGN), [lead_row(CALLED, at)], [], 1
    )
    assert view.accepted == 1
    core.run("UPDATE lead SET due_us = NOW_US WHERE state = 'queued'")
    for claim in await core.ledger.claim(CampaignId(CAMPAIGN), 10):
        await core.ledger.authorise(claim)
    row = core.one("SELECT codes FROM decision ORDER BY at_us DESC, leaf_seq DESC LIMIT 1")
    return {code for code in str(row.codes).split(",") if code.startswith("OUTSIDE_LIST")}


@pytest.mark.rule("C9")
async def test_a_list_is_fetched_believed_while_it_is_fresh_and_refuses_when_it_is_not(
    core: World, lists: StoredOutsideLists, tmp_path: Path
) -> None:
    folder = tmp_path / "registry"
    folder.mkdir()
    feed = feeds(core, lists, (LIST, FolderSource(folder)))
    assert await codes_of_a_call(core) == {"OUTSIDE_LIST_MISSING"}
    (folder / "2026-11-17.csv").write_text(f"number\n{OTHER}\n")
    assert await feed.run() == 1
    assert await codes_of_a_call(core) == set()
    core.wind(32 * 86_400)
    assert await feed.run() == 0, "nothing newer: the list ages"
    assert await codes_of_a_call(core) == {"OUTSIDE_LIST_STALE"}
    (folder / "2026-12-19.csv").write_text(f"{OTHER}\n{CALLED}\n")
    core.wind(6 * 3_600)
    assert await feed.run() == 1
    assert await codes_of_a_call(core) == {"OUTSIDE_LIST_HIT"}


async def test_a_source_is_asked_in_its_time_and_one_that_failed_sooner(
    core: World, lists: StoredOutsideLists, tmp_path: Path
) -> None:
    folder = tmp_path / "registry"
    feed = feeds(core, lists, (LIST, FolderSource(folder)))
    assert await feed.run() == 0
    (failed,) = feed.views()
    assert failed.why is not None
    assert failed.well_at is None
    folder.mkdir()
    (folder / "2026-11-17T060000Z.txt").write_text(f"{OTHER}\n")
    assert await feed.run() == 0, "not at once again"
    core.wind(901)
    assert await feed.run() == 1
    (well,) = feed.views()
    assert (well.why, well.well_at is not None) == (None, True)
    (folder / "2026-11-18.txt").write_text("nothing but words\n")
    core.wind(6 * 3_600 + 1)
    assert await feed.run() == 0
    (declined,) = feed.views()
    assert declined.why is not None
    assert "no readable number" in declined.why.en
    assert [state.as_of for state in await lists.lists()] == [datetime(2026, 11, 17, 6, tzinfo=UTC)]
    assert list((tmp_path / "l").glob("*.incoming")) == []


async def test_a_plug_in_that_breaks_takes_no_other_list_with_it(
    core: World, lists: StoredOutsideLists, tmp_path: Path
) -> None:
    @dataclass(frozen=True)
    class Broken:
        async def fetch(self, newer_than: datetime | None, into: Path) -> datetime | None:
            into.write_text("half a")
            raise KeyError(str(newer_than))

    (tmp_path / "2026-11-17.csv").write_text(f"{OTHER}\n")
    feed = feeds(core, lists, ("gb-tps", Broken()), (LIST, FolderSource(tmp_path)))
    assert await feed.run() == 1
    assert [view.why is None for view in feed.views()] == [False, True]
    assert list((tmp_path / "l").glob("*.incoming")) == []


async def test_a_file_with_rubbish_is_taken_whole_and_says_how_far_it_is(
    core: World, lists: StoredOutsideLists, tmp_path: Path
) -> None:
    """At small size; a million rows in `make bench-refusals`."""
    rubbish = ("", "n/a", "0", "x" * 5_000, "110101199003070000", "+1 202 555", "\u00ff\u0000")
    rows = ["number"]
    for place in range(5_000):
        rows.append(rubbish[place % 7] or "-" if place % 33 == 0 else f"+1202555{place % 100 + 100:04d}")
    path = tmp_path / "list.csv"
    path.write_text("\n".join(rows))
    progress = Progress()
    new = NewVersion(LIST, DEMO_INSTANT - timedelta(days=1), "US", path)
    taken = await lists.take(OrganisationId(ORG), Actor(ActorKind.USER, SUPERVISOR), new, progress)
    assert isinstance(taken, OutsideListTaken)
    assert taken.list.entries == 100
    assert taken.rows - taken.unreadable == 5_000 - 152
    assert taken.unreadable >= 152
    assert len(taken.rejected) == min(taken.unreadable, 1_000)
    assert (progress.rows, progress.percent) == (taken.rows, 100)


# ---------------------------------------------------------------- sources


@dataclass
class Registry:
    """A registry's own server."""

    as_of: datetime | None = datetime(2026, 11, 17, 6, tzinfo=UTC)
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(dict(request.headers))
        headers = {} if self.as_of is None else {"Last-Modified": format_datetime(self.as_of, usegmt=True)}
        since = request.if_modified_since
        if self.status == 200 and since is not None and self.as_of is not None and self.as_of <= since:
            return web.Response(status=304)
        return web.Response(status=self.status, text=f"{OTHER}\n", headers=headers)


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    found = Registry()
    app = web.Application()
    app.router.add_get("/list", found.answer)
    server = TestServer(app)
    await server.start_server()
    found.url = str(server.make_url("/list"))
    yield found
    await server.close()


def source_of(registry: Registry, folder: Path) -> ListSource:
    (folder / "token").write_text("a secret\n")
    settings = folder / "source.toml"
    settings.write_text(f'url = "{registry.url}"\ntoken_file = "{folder}/token"\n')
    return open_list_source("https", settings)


async def test_an_address_is_asked_with_its_token_and_only_for_what_is_newer(
    registry: Registry, tmp_path: Path
) -> None:
    source, into = source_of(registry, tmp_path), tmp_path / "into"
    assert await source.fetch(None, into) == registry.as_of
    assert into.read_text() == f"{OTHER}\n"
    assert into.stat().st_mode & 0o077 == 0
    assert registry.asked[0]["Authorization"] == "Bearer a secret"
    into.unlink()
    assert await source.fetch(registry.as_of, into) is None
    assert not into.exists()


@pytest.mark.parametrize("status", [301, 403, 500])
async def test_an_answer_that_is_no_list_is_none(registry: Registry, tmp_path: Path, status: int) -> None:
    registry.status = status
    with pytest.raises(ListUnavailable, match=str(status)):
        await source_of(registry, tmp_path).fetch(None, tmp_path / "into")
    registry.status, registry.as_of = 200, None
    with pytest.raises(ListUnavailable, match="of which moment"):
        await source_of(registry, tmp_path).fetch(None, tmp_path / "into")


def test_a_list_is_not_fetched_in_the_clear_from_elsewhere(tmp_path: Path) -> None:
    settings = tmp_path / "source.toml"
    settings.write_text('url = "http://registry.example/list"\n')
    with pytest.raises(InstallationError, match="https"):
        HttpsSource(settings)
    settings.write_text('url = "https://registry.example/list"\n')
    assert HttpsSource(settings) is not None


async def test_a_source_is_plugged_in_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "registry_plug-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: registry-plug\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[dialer.list_sources]\nregistry = dialer.jobs.list_sources:FolderSource\n"
    )
    with pytest.raises(InstallationError, match="0 installed sources"):
        open_list_source("registry", tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (tmp_path / "2026-11-17.csv").write_text(f"{OTHER}\n")
    source = open_list_source("registry", tmp_path)
    assert await source.fetch(None, tmp_path / "into") == datetime(2026, 11, 17, tzinfo=UTC)


async def test_a_switch_is_on_the_log_and_a_declined_version_leaves_no_file(
    core: World, lists: StoredOutsideLists, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"{OTHER}\n")
    actor = Actor(ActorKind.USER, SUPERVISOR)
    new = NewVersion(LIST, DEMO_INSTANT - timedelta(days=1), "US", path)
    assert isinstance(await lists.take(OrganisationId(ORG), actor, new, Progress()), OutsideListTaken)
    assert core.one("SELECT type FROM leaf ORDER BY seq DESC LIMIT 1").type == "config.changed"
    size = core.one("SELECT COUNT(*) AS n FROM leaf").n
    assert isinstance(await lists.take(OrganisationId(ORG), actor, new, Progress()), Declined)
    assert core.one("SELECT COUNT(*) AS n FROM leaf").n == size
    assert len(list((tmp_path / "l").iterdir())) == 1
