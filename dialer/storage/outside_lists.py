"""Outside lists (national registries, platform lists): immutable files of sorted 32-byte hashes, switched by version.

A look-up is a binary search in a mapped file: no table to load, nothing to lock, a switch is one row.
"""

import mmap
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from dialer.domain.errors import StoreUnavailable

HASH_BYTES: Final = 32


class SortedHashes:
    """One version of one list, mapped read-only."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                size = path.stat().st_size
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        except OSError as missing:
            raise StoreUnavailable("an outside list's file can't be read") from missing
        if len(self._map) % HASH_BYTES:
            raise StoreUnavailable("an outside list's file is cut short")
        self.entries = len(self._map) // HASH_BYTES

    def __contains__(self, digest: bytes) -> bool:
        low, high = 0, self.entries
        while low < high:
            middle = (low + high) // 2
            found = self._map[middle * HASH_BYTES : (middle + 1) * HASH_BYTES]
            if found == digest:
                return True
            if found < digest:
                low = middle + 1
            else:
                high = middle
        return False


@lru_cache(maxsize=32)
def open_list(path: str) -> SortedHashes:
    """The list at `path`; files never change, so one mapping serves for good."""
    return SortedHashes(Path(path))


def write_list(path: Path, digests: Iterable[bytes]) -> tuple[int, str]:
    """Write a list's file; its number of entries and SHA-256. Duplicates count once."""
    content = b"".join(sorted(set(digests)))
    temporary = path.with_suffix(".part")
    temporary.write_bytes(content)
    temporary.rename(path)
    return len(content) // HASH_BYTES, sha256(content).hexdigest()
