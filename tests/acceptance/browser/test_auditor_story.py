"""The auditor's pages in a real browser: search, a call, a call that was not made, verification, a number revealed."""

from __future__ import annotations

import re
import zipfile

import pytest
from playwright.async_api import Browser, expect

from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import log_in, visiting
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.stage_calls import MADE, REFUSED_BY_GATE
from tests.acceptance.browser.stage_trail import VECTORS

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
        await expect(titles).to_have_text(
            ["同意", "判定", "第二道关口", "通话经过", "话术 第 3 版：坐席勾选", "录音", "证据日志"]
        )
        await expect(page.locator(".script-said li.said")).to_have_count(2)
        await expect(page.locator(".script-said li.unsaid")).to_have_count(3)
        await expect(page.locator(".script-missing")).to_have_text("必说内容未勾选：3 句。")
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
        # two of the 24 have nothing to look at in this bundle: no key was rotated, no time token
        await expect(page.locator(".check-pass")).to_have_count(22)
        await expect(page.locator(".check-skip")).to_have_count(2)
        await expect(page.locator(".verify-verdict")).to_contain_text("22 项检查通过，签署者已确认")
        # the browser itself decoded the recording and found the sound that was sealed
        await expect(page.locator("[data-check='recording.sound']")).to_contain_text("2000 帧")
        stage.bundle_holds = False
        await verify.click()
        failed = page.locator(".check-fail")
        await expect(failed).to_have_count(1)
        await expect(failed).to_contain_text(re.compile(r"recording\.flac · 字节 \d+–\d+"))
        await expect(page.locator(".verify-verdict")).to_contain_text("1 项检查没有通过")
        await expect(page.locator(".check-pass")).to_have_count(0)
        assert seen.complaints == []


async def test_from_a_call_to_all_calls_under_its_consent_and_out_as_a_vcon(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto(f"/calls/{MADE}")
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="下载 vCon").click()
        assert (await waiting.value).suggested_filename == f"{MADE}.vcon.json"
        await page.get_by_role("link", name="查看此同意下的全部呼叫").click()
        await expect(page).to_have_url(re.compile(r"/calls\?consent=[^&]+$"))
        await expect(page.locator(".chips")).to_contain_text("consent-1")
        assert seen.complaints == []


