"""Why a list is called or not, in a real browser: counted by time and reason, under a change, on a phone, for everybody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from dialer import rules
from dialer.services.views.session import Role
from dialer.services.views.words import Sentence
from tests.acceptance.browser.browsing import DESK_SIZE, PHONE, WIDE, log_in, visiting
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.test_every_page import NUMBER, serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PACK = Path(str(rules.__file__)).parent / "packs" / "cn.toml"
AHEAD = Sentence("日历 cn 还没有明年的安排", "The calendar cn doesn't know next year")


async def ask(page: Page, button: str) -> None:
    """Ask about the first campaign and wait for the answer."""
    await page.get_by_role("button", name=button).click()
    await page.locator(".why-counts").first.wait_for()
    await expect(page.locator(".ant-btn-loading")).to_have_count(0)


async def test_a_list_is_counted_by_when_and_each_reason_says_its_law_and_cure(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR, "/why")
        await ask(page, "逐条判定")
        for part, count in (("now", "318"), ("today", "12"), ("later", "51"), ("never", "31")):
            await expect(page.locator(f".why-{part} dd")).to_have_text(count)
        row = page.locator(".ant-table-row").first
        await expect(row).to_contain_text("只有本人重新同意")
        await row.click()
        await expect(page.locator(".ant-table-expanded-row")).to_contain_text("第九条")
        await row.get_by_role("link").click()
        await expect(page).to_have_url(re.compile(r"/leads\?campaign=.+&code=DNC_ORGANISATION"))
        assert seen.complaints == []


async def test_another_campaign_and_another_pack_stand_beside_what_is(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR, "/why")
        chosen = page.locator("input[type=file]")
        await chosen.set_input_files(
            {"name": "cn.toml", "mimeType": "text/plain", "buffer": PACK.read_bytes()}
        )
        await ask(page, "逐条判定")
        await expect(page.locator(".why-counts")).to_have_count(2)
        await expect(page.locator(".why-counts").nth(1).locator(".why-now dd")).to_have_text("381")
        waits = page.locator(".ant-table-row", has_text="FREQUENCY_DAY").locator("td")
        await expect(waits.nth(1)).to_have_text("12")
        await expect(waits.nth(2)).to_have_text("0")
        broken = PACK.read_text(encoding="utf-8").replace("[[", "[[[", 1).encode()
        await chosen.set_input_files({"name": "cn.toml", "mimeType": "text/plain", "buffer": broken})
        await page.get_by_role("button", name="逐条判定").click()
        await expect(page.locator(".ant-alert-error")).to_contain_text(re.compile(r"pack\.toml:\d+"))
        assert seen.complaints == []


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR])
@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_for_everybody_in_english_and_fits_a_phone(
    browser: Browser, stage: Stage, role: Role, size: tuple[int, int], scheme: str
) -> None:
    async with visiting(browser, stage.url, size=size, locale="en-GB", scheme=scheme) as seen:
        page = seen.page
        await log_in(page, role, "/why")
        await expect(page.locator(".why h1")).to_have_text("Why not called")
        await ask(page, "Judge every lead")
        assert await serious_faults(page) == []
        links = page.locator(".top-link")
        if size == WIDE:
            await expect(links.last).to_be_in_viewport(ratio=1)
        assert await page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
        said = await page.locator("main").inner_text()
        assert CHINESE.search(said) is None, said
        assert NUMBER.search(said) is None
        assert seen.complaints == []


@pytest.mark.parametrize(
    ("locale", "words"),
    [("zh-CN", "二十四小时内呼叫次数"), ("en-GB", "attempts in 24 hours")],
)
async def test_what_a_rule_looked_at_is_said_in_words(
    browser: Browser, stage: Stage, locale: str, words: str
) -> None:
    async with visiting(browser, stage.url, locale=locale) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.locator(".campaign").first.wait_for()
        await page.keyboard.press("Control+KeyK")
        await page.locator(".explain-form input").first.fill("130 0000 0012")
        await page.keyboard.press("Enter")
        inputs = page.locator(".explained .inputs")
        await expect(inputs.nth(1)).to_contain_text(words)
        await expect(inputs.nth(1).locator("dt").first).to_have_attribute("title", "attempts_24_hours")
        assert "_" not in await inputs.nth(1).inner_text()
        assert await serious_faults(page) == []


@pytest.mark.parametrize(("size", "locale"), [(WIDE, "zh-CN"), (PHONE, "en-GB")])
async def test_one_number_is_judged_under_another_campaign_and_pack_beside_what_is(
    browser: Browser, stage: Stage, size: tuple[int, int], locale: str
) -> None:
    async with visiting(browser, stage.url, size=size, locale=locale) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.locator(".campaign").first.wait_for()
        await page.keyboard.press("Control+KeyK")
        await page.locator(".explain-form input").first.fill("130 0000 0012")
        await page.keyboard.press("Enter")
        await expect(page.locator(".explained .verdict")).to_have_count(1)
        await page.locator(".explain-change .ant-select").click()
        await page.locator(".ant-select-dropdown:visible .ant-select-item-option").first.click()
        await page.locator(".explain-form button[type=submit]").click()
        await expect(page.locator(".explained .verdict")).to_have_count(2)
        changed = page.locator(".explained-changed")
        await expect(changed).to_contain_text("DNC_ORGANISATION")
        await expect(changed).not_to_contain_text("FREQUENCY_DAY")
        await expect(page.locator(".explained")).to_contain_text("FREQUENCY_DAY")
        await page.locator(".explain-change .ant-select-clear").dispatch_event("mousedown")
        chosen = page.locator(".explain-change input[type=file]")
        await chosen.set_input_files(
            {"name": "cn.toml", "mimeType": "text/plain", "buffer": PACK.read_bytes()}
        )
        await page.locator(".explain-form button[type=submit]").click()
        await expect(page.locator(".explained .verdict")).to_have_count(2)
        assert await page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
        assert await serious_faults(page) == []
        assert seen.complaints == []


async def test_a_year_that_nobody_announced_is_told_to_whoever_can_act(
    browser: Browser, stage: Stage
) -> None:
    stage.ahead = (AHEAD,)
    async with visiting(browser, stage.url) as seen:
        await log_in(seen.page, Role.SUPERVISOR)
        await expect(seen.page.locator(".banner-attention")).to_contain_text(AHEAD.zh)
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        await log_in(seen.page, Role.AGENT)
        await seen.page.locator(".audio-check").wait_for()
        await expect(seen.page.locator(".banner-note")).to_have_count(1)
        await expect(seen.page.locator(".banner-attention")).to_have_count(0)
