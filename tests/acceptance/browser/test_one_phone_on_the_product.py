"""One phone, and what it hears, through the whole product: a second tab in a talk, and sound that comes from one side only."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from dialer.services.seats import Place
from tests.acceptance.browser.test_talk_on_the_product import AGENT_HZ, HEARD_DB, Talk, talking
from tests.acceptance.whole_product import CALLEE_HZ

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

KEEP_CONNECTIONS = """
    window.connections = [];
    window.RTCPeerConnection = class extends window.RTCPeerConnection {
        constructor(...given) { super(...given); window.connections.push(this); }
    };
"""
"""Before any script of the page: its media connections can be asked by the test."""
LOCAL_PORT = """async () => {
    const stats = [...(await window.connections.at(-1).getStats()).values()];
    const pair = stats.find(s => s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded');
    return stats.find(s => s.id === pair.localCandidateId).port;
}"""


@contextmanager
def without_sound(port: int) -> Iterator[None]:
    """The media that comes to that UDP port is dropped, the connection's own checks are not.

    RTP's first two bits are 2; STUN and DTLS, whose first bytes are below 64, pass: nobody hangs up.
    """
    table = f"one_way_{os.getpid()}"
    rules = f"""
        table inet {table} {{
            chain heard {{
                type filter hook input priority 0
                udp dport {port} @th,64,2 2 drop
            }}
        }}
    """
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)
    try:
        yield
    finally:
        subprocess.run(["nft", "delete", "table", "inet", table], check=True)


async def test_a_second_tab_in_the_talk_says_who_has_the_phone_and_takes_it_by_its_button(
    tmp_path: Path, built_console: Path
) -> None:
    del built_console
    async with talking(tmp_path, 0) as talk:
        other = await talk.page.context.new_page()
        await other.goto("/desk")
        await other.locator(".call").wait_for()
        notice = other.locator(".banner-attention button")
        await notice.wait_for()
        await expect(talk.page.locator(".phone-live")).to_have_count(1)
        assert talk.agent().leg_up, "the first tab has its leg still"
        assert await talk.hears("agent", AGENT_HZ) > HEARD_DB
        await notice.click()
        await other.locator(".phone-live").wait_for(timeout=20_000)
        await talk.page.locator(".phone-taken_over").wait_for()
        await expect(other.locator(".banner-attention")).to_have_count(0)
        await _goes_on(talk, other)


async def _goes_on(talk: Talk, page: Page) -> None:
    """The same call, heard both ways, and ended from that tab."""
    assert (talk.agent().place, talk.agent().attempt_id) == (Place.TALKING, talk.attempt_id)
    assert await talk.state() == "connected"
    assert await talk.hears("agent", AGENT_HZ) > HEARD_DB, "the callee hears the agent"
    assert await talk.hears("callee", CALLEE_HZ) > HEARD_DB, "the callee's words go on"
    await page.bring_to_front()
    await page.keyboard.press("e")
    await page.locator(".wrap").wait_for()
    assert "attempt.abandoned" not in await talk.leaves()


async def test_the_desk_says_that_nothing_comes_from_the_callee_until_it_comes_again(
    tmp_path: Path, built_console: Path
) -> None:
    del built_console
    async with talking(tmp_path, 1, before=KEEP_CONNECTIONS) as talk:
        silent = talk.page.locator(".strip-attention[role=alert]")
        await expect(silent).to_have_count(0)
        with without_sound(await talk.page.evaluate(LOCAL_PORT)):
            await expect(silent).to_contain_text("两秒没有收到对方的声音", timeout=10_000)
            await expect(talk.page.locator(".phone-live")).to_have_count(1)
            assert await talk.hears("agent", AGENT_HZ) > HEARD_DB, "the callee hears the agent: it is one way"
        await expect(silent).to_have_count(0, timeout=10_000)
        assert await talk.state() == "connected"
        await talk.end()
