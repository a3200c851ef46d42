"""Preview in a real browser: the lead is read before anybody is dialled, then called or skipped with a reason, in time."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import DESK_SIZE, PHONE, Watched, check_audio, log_in, visiting
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.test_every_page import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def reading(seen: Watched, stage: Stage, seconds: float = 21.0) -> Page:
    """A ready agent with a lead on the screen."""
    await log_in(seen.page, Role.AGENT)
    await check_audio(seen.page)
    await stage.desk.ready(stage.agent)
    await seen.page.locator(".idle-ready").wait_for()
    stage.preview(seconds)
    await seen.page.locator(".preview").wait_for()
    return seen.page


async def test_the_agent_reads_who_asked_for_what_and_calls(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await reading(seen, stage)
        card = page.locator(".preview")
        await expect(card).to_contain_text("王芳")
        await expect(card).to_contain_text("130****0007")
        await expect(card).to_contain_text("续费价格")
        await expect(card).to_contain_text("10:25–11:25")
        await card.locator("button.ant-btn-primary").click()
        await page.locator(".idle-ready").wait_for()
        assert stage.previews.chosen == ["call"]
        assert [said for said in seen.complaints if "/ws' failed" not in said] == []


async def test_a_skip_needs_one_of_the_reasons_and_goes_by_keyboard_alone(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE, locale="en-GB") as seen:
        page = await reading(seen, stage)
        await page.get_by_role("combobox", name="Skip, because").focus()
        await page.keyboard.press("ArrowDown")
        await expect(page.locator(".ant-select-item-option")).to_have_count(4)
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.locator(".idle-ready").wait_for()
        assert stage.previews.chosen == ["needs_preparation"]


async def test_when_the_time_to_read_is_over_call_cannot_be_pressed_and_says_why(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE, locale="en-GB") as seen:
        page = await reading(seen, stage, seconds=1.0)
        call = page.locator(".preview").get_by_role("button", name="Call")
        await expect(call).to_have_attribute("aria-disabled", "true", timeout=20_000)
        await expect(call).to_have_attribute(
            "aria-description", "The time to read is over; the lead goes back"
        )
        await call.click(force=True)
        assert stage.previews.chosen == []


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("size", [DESK_SIZE, PHONE])
async def test_the_card_fits_both_sizes_in_both_languages_and_axe_finds_nothing(
    browser: Browser, stage: Stage, locale: str, size: tuple[int, int]
) -> None:
    async with visiting(browser, stage.url, size=size, locale=locale) as seen:
        page = await reading(seen, stage)
        wider = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0
        for part in await page.locator(".preview-acts > *").all():
            box = await part.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= size[0]
        assert await serious_faults(page) == []
