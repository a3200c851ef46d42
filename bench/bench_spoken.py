"""Figures of listening: `python -m bench.bench_spoken [--streams 30]`.

Phrases in voices of flite go through a telephone's band (300 to 3,400 Hz, µ-law) with noise, into the bundled
recogniser as the worker uses it. Synthetic voices say every word clearly and alone: people are harder to hear. The
figures are for comparing settings, not a promise.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile as sf

from dialer.ports.speech import Side
from dialer.processes.speech import listened_for
from dialer.rules.phrases import PhraseSpeaker
from dialer.rules.spoken import hinted, refusal_phrases
from dialer.speech.keyword_spotter import RATE_HZ, KeywordSpotter, open_pocketsphinx

VOICES = ("slt", "rms", "awb", "kal16")
REFUSALS = (
    "Please do not call me again.",
    "Do not call this number again.",
    "Do not call me any more.",
    "Don't call me again.",
    "Stop calling me.",
    "Take me off your list.",
    "Please take me off the list.",
    "No more calls please.",
    "I do not want any more calls.",
    "Remove my number from your list.",
    "Leave me alone.",
    "I am not interested.",
    "How did you get my number?",
)
ORDINARY = (
    "Please call me tomorrow at three.",
    "What does the renewal cost for one year?",
    "I was on another call with my colleague.",
    "The invoice has the wrong address on it.",
    "Can you send me the report by mail?",
    "Yes, this is the right person, go ahead.",
    "I would like to talk about the enterprise version.",
    "The export of our data failed again this morning.",
    "Stop by the office whenever you like.",
    "That is very interesting, tell me more about it.",
    "The number of my house is forty two.",
    "I will call my colleague about the list.",
    "Do not worry, I have time now.",
)
FORBIDDEN = (
    "We have guaranteed returns of eight percent.",
    "Our product gives you guaranteed returns.",
    "There is no risk for you.",
    "This investment is without any risk.",
    "It is completely risk free.",
    "We guarantee your profit.",
    "You are stupid.",
    "Shut up and listen to me.",
)
PERMITTED = (
    "Good morning, this is Lee of Sample Software.",
    "You asked us to call you back about the renewal.",
    "This call is recorded, is that all right with you?",
    "The basic version costs less than the other one.",
    "I can send you an offer by mail this afternoon.",
    "Every investment can lose its value.",
    "Let me shut down the old version first.",
    "You are right, the invoice is wrong.",
    "Your return was received on Monday.",
    "The warranty runs for twelve months.",
    "I have noted that, we will not call you again.",
    "Thank you for your time and good bye.",
    "We have a new release next month.",
)
SAID = {Side.CALLEE: (REFUSALS, ORDINARY), Side.AGENT: (FORBIDDEN, PERMITTED)}
"""Of each side, what shall be heard and what shall not."""
PIECE = RATE_HZ // 10
LATENCY_P95_SECONDS_MAX = 2.0


def said(text: str, voice: str, noise_db: int, rng: np.random.Generator) -> np.ndarray:
    """The sentence as the exchange hands it out: 16 kHz, telephone band, noise `noise_db` below the voice."""
    with tempfile.TemporaryDirectory() as name:
        raw, line, wide = (str(Path(name, f"{part}.wav")) for part in ("raw", "line", "wide"))
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", raw], check=True)
        band = ["sinc", "300-3400", "norm", "-6", "pad", "0.6", "1.5"]
        subprocess.run(
            ["sox", raw, "-r", "8000", "-c", "1", "-e", "mu-law", line, *band],
            check=True,
            capture_output=True,
        )
        subprocess.run(["sox", line, "-r", str(RATE_HZ), "-e", "signed", "-b", "16", wide], check=True)
        sound, _ = sf.read(wide)
    loud = np.sqrt(np.mean(sound[np.abs(sound) > 0.01] ** 2))
    noisy = sound + rng.standard_normal(len(sound)) * loud * 10 ** (-noise_db / 20)
    return np.asarray(np.clip(noisy, -1, 1) * 32_767, dtype="<i2")


def heard(spotter: KeywordSpotter, side: Side, sound: np.ndarray) -> list[float]:
    """For each hit: seconds from the end of the phrase to the piece of sound that gave it."""
    hearing = spotter.listen(side)
    hits: list[float] = []
    before: tuple[str, ...] = ()
    for start in range(0, len(sound), PIECE):
        for words in hearing.feed(sound[start : start + PIECE].tobytes()):
            if hinted(refusal_phrases(), PhraseSpeaker(side), "en", words.text, before) is not None:
                hits.append((start + PIECE) / RATE_HZ - words.to_ms / 1000)
            before = (words.text,)
    hearing.finish()
    return hits


def detection(spotter: KeywordSpotter, side: Side, noise_db: int) -> list[float]:
    """Prints what is found; the delays."""
    rng = np.random.default_rng(7)
    meant, harmless = SAID[side]
    found = wrong = 0
    delays: list[float] = []
    by_phrase = dict.fromkeys(meant, 0)
    for voice in VOICES:
        for text in meant:
            hits = heard(spotter, side, said(text, voice, noise_db, rng))
            found += bool(hits)
            by_phrase[text] += bool(hits)
            delays += hits[:1]
        wrong += sum(bool(heard(spotter, side, said(text, voice, noise_db, rng))) for text in harmless)
    total, ordinary = len(VOICES) * len(meant), len(VOICES) * len(harmless)
    print(
        f"{side}, noise {noise_db:>2} dB below the voice: {found} of {total} found,"
        f" {wrong} of {ordinary} false alarms"
    )
    for text, count in by_phrase.items():
        print(f"    {count}/{len(VOICES)}  {text}")
    return delays


def streams(spotter: KeywordSpotter, count: int) -> float:
    """Processor time for a second of `count` streams of which each speaks, on and off, as people do."""
    rng = np.random.default_rng(3)
    sounds = [np.concatenate([said(t, "rms", 20, rng), np.zeros(2 * RATE_HZ, "<i2")]) for t in ORDINARY[:6]]
    hearings = [spotter.listen(Side.CALLEE) for _ in range(count)]
    seconds = min(len(s) for s in sounds) // PIECE / 10
    began = time.process_time()
    for start in range(0, int(seconds * RATE_HZ), PIECE):
        for place, hearing in enumerate(hearings):
            hearing.feed(sounds[place % len(sounds)][start : start + PIECE].tobytes())
    return (time.process_time() - began) / seconds


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--streams", type=int, default=30)
    asked = parser.parse_args()
    spotter = open_pocketsphinx(None, "en", tuple(listened_for()["en"]))
    delays = [d for side in Side for noise_db in (30, 20, 10) for d in detection(spotter, side, noise_db)]
    p95 = float(np.quantile(delays, 0.95))
    print(
        f"from the end of the phrase to the hit: p50 {np.median(delays):.2f} s, p95 {p95:.2f} s (target < 2 s)"
    )
    share = streams(spotter, asked.streams)
    print(f"{asked.streams} streams: {share:.2f} of one core (target < 1)")


if __name__ == "__main__":
    main()
