"""One seeded day of one organisation: leads that come in, agents, people who refuse, and (on a stormy day) things that break.

The morning from before the window's opening, a night-quiet noon, and the evening until after its close. A watcher stands at
every door (originate, the gate's yes, the egress's report) and checks at that very moment what must hold there.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from dialer.demo.sample_organisation import DEMO_INSTANT, ORG
from dialer.domain.dnc import DncReason
from dialer.domain.errors import DialerError
from dialer.domain.ids import OrganisationId, SeatId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.services.refusals import ToldRefusal
from dialer.services.seats import Place
from dialer.testing.ami_server import Answer, Request
from dialer.testing.callees import Answer as Answers
from dialer.testing.callees import Outcome, Press, Ring, RingForEver, Script, Talk, Yes, script_of
from tests.simulation.evening import Ended, look_at_the_end
from tests.simulation.watcher import Watcher
from tests.unit.services.floor_stage import MACHINES, FloorStage, on_floor
from tests.unit.storage.storage_world import number_of

MORNING: Final = DEMO_INSTANT + timedelta(days=1, hours=-1, minutes=-40)
"""Thursday 2026-11-19, 08:50 in Shanghai."""
EVENING_SECONDS: Final = 11.4 * 3600
"""20:14: the evening's shift begins."""
SHIFT_SECONDS: Final = 60 * 60
NUMBERS: Final = 90
DISPOSITIONS: Final = ("handled", "handled", "information_given", "not_now", "no_interest", "voicemail")


@dataclass(frozen=True, slots=True)
class Weather:
    """How many of each thing happen in a shift. All zero: a quiet day."""

    links_cut: int = 0
    gates_down: int = 0
    egress_silent: int = 0
    stores_away: int = 0
    restarts: int = 0
    seats_lost: int = 0
    exchange_restarts: int = 0
    clock_steps: int = 0
    reports_lost_share: float = 0.0


QUIET: Final = Weather()
STORMY: Final = Weather(
    links_cut=4,
    gates_down=2,
    egress_silent=2,
    stores_away=2,
    restarts=1,
    seats_lost=3,
    exchange_restarts=1,
    clock_steps=2,
    reports_lost_share=0.05,
)
KILLED: Final = Weather(restarts=100)
"""The dialer dies every half a minute of both shifts."""


@dataclass
class Day:
    """One day being lived."""

    floor: FloorStage
    seed: int
    weather: Weather
    watcher: Watcher
    dice: random.Random

    async def live(self) -> None:
        """The morning's shift, noon, the evening's shift, and then until nothing moves any more."""
        await self._shift()
        noon = self.floor.clock.true_now()
        self.watcher.storms.append((noon, noon))
        await self.floor.close()
        await asyncio.sleep(max(0.0, EVENING_SECONDS - asyncio.get_running_loop().time()))
        await self._again()
        await self._shift()
        await self._settle()

    async def _shift(self) -> None:
        beside = [asyncio.create_task(self._leads()), asyncio.create_task(self._people_who_refuse())]
        beside += [asyncio.create_task(self._agent(user)) for user in MACHINES]
        beside += [asyncio.create_task(self._storm())] if self.weather != QUIET else []
        await self._man()
        until = asyncio.get_running_loop().time() + SHIFT_SECONDS
        while asyncio.get_running_loop().time() < until:
            await self._turn()
            await asyncio.sleep(1.0)
        for task in beside:
            task.cancel()
        results = await asyncio.gather(*beside, return_exceptions=True)
        failed = [r for r in results if isinstance(r, Exception)]
        assert not failed, failed

    async def _turn(self) -> None:
        """One second of the product's timers."""
        for job in (
            self.floor.refusals.cut_wanted,
            self.floor.world.calls.lapse_expired,
            self.floor.refusals.drain,
        ):
            await _unless_away(job())
        await _unless_away(self.floor.tick())

    async def _settle(self) -> None:
        """Everything works again, nobody dials: everything must come to its end."""
        for _ in range(300):
            for job in (
                self.floor.refusals.cut_wanted,
                self.floor.world.calls.lapse_expired,
                self.floor.refusals.drain,
            ):
                await _unless_away(job())
            await asyncio.sleep(1.0)

    # -------------------------------------------------------------- people

    async def _leads(self) -> None:
        """Requests come in all the time, some of them from people who asked before."""
        while True:
            asked_at = self.floor.clock.now() - timedelta(minutes=1)
            ending = self.dice.randrange(NUMBERS)
            await _unless_away(self.floor.world.leads(range(ending, ending + 1), asked_at=asked_at))
            await asyncio.sleep(self.dice.uniform(10, 60))

    async def _people_who_refuse(self) -> None:
        """Some withdraw on the website, at any moment of their lead's life; sometimes while their phone rings."""
        while True:
            await asyncio.sleep(self.dice.uniform(60, 240))
            ringing = [n for a, n, _ in self.watcher.invited if a not in self.watcher.ended]
            number = self.dice.choice(ringing) if ringing and self.dice.random() < 0.5 else None
            told = ToldRefusal(
                org_id=OrganisationId(ORG),
                number=number or number_of(self.dice.randrange(NUMBERS)),
                purpose=None,
                reason=DncReason.FORM,
                actor=Actor(ActorKind.PROCESS, "form"),
                said_at=None,
                via="form",
            )
            await _unless_away(self.floor.refusals.told(told))

    async def _agent(self, user: UserId) -> None:
        """Talks, notes what came of it, sometimes hears a no, sometimes takes a break, comes back when the line was lost."""
        dice = random.Random(f"{self.seed}-{user}")
        while True:
            await asyncio.sleep(dice.uniform(1.0, 3.0))
            agent = self.floor.seats.of_user(user)
            if agent is None:
                continue
            match agent.place:
                case Place.TALKING if agent.attempt_id is not None and dice.random() < 0.008:
                    await _unless_away(self.floor.desk.refused(user, agent.attempt_id))
                case Place.WRAPPING if agent.attempt_id is not None:
                    code = dice.choice(DISPOSITIONS)
                    await _unless_away(self.floor.desk.dispose(user, agent.attempt_id, code, None))
                case Place.READY if dice.random() < 0.01:
                    await _unless_away(self.floor.desk.pause(user, "break"))
                case Place.PAUSED | Place.OFFLINE if dice.random() < 0.05:
                    await _unless_away(self.floor.desk.ready(user))
                case _:
                    pass

    # -------------------------------------------------------------- what breaks

    async def _storm(self) -> None:
        weather = self.weather
        breaks = [
            *["link"] * weather.links_cut,
            *["gate"] * weather.gates_down,
            *["egress"] * weather.egress_silent,
            *["store"] * weather.stores_away,
            *["restart"] * weather.restarts,
            *["seat"] * weather.seats_lost,
            *["exchange"] * weather.exchange_restarts,
            *["clock"] * weather.clock_steps,
        ]
        self.dice.shuffle(breaks)
        for what in breaks:
            await asyncio.sleep(self.dice.uniform(0.5, 1.5) * SHIFT_SECONDS / (len(breaks) + 2))
            began = self.floor.clock.true_now()
            # Until it is over nobody knows how long it lasts.
            self.watcher.storms.append((began, began + timedelta(hours=1)))
            await self._break(what)
            self.watcher.storms[-1] = (began, self.floor.clock.true_now())

    async def _break(self, what: str) -> None:
        floor, lasts = self.floor, self.dice.uniform(3, 40)
        match what:
            case "link":
                floor.server.cut_all()
                await _away_for(floor.reach, "is_open", away=False, seconds=lasts)
            case "gate":
                await _away_for(floor.gate, "is_down", away=True, seconds=lasts)
            case "egress":
                await _away_for(floor.egress, "is_silent", away=True, seconds=lasts)
            case "store":
                await _away_for(floor.world.store, "is_away", away=True, seconds=lasts)
            case "exchange":
                await floor.sim.restart()
                floor.server.cut_all()
            case "clock":
                hour = self.dice.choice((-3600.0, 3600.0))
                floor.clock.stepped_seconds += hour
                try:
                    await asyncio.sleep(lasts * 10)
                finally:
                    floor.clock.stepped_seconds -= hour
            case "seat":
                floor.sim.seat_dies(f"headless-{self.dice.choice((1, 2))}")
            case _:
                await self._again()
                await self._man()

    async def _again(self) -> None:
        """The dialer's process dies and another one starts; the agents' phones are called anew."""
        self.floor = self.watcher.floor = await self.floor.reborn()
        for place in range(1, len(MACHINES) + 1):
            if self.floor.seats.of_user(MACHINES[place - 1]) is None:
                self.floor.sim.seat_dies(f"headless-{place}")

    async def _man(self) -> None:
        for place, user in enumerate(MACHINES, start=1):
            if self.floor.seats.of_user(user) is None:
                await _unless_away(self.floor.desk.sit_machine(user, SeatId(f"headless-{place}")))


