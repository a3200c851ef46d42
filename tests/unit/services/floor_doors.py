"""What stands behind the ports in simulated time: clock, database, vault, gate and egress of a stage."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, TypeVar

from nacl.public import PrivateKey, SealedBox

from dialer.demo.sample_organisation import DEMO_INSTANT
from dialer.domain.errors import EgressUnavailable, StoreUnavailable
from dialer.domain.ids import AttemptId, InboundId
from dialer.ports.audio import SealedAudio
from dialer.ports.exchange import EgressLeg
from dialer.ports.gate import GateYes, LegReport
from dialer.ports.inbound import InboundNo, InboundYes
from dialer.storage import store as store_room
from dialer.storage.consume import keep_report
from dialer.storage.inbound import sealed_caller, take
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.telephony.exchange import Exchange
from dialer.telephony.link import LinkSettings
from dialer.telephony.pair import PairSettings
from dialer.testing.ami_server import AmiServer
from dialer.testing.callees import Outcome, Yes
from dialer.testing.exchange import SimulatedExchange
from dialer.testing.memory import in_memory
from tests.unit.storage.storage_world import World

T = TypeVar("T")
P = TypeVar("P", bound=asyncio.Protocol)
USER: Final = "dialer"
SECRET: Final = "only-on-this-stage"


@dataclass
class LoopTime:
    """`ports.Clock`: a moment that goes with the running loop, but for steps that somebody makes it take."""

    origin: datetime = DEMO_INSTANT
    stepped_seconds: float = 0.0

    def now(self) -> datetime:
        return self.true_now() + timedelta(seconds=self.stepped_seconds)

    def true_now(self) -> datetime:
        """What everybody else's clock shows."""
        return self.origin + timedelta(seconds=asyncio.get_running_loop().time())


def connection_on(julian: Callable[[], float]) -> type[store_room._Connection]:
    """The product's connection with `julianday('now')` said by `julian`, and without waiting for a disk."""

    class Simulated(store_room._Connection):
        def __init__(self, url: str) -> None:
            super().__init__(url)
            self._raw.create_function("julianday", 1, lambda _: julian())
            self._raw.execute("PRAGMA synchronous=OFF")

    return Simulated


class InLoopStore(Store):
    """The product's store; a transaction takes a few drawn milliseconds of the loop's time, and none of anybody else's."""

    dice = random.Random(0)
    is_away = False

    async def write(self, work: Callable[[Tx], T]) -> T:
        await self._pass()
        done = self.write_now(work)
        await self._pass()
        return done

    async def read(self, work: Callable[[Tx], T]) -> T:
        await self._pass()
        return self.read_now(work)

    async def _pass(self) -> None:
        await asyncio.sleep(self.dice.uniform(0.0002, 0.004))
        if self.is_away:
            raise StoreUnavailable("the database is away")


@dataclass
class Reach:
    """Whether a new connection to the exchange comes through."""

    is_open: bool = True


class MemoryVault:
    """`ports.AudioVault` that keeps digests. `heard`: attempts of which the exchange wrote sound."""

    def __init__(self) -> None:
        self.heard: set[AttemptId] = set()
        self.sealed: list[AttemptId] = []

    async def seal(self, attempt_id: AttemptId) -> SealedAudio | None:
        if attempt_id not in self.heard:
            return None
        self.sealed.append(attempt_id)
        digest = sha256(attempt_id.encode()).hexdigest()
        return SealedAudio(
            recording_id=digest[:32],
            path=f"{digest[:2]}/{digest}.bin",
            key=b"k" * 32,
            pcm_sha256=digest,
            flac_sha256=digest,
            ct_sha256=digest,
            ct_bytes=100,
            frames=8000,
            rate_hz=8000,
            channels=2,
            gaps=(),
        )

    async def waiting(self) -> tuple[AttemptId, ...]:
        return tuple(sorted(self.heard))

    async def discard_spool(self, attempt_id: AttemptId) -> None:
        self.heard.discard(attempt_id)

    async def open(self, path: str, key: bytes, ct_sha256: str) -> bytes:
        raise LookupError(path)


