"""What hears words: recognisers as plug-ins, and the worker that runs them beside the dialer, never inside it.

A recogniser either writes down what it heard (a transcript) or finds phrases that it was given (a hint). Whether its
word counts as the person's is the operator's choice, and a hint's never does.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from dialer.domain.errors import InstallationError


class Side(StrEnum):
    """Whose mouth the sound comes from."""

    CALLEE = "callee"
    AGENT = "agent"


class Trust(StrEnum):
    """HINT: a person must confirm it. TRUSTED: the operator answers for this recogniser; its final text counts."""

    HINT = "hint"
    TRUSTED = "trusted"


class Standing(StrEnum):
    """PARTIAL: may still change, for captions alone. FINAL: what was heard."""

    PARTIAL = "partial"
    FINAL = "final"


class SpotterMissing(InstallationError):
    """A recogniser or its model isn't there; the sentence says which and what to do."""


@dataclass(frozen=True, slots=True)
class Words:
    """What was heard. Times in milliseconds of the stream's sound; `confidence_ppm` where the recogniser gives one."""

    text: str = field(repr=False)
    standing: Standing
    from_ms: int
    to_ms: int
    confidence_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Keyphrase:
    """A phrase for recognisers that find phrases, and from whose mouth it counts.

    `threshold`: 10 to the minus this; higher hears more, also wrongly.
    """

    words: str
    threshold: int
    side: Side


class Hearing(Protocol):
    """One stream of one recogniser. Used by one thread at a time."""

    def feed(self, pcm: bytes) -> tuple[Words, ...]:
        """Take the next sound: 16 bit little-endian mono at the spotter's rate, 20 to 200 ms."""
        ...

    def finish(self) -> tuple[Words, ...]:
        """The stream is over: what was still in the air."""
        ...


class Spotter(Protocol):
    """A recogniser with its model in memory."""

    @property
    def rate_hz(self) -> int:
        """Samples a second that it wants."""
        ...

    @property
    def model_sha256(self) -> str:
        """64 hex over its model's files, so that evidence names what heard."""
        ...

    @property
    def trust_max(self) -> Trust:
        """HINT where nobody may trust it, whatever the settings say."""
        ...

    def listen(self, side: Side) -> Hearing:
        """A new stream."""
        ...


class SpotterFactory(Protocol):
    """What an entry point of the group `dialer.spotters` loads."""

    def __call__(self, model: Path | None, language: str, keyphrases: tuple[Keyphrase, ...]) -> Spotter:
        """Load the model.

        Raises:
            SpotterMissing: no such library or model here.
        """
        ...


@dataclass(frozen=True, slots=True)
class SpeechSocket:
    """Where the exchange sends one leg's sound: an AudioSocket of the worker, and the stream's secret name (UUID)."""

    host: str
    port: int
    stream: str


@dataclass(frozen=True, slots=True)
class Model:
    """Which recogniser heard something, and how far its word goes."""

    spotter: str
    language: str
    trust: Trust
    sha256: str


@dataclass(frozen=True, slots=True)
class StreamWords:
    """Words of a stream. `lag_ms`: how far behind the sound the worker is."""

    stream: str
    words: Words
    model: Model
    lag_ms: int


@dataclass(frozen=True, slots=True)
class StreamBegan:
    """The exchange connected the stream: its sound's first millisecond is now."""

    stream: str


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The stream is over. `dropped_ms`: sound that the worker was too late for."""

    stream: str
    dropped_ms: int


@dataclass(frozen=True, slots=True)
class WorkerBeat:
    """The worker lives. `lag_ms`: of its slowest stream. `missing`: sentences on recognisers that aren't there."""

    lag_ms: int
    streams: int
    missing: tuple[str, ...]


WorkerReport = StreamWords | StreamBegan | StreamEnded | WorkerBeat


class SpeechWorker(Protocol):
    """The worker as the dialer sees it."""

    async def expect(self, side: Side) -> SpeechSocket:
        """Have a stream expected; where the exchange shall send the sound.

        Raises:
            SpeechUnavailable: nobody answers.
        """
        ...

    async def end(self, stream: str) -> None:
        """End a stream; no error when it is gone.

        Raises:
            SpeechUnavailable: nobody answers.
        """
        ...

    def reports(self) -> AsyncIterator[WorkerReport]:
        """Everything that is heard from now on.

        Raises:
            SpeechUnavailable: the worker is gone, or was silent for longer than a beat.
        """
        ...
