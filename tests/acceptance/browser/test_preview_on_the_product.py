"""Preview through the whole product on real Asterisk: read, skip with a reason, call, and the carrier saw one call only."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import expect

from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.ids import UserId
from dialer.services.seats import Place
from dialer.storage.sql import Tx
from tests.acceptance.browser.browsing import DESK_SIZE, check_audio, chromium, log_in_as, visiting
from tests.acceptance.whole_product import Product, until, whole_product, write_tone

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

AGENT = UserId("user-agent")
READY_MS, SHOWN_MS = 60_000, 60_000


def _count(product: Product, sql: str) -> int:
    return int(product.floor.core.store.read_now(lambda tx: tx.sole(f"SELECT COUNT(*) AS n FROM {sql}")).n)


async def test_an_agent_reads_two_leads_skips_one_and_talks_with_the_other(
    tmp_path: Path, built_console: Path
) -> None:
    del built_console
    home = Path("/tmp") / f"xp{tmp_path.stat().st_ino % 1_000_000}"
    async with AsyncExitStack() as stack:
        product = await stack.enter_async_context(whole_product(home, frozenset({0, 1})))

        def preview(tx: Tx) -> None:
            assert tx.run("UPDATE campaign SET mode = 'preview' WHERE id = :id", id=CAMPAIGN) == 1

        await product.floor.core.store.write(preview)
        # the sample list comes with calls of earlier days
        dialled = "attempt WHERE state <> 'refused'"
        before = _count(product, dialled)
        browser = await stack.enter_async_context(chromium(write_tone(tmp_path / "agent.wav", 880)))
        seen = await stack.enter_async_context(visiting(browser, product.url, size=DESK_SIZE, locale="en-GB"))
        page = seen.page
        login = product.login("agent")
        await log_in_as(page, login.login, login.password)
        await check_audio(page)
        await page.locator(".phone-waiting").wait_for(timeout=READY_MS)
        await page.locator(".idle-go").click()
        card = page.locator(".preview")
        await card.wait_for(timeout=SHOWN_MS)
        assert _count(product, dialled) == before, "nobody is dialled before Call is pressed"
        first = await card.locator("h1").inner_text()
        await page.get_by_role("combobox", name="Skip, because").click()
        await page.get_by_title("Not a good moment").click()
        await expect(card.locator("h1")).not_to_have_text(first, timeout=SHOWN_MS)
        assert _count(product, "leaf WHERE type = 'lead.skipped'") == 1
        assert _count(product, dialled) == before
        await card.get_by_role("button", name="Call").click()
        await page.locator(".call").wait_for(timeout=SHOWN_MS)

        def talks() -> bool:
            agent = product.floor.seats.of_user(AGENT)
            return agent is not None and agent.place is Place.TALKING

        await until(talks)
        assert _count(product, "attempt WHERE state = 'connected'") == 1
        assert _count(product, dialled) == before + 1, "the lead that was skipped was not dialled"
        # a key pressed before the desk knows of the answer means nothing, as the button is disabled till then
        await expect(page.locator(".desk-actions").get_by_role("button", name="phone End")).to_be_enabled()
        await page.keyboard.press("e")
        await page.locator(".wrap").wait_for(timeout=SHOWN_MS)
        assert _count(product, f"attempt WHERE agent_id = '{AGENT}' AND state = 'wrapping'") == 1
