"""Recognisers: what is missing is said in a sentence, a hint can't be trusted, and the bundled one hears a refusal."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from dialer.ports.speech import Side, SpotterMissing, Trust
from dialer.processes.speech import listened_for
from dialer.speech.model_files import folder_sha256
from dialer.speech.sherpa_spotter import open_sherpa
from dialer.speech.spotters import SpotterChoice, load_spotters
from dialer.speech.vosk_spotter import open_vosk

POCKETSPHINX = SpotterChoice("pocketsphinx", "en", None, Trust.HINT)
PIECE = 1600


def hears(sound: np.ndarray, side: Side = Side.CALLEE) -> list[str]:
    loaded, missing = load_spotters((POCKETSPHINX,), listened_for())
    assert missing == ()
    hearing = loaded[0].spotter.listen(side)
    found = [
        words
        for start in range(0, len(sound), PIECE)
        for words in hearing.feed(sound[start : start + PIECE].tobytes())
    ]
    return [words.text for words in (*found, *hearing.finish())]


def spoken(text: str, folder: Path) -> np.ndarray:
    raw, line = folder / "raw.wav", folder / "line.wav"
    subprocess.run(["flite", "-voice", "rms", "-t", text, "-o", raw], check=True)
    band = ["sinc", "300-3400", "norm", "-6", "pad", "0.6", "1.5"]
    subprocess.run(
        ["sox", raw, "-r", "8000", "-c", "1", "-e", "mu-law", line, *band], check=True, capture_output=True
    )
    wide = folder / "wide.wav"
    subprocess.run(["sox", line, "-r", "16000", "-e", "signed", "-b", "16", wide], check=True)
    sound, _ = sf.read(wide, dtype="int16")
    return np.asarray(sound, dtype="<i2")


def test_the_bundled_recogniser_hears_a_refusal_over_a_telephone_and_not_what_sounds_alike(
    tmp_path: Path,
) -> None:
    assert "do not call" in hears(spoken("Please do not call me again.", tmp_path))
    assert hears(spoken("What does the renewal cost for one year?", tmp_path)) == []


def test_each_side_is_listened_to_for_what_counts_from_its_mouth(tmp_path: Path) -> None:
    promise = spoken("Our product gives you guaranteed returns.", tmp_path)
    assert "guaranteed returns" in hears(promise, Side.AGENT)
    assert hears(promise, Side.CALLEE) == []
    assert hears(spoken("Please do not call me again.", tmp_path), Side.AGENT) == []


def test_a_tone_is_no_refusal_however_long() -> None:
    tone = (7_000 * np.sin(2 * np.pi * 440 * np.arange(8 * 16_000) / 16_000)).astype("<i2")
    for side in Side:
        assert hears(np.concatenate([tone, np.zeros(16_000, "<i2")]), side) == []


def test_a_hint_can_not_be_trusted_whatever_the_settings_say() -> None:
    trusted = SpotterChoice("pocketsphinx", "en", None, Trust.TRUSTED)
    loaded, missing = load_spotters((trusted, POCKETSPHINX), listened_for())
    assert missing == ("pocketsphinx gives hints only: set its trust to hint",)
    assert [spotter.model.trust for spotter in loaded] == [Trust.HINT]


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        (SpotterChoice("pocketsphinx", "zh", None, Trust.HINT), "pocketsphinx carries no model for zh"),
        (SpotterChoice("sherpa-onnx", "zh", None, Trust.TRUSTED), "sherpa-onnx carries no model"),
        (SpotterChoice("sherpa-onnx", "zh", Path("/nowhere/model"), Trust.TRUSTED), "has no encoder"),
        (SpotterChoice("vosk", "en", None, Trust.TRUSTED), "vosk carries no model"),
        (SpotterChoice("vosk", "en", Path("/nowhere/model"), Trust.TRUSTED), "is missing or empty"),
        (
            SpotterChoice("unheard-of", "en", None, Trust.TRUSTED),
            "0 installed recognisers are called unheard-of",
        ),
    ],
)
def test_a_recogniser_that_is_missing_is_one_clear_sentence_and_the_others_work(
    choice: SpotterChoice, says: str
) -> None:
    loaded, missing = load_spotters((choice, POCKETSPHINX), listened_for())
    assert [spotter.model.spotter for spotter in loaded] == ["pocketsphinx"]
    assert len(missing) == 1
    assert says in missing[0]


def test_the_operators_recognisers_say_that_their_library_is_not_installed(tmp_path: Path) -> None:
    for name in ("tokens.txt", "encoder.int8.onnx", "decoder.onnx", "joiner.onnx"):
        (tmp_path / name).write_text("not a model")
    with pytest.raises(SpotterMissing, match="sherpa-onnx is not installed"):
        open_sherpa(tmp_path, "zh", ())
    with pytest.raises(SpotterMissing, match="vosk is not installed"):
        open_vosk(tmp_path, "en", ())


def test_a_models_hash_changes_with_any_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    first = folder_sha256(tmp_path)
    (tmp_path / "b").write_bytes(b"2")
    second = folder_sha256(tmp_path)
    (tmp_path / "b").write_bytes(b"3")
    assert len({first, second, folder_sha256(tmp_path)}) == 3
