"""A whole shift of an agent through the whole product on real Asterisk: from the device check to the pause at its end."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from dialer.demo.sample_leads import number_of
from dialer.domain.ids import AttemptId, UserId
from dialer.services.seats import Agent, Place
from tests.acceptance.browser.browsing import DESK_SIZE, check_audio, chromium, log_in_as, visiting
from tests.acceptance.whole_product import Product, until, whole_product, write_tone

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

AGENT = UserId("user-agent")
PEOPLE = frozenset({0, 1, 2})
AGENT_HZ, HEARD_DB, SILENT_DB = 880, -45.0, -65.0
SOON_MS, CALLED_MS = 30_000, 60_000
PLUGGABLE = """(() => {
    const media = navigator.mediaDevices, real = media.getUserMedia.bind(media), given = [];
    let plugged = true;
    media.getUserMedia = async (wanted) => {
        if (!plugged) throw new DOMException('none', 'NotFoundError');
        const stream = await real(wanted);
        given.push(...stream.getAudioTracks());
        return stream;
    };
    window.unplugHeadset = () => {
        plugged = false;
        for (const track of given.splice(0)) { track.stop(); track.dispatchEvent(new Event('ended')); }
    };
    window.plugHeadset = () => { plugged = true; media.dispatchEvent(new Event('devicechange')); };
})()"""
"""A microphone that can be pulled out and plugged in, as the browser tells it: the track ends, a device changes."""


async def test_an_agent_works_a_whole_shift(tmp_path: Path, built_console: Path) -> None:
    del built_console
    home = Path("/tmp") / f"xw{tmp_path.stat().st_ino % 1_000_000}"
    async with AsyncExitStack() as stack:
        product = await stack.enter_async_context(whole_product(home, PEOPLE, headless=1))
        browser = await stack.enter_async_context(chromium(write_tone(tmp_path / "agent.wav", AGENT_HZ)))
        seen = await stack.enter_async_context(visiting(browser, product.url, size=DESK_SIZE, locale="en-GB"))
        page = seen.page
        await page.add_init_script(PLUGGABLE)
        login = product.login("agent")
        await log_in_as(page, login.login, login.password)
        await page.locator(".phone-waiting").wait_for(timeout=SOON_MS)
        echo = page.locator(".audio-check li").last
        await echo.get_by_role("button", name="Call").click()
        await expect(echo).to_contain_text("Your voice came back", timeout=SOON_MS)
        await check_audio(page)
        await page.locator(".idle-go").click()

        await _the_first_asks_for_another_time(product, page)
        await _the_second_refuses(product, page)
        await _the_third_is_handed_over(product, page)

        await page.locator(".idle-ready").wait_for()
        await page.evaluate("unplugHeadset()")
        await expect(page.locator(".desk-status-state")).to_contain_text("Technical problem")
        await expect(page.locator(".idle-why")).to_contain_text("plug it in")
        await page.evaluate("plugHeadset()")
        await page.locator(".idle-go").click()
        await page.locator(".idle-ready").wait_for()
        await _pause(page, "Training")
        await expect(page.locator(".idle-paused")).to_be_visible()
        journal = product.trio.carrier_settings.journal.read_text()
        assert journal.count("event=INVITE") == len(PEOPLE)
        assert all(number_of(ending).removeprefix("+") in journal for ending in PEOPLE)


def _agent(product: Product, user: UserId = AGENT) -> Agent:
    found = product.floor.seats.of_user(user)
    assert found is not None
    return found


async def _talking(product: Product, page: Page) -> str:
    """Wait for the next call; its attempt."""
    await until(lambda: _agent(product).place is Place.TALKING, CALLED_MS / 1000)
    # the desk of before may still stand for a moment, and its keys are for that call
    await page.locator(".desk[data-state=talking] .call").wait_for(timeout=SOON_MS)
    attempt = _agent(product).attempt_id
    assert attempt is not None
    return str(attempt)


async def _pause(page: Page, reason: str) -> None:
    await page.locator(".desk-status-state").get_by_role("button", name="Pause").click()
    await page.get_by_role("menuitem", name=reason).click()


async def _the_first_asks_for_another_time(product: Product, page: Page) -> None:
    """Pop, script, notes, keypad, a reload, and a callback agreed at a lawful time."""
    attempt = await _talking(product, page)
    await expect(page.locator(".call-number")).to_have_text(re.compile(r"^130\*{4}000[0-2]$"))
    await expect(page.locator(".call-asked q")).not_to_be_empty()
    await expect(page.locator(".consent-valid")).to_be_visible()
    for part in await page.locator(".script li", has=page.locator(".chip-required")).all():
        await part.locator("input").check()
    await expect(page.locator(".all-said")).to_be_visible()
    await page.locator(".notes textarea, .desk-work textarea").first.fill("asks about the renewal")
    await page.locator(".call-who h1").click()
    await page.keyboard.press("k")
    await page.locator(".keypad-key", has_text="7").click()
    await expect(page.locator(".keypad-sent")).to_have_text("7")
    await page.keyboard.press("Escape")

    await page.reload()
    await page.locator(".phone-live").wait_for(timeout=SOON_MS)
    await expect(page.locator(".all-said")).to_be_visible()
    await expect(page.locator(".desk-work textarea").first).to_have_value("asks about the renewal")
    assert await _talking(product, page) == attempt, "the reload lost the call"

    await page.keyboard.press("b")
    dialog = page.get_by_role("dialog")
    closed = dialog.locator(".callback-slot-closed").first
    await closed.focus()
    await expect(dialog.locator(".callback-why")).to_contain_text("Why not")
    await dialog.locator(".callback-slot:not(.callback-slot-closed)").last.click()
    await dialog.get_by_role("button", name="Agree on").click()
    await expect(page.locator(".strip-good")).to_contain_text("Callback agreed")
    await page.keyboard.press("e")
    await _dispose(page, "Callback agreed")
    store = product.floor.core.store
    promised = store.read_now(
        lambda tx: tx.all("SELECT id FROM lead WHERE promised_from_us IS NOT NULL AND state = 'queued'")
    )
    assert len(promised) == 1


async def _dispose(page: Page, words: str) -> None:
    await page.locator(".wrap").wait_for(timeout=SOON_MS)
    await page.locator(".wrap-key", has_text=words).click()


async def _the_second_refuses(product: Product, page: Page) -> None:
    """By hot key: at once, for ever, and the pause that was planned in the call comes after it."""
    attempt = await _talking(product, page)
    await _pause(page, "Break")
    await page.keyboard.press("Control+Alt+KeyR")
    await page.locator(".refusal-done").wait_for(timeout=SOON_MS)
    store = product.floor.core.store
    leaves = store.read_now(
        lambda tx: tx.all("SELECT type FROM leaf WHERE attempt_id = :a ORDER BY seq", a=attempt)
    )
    assert "dnc.added" in {row.type for row in leaves}, leaves
    # the pause may still be on its way: the key waits its turn
    await page.keyboard.press("e")
    # the refusal is the talk's result: nothing is left to choose, and the pause begins at once
    await expect(page.locator(".idle-paused")).to_be_visible(timeout=CALLED_MS)
    await expect(page.locator(".desk-status-state")).to_contain_text("Break")
    calls, talk_time = page.locator(".desk-today dd").nth(0), page.locator(".desk-today dd").nth(1)
    await expect(calls).to_have_text("2")
    await expect(talk_time).not_to_have_text(re.compile("^0?0:00$"))
    await page.locator(".idle-go").click()


async def _the_headset_is_pulled_out(product: Product, page: Page, attempt: AttemptId) -> None:
    """The desk says so at once; the next microphone that is plugged in is heard, and the call goes on."""
    await page.evaluate("unplugHeadset()")
    await expect(page.locator(".strip-attention")).to_contain_text("Your headset is unplugged")
    await product.level_db(attempt, "agent", AGENT_HZ, 1.0)
    assert await product.level_db(attempt, "agent", AGENT_HZ) < SILENT_DB
    await page.evaluate("plugHeadset()")
    await expect(page.locator(".strip-note")).to_contain_text("They hear you through")
    await product.level_db(attempt, "agent", AGENT_HZ, 1.0)
    assert await product.level_db(attempt, "agent", AGENT_HZ) > HEARD_DB
    assert _agent(product).attempt_id == attempt


async def _the_third_is_handed_over(product: Product, page: Page) -> None:
    """Mute and hold by key, the headset unplugged and back, then a colleague takes the talk; the agent is free at once."""
    attempt = await _talking(product, page)
    await page.keyboard.press("m")
    await page.locator(".strip-note").wait_for()
    await page.keyboard.press("m")
    await page.keyboard.press("h")
    await until(lambda: _agent(product).held_since is not None)
    # the same key again counts once its first press is done
    back = page.get_by_role("button", name="Take back")
    await expect(back).not_to_have_class(re.compile("loading"))
    await page.keyboard.press("h")
    await until(lambda: _agent(product).held_since is None)
    await _the_headset_is_pulled_out(product, page, AttemptId(attempt))
    colleague = await product.seat_machine(1)
    await page.keyboard.press("t")
    await page.locator(".colleagues button").first.click()
    await until(lambda: _agent(product, colleague).place is Place.TALKING)
    assert _agent(product).attempt_id is None
    desk = product.floor.desk
    held = _agent(product, colleague).attempt_id
    assert held is not None
    assert str(held) == attempt
    await desk.hang_up(colleague, held)
    await until(lambda: _agent(product, colleague).place is Place.WRAPPING)
    await desk.dispose(colleague, held, "handled", None)
    await page.locator(".idle").wait_for()
