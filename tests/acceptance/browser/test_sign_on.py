"""Signing on at a provider of another make, in a real browser: who is known gets in, who isn't does not."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from dialer.services.identity import Identity
from dialer.services.sign_on import SignOn
from dialer.services.views.session import Role
from dialer.signing.openid import OpenIdProvider
from dialer.storage.log import start_log
from dialer.storage.sign_on import StoredSignOn
from dialer.storage.store import Store
from tests.acceptance.browser.browsing import PHONE, visiting
from tests.acceptance.browser.stage import RunningClock, Stage, staged
from tests.unit.api.api_seed import keyring, log_writer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
SUBJECTS = {
    "s-supervisor": {"preferred_username": "supervisor"},
    "s-late": {"preferred_username": "supervisor"},
    "s-stranger": {"preferred_username": "somebody-else"},
}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that asks who signs on and issues signed ID tokens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    users = [json.dumps({"sub": sub} | claims) for sub, claims in SUBJECTS.items()]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "--require-nonce",
        "true",
    ]
    for user in users:
        command += ["--user-claims", user]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as provider:
        _until_it_listens(port)
        yield f"http://127.0.0.1:{port}"
        provider.terminate()


def _until_it_listens(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError("the provider did not start")


@pytest_asyncio.fixture(loop_scope="session")
async def stage(issuer: str, tmp_path: Path, built_console: Path) -> AsyncIterator[Stage]:
    del built_console

    def make(store: Store, clock: RunningClock, identity: Identity, url: str) -> SignOn:
        store.write_now(start_log)
        provider = OpenIdProvider(issuer, "dialer", "a secret", f"{url}/signed-on", "preferred_username")
        return SignOn(provider, StoredSignOn(store, log_writer(keyring())), identity, clock)

    async with staged(tmp_path, make_sign_on=make) as made:
        yield made


async def sign_on(page: Page, subject: str) -> None:
    """As a person does: from our login page to the provider's, and back."""
    await page.goto("/")
    await page.get_by_role("button", name="使用公司账号登录").click()
    await page.locator("input[name=sub]").fill(subject)
    await page.get_by_role("button", name="Authorize", exact=True).click()


async def test_whoever_the_provider_vouches_for_gets_in_with_our_role(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as visit:
        await sign_on(visit.page, "s-supervisor")
        await expect(visit.page.locator(".floor")).to_be_visible()
        assert "code=" not in visit.page.url
        # the provider's own page asks for a style sheet of the outside world
        assert [c for c in visit.complaints if "ERR_NAME_NOT_RESOLVED" not in c] == []


async def test_an_account_stays_with_the_subject_that_came_first(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as visit:
        await sign_on(visit.page, "s-supervisor")
        await expect(visit.page.locator(".floor")).to_be_visible()
    async with visiting(browser, stage.url) as visit:
        await sign_on(visit.page, "s-late")
        await expect(visit.page.get_by_role("alert")).to_contain_text("未能登录")


async def test_a_stranger_of_the_company_gets_a_clear_word_and_no_session(
    browser: Browser, stage: Stage
) -> None:
    async with visiting(browser, stage.url, size=PHONE) as visit:
        await sign_on(visit.page, "s-stranger")
        await expect(visit.page.get_by_role("alert")).to_contain_text("未能登录")
        await visit.page.get_by_role("link", name="返回登录").click()
        await expect(visit.page.locator("input[autocomplete=username]")).to_be_visible()
        assert await visit.page.context.cookies() == []


async def test_a_return_that_this_browser_did_not_begin_opens_nothing(browser: Browser, stage: Stage) -> None:
    async with visiting(browser, stage.url) as ours, visiting(browser, stage.url) as theirs:
        async with ours.page.expect_request(lambda request: "/signed-on?" in request.url) as back:
            await ours.page.route("**/signed-on?*", lambda route: route.abort())
            await sign_on(ours.page, "s-supervisor")
        returned = (await back.value).url
        await theirs.page.goto(returned)
        await expect(theirs.page.get_by_role("alert")).to_contain_text("未能登录")
        # the same address works where it was begun: it was the browser, not the code, that was refused
        await ours.page.unroute("**/signed-on?*")
        await ours.page.goto(returned)
        await expect(ours.page.get_by_role("alert").or_(ours.page.locator(".floor"))).to_be_visible()


async def test_a_second_factor_here_is_not_walked_around_there(browser: Browser, stage: Stage) -> None:
    store = stage.store
    store.write_now(
        lambda tx: tx.run(
            "UPDATE user_account SET totp_secret = 'JBSWY3DPEHPK3PXP' WHERE role = :role",
            role=Role.SUPERVISOR.value,
        )
    )
    async with visiting(browser, stage.url) as visit:
        await sign_on(visit.page, "s-supervisor")
        await expect(visit.page.get_by_role("alert")).to_contain_text("未能登录")
