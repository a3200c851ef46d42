"""Finds recognisers by name. Ours are in the table; others are entry points of the group `dialer.spotters`."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, cast

from dialer.ports.speech import Keyphrase, Model, SpotterFactory, SpotterMissing, Trust
from dialer.speech.keyword_spotter import open_pocketsphinx
from dialer.speech.sherpa_spotter import open_sherpa
from dialer.speech.streams import LoadedSpotter
from dialer.speech.vosk_spotter import open_vosk

GROUP: Final = "dialer.spotters"
SHIPPED: Final[Mapping[str, SpotterFactory]] = {
    "pocketsphinx": open_pocketsphinx,
    "sherpa-onnx": open_sherpa,
    "vosk": open_vosk,
}


@dataclass(frozen=True, slots=True)
class SpotterChoice:
    """What the operator chose for one language."""

    name: str
    language: str
    model: Path | None
    trust: Trust


def load_spotters(
    choices: tuple[SpotterChoice, ...], keyphrases: Mapping[str, tuple[Keyphrase, ...]]
) -> tuple[tuple[LoadedSpotter, ...], tuple[str, ...]]:
    """The recognisers that are there, and a sentence on each that isn't. `keyphrases`: by language."""
    loaded: list[LoadedSpotter] = []
    missing: list[str] = []
    for choice in choices:
        try:
            loaded.append(_load(choice, keyphrases.get(choice.language, ())))
        except SpotterMissing as away:
            missing.append(str(away))
    return tuple(loaded), tuple(missing)


def _load(choice: SpotterChoice, keyphrases: tuple[Keyphrase, ...]) -> LoadedSpotter:
    spotter = _factory(choice.name)(choice.model, choice.language, keyphrases)
    if choice.trust is Trust.TRUSTED and spotter.trust_max is Trust.HINT:
        raise SpotterMissing(f"{choice.name} gives hints only: set its trust to hint")
    return LoadedSpotter(spotter, Model(choice.name, choice.language, choice.trust, spotter.model_sha256))


def _factory(name: str) -> SpotterFactory:
    if name in SHIPPED:
        return SHIPPED[name]
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if len(found) != 1:
        raise SpotterMissing(f"{len(found)} installed recognisers are called {name}")
    return cast(SpotterFactory, found[0].load())
