"""Talks through the whole product, from the console: real Asterisk, real browsers, who hears whom by each one's own tone.

The agent's microphone speaks 880 Hz, the supervisor's 1,320 Hz, a colleague's 660 Hz; a callee speaks 440 Hz, or says
again what they hear, so that the recording's callee leg shows what came to their ear.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from playwright.async_api import Page, expect

from dialer.demo.sample_leads import number_of
from dialer.demo.sample_organisation import ORG
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.ports.exchange import Ear
from dialer.services.seats import Agent, Place
from dialer.storage.moves import read_attempt
from dialer.telephony.carrier_behaviour import Behaviour
from dialer.telephony.instance_settings import LOOPBACK
from tests.acceptance.browser.browsing import DESK_SIZE, WIDE, check_audio, chromium, log_in_as, visiting
from tests.acceptance.whole_product import (
    CALLEE_HZ,
    ECHOES,
    LONG_TALKS,
    MACHINE_HZ,
    Product,
    tone_db,
    until,
    whole_product,
    write_tone,
)

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

AGENT, AGENT_HZ, SUPERVISOR_HZ = UserId("user-agent"), 880, 1320
HEARD_DB, SILENT_DB = -45.0, -65.0
LOOKS_MAX = 4
GIVEN_UP_SECONDS = 7
"""Longer than the exchange's patience with the phone that a reload leaves behind."""


@dataclass(frozen=True)
class Talk:
    """An agent in a browser, in a call."""

    product: Product
    page: Page
    attempt_id: AttemptId

    def agent(self, user: UserId = AGENT) -> Agent:
        found = self.product.floor.seats.of_user(user)
        assert found is not None
        return found

    async def callee_hears(self, hz: int) -> bool:
        """Whether that tone comes to the callee's ear from now on. On a busy machine files lag: neither is asked again."""
        for _ in range(LOOKS_MAX):
            first, second = await self.hears("callee", hz), await self.hears("callee", hz)
            if min(first, second) > HEARD_DB or max(first, second) < SILENT_DB:
                break
        assert min(first, second) > HEARD_DB or max(first, second) < SILENT_DB, "neither heard nor silent"
        return second > HEARD_DB

    async def hears(self, leg: str, hz: int) -> float:
        """How loud that tone is in that leg from now on; printed, for whoever moves the bounds."""
        level = await self.product.level_db(self.attempt_id, leg, hz)
        print(f"{leg} {hz} Hz: {level:.0f} dB")
        return level

    async def state(self) -> str:
        store = self.product.floor.core.store
        return str((await store.read(lambda tx: read_attempt(tx, self.attempt_id))).state)

    async def leaves(self) -> list[str]:
        store = self.product.floor.core.store
        rows = await store.read(
            lambda tx: tx.all("SELECT type FROM leaf WHERE attempt_id = :a ORDER BY seq", a=self.attempt_id)
        )
        return [row.type for row in rows]

    async def end(self) -> None:
        """Hang up and say what came of it."""
        await self.page.keyboard.press("e")
        await self.page.locator(".wrap").wait_for()
        await self.page.keyboard.press("2")
        await self.page.locator(".idle").wait_for()


