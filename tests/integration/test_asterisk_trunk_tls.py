"""A trunk over TLS with SRTP, on real Asterisk at both ends: encrypted as a whole, or there is no call."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.telephony.carrier_behaviour import CarrierTls
from dialer.telephony.install import AsteriskProgram
from dialer.telephony.instance import Instance
from dialer.telephony.prompts import make_prompts
from dialer.telephony.trunk_profile import TrunkLogin, TrunkMedia, TrunkProfile, TrunkTransport
from tests.integration.asterisk_authority import make_authority
from tests.integration.asterisk_fixtures import (
    World,
    close_world,
    number_ending,
    open_world,
    until,
)
from tests.integration.asterisk_prompts import TEST_PROMPTS
from tests.integration.test_asterisk_talk import call_callee, hang_up, leg, level_db

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]
CALLEE_HZ, AGENT_HZ = 440, 660


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def encrypted(asterisk_program: AsteriskProgram) -> AsyncIterator[World]:
    """A world whose carrier takes TLS and SRTP only, and whose egress believes one authority."""
    root = Path(tempfile.mkdtemp(prefix="tls-"))
    make_prompts(TEST_PROMPTS, root / "prompts")
    profile = TrunkProfile(
        login=TrunkLogin.REGISTER,
        transport=TrunkTransport.TLS,
        ca=root / "ca" / "ca.pem",
        media=TrunkMedia.SRTP,
    )
    opened = await open_world(asterisk_program, root, root / "prompts", profile)
    yield opened
    await close_world(opened)
    shutil.rmtree(root, ignore_errors=True)


async def _fails(world: World) -> None:
    """A call under a good permit that the carrier never answers."""
    answered = sum(record.event == "200" for record in world.journal())
    token = world.gate.permit(number_ending("01"), ring_seconds=5)
    await world.originate(token, f"tls-{token[2:14]}")
    outcome = await world.gate.outcome_of(token, seconds_max=60)
    assert outcome["dialstatus"] != "ANSWER", outcome
    assert sum(record.event == "200" for record in world.journal()) == answered


async def _talks(world: World) -> None:
    """The positive control: a call that is answered, encrypted at the carrier, and heard here."""
    attempt = await call_callee(world, "01", "PATIENCE_MS=8000")
    await until(lambda: (world.pbx_settings.recordings / f"{attempt}-callee.wav").exists())
    await until(lambda: _seconds(world, attempt) > 1.5)
    await hang_up(world, attempt)
    heard = leg(world, attempt, "callee")[4_000:12_000]
    assert level_db(heard, CALLEE_HZ) - level_db(heard, AGENT_HZ) >= 30
    # At the end both sides have agreed on what they speak; when the carrier says 200 they have not.
    await until(lambda: world.journal()[-1].event == "END")
    assert world.journal()[-1].is_encrypted, world.carrier_settings.journal.read_text().splitlines()[-1]


def _seconds(world: World, attempt: str) -> float:
    file = world.pbx_settings.recordings / f"{attempt}-callee.wav"
    return file.stat().st_size / 16_000


async def test_the_egress_registers_and_a_call_goes_through_encrypted_from_end_to_end(
    encrypted: World,
) -> None:
    said = ""
    for _ in range(100):
        said = await encrypted.egress.rx("pjsip show registrations")
        if "Registered" in said:
            break
        await asyncio.sleep(0.1)
    assert "Registered" in said
    await _talks(encrypted)


async def test_a_carrier_whose_certificate_another_authority_signed_gets_no_call(
    encrypted: World, asterisk_program: AsteriskProgram
) -> None:
    carrier, settings = encrypted.carrier, encrypted.carrier_settings
    assert settings.tls is not None
    stranger = make_authority(encrypted.root / "stranger").issue("carrier")
    try:
        await carrier.stop()
        impostor = replace(settings, tls=CarrierTls(settings.tls.port, *stranger))
        encrypted.carrier = Instance(asterisk_program, impostor)
        await encrypted.carrier.start()
        before = encrypted.invites()
        await _fails(encrypted)
        assert encrypted.invites() == before
    finally:
        await encrypted.carrier.stop()
        encrypted.carrier = Instance(asterisk_program, settings)
        await encrypted.carrier.start()
    await _talks(encrypted)


async def test_audio_that_is_not_encrypted_is_taken_by_nobody(
    encrypted: World, asterisk_program: AsteriskProgram
) -> None:
    settings = encrypted.egress_settings
    plain = replace(settings, trunk=settings.trunk.model_copy(update={"media": TrunkMedia.PLAIN}))
    try:
        await encrypted.egress.stop()
        encrypted.egress = Instance(asterisk_program, plain)
        await encrypted.egress.start()
        await _fails(encrypted)
    finally:
        await encrypted.egress.stop()
        encrypted.egress = Instance(asterisk_program, settings)
        await encrypted.egress.start()
    await _talks(encrypted)
