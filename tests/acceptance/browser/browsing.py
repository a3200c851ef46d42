"""Chromium with a fake microphone, and the steps that every story shares."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from dialer.services.views.session import Role
from tests.acceptance.browser.stage import PASSWORD

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
)
DESK_SIZE = (1366, 768)
WIDE = (1440, 900)
PHONE = (390, 844)
ALLOWED_NOISE = ("the server responded with a status of",)
"""What Chromium writes for an answer that the page expects, such as 401 before the login."""


@dataclass
class Watched:
    """A page, and whatever its console complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Keep errors and warnings: a violated content security policy is one of them."""
        if message.type in ("error", "warning") and not any(noise in message.text for noise in ALLOWED_NOISE):
            self.complaints.append(message.text)


@asynccontextmanager
async def chromium(microphone: Path | None = None) -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window. Its microphone beeps, or plays a file again and again."""
    played = [] if microphone is None else [f"--use-file-for-fake-audio-capture={microphone}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *played])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def visiting(
    browser: Browser,
    url: str,
    *,
    size: tuple[int, int] = WIDE,
    locale: str = "zh-CN",
    scheme: str = "light",
) -> AsyncIterator[Watched]:
    """A fresh visitor who once chose the language. The zone is Shanghai's whatever the machine's is."""
    context: BrowserContext = await browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        locale=locale,
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if scheme == "dark" else "light",
        permissions=["microphone"],
        reduced_motion="reduce",
    )
    # the account's own language gives way to one that was chosen in this browser
    chosen = json.dumps(json.dumps({"language": locale[:2]}))
    await context.add_init_script(f"localStorage['dialer.preferences'] ??= {chosen}")
    page = await context.new_page()
    watched = Watched(page)
    page.on("console", watched.hear)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    try:
        yield watched
    finally:
        await context.close()


async def log_in(page: Page, role: Role, path: str = "/") -> None:
    """Log in on the stage through the page, as a person does."""
    await log_in_as(page, role.value, PASSWORD, path)


async def log_in_as(page: Page, login: str, password: str, path: str = "/") -> None:
    """Log in through the page, as a person does."""
    await page.goto(path)
    await page.locator("input[autocomplete=username]").fill(login)
    await page.locator("input[autocomplete=current-password]").fill(password)
    await page.locator("button[type=submit]").click()
    await page.locator(".shell").wait_for()


async def check_audio(page: Page) -> None:
    """The agent's check of the day."""
    check = page.locator(".audio-check")
    await check.locator("li").nth(0).locator("button").click()
    await check.locator("li.check-good").nth(0).wait_for()
    await check.locator("li").nth(1).locator("button").nth(0).click()
    await check.locator("li").nth(1).locator("button").nth(1).click()
    await check.locator("> button").click()
    await check.wait_for(state="detached")