@asynccontextmanager
async def talking(
    tmp_path: Path,
    ending: int,
    behaviours: tuple[Behaviour, ...] = LONG_TALKS,
    microphone: Path | None = None,
    before: str = "",
    settings: str = "",
    media_address: str = LOOPBACK,
) -> AsyncIterator[Talk]:
    """The agent has logged in, checked the audio, gone ready, and has somebody on the line.

    `microphone`: what the agent's plays again and again; None: the agent's tone. `before`: a script of the test that
    runs before the page's own. `settings`: what else stands in the product's settings file.
    `media_address`: where the exchange takes the browser's audio.
    """
    played = microphone or write_tone(tmp_path / "agent.wav", AGENT_HZ)
    home = Path("/tmp") / f"xt{tmp_path.stat().st_ino % 1_000_000}"
    async with AsyncExitStack() as stack:
        product = await stack.enter_async_context(
            whole_product(
                home, frozenset({ending}), behaviours, settings=settings, media_address=media_address
            )
        )
        browser = await stack.enter_async_context(chromium(played))
        seen = await stack.enter_async_context(visiting(browser, product.url, size=DESK_SIZE))
        await seen.page.add_init_script(before)
        login = product.login("agent")
        await log_in_as(seen.page, login.login, login.password)
        await check_audio(seen.page)
        await seen.page.locator(".phone-waiting").wait_for(timeout=20_000)
        await seen.page.locator(".idle-go").click()
        await seen.page.locator(".call").wait_for(timeout=20_000)
        seats = product.floor.seats
        await until(lambda: (a := seats.of_user(AGENT)) is not None and a.place is Place.TALKING)
        agent = seats.of_user(AGENT)
        assert agent is not None
        assert agent.attempt_id is not None
        await asyncio.sleep(1)
        yield Talk(product, seen.page, agent.attempt_id)


async def test_after_a_reload_in_the_talk_both_hear_each_other_and_the_call_goes_on(
    tmp_path: Path, built_console: Path
) -> None:
    del built_console
    async with talking(tmp_path, 0) as talk:
        assert await talk.hears("agent", AGENT_HZ) > HEARD_DB
        before = talk.agent().seat_id
        await talk.page.reload()
        await talk.page.locator(".phone-live").wait_for(timeout=10_000)
        await talk.page.locator(".call").wait_for()
        await asyncio.sleep(GIVEN_UP_SECONDS)
        assert (talk.agent().place, talk.agent().attempt_id) == (Place.TALKING, talk.attempt_id)
        assert (talk.agent().seat_id, talk.agent().leg_up) == (before, True)
        assert await talk.state() == "connected"
        assert await talk.hears("agent", AGENT_HZ) > HEARD_DB, "the callee hears the agent"
        assert await talk.hears("callee", CALLEE_HZ) > HEARD_DB, "the callee's words go on"
        assert await talk.page.locator(".strip-attention").count() == 0, "the desk hears no callee"
        await talk.end()
        assert "attempt.abandoned" not in await talk.leaves()


async def test_the_server_starts_again_in_the_talk_and_the_desk_comes_back_to_the_same_call(
    tmp_path: Path, built_console: Path
) -> None:
    del built_console
    async with talking(tmp_path, 2) as talk:
        assert await talk.hears("agent", AGENT_HZ) > HEARD_DB
        await talk.product.stop_dialer()
        behind = talk.page.locator(".banner:has(.anticon-disconnect)")
        await behind.wait_for(timeout=30_000)
        assert await talk.page.locator(".call").count() == 1, "the person stays on the screen"
        await talk.product.start_dialer()
        await until(lambda: (a := talk.product.floor.seats.of_user(AGENT)) is not None and a.leg_up, 60)
        await expect(behind).to_have_count(0, timeout=30_000)
        await talk.page.locator(".phone-live").wait_for(timeout=30_000)
        assert (talk.agent().place, talk.agent().attempt_id) == (Place.TALKING, talk.attempt_id)
        assert await talk.state() == "connected"
        assert await talk.hears("agent", AGENT_HZ) > HEARD_DB, "the callee hears the agent"
        assert await talk.hears("callee", CALLEE_HZ) > HEARD_DB, "the callee's words go on"
        await talk.end()
        assert "attempt.abandoned" not in await talk.leaves()
        assert talk.product.trio.carrier_settings.journal.read_text().count("event=INVITE") == 1


