"""A trunk's profile on real Asterisk: registered with the carrier, and never over its channels."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.telephony.install import AsteriskProgram
from dialer.telephony.prompts import make_prompts
from dialer.telephony.trunk_profile import TrunkLogin, TrunkProfile
from tests.integration.asterisk_fixtures import World, close_world, number_ending, open_world, until
from tests.integration.asterisk_prompts import TEST_PROMPTS

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="module")]
PROFILE = TrunkProfile(
    login=TrunkLogin.REGISTER,
    codecs=("alaw",),
    from_domain="calls.example",
    asserted_identity=True,
    channels_max=1,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def registered(asterisk_program: AsteriskProgram) -> AsyncIterator[World]:
    """A world whose trunk registers and takes one call."""
    root = Path(tempfile.mkdtemp(prefix="tr-"))
    make_prompts(TEST_PROMPTS, root / "prompts")
    opened = await open_world(asterisk_program, root, root / "prompts", PROFILE)
    yield opened
    await close_world(opened)
    shutil.rmtree(root, ignore_errors=True)


async def test_the_egress_registers_with_the_carrier(registered: World) -> None:
    said = ""
    for _ in range(100):
        said = await registered.egress.rx("pjsip show registrations")
        if "Registered" in said:
            break
        await asyncio.sleep(0.1)
    assert "Registered" in said
    assert "1" in await registered.carrier.rx("pjsip show contacts")


async def test_a_call_beyond_the_trunks_channels_is_not_placed_and_its_permit_is_not_asked_for(
    registered: World,
) -> None:
    first, second = (registered.gate.permit(number_ending("31")) for _ in range(2))
    await registered.originate(first, secrets.token_hex(16))
    await until(lambda: registered.invites() == 1)
    await registered.originate(second, secrets.token_hex(16))
    await asyncio.sleep(1.0)
    assert registered.invites() == 1
    assert registered.gate.asked == [first], "the gate was not asked, so the second permit lapses unused"
    await registered.egress.rx("channel request hangup all")
    await until(lambda: any(record.event == "END" for record in registered.journal()))
    await asyncio.sleep(0.3)
    await registered.originate(second, secrets.token_hex(16))
    await until(lambda: registered.invites() == 2)
    await registered.egress.rx("channel request hangup all")
