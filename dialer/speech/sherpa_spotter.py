"""sherpa-onnx with an operator's streaming transducer model (Chinese, English, both): transcripts.

The folder holds `tokens.txt` and one file each of `encoder*.onnx`, `decoder*.onnx`, `joiner*.onnx`.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np

from dialer.ports.speech import Keyphrase, Side, SpotterMissing, Standing, Trust, Words
from dialer.speech.model_files import folder_sha256

RATE_HZ: Final = 16_000
FEATURES: Final = 80
PAUSE_SECONDS: Final = 0.6
"""Words are final after so much silence."""
SPEECH_SECONDS_MAX: Final = 15.0


def open_sherpa(model: Path | None, language: str, keyphrases: tuple[Keyphrase, ...]) -> "SherpaSpotter":
    """The recogniser with the operator's model."""
    del keyphrases
    if model is None:
        raise SpotterMissing(f"sherpa-onnx carries no model: set the folder of one for {language}")
    parts = {name: _part(model, name) for name in ("encoder", "decoder", "joiner")}
    tokens = model / "tokens.txt"
    if not tokens.is_file():
        raise SpotterMissing(f"the model's folder {model.name} has no tokens.txt")
    try:
        library: Any = import_module("sherpa_onnx")
    except ImportError:
        raise SpotterMissing("the package sherpa-onnx is not installed") from None
    recogniser = library.OnlineRecognizer.from_transducer(
        tokens=str(tokens),
        **{name: str(path) for name, path in parts.items()},
        num_threads=1,
        sample_rate=RATE_HZ,
        feature_dim=FEATURES,
        enable_endpoint_detection=True,
        rule1_min_trailing_silence=2 * PAUSE_SECONDS,
        rule2_min_trailing_silence=PAUSE_SECONDS,
        rule3_min_utterance_length=SPEECH_SECONDS_MAX,
    )
    return SherpaSpotter(recogniser, folder_sha256(model))


def _part(folder: Path, name: str) -> Path:
    """The model's file of that part; the quantised one where there are both.

    Raises:
        SpotterMissing: there is none.
    """
    found = sorted(folder.glob(f"{name}*.onnx"), key=lambda path: ("int8" not in path.name, path.name))
    if not found:
        raise SpotterMissing(f"the model's folder {folder.name} has no {name}*.onnx")
    return found[0]


class SherpaSpotter:
    """`ports.Spotter`."""

    rate_hz = RATE_HZ
    trust_max = Trust.TRUSTED

    def __init__(self, recogniser: Any, model_sha256: str) -> None:
        self._recogniser = recogniser
        self.model_sha256 = model_sha256

    def listen(self, side: Side) -> "_SherpaHearing":
        """A new stream."""
        del side
        return _SherpaHearing(self._recogniser)


class _SherpaHearing:
    def __init__(self, recogniser: Any) -> None:
        self._recogniser = recogniser
        self._stream = recogniser.create_stream()
        self._heard_ms = 0
        self._began_ms = 0
        self._text = ""

    def feed(self, pcm: bytes) -> tuple[Words, ...]:
        """What changed with this sound."""
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32_768
        self._stream.accept_waveform(RATE_HZ, samples)
        self._heard_ms += len(samples) * 1000 // RATE_HZ
        while self._recogniser.is_ready(self._stream):
            self._recogniser.decode_stream(self._stream)
        text = str(self._recogniser.get_result(self._stream)).strip()
        if self._recogniser.is_endpoint(self._stream):
            self._recogniser.reset(self._stream)
            return self._final(text)
        if text == self._text:
            return ()
        self._text = text
        return (Words(text, Standing.PARTIAL, self._began_ms, self._heard_ms),)

    def finish(self) -> tuple[Words, ...]:
        """The last words."""
        self._stream.input_finished()
        while self._recogniser.is_ready(self._stream):
            self._recogniser.decode_stream(self._stream)
        return self._final(str(self._recogniser.get_result(self._stream)).strip())

    def _final(self, text: str) -> tuple[Words, ...]:
        began_ms, self._began_ms, self._text = self._began_ms, self._heard_ms, ""
        return (Words(text, Standing.FINAL, began_ms, self._heard_ms),) if text else ()