async def test_any_file_is_verified_without_login_and_without_network(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await page.goto("/verify")
        drop = page.locator("input[type=file]")
        await drop.set_input_files(VECTORS / "bundles" / "refused.zip")
        await expect(page.locator(".verify-verdict")).to_contain_text("签署者未确认")
        await page.context.set_offline(True)
        await drop.set_input_files([VECTORS / "bundles" / "talked.zip", VECTORS / "trust.json"])
        await expect(page.locator(".verify-verdict")).to_contain_text("签署者已确认")
        await drop.set_input_files(VECTORS / "dossiers" / "whole.zip")
        await expect(page.locator("[data-check='dossier.bundles']")).to_contain_text("逐一通过")
        await expect(page.locator(".verify-verdict")).to_contain_text("7 项检查通过，签署者已确认")
        await drop.set_input_files(
            {"name": "other.json", "mimeType": "application/json", "buffer": b'{"v":1}'}
        )
        await expect(page.get_by_role("alert")).to_contain_text("不是可用的 trust.json")
        await drop.set_input_files(
            {"name": "garbage.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04 garbage"}
        )
        await page.locator("input[type=radio]").first.check()
        await expect(page.locator(".verify-verdict")).to_contain_text("1 项检查没有通过")
        assert seen.complaints == []


async def test_two_calls_are_laid_aside_compared_and_asked_for_as_a_dossier(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        ticks = page.locator(".ant-table-row .ant-checkbox-input")
        await ticks.nth(0).check()
        compare = page.get_by_role("button", name="对比两次判定")
        await expect(compare).to_have_attribute("aria-description", "选中恰好两次呼叫才能对比")
        await ticks.nth(1).focus()
        await page.keyboard.press("Space")
        await expect(page).to_have_url(f"{stage.url}/calls")
        await compare.click()
        await expect(page.locator(".compare-differs")).to_have_count(2)
        await expect(page.locator(".compare-head").nth(1)).to_contain_text("拒绝拨打")
        await page.reload()
        await page.get_by_role("link", name="卷宗").click()
        await expect(page.locator(".card")).to_contain_text("已选 2 次呼叫")
        await page.locator(".card textarea").fill("监管检查第 3 号")
        await page.get_by_role("button", name="申请").click()
        await expect(page.locator(".ant-alert-success")).to_contain_text("可以下载")
        assert stage.reasons == ["监管检查第 3 号"]
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name="下载").first.click()
        download = await waiting.value
        assert (await download.path()).read_bytes() == (VECTORS / "dossiers" / "quiet.zip").read_bytes()


async def test_a_dossier_of_many_people_waits_for_somebody_else(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto("/dossiers")
        rows = page.locator(".ant-table-row")
        own = rows.nth(2).get_by_role("button", name="同意", exact=True)
        await expect(own).to_have_attribute("aria-description", "须由申请人以外的人同意")
        # the second person may be an administrator, who asks for nothing and downloads nothing
        async with visiting(browser, stage.url) as second:
            office = second.page
            await log_in(office, Role.ADMINISTRATOR)
            await office.get_by_role("link", name="卷宗").click()
            theirs = office.locator(".ant-table-row").nth(1)
            await expect(theirs).to_contain_text("监管检查第 2 号")
            await theirs.get_by_role("button", name="同意", exact=True).click()
            await expect(theirs).to_contain_text("由审计员下载")
            await expect(office.locator(".card")).to_have_count(0)
            assert second.complaints == []
        await page.reload()
        await expect(rows.nth(1)).to_contain_text("可下载")


async def test_requests_show_their_deadlines_and_what_the_law_forbids(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto("/cases")
        rows = page.locator(".ant-table-row[data-row-key^='case-']")
        await expect(rows.nth(0)).to_contain_text("已超期 1 天")
        for row, why in ((2, "法定保存期到"), (3, "法律保全期间不得销毁")):
            await expect(rows.nth(row)).to_contain_text(why)
            await expect(rows.nth(row).get_by_role("button", name="销毁")).to_have_attribute(
                "aria-disabled", "true"
            )
        await rows.nth(0).get_by_role("button", name="交付副本").click()
        assert await page.locator(".own-copy").count() == 0
        await page.get_by_role("button", name="记录并显示").click()
        await expect(page.locator(".own-copy")).to_contain_text("授权")
        await page.keyboard.press("Escape")
        await rows.nth(0).get_by_role("button", name="更正姓名").click()
        await page.locator(".ant-modal input").fill("王芬")
        await page.locator(".ant-modal button[type=submit]").click()
        await expect(page.locator(".ant-modal")).to_have_count(0)
        await page.get_by_label("电话号码").fill("130 0000 0033")
        await page.get_by_role("button", name="登记").click()
        await expect(page.locator(".ant-alert-success")).to_contain_text("须在")
        assert "0033" not in page.url


async def test_a_sample_shows_its_seed_and_can_be_drawn_again_from_its_address(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto("/samples")
        await page.get_by_role("button", name="抽取").click()
        await expect(page).to_have_url(f"{stage.url}/samples/4243")
        await expect(page.locator(".drawn")).to_contain_text("5f1c0e7a5f1c0e7a")
        await page.reload()
        await expect(page.locator(".ant-table-row")).to_have_count(5)
        await page.get_by_role("button", name="全部放入卷宗篮").click()
        await expect(page.locator(".basket-bar")).to_contain_text("已选 5 次呼叫")


async def test_the_logs_health_names_what_is_late_and_what_was_found(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto("/log")
        await expect(page.locator(".health-good")).to_have_count(4)
        await expect(page.get_by_role("region", name="录音库完整性")).to_contain_text("还没有检查过")
        stage.witness_late, stage.bundle_holds = True, False
        await page.reload()
        await expect(page.get_by_role("region", name="见证方会签")).to_have_class("health health-stop")
        await expect(page.get_by_role("region", name="全库核对")).to_contain_text("发现 2 处问题")


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
