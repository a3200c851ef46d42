"""Several pairs as one exchange: load spread by health and room, one drained or lost without stopping the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from dialer.calls.events import CalleeAnswered, LinkLost, LinkUp, SeatUp
from dialer.domain.errors import ExchangeUnavailable, InstallationError
from dialer.domain.ids import AttemptId, SeatId
from dialer.telephony.exchange import Exchange
from dialer.telephony.pair import PairSettings
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import OpenDesk
from dialer.testing.exchange import SimulatedExchange, hurried
from tests.unit.telephony.telephony_stage import (
    SECRET,
    USER,
    RealClock,
    Stage,
    half,
    link_settings,
    permit_of,
    token_of,
    until,
)

SEATS = {"a": frozenset({SeatId("seat-1"), SeatId("seat-2")}), "b": frozenset({SeatId("seat-3")})}


class TwoPairs(Stage):
    """Pair a is the stage's own; pair b is here."""

    sim_b: SimulatedExchange
    server_b: AmiServer


@asynccontextmanager
async def two_pairs(channels_max: int = 10) -> AsyncIterator[TwoPairs]:
    """Two pairs that share nothing but the permit desk."""
    desk = OpenDesk({token_of(n): "+8613000000031" for n in range(50)})
    sims = {name: SimulatedExchange(desk, hurried(20)) for name in SEATS}
    async with AsyncExitStack() as stack:
        servers = {
            name: await stack.enter_async_context(AmiServer(sim, USER, SECRET)) for name, sim in sims.items()
        }
        pairs = [
            PairSettings(name, link_settings(server.port), channels_max, SEATS[name])
            for name, server in servers.items()
        ]
        exchange = Exchange(pairs, RealClock(), half)
        await exchange.start()
        stage = TwoPairs(desk, sims["a"], servers["a"], exchange)
        stage.sim_b, stage.server_b = sims["b"], servers["b"]
        stage.start_listening()
        yield stage
        await stage.stop_listening()
        await exchange.stop()
        await asyncio.gather(*(sim.stop() for sim in sims.values()))


async def place(stage: TwoPairs, first: int, count: int) -> None:
    """Place calls that ring for ever."""
    for n in range(first, first + count):
        await stage.exchange.originate(permit_of(f"a-{n}", token_of(n)))


async def test_calls_are_spread_by_free_channels() -> None:
    async with two_pairs() as stage:
        await place(stage, 0, 10)
        assert (len(stage.sim.originates), len(stage.sim_b.originates)) == (5, 5)


async def test_calls_go_where_seats_wait() -> None:
    async with two_pairs() as stage:
        for seat in ("seat-1", "seat-2"):
            await stage.exchange.call_seat(SeatId(seat))
        await until(lambda: len(stage.all(SeatUp)) == 2)
        seats_called = len(stage.sim.originates)
        await place(stage, 0, 2)
        assert (len(stage.sim.originates) - seats_called, len(stage.sim_b.originates)) == (2, 0)


async def test_a_seat_is_called_on_its_own_pair() -> None:
    async with two_pairs() as stage:
        await stage.exchange.call_seat(SeatId("seat-3"))
        assert (len(stage.sim.originates), len(stage.sim_b.originates)) == (0, 1)
        with pytest.raises(ExchangeUnavailable, match="no exchange has that seat"):
            await stage.exchange.call_seat(SeatId("seat-9"))


async def test_a_drained_pair_gets_no_new_call_and_keeps_its_calls() -> None:
    async with two_pairs() as stage:
        await place(stage, 0, 2)
        stage.exchange.drain("a")
        await place(stage, 2, 4)
        assert (len(stage.sim.originates), len(stage.sim_b.originates)) == (1, 5)
        assert stage.sim.callees() == ("a-0",)
        stage.exchange.restore("a")
        await place(stage, 6, 1)
        assert len(stage.sim.originates) == 2


async def test_a_lost_pair_gets_no_call_and_the_other_goes_on() -> None:
    async with two_pairs() as stage:
        await stage.server.shut()
        await stage.first(LinkLost)
        assert stage.exchange.is_up()
        await place(stage, 0, 3)
        assert (len(stage.sim.originates), len(stage.sim_b.originates)) == (0, 3)
        assert [load.is_up for load in stage.exchange.loads()] == [False, True]
        assert len(await stage.exchange.channels()) == 3
        await stage.server.open()
        await until(lambda: len(stage.all(LinkUp)) == 3)
        await place(stage, 3, 1)
        assert len(stage.sim.originates) == 1, "back, with the most room"


async def test_what_is_said_of_a_lost_pair_names_its_own_seats_and_not_the_others() -> None:
    async with two_pairs() as stage:
        for seat in ("seat-1", "seat-3"):
            await stage.exchange.call_seat(SeatId(seat))
        await until(lambda: len(stage.all(SeatUp)) == 2)
        await stage.server.shut()
        assert (await stage.first(LinkLost)).seats == {SeatId("seat-1")}


async def test_full_pairs_take_no_call() -> None:
    async with two_pairs(channels_max=2) as stage:
        await place(stage, 0, 4)
        with pytest.raises(ExchangeUnavailable, match="free channel"):
            await place(stage, 4, 1)
        await stage.exchange.hang_up(AttemptId("a-0"))
        await until(lambda: sum(load.callees for load in stage.exchange.loads()) == 3)
        await place(stage, 5, 1)


async def test_a_hang_up_goes_to_the_pair_that_has_the_call_and_to_all_when_nobody_remembers() -> None:
    async with two_pairs() as stage:
        await place(stage, 0, 1)
        await stage.exchange.hang_up(AttemptId("a-0"))
        assert (stage.server.count("Hangup"), stage.server_b.count("Hangup")) == (1, 0)
        await stage.exchange.hang_up(AttemptId("of-another-life"))
        assert (stage.server.count("Hangup"), stage.server_b.count("Hangup")) == (2, 1)


async def test_a_callee_and_a_seat_of_different_pairs_are_not_bridged() -> None:
    async with two_pairs() as stage:
        stage.desk.allow(token_of(90), "+8613000000001")
        await stage.exchange.call_seat(SeatId("seat-3"))
        await stage.first(SeatUp)
        stage.exchange.drain("b")
        await stage.exchange.originate(permit_of("a-90", token_of(90)))
        await stage.first(CalleeAnswered)
        with pytest.raises(ExchangeUnavailable, match="different exchanges"):
            await stage.exchange.connect(AttemptId("a-90"), SeatId("seat-3"))


async def test_one_wrong_password_stops_the_start_and_leaves_no_link_open() -> None:
    desk = OpenDesk({})
    sims = [SimulatedExchange(desk), SimulatedExchange(desk)]
    async with AmiServer(sims[0], USER, SECRET) as good, AmiServer(sims[1], USER, "other") as bad:
        pairs = [PairSettings("a", link_settings(good.port)), PairSettings("b", link_settings(bad.port))]
        exchange = Exchange(pairs, RealClock(), half)
        with pytest.raises(InstallationError):
            await exchange.start()
        await until(lambda: good.sessions == 0)
        assert not exchange.is_up()


def test_an_exchange_has_pairs_of_different_names() -> None:
    for pairs in ([], [PairSettings("a", link_settings(1)), PairSettings("a", link_settings(2))]):
        with pytest.raises(ValueError, match="at least one pair"):
            Exchange(pairs, RealClock(), half)
