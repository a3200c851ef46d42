"""What a callee hears is the sound that a second person approved; a draft is heard by nobody."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dialer.demo.sample_organisation import ORG
from dialer.domain.ids import OrganisationId, UserId
from dialer.services.prompt_desk import PromptDesk
from dialer.services.views.prompts import PromptLanguage, PromptList, PromptPurpose
from dialer.storage.prompts import StoredPrompts
from dialer.telephony.prompt_files import PromptFiles
from tests.integration.asterisk_fixtures import World
from tests.integration.test_asterisk_talk import Samples, call_callee, leg, likeness, prompt, read
from tests.unit.storage.storage_world import World as Storage
from tests.unit.storage.storage_world import fresh_sqlite

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]
HERE = OrganisationId(ORG)
ADMINISTRATOR, AUDITOR = UserId("user-administrator"), UserId("user-auditor")


def spoken(path: Path, tones: str) -> bytes:
    """A short melody, as somebody at 16 kHz would record a saying."""
    subprocess.run(
        ["sox", "-D", "-n", "-r", "16000", "-c", "1", "-b", "16", str(path), "synth", "1.2", "sine", tones],
        check=True,
    )
    return path.read_bytes()


async def test_a_callee_hears_the_approved_upload_and_never_the_draft(world: World, tmp_path: Path) -> None:
    storage = Storage(fresh_sqlite(tmp_path))
    desk = PromptDesk(StoredPrompts(storage.store, storage.log), PromptFiles(world.pbx_settings.prompts))
    before = (world.pbx_settings.prompts / "notice-en.wav").read_bytes()
    old = prompt(world, "notice-en")
    brought = await desk.bring(
        HERE,
        ADMINISTRATOR,
        PromptPurpose.NOTICE,
        PromptLanguage.EN,
        "A rising tone.",
        spoken(tmp_path / "up.wav", "300-1500"),
    )
    assert isinstance(brought, PromptList), brought
    waiting = next(item.waiting for item in brought.items if item.name == "notice-en")
    assert waiting is not None
    new = read(world.pbx_settings.prompts / "waiting" / f"{waiting.sha256}.wav")
    try:
        first = await _heard(world, "03")
        assert (likeness(first, old) > 0.8, likeness(first, new) > 0.8) == (True, False)
        assert isinstance(await desk.approve(HERE, AUDITOR, waiting.id), PromptList)
        second = await _heard(world, "03")
        assert (likeness(second, old) > 0.8, likeness(second, new) > 0.8) == (False, True)
    finally:
        (world.pbx_settings.prompts / "notice-en.wav").write_bytes(before)
        storage.close()


async def _heard(world: World, ending: str) -> Samples:
    """What a callee hears whom nobody takes."""
    attempt = await call_callee(world, ending, "PATIENCE_MS=300", "NOTICE=notice-en")
    await world.ami.event(Event="Hangup", Uniqueid=attempt)
    return leg(world, attempt, "agent")
