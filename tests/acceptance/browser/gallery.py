"""Screenshots of every state of the console, to be looked at one by one.

    python -m tests.acceptance.browser.gallery FOLDER [CHAPTER…]

Every page in Chinese and English, light and dark, at the sizes that it must be usable at. Chapters: login, desk,
trouble, supervisor, auditor, office, waiting, empty; all of them unless some are named.
"""

import asyncio
import dataclasses
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Browser, Error

from dialer.services.views.session import Role, StopView
from dialer.services.views.words import Sentence
from tests.acceptance.browser.browsing import (
    DESK_SIZE,
    PHONE,
    WIDE,
    Watched,
    check_audio,
    chromium,
    log_in,
    visiting,
)
from tests.acceptance.browser.gallery_office import office, waiting_and_failing, with_nothing
from tests.acceptance.browser.stage import Stage, staged
from tests.acceptance.browser.stage_calls import MADE, REFUSED_BY_GATE
from tests.acceptance.browser.stage_words import NOW

STOP = StopView(
    "witness.required",
    Sentence("磁盘空间不足，录音库不可写", "The disk is full; the vault can't be written"),
    NOW - timedelta(minutes=6),
    None,
)


DESK_PAGES = (
    ("compare", f"/compare?first={MADE}&second={REFUSED_BY_GATE}", ".compare"),
    ("sample", "/samples/4243", ".drawn"),
    ("dossiers", "/dossiers", ".ant-table-row"),
    ("requests", "/cases", ".ant-table-row"),
    ("log-health", "/log", ".healths"),
    ("verify", "/verify", ".drop"),
)


@dataclasses.dataclass(frozen=True)
class Look:
    """One way of looking."""

    locale: str
    scheme: str
    size: tuple[int, int]

    @property
    def name(self) -> str:
        """For the file."""
        return f"{self.locale[:2]}-{self.scheme}-{self.size[0]}"


