"""The whole product, for stories in which a test sits at the floor: three Asterisks, gate, signer and witness as processes
of their own, and the dialer in the test's own loop, so that the test can look at the floor and seat colleagues."""

from __future__ import annotations

import array
import asyncio
import math
import shutil
import wave
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import numpy as np
from nacl.signing import SigningKey
from numpy.typing import NDArray

from dialer.demo.processes import Child, wait_for_socket
from dialer.demo.sample_leads import asked_csv
from dialer.demo.sample_organisation import CAMPAIGN, ORG, SUPERVISOR, Login
from dialer.demo.stage import HEADLESS, Stage, prepare, site_key_file
from dialer.demo.trio import Trio
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId, SeatId, UserId
from dialer.processes.core import Core
from dialer.processes.dialer import run
from dialer.processes.floor import Floor
from dialer.services.changes import Changes
from dialer.services.lead_intake import LeadIntake
from dialer.services.seats import Agent, Place
from dialer.services.views.floor import ImportView
from dialer.settings import read_settings
from dialer.signing.keys import read_secret
from dialer.storage.intake import StoredIntake
from dialer.telephony.carrier_behaviour import Behaviour, parse_step
from dialer.telephony.install import ensure_asterisk
from dialer.telephony.instance_settings import LOOPBACK
from tests.acceptance.two_pairs import SecondPair, second_pair, with_second_pair

CALLEE_HZ, MACHINE_HZ = 440, 660
PROCESSES = ("signer", "witness", "gate", "speech")
LISTEN_TRIES_MAX, SEAT_TRIES_MAX = 5, 5
FILE_LAGS_SECONDS = 2.0
"""The exchange writes what was said a moment later."""
LONG_TALKS = (Behaviour("XX", tuple(map(parse_step, ("ring 500", "answer", f"tone {CALLEE_HZ} 120000")))),)
"""Everybody answers and speaks one tone until we hang up."""
ECHOES = (Behaviour("XX", tuple(map(parse_step, ("ring 500", "answer", "echo")))),)
"""Everybody answers and says again what they hear."""


async def people_ask(core: Core, endings: Iterable[int], changes: Changes) -> None:
    """People with these endings (of four digits) ask for a call now, through the intake of any file."""
    key = SigningKey(read_secret(site_key_file(core.settings.folders.keys)))
    intake = LeadIntake(StoredIntake(core.store, core.log, core.keyring, core.clock), changes)
    content = asked_csv(endings, core.clock.now(), lambda record: key.sign(record).signature)
    taken = await intake.take(OrganisationId(ORG), UserId(SUPERVISOR), CampaignId(CAMPAIGN), content)
    assert isinstance(taken, ImportView)
    assert taken.rejected == ()


class Pairs(Enum):
    """How many pairs of pbx and egress there are."""

    ONE = 1
    TWO = 2


@dataclass
class Product:
    """What a story acts on and looks at."""

    stage: Stage
    trio: Trio
    floor: Floor
    children: dict[str, Child]
    dialer: asyncio.Task[None]
    second: SecondPair | None = None

    @property
    def url(self) -> str:
        """The console."""
        return f"http://127.0.0.1:{self.stage.ports.web}"

    def login(self, role: str) -> Login:
        """Who may log in as that."""
        return next(login for login in self.stage.logins if login.role == role)

    async def ask(self, endings: Iterable[int]) -> None:
        """People with these endings (of four digits) ask for a call now, through the intake of any file."""
        await people_ask(self.floor.core, endings, self.floor.changes)

    async def stop_dialer(self) -> None:
        """End the dialer, and the console with it; calls go on in the exchange."""
        self.dialer.cancel()
        with suppress(asyncio.CancelledError):
            await self.dialer

    async def start_dialer(self) -> None:
        """A new process's dialer, on the same database and the same exchange."""
        self.dialer, self.floor = await _dialer(self.stage)

    async def stop_ours(self) -> None:
        """End the dialer and the gate; the three Asterisks stay."""
        await self.stop_dialer()
        await self.children["gate"].stop()

    async def seat_machine(self, place: int) -> UserId:
        """A colleague whose phone is a machine that speaks one tone; ready when this returns."""
        user = UserId(f"user-headless-{place}")
        await self.floor.desk.sit_machine(user, SeatId(f"headless-{place}"))
        for _ in range(SEAT_TRIES_MAX):
            await until(lambda: (a := self._seat(user)).leg_up or a.place is Place.OFFLINE)
            if self._seat(user).leg_up:
                return user
            # the phone didn't take its call: as a colleague would see it and do, ready again
            await asyncio.sleep(1)
            await self.floor.desk.ready(user)
        raise AssertionError(f"the phone of seat {place} takes no call")

    def _seat(self, user: UserId) -> Agent:
        agent = self.floor.seats.of_user(user)
        assert agent is not None
        return agent

    def spooled(self, attempt_id: AttemptId, leg: str) -> tuple[NDArray[np.float64], int]:
        """What the exchange has recorded of one leg so far, and its rate."""
        path = self.stage.settings.folders.spool / f"{attempt_id}-{leg}.wav"
        samples = np.frombuffer(path.read_bytes()[44:], dtype="<i2")
        return samples.astype(np.float64), 8000

    async def level_db(self, attempt_id: AttemptId, leg: str, hz: int, seconds: float = 2.0) -> float:
        """How loud one tone gets in a leg of the recording from a moment on, in dB of full scale; -120 for silence."""
        await asyncio.sleep(FILE_LAGS_SECONDS)
        before = len(self.spooled(attempt_id, leg)[0])
        # the exchange writes in its own time: so much sound, and not so much time, is listened to
        for _ in range(LISTEN_TRIES_MAX):
            await asyncio.sleep(seconds)
            samples, rate = self.spooled(attempt_id, leg)
            if len(samples) - before >= seconds * rate:
                break
        return tone_db(samples[before:], rate, hz)


