"""Streams: only those that are expected, each to its own recogniser, and one that is late loses its own oldest sound."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import pytest

from dialer.ports.speech import (
    Hearing,
    Model,
    Side,
    Standing,
    StreamBegan,
    StreamEnded,
    StreamWords,
    Trust,
    Words,
    WorkerReport,
)
from dialer.speech.audiosocket import HANG_UP, IDENTIFIER, message
from dialer.speech.streams import LoadedSpotter, Streams, resampled

MODEL = Model("counter", "en", Trust.HINT, "0" * 64)
LOUD = b"\x10\x27" * 1600  # 100 ms


class Counter:
    """A recogniser that says how much sound that isn't silence it was given, at the end."""

    rate_hz = 16_000
    model_sha256 = "0" * 64
    trust_max = Trust.TRUSTED

    def __init__(self, gate: threading.Event | None = None) -> None:
        self.gate = gate

    def listen(self, side: Side) -> Hearing:
        return Counted(self.gate)


class Counted:
    def __init__(self, gate: threading.Event | None) -> None:
        self.loud = 0
        self.gate = gate

    def feed(self, pcm: bytes) -> tuple[Words, ...]:
        if self.gate is not None:
            self.gate.wait(10)
        self.loud += pcm.count(b"\x10\x27")
        if pcm.startswith(b"\x77\x77"):
            raise RuntimeError("a plug-in's bug")
        return ()

    def finish(self) -> tuple[Words, ...]:
        return (Words(str(self.loud), Standing.FINAL, 0, 0),)


class Ground:
    def __init__(self, streams: Streams, reports: list[WorkerReport], port: int) -> None:
        self.streams, self.reports, self.port = streams, reports, port

    async def send(self, name: str, *pieces: bytes) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(message(IDENTIFIER, UUID(name).bytes))
        for piece in pieces:
            writer.write(message(0x12, piece))
        writer.write(message(HANG_UP))
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async def ended(self, name: str) -> StreamEnded:
        async with asyncio.timeout(10):
            while True:
                found = [r for r in self.reports if isinstance(r, StreamEnded) and r.stream == name]
                if found:
                    return found[0]
                await asyncio.sleep(0.01)

    def counted(self, name: str) -> list[str]:
        return [r.words.text for r in self.reports if isinstance(r, StreamWords) and r.stream == name]


@asynccontextmanager
async def ground(spotter: Counter) -> AsyncIterator[Ground]:
    reports: list[WorkerReport] = []
    streams = Streams((LoadedSpotter(spotter, MODEL),), reports.append)
    server = await asyncio.start_server(streams.connected, "127.0.0.1", 0)
    try:
        yield Ground(streams, reports, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        streams.stop()


async def test_an_expected_stream_is_heard_whole_and_its_name_is_good_for_once() -> None:
    async with ground(Counter()) as here:
        name = here.streams.expect(Side.CALLEE)
        await here.send(name, LOUD, LOUD)
        await here.ended(name)
        assert here.counted(name) == ["3200"]
        assert StreamBegan(name) in here.reports
        before = len(here.reports)
        await here.send(name, LOUD)
        await asyncio.sleep(0.2)
        assert len(here.reports) == before


async def test_a_stream_that_nobody_expects_is_not_heard() -> None:
    async with ground(Counter()) as here:
        stranger = "00000000-0000-4000-8000-000000000000"
        await here.send(stranger, LOUD)
        await asyncio.sleep(0.2)
        assert here.reports == []
        known = here.streams.expect(Side.CALLEE)  # control
        await here.send(known, LOUD)
        await here.ended(known)


async def test_a_late_recogniser_loses_its_oldest_sound_and_says_how_much() -> None:
    gate = threading.Event()
    async with ground(Counter(gate)) as here:
        name = here.streams.expect(Side.CALLEE)
        await here.send(name, *[LOUD] * 120)  # 12 s, while only some 4 s may wait
        async with asyncio.timeout(30):
            while (stream := here.streams._streams.get(name)) is None or not stream.is_over:  # noqa: ASYNC110 - until all has come in
                await asyncio.sleep(0.02)
        gate.set()
        ended = await here.ended(name)
        # the recogniser may have been given up to 4 s before it was late, and 4 s wait
        assert ended.dropped_ms >= 3_900
        assert sum(map(int, here.counted(name))) == (12_000 - ended.dropped_ms) * 16


async def test_a_recogniser_that_fails_ends_its_own_stream_and_no_other() -> None:
    async with ground(Counter()) as here:
        bad, good = here.streams.expect(Side.CALLEE), here.streams.expect(Side.AGENT)
        await here.send(bad, b"\x77\x77" * 1600)
        await here.send(good, LOUD)
        await here.ended(bad)
        await here.ended(good)
        assert here.counted(bad) == []
        assert here.counted(good) == ["1600"]


def test_sound_is_doubled_and_halved_and_nothing_else() -> None:
    pcm = b"\x00\x00\x00\x10\x00\x20"
    assert len(resampled(pcm, 8_000, 16_000)) == 2 * len(pcm)
    assert resampled(resampled(pcm, 8_000, 16_000), 16_000, 8_000)[2:4] != b""
    assert resampled(pcm, 16_000, 16_000) is pcm
    with pytest.raises(ValueError):
        resampled(pcm, 12_000, 16_000)
