"""The browser's own phone on a real exchange: it registers, answers its seat's leg by itself, and both sides hear."""

from __future__ import annotations

import array
import asyncio
import math
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from dialer.calls.events import CalleeAbandoned, CalleeAnswered, CalleeJoined, CalleeLeft, SeatUp
from dialer.domain.ids import AttemptId
from dialer.services.views.session import Role
from dialer.telephony.link import LinkSettings
from tests.acceptance.browser.browsing import DESK_SIZE, check_audio, log_in, visiting
from tests.acceptance.browser.exchange_desk import SEAT, ExchangeDesk
from tests.acceptance.browser.stage import staged
from tests.contract.telephony_worlds import TALKS, TelephonyWorld, asterisk_world
from tests.integration.asterisk_fixtures import World, until

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

SILENCE_RMS = 40.0
TALK_SECONDS = 5


def rms(path: Path) -> float:
    """Root mean square of the second half of a mono recording, in 16-bit steps: what came first was before the key."""
    with wave.open(str(path)) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
    samples = samples[len(samples) // 2 :]
    return math.sqrt(sum(s * s for s in samples) / max(1, len(samples)))


async def phone_says(page: Page, state: str) -> None:
    """Wait until the desk shows that state of the phone."""
    await page.locator(f".phone-{state}").wait_for(timeout=10_000)


@dataclass(frozen=True)
class Talk:
    """A desk that is in a call with a callee who speaks, on a real exchange."""

    exchange: TelephonyWorld
    page: Page
    attempt_id: AttemptId
    complaints: list[str]

    async def leave(self) -> None:
        """The callee is hung up; the seat's leg stays."""
        await self.exchange.telephony.hang_up(self.attempt_id)
        await self.exchange.first(CalleeLeft, self.attempt_id)
        await phone_says(self.page, "live")


@asynccontextmanager
async def talking(browser: Browser, world: World, folder: Path) -> AsyncIterator[Talk]:
    """Log in, check the audio, go ready, and be connected with a callee."""
    exchange_ws_url = f"ws://127.0.0.1:{world.pbx_settings.http_port}/ws"
    async with (
        asterisk_world(world) as exchange,
        staged(
            folder,
            make_desk=lambda clock, changes: ExchangeDesk(clock, changes, exchange.telephony),
            exchange_ws_url=exchange_ws_url,
        ) as stage,
        visiting(browser, stage.url, size=DESK_SIZE) as seen,
    ):
        page = seen.page
        await log_in(page, Role.AGENT)
        await check_audio(page)
        await phone_says(page, "waiting")
        await page.locator(".idle-go").click()
        await exchange.first(SeatUp, SEAT)
        await phone_says(page, "live")
        permit = exchange.permit(TALKS)
        await exchange.telephony.originate(permit)
        await exchange.first(CalleeAnswered, permit.attempt_id)
        await exchange.telephony.connect(permit.attempt_id, SEAT)
        await exchange.first(CalleeJoined, permit.attempt_id)
        stage.ring()
        desk = stage.desk
        assert isinstance(desk, ExchangeDesk)
        desk.talks_on(permit.attempt_id, lambda: seats_up(exchange))
        await page.locator(".call").wait_for()
        yield Talk(exchange, page, permit.attempt_id, seen.complaints)
        await exchange.telephony.release_seat(SEAT)


async def seats_up(exchange: TelephonyWorld) -> None:
    """Wait for one more leg of the seat than there was."""
    before = len(exchange.all(SeatUp, SEAT))
    await until(lambda: len(exchange.all(SeatUp, SEAT)) > before)


def legs_of(world: World, attempt_id: AttemptId) -> dict[str, float]:
    """How loud each leg of the recording is."""
    spool = world.pbx_settings.recordings
    return {leg: rms(spool / f"{attempt_id}-{leg}.wav") for leg in ("callee", "agent")}


async def test_a_browser_answers_its_seat_and_talks_with_a_callee(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    async with talking(browser, world, tmp_path) as talk:
        await asyncio.sleep(TALK_SECONDS)
        assert await talk.page.locator(".strip-attention").count() == 0, "the desk complains about its sound"
        await talk.leave()
        assert talk.complaints == []
    legs = legs_of(world, talk.attempt_id)
    assert min(legs.values()) > SILENCE_RMS, legs


async def test_a_muted_agent_is_not_heard_and_the_desk_says_so(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    async with talking(browser, world, tmp_path) as talk:
        await talk.page.keyboard.press("m")
        await talk.page.locator(".strip-note").wait_for()
        await asyncio.sleep(TALK_SECONDS)
        await talk.leave()
    legs = legs_of(world, talk.attempt_id)
    assert legs["callee"] > SILENCE_RMS, legs
    assert legs["agent"] < legs["callee"] / 10, legs


async def key_sent_to_callee(link: LinkSettings, pressed: Callable[[], Awaitable[None]], key: str) -> None:
    """Wait until the exchange tells that it sent that key towards the callee; `pressed` runs once it listens."""
    reader, writer = await asyncio.open_connection(link.host, link.port)
    try:
        writer.write(f"Action: Login\r\nUsername: {link.username}\r\nSecret: {link.secret}\r\n\r\n".encode())
        async with asyncio.timeout(20):
            while b"Authentication accepted" not in await reader.readuntil(b"\r\n\r\n"):
                pass
            await pressed()
            wanted = (b"Event: DTMFEnd", f"Digit: {key}\r\n".encode(), b"Direction: Sent", b"PJSIP/egress")
            message = b""
            while not all(part in message for part in wanted):
                message = await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.close()


async def test_keys_pressed_on_the_keypad_reach_the_callee_s_line(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    async with talking(browser, world, tmp_path) as talk:

        async def press() -> None:
            await talk.page.keyboard.press("k")
            await talk.page.locator(".keypad").wait_for()
            await talk.page.locator(".keypad-key", has_text="7").click()
            await expect(talk.page.locator(".keypad-sent")).to_have_text("7")

        await key_sent_to_callee(talk.exchange.link, press, "7")
        await talk.page.keyboard.press("Escape")
        await talk.leave()


async def test_a_reload_in_the_call_brings_the_agent_back_before_the_callee_is_lost(
    browser: Browser, world: World, tmp_path: Path
) -> None:
    async with talking(browser, world, tmp_path) as talk:
        await asyncio.sleep(1)
        seats_up = len(talk.exchange.all(SeatUp, SEAT))
        await talk.page.reload()
        await phone_says(talk.page, "live")
        assert len(talk.exchange.all(SeatUp, SEAT)) > seats_up
        await asyncio.sleep(3)
        assert talk.exchange.all(CalleeAbandoned, talk.attempt_id) == [], "the callee heard the notice"
        assert talk.exchange.all(CalleeLeft, talk.attempt_id) == [], "the callee was lost"
        assert await talk.page.locator(".strip-attention").count() == 0, "the desk complains about its sound"
        await talk.leave()
