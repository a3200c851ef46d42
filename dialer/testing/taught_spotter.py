"""A recogniser for tests, loaded as a plug-in like any other: it knows the recordings in its model folder and no more.

The folder has `register.json` (the prompts' own register) and the WAV files that it names. What a stream says is
compared with each of them by its loudness over time; a match is final text, so the operator of a test may trust it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import soundfile as sf

from dialer.ports.speech import Keyphrase, Side, SpotterMissing, Standing, Trust, Words
from dialer.speech.model_files import folder_sha256

RATE_HZ: Final = 16_000
FRAME_MS: Final = 20
ALIKE: Final = 0.9
"""Correlation of the two loudness curves from which a recording is recognised."""
MEMORY_SECONDS: Final = 12
Curve = np.ndarray[tuple[int], np.dtype[np.float64]]


def open_taught(model: Path | None, language: str, keyphrases: tuple[Keyphrase, ...]) -> "TaughtSpotter":
    """The recordings of one language of a prompts folder."""
    del keyphrases
    if model is None or not (model / "register.json").is_file():
        raise SpotterMissing("the taught recogniser needs a folder with a register of recordings")
    register = json.loads((model / "register.json").read_text(encoding="utf-8"))
    known = {
        str(entry["text"]): _curve_of(model / f"{entry['name']}.wav")
        for entry in register
        if entry["language"] == language
    }
    return TaughtSpotter(known, folder_sha256(model))


class TaughtSpotter:
    """`ports.Spotter`."""

    rate_hz = RATE_HZ
    trust_max = Trust.TRUSTED

    def __init__(self, known: Mapping[str, Curve], model_sha256: str) -> None:
        self._known = known
        self.model_sha256 = model_sha256

    def listen(self, side: Side) -> "_TaughtHearing":
        """A new stream."""
        del side
        return _TaughtHearing(self._known)


class _TaughtHearing:
    def __init__(self, known: Mapping[str, Curve]) -> None:
        self._known = known
        self._curve: Curve = np.zeros(0)
        self._heard_ms = 0

    def feed(self, pcm: bytes) -> tuple[Words, ...]:
        """Recordings that ended in this sound."""
        sound = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
        self._curve = np.concatenate([self._curve, loudness(sound, RATE_HZ)])
        self._curve = self._curve[-MEMORY_SECONDS * 1000 // FRAME_MS :]
        self._heard_ms += len(sound) * 1000 // RATE_HZ
        for text, known in self._known.items():
            if _found(self._curve, known):
                self._curve = np.zeros(0)
                from_ms = max(0, self._heard_ms - len(known) * FRAME_MS)
                return (Words(text, Standing.FINAL, from_ms, self._heard_ms, 1_000_000),)
        return ()

    def finish(self) -> tuple[Words, ...]:
        """Nothing is left in the air."""
        return ()


def loudness(sound: Curve, rate_hz: int) -> Curve:
    """Loudness of each frame, on a scale that shows quiet parts, too."""
    size = rate_hz * FRAME_MS // 1000
    frames = sound[: len(sound) // size * size].reshape(-1, size)
    return np.asarray(np.log1p(np.sqrt(np.mean(frames**2, axis=1)) / 50), dtype=np.float64)


def _curve_of(path: Path) -> Curve:
    sound, rate_hz = sf.read(path, dtype="int16")
    return loudness(np.asarray(sound, dtype=np.float64), int(rate_hz))


def _found(curve: Curve, known: Curve) -> bool:
    size = len(known)
    if len(curve) < size or known.std() == 0:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(curve, size)
    spread = windows.std(axis=1)
    loud = spread > 0.1
    if not loud.any():
        return False
    centred = windows[loud] - windows[loud].mean(axis=1, keepdims=True)
    alike = (centred @ (known - known.mean())) / (size * spread[loud] * known.std())
    return bool(alike.max() >= ALIKE)
