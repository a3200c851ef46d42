"""Calls to our numbers in a real browser: the agent's screen pop and wrap-up, the list, and a call's page with its proof."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.services.views.desk import DeskState
from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import DESK_SIZE, PHONE, WIDE, check_audio, log_in, visiting
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.stage_inbound import TALKED, caller
from tests.acceptance.browser.test_every_page import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def picture(page: Page, name: str) -> None:
    """Keeps what is on the screen where somebody asked for it."""
    if folder := os.environ.get("DIALER_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


async def test_a_caller_pops_up_and_ends_in_a_result_by_key(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = seen.page
        await log_in(page, Role.AGENT)
        await check_audio(page)
        await stage.desk.ready(stage.agent)
        await page.locator(".idle-ready").wait_for()
        stage.desk.put_caller(stage.agent, caller(stage), DeskState.TALKING)
        await expect(page.locator(".call-who h1")).to_have_text("王芳")
        await expect(page.locator(".call-number")).to_have_text("130****0007")
        await expect(page.locator(".call-body")).to_contain_text("续费价格")
        await picture(page, "caller-talking")
        assert await serious_faults(page) == []
        await page.keyboard.press("h")
        assert await stage.desk.view(stage.agent), "holding is not for a caller, and does nothing"
        await page.keyboard.press("e")
        await page.locator(".wrap").wait_for()
        await picture(page, "caller-wrapping")
        assert stage.desk.state_of(stage.agent) is DeskState.WRAPPING
        await page.keyboard.press("1")
        await page.locator(".idle-ready").wait_for()
        assert stage.desk.caller_of(stage.agent) is None


async def test_a_caller_who_refuses_is_registered_by_the_hot_key(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE, locale="en-GB") as seen:
        page = seen.page
        await log_in(page, Role.AGENT)
        await check_audio(page)
        stage.desk.put_caller(stage.agent, caller(stage), DeskState.TALKING)
        await page.locator(".call-who").wait_for()
        await page.keyboard.press("Control+Alt+r")
        await page.locator(".refusal-done").wait_for()
        kept = stage.desk.caller_of(stage.agent)
        assert kept is not None
        assert kept.refused is not None
        await picture(page, "caller-refused-en")
        stage.desk.put_caller(stage.agent, None, DeskState.READY)


@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR])
async def test_calls_to_our_numbers_are_listed_and_each_has_a_page_with_recording_and_proof(
    browser: Browser, stage: Stage, role: Role, size: tuple[int, int]
) -> None:
    locale = "zh-CN" if role is Role.AUDITOR else "en-GB"
    async with visiting(browser, stage.url, size=size, locale=locale) as seen:
        page = seen.page
        await log_in(page, role)
        await page.goto("/inbound")
        await page.locator(".ant-table-row").first.wait_for()
        assert await page.locator(".ant-table-row").count() == 6
        await picture(page, f"inbound-{role}-{size[0]}")
        assert await serious_faults(page) == []
        await page.locator(".ant-table-row").nth(1).press("Enter")
        await page.wait_for_url(f"**/inbound/{TALKED}")
        await expect(page.locator(".proof-complete")).to_be_visible()
        if role is Role.AUDITOR:
            await page.locator(".wave-canvas").wait_for()
        else:
            assert await page.locator(".player").count() == 0
        await picture(page, f"inbound-call-{role}-{size[0]}")
        assert await serious_faults(page) == []
