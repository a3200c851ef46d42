"""Streams of sound through recognisers: one decoding thread, a bounded queue a stream, nothing that a call waits for.

A stream that falls behind loses its oldest sound and says how much; it never makes the exchange wait.
"""

import asyncio
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import numpy as np
import structlog

from dialer.ports.speech import (
    Hearing,
    Model,
    Side,
    Spotter,
    StreamBegan,
    StreamEnded,
    StreamWords,
    WorkerReport,
)
from dialer.speech.audiosocket import HANG_UP, NotAudioSocket, Sound, message, read_identifier, read_sound

PIECE_MS: Final = 100
"""Sound is given to a recogniser in pieces of about this length."""
WAITING_MS_MAX: Final = 4_000
"""So much sound of one stream may wait; what is older is dropped."""
GAP_SECONDS_MIN: Final = 0.6
"""A shorter gap may be a busy machine's: silence put into it would cut a word in two."""
GAP_SECONDS_MAX: Final = 2.0
SILENCE_HZ: Final = 16_000
EXPECTED_SECONDS_MAX: Final = 20.0
STREAMS_MAX: Final = 400
IDLE_SECONDS: Final = 0.01
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LoadedSpotter:
    """A recogniser and how its words are signed."""

    spotter: Spotter
    model: Model


@dataclass(slots=True)
class _Stream:
    name: str
    side: Side
    hearings: tuple[tuple[LoadedSpotter, Hearing], ...]
    waiting: deque[Sound] = field(default_factory=deque)
    waiting_ms: float = 0.0
    dropped_ms: float = 0.0
    told_until: float = field(default_factory=time.monotonic)
    """Up to when the stream's sound is known, monotonic seconds: the exchange sends nothing while nobody speaks."""
    is_over: bool = False
    writer: asyncio.StreamWriter | None = None


