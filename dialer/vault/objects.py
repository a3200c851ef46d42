"""Where ciphertexts lie: one file an object, written once, never overwritten; a local folder by default."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from dialer.compliance.facts import VaultState
from dialer.domain.errors import VaultUnavailable

PIECE_BYTES: Final = 65_536 + 16
"""A piece is one sealed chunk with its tag (`stream.py`)."""
FREE_BYTES_MIN: Final = 200_000_000


class Fault(StrEnum):
    """What is wrong with a stored object."""

    MISSING = "missing"
    ALTERED = "altered"
    UNLOCKED = "unlocked"


class Objects(Protocol):
    """Blocking; called from threads. A path is what `put` gave, and is kept in the database."""

    def state(self, region: str) -> VaultState:
        """Whether an object of that region could be written now."""
        ...

    def put(self, region: str, name: str, content: bytes) -> str:
        """Write durably what must not be there yet; its path.

        Raises:
            VaultUnavailable: it is not kept, or not as it has to be.
        """
        ...

    def pieces(self, path: str) -> Iterator[bytes]:
        """The object in pieces of `PIECE_BYTES`, the last one shorter.

        Raises:
            VaultUnavailable: it is gone, lies outside the vault, or can't be read.
        """
        ...

    def remove(self, path: str) -> None:
        """Take it away; no error when it is gone already.

        Raises:
            VaultUnavailable: it lies there still; without its key nobody opens it.
        """
        ...

    def is_there(self, path: str) -> bool:
        """Whether it can be read."""
        ...

    def fault(self, path: str, size_bytes: int) -> Fault | None:
        """What is wrong with it as far as can be seen without reading it; None: nothing.

        Raises:
            VaultUnavailable: nobody can say now.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalObjects:
    """`Objects` in a folder of this machine: of every region, for the machine stands in one."""

    root: Path

    def state(self, region: str) -> VaultState:
        return folder_state(self.root)

    def put(self, region: str, name: str, content: bytes) -> str:
        path = f"{name[:2]}/{name}"
        try:
            _write_durably(self._file(path), content)
        except OSError as failure:
            raise VaultUnavailable("an object can't be written") from failure
        return path

    def pieces(self, path: str) -> Iterator[bytes]:
        try:
            with self._file(path).open("rb") as file:
                while piece := file.read(PIECE_BYTES):
                    yield piece
        except OSError as missing:
            raise VaultUnavailable("an object can't be read") from missing

    def remove(self, path: str) -> None:
        try:
            self._file(path).unlink(missing_ok=True)
        except OSError as failure:
            raise VaultUnavailable("an object can't be unlinked") from failure

    def is_there(self, path: str) -> bool:
        return self._file(path).is_file()

    def fault(self, path: str, size_bytes: int) -> Fault | None:
        try:
            size = self._file(path).stat().st_size
        except FileNotFoundError:
            return Fault.MISSING
        except OSError as failure:
            raise VaultUnavailable("an object can't be looked at") from failure
        return None if size == size_bytes else Fault.ALTERED

    def _file(self, path: str) -> Path:
        file = (self.root / path).resolve()
        if not file.is_relative_to(self.root.resolve()):
            raise VaultUnavailable("an object's path leads out of the vault")
        return file


def folder_state(folder: Path) -> VaultState:
    """Whether a folder can be written to and has room."""
    try:
        probe = folder / f".probe-{secrets.token_hex(4)}"
        probe.write_bytes(b"")
        probe.unlink()
        usage = os.statvfs(folder)
    except OSError:
        return VaultState.UNREACHABLE
    return VaultState.FULL if usage.f_bavail * usage.f_frsize < FREE_BYTES_MIN else VaultState.WRITABLE


def _write_durably(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
