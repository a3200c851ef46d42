"""A shipped fake of the speech worker: its streams hear what they are told to have heard, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import uuid4

from dialer.domain.errors import SpeechUnavailable
from dialer.ports.speech import (
    Model,
    Side,
    SpeechSocket,
    Standing,
    StreamBegan,
    StreamEnded,
    StreamWords,
    Words,
    WorkerBeat,
    WorkerReport,
)

NOWHERE_PORT = 9
"""The discard port: nobody listens, so that a fork made for it carries no sound."""


@dataclass
class ToldWorker:
    """`SpeechWorker`. `say` makes the newest stream of a side hear words, as final text; `break_off` is a link that breaks
    while the worker lives.
    """

    streams: dict[Side, list[str]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    _reports: "asyncio.Queue[WorkerReport | None]" = field(default_factory=asyncio.Queue)

    async def expect(self, side: Side) -> SpeechSocket:
        """A stream that begins at once."""
        stream = str(uuid4())
        self.streams.setdefault(side, []).append(stream)
        self._reports.put_nowait(StreamBegan(stream))
        return SpeechSocket("127.0.0.1", NOWHERE_PORT, stream)

    async def end(self, stream: str) -> None:
        """The stream is over."""
        self.ended.append(stream)
        self._reports.put_nowait(StreamEnded(stream, 0))

    async def reports(self) -> AsyncIterator[WorkerReport]:
        """A beat, then everything in its order."""
        yield WorkerBeat(0, 0, ())
        while (report := await self._reports.get()) is not None:
            yield report
        raise SpeechUnavailable("the link broke")

    def break_off(self) -> None:
        """The long answer breaks; the next one begins."""
        self._reports.put_nowait(None)

    def say(self, side: Side, text: str, model: Model, at_ms: int = 1_000) -> None:
        """The newest stream of that side hears this."""
        words = Words(text, Standing.FINAL, at_ms, at_ms + 800, 900_000)
        self._reports.put_nowait(StreamWords(self.streams[side][-1], words, model, 0))