class Gallery:
    """Takes pictures into a folder and gathers what the console complained about."""

    def __init__(self, browser: Browser, stage: Stage, folder: Path) -> None:
        self.browser = browser
        self.stage = stage
        self.folder = folder
        self.complaints: list[str] = []

    async def shot(self, watched: Watched, look: Look, name: str, *, whole: bool = False) -> None:
        """One picture."""
        await watched.page.wait_for_timeout(250)
        await watched.page.screenshot(path=self.folder / f"{name}-{look.name}.png", full_page=whole)
        # the stage has no exchange, which the browser tells on its console
        said = [text for text in watched.complaints if "/ws' failed" not in text]
        self.complaints += [f"{name}-{look.name}: {text}" for text in said]
        watched.complaints.clear()

    @asynccontextmanager
    async def trying(self, name: str) -> AsyncIterator[None]:
        """One picture that can't be taken is a complaint, and the others are taken all the same."""
        try:
            yield
        except Error as missed:
            self.complaints.append(f"{name}: {str(missed).splitlines()[0]}")

    async def login(self, look: Look) -> None:
        """The card, and what it says to a wrong password."""
        async with visiting(
            self.browser, self.stage.url, size=look.size, locale=look.locale, scheme=look.scheme
        ) as seen:
            await seen.page.goto("/")
            await seen.page.locator("input[autocomplete=username]").wait_for()
            await self.shot(seen, look, "login")
            await seen.page.locator("input[autocomplete=username]").fill("nobody")
            await seen.page.locator("input[autocomplete=current-password]").fill("wrong")
            await seen.page.locator("button[type=submit]").click()
            await seen.page.locator("[role=alert]").wait_for()
            await self.shot(seen, look, "login-wrong")

    async def desk(self, look: Look) -> None:
        """A call from the check of the morning to the wrap-up of a refusal."""
        async with visiting(
            self.browser, self.stage.url, size=look.size, locale=look.locale, scheme=look.scheme
        ) as seen:
            page = seen.page
            await log_in(page, Role.AGENT)
            await page.locator(".audio-check").wait_for()
            await self.shot(seen, look, "desk-check")
            await check_audio(page)
            await self.shot(seen, look, "desk-offline")
            await self.stage.desk.ready(self.stage.agent)
            await page.locator(".idle-ready").wait_for()
            await self.shot(seen, look, "desk-ready")
            self.stage.preview()
            await page.locator(".preview").wait_for()
            await self.shot(seen, look, "desk-preview")
            self.stage.desk.preview(self.stage.agent, None)
            await page.locator(".idle-ready").wait_for()
            self.stage.ring()
            await page.locator(".call").wait_for()
            for index in range(2):
                await page.locator(".script input").nth(index).click()
            await self.shot(seen, look, "desk-call")
            await page.keyboard.press("p")
            await page.locator(".ant-drawer-content-wrapper").wait_for()
            await self.shot(seen, look, "desk-proof")
            await page.keyboard.press("Escape")
            await page.keyboard.press("Control+Alt+KeyR")
            await page.locator(".refusal-done").wait_for()
            await self.shot(seen, look, "desk-refused")
            await page.keyboard.press("e")
            await page.locator(".wrap").wait_for()
            await self.shot(seen, look, "desk-wrap")
            await page.keyboard.press("1")
            await page.locator(".idle").wait_for()
            await self.shot(seen, look, "desk-after")

    async def supervisor(self, look: Look) -> None:
        """Floor, leads, why not, import."""
        async with visiting(
            self.browser, self.stage.url, size=look.size, locale=look.locale, scheme=look.scheme
        ) as seen:
            page = seen.page
            await log_in(page, Role.SUPERVISOR)
            await page.locator(".campaign").first.wait_for()
            await self.shot(seen, look, "floor", whole=True)
            await page.locator(".campaign header button").first.click()
            await page.locator("input[type=file]").set_input_files(
                {
                    "name": "leads.csv",
                    "mimeType": "text/csv",
                    "buffer": b"phone,name,Created at\n+8613000000001,a,2026-11-18T10:00:00+08:00\n12345,b,y\n",
                }
            )
            await page.locator(".import-map").wait_for()
            await self.shot(seen, look, "floor-import-columns")
            await page.locator(".ant-modal .ant-btn-primary").first.click()
            await page.locator(".import-rows").wait_for()
            await self.shot(seen, look, "floor-import")
            await page.keyboard.press("Escape")
            await page.keyboard.press("Control+KeyK")
            await page.locator(".explain-form input").first.fill("130 0000 0012")
            await page.keyboard.press("Enter")
            await page.locator(".explained").wait_for()
            await self.shot(seen, look, "floor-why")
            await page.goto("/pacing?campaign=renewals")
            await page.locator(".pacing-form").wait_for()
            await self.shot(seen, look, "pacing", whole=True)
            await page.locator(".pacing-form .ant-btn-primary").click()
            await page.locator(".methods").wait_for()
            await self.shot(seen, look, "pacing-done", whole=True)
            await page.goto("/leads")
            await page.locator(".ant-table-row").nth(1).click()
            await page.locator(".lead-behind").wait_for()
            await self.shot(seen, look, "leads", whole=True)

    async def auditor(self, look: Look) -> None:
        """Search, a call, a call that was not made, verification."""
        async with visiting(
            self.browser, self.stage.url, size=look.size, locale=look.locale, scheme=look.scheme
        ) as seen:
            page = seen.page
            await log_in(page, Role.AUDITOR)
            await page.locator(".ant-table-row").first.wait_for()
            await self.shot(seen, look, "trail")
            await page.goto("/calls?outcome=abandoned&from=2026-11-01")
            await page.locator(".ant-table-row").first.wait_for()
            await self.shot(seen, look, "trail-narrowed")
            await page.goto(f"/calls/{MADE}")
            await page.locator(".wave-canvas").wait_for()
            await page.locator(".proof-acts button").first.click()
            await page.locator(".verify-verdict").last.wait_for()
            await self.shot(seen, look, "call", whole=True)
            await page.goto(f"/calls/{REFUSED_BY_GATE}")
            await page.locator(".objections").wait_for()
            await page.locator(".fold").first.click()
            await self.shot(seen, look, "call-not-made", whole=True)
            for name, path, ready in DESK_PAGES:
                await page.goto(path)
                await page.locator(ready).first.wait_for()
                await self.shot(seen, look, name, whole=True)

    async def trouble(self, look: Look) -> None:
        """Stopped dialling, late witness, a failed verification, empty and failing pages."""
        self.stage.stops, self.stage.witness_late = (STOP,), True
        self.stage.bundle_holds = False
        async with visiting(
            self.browser, self.stage.url, size=look.size, locale=look.locale, scheme=look.scheme
        ) as seen:
            page = seen.page
            await log_in(page, Role.AUDITOR, f"/calls/{MADE}")
            await page.locator(".proof-acts button").first.click()
            await page.locator(".check-fail").wait_for()
            await self.shot(seen, look, "call-failed")
            await page.locator(".proof-acts .anticon-eye").click()
            await page.locator(".ant-modal textarea").fill(
                "核对投诉" if look.locale == "zh-CN" else "complaint"
            )
            await self.shot(seen, look, "call-reveal")
            await page.goto("/calls?outcome=busy&state=refused")
            await page.locator(".state").wait_for()
            await self.shot(seen, look, "trail-empty")
            await page.goto("/calls/no-such-call")
            await page.locator(".state-failed").wait_for()
            await self.shot(seen, look, "call-missing")
        self.stage.stops, self.stage.witness_late = (), False
        self.stage.bundle_holds = True


LOOKS = (
    Look("zh-CN", "light", WIDE),
    Look("en-GB", "dark", WIDE),
    Look("en-GB", "light", PHONE),
    Look("zh-CN", "dark", PHONE),
)
AT_THE_DESK = (Look("zh-CN", "light", DESK_SIZE), Look("en-GB", "dark", DESK_SIZE))
Chapter = Callable[[Gallery, Look], Awaitable[None]]
CHAPTERS: dict[str, tuple[Chapter, tuple[Look, ...]]] = {
    "login": (Gallery.login, LOOKS),
    "desk": (Gallery.desk, AT_THE_DESK),
    "trouble": (Gallery.trouble, LOOKS[:2]),
    "supervisor": (Gallery.supervisor, LOOKS),
    "auditor": (Gallery.auditor, LOOKS),
    "office": (office, LOOKS),
    "waiting": (waiting_and_failing, LOOKS[:1] + LOOKS[2:3]),
    "empty": (with_nothing, (LOOKS[0], LOOKS[2])),
}


async def main(folder: Path, chapters: list[str]) -> int:
    """Take them; 1 when a page complained on its console or a picture could not be taken."""
    folder.mkdir(parents=True, exist_ok=True)
    complaints: list[str] = []
    async with chromium() as browser:
        for name in chapters or CHAPTERS:
            chapter, looks = CHAPTERS[name]
            for look in looks:
                with tempfile.TemporaryDirectory() as scratch:
                    async with staged(Path(scratch)) as stage:
                        gallery = Gallery(browser, stage, folder)
                        async with gallery.trying(f"{name}-{look.name}"):
                            await chapter(gallery, look)
                        complaints += gallery.complaints
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]), sys.argv[2:])))
