"""A refusal from the desk's hot key in a talk and after it, and by key 9 in the notice of an agent who is gone: through the
whole product on real Asterisk, onto the list."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import expect

from dialer.demo.sample_leads import number_of
from dialer.demo.sample_organisation import ORG
from dialer.services.seats import Place
from dialer.storage.sql import Row
from dialer.telephony.carrier_behaviour import Behaviour, parse_step
from tests.acceptance.browser.test_talk_on_the_product import AGENT, Talk, talking
from tests.acceptance.whole_product import until

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

IN_THE_TALK, AFTER_IT, IN_THE_NOTICE = 1, 11, 21
HOT_KEY = "Control+Alt+KeyR"


def callee(endings: str, *steps: str) -> Behaviour:
    """Rings, answers, and then this."""
    return Behaviour(endings, tuple(map(parse_step, ("ring 500", "answer", *steps))))


CALLEES = (
    callee("0X", "tone 440 120000"),
    callee("1X", "tone 440 4000"),
    callee("2X", "tone 440 9000", "key 9", "tone 440 20000"),
)


async def entry_of(talk: Talk, ending: int) -> Row | None:
    core = talk.product.floor.core
    hmac = core.keyring.number_hmac(ORG, number_of(ending))
    return await core.store.read(
        lambda tx: tx.one("SELECT reason, actor, attempt_id FROM dnc_entry WHERE number_hmac = :h", h=hmac)
    )


async def listed(talk: Talk, ending: int) -> tuple[str, str]:
    """Why and by whom the number came onto the list, once it is there."""
    async with asyncio.timeout(30):
        while (entry := await entry_of(talk, ending)) is None:  # noqa: ASYNC110 - another task writes it
            await asyncio.sleep(0.05)
    return str(entry.reason), str(entry.actor)


async def called_next(talk: Talk, ending: int) -> None:
    """The next person asks for a call and gets it."""
    await talk.product.ask([ending])
    await talk.page.locator(".call").wait_for(timeout=30_000)
    seats = talk.product.floor.seats
    await until(lambda: (a := seats.of_user(AGENT)) is not None and a.place is Place.TALKING)


async def test_refusals_by_hot_key_in_a_talk_and_after_it_and_by_key_9_in_the_notice_are_on_the_list(
    tmp_path: Path, built_console: Path
) -> None:
    del built_console
    async with talking(tmp_path, IN_THE_TALK, CALLEES) as talk:
        page = talk.page
        assert await entry_of(talk, IN_THE_TALK) is None
        await page.keyboard.press(HOT_KEY)
        await page.locator(".refusal-done").wait_for()
        assert await listed(talk, IN_THE_TALK) == ("said", f"user:{AGENT}")
        assert talk.agent().place is Place.CLOSING
        assert await talk.state() == "connected", "it has its closing words"
        await page.keyboard.press("e")
        await page.locator(".idle").wait_for(timeout=30_000)

        await called_next(talk, AFTER_IT)
        await page.locator(".wrap").wait_for(timeout=30_000)
        assert await entry_of(talk, AFTER_IT) is None
        await page.keyboard.press(HOT_KEY)
        assert await listed(talk, AFTER_IT) == ("said", f"user:{AGENT}")
        await expect(page.locator(".refusal-done")).to_be_visible()

        await called_next(talk, IN_THE_NOTICE)
        await talk.product.floor.exchange.release_seat(talk.agent().seat_id)
        reason, actor = await listed(talk, IN_THE_NOTICE)
        assert (reason, actor.split(":")[0]) == ("key", "callee")
        entry = await entry_of(talk, IN_THE_NOTICE)
        assert entry is not None
        store = talk.product.floor.core.store
        rows = await store.read(
            lambda tx: tx.all("SELECT type FROM leaf WHERE attempt_id = :a ORDER BY seq", a=entry.attempt_id)
        )
        leaves = [row.type for row in rows]
        assert leaves.index("attempt.abandoned") < leaves.index("refusal.heard"), (
            "it was the notice that said 9"
        )
