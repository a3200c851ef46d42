"""What an agent may not say (D28), by sound: a voice into the agent's microphone, through the browser, real Asterisk and
the bundled recogniser, onto the agent's desk, the supervisor's floor and the log, while the call goes on."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import expect

from dialer.demo.sample_organisation import ORG
from dialer.domain.ids import OrganisationId
from dialer.evidence.checks import verify_bundle
from dialer.evidence.sound import sound_decoder
from dialer.processes.speech import listened_for
from dialer.speech.keyword_spotter import open_pocketsphinx
from tests.acceptance.browser.browsing import WIDE, chromium, log_in_as, visiting
from tests.acceptance.browser.test_talk_on_the_product import Talk, talking

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

ALLOWED = "You asked us to call you back about the renewal."
FORBIDDEN = "Our product gives you guaranteed returns."
HEARD = "guaranteed returns"
LOOKS_SECONDS_MAX = 60
"""The microphone says it anew every few seconds: a busy machine may miss one."""


def voice(folder: Path, *sentences: str) -> Path:
    """A microphone into which somebody says these, with pauses, again and again."""
    pieces = []
    for place, text in enumerate(sentences):
        raw, piece = folder / f"raw-{place}.wav", folder / f"piece-{place}.wav"
        subprocess.run(["flite", "-voice", "rms", "-t", text, "-o", raw], check=True)
        loud = ["norm", "-6", "pad", "0.8", "1.6"]
        subprocess.run(["sox", raw, "-r", "48000", "-c", "1", "-b", "16", piece, *loud], check=True)
        pieces.append(piece)
    spoken = folder / "microphone.wav"
    subprocess.run(["sox", *pieces, spoken], check=True)
    return spoken


async def bundle_of(talk: Talk) -> bytes:
    """The talk's evidence, once it is sealed."""
    core = talk.product.floor.core
    async with asyncio.timeout(60):
        while await talk.state() != "sealed":  # noqa: ASYNC110 - the vault's work
            await asyncio.sleep(0.2)
    data = await core.bundles.build(OrganisationId(ORG), talk.attempt_id)
    assert data is not None
    return data


def words_in(bundle: bytes) -> list[dict[str, object]]:
    """What the bundle discloses of each time that words were heard."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as parts:
        opened = json.loads(parts.read("opened.json"))
    shown = ({i["name"]: i["value"] for i in leaf["payload"]["items"]} for leaf in opened["opened"])
    return [said for said in shown if "words" in said]


@pytest.mark.rule("D28")
async def test_what_an_agent_may_not_say_is_heard_and_shown_to_agent_and_supervisor_in_the_talk(
    tmp_path: Path, built_console: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del built_console
    monkeypatch.setattr("dialer.demo.stage.AGENTS_HEARD", "on")
    spoken = voice(tmp_path, ALLOWED, FORBIDDEN)
    async with talking(tmp_path, 0, microphone=spoken) as talk:
        warned = talk.page.locator(".heard-note")
        await warned.wait_for(timeout=LOOKS_SECONDS_MAX * 1000)
        await expect(warned).to_contain_text(HEARD)
        await talk.page.screenshot(path=tmp_path / "desk.png")
        async with chromium() as browser, visiting(browser, talk.product.url, size=WIDE) as seen:
            login = talk.product.login("supervisor")
            await log_in_as(seen.page, login.login, login.password)
            await seen.page.locator(".needs-help .agent-alert").wait_for()
            await seen.page.screenshot(path=tmp_path / "floor.png")
        assert await talk.state() == "connected", "the call goes on"
        await talk.end()
        core = talk.product.floor.core
        bundle = await bundle_of(talk)
        assert verify_bundle(bundle, core.bundles.trust, sound_decoder()).exit_code == 0
        said = words_in(bundle)
    assert ("agent", "claim.finance", "warn", HEARD) in {
        (w["side"], w["class"], w["action"], w["words"]) for w in said
    }
    model = open_pocketsphinx(None, "en", listened_for()["en"]).model_sha256
    assert {(w["recogniser"], w["trust"], w["model_sha256"]) for w in said} == {
        ("pocketsphinx", "hint", model)
    }
    for words in said:
        assert 0 < int(str(words["to_ms"])) - int(str(words["from_ms"])) < 3_000