class Streams:
    """Every stream of this worker. `report` is called in the event loop."""

    def __init__(self, spotters: tuple[LoadedSpotter, ...], report: Callable[[WorkerReport], None]) -> None:
        self._spotters = spotters
        self._report = report
        self._expected: dict[str, tuple[Side, float]] = {}
        self._streams: dict[str, _Stream] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._decode, name="decode", daemon=True)
        self._thread.start()

    # -------------------------------------------------------------- the dialer's verbs

    def expect(self, side: Side) -> str:
        """A stream's secret name. It is good for one connection, soon."""
        now = time.monotonic()
        self._expected = {n: (s, t) for n, (s, t) in self._expected.items() if t > now}
        name = str(UUID(bytes=secrets.token_bytes(16), version=4))
        self._expected[name] = (side, now + EXPECTED_SECONDS_MAX)
        return name

    def end(self, name: str) -> None:
        """Hang up on the exchange; nothing happens where the stream is gone."""
        self._expected.pop(name, None)
        stream = self._streams.get(name)
        if stream is not None and stream.writer is not None:
            stream.writer.write(message(HANG_UP))
            stream.writer.close()

    def count(self) -> int:
        """Streams that are up."""
        return len(self._streams)

    def lag_ms(self) -> int:
        """How far the slowest stream is behind."""
        with self._lock:
            return int(max((s.waiting_ms for s in self._streams.values()), default=0.0))

    def stop(self) -> None:
        """End everything."""
        for name in list(self._streams):
            self.end(name)
        self._stop.set()
        self._thread.join(timeout=2.0)

    # -------------------------------------------------------------- the exchange's connections

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the exchange, to its end."""
        stream: _Stream | None = None
        try:
            stream = self._open(await read_identifier(reader), writer)
            if stream is None:
                return
            self._report(StreamBegan(stream.name))
            while (sound := await read_sound(reader)) is not None:
                self._take(stream, sound)
        except NotAudioSocket:
            _log.warning("speech.not_audiosocket")
        finally:
            writer.close()
            if stream is not None:
                with self._lock:
                    stream.is_over = True

    def _open(self, name: str, writer: asyncio.StreamWriter) -> _Stream | None:
        side, until = self._expected.pop(name, (Side.CALLEE, 0.0))
        if until < time.monotonic() or len(self._streams) >= STREAMS_MAX:
            _log.warning("speech.unexpected_stream")
            return None
        hearings = tuple((s, s.spotter.listen(side)) for s in self._spotters)
        stream = _Stream(name, side, hearings, writer=writer)
        with self._lock:
            self._streams[name] = stream
        return stream

    def _take(self, stream: _Stream, sound: Sound) -> None:
        length_ms = _length_ms(sound)
        with self._lock:
            _fill_silence(stream, time.monotonic() - length_ms / 1000)
            stream.waiting.append(sound)
            stream.waiting_ms += length_ms
            stream.told_until += length_ms / 1000
            while stream.waiting_ms > WAITING_MS_MAX:
                lost = _length_ms(stream.waiting.popleft())
                stream.waiting_ms -= lost
                stream.dropped_ms += lost

    # -------------------------------------------------------------- the decoding thread

    def _decode(self) -> None:
        while not self._stop.is_set():
            worked = False
            with self._lock:
                streams = list(self._streams.values())
            for stream in streams:
                worked = self._piece(stream) or worked
            if not worked:
                self._stop.wait(IDLE_SECONDS)

    def _piece(self, stream: _Stream) -> bool:
        with self._lock:
            is_over = stream.is_over
            _fill_silence(stream, time.monotonic())
            if stream.waiting_ms < PIECE_MS and not is_over:
                return False
            pieces = list(stream.waiting)
            stream.waiting.clear()
            lag_ms = stream.waiting_ms
            stream.waiting_ms = 0.0
        for loaded, hearing in stream.hearings:
            try:
                self._hear(stream, loaded, hearing, pieces, int(lag_ms))
                if is_over:
                    for words in hearing.finish():
                        self._say(StreamWords(stream.name, words, loaded.model, 0))
            except Exception as fault:  # a plug-in's fault ends its own stream and nobody else's
                _log.error(
                    "speech.spotter_failed", spotter=loaded.model.spotter, failure=type(fault).__name__
                )
                stream.hearings = tuple(pair for pair in stream.hearings if pair[1] is not hearing)
        if is_over:
            with self._lock:
                self._streams.pop(stream.name, None)
            self._say(StreamEnded(stream.name, int(stream.dropped_ms)))
        return True

    def _hear(
        self, stream: _Stream, loaded: LoadedSpotter, hearing: Hearing, pieces: list[Sound], lag_ms: int
    ) -> None:
        for rate_hz, pcm in _joined(pieces):
            for words in hearing.feed(resampled(pcm, rate_hz, loaded.spotter.rate_hz)):
                self._say(StreamWords(stream.name, words, loaded.model, lag_ms))

    def _say(self, report: WorkerReport) -> None:
        self._loop.call_soon_threadsafe(self._report, report)


def resampled(pcm: bytes, rate_hz: int, wanted_hz: int) -> bytes:
    """The same sound at another rate. Doubling and halving is all that telephone sound needs.

    Raises:
        ValueError: another ratio.
    """
    if rate_hz == wanted_hz:
        return pcm
    samples = np.frombuffer(pcm, dtype="<i2")
    if wanted_hz == 2 * rate_hz:
        doubled = np.repeat(samples.astype(np.int32), 2)
        doubled[1:-1:2] = (doubled[1:-1:2] + doubled[2::2]) // 2
        return doubled.astype("<i2").tobytes()
    if rate_hz == 2 * wanted_hz:
        even = samples[: len(samples) // 2 * 2].astype(np.int32)
        return ((even[::2] + even[1::2]) // 2).astype("<i2").tobytes()
    raise ValueError("this ratio of rates is not known")


def _fill_silence(stream: _Stream, until: float) -> None:
    """What the exchange didn't send up to then was silence. Recognisers count time by samples, and end words at pauses."""
    gap = until - stream.told_until
    if gap < GAP_SECONDS_MIN:
        return
    silence = Sound(SILENCE_HZ, bytes(2 * int(min(gap, GAP_SECONDS_MAX) * SILENCE_HZ)))
    stream.waiting.append(silence)
    stream.waiting_ms += _length_ms(silence)
    stream.told_until = until


def _length_ms(sound: Sound) -> float:
    return len(sound.pcm) * 500.0 / sound.rate_hz


def _joined(pieces: list[Sound]) -> list[tuple[int, bytes]]:
    joined: list[tuple[int, bytes]] = []
    for piece in pieces:
        if joined and joined[-1][0] == piece.rate_hz:
            joined[-1] = (piece.rate_hz, joined[-1][1] + piece.pcm)
        else:
            joined.append((piece.rate_hz, piece.pcm))
    return joined
