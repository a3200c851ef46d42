"""A campaign in a real browser: its pre-flight, changes that aren't saved, a second editor."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import log_in, visiting
from tests.acceptance.browser.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MADE = "/campaigns/campaign-made"


async def test_a_pre_flight_says_how_many_and_why_not_and_unsaved_changes_start_nothing(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.goto(MADE)
        await expect(page.locator(".preflight-counts")).to_contain_text("318")
        await expect(page.locator(".preflight .objections")).to_contain_text("31 条")
        start = page.locator(".preflight .verdict button")
        await expect(start).not_to_have_attribute("aria-disabled", "true")
        await page.get_by_label("来电事由").fill("另一事由")
        await expect(start).to_have_attribute("aria-disabled", "true")
        await expect(page.locator(".preflight .verdict")).to_contain_text("请先保存修改")
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator(".ant-notification")).to_contain_text("已保存")
        await expect(page.locator(".preflight .verdict")).to_contain_text("可以启动")
        assert seen.complaints == []


async def test_the_second_of_two_editors_keeps_what_was_typed_and_is_told(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as first, visiting(browser, stage.url) as second:
        for seen in (first, second):
            await log_in(seen.page, Role.SUPERVISOR)
            await seen.page.goto(MADE)
            await seen.page.locator(".preflight-counts").wait_for()
        for seen, words in ((first, "甲的事由"), (second, "乙的事由")):
            await seen.page.get_by_label("来电事由").fill(words)
            await seen.page.get_by_role("button", name="保存").click()
        await expect(first.page.locator(".ant-notification")).to_contain_text("已保存")
        alert = second.page.locator(".office > .ant-alert")
        await expect(alert).to_contain_text("他人刚刚保存了此任务")
        await expect(second.page.get_by_label("来电事由")).to_have_value("乙的事由")
        await alert.get_by_role("button", name="查看对方的内容").click()
        await expect(second.page.get_by_label("来电事由")).to_have_value("甲的事由")


async def test_beside_mode_and_cap_stands_what_they_would_bring_before_anything_is_saved(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, locale="en-GB") as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.goto(MADE)
        line = page.locator(".wizard .forecast")
        await expect(line).to_contain_text("No agents are chosen yet", timeout=60_000)
        await page.locator(".wizard-agents input").first.check()
        await expect(line).to_contain_text(
            re.compile(r"with 1 agent: [1-9]\d % talk time, 0\.0 % abandoned"), timeout=60_000
        )
        start = page.locator(".preflight .verdict button")
        await expect(start).to_have_attribute("aria-disabled", "true")
        await page.get_by_role("combobox", name="Mode").click()
        await page.get_by_title("Preview", exact=True).click()
        await expect(line).to_contain_text("the agents decide when to dial", timeout=60_000)
        assert seen.complaints == []
