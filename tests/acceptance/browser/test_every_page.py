"""What holds on every page: it can be used by everybody (axe), in both languages, at every size, in light and dark."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import DESK_SIZE, PHONE, WIDE, check_audio, log_in, visiting
from tests.acceptance.browser.conftest import WEB
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.stage_calls import MADE, REFUSED_BY_GATE

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AXE = WEB / "node_modules/axe-core/axe.min.js"
PAGES = {
    Role.SUPERVISOR: (
        ("/floor", ".campaign"),
        ("/leads", ".ant-table-row"),
        ("/pacing", ".pacing-form"),
        ("/campaigns", ".ant-table-row"),
        ("/campaigns/new", ".wizard"),
        ("/campaigns/campaign-made", ".preflight-counts"),
        ("/reports", ".recharts-surface"),
        ("/refusals", ".ant-table-row"),
        ("/why", "main h1"),
        ("/registers/pause-code", ".ant-table-row"),
        ("/operations", ".ant-table-row"),
    ),
    Role.ADMINISTRATOR: (
        ("/people", ".ant-table-row"),
        ("/registers/caller-number/number-400", ".fields li"),
        ("/registers/source/new-site", ".fields li"),
        ("/registers/script", ".register-list li"),
        ("/registers/pause-code", ".ant-table-row"),
        ("/organisations", ".ant-table-row"),
        ("/webhooks", ".ant-table"),
        ("/registers/prompt", ".prompts li"),
        ("/operations", ".ant-table-row"),
        ("/dossiers", ".ant-table-row"),
        ("/account", ".ant-table-row"),
    ),
    Role.AUDITOR: (
        ("/calls", ".ant-table-row"),
        (f"/calls/{MADE}", ".wave-canvas"),
        (f"/calls/{REFUSED_BY_GATE}", ".objections"),
        (f"/compare?first={MADE}&second={REFUSED_BY_GATE}", ".compare"),
        ("/samples/4243", ".drawn"),
        ("/dossiers", ".ant-table-row"),
        ("/cases", ".ant-table-row"),
        ("/log", ".healths"),
        ("/verify", ".drop"),
    ),
}
NUMBER = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|\+86\s?1[3-9]\d")
RUN_AXE = """async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }))
    .violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
    .map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | ')}`)"""


async def serious_faults(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    await page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = await page.evaluate(RUN_AXE)
    assert isinstance(found, list)
    return [str(fault) for fault in found]


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("zh-CN", "dark"), ("en-GB", "light")])
@pytest.mark.parametrize("role", PAGES)
async def test_no_page_has_a_serious_fault_for_anybody(
    browser: Browser, stage: Stage, role: Role, locale: str, scheme: str
) -> None:
    async with visiting(browser, stage.url, locale=locale, scheme=scheme) as seen:
        await log_in(seen.page, role)
        for path, ready in PAGES[role]:
            await seen.page.goto(path)
            await seen.page.locator(ready).first.wait_for()
            assert await serious_faults(seen.page) == [], path


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("zh-CN", "dark"), ("en-GB", "light")])
async def test_login_and_desk_have_no_serious_fault_for_anybody(
    browser: Browser, stage: Stage, locale: str, scheme: str
) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE, locale=locale, scheme=scheme) as seen:
        page = seen.page
        await page.goto("/")
        await page.locator("input[autocomplete=username]").wait_for()
        assert await serious_faults(page) == []
        await log_in(page, Role.AGENT)
        await page.locator(".audio-check").wait_for()
        assert await serious_faults(page) == []
        await check_audio(page)
        await stage.desk.ready(stage.agent)
        await page.locator(".idle-ready").wait_for()
        stage.ring()
        await page.locator(".call").wait_for()
        assert await serious_faults(page) == []
        await page.keyboard.press("Control+Alt+KeyR")
        await page.locator(".refusal-done").wait_for()
        assert await serious_faults(page) == []
        await page.keyboard.press("e")
        await page.locator(".wrap").wait_for()
        assert await serious_faults(page) == []


async def test_axe_finds_a_fault_that_is_there(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        await log_in(seen.page, Role.AUDITOR)
        await seen.page.locator(".ant-table-row").first.wait_for()
        await seen.page.evaluate(
            "() => document.querySelector('main').append(document.createElement('button'))"
        )
        assert any(fault.startswith("button-name") for fault in await serious_faults(seen.page))


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize("role", PAGES)
async def test_no_page_is_wider_than_the_screen_or_shows_a_whole_number(
    browser: Browser, stage: Stage, role: Role, size: tuple[int, int], locale: str
) -> None:
    async with visiting(browser, stage.url, size=size, locale=locale) as seen:
        await log_in(seen.page, role)
        for path, ready in PAGES[role]:
            await seen.page.goto(path)
            await seen.page.locator(ready).first.wait_for()
            assert await seen.page.evaluate("() => document.documentElement.scrollWidth") <= size[0], path
            assert NUMBER.search(await seen.page.locator("body").inner_text()) is None, path
        assert seen.complaints == []


async def test_the_language_is_switched_and_remembered(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        await expect(page.locator(".filters h1")).to_have_text("审计检索")
        await page.locator(".top-language").click()
        await expect(page.locator(".filters h1")).to_have_text("Audit trail")
        assert await page.evaluate("() => document.documentElement.lang") == "en"
        await page.reload()
        await expect(page.locator(".filters h1")).to_have_text("Audit trail")
        chrome = await page.locator(".top, .banners, .filters, thead").all_inner_texts()
        assert not re.search(r"[\u4e00-\u9fff]", "".join(chrome).replace("中文", "").replace("何宁", ""))


async def test_a_role_reaches_its_own_pages_only(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.AUDITOR)
        for path in ("/floor", "/desk", "/leads"):
            await page.goto(path)
            await expect(page).to_have_url(f"{stage.url}/calls")


async def test_a_wrong_password_says_so_without_saying_which_part(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await page.goto("/")
        for login in (Role.AUDITOR.value, "nobody"):
            await page.locator("input[autocomplete=username]").fill(login)
            await page.locator("input[autocomplete=current-password]").fill("wrong")
            await page.locator("button[type=submit]").click()
            await expect(page.get_by_role("alert").first).to_contain_text("账号、密码或验证码不正确")


async def test_first_load_of_the_agent_is_under_500_kb(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url, size=DESK_SIZE) as seen:
        bodies: list[bytes] = []
        await log_in(seen.page, Role.AGENT)
        await seen.page.locator(".audio-check").wait_for()
        urls = await seen.page.evaluate(
            "() => performance.getEntriesByType('resource').map(r => r.name).filter(n => n.includes('/assets/'))"
        )
        for url in sorted(set(urls)):
            answer = await seen.page.request.get(url)
            bodies.append(await answer.body())
        total = sum(len(gzip.compress(body)) for body in bodies)
        assert 100_000 < total < 500_000, total
