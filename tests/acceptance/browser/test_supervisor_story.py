"""The supervisor's pages in a real browser: the floor follows, a campaign stops and starts, why not, an import."""

from __future__ import annotations

import dataclasses
import os
import re

import pytest
from playwright.async_api import Browser, expect

from dialer.domain.campaign import CampaignState
from dialer.services.changes import FloorChanged
from dialer.services.views.session import Role, StopView
from dialer.services.views.words import Sentence
from tests.acceptance.browser.browsing import log_in, visiting
from tests.acceptance.browser.stage import ORG, Stage
from tests.acceptance.browser.stage_words import NOW
from tests.acceptance.browser.test_every_page import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CSV = b"phone,name,id_card,Created at\n+8613000000001,a,x,2026-11-18T10:00:00+08:00\n12345,b,x,y\n+8613000000002,c,x,y\n"


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


async def test_an_agent_is_moved_to_another_campaign_from_the_wallboard(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        row = page.locator(".floor-agents .ant-table-row").filter(has_text="Sam Lee")
        await row.get_by_role("button", name="调整 Sam Lee 的任务").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("checkbox", name=re.compile("续费回访")).check()
        assert await serious_faults(page) == []
        if pictures := os.environ.get("DIALER_PICTURES"):
            await page.screenshot(path=f"{pictures}/move.png")
        await dialog.get_by_role("button", name=re.compile("调.?整")).click()
        await expect(dialog).to_be_hidden()
        await expect(row).to_contain_text("续费回访")
        (moved,) = [agent for agent in stage.floor_view.agents if agent.name == "Sam Lee"]
        assert "campaign-made" in {campaign.id for campaign in moved.campaigns}
        assert seen.complaints == []


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


async def test_a_day_is_simulated_from_a_campaigns_history_before_anybody_is_called(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        card = page.locator(".campaign").first
        await expect(card).to_contain_text("4 名坐席：预计工时利用率", timeout=15_000)
        await card.get_by_role("link", name="对比模式").click()
        form = page.locator(".pacing-form")
        await form.get_by_label("班次（小时）").fill("0.5")
        await form.get_by_label("假如有几人离开").fill("2")
        await form.get_by_label("多少分钟后").fill("10")
        await form.get_by_role("checkbox", name="预测式（有上限）").uncheck()
        await form.get_by_role("button", name="开始模拟").click()
        rows = page.locator(".methods tbody tr")
        await expect(rows).to_have_count(3, timeout=20_000)
        await expect(rows.nth(0)).to_contain_text("渐进式（零呼损）")
        await expect(rows.nth(2)).to_contain_text("人员离开后")
        await expect(page.locator(".pacing-result")).to_contain_text("600")
        await form.get_by_text("场景文件").click()
        begin = form.get_by_role("button", name="开始模拟")
        await expect(begin).to_have_attribute("aria-disabled", "true")
        await form.get_by_role("textbox").fill('name = "x"\ndays =\n')
        await begin.click()
        await expect(form.get_by_role("alert")).to_contain_text("第 2 行")


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
        await expect(page.locator(".import-map tbody tr")).to_have_count(4)
        await expect(page.locator(".import-stays")).to_contain_text("id_card")
        assert await serious_faults(page) == []
        await page.get_by_role("button", name="导入 3 行").click()
        await expect(page.locator(".import-result")).to_contain_text("3 行中已导入 2 行")
        await expect(page.locator(".import-rows")).to_contain_text("不是有效的电话号码")
        assert stage.imported is not None
        assert stage.imported.splitlines()[0] == b"number,name,requested_at", "the identity card stays behind"
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="下载未导入的行").click()
        download = await waiting.value
        content = (await download.path()).read_text(encoding="utf-8-sig")
        assert content.splitlines()[1].startswith('"3","phone","phone.invalid"')


async def test_a_list_without_a_needed_column_is_not_sent_and_says_which_is_missing(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.locator(".campaign").first.get_by_role("button", name="导入线索").click()
        without = b"phone,when\n+8613000000001,2026-11-18T10:00:00+08:00\n"
        await page.locator("input[type=file]").set_input_files(
            {"name": "leads.csv", "mimeType": "text/csv", "buffer": without}
        )
        send = page.get_by_role("button", name="导入 1 行")
        await expect(send).to_have_attribute("aria-disabled", "true")
        await expect(page.locator(".import-missing")).to_contain_text("请求时间")
        await page.locator(".import-field").nth(1).click()
        await page.locator(".ant-select-item-option", has_text="请求时间").click()
        await send.click()
        await expect(page.locator(".import-result")).to_contain_text("1 行中已导入 1 行")


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
