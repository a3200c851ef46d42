"""The dialer's side of the speech worker's door: short requests, and one long answer with what is heard."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

import aiohttp
from pydantic import BaseModel, ConfigDict, ValidationError

from dialer.domain.errors import SpeechUnavailable
from dialer.ports.speech import (
    Model,
    Side,
    SpeechSocket,
    Standing,
    StreamBegan,
    StreamEnded,
    StreamWords,
    Trust,
    Words,
    WorkerBeat,
    WorkerReport,
)

BEAT_SECONDS: Final = 0.5
SILENCE_SECONDS_MAX: Final = 2.0
"""A worker that says nothing for so long is gone: four beats."""
SECONDS_MAX: Final = 1.0
LINE_BYTES_MAX: Final = 64 * 1024
_FAILURES: Final = (aiohttp.ClientError, TimeoutError, OSError, ValueError)


class _Line(BaseModel):
    """One line of the long answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    stream: str = ""
    text: str = ""
    standing: Standing = Standing.FINAL
    from_ms: int = 0
    to_ms: int = 0
    confidence_ppm: int | None = None
    spotter: str = ""
    language: str = ""
    trust: Trust = Trust.HINT
    sha256: str = ""
    lag_ms: int = 0
    dropped_ms: int = 0
    streams: int = 0
    missing: tuple[str, ...] = ()


def to_line(report: WorkerReport) -> bytes:
    """A report as the worker writes it."""
    match report:
        case StreamWords(stream=stream, words=words, model=model, lag_ms=lag_ms):
            line = _Line(
                type="words",
                stream=stream,
                text=words.text,
                standing=words.standing,
                from_ms=words.from_ms,
                to_ms=words.to_ms,
                confidence_ppm=words.confidence_ppm,
                spotter=model.spotter,
                language=model.language,
                trust=model.trust,
                sha256=model.sha256,
                lag_ms=lag_ms,
            )
        case StreamBegan(stream=stream):
            line = _Line(type="began", stream=stream)
        case StreamEnded(stream=stream, dropped_ms=dropped_ms):
            line = _Line(type="ended", stream=stream, dropped_ms=dropped_ms)
        case WorkerBeat(lag_ms=lag_ms, streams=streams, missing=missing):
            line = _Line(type="beat", lag_ms=lag_ms, streams=streams, missing=missing)
    return line.model_dump_json(exclude_defaults=True).encode() + b"\n"


def from_line(data: bytes) -> WorkerReport:
    """A line as a report.

    Raises:
        SpeechUnavailable: that is no line of the worker.
    """
    try:
        line = _Line.model_validate_json(data)
    except ValidationError:
        raise SpeechUnavailable("the speech worker says something that is not understood") from None
    match line.type:
        case "words":
            words = Words(line.text, line.standing, line.from_ms, line.to_ms, line.confidence_ppm)
            model = Model(line.spotter, line.language, line.trust, line.sha256)
            return StreamWords(line.stream, words, model, line.lag_ms)
        case "began":
            return StreamBegan(line.stream)
        case "ended":
            return StreamEnded(line.stream, line.dropped_ms)
        case "beat":
            return WorkerBeat(line.lag_ms, line.streams, line.missing)
        case _:
            raise SpeechUnavailable("the speech worker says something that is not understood")


class SpeechDoor:
    """`ports.SpeechWorker` over the worker's unix socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None

    async def expect(self, side: Side) -> SpeechSocket:
        said = json.loads(await self._ask("/streams", {"side": str(side)}))
        return SpeechSocket(host=str(said["host"]), port=int(said["port"]), stream=str(said["stream"]))

    async def end(self, stream: str) -> None:
        await self._ask("/end", {"stream": stream})

    async def reports(self) -> AsyncGenerator[WorkerReport, None]:
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=SECONDS_MAX, sock_read=SILENCE_SECONDS_MAX)
        try:
            async with self._open().get("http://local/reports", timeout=timeout) as answer:
                async for line in answer.content:
                    yield from_line(line)
        except _FAILURES as failure:
            raise SpeechUnavailable("the speech worker is gone") from failure
        raise SpeechUnavailable("the speech worker ended its answer")

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(path=str(self._socket)),
                read_bufsize=LINE_BYTES_MAX,
            )
        return self._session

    async def _ask(self, path: str, query: dict[str, str]) -> bytes:
        timeout = aiohttp.ClientTimeout(SECONDS_MAX)
        try:
            async with self._open().post(f"http://local{path}", params=query, timeout=timeout) as answer:
                if answer.status != 200:
                    raise SpeechUnavailable(f"the speech worker answered {answer.status}")
                return await answer.read()
        except _FAILURES as failure:
            raise SpeechUnavailable("the speech worker does not answer") from failure
