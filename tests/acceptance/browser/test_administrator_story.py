"""The administrator's pages in a real browser: a newcomer gets in by a link, a fact is filed, nobody sees a code."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from dialer.services.totp import STEP_SECONDS, code_at, secret_bytes
from dialer.services.views.session import Role
from dialer.storage.personal import PersonalReader
from dialer.storage.views_desk import DeskReader
from tests.acceptance.browser.browsing import PHONE, WIDE, log_in, visiting
from tests.acceptance.browser.stage import PASSWORD, Stage
from tests.acceptance.browser.test_every_page import serious_faults
from tests.unit.api.api_seed import keyring
from tests.unit.api.test_prompt_routes import sound as tone

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CHOSEN = "two herons on a wire"
PAGES = (
    ("/people", ".ant-table-row"),
    ("/registers/caller-number/number-400", ".fields li"),
    ("/registers/prompt", ".prompts li"),
    ("/webhooks", ".ant-table"),
    ("/operations", ".ant-table-row"),
    ("/account", ".ant-table-row"),
)


async def test_a_newcomer_is_invited_sets_a_password_by_the_link_and_is_then_disabled(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen, visiting(browser, stage.url) as newcomer:
        page, theirs = seen.page, newcomer.page
        await log_in(page, Role.ADMINISTRATOR)
        await page.get_by_role("button", name="邀请成员").click()
        await page.get_by_label("登录名").fill("li.na")
        await page.get_by_label("姓名").fill("李娜")
        await page.get_by_role("button", name="生成邀请链接").click()
        link = await page.locator(".one-link").inner_text()
        assert "/welcome#" in link
        await page.get_by_role("button", name="我已复制").click()
        await expect(page.get_by_role("row", name=re.compile("li.na"))).to_contain_text("已邀请")

        await theirs.goto(link.strip())
        await expect(theirs.locator(".welcome-who")).to_contain_text("示例软件有限公司")
        for field in ("新密码", "再次输入"):
            await theirs.get_by_label(field).fill(CHOSEN)
        await theirs.get_by_role("button", name="设置密码").click()
        await theirs.get_by_role("link", name="前往登录").click()
        await theirs.locator("input[autocomplete=username]").fill("li.na")
        await theirs.locator("input[autocomplete=current-password]").fill(CHOSEN)
        await theirs.locator("button[type=submit]").click()
        await theirs.locator(".shell").wait_for()

        await page.get_by_role("button", name="管理 李娜").click()
        await page.get_by_role("menuitem", name="停用").click()
        await page.get_by_role("dialog").get_by_role("button", name="停用").click()
        await expect(page.get_by_role("row", name=re.compile("li.na"))).to_contain_text("已停用")
        await theirs.reload()
        await theirs.locator("input[autocomplete=username]").wait_for()
        await theirs.goto(link.strip())
        await theirs.reload()
        await expect(theirs.get_by_role("alert")).to_contain_text("链接已使用或已过期")
        assert seen.complaints == []


async def test_a_fact_is_filed_in_words_and_read_back_in_words(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.ADMINISTRATOR)
        await page.goto("/registers/caller-number/number-400")
        await page.get_by_role("button", name="修改主叫显示核对").click()
        await page.get_by_role("combobox", name="主叫显示核对").click()
        await page.get_by_title("与发送一致").click()
        await page.get_by_role("button", name="登记", exact=True).click()
        row = page.locator(".fields li", has_text="主叫显示核对")
        await expect(row).to_contain_text("与发送一致")
        await expect(page.locator(".register-list")).to_contain_text("12 项中有 7 项未登记")
        assert seen.complaints == []


async def test_a_prompt_is_brought_by_one_person_heard_and_approved_by_another(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen, visiting(browser, stage.url) as other:
        page, theirs = seen.page, other.page
        await log_in(page, Role.ADMINISTRATOR)
        await page.goto("/registers/prompt")
        await page.get_by_role("button", name="上传提示音").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("逐字内容").fill("您好，现在没有坐席可以接听，非常抱歉。")
        keep = dialog.get_by_role("button", name="上传提示音")
        assert await keep.get_attribute("aria-disabled") == "true", "nothing to bring yet"
        sound = dialog.locator("input[type=file]")
        await sound.set_input_files({"name": "a.wav", "mimeType": "audio/wav", "buffer": tone(channels=2)})
        await keep.click()
        await expect(page.locator(".ant-notification-notice")).to_contain_text("仅接受单声道")
        await sound.set_input_files({"name": "b.wav", "mimeType": "audio/wav", "buffer": tone()})
        await keep.click()
        notice = page.locator(".prompts > li", has_text="notice-zh")
        await expect(notice).to_contain_text("等待第二人批准")
        own = notice.get_by_role("button", name="批准")
        assert await own.get_attribute("aria-disabled") == "true"

        await log_in(theirs, Role.AUDITOR)
        await theirs.goto("/registers/prompt")
        card = theirs.locator(".prompts > li", has_text="notice-zh")
        src = await card.locator("audio").get_attribute("src")
        played = await theirs.evaluate(
            "async (src) => { const a = new Audio(src); a.muted = true; await a.play(); return a.duration; }",
            src,
        )
        assert 0.4 < played < 0.6
        await card.get_by_role("button", name="批准").click()
        await theirs.get_by_role("tooltip").get_by_role("button", name="批准").click()
        await expect(card).to_contain_text("已生效")
        await expect(theirs.locator(".strip-attention")).to_have_count(0)
        assert len(seen.complaints) <= 1, "the browser's word on the one refused upload"
        assert other.complaints == []


async def test_a_second_factor_is_set_up_by_its_key_and_asked_for_at_the_next_login(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await page.goto("/account")
        factor = page.locator("section", has_text="两步验证").first
        await factor.get_by_label("当前密码").fill(PASSWORD)
        await factor.get_by_role("button", name="开始设置").click()
        secret = (await factor.locator("code").inner_text()).replace(" ", "")
        step = int(stage.clock.now().timestamp()) // STEP_SECONDS
        await factor.get_by_label("验证码").fill(code_at(secret_bytes(secret), step))
        await factor.get_by_role("button", name="确认").click()
        await expect(factor).to_contain_text("每次登录都需要验证器上的验证码")
        assert seen.complaints == []


@pytest.mark.parametrize("size", [WIDE, PHONE])
async def test_the_administrators_pages_are_usable_by_everybody_at_every_size(
    browser: Browser, stage: Stage, size: tuple[int, int]
) -> None:
    async with visiting(browser, stage.url, size=size) as seen:
        await log_in(seen.page, Role.ADMINISTRATOR)
        for path, ready in PAGES:
            await seen.page.goto(path)
            await seen.page.locator(ready).first.wait_for()
            assert await seen.page.evaluate("() => document.documentElement.scrollWidth") <= size[0], path
            assert await serious_faults(seen.page) == [], path
        assert seen.complaints == []


async def test_a_reason_to_pause_that_is_added_stands_on_the_desk_and_one_that_is_retired_does_not(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.ADMINISTRATOR)
        await page.goto("/registers/pause-code")
        await page.get_by_role("button", name="新增原因").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("代码").fill("lunch")
        await dialog.get_by_label("中文名称").fill("午餐")
        await dialog.get_by_label("英文名称").fill("Lunch")
        await dialog.get_by_role("button", name="新增原因").click()
        row = page.get_by_role("row", name=re.compile("lunch"))
        await expect(row).to_contain_text("可选")
        await page.get_by_role("button", name="停用“培训”").click()
        await expect(page.get_by_role("row", name=re.compile("training"))).to_contain_text("已停用")
        offered = DeskReader(stage.store, PersonalReader(keyring()), stage.clock)
        codes = {c.code: c.retired_at is None for c in await offered.pause_codes(stage.agent)}
        assert (codes["lunch"], codes["training"]) == (True, False)
        assert seen.complaints == []


async def test_the_operator_takes_an_organisation_in_and_suspends_it_with_a_reason(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.ADMINISTRATOR)
        await page.get_by_role("link", name="机构", exact=True).click()
        own = page.get_by_role("row", name=re.compile("示例软件"))
        await expect(own.get_by_role("button")).to_have_attribute("aria-disabled", "true")
        await page.get_by_role("button", name="接入机构").click()
        dialog = page.get_by_role("dialog")
        for label, said in (
            ("中文名称", "新机构有限公司"),
            ("英文名称", "New Organisation Ltd"),
            ("统一社会信用代码", "91000000000000001X"),
            ("首位管理员的登录名", "chief"),
            ("首位管理员的姓名", "张主管"),
        ):
            await dialog.get_by_label(label).fill(said)
        await dialog.get_by_role("button", name="接入机构").click()
        assert "/welcome#" in await page.locator(".one-link").inner_text()
        await page.get_by_role("button", name="我已复制").click()
        row = page.get_by_role("row", name=re.compile("新机构"))
        await row.get_by_role("button", name=re.compile("停用")).click()
        await page.get_by_role("dialog").get_by_label("理由").fill("收到多起投诉")
        await page.get_by_role("dialog").get_by_role("button", name="停用").click()
        await expect(row).to_contain_text("已停用")
        assert seen.complaints == []


async def test_nobody_but_the_operators_administrators_finds_the_page_of_organisations(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url) as seen:
        await log_in(seen.page, Role.SUPERVISOR)
        await expect(seen.page.get_by_role("link", name="机构", exact=True)).to_have_count(0)
        await seen.page.goto("/organisations")
        await expect(seen.page).to_have_url(f"{stage.url}/floor")
