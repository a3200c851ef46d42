"""The do-not-call desk in a real browser: search, reveal, review, a file of refusals, an outside list; for everybody."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import PHONE, WIDE, log_in, visiting
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.stage_refusals import NUMBER
from tests.acceptance.browser.test_every_page import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TABS = {
    Role.SUPERVISOR: ("entries", "reviews", "lists"),
    Role.AUDITOR: ("entries", "lists"),
    Role.ADMINISTRATOR: ("lists", "partners"),
}
READY = ".ant-table-row, .review"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_nothing_on_the_desk_has_a_serious_fault_for_anybody(
    browser: Browser, stage: Stage, locale: str, size: tuple[int, int]
) -> None:
    for role, tabs in TABS.items():
        async with visiting(browser, stage.url, size=size, locale=locale) as seen:
            await log_in(seen.page, role)
            for tab in tabs:
                await seen.page.goto(f"/refusals?tab={tab}")
                await seen.page.locator(READY).first.wait_for()
                assert await serious_faults(seen.page) == [], (role, tab)
            assert seen.complaints == []


async def test_a_number_is_searched_and_shown_only_for_a_reason(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR, "/refusals")
        first = page.locator(".ant-table-row").first
        await expect(first).to_contain_text("通话中说的（语音识别）")
        await expect(first).to_contain_text("线索 2、许可 1、通话 1")
        await expect(first).to_contain_text("已短信告知")
        await expect(page.locator("main")).not_to_contain_text(NUMBER[3:])
        await page.get_by_placeholder("输入完整号码").fill("+8613000000007")
        await page.get_by_role("button", name="查询").click()
        await expect(page.locator("main")).to_contain_text("该号码不在名单上")
        await page.get_by_placeholder("输入完整号码").fill(NUMBER)
        await page.get_by_role("button", name="查询").click()
        await page.locator(".ant-table-row button").first.click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("textbox").fill("核对一起投诉")
        await dialog.locator("button.ant-btn-primary").click()
        await expect(dialog).to_contain_text(NUMBER)


async def test_words_that_may_be_a_refusal_are_decided_by_a_person(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, locale="en-GB") as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR, "/refusals?tab=reviews")
        item = page.locator(".review")
        await expect(item).to_contain_text("do not call")
        await expect(item).to_contain_text("Counts as a refusal from")
        await item.get_by_role("button", name="It is a refusal").click()
        await page.locator(
            ".ant-popconfirm .ant-btn-primary, .ant-popconfirm-buttons .ant-btn-primary"
        ).last.click()
        await expect(page.locator("main")).to_contain_text("Nobody waits")


async def test_a_file_of_refusals_is_taken_and_every_bad_row_is_named(browser: Browser, stage: Stage) -> None:
    rows = b"number,when\n13000000042,\nnobody,\n13000000043,yesterday\n"
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.SUPERVISOR, "/refusals")
        await page.get_by_role("button", name="导入拒接名单").click()
        dialog = page.get_by_role("dialog")
        chosen = dialog.locator("input[type=file]")
        await chosen.set_input_files({"name": "x.csv", "mimeType": "text/csv", "buffer": b"phone\n1\n"})
        await expect(dialog).to_contain_text("且必须有 number")
        await chosen.set_input_files({"name": "y.csv", "mimeType": "text/csv", "buffer": rows})
        await expect(dialog).to_contain_text("新登记 2；已在名单 0；共 3 行")
        await expect(dialog).to_contain_text("无法识别 1")
        await expect(dialog.locator(".ant-table-row")).to_have_count(2)
        assert await serious_faults(page) == []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_an_administrator_loads_an_outside_list_and_sees_which_is_too_old(
    browser: Browser, stage: Stage, size: tuple[int, int]
) -> None:
    async with visiting(browser, stage.url, size=size, locale="en-GB") as seen:
        page = seen.page
        await log_in(page, Role.ADMINISTRATOR, "/refusals?tab=lists")
        table = page.locator(".ant-table")
        old = table.locator(".ant-table-row", has_text="us-ndnc")
        await expect(old).to_contain_text("960 h")
        await expect(old).to_contain_text("31 d at most: calls that need it are refused")
        await expect(table.locator(".ant-table-row", has_text="gb-tps")).to_contain_text("not loaded")
        await page.get_by_role("button", name="Load a list").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Say first which list it is")
        await expect(dialog.locator("input[type=file]")).to_be_disabled()
        kind = f"sg-dnc-{size[0]}"
        await dialog.get_by_label("List").fill(kind)
        await expect(dialog.get_by_label("Country of short numbers")).to_have_value("SG")
        content = b"number\n+6580000001\n+6580000002\nrubbish!\n"
        await dialog.get_by_label("As of").fill("2026-11-17")
        await dialog.locator("input[type=file]").set_input_files(
            {"name": "sg.csv", "mimeType": "text/csv", "buffer": content}
        )
        await expect(dialog).to_contain_text(f"{kind} is in use with 2 numbers")
        assert await serious_faults(page) == []
        await dialog.get_by_role("button", name="Close").click()
        await expect(table).to_contain_text(kind)
