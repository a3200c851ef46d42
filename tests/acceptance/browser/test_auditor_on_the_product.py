"""The auditor's desk on the whole product: real calls on real Asterisk, from the search to a proof that others verify."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from playwright.async_api import Page, expect

from dialer.demo.sample_leads import DNC_ORGANISATION, number_of
from dialer.domain.ids import AttemptId
from dialer.evidence.onefile import one_file
from dialer.services.seats import Place
from tests.acceptance.browser.browsing import WIDE, chromium, log_in_as, visiting
from tests.acceptance.whole_product import CALLEE_HZ, MACHINE_HZ, Product, tone_db, until, whole_product

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

TALKED, TALK_SECONDS, NOTICE_SECONDS = 0, 6, 4
COSIGNED_MS, VERIFIED_MS, OVER_SECONDS_MAX = 90_000, 60_000, 180
RULES_MIN, LOOKS_MIN, EXPORTS_MIN = 10, 5, 6
HEARD_DB, OTHER_LEG_DB = -45.0, 30.0


@dataclass(frozen=True)
class Desk:
    """An auditor in a browser, over one call that was made and refused in, and one that was not made."""

    product: Product
    page: Page
    made: AttemptId
    folder: Path
    complaints: list[str]

    async def rows(self, sql: str, **values: object) -> list[str]:
        store = self.product.floor.core.store
        return [str(row[0]) for row in await store.read(lambda tx: tx.all(sql, **values))]

    async def keep(self, button: str, name: str) -> Path:
        """What that button, or link, downloads."""
        async with self.page.expect_download(timeout=VERIFIED_MS) as waiting:
            await self.page.locator(".ant-btn", has_text=button).first.click()
        path = self.folder / name
        await (await waiting.value).save_as(path)
        return path

    async def verified(self, bundle: Path) -> tuple[int, int]:
        """What `dialer verify` and the one-file verifier make of it, with the installation's keys pinned."""
        alone = self.folder / "verify_evidence.py"
        alone.write_text(one_file(), encoding="utf-8")
        ends = []
        for program in (["-m", "dialer", "verify"], [str(alone)]):
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                *program,
                bundle,
                "--trust",
                self.product.stage.trust,
                stdout=asyncio.subprocess.PIPE,
            )
            said, _ = await child.communicate()
            assert child.returncode is not None
            print(said.decode()[-400:])
            ends.append(child.returncode)
        return ends[0], ends[1]


async def _talk(product: Product) -> AttemptId:
    """A call to its seal: somebody answers, talks, refuses, and is let go."""
    user = await product.seat_machine(1)
    seats = product.floor.seats

    def talks() -> bool:
        agent = seats.of_user(user)
        return agent is not None and agent.place is Place.TALKING

    await until(talks, 60)
    agent = seats.of_user(user)
    assert agent is not None
    attempt = agent.attempt_id
    assert attempt is not None
    await asyncio.sleep(TALK_SECONDS)
    desk = product.floor.desk
    await desk.refused(user, attempt)
    await asyncio.sleep(1)
    await desk.hang_up(user, attempt)
    store = product.floor.core.store

    def all_over() -> bool:
        """The call is sealed, and the other person was not called."""
        sql = "SELECT id FROM attempt WHERE id = :id AND state = 'sealed'"
        refused = "SELECT id FROM attempt WHERE state = 'refused'"
        return store.read_now(lambda tx: None not in (tx.one(sql, id=attempt), tx.one(refused)))

    await until(all_over, OVER_SECONDS_MAX)
    return attempt


@asynccontextmanager
async def auditing(tmp_path: Path) -> AsyncIterator[Desk]:
    """The product with its two calls, and the auditor logged in."""
    home = Path("/tmp") / f"xa{tmp_path.stat().st_ino % 1_000_000}"
    async with AsyncExitStack() as stack:
        product = await stack.enter_async_context(whole_product(home, frozenset({TALKED, DNC_ORGANISATION})))
        made = await _talk(product)
        browser = await stack.enter_async_context(chromium())
        seen = await stack.enter_async_context(visiting(browser, product.url, size=WIDE, locale="en-GB"))
        login = product.login("auditor")
        await log_in_as(seen.page, login.login, login.password)
        yield Desk(product, seen.page, made, tmp_path, seen.complaints)


async def test_from_the_search_to_a_proof_that_others_verify(tmp_path: Path, built_console: Path) -> None:
    del built_console
    async with auditing(tmp_path) as desk:
        await _search(desk)
        await _the_call_with_its_law(desk)
        await _the_recording(desk)
        await _verified_here_and_elsewhere(desk)
        await _two_decisions_compared(desk)
        await _a_sample_and_a_dossier(desk)
        await _a_request_of_the_person(desk)
        await _the_log(desk)
        assert desk.complaints == []


async def _search(desk: Desk) -> None:
    """By number, which stands in no address; and by the reason of a refusal."""
    page = desk.page
    rows = page.locator(".ant-table-row")
    await page.get_by_label("Search by number").fill(number_of(TALKED))
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    assert number_of(TALKED)[-10:] not in page.url
    await page.goto("/calls?code=DNC_ORGANISATION")
    await expect(rows).to_have_count(1)
    await rows.first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".objections > li")).not_to_have_count(0)
    await expect(page.locator(".verdict h1")).to_contain_text("Not called")