async def _away_for(part: object, name: str, *, away: bool, seconds: float) -> None:
    """Something is away for a while, and back also when the shift ends before."""
    setattr(part, name, away)
    try:
        await asyncio.sleep(seconds)
    finally:
        setattr(part, name, not away)


def people(number: str) -> Script:
    """What callees do: mostly as the shipped carrier behaves, with longer talks and people who say no on the phone."""
    ending = int(number[-2:])
    if ending in range(5):
        return (Ring(4.0), Answers(), Talk(90.0))
    if ending in (5, 6):
        return (RingForEver(),)
    if ending in (7, 8):
        return (Ring(8.0), Answers(), Talk(20.0), Press("9"), Talk(60.0))
    return script_of(number)


async def _unless_away(work: Coroutine[Any, Any, object]) -> None:
    """Do it; that the database, the exchange or the egress is away is the weather, not a fault of the day."""
    with suppress(DialerError):
        await work


async def a_day(folder: Path, seed: int, weather: Weather) -> Ended:
    """Live one day with all doors watched; what it came to."""
    async with on_floor(folder, seed, people, MORNING) as floor:
        watcher = Watcher(floor)
        _watch(watcher)
        floor.gate.loses_reports = lambda: floor.dice.random() < weather.reports_lost_share
        day = Day(floor, seed, weather, watcher, random.Random(seed))
        await day.live()
        try:
            return look_at_the_end(day.floor, watcher)
        finally:
            await day.floor.close()


def _watch(watcher: Watcher) -> None:
    """Stand a watcher at the doors of the exchange and the gate."""
    sim, gate = watcher.floor.sim, watcher.floor.gate
    act, consume, report = sim.act, gate.consume, gate.report

    async def acted(request: Request) -> Answer:
        if request.name.lower() == "originate":
            watcher.at_originate(request)
        return await act(request)

    async def consumed(token: str, uid: str) -> Yes | None:
        yes = await consume(token, uid)
        if yes is not None:
            watcher.at_yes(gate.yes[token], yes.number)
        return yes

    async def reported(outcome: Outcome) -> None:
        watcher.at_end(gate.yes[outcome.token])
        await report(outcome)

    sim.act = acted  # type: ignore[method-assign]
    gate.consume = consumed  # type: ignore[method-assign]
    gate.report = reported  # type: ignore[method-assign]
