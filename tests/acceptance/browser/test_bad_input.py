"""What goes wrong around a page: hostile words, wrong files, a clock that is off, a line that is cut, a session that ended."""

from __future__ import annotations

import dataclasses
import json

import pytest
from playwright.async_api import Browser, Page, Route, WebSocketRoute, expect

from dialer.services.changes import FloorChanged
from dialer.services.views.desk import HeardLine, HeardView
from dialer.services.views.session import Role
from dialer.services.views.words import Sentence
from tests.acceptance.browser.browsing import DESK_SIZE, check_audio, log_in, visiting
from tests.acceptance.browser.stage import ORG, Stage
from tests.acceptance.browser.stage_calls import desk_call
from tests.acceptance.browser.stage_words import NOW

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NASTY = (
    '<img src=x onerror="document.title=1"><script>document.title=1</script>{{constructor.constructor(1)}}'
)
HOUR_AND_MORE_MS = 3_600_000
WEEK_MS = 7 * 86_400_000


def poisoned(value: object) -> object:
    """The same answer with hostile words as every text that people wrote."""
    if isinstance(value, dict):
        return {
            name: NASTY if name in {"name", "title", "asked", "text", "note", "reason", "zh", "en", "owner"} and isinstance(inner, str) else poisoned(inner)
            for name, inner in value.items()
        }  # fmt: skip
    return [poisoned(one) for one in value] if isinstance(value, list) else value


async def poison(page: Page) -> None:
    """Every answer of the API but the session's carries hostile words from now on."""

    async def answer(route: Route) -> None:
        got = await route.fetch()
        if (
            "application/json" in got.headers.get("content-type", "")
            and "/api/session" not in route.request.url
        ):
            await route.fulfill(response=got, body=json.dumps(poisoned(await got.json())))
        else:
            await route.fulfill(response=got)

    await page.route("**/api/**", answer)


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (Role.SUPERVISOR, ("/floor", "/leads", "/campaigns", "/campaigns/campaign-made", "/reports", "/refusals")),
        (Role.ADMINISTRATOR, ("/people", "/registers/source/new-site", "/registers/script", "/operations")),
        (Role.AUDITOR, ("/calls", "/cases", "/dossiers", "/samples/4243", "/log")),
    ],
)  # fmt: skip
async def test_hostile_words_are_shown_and_never_run(
    browser: Browser, stage: Stage, role: Role, pages: tuple[str, ...]
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, role)
        await poison(page)
        shown = 0
        for path in pages:
            await page.goto(path)
            await page.locator("main h1, main table, main .card").first.wait_for()
            await page.wait_for_load_state("networkidle")
            shown += NASTY in await page.locator("body").inner_text()
            assert await page.locator("img[src=x]").count() == 0, path
            assert await page.title() != "1", path
        assert shown > 0, "the words were on at least one of these pages"


async def test_hostile_words_of_a_call_and_its_captions_are_text(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = seen.page
        await log_in(page, Role.AGENT)
        await check_audio(page)
        await stage.desk.ready(stage.agent)
        await page.locator(".idle-ready").wait_for()
        stage.ring(dataclasses.replace(desk_call(), campaign=Sentence(NASTY, NASTY), asked=NASTY))
        stage.desk.set_heard(stage.agent, HeardView(None, (HeardLine(NOW, "callee", NASTY, "final"),), ()))
        await expect(page.locator(".heard-line")).to_contain_text(NASTY)
        assert await page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("leads.xlsx", b"PK\x05\x06", "不是 CSV"),
        ("leads.csv", b"\x00\x01\x02", "不是 UTF-8"),
        ("leads.csv", b"phone,requested_at\n", "只有表头"),
        ("leads.csv", b"x" * (32 * 1024 * 1024 + 1), "超过 32 MB"),
    ],
    ids=["wrong kind", "no text", "empty", "too large"],
)
async def test_a_file_that_is_no_list_is_not_sent_and_says_why(
    browser: Browser, stage: Stage, name: str, content: bytes, words: str
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.locator(".campaign").first.get_by_role("button", name="导入线索").click()
        chosen = {"name": name, "mimeType": "text/csv", "buffer": content}
        await page.locator("input[type=file]").set_input_files(chosen)
        await expect(page.locator(".import-alert")).to_contain_text(words)
        assert stage.imported is None


async def test_a_browser_whose_clock_is_an_hour_wrong_shows_the_products_time(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = seen.page
        await page.add_init_script(
            f"const real = Date.now.bind(Date); Date.now = () => real() + {HOUR_AND_MORE_MS};"
        )
        await log_in(page, Role.AGENT)
        await check_audio(page)
        await stage.desk.ready(stage.agent)
        await page.locator(".idle-ready").wait_for()
        stage.ring()
        clock = page.locator(".call-who [role=timer]")
        await expect(clock).to_have_text("00:02")
        assert (await clock.inner_text()).startswith("00:"), "an hour off would show 1:00:02"


async def test_a_page_that_was_open_for_a_week_follows_again_and_a_session_that_ended_is_told(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await page.clock.install(time=NOW)
        await log_in(page, Role.SUPERVISOR)
        figure = page.locator(".top-figure").nth(1)
        await expect(figure).to_contain_text("243")
        await page.clock.fast_forward(WEEK_MS)
        totals = dataclasses.replace(stage.floor_view.totals, attempts_today=251)
        stage.floor_view = dataclasses.replace(stage.floor_view, totals=totals)
        stage.changes.touch(FloorChanged(ORG))
        await expect(figure).to_contain_text("251", timeout=20_000)
        await page.evaluate(
            """async () => {
                const { csrf } = await (await fetch('/api/session')).json();
                await fetch('/api/session', { method: 'DELETE', headers: { 'X-CSRF': csrf } });
            }"""
        )
        await page.clock.fast_forward(WEEK_MS)
        await expect(page.locator(".login-card .ant-alert")).to_contain_text("登录已失效", timeout=30_000)


async def test_a_line_of_events_that_was_cut_comes_back_with_what_happened_meanwhile(
    browser: Browser, stage: Stage
) -> None:
    lines: list[WebSocketRoute] = []
    cut = False

    async def through(line: WebSocketRoute) -> None:
        if cut:
            await line.close(code=1013)
            return
        lines.append(line)
        line.connect_to_server()

    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await page.route_web_socket("**/api/events*", through)
        await log_in(page, Role.SUPERVISOR)
        figure = page.locator(".top-figure").nth(1)
        await expect(figure).to_contain_text("243")
        cut = True
        await lines[-1].close(code=1012)
        totals = dataclasses.replace(stage.floor_view.totals, attempts_today=260)
        stage.floor_view = dataclasses.replace(stage.floor_view, totals=totals)
        stage.changes.touch(FloorChanged(ORG))
        behind = page.locator(".banner:has(.anticon-disconnect)")
        await behind.wait_for()
        await expect(figure).to_contain_text("243")
        cut = False
        await expect(figure).to_contain_text("260", timeout=30_000)
        await expect(behind).to_have_count(0, timeout=30_000)