async def _the_call_with_its_law(desk: Desk) -> None:
    page = desk.page
    await page.goto(f"/calls/{desk.made}")
    await expect(page.locator(".step > h2")).to_have_count(7)
    # the agent was a machine, which ticks nothing: each sentence that had to be said is named
    await expect(page.locator(".script-said li.unsaid")).not_to_have_count(0)
    await expect(page.locator(".script-said li.said")).to_have_count(0)
    await expect(page.locator(".as-shown .consent-text")).not_to_be_empty()
    await page.locator(".rules .fold").click()
    assert await page.locator(".rules > ol > li").count() > RULES_MIN
    await expect(page.locator(".rules .laws li").first).to_be_visible()
    await expect(page.locator(".moment-refusal")).to_be_visible()


async def _the_recording(desk: Desk) -> None:
    """Both legs of the real recording are seen and heard, each with its own tone; the refusal's mark leads to its place."""
    page = desk.page
    wave = page.get_by_role("slider")
    await expect(wave).to_be_visible()
    await expect(page.locator(".player .strip-attention")).to_have_count(0)
    await page.locator(".wave-mark").first.click()
    assert float(await wave.get_attribute("aria-valuenow") or 0) >= 2
    await wave.focus()
    await page.keyboard.press("Home")
    await page.get_by_role("button", name="Play").click()
    await page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")
    heard = await page.request.get(f"/api/attempts/{desk.made}/recording.wav")
    sound, rate = sf.read(io.BytesIO(await heard.body()), dtype="int16")
    for leg, own, other in ((0, CALLEE_HZ, MACHINE_HZ), (1, MACHINE_HZ, CALLEE_HZ)):
        samples = sound[NOTICE_SECONDS * rate :, leg].astype(np.float64)
        level = tone_db(samples, rate, own)
        assert level > HEARD_DB
        assert level - tone_db(samples, rate, other) > OTHER_LEG_DB


async def _verified_here_and_elsewhere(desk: Desk) -> None:
    page = desk.page
    complete = page.locator(".proof-complete").first
    for _ in range(COSIGNED_MS // 1_000):
        if await complete.is_visible():
            break
        await asyncio.sleep(1)
        await page.reload()
        await page.locator(".proof-state").first.wait_for()
    await expect(complete).to_be_visible()
    await page.locator(".proof-acts").get_by_role("button", name="Verify").click()
    verdict = page.locator(".verify-verdict")
    await expect(verdict).to_contain_text("the signer is established", timeout=VERIFIED_MS)
    await expect(page.locator(".check-fail")).to_have_count(0)
    await expect(page.locator("[data-check='recording.sound']")).to_have_class("check-pass")
    whole = await desk.keep("Download bundle", "whole.zip")
    redacted = await desk.keep("Download redacted", "redacted.zip")
    assert await desk.verified(whole) == (0, 0)
    assert await desk.verified(redacted) == (0, 0)
    assert number_of(TALKED).encode() in whole.read_bytes()
    assert number_of(TALKED).encode() not in redacted.read_bytes()
    spoilt = bytearray(whole.read_bytes())
    spoilt[spoilt.index(b"fLaC") + 100] ^= 1
    (desk.folder / "spoilt.zip").write_bytes(spoilt)
    assert await desk.verified(desk.folder / "spoilt.zip") == (1, 1)


async def _two_decisions_compared(desk: Desk) -> None:
    page = desk.page
    (refused,) = await desk.rows(
        "SELECT attempt_id FROM decision WHERE outcome = 'refused' ORDER BY at_us LIMIT 1"
    )
    for attempt in (desk.made, refused):
        await page.goto(f"/calls/{attempt}")
        await page.locator(".proof-acts button[aria-pressed=false]").click()
    await page.goto("/calls")
    await page.get_by_role("button", name="Compare two decisions").click()
    await expect(page.locator(".compare-differs").first).to_be_visible()
    await expect(page.locator(".compare-head.compare-good")).to_have_count(1)
    await expect(page.locator(".compare-head.compare-stop")).to_have_count(1)


async def _a_sample_and_a_dossier(desk: Desk) -> None:
    """Two people are in it, so that nobody else has to agree."""
    page = desk.page
    await page.goto("/samples")
    await page.locator("form button[type=submit]").click()
    await page.locator(".drawn").wait_for()
    await expect(page.locator(".ant-table-row").first).to_be_visible()
    await page.goto("/dossiers")
    await page.locator(".card textarea").fill("Inspection no. 3")
    await page.locator(".card button[type=submit]").click()
    await page.locator(".ant-alert-success").wait_for()
    dossier = await desk.keep("Download", "dossier.zip")
    assert await desk.verified(dossier) == (0, 0)


async def _a_request_of_the_person(desk: Desk) -> None:
    page = desk.page
    await page.goto("/cases")
    await page.get_by_label("Phone number").fill(number_of(TALKED))
    await page.locator(".ask-form button[type=submit]").click()
    await page.locator(".ant-alert-success").wait_for()
    await expect(page.locator(".ant-table-row")).to_have_count(1)
    await page.get_by_role("button", name="Hand over a copy").click()
    await page.get_by_role("button", name="Log and show").click()
    await expect(page.locator(".own-copy")).not_to_be_empty()
    await page.keyboard.press("Escape")


async def _the_log(desk: Desk) -> None:
    page = desk.page
    await page.goto("/log")
    await expect(page.locator(".health")).to_have_count(6)
    await expect(page.get_by_role("region", name="Witness")).to_have_class("health health-good")
    # every look of this story is a leaf
    looked = await desk.rows("SELECT type FROM leaf WHERE type IN ('evidence.accessed', 'evidence.exported')")
    assert looked.count("evidence.accessed") >= LOOKS_MIN
    # verified in the browser, the whole bundle, the redacted one, the dossier and each of its two calls
    assert looked.count("evidence.exported") >= EXPORTS_MIN
