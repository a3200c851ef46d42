"""pocketsphinx with the English model that it carries: finds given phrases, hints alone.

Its model wants 16 kHz sound and knows no telephone: on a telephone line it misses phrases and hears some that were not
said (docs/refusals.md has the figures). So nobody may trust it, and a person confirms what it found.
"""

import tempfile
from collections import deque
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np

from dialer.ports.speech import Hearing, Keyphrase, Side, SpotterMissing, Standing, Trust, Words
from dialer.speech.model_files import folder_sha256

RATE_HZ: Final = 16_000
NOISE: Final = 30.0
"""Samples of 16 bit; without it “do not call me again” isn't found even in the clear (bench/bench_spoken.py)."""
NOISE_SEED: Final = 1
LETTER_MS_MIN: Final = 30
LETTER_MS_MAX: Final = 160
SAME_FRAMES: Final = 100
"""The same phrase again within a second is the same."""
FRAME_MS: Final = 10
"""What the decoder's own times count."""
SPEECH_SECONDS_MAX: Final = 20.0
"""Speech without a pause is cut here, so that the decoder's memory stays bounded."""
BUNDLED: Final = "en-us"
LANGUAGE: Final = "en"


def open_pocketsphinx(
    model: Path | None, language: str, keyphrases: tuple[Keyphrase, ...]
) -> "KeywordSpotter":
    """The recogniser with its own model, or with an operator's in the same layout."""
    if model is None and language != LANGUAGE:
        raise SpotterMissing(f"pocketsphinx carries no model for {language}: give one of your own")
    if not keyphrases:
        raise SpotterMissing(f"no phrases to listen for in {language}")
    try:
        library: Any = import_module("pocketsphinx")
    except ImportError:
        raise SpotterMissing("the package pocketsphinx is not installed") from None
    folder = model or Path(library.get_model_path()) / BUNDLED
    return KeywordSpotter(library, folder, keyphrases)


class KeywordSpotter:
    """`ports.Spotter`."""

    rate_hz = RATE_HZ
    trust_max = Trust.HINT

    def __init__(self, library: Any, folder: Path, keyphrases: tuple[Keyphrase, ...]) -> None:
        self._library = library
        self._folder = folder
        self._keyphrases = {side: tuple(p for p in keyphrases if p.side is side) for side in Side}
        self.model_sha256 = folder_sha256(folder)
        self._spare: dict[Side, list[Any]] = {
            side: [self._decoder(phrases)] for side, phrases in self._keyphrases.items() if phrases
        }

    def listen(self, side: Side) -> Hearing:
        """A new stream, with a decoder of its own: those of ended streams are used again."""
        phrases = self._keyphrases[side]
        if not phrases:
            return _NothingToHear()
        spare = self._spare[side]
        return _KeywordHearing(self._library, spare.pop() if spare else self._decoder(phrases), spare)

    def _decoder(self, keyphrases: tuple[Keyphrase, ...]) -> Any:
        dictionaries = sorted(self._folder.glob("*.dict"))
        acoustic = self._folder / self._folder.name
        if not dictionaries or not acoustic.is_dir():
            raise SpotterMissing(f"the folder {self._folder.name} holds no model of pocketsphinx")
        with tempfile.NamedTemporaryFile("w", suffix=".list", encoding="utf-8") as phrases:
            phrases.writelines(f"{p.words} /1e-{p.threshold}/\n" for p in keyphrases)
            phrases.flush()
            try:
                return self._library.Decoder(
                    hmm=str(acoustic), dict=str(dictionaries[0]), kws=phrases.name, lm=None, loglevel="FATAL"
                )
            except (RuntimeError, ValueError) as wrong:
                raise SpotterMissing("pocketsphinx can't use its model or a phrase's words") from wrong


class _NothingToHear:
    """A stream of somebody for whose words the lists have no phrase."""

    def feed(self, pcm: bytes) -> tuple[Words, ...]:
        """Nothing."""
        del pcm
        return ()

    def finish(self) -> tuple[Words, ...]:
        """Nothing."""
        return ()


class _KeywordHearing:
    """One stream. Silence is not decoded: it costs nothing."""

    def __init__(self, library: Any, decoder: Any, spare: list[Any]) -> None:
        self._decoder = decoder
        self._spare = spare
        self._ends: Any = library.Endpointer(sample_rate=RATE_HZ)
        self._rest = b""
        self._noise = np.random.default_rng(NOISE_SEED)
        self._found: deque[tuple[str, int]] = deque(maxlen=8)
        self._is_open = False
        self._began_seconds = 0.0
        self._decoded_seconds = 0.0

    def feed(self, pcm: bytes) -> tuple[Words, ...]:
        """Phrases that ended in this sound."""
        self._rest += self._with_noise(pcm)
        size = int(self._ends.frame_bytes)
        heard: list[Words] = []
        while len(self._rest) >= size:
            frame, self._rest = self._rest[:size], self._rest[size:]
            speech = self._ends.process(frame)
            if speech is None:
                self._close()
                continue
            heard += self._decode(bytes(speech))
            if not self._ends.in_speech:
                self._close()
        return tuple(heard)

    def _with_noise(self, pcm: bytes) -> bytes:
        """A line's band is empty above 4 kHz and its pauses are exactly silent; the model has never heard either."""
        sound = np.frombuffer(pcm, dtype="<i2") + self._noise.normal(0.0, NOISE, len(pcm) // 2)
        return np.clip(sound, -32_768, 32_767).astype("<i2").tobytes()

    def finish(self) -> tuple[Words, ...]:
        """End the decoder's work and give it to the next stream."""
        self._close()
        self._spare.append(self._decoder)
        return ()

    def _decode(self, speech: bytes) -> list[Words]:
        if not self._is_open:
            self._decoder.start_utt()
            self._is_open = True
            self._began_seconds = float(self._ends.speech_start)
            self._decoded_seconds = 0.0
            self._found.clear()
        self._decoder.process_raw(speech, False, False)
        self._decoded_seconds += len(speech) / 2 / RATE_HZ
        heard = self._news() if self._decoder.hyp() is not None else []
        if self._decoded_seconds > SPEECH_SECONDS_MAX:
            self._close()
        return heard

    def _news(self) -> list[Words]:
        heard = []
        for segment in self._decoder.seg():
            words = str(segment.word).strip()
            first, last = int(segment.start_frame), int(segment.end_frame)
            if not _is_plausible(words, (last - first) * FRAME_MS) or self._is_known(words, first, last):
                continue
            self._found.append((words, last))
            began_ms = int(self._began_seconds * 1000)
            heard.append(
                Words(words, Standing.FINAL, began_ms + first * FRAME_MS, began_ms + last * FRAME_MS)
            )
        return heard

    def _is_known(self, words: str, first: int, last: int) -> bool:
        return any(words == known and first <= until <= last + SAME_FRAMES for known, until in self._found)

    def _close(self) -> None:
        if self._is_open:
            self._decoder.end_utt()
            self._is_open = False


def _is_plausible(words: str, length_ms: int) -> bool:
    """Nobody says a phrase that fast or that slowly: a long tone, music or a cough sounds like anything."""
    letters = sum(map(str.isalpha, words))
    return LETTER_MS_MIN * letters <= length_ms <= LETTER_MS_MAX * letters
