"""The verifier as one page: had from the console, opened from a disk, with no network and under a policy that sends nothing."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request, expect

from tests.acceptance.browser.browsing import PHONE, visiting
from tests.acceptance.browser.stage import CONSOLE, Stage
from tests.acceptance.browser.stage_trail import VECTORS

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGE = "verifier.html"


def tampered(name: str) -> bytes:
    """A bundle of the committed attacks, put together from its difference."""
    said = json.loads((VECTORS / "tampered.json").read_text())
    base = (VECTORS / said["base"]).read_bytes()
    case = next(case for case in said["cases"] if case["name"] == name)
    data = b"".join(
        base64.b64decode(step["base64"])
        if "base64" in step
        else base[step["from"] : step["from"] + step["bytes"]]
        for step in case["delta"]
    )
    assert sha256(data).hexdigest() == case["sha256"]
    return data


async def drop(page: Page, *files: Path | tuple[str, bytes]) -> None:
    """Choose files, as a person who drops them does."""
    found = [(file.name, file.read_bytes()) if isinstance(file, Path) else file for file in files]
    await page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in found]
    )


@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["desk", "phone"])
async def test_the_page_from_a_disk_verifies_what_is_whole_and_names_what_is_not(
    browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    mine = tmp_path / PAGE
    mine.write_bytes((CONSOLE / PAGE).read_bytes())
    asked: list[str] = []

    def ask(request: Request) -> None:
        asked.append(request.url)

    async with visiting(browser, mine.as_uri(), size=size) as seen:
        page = seen.page
        page.on("request", ask)
        await page.context.set_offline(True)
        await page.goto(mine.as_uri())
        await drop(page, VECTORS / "bundles" / "talked.zip")
        verdict = page.locator(".verify-verdict")
        await expect(verdict).to_contain_text("签署者未确认")
        await drop(page, VECTORS / "trust.json")
        await expect(verdict).to_contain_text("签署者已确认")
        await expect(page.locator("[data-check='recording.sound']")).to_contain_text("2000 帧")
        await page.get_by_role("button", name="English").click()
        await drop(page, ("tampered.zip", tampered("the recording swapped")))
        await expect(verdict).to_contain_text("Checks failed")
        await expect(page.locator("[data-check='recording.hash']")).to_contain_text("recording.flac")
        await drop(page, ("quiet.zip", tampered("a new VRF key kept quiet")))
        await expect(page.locator("[data-check='dnc.places']")).to_contain_text("number of VRF keys")
        await drop(page, VECTORS / "bundles" / "rotated.zip")
        await expect(verdict).to_contain_text("the signer is established")
        await drop(page, VECTORS / "dossiers" / "whole.zip")
        await expect(verdict).to_contain_text("7 checks passed; the signer is established")
        await drop(page, ("garbage.zip", b"PK\x03\x04 garbage"))
        await expect(verdict).to_contain_text("Checks failed: 1")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert seen.complaints == []
        assert {url for url in asked if not url.startswith(("data:", "blob:"))} == {mine.as_uri()}
        # the policy holds: what the page may not do, it can't, also when told to
        assert await page.evaluate("fetch('https://example.org/').then(() => 'sent', () => 'held back')") == (
            "held back"
        )


async def test_the_console_hands_the_verifiers_out_with_the_hash_of_what_comes(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    async with visiting(browser, stage.url) as seen:
        page = seen.page
        await page.goto("/verify")
        items = page.locator(".take-home li")
        await expect(items).to_have_count(2)
        for name in ("verify_evidence.py", PAGE):
            item = items.filter(has_text=name)
            async with page.expect_download() as waiting:
                await item.get_by_role("link").click()
            had = tmp_path / name
            await (await waiting.value).save_as(had)
            await expect(item).to_contain_text(sha256(had.read_bytes()).hexdigest())
        assert (tmp_path / PAGE).read_bytes() == (CONSOLE / PAGE).read_bytes()
        assert seen.complaints == []


async def test_the_page_holds_its_own_policy_and_nothing_from_elsewhere(built_console: Path) -> None:
    text = (built_console / PAGE).read_text()
    assert "default-src 'none'" in text
    assert "unsafe-inline" not in text
    head = text.split("<style", 1)[0]
    assert "src=" not in head
    assert "/assets/" not in text
