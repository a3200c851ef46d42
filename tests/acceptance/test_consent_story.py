"""The whole story of a consent: a page of another origin frames the form, a person asks, the phone rings; stop is stop.

Real Chromium, real Asterisk, the product's own processes. What rang is read from the carrier's own journal.
"""

import asyncio
import io
import json
import socket
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, FrameLocator

from dialer.demo import stage
from dialer.demo.run import Demo
from dialer.demo.sample_leads import FILED_SITE, number_of
from dialer.demo.sample_organisation import CONSENT_TEXT, ORG
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.evidence.checks import verify_bundle
from dialer.evidence.sound import sound_decoder
from dialer.processes.core import Core
from dialer.storage.sql import Row
from tests.acceptance.browser.browsing import PHONE, WIDE, Watched, chromium
from tests.acceptance.test_worst_minute import floor, invites, journal, until

pytestmark = [pytest.mark.asterisk, pytest.mark.browser]
TALKS, RINGS_LONG, CONTROL = 5, 30, 6
TOLD = "您已要求停止来电，自{at}起我们不再致电。"
MESSAGES = """
[sms]
sender = "file"
path = "%s/vault/sms"
[[sms.refusals]]
organisation = "%s"
template_id = "SMS_0009"
approved_on = 2026-10-01
texts = {zh = "%s"}
"""