@dataclass
class Desk:
    """The permit gate between the simulated egress and the product's T2. `yes`: token → the attempt that got it."""

    world: World
    vault: MemoryVault
    clock: LoopTime
    yes: dict[str, AttemptId] = field(default_factory=dict)
    yes_at: dict[AttemptId, datetime] = field(default_factory=dict)
    is_down: bool = False
    loses_reports: Callable[[], bool] = lambda: False

    async def consume(self, token: str, uid: str) -> Yes | None:
        if self.is_down:
            raise ConnectionError("the gate is down")
        answer = await self.world.gate(token, f"egress.{uid}")
        if not isinstance(answer, GateYes):
            return None
        self.yes[token] = answer.attempt_id
        self.yes_at[answer.attempt_id] = self.clock.now()
        return Yes(
            answer.number, answer.caller_id, float(answer.ring_seconds), float(answer.call_seconds_max)
        )

    async def report(self, outcome: Outcome) -> None:
        if outcome.dialstatus == "ANSWER":
            self.vault.heard.add(self.yes[outcome.token])
        if self.is_down or self.loses_reports():
            return
        said = LegReport(
            dial_status=outcome.dialstatus,
            sip_text=f"SIP {outcome.sip} said" if outcome.sip else "",
            rang_ms=None,
            talk_seconds=int(outcome.answered_seconds),
        )
        await self.world.store.write(lambda tx: keep_report(tx, outcome.token, f"egress.{outcome.uid}", said))


@dataclass
class Egress:
    """`ports.EgressControl` on the simulated egress."""

    sim: SimulatedExchange
    desk: Desk
    is_silent: bool = False
    held: set[AttemptId] = field(default_factory=set)
    """Attempts whose carrier leg goes on although the dialer's exchange has no channel of them any more."""
    asked: int = 0

    async def legs(self, attempt_id: AttemptId) -> tuple[EgressLeg, ...]:
        self.asked += 1
        if self.is_silent:
            raise EgressUnavailable("the egress does not answer")
        return tuple(
            EgressLeg(attempt_id, token, state)
            for token, state in (*self.sim.egress_legs().items(), *self._held())
            if self.desk.yes.get(token) == attempt_id
        )

    def _held(self) -> list[tuple[str, str]]:
        return [(token, "up") for token, attempt in self.desk.yes.items() if attempt in self.held]

    async def hang_up(self, attempt_id: AttemptId) -> None:
        if self.is_silent:
            raise EgressUnavailable("the egress does not answer")
        for token, attempt in self.desk.yes.items():
            if attempt == attempt_id:
                self.sim.egress_hang_up(token)


@dataclass
class InboundGate:
    """The gate's part of the inbound line on the product's storage: takes a call, and says who calls."""

    world: World
    key: PrivateKey = field(default_factory=PrivateKey.generate)
    is_down: bool = False

    async def ring(self, called: str, caller: str) -> InboundYes | InboundNo:
        seal = SealedBox(self.key.public_key).encrypt
        log = self.world.log
        return await self.world.store.write(lambda tx: take(tx, log, seal, "egress-1.1", called, caller))

    async def caller(self, inbound_id: InboundId) -> str | None:
        if self.is_down:
            raise EgressUnavailable("the gate does not answer")
        sealed = await self.world.store.read(lambda tx: sealed_caller(tx, inbound_id))
        return SealedBox(self.key).decrypt(sealed).decode() if sealed else None


def exchange_of(server: AmiServer, clock: LoopTime, dice: random.Random, reach: Reach) -> Exchange:
    """An exchange whose one pair is the server here."""
    through = in_memory(server)

    async def connect(factory: Callable[[], P]) -> tuple[asyncio.Transport, P]:
        if not reach.is_open:
            raise ConnectionRefusedError("the exchange can't be reached")
        return await through(factory)

    link = LinkSettings("127.0.0.1", 5038, USER, SECRET)
    return Exchange([PairSettings("memory", link)], clock, dice.random, connector=connect)
