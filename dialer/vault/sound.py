"""Listening copies of a recording: WAV for the player, peaks for the waveform."""

import io
from typing import Final

import numpy as np
import soundfile as sf

from dialer.ports.audio import Peaks

PEAKS_PER_SECOND: Final = 20
PEAK_MAX: Final = 127


class FlacSound:
    """`ports.Sound` on libsndfile."""

    def wav(self, flac: bytes) -> bytes:
        sound, rate = sf.read(io.BytesIO(flac), dtype="int16", always_2d=True)
        out = io.BytesIO()
        sf.write(out, sound, rate, format="WAV", subtype="PCM_16")
        return out.getvalue()

    def peaks(self, flac: bytes) -> Peaks:
        sound, rate = sf.read(io.BytesIO(flac), dtype="int16", always_2d=True)
        step = max(1, rate // PEAKS_PER_SECOND)
        legs = []
        for column in range(2):
            leg = np.abs(sound[:, column].astype(np.int32))
            legs.append(
                tuple(int(leg[i : i + step].max() * PEAK_MAX // 32768) for i in range(0, len(leg), step))
            )
        return Peaks(per_second=PEAKS_PER_SECOND, seconds=len(sound) / rate, callee=legs[0], agent=legs[1])
