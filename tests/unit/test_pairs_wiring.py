"""Several pairs from the settings: own links, seats and egresses; one drained by the command, or lost, and the rest go on."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from dialer.domain.errors import EgressUnavailable
from dialer.domain.ids import SeatId
from dialer.evidence.record import Actor, ActorKind
from dialer.processes.dialer import make_exchange
from dialer.processes.exchange_cli import exchange as exchange_command
from dialer.processes.gate import EgressLegs
from dialer.services.drains import Drains
from dialer.settings import Egress, Settings, read_settings
from dialer.storage.clock import InstallationClock
from dialer.storage.drains import StoredDrains, set_drained
from dialer.telephony.exchange import Exchange
from dialer.telephony.render import AMI_USER
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import OpenDesk
from dialer.testing.exchange import SimulatedExchange, hurried
from tests.unit.services.test_services_egress_hold import egress_says
from tests.unit.storage.storage_world import World, fresh_sqlite
from tests.unit.telephony.telephony_stage import SECRET, permit_of, token_of, until


def _settings(home: Path, ports: tuple[int, int], second_seat: int = 3) -> Settings:
    (home / "ami.secret").write_text(SECRET)
    pair = """name = "{name}"
ami_host = "127.0.0.1"
ami_port = {port}
ami_secret_file = "{home}/ami.secret"
http_port = {http}
optouts = "{home}/{name}-optouts"
seats = 2
seat_first = {first}
"""
    (home / "dialer.toml").write_text(
        f"""profile = "demo"
node = "one"
origin = "demo/pairs"
database = "sqlite:///{home}/dialer.db"
[folders]
keys = "{home}"
vault = "{home}"
spool = "{home}"
run = "{home}"
[web]
host = "127.0.0.1"
port = 1
[exchange]
{pair.format(name="north", port=ports[0], home=home, http=8088, first=1)}
[[further_exchanges]]
{pair.format(name="south", port=ports[1], home=home, http=8089, first=second_seat)}
[gate]
host = "127.0.0.1"
port = 2
egress_control = "{home}/egress.ctl"
[[gate.further_egresses]]
name = "egress-south"
control = "{home}/south.ctl"
"""
    )
    return read_settings(home / "dialer.toml")


@dataclass
class Wired:
    """The exchange as the dialer's process makes it, on two shipped fakes."""

    world: World
    exchange: Exchange
    drains: Drains
    sims: tuple[SimulatedExchange, SimulatedExchange]
    servers: tuple[AmiServer, AmiServer]

    async def place(self, first: int, count: int) -> tuple[int, int]:
        for n in range(first, first + count):
            await self.exchange.originate(permit_of(f"a-{n}", token_of(n)))
        return len(self.sims[0].originates), len(self.sims[1].originates)


async def _wired(stack: AsyncExitStack, home: Path) -> Wired:
    desk = OpenDesk({token_of(n): "+8613000000031" for n in range(50)})
    sims = (SimulatedExchange(desk, hurried(20)), SimulatedExchange(desk, hurried(20)))
    north, south = [await stack.enter_async_context(AmiServer(sim, AMI_USER, SECRET)) for sim in sims]
    world = World(fresh_sqlite(home))
    stack.callback(world.close)
    settings = _settings(home, (north.port, south.port))
    exchange = make_exchange(settings, InstallationClock(world.store))
    await exchange.start()
    for sim in sims:
        stack.push_async_callback(sim.stop)
    stack.push_async_callback(exchange.stop)
    drains = Drains(StoredDrains(world.store), exchange, [said.name for said in settings.exchanges])
    return Wired(world, exchange, drains, sims, (north, south))


async def test_calls_are_spread_over_the_pairs_of_the_settings_and_a_drained_one_gets_none(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as stack:
        wired = await _wired(stack, tmp_path)
        assert await wired.place(0, 4) == (2, 2)
        actor = Actor(ActorKind.PROCESS, "test")
        world = wired.world
        assert world.store.write_now(lambda tx: set_drained(tx, world.log, "north", True, actor))
        assert await wired.drains.look() == 1
        assert await wired.place(4, 2) == (2, 4)
        assert world.store.write_now(lambda tx: set_drained(tx, world.log, "north", False, actor))
        assert await wired.drains.look() == 0
        assert await wired.place(6, 2) == (4, 4)
        assert [row.type for row in world.all("SELECT type FROM leaf ORDER BY seq DESC LIMIT 2")] == [
            "config.changed",
            "config.changed",
        ]


async def test_a_lost_pair_does_not_stop_the_other(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        wired = await _wired(stack, tmp_path)
        await wired.servers[0].shut()
        await until(lambda: [load.is_up for load in wired.exchange.loads()] == [False, True])
        assert await wired.place(0, 3) == (0, 3)


async def test_a_callee_is_matched_with_seats_of_its_own_pair_only(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        wired = await _wired(stack, tmp_path)
        wired.exchange.drain("south")
        await wired.place(0, 1)
        permit = permit_of("a-0", token_of(0))
        reached = [n for n in range(1, 5) if wired.exchange.reaches(permit.attempt_id, SeatId(f"seat-{n}"))]
        assert reached == [1, 2]


def test_seats_of_machines_are_counted_over_all_exchanges(tmp_path: Path) -> None:
    said = _settings(tmp_path, (1, 2))
    for first, wanted in ((3, ("headless-3", "headless-4")), (2, None)):
        part = said.further_exchanges[0].model_copy(update={"headless": 2, "headless_first": first})
        given = said.model_dump() | {"further_exchanges": [part.model_dump()]}
        given["exchange"] |= {"headless": 2}
        if wanted is None:
            with pytest.raises(ValidationError, match="in common"):
                Settings.model_validate(given)
        else:
            assert Settings.model_validate(given).further_exchanges[0].headless_seats == wanted


def test_two_exchanges_with_one_seat_in_common_do_not_start(tmp_path: Path) -> None:
    assert _settings(tmp_path, (1, 2)).browser_seats == ("seat-1", "seat-2", "seat-3", "seat-4")
    with pytest.raises(Exception, match="in common") as wrong:
        _settings(tmp_path, (1, 2), second_seat=2)
    assert not isinstance(wrong.value, ValidationError), "one sentence for the operator"


async def test_the_egress_that_gave_the_yes_is_asked_and_another_that_is_away_does_not_matter(
    tmp_path: Path,
) -> None:
    world = World(fresh_sqlite(tmp_path))
    attempt = (await world.placed(await world.lead(1), "egress-south-1795.1")).attempt_id
    says = {
        "core show uptime seconds": lambda: "System uptime: 9000\n",
        "core show channels concise": lambda: "",
    }
    try:
        async with egress_says(tmp_path, says) as control:
            away = Egress(name="egress", control=tmp_path / "nobody.ctl")
            south = Egress(name="egress-south", control=control)
            assert await EgressLegs(world.store, [away, south], world.unseal).legs(attempt) == ()
            north = Egress(name="egress", control=control)
            gone = Egress(name="egress-south", control=tmp_path / "nobody.ctl")
            with pytest.raises(EgressUnavailable):
                await EgressLegs(world.store, [north, gone], world.unseal).legs(attempt)
    finally:
        world.close()


def test_the_command_refuses_an_exchange_that_is_not_in_the_settings(tmp_path: Path) -> None:
    _settings(tmp_path, (1, 2))
    file = str(tmp_path / "dialer.toml")
    done = CliRunner().invoke(exchange_command, ["drain", "nowhere", "--settings", file])
    assert "there is no exchange nowhere" in str(done.exception)
