"""The agent's desk in a real browser: a shift, a refusal held and by hot key, a refresh in the call, two tabs."""

from __future__ import annotations

import asyncio
import dataclasses
import re

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.services.views.desk import DeskState
from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import DESK_SIZE, Watched, check_audio, log_in, visiting
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.stage_calls import desk_call
from tests.acceptance.browser.test_every_page import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NASTY = '<img src=x onerror="document.title=1">'


async def in_call(seen: Watched, stage: Stage) -> Page:
    """An agent who is ready and has somebody on the line."""
    await log_in(seen.page, Role.AGENT)
    await check_audio(seen.page)
    await stage.desk.ready(stage.agent)
    await seen.page.locator(".idle-ready").wait_for()
    stage.ring()
    await seen.page.locator(".call").wait_for()
    return seen.page


async def state_of(stage: Stage) -> DeskState:
    """What the server holds."""
    return (await stage.desk.view(stage.agent)).state


async def test_a_call_pops_up_with_who_what_and_consent_and_ends_in_a_disposition_by_key(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await expect(page.locator(".call-who h1")).to_have_text("王芳")
        await expect(page.locator(".call-number")).to_have_text("130****0007")
        await expect(page.locator(".call-asked q")).to_contain_text("续费价格")
        await expect(page.locator(".consent-valid")).to_contain_text("即时回访")
        await page.keyboard.press("e")
        await page.locator(".wrap").wait_for()
        assert await state_of(stage) is DeskState.WRAPPING
        await page.keyboard.press("1")
        await page.locator(".idle-ready").wait_for()
        assert (await stage.desk.view(stage.agent)).today.calls == 1
        # this stage has no exchange, which the browser tells on its console
        assert [said for said in seen.complaints if "/ws' failed" not in said] == []


async def test_the_screen_pops_within_300_ms_of_the_answer(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        await log_in(seen.page, Role.AGENT)
        await check_audio(seen.page)
        await stage.desk.ready(stage.agent)
        await seen.page.locator(".idle-ready").wait_for()
        popped = asyncio.create_task(
            seen.page.evaluate(
                """() => new Promise(resolve => {
                    const look = () => document.querySelector('.call-who')
                        ? resolve(performance.timeOrigin + performance.now()) : requestAnimationFrame(look);
                    look();
                })"""
            )
        )
        await asyncio.sleep(0.2)
        rang_ms = await seen.page.evaluate("() => performance.timeOrigin + performance.now()")
        stage.ring()
        assert await popped - rang_ms < 300


async def test_the_desk_needs_no_scrolling_at_1366_by_768(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        over = await page.evaluate(
            "() => [document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth]"
        )
        assert over == [0, 0]
        box = await page.locator(".refuse").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= DESK_SIZE[1]


async def test_refused_takes_a_hold_of_600_ms_and_says_when_it_took_effect(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await page.locator(".refuse").hover()
        await page.mouse.down()
        await asyncio.sleep(0.35)
        await page.mouse.up()
        await asyncio.sleep(0.6)
        assert await state_of(stage) is DeskState.TALKING, "a slip of the hand must not refuse"
        await page.mouse.down()
        await asyncio.sleep(0.75)
        await page.mouse.up()
        await page.locator(".refusal-done").wait_for()
        assert await state_of(stage) is DeskState.CLOSING
        await expect(page.locator(".refusal-done")).to_contain_text("以后不再拨打")
        await expect(page.locator(".closing-words")).to_contain_text("再见")
        await expect(page.locator(".refuse")).to_have_attribute("aria-disabled", "true")
        await expect(page.locator(".refuse")).to_have_attribute(
            "aria-description", "已经登记拒绝，不能重复登记或撤销"
        )


async def test_refused_by_hot_key_also_while_typing(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await page.locator("textarea").fill("")
        await page.keyboard.type("me1")
        assert await state_of(stage) is DeskState.TALKING, "letters in a text field are text"
        await page.keyboard.press("Control+Alt+KeyR")
        await page.locator(".refusal-done").wait_for()
        assert await state_of(stage) is DeskState.CLOSING


async def test_refused_by_keyboard_hold(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await page.locator(".refuse").focus()
        await page.keyboard.down("Enter")
        await asyncio.sleep(0.75)
        await page.keyboard.up("Enter")
        await page.locator(".refusal-done").wait_for()
        assert await state_of(stage) is DeskState.CLOSING


async def test_a_tab_closed_in_the_middle_of_the_hold_counts_as_refused(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await page.locator(".refuse").hover()
        await page.mouse.down()
        await page.locator(".refuse-holding").wait_for()
        await page.close(run_before_unload=False)
        for _ in range(50):
            if await state_of(stage) is DeskState.CLOSING:
                break
            await asyncio.sleep(0.05)
        assert await state_of(stage) is DeskState.CLOSING


async def test_a_callee_is_held_by_key_and_taken_back_and_the_desk_says_since_when(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await page.keyboard.press("h")
        await expect(page.locator(".strip-attention")).to_contain_text("等候音")
        call = (await stage.desk.view(stage.agent)).call
        assert call is not None
        assert call.held_since is not None
        back = page.get_by_role("button", name="恢复通话")
        await expect(back).not_to_have_class(re.compile("loading"))
        await page.keyboard.press("h")
        await expect(page.get_by_role("button", name="保持")).to_have_attribute("aria-pressed", "false")
        await page.keyboard.press("Control+Alt+KeyR")
        await page.locator(".refusal-done").wait_for()
        hold = page.get_by_role("button", name="保持")
        await expect(hold).to_have_attribute("aria-description", "对方已拒绝，只说结束语")


async def test_a_talk_is_handed_to_a_ready_colleague(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await page.keyboard.press("t")
        await expect(page.locator(".ant-modal")).to_contain_text("没有就绪的同事")
        await page.keyboard.press("Escape")
        await stage.desk.phone(stage.colleague, "another login")
        await stage.desk.ready(stage.colleague)
        await page.keyboard.press("t")
        await page.locator(".colleagues button").click()
        await page.locator(".idle-ready").wait_for()
        assert (await stage.desk.view(stage.colleague)).state is DeskState.TALKING


async def test_a_callback_is_booked_into_a_lawful_slot_and_an_unlawful_one_says_why(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await page.keyboard.press("e")
        await page.locator(".wrap").wait_for()
        await page.keyboard.press("2")
        dialog = page.locator(".callback-dialog")
        closed = dialog.locator(".callback-slot[aria-disabled=true]").first
        await closed.focus()
        await expect(dialog.locator(".callback-why")).to_contain_text("当前状态下不能这样操作")
        agree = dialog.locator(".callback-acts .ant-btn-lg")
        await expect(agree).to_have_attribute("aria-disabled", "true")
        assert await serious_faults(page) == []
        await dialog.locator(".callback-slot[aria-disabled=false]").first.click()
        await agree.click()
        await page.locator(".idle-ready").wait_for()
        assert (await stage.desk.view(stage.agent)).today.calls == 1


async def test_a_callback_agreed_in_the_talk_stands_on_the_desk_and_is_agreed_once(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await page.keyboard.press("b")
        await page.locator(".callback-slot[aria-disabled=false]").first.click()
        await page.locator(".callback-acts .ant-btn-lg").click()
        await expect(page.locator(".strip-good")).to_contain_text("已约定回电")
        await expect(page.get_by_role("button", name="约回电")).to_have_attribute(
            "aria-description", "已经约定回电"
        )
        assert await state_of(stage) is DeskState.TALKING, "the talk goes on"
        await page.reload()
        await expect(page.locator(".strip-good")).to_contain_text("已约定回电")


async def test_a_refresh_in_the_call_brings_back_call_notes_and_ticks_within_3_s(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        page = await in_call(seen, stage)
        await page.locator("textarea").fill("改发票抬头")
        await page.locator(".script input").first.check()
        # it is the server's: kept on the log, and so in every page of this call
        await expect(page.locator(".script h2 .meta")).to_have_text("还有 4 句必须说")
        call = (await stage.desk.view(stage.agent)).call
        assert call is not None
        assert call.script is not None
        assert [p.key for p in call.script.parts if p.said_at is not None] == ["identity"]
        await page.reload()
        await expect(page.locator(".call-who h1")).to_have_text("王芳", timeout=3_000)
        await expect(page.locator("textarea")).to_have_value("改发票抬头")
        await expect(page.locator(".script input").first).to_be_checked()
        assert await state_of(stage) is DeskState.TALKING


async def test_the_second_tab_says_who_has_the_phone_and_can_take_it(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        await log_in(seen.page, Role.AGENT)
        await check_audio(seen.page)
        other = await seen.page.context.new_page()
        await other.goto("/desk")
        notice = other.locator(".banner-attention button")
        await notice.wait_for()
        await expect(seen.page.locator(".phone-taken_over")).to_have_count(0)
        await notice.click()
        await seen.page.locator(".phone-taken_over").wait_for()
        await expect(other.locator(".banner-attention")).to_have_count(0)


async def test_words_of_a_callee_are_text_and_nothing_else(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        await log_in(seen.page, Role.AGENT)
        await check_audio(seen.page)
        await stage.desk.ready(stage.agent)
        await seen.page.locator(".idle-ready").wait_for()
        stage.ring(dataclasses.replace(desk_call(), name=NASTY, asked=NASTY))
        await expect(seen.page.locator(".call-who h1")).to_have_text(NASTY)
        await expect(seen.page.locator(".call-asked q")).to_have_text(NASTY)
        assert await seen.page.locator(".call img").count() == 0
        assert await seen.page.title() != "1"


async def test_a_session_that_was_ended_elsewhere_says_so(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        await log_in(seen.page, Role.AGENT)
        await seen.page.locator(".audio-check li button").nth(0).wait_for()
        await seen.page.evaluate(
            """async () => {
                const { csrf } = await (await fetch('/api/session')).json();
                await fetch('/api/session', { method: 'DELETE', headers: { 'X-CSRF': csrf } });
            }"""
        )
        await expect(seen.page.locator(".login-card .ant-alert")).to_contain_text(
            "登录已失效", timeout=20_000
        )
