"""Fixtures of the browser's stories: a stage each, one Chromium for all, the exchange of the integration tests."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.acceptance.browser.browsing import CHROMIUM, chromium
from tests.acceptance.browser.stage import CONSOLE, Stage, staged
from tests.integration.asterisk_fixtures import asterisk_program, short_root, world

__all__ = ["asterisk_program", "short_root", "world"]

WEB = Path(__file__).resolve().parents[3] / "web"
BUILD_SECONDS_MAX = 300


def _newest(folder: Path) -> float:
    return max(path.stat().st_mtime for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def built_console() -> Path:
    """The console as it is in the sources: built when the build is older. Nothing here skips."""
    assert Path(CHROMIUM).exists(), "Chromium is missing: apt-get install chromium fonts-noto-cjk"
    index = CONSOLE / "index.html"
    if not index.exists() or index.stat().st_mtime < max(
        _newest(WEB / "src"), (WEB / "vite.config.ts").stat().st_mtime
    ):
        asyncio.run(_build())
    return CONSOLE


async def _build() -> None:
    npm = shutil.which("npm")
    assert npm is not None, "npm is missing: the console can't be built"
    steps = [["run", "build"]] if (WEB / "node_modules").exists() else [["ci"], ["run", "build"]]
    for step in steps:
        process = await asyncio.create_subprocess_exec(
            npm, *step, cwd=WEB, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await asyncio.wait_for(process.communicate(), BUILD_SECONDS_MAX)
        assert process.returncode == 0, said.decode()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(built_console: Path) -> AsyncIterator[Browser]:
    """One Chromium for the whole session; every visitor has a context of its own."""
    del built_console
    async with chromium() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A fresh stage without an exchange."""
    async with staged(tmp_path) as opened:
        yield opened
