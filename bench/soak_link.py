"""The link at full size: a flood, 500 cuts around originates, 10,000 hostile texts. Prints figures; exit 1 on a fault.

`python -m bench.soak_link --seconds 60 --events-per-second 20000 --cuts 500 --texts 10000 --seed 1`

The fake exchange and the link share one process, so the flood costs both its writing and its reading.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import resource
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from dialer.calls.events import CalleeLeft, ExchangeEvent, LinkLost
from dialer.calls.permit import Permit, mint
from dialer.domain.errors import DialerError, OriginateUncertain
from dialer.domain.ids import AttemptId, SeatId
from dialer.rules.kinds.words import RecordingNotice
from dialer.telephony.exchange import Exchange
from dialer.telephony.link import LinkSettings
from dialer.telephony.pair import PairSettings
from dialer.testing.ami_server import AmiServer, Cut, encode
from dialer.testing.callees import OpenDesk
from dialer.testing.exchange import SimulatedExchange, hurried

SECRET = "only-in-the-soak"
MEMORY_GROWTH_KIB_MAX = 65_536
MUTE_SECONDS_MAX = 10.0
PIECES = [
    "\r\n",
    "\n",
    "\r",
    "\x00",
    "&",
    ",",
    "|",
    "@",
    "/",
    "=",
    "𝄞",
    "\u2028",
    "é",
    " ",
    "a",
    "1",
    "-",
    "A",
    ":",
]
NOISE = encode(
    (("Event", "VarSet"), ("Channel", "PJSIP/egress-000000ff"), ("Uniqueid", "x"), ("Variable", "V"))
)
KEY = encode(
    (("Event", "DTMFEnd"), ("Channel", "PJSIP/egress-000000ff"), ("Uniqueid", "1.1"), ("Digit", "1"))
)


class SystemClock:
    """The system's time."""

    def now(self) -> datetime:
        """Aware UTC."""
        return datetime.now(UTC)


class Soak:
    """One fake, one server, one adapter, and what was heard."""

    def __init__(self, server: AmiServer, sim: SimulatedExchange, exchange: Exchange) -> None:
        self.server, self.sim, self.exchange = server, sim, exchange
        self.left: list[str] = []
        self.losses = 0

    def hear(self, event: ExchangeEvent) -> None:
        """Count."""
        if isinstance(event, CalleeLeft):
            self.left.append(event.attempt_id)
        elif isinstance(event, LinkLost):
            self.losses += 1


@contextlib.asynccontextmanager
async def soaking() -> AsyncIterator[Soak]:
    """Everything up."""
    sim = SimulatedExchange(OpenDesk({}), hurried(100))
    async with AmiServer(sim, "dialer", SECRET) as server:
        settings = LinkSettings(
            "127.0.0.1", server.port, "dialer", SECRET, backoff_seconds_min=0.01, backoff_seconds_max=0.05
        )
        exchange = Exchange([PairSettings("one", settings)], SystemClock(), random.Random(1).random)
        await exchange.start()
        soak = Soak(server, sim, exchange)

        async def listen() -> None:
            async for event in exchange.events():
                soak.hear(event)

        listener = asyncio.create_task(listen())
        try:
            yield soak
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
            await exchange.stop()
            await sim.stop()


def permit(attempt: str, text: str, prompt: str = "notice-zh") -> Permit:
    """A permit that was never issued; no desk says yes to it."""
    expires = datetime.now(UTC) + timedelta(seconds=10)
    return mint(
        attempt_id=AttemptId(attempt),
        token=text,
        expires=expires,
        patience_ms=2000,
        notice_prompt=prompt,
        recording_prompt=prompt,
        recording_notice=RecordingNotice.AT_START,
    )


async def until_up(exchange: Exchange) -> None:
    """Wait for the link."""
    async with asyncio.timeout(10):
        while not exchange.is_up():  # noqa: ASYNC110 - the link tells by events, which another task reads
            await asyncio.sleep(0.002)


