"""Outside lists (national registries, platform lists): immutable files of sorted 32-byte hashes, switched by version.

A look-up is a binary search in a mapped file: no table to load, nothing to lock, a switch is one row.
"""

import mmap
from collections.abc import Iterable
from contextlib import ExitStack
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from dialer.domain.errors import StoreUnavailable

HASH_BYTES: Final = 32
BUCKETS: Final = 256
BUCKET_BUFFER_BYTES: Final = 32 * 1024


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
    """Write a list's file; its number of entries and SHA-256. Duplicates count once.

    Digests go by their first byte into 256 files beside it, each of which is sorted by itself: the memory is that of one
    256th of the list, however long it is. Digests are keyed hashes, so that no file is much longer than another.
    """
    parts = [path.with_suffix(f".{first:02x}.part") for first in range(BUCKETS)]
    temporary = path.with_suffix(".part")
    whole, entries = sha256(), 0
    try:
        with ExitStack() as stack:
            files = [stack.enter_context(part.open("wb", BUCKET_BUFFER_BYTES)) for part in parts]
            for digest in digests:
                files[digest[0]].write(digest)
        with temporary.open("wb") as out:
            for part in parts:
                raw = part.read_bytes()
                part.unlink()
                listed = sorted({raw[n : n + HASH_BYTES] for n in range(0, len(raw), HASH_BYTES)})
                content = b"".join(listed)
                whole.update(content)
                entries += len(listed)
                out.write(content)
    except BaseException:
        for left in (*parts, temporary):
            left.unlink(missing_ok=True)
        raise
    temporary.rename(path)
    return entries, whole.hexdigest()
