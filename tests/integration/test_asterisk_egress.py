"""The second gate on real instances: what reaches the carrier, and what doesn't."""

from __future__ import annotations

import pytest

from tests.integration.asterisk_fixtures import CALLER_ID, World, new_token, number_ending

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]


async def dial_and_count(world: World, token: str) -> int:
    """Dial a token to the end and count the INVITEs that the carrier accepted for it."""
    before = world.invites()
    attempt = f"t-{new_token()[2:14]}"
    await world.originate(token, attempt)
    await world.ami.event(Event="Hangup", Uniqueid=attempt, seconds_max=15)
    return world.invites() - before


async def dial_with_a_permit(world: World) -> int:
    """The positive control: a fresh permit, dialled to a callee who is busy."""
    return await dial_and_count(world, world.gate.permit(number_ending("20")))


async def test_a_consumed_permit_reaches_the_carrier_once_with_its_number_and_caller_id(world: World) -> None:
    token = world.gate.permit(number_ending("21"))
    assert await dial_and_count(world, token) == 1
    invite = [record for record in world.journal() if record.event == "INVITE"][-1]
    assert (invite.number, invite.caller_id) == (number_ending("21"), CALLER_ID)


async def test_an_unknown_token_reaches_nobody(world: World) -> None:
    assert await dial_with_a_permit(world) == 1
    assert await dial_and_count(world, new_token()) == 0
    assert await dial_with_a_permit(world) == 1
