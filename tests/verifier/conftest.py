"""The attacks of tests/unit/evidence are run against the second verifier, too."""

import io
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import soundfile

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "evidence"))
sys.path.insert(0, str(Path(__file__).parent))

from dialer.evidence.sample import SampleLog, Sound, sample_log


@pytest.fixture(scope="session")
def log() -> SampleLog:
    """The sample log with a recording of a tenth of a second."""
    frames = (np.random.default_rng(7).normal(size=(800, 2)) * 3000).astype("<i2")
    flac = io.BytesIO()
    soundfile.write(flac, frames, 8000, format="FLAC", subtype="PCM_16")
    return sample_log(Sound(flac.getvalue(), sha256(frames.tobytes()).digest(), len(frames), 8000, 2))
