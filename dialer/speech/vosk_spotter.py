"""vosk with an operator's model: transcripts."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from dialer.ports.speech import Keyphrase, Side, SpotterMissing, Standing, Trust, Words
from dialer.speech.model_files import folder_sha256

RATE_HZ: Final = 16_000
QUIET: Final = -1


def open_vosk(model: Path | None, language: str, keyphrases: tuple[Keyphrase, ...]) -> "VoskSpotter":
    """The recogniser with the operator's model."""
    del keyphrases
    if model is None:
        raise SpotterMissing(f"vosk carries no model: set the folder of one for {language}")
    digest = folder_sha256(model)
    try:
        library: Any = import_module("vosk")
    except ImportError:
        raise SpotterMissing("the package vosk is not installed") from None
    library.SetLogLevel(QUIET)
    try:
        loaded = library.Model(str(model))
    except Exception as wrong:  # the library raises Exception itself
        raise SpotterMissing(f"vosk can't use the model in {model.name}") from wrong
    return VoskSpotter(library, loaded, digest)


class VoskSpotter:
    """`ports.Spotter`."""

    rate_hz = RATE_HZ
    trust_max = Trust.TRUSTED

    def __init__(self, library: Any, model: Any, model_sha256: str) -> None:
        self._library = library
        self._model = model
        self.model_sha256 = model_sha256

    def listen(self, side: Side) -> "_VoskHearing":
        """A new stream."""
        del side
        recogniser = self._library.KaldiRecognizer(self._model, RATE_HZ)
        recogniser.SetWords(True)
        return _VoskHearing(recogniser)


class _VoskHearing:
    def __init__(self, recogniser: Any) -> None:
        self._recogniser = recogniser
        self._heard_ms = 0
        self._began_ms = 0
        self._text = ""

    def feed(self, pcm: bytes) -> tuple[Words, ...]:
        """What changed with this sound."""
        self._heard_ms += len(pcm) * 500 // RATE_HZ
        if self._recogniser.AcceptWaveform(pcm):
            return self._final(str(self._recogniser.Result()))
        text = str(json.loads(str(self._recogniser.PartialResult())).get("partial", ""))
        if text == self._text:
            return ()
        self._text = text
        return (Words(text, Standing.PARTIAL, self._began_ms, self._heard_ms),) if text else ()

    def finish(self) -> tuple[Words, ...]:
        """The last words."""
        return self._final(str(self._recogniser.FinalResult()))

    def _final(self, answer: str) -> tuple[Words, ...]:
        said = json.loads(answer)
        text, self._text = str(said.get("text", "")), ""
        began_ms, self._began_ms = self._began_ms, self._heard_ms
        if not text:
            return ()
        places = said.get("result") or [{"start": began_ms / 1000, "end": self._heard_ms / 1000}]
        sure = [float(place["conf"]) for place in places if "conf" in place]
        return (
            Words(
                text=text,
                standing=Standing.FINAL,
                from_ms=int(float(places[0]["start"]) * 1000),
                to_ms=int(float(places[-1]["end"]) * 1000),
                confidence_ppm=int(min(sure) * 1_000_000) if sure else None,
            ),
        )
