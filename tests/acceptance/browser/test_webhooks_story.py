"""An administrator tells another program of events: the secret once, a test, and what became of each message."""

from __future__ import annotations

import json
import os
from ipaddress import ip_network

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect
from standardwebhooks import Webhook

from dialer.jobs.hook_post import HookPost
from dialer.services.views.session import Role
from dialer.services.webhooks import WebhookCourier
from dialer.storage.webhooks import StoredWebhooks
from tests.acceptance.browser.browsing import log_in, visiting
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.test_every_page import serious_faults
from tests.unit.api.api_seed import keyring, log_writer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_program_is_added_tested_and_ended_and_every_message_is_seen(
    browser: Browser, stage: Stage
) -> None:
    got: list[tuple[dict[str, str], bytes]] = []

    async def take(request: web.Request) -> web.Response:
        got.append((dict(request.headers), await request.read()))
        return web.Response(status=204 if len(got) > 1 else 503)

    app = web.Application()
    app.router.add_post("/events", take)
    receiver = TestServer(app)
    await receiver.start_server()
    register = StoredWebhooks(stage.store, log_writer(keyring()), keyring())
    courier = WebhookCourier(register, HookPost((ip_network("127.0.0.0/8"),)), lambda: 0.0)
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await log_in(page, Role.ADMINISTRATOR)
        await page.goto("/webhooks")
        await expect(page.get_by_text("还没有系统接收通知")).to_be_visible()
        await page.get_by_role("button", name="添加地址").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("接收地址").fill(str(receiver.make_url("/events")))
        for event in ("attempt.sealed", "dnc.added"):
            await dialog.get_by_label("事件").fill(event)
            await page.locator(".ant-select-item-option").filter(has_text=event).click()
        await dialog.get_by_label("接收地址").click()
        await dialog.get_by_role("button", name="添加地址").click()
        secret = (await page.locator(".one-link").inner_text()).strip()
        assert secret.startswith("whsec_")
        await page.get_by_role("button", name="已妥善保存").click()

        await page.get_by_role("button", name="发送测试").click()
        await expect(page.get_by_text("尚未发送")).to_be_visible()
        assert await courier.round() == 0
        await expect(page.get_by_text("HTTP 503")).to_be_visible(timeout=15_000)
        if pictures := os.environ.get("DIALER_PICTURES"):
            await page.screenshot(path=f"{pictures}/webhooks-deliveries.png")
        # the failure of before stands there: what says that the server has taken the order is its answer
        async with page.expect_response("**/deliveries/*/again"):
            await page.get_by_role("button", name="重新发送").click()
        assert await courier.round() == 1
        await expect(page.get_by_text("已送达")).to_be_visible(timeout=15_000)
        headers, body = got[-1]
        Webhook(secret).verify(body, headers)
        assert json.loads(body)["type"] == "webhook.test"
        # a button under the mouse is in the middle of its colours
        await page.mouse.move(0, 0)
        await page.wait_for_timeout(400)
        assert await serious_faults(page) == []

        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="停 用").or_(page.get_by_role("button", name="停用")).click()
        await page.get_by_role("dialog").get_by_role("button", name="停用").click()
        await expect(page.get_by_text("已停用")).to_be_visible()
        if pictures:
            await page.screenshot(path=f"{pictures}/webhooks.png")
        assert secret not in await page.content()
        assert seen.complaints == []
    await receiver.close()
