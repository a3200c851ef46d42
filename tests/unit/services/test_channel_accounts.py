"""Every call that the exchange has is matched with the log: one that it doesn't know stops dialling."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialer.domain.ids import AttemptId
from dialer.services.channel_accounts import ChannelAccounts
from dialer.storage.stops import StoredStops
from tests.unit.services.talk_world import FIRST, SmallFloor, small_floor, until
from tests.unit.storage.storage_world import number_of


def accounts(floor: SmallFloor) -> ChannelAccounts:
    """The look at this floor's exchange."""
    return ChannelAccounts(floor.exchange, floor.world.calls, StoredStops(floor.world.store, floor.world.log))


def codes(floor: SmallFloor) -> list[str]:
    """Stops in force."""
    return [r.code for r in floor.world.all("SELECT code FROM dialling_stop WHERE lifted_us IS NULL")]


async def foreign_call(floor: SmallFloor, channel_id: str) -> None:
    """Somebody with the manager's password places a call of their own with a stolen yes."""
    pair = next(iter(floor.exchange._pairs.values()))
    permit = await floor.world.permit(await floor.world.lead(30))
    headers = [
        ("Channel", f"PJSIP/{permit.token}@egress"),
        ("ChannelId", channel_id),
        ("Context", "callee"),
        ("Exten", "s"),
        ("Priority", "1"),
        ("Async", "true"),
    ]
    await pair.link.request("Originate", headers)
    await until(lambda: len(floor.sim.egress_legs()) == 1)


async def test_calls_that_the_log_knows_are_no_incident(tmp_path: Path) -> None:
    async with small_floor(tmp_path) as floor:
        await floor.ready(FIRST)
        await floor.talk()
        look = accounts(floor)
        assert [await look.look() for _ in range(3)] == [0, 0, 0]
        assert codes(floor) == []


@pytest.mark.parametrize("channel_id", ["f" * 32, "1700000000.7"])
async def test_a_call_that_the_log_does_not_know_stops_dialling_in_the_second_look(
    tmp_path: Path, channel_id: str
) -> None:
    async with small_floor(tmp_path) as floor:
        await foreign_call(floor, channel_id)
        look = accounts(floor)
        assert await look.look() == 0
        assert await look.look() == 1
        assert await look.look() == 0, "once"
        assert codes(floor) == ["call.unaccounted"]
        assert number_of(30) not in "".join(
            str(r.body) for r in floor.world.all("SELECT body FROM leaf WHERE type = 'incident.opened'")
        )


async def test_a_channel_that_outlives_its_attempt_is_an_incident_and_one_that_is_ending_is_not(
    tmp_path: Path,
) -> None:
    async with small_floor(tmp_path) as floor:
        await floor.ready(FIRST)
        attempt = await floor.talk()
        look = accounts(floor)
        floor.world.run("UPDATE attempt SET state = 'sealed' WHERE id = :id", id=attempt)
        assert await look.look() == 0
        await floor.exchange.hang_up(AttemptId(attempt))
        await until(lambda: floor.sim.callees() == ())
        assert await look.look() == 0
        floor.world.run("UPDATE attempt SET state = 'connected' WHERE id = :id", id=attempt)
        another = await floor.talk(FIRST, 1)
        floor.world.run("UPDATE attempt SET state = 'sealed' WHERE id = :id", id=another)
        assert [await look.look(), await look.look()] == [0, 1], "control"
