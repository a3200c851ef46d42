"""Sources of outside lists: a folder into which versions are put, an HTTPS address, and whatever is plugged in by name."""

import asyncio
import re
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Final, cast

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dialer.domain.errors import InstallationError, ListUnavailable
from dialer.services.outside_lists import ListSource

GROUP: Final = "dialer.list_sources"
FOLDER: Final = "folder"
HTTPS: Final = "https"
SECONDS_MAX: Final = 3_600
CHUNK_BYTES: Final = 1 << 20
_DATED: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})Z)?\.(?:csv|txt)")


@dataclass(frozen=True, slots=True)
class FolderSource:
    """Files named by the moment they speak for: `2026-11-18.csv` or `2026-11-18T060000Z.txt`, UTC.

    A file that is still being written has another name until it is whole.
    """

    folder: Path

    async def fetch(self, newer_than: datetime | None, into: Path) -> datetime | None:
        try:
            return await asyncio.to_thread(self._fetch, newer_than, into)
        except OSError as gone:
            raise ListUnavailable("文件夹无法读取", "the folder can't be read") from gone

    def _fetch(self, newer_than: datetime | None, into: Path) -> datetime | None:
        dated = [(as_of, path) for path in self.folder.iterdir() if (as_of := _dated(path.name)) is not None]
        if not dated:
            raise ListUnavailable(
                "文件夹中没有按日期命名的文件", "the folder has no file that is named by its date"
            )
        as_of, path = max(dated)
        if newer_than is not None and as_of <= newer_than:
            return None
        into.touch(mode=0o600)
        shutil.copyfile(path, into)
        return as_of


class _Address(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    url: Annotated[str, Field(pattern=r"^https?://")]
    token_file: Path | None = None


class HttpsSource:
    """One address whose answer is the list. It speaks for the moment of its `Last-Modified`, without which it is none.

    `settings`: TOML with `url` and, where one is asked for, `token_file` (a bearer token). Plain http on loopback only.
    """

    def __init__(self, settings: Path) -> None:
        try:
            self._said = _Address.model_validate(tomllib.loads(settings.read_text(encoding="utf-8")))
            token = self._said.token_file
            self._token = None if token is None else token.read_text(encoding="utf-8").strip()
        except (OSError, ValueError, ValidationError) as wrong:
            raise InstallationError(f"the list source's file {settings.name} can't be used") from wrong
        if self._said.url.startswith("http://") and not re.match(
            r"http://(127\.0\.0\.1|localhost)[:/]", self._said.url
        ):
            raise InstallationError("outside loopback a list is fetched over https")

    async def fetch(self, newer_than: datetime | None, into: Path) -> datetime | None:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if newer_than is not None:
            headers["If-Modified-Since"] = format_datetime(newer_than.astimezone(UTC), usegmt=True)
        timeout = aiohttp.ClientTimeout(total=SECONDS_MAX, sock_connect=10, sock_read=60)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self._said.url, headers=headers, allow_redirects=False) as answer,
            ):
                if answer.status == HTTPStatus.NOT_MODIFIED:
                    return None
                if answer.status != HTTPStatus.OK:
                    raise ListUnavailable(f"来源返回 {answer.status}", f"the source answered {answer.status}")
                as_of = _last_modified(answer)
                if newer_than is not None and as_of <= newer_than:
                    return None
                await _keep(answer, into)
                return as_of
        except (aiohttp.ClientError, TimeoutError) as away:
            raise ListUnavailable("连接失败", f"no connection: {type(away).__name__}") from away
        except OSError as full:
            raise ListUnavailable("无法写入磁盘", "the disk took no file") from full


def open_list_source(name: str, path: Path) -> ListSource:
    """The source of that name. `path`: the folder for `folder`, else the settings file of `https` or of the plug-in.

    Raises:
        InstallationError: nobody offers a source of that name, or its settings can't be used.
    """
    if name == FOLDER:
        return FolderSource(path)
    if name == HTTPS:
        return HttpsSource(path)
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if len(found) != 1:
        raise InstallationError(f"lists.source: {len(found)} installed sources are called {name}")
    make = cast(Callable[[Path], ListSource], found[0].load())
    return make(path)


def _dated(name: str) -> datetime | None:
    found = _DATED.fullmatch(name)
    if found is None:
        return None
    day, *clock = found.groups("00")
    try:
        return datetime.fromisoformat(f"{day}T{':'.join(clock)}+00:00")
    except ValueError:
        return None


def _last_modified(answer: aiohttp.ClientResponse) -> datetime:
    try:
        return parsedate_to_datetime(answer.headers["Last-Modified"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError) as silent:
        raise ListUnavailable(
            "来源未说明名单的时间", "the source doesn't say of which moment its list is"
        ) from silent


async def _keep(answer: aiohttp.ClientResponse, into: Path) -> None:
    into.touch(mode=0o600)
    with into.open("wb") as file:
        async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
            await asyncio.to_thread(file.write, chunk)