@asynccontextmanager
async def customer_site(dialer_url: str) -> AsyncIterator[str]:
    """A page of another origin with the one script tag; its origin."""

    async def page(request: web.Request) -> web.Response:
        del request
        tag = f'<script src="{dialer_url}/f/{FILED_SITE}/embed.js" data-lang="zh"></script>'
        return web.Response(
            text=f"<!doctype html><html lang=zh><title>示例</title><h1>联系我们</h1>{tag}",
            content_type="text/html",
        )

    listener = socket.create_server(("127.0.0.1", 0))
    app = web.Application()
    app.router.add_get("/contact", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield f"http://localhost:{listener.getsockname()[1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def opened(browser: Browser, url: str, size: tuple[int, int] = WIDE) -> AsyncIterator[Watched]:
    """A fresh visitor of that page: no cookie, nothing stored, no choice made."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    page = await context.new_page()
    watched = Watched(page)
    page.on("console", watched.hear)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    try:
        await page.goto(url)
        yield watched
    finally:
        await context.close()


async def register_site(demo: Demo, site: str) -> None:
    """As an administrator does it, on the command line, while the dialer runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dialer", "source", "form", FILED_SITE, "--site", site,
        "--text", "zh=callback-zh-1", "--text", "en=callback-en-1", "--as", "admin",
        "--settings", str(demo.stage.home / "dialer.toml"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, said.decode()


async def ask(form: FrameLocator, ending: int) -> str:
    """Fill the form in and send it; the receipt's address. The frame shows the whole form: nothing scrolls in it."""
    await form.locator("html").evaluate(
        "async (html) => { while (html.scrollHeight > innerHeight) await new Promise(requestAnimationFrame); }"
    )
    await form.locator("#number").fill(number_of(ending).removeprefix("+86"))
    await form.locator("#name").fill("王芳")
    await form.get_by_role("button", name="同意并请回电").click()
    address = await form.locator("#receipt").get_attribute("href", timeout=10_000)
    assert address is not None
    return address


async def press_stop(browser: Browser, receipt: str) -> None:
    """Open the receipt in a browser of its own and press the one button."""
    async with opened(browser, receipt, PHONE) as watched:
        await watched.page.get_by_role("button", name="停止一切来电").click()
        await watched.page.locator("#stopped").wait_for(timeout=10_000)
        assert "永久有效" in await watched.page.locator("#stopped").inner_text()
        assert watched.complaints == []


async def attempt_to(core: Core, ending: int) -> Row | None:
    hmac = core.keyring.number_hmac(ORG, number_of(ending))
    return await core.store.read(
        lambda tx: tx.one(
            "SELECT * FROM attempt WHERE number_hmac = :hmac ORDER BY authorised_us DESC LIMIT 1", hmac=hmac
        )
    )


async def until_state(core: Core, ending: int, state: str, seconds_max: float) -> Row:
    deadline = asyncio.get_running_loop().time() + seconds_max
    while True:
        row = await attempt_to(core, ending)
        if row is not None and row.state == state:
            return row
        assert asyncio.get_running_loop().time() < deadline, (state, row)
        await asyncio.sleep(0.1)


def told_by_message(demo: Demo, ending: int) -> list[str]:
    """The messages that the number got."""
    folder = demo.stage.home / "vault" / "sms"
    sent = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    return [message["text"] for message in sent if message["to"] == number_of(ending)]


async def bundle_of(core: Core, attempt: str) -> bytes:
    for _ in range(100):
        data = await core.bundles.build(OrganisationId(ORG), AttemptId(attempt))
        if isinstance(data, bytes):
            return data
        await asyncio.sleep(0.1)
    raise AssertionError("no bundle")


async def test_a_person_asks_on_another_sites_page_is_called_and_stops_all_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path("/tmp") / f"xc{tmp_path.stat().st_ino % 1_000_000}"
    monkeypatch.setattr(stage, "SPOTTER", stage.SPOTTER + MESSAGES % (home, ORG, TOLD))
    async with floor(home, frozenset(), monkeypatch) as (demo, core), chromium() as browser:
        url = f"http://127.0.0.1:{demo.stage.ports.web}"
        async with customer_site(url) as site, customer_site(url) as stranger:
            await register_site(demo, site)
            async with opened(browser, f"{stranger}/contact") as framed:
                frame = framed.page.frame_locator("iframe")
                await framed.page.locator("iframe").wait_for()
                await framed.page.wait_for_timeout(1_000)
                assert await frame.locator("#number").count() == 0
                assert any("frame-ancestors" in said for said in framed.complaints)
            async with opened(browser, f"{site}/contact", PHONE) as visited:
                form = visited.page.frame_locator("iframe")
                text = await form.locator("#text").inner_text(timeout=10_000)
                assert "保存三年" in text
                receipt = await ask(form, TALKS)
                assert number_of(TALKS)[3:] not in receipt
                assert visited.complaints == []
            async with opened(browser, f"{site}/contact") as visited:
                ringing_receipt = await ask(visited.page.frame_locator("iframe"), RINGS_LONG)

            # 1. who asked is called, once, and the bundle holds the text as it was shown
            await until(lambda: invites(demo)[number_of(TALKS)] == 1, 40)

            # 2. a stop by the receipt cuts a phone that rings
            rings = number_of(RINGS_LONG)
            await until(lambda: any(r.event == "180" and r.number == rings for r in journal(demo)), 40)
            await press_stop(browser, ringing_receipt)
            row = await until_state(core, RINGS_LONG, "cancelled", 10)
            assert row.cut_wanted_us is not None
            assert row.answered_us is None
            await until(lambda: len(told_by_message(demo, RINGS_LONG)) == 1, 30)
            assert told_by_message(demo, RINGS_LONG)[0].startswith("您已要求停止来电，自2026-")
            assert told_by_message(demo, TALKS) == []

            sealed = await until_state(core, TALKS, "sealed", 60)
            data = await bundle_of(core, sealed.id)
            report = await asyncio.to_thread(verify_bundle, data, core.bundles.trust, sound_decoder())
            assert report.exit_code == 0, [c for c in report.checks if c.outcome == "fail"]
            with zipfile.ZipFile(io.BytesIO(data)) as parts:
                shown = next(n for n in parts.namelist() if n.endswith("shown.txt"))
                assert parts.read(shown).decode() == CONSENT_TEXT

            # 3. who stopped all calls may ask again without proof of the phone: it is recorded and nobody is called
            await press_stop(browser, receipt)
            async with opened(browser, f"{site}/contact") as visited:
                await ask(visited.page.frame_locator("iframe"), TALKS)
                await visited.page.reload()
                await ask(visited.page.frame_locator("iframe"), CONTROL)
            await until(lambda: invites(demo)[number_of(CONTROL)] == 1, 40)
            refused = await until_state(core, TALKS, "refused", 20)
            codes = await core.store.read(
                lambda tx: tx.sole("SELECT codes FROM decision WHERE attempt_id = :id", id=refused.id).codes
            )
            assert "DNC_ORGANISATION" in codes.split(",")
            assert invites(demo) == {number_of(e): 1 for e in (TALKS, RINGS_LONG, CONTROL)}
