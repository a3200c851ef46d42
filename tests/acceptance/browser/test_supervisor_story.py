"""The supervisor's pages in a real browser: the floor follows, a campaign stops and starts, why not, an import."""

from __future__ import annotations

import dataclasses

import pytest
from playwright.async_api import Browser, expect

from dialer.domain.campaign import CampaignState
from dialer.services.changes import FloorChanged
from dialer.services.views.session import Role, StopView
from dialer.services.views.words import Sentence
from tests.acceptance.browser.browsing import log_in, visiting
from tests.acceptance.browser.stage import ORG, Stage
from tests.acceptance.browser.stage_words import NOW

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CSV = b"phone,name\n+8613000000001,a\n12345,b\n+8613000000002,c\n"


async def test_the_floor_shows_a_change_within_a_second(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        await log_in(seen.page, Role.SUPERVISOR)
        first = seen.page.locator(".top-figure").nth(1)
        await expect(first).to_contain_text("243")
        totals = dataclasses.replace(stage.floor_view.totals, attempts_today=244)
        stage.floor_view = dataclasses.replace(stage.floor_view, totals=totals)
        stage.changes.touch(FloorChanged(ORG))
        await expect(first).to_contain_text("244", timeout=1_000)
        assert seen.complaints == []


async def test_who_needs_help_stands_first_and_says_why(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        await log_in(seen.page, Role.SUPERVISOR)
        row = seen.page.locator(".floor-agents .ant-table-row").first
        await expect(row).to_contain_text("Sam Lee")
        await expect(row).to_contain_text("两秒没有声音")


async def test_a_campaign_is_paused_and_one_that_may_not_start_says_why(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        running, stopped = page.locator(".campaign").nth(0), page.locator(".campaign").nth(1)
        await running.get_by_role("button", name="暂停").click()
        await expect(running).to_contain_text("已暂停")
        assert stage.floor_view.campaigns[0].state is CampaignState.PAUSED
        await stopped.get_by_role("button", name="启动").click()
        await expect(page.locator(".ant-notification")).to_contain_text("话术第 2 版还没有备案")
        assert stage.floor_view.campaigns[1].state is CampaignState.PAUSED


async def test_why_is_asked_by_ctrl_k_and_answered_with_sentence_law_cure_and_time(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.locator(".campaign").first.wait_for()
        await page.keyboard.press("Control+KeyK")
        await page.get_by_placeholder("输入电话号码").fill("130 0000 0012")
        await page.keyboard.press("Enter")
        answer = page.locator(".explained")
        await expect(answer.locator(".verdict")).to_contain_text("现在不能拨打：2 条理由")
        await expect(answer.locator(".objections")).to_contain_text("拒接名单")
        await expect(answer.locator(".objections")).to_contain_text("第九条")
        await expect(answer.locator(".objections")).to_contain_text("只有本人重新同意")
        await page.get_by_placeholder("输入电话号码").fill("130 0000 0007")
        await page.keyboard.press("Enter")
        await expect(answer.locator(".verdict")).to_contain_text("现在可以拨打")
        assert "0000 0012" not in page.url
        assert seen.complaints == []


async def test_an_import_names_each_bad_row_and_keeps_the_good_ones(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.locator(".campaign").first.get_by_role("button", name="导入线索").click()
        await page.locator("input[type=file]").set_input_files(
            {"name": "leads.csv", "mimeType": "text/csv", "buffer": CSV}
        )
        await expect(page.locator(".import-result")).to_contain_text("3 行中已导入 2 行")
        await expect(page.locator(".import-rows")).to_contain_text("不是有效的电话号码")
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="下载未导入的行").click()
        download = await waiting.value
        content = (await download.path()).read_text(encoding="utf-8-sig")
        assert content.splitlines()[1].startswith('"3","phone","phone.invalid"')


async def test_leads_open_to_every_reason(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR, "/leads")
        await page.goto("/leads?state=dropped")
        row = page.locator(".ant-table-row")
        await expect(row).to_have_count(1)
        await row.click()
        await expect(page.locator(".lead-behind .objections > li")).to_have_count(2)
        await page.get_by_role("link", name="查看对应的证据").click()
        await expect(page.locator(".verdict h1")).to_have_text("没有拨打：2 条理由")


async def test_stopped_dialling_and_a_late_witness_are_said_on_every_page(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.locator(".campaign").first.wait_for()
        await expect(page.locator(".banner-stop")).to_have_count(0)
        sentence = Sentence("录音库不可写", "The vault can't be written")
        stage.stops, stage.witness_late = (StopView("vault", sentence, NOW, None),), True
        for path in ("/floor", "/leads", "/calls"):
            await page.goto(path)
            await expect(page.locator(".banner-stop")).to_contain_text("录音库不可写")
            await expect(page.locator(".banner-attention")).to_contain_text("见证方")
            await expect(page.locator(".banner-note")).to_contain_text("2026-11-18")


async def test_listening_in_is_offered_where_there_is_a_talk_and_says_why_not_elsewhere(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        talking = page.get_by_role("button", name="接入 陈晓 的通话")
        paused = page.get_by_role("button", name="接入 郑浩 的通话")
        await expect(paused).to_have_attribute("aria-description", "现在没有通话")
        await talking.click()
        await expect(page.locator(".ant-dropdown-menu-item")).to_have_text(
            ["旁听（双方都听不到您）", "耳语（只有坐席听到）", "三方通话"]
        )