async def test_hold_mute_a_conference_and_a_transfer_from_the_console_are_heard_as_they_should(
    tmp_path: Path, built_console: Path
) -> None:
    del built_console
    async with talking(tmp_path, 1, ECHOES) as talk:
        await talk.page.keyboard.press("m")
        await talk.page.locator(".strip-note").wait_for()
        assert not await talk.callee_hears(AGENT_HZ)
        await talk.page.keyboard.press("m")
        assert await talk.callee_hears(AGENT_HZ)
        await talk.page.keyboard.press("h")
        await until(lambda: talk.agent().held_since is not None)
        assert not await talk.callee_hears(AGENT_HZ), "music, not the agent"
        await talk.page.keyboard.press("h")
        await until(lambda: talk.agent().held_since is None)
        assert await talk.callee_hears(AGENT_HZ)
        await _conference(talk, tmp_path)
        await _transfer(talk)
        assert {"talk.held", "talk.resumed", "talk.listened", "talk.listening_ended"} <= set(
            await talk.leaves()
        )
        await _the_recording_has_everybody(talk)


async def _conference(talk: Talk, tmp_path: Path) -> None:
    """A supervisor whispers to the agent alone, and then joins: now the callee hears both."""
    async with (
        chromium(write_tone(tmp_path / "supervisor.wav", SUPERVISOR_HZ)) as browser,
        visiting(browser, talk.product.url, size=WIDE) as seen,
    ):
        login = talk.product.login("supervisor")
        await log_in_as(seen.page, login.login, login.password)
        for ear, place in ((Ear.WHISPER, 1), (Ear.BARGE, 2)):
            await seen.page.locator(".floor-agents button[aria-haspopup=menu]").first.click()
            await seen.page.locator(".ant-dropdown-menu-item").nth(place).click()
            await seen.page.locator(".listening-bar").wait_for()
            await until(lambda: bool(talk.product.floor.listening._ears), 10)
            await asyncio.sleep(2)
            assert await talk.callee_hears(SUPERVISOR_HZ) is (ear is Ear.BARGE)
            assert await talk.callee_hears(AGENT_HZ)
            await seen.page.locator(".listening-bar button").click()
            await expect(seen.page.locator(".listening-bar")).to_have_count(0)
        assert not await talk.callee_hears(SUPERVISOR_HZ)
    assert talk.agent().place is Place.TALKING


async def _transfer(talk: Talk) -> None:
    """A colleague takes the talk over; the agent is free at once."""
    colleague = await talk.product.seat_machine(1)
    await talk.page.keyboard.press("t")
    await talk.page.locator(".colleagues button").first.click()
    await until(lambda: talk.agent(colleague).place is Place.TALKING)
    assert talk.agent(colleague).attempt_id == talk.attempt_id
    assert talk.agent().attempt_id is None
    assert await talk.callee_hears(MACHINE_HZ)
    assert not await talk.callee_hears(AGENT_HZ)
    await talk.product.floor.desk.hang_up(colleague, talk.attempt_id)
    await until(lambda: talk.agent(colleague).place is Place.WRAPPING)
    await talk.product.floor.desk.dispose(colleague, talk.attempt_id, "handled", None)
    journal = talk.product.trio.carrier_settings.journal.read_text()
    assert journal.count("event=INVITE") == 1
    assert number_of(1).removeprefix("+") in journal


async def _the_recording_has_everybody(talk: Talk) -> None:
    """Sealed: its agent's side holds the agent, who joined, and the colleague; whispered words are nobody's evidence."""
    core = talk.product.floor.core
    for _ in range(300):
        if await talk.state() == "sealed":
            break
        await asyncio.sleep(0.1)
    sealed = await core.bundles.parts.recording(OrganisationId(ORG), talk.attempt_id)
    assert sealed is not None
    flac = await core.vault.open(sealed.path, sealed.key, sealed.ct_sha256)
    sound, rate = sf.read(io.BytesIO(flac), dtype="int16")
    for hz in (AGENT_HZ, SUPERVISOR_HZ, MACHINE_HZ):
        assert tone_db(sound[:, 1].astype(np.float64), rate, hz) > HEARD_DB, hz
    assert list(talk.product.stage.settings.folders.spool.glob("*.wav")) == []
