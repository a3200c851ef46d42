"""The auditor's pages in a real browser: search, a call, a call that was not made, verification, a number revealed."""

from __future__ import annotations

import zipfile

import pytest
from playwright.async_api import Browser, expect

from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import log_in, visiting
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.stage_calls import MADE, REFUSED_BY_GATE
from tests.acceptance.browser.stage_trail import CHECK_WORDS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_search_is_narrowed_by_chips_and_a_number_never_stands_in_the_address(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        rows = page.locator(".ant-table-row")
        await expect(rows).to_have_count(14)
        await page.get_by_label("按号码检索").fill("130 0000 0012")
        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(1)
        assert "0012" not in page.url
        await page.get_by_label("按号码检索").fill("")
        await page.keyboard.press("Enter")
        await page.goto("/calls?outcome=busy")
        await expect(rows).to_have_count(2)
        await page.locator(".chips .ant-tag .anticon-close").click()
        await expect(rows).to_have_count(14)
        assert seen.complaints == []


async def test_a_row_opens_by_keyboard_into_one_page_from_consent_to_seal(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.locator(".ant-table-row").first.focus()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{stage.url}/calls/{MADE}")
        titles = page.locator(".step > h2")
        await expect(titles).to_have_text(["同意", "判定", "第二道关口", "通话经过", "录音", "证据日志"])
        await expect(page.locator(".as-shown")).to_contain_text("不要再打了")
        await expect(page.locator(".moment-refusal")).to_contain_text("对方拒绝")
        await expect(page.locator(".proof-complete").first).to_contain_text("见证方签名")


async def test_the_recording_plays_and_is_scrubbed_by_keyboard_and_by_its_marks(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto(f"/calls/{MADE}")
        wave = page.get_by_role("slider")
        await wave.focus()
        await page.keyboard.press("ArrowRight")
        await expect(wave).to_have_attribute("aria-valuenow", "1")
        await page.locator(".wave-mark").click()
        await expect(wave).to_have_attribute("aria-valuenow", "15")
        await wave.focus()
        await page.keyboard.press("Home")
        await page.get_by_role("button", name="播放").click()
        await page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")
        assert seen.complaints == []


async def test_verification_ticks_every_check_and_names_the_one_that_failed(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto(f"/calls/{MADE}")
        verify = page.get_by_role("button", name="验证证据")
        await verify.click()
        await expect(page.locator(".checks .good")).to_have_count(len(CHECK_WORDS))
        await expect(page.locator(".verify-verdict")).to_contain_text("全部通过")
        stage.failing_checks = frozenset({"recording"})
        await verify.click()
        await expect(page.locator(".checks .bad")).to_have_count(1)
        await expect(page.locator(".checks .bad")).to_contain_text("leaves/4109.json")
        await expect(page.locator(".verify-verdict")).to_contain_text("1 项检查没有通过")


async def test_the_bundle_is_downloaded(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto(f"/calls/{MADE}")
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="下载证据包").click()
        download = await waiting.value
        assert download.suggested_filename == f"{MADE}.zip"
        assert zipfile.is_zipfile(await download.path())


async def test_a_number_is_shown_only_after_a_reason(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto(f"/calls/{MADE}")
        await page.get_by_role("button", name="查看完整号码").click()
        show = page.get_by_role("button", name="记录并显示")
        await page.locator(".ant-modal textarea").fill("查")
        await show.click()
        await expect(page.locator(".ant-form-item-explain-error")).to_be_visible()
        assert stage.reveals == []
        await page.locator(".ant-modal textarea").fill("核对投诉单 118 号")
        await show.click()
        await expect(page.locator(".revealed")).to_have_text("+86 130 0000 0007")
        assert stage.reveals == ["核对投诉单 118 号"]


async def test_the_proof_of_a_call_not_made_is_the_same_page(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto(f"/calls/{REFUSED_BY_GATE}")
        await expect(page.locator(".verdict h1")).to_have_text("没有拨打：2 条理由")
        await expect(page.locator(".step > h2")).to_have_text(["同意", "判定", "没有拨出", "证据日志"])
        await expect(page.locator(".objections > li")).to_have_count(2)
        await page.get_by_role("button", name="展开已通过的 5 项检查").click()
        await expect(page.locator(".rules > ol > li")).to_have_count(5)


async def test_a_supervisor_sees_the_proof_but_neither_hears_nor_reveals(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR)
        await page.goto(f"/calls/{MADE}")
        await expect(page.locator(".recording")).to_contain_text("只有审计员可以收听")
        assert await page.locator("audio").count() == 0
        reveal = page.get_by_role("button", name="查看完整号码")
        await expect(reveal).to_have_attribute("aria-disabled", "true")
        await expect(reveal).to_have_attribute("aria-description", "只有审计员可以验证、下载和查看完整号码")