def tone_db(samples: NDArray[np.float64], rate: int, hz: int) -> float:
    """The loudest level of one tone in windows of a quarter of a second, in dB of full scale; -120 for silence."""
    window = rate // 4
    levels = [-120.0]
    for at in range(0, len(samples) - window, window):
        piece = samples[at : at + window] * np.hanning(window)
        spectrum = np.abs(np.fft.rfft(piece)) / (window / 4 * 32768)
        place = round(hz * window / rate)
        levels.append(20 * math.log10(max(1e-6, float(spectrum[place - 1 : place + 2].max()))))
    return max(levels)


def write_tone(path: Path, hz: int, rate: int = 48_000) -> Path:
    """A microphone that speaks one tone: a second of it, to be played again and again."""
    samples = array.array("h", (round(9000 * math.sin(2 * math.pi * hz * n / rate)) for n in range(rate)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


async def until(holds: Callable[[], bool], seconds_max: float = 20.0) -> None:
    """Wait for something to hold."""
    async with asyncio.timeout(seconds_max):
        while not holds():  # noqa: ASYNC110 - other processes make it hold
            await asyncio.sleep(0.02)


async def _dialer(stage: Stage) -> tuple[asyncio.Task[None], Floor]:
    """The dialer at work, once its floor stands."""
    floors: asyncio.Queue[Floor] = asyncio.Queue()
    dialer = asyncio.create_task(run(stage.settings, floors.put))
    seated = asyncio.create_task(floors.get())
    await asyncio.wait((dialer, seated), return_when=asyncio.FIRST_COMPLETED)
    if dialer.done():
        dialer.result()
    return dialer, seated.result()


@asynccontextmanager
async def whole_product(
    home: Path,
    endings: frozenset[int],
    behaviours: tuple[Behaviour, ...] = LONG_TALKS,
    headless: int = HEADLESS,
    pairs: Pairs = Pairs.ONE,
    settings: str = "",
    media_address: str = LOOPBACK,
) -> AsyncIterator[Product]:
    """Everything up, the campaign running, nobody at the floor.

    `home`: a short path of its own. `settings`: what else stands in the settings file. `media_address`: where browsers'
    audio reaches the exchange.
    """
    program = ensure_asterisk()
    stage = await prepare(home, 0, print, endings, headless)
    if settings:
        stage.settings_file.write_text(stage.settings_file.read_text() + settings)
        stage = replace(stage, settings=read_settings(stage.settings_file))
    if pairs is Pairs.TWO:
        stage = with_second_pair(stage)
    trio = Trio(stage, program, behaviours, media_address)
    second = second_pair(stage, program, trio.carrier_settings) if pairs is Pairs.TWO else None
    children = {name: Child(stage, name) for name in PROCESSES}
    product: Product | None = None
    try:
        await trio.start()
        if second is not None:
            await second.start()
        for child in children.values():
            await child.start()
        for child in children.values():
            await wait_for_socket(child, stage.settings.socket(child.name))
        dialer, floor = await _dialer(stage)
        product = Product(stage, trio, floor, children, dialer, second)
        yield product
    finally:
        if product is not None:
            await product.stop_dialer()
        for child in reversed(children.values()):
            await child.stop()
        if second is not None:
            await second.stop()
        await trio.stop()
        shutil.rmtree(home, ignore_errors=True)
