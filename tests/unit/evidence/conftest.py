"""A sample log with a real recording, made once for all tests of this folder."""

import io
from hashlib import sha256

import numpy as np
import pytest
import soundfile

from dialer.evidence.sample import SampleLog, Sound, sample_log

RATE_HZ = 8000


@pytest.fixture(scope="session")
def sound() -> Sound:
    """A quarter of a second: the callee's leg has 440 Hz, the agent's 660 Hz."""
    times = np.arange(RATE_HZ // 4) / RATE_HZ
    legs = np.stack([np.sin(2 * np.pi * 440 * times), np.sin(2 * np.pi * 660 * times)], axis=1)
    frames = (legs * 8000).astype("<i2")
    flac = io.BytesIO()
    soundfile.write(flac, frames, RATE_HZ, format="FLAC", subtype="PCM_16")
    return Sound(flac.getvalue(), sha256(frames.tobytes()).digest(), len(frames), RATE_HZ, 2)


@pytest.fixture(scope="session")
def log(sound: Sound) -> SampleLog:
    """The sample log. Tests must not append to it."""
    return sample_log(sound)