async def flood(seconds: float, events_per_second: int) -> list[str]:
    """A hang-up in each batch of noise; each has to be told, in order, and memory may not grow."""
    faults: list[str] = []
    async with soaking() as soak:
        loop, sent, hangups = asyncio.get_running_loop(), 0, 0
        began = loop.time()
        memory_kib = 0
        while loop.time() - began < seconds:
            due = int((loop.time() - began) * events_per_second) - sent
            batch = min(due, 2_000)
            if batch >= 20:
                name = ("Uniqueid", f"a-{hangups}")
                hangup = encode(
                    (("Event", "Hangup"), ("Channel", "PJSIP/egress-000000aa"), name, ("Cause", "16"))
                )
                soak.server.publish_raw(NOISE * (batch * 3 // 4) + KEY * (batch // 4 - 1) + hangup)
                sent, hangups = sent + batch, hangups + 1
            if memory_kib == 0 and loop.time() - began > min(5.0, seconds / 4):
                memory_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            await asyncio.sleep(0.001)
        rate = sent / (loop.time() - began)
        await asyncio.sleep(2.0)
        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory_kib
        print(
            f"flood: {sent} events, {rate:.0f}/s, hang-ups {hangups}, told {len(soak.left)}, "
            f"links lost {soak.losses}, memory grown by {grown_kib} KiB"
        )
        if soak.left != [f"a-{n}" for n in range(hangups)] and soak.losses == 0:
            faults.append("a hang-up was lost without the link being lost")
        if grown_kib > MEMORY_GROWTH_KIB_MAX:
            faults.append("memory grew")
    return faults


async def cut_around_originates(cuts: int, dice: random.Random) -> list[str]:
    """Cut the link around each originate; none may be read twice, each doubt has to be told as such."""
    held = placed = 0
    async with soaking() as soak:
        for n in range(cuts):
            await until_up(soak.exchange)
            cut = dice.choice(list(Cut))
            soak.server.faults.cut_next("Originate", cut)
            try:
                await soak.exchange.originate(permit(f"a-{n}", f"pt{n:032x}"))
                placed += 1
                while soak.exchange.is_up():  # noqa: ASYNC110 - the cut comes by itself
                    await asyncio.sleep(0.002)
            except OriginateUncertain:
                held += 1
        await until_up(soak.exchange)
        read = [request.action_id for request in soak.server.requests if request.name == "Originate"]
    print(
        f"cuts: {cuts} originates, {held} held as uncertain, {placed} answered, sent again {len(read) - len(set(read))}"
    )
    return (
        []
        if len(read) == len(set(read)) == cuts == held + placed
        else ["an originate was sent again or not told"]
    )


async def say_hostile_texts(texts: int, dice: random.Random) -> list[str]:
    """Every text in every field; the server may read nothing that was not meant."""
    meant = 0
    async with soaking() as soak:
        exchange = soak.exchange
        for _ in range(texts):
            text = "".join(dice.choices(PIECES, k=dice.randint(1, 8)))
            if dice.random() < 0.3:
                text += "\r\n\r\nAction: Originate\r\nChannel: PJSIP/evil@egress\r\n\r\n"
            for saying in (
                exchange.originate(permit(text, text, text)),
                exchange.call_seat(SeatId(text)),
                exchange.connect(AttemptId(text), SeatId(text)),
                exchange.release_seat(SeatId(text)),
                exchange.set_seat_secret(SeatId("seat-1"), text),
            ):
                with contextlib.suppress(DialerError, ValueError):
                    await saying
            with contextlib.suppress(ValueError):
                await exchange.hang_up(AttemptId(text))
                meant += 1
        own = {"Login", "Ping", "CoreShowChannels"}
        read = [request.name for request in soak.server.requests if request.name not in own]
    print(f"texts: {texts} in 6 verbs, {meant} harmless hang-ups meant, actions read {len(read)}")
    return [] if read == ["Hangup"] * meant and meant else ["an action was read that was not meant"]


async def notice_a_mute_peer() -> list[str]:
    """A peer that says nothing any more, with the link's usual patience: noticed in time, and no call is placed."""
    async with soaking() as soak:
        soak.server.faults.is_mute = True
        loop, began = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        while soak.exchange.is_up() and loop.time() - began < 2 * MUTE_SECONDS_MAX:  # noqa: ASYNC110 - told by events
            await asyncio.sleep(0.05)
        took = loop.time() - began
        refused = 0
        for n in range(50):
            try:
                await soak.exchange.originate(permit(f"m-{n}", f"pt{n:032x}"))
            except OriginateUncertain:
                break
            except DialerError:
                refused += 1
        placed = [r for r in soak.server.requests if r.name == "Originate"]
        soak.server.faults.is_mute = False
    print(
        f"mute peer: noticed after {took:.1f} s, then {refused} of 50 originates refused, {len(placed)} sent"
    )
    return [] if took < MUTE_SECONDS_MAX and refused == 50 and not placed else ["a mute peer was believed"]


async def main() -> int:
    """Run all four."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--events-per-second", type=int, default=20_000)
    parser.add_argument("--cuts", type=int, default=500)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"seed {given.seed}")
    dice = random.Random(given.seed)
    faults = await flood(given.seconds, given.events_per_second)
    faults += await cut_around_originates(given.cuts, dice)
    faults += await say_hostile_texts(given.texts, dice)
    faults += await notice_a_mute_peer()
    for fault in faults:
        print(f"FAULT: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
