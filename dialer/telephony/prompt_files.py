"""The folder of prompts: sounds that wait for an approval, and those that the exchanges play.

Asterisk plays `NAME.wav` at 8 kHz. An 8 kHz file is kept byte for byte; a 16 kHz one is brought down once, when it
comes, so that what is listened to, approved by its hash and played is one and the same file.
"""

import asyncio
import hashlib
import io
import tempfile
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dialer.services.prompt_desk import (
    SOUND_BYTES_MAX,
    SOUND_SECONDS_MAX,
    SOUND_SECONDS_MIN,
    SoundFault,
    SpokenText,
)
from dialer.telephony.prompts import (
    PromptsUnavailable,
    Registered,
    place,
    read_register,
    run_tool,
    write_register,
)

WAITING: Final = "waiting"
PLAYED_HZ: Final = 8_000
TAKEN_HZ: Final = (PLAYED_HZ, 16_000)
_SAMPLE_BYTES: Final = 2


@dataclass(frozen=True, slots=True)
class PromptFiles:
    """`PromptFolder` on a disk."""

    folder: Path

    async def take(self, content: bytes) -> str | SoundFault:
        """Keep a sound that waits."""
        return await asyncio.to_thread(self.take_now, content)

    async def sound(self, name: str, sha256: str) -> bytes | None:
        """The file of a version."""
        return await asyncio.to_thread(self._sound, name, sha256)

    async def play(self, spoken: SpokenText) -> bool:
        """Let the exchanges play it; each file changes at once and whole."""
        return await asyncio.to_thread(self.play_now, spoken)

    async def played(self) -> Mapping[str, str]:
        """Name to hash."""
        return await asyncio.to_thread(self.played_now)

    def take_now(self, content: bytes) -> str | SoundFault:
        """`take` for code outside an event loop."""
        fault = sound_fault(content)
        if fault is not None:
            return fault
        kept = at_played_rate(content)
        sha256 = hashlib.sha256(kept).hexdigest()
        target = self.folder / WAITING / f"{sha256}.wav"
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as there:
            draft = Path(there, "sound.wav")
            draft.write_bytes(kept)
            place(draft, target)
        return sha256

    def play_now(self, spoken: SpokenText) -> bool:
        """`play` for code outside an event loop."""
        waiting = self.folder / WAITING / f"{spoken.sha256}.wav"
        target = self.folder / f"{spoken.name}.wav"
        if not _has(target, spoken.sha256):
            if not _has(waiting, spoken.sha256):
                return False
            place(waiting, target)
        others = (known for known in read_register(self.folder) if known.name != spoken.name)
        entry = Registered(spoken.name, spoken.language, spoken.text, spoken.sha256)
        write_register(self.folder, tuple(sorted((*others, entry), key=lambda one: one.name)))
        return True

    def played_now(self) -> Mapping[str, str]:
        """`played` for code outside an event loop."""
        return {file.stem: _sha256(file) for file in sorted(self.folder.glob("*.wav"))}

    def _sound(self, name: str, sha256: str) -> bytes | None:
        for file in (self.folder / WAITING / f"{sha256}.wav", self.folder / f"{name}.wav"):
            if _has(file, sha256):
                return file.read_bytes()
        return None


def sound_fault(content: bytes) -> SoundFault | None:
    """Why a file is no prompt; None: it is one."""
    if len(content) > SOUND_BYTES_MAX:
        return SoundFault.TOO_LONG
    try:
        with wave.open(io.BytesIO(content)) as sound:
            said, frames = sound.getparams(), sound.readframes(sound.getnframes())
    except wave.Error as wrong:
        return SoundFault.NOT_PCM16 if "format" in str(wrong) else SoundFault.NOT_WAV
    except (EOFError, RuntimeError):
        # what `wave` raises on a chunk that ends before its length
        return SoundFault.NOT_WAV
    if said.sampwidth != _SAMPLE_BYTES:
        return SoundFault.NOT_PCM16
    if said.nchannels != 1:
        return SoundFault.NOT_MONO
    if said.framerate not in TAKEN_HZ:
        return SoundFault.RATE
    if len(frames) != said.nframes * _SAMPLE_BYTES:
        return SoundFault.CUT_OFF
    seconds = said.nframes / said.framerate
    if seconds < SOUND_SECONDS_MIN:
        return SoundFault.TOO_SHORT
    return SoundFault.TOO_LONG if seconds > SOUND_SECONDS_MAX else None


def at_played_rate(content: bytes) -> bytes:
    """The sound as the exchanges play it; a file that has that rate stays as it is."""
    with wave.open(io.BytesIO(content)) as sound:
        if sound.getframerate() == PLAYED_HZ:
            return content
    with tempfile.TemporaryDirectory() as there:
        came, goes = Path(there, "came.wav"), Path(there, "goes.wav")
        came.write_bytes(content)
        # No dither: the same sound gives the same file, and so the same hash.
        run_tool("sox", "-D", str(came), "-r", str(PLAYED_HZ), str(goes))
        return goes.read_bytes()


def any_sound(source: Path) -> bytes:
    """Whatever sox can read, as a file that `take` takes; at most the longest that a prompt may be.

    Raises:
        PromptsUnavailable: it is no sound, or sox is missing.
    """
    if not source.is_file():
        raise PromptsUnavailable(f"there is no file {source.name}")
    with tempfile.TemporaryDirectory() as there:
        goes = Path(there, "goes.wav")
        shape = ("-r", str(PLAYED_HZ), "-c", "1", "-b", "16")
        cut = ("trim", "0", str(int(SOUND_SECONDS_MAX)), "norm", "-6")
        run_tool("sox", "-D", str(source), *shape, str(goes), *cut)
        return goes.read_bytes()


def _has(file: Path, sha256: str) -> bool:
    return file.is_file() and _sha256(file) == sha256


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
