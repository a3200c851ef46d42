"""An egress that started again after its yes may have left a carrier leg behind: the number is held (rule 10)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dialer.domain.errors import EgressUnavailable
from dialer.domain.ids import AttemptId
from dialer.processes.gate import UNSEEN, EgressLegs
from dialer.settings import Egress
from tests.unit.storage.storage_world import World, fresh_sqlite

LIMITS_SECONDS = 30 + 7200 + 10
"""Ring, talk and spare of the shipped packs."""


@asynccontextmanager
async def egress_says(folder: Path, answers: dict[str, Callable[[], str]]) -> AsyncIterator[Path]:
    """A control socket that speaks as Asterisk's does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"host/1/22\n")
        asked = (await reader.readuntil(b"\x00"))[:-1].decode().removeprefix("cli quit after ")
        writer.write(answers[asked]().encode())
        await writer.drain()
        writer.close()

    path = folder / "a.ctl"
    server = await asyncio.start_unix_server(serve, str(path))
    try:
        yield path
    finally:
        server.close()
        await server.wait_closed()


def _answers(uptime: str, channels: str = "") -> dict[str, Callable[[], str]]:
    return {
        "core show uptime seconds": lambda: uptime,
        "core show channels concise": lambda: channels,
    }


async def _consumed(world: World) -> AttemptId:
    return (await world.placed(await world.lead(1), "egress-1")).attempt_id


def _up(seconds: int) -> str:
    return f"System uptime: {seconds}\nLast reload: {seconds}\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


async def test_an_egress_that_ran_all_the_while_is_believed_that_it_has_no_leg(
    world: World, tmp_path: Path
) -> None:
    attempt = await _consumed(world)
    world.wind(60)
    async with egress_says(tmp_path, _answers(_up(3600))) as control:
        assert (
            await EgressLegs(world.store, [Egress(name="egress", control=control)], world.unseal).legs(
                attempt
            )
            == ()
        )


async def test_an_egress_that_started_after_the_yes_may_have_left_a_leg_until_the_limits_are_over(
    world: World, tmp_path: Path
) -> None:
    attempt = await _consumed(world)
    world.wind(60)
    async with egress_says(tmp_path, _answers(_up(20))) as control:
        legs = EgressLegs(world.store, [Egress(name="egress", control=control)], world.unseal)
        (leg,) = await legs.legs(attempt)
        assert (leg.attempt_id, leg.state) == (attempt, UNSEEN)
        world.wind(LIMITS_SECONDS - 62)
        assert len(await legs.legs(attempt)) == 1
        world.wind(4)
        assert await legs.legs(attempt) == ()


async def test_a_report_or_a_permit_that_nobody_consumed_needs_no_holding(
    world: World, tmp_path: Path
) -> None:
    issued = await world.permit(await world.lead(2))
    consumed = await world.placed(await world.lead(3), "egress-3")
    world.wind(5)
    async with egress_says(tmp_path, _answers(_up(1))) as control:
        legs = EgressLegs(world.store, [Egress(name="egress", control=control)], world.unseal)
        assert await legs.legs(issued.attempt_id) == ()
        assert len(await legs.legs(consumed.attempt_id)) == 1
        assert await world.report(consumed.token, "egress-3")
        assert await legs.legs(consumed.attempt_id) == ()


@pytest.mark.parametrize("words", ["", "No such command", "System uptime: soon"])
async def test_an_egress_that_does_not_say_since_when_it_runs_is_not_an_answer(
    world: World, tmp_path: Path, words: str
) -> None:
    attempt = await _consumed(world)
    async with egress_says(tmp_path, _answers(words)) as control:
        with pytest.raises(EgressUnavailable):
            await EgressLegs(world.store, [Egress(name="egress", control=control)], world.unseal).legs(
                attempt
            )


async def test_nobody_at_the_control_socket_is_not_an_answer_either(world: World, tmp_path: Path) -> None:
    attempt = await _consumed(world)
    with pytest.raises(EgressUnavailable):
        await EgressLegs(
            world.store, [Egress(name="egress", control=tmp_path / "nobody.ctl")], world.unseal
        ).legs(attempt)
