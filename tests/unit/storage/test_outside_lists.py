"""An outside list's file: sorted, each hash once, nothing left behind, found by bisection."""

import random
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from dialer.storage.outside_lists import HASH_BYTES, SortedHashes, write_list


def test_a_list_is_sorted_whole_and_holds_each_hash_once(tmp_path: Path) -> None:
    chance = random.Random(7)
    digests = [chance.randbytes(HASH_BYTES) for _ in range(5_000)]
    path = tmp_path / "registry.hashes"
    entries, digest = write_list(path, [*digests, *digests[:100]])
    content = path.read_bytes()
    assert entries == 5_000
    assert content == b"".join(sorted(digests))
    assert digest == sha256(content).hexdigest()
    found = SortedHashes(path)
    assert all(d in found for d in digests[::50])
    assert not any(chance.randbytes(HASH_BYTES) in found for _ in range(200))
    assert [p.name for p in tmp_path.iterdir()] == ["registry.hashes"]


def test_a_list_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(HASH_BYTES)
        raise ValueError("the file ends in the middle of a line")

    with pytest.raises(ValueError, match="middle"):
        write_list(tmp_path / "registry.hashes", broken())
    assert list(tmp_path.iterdir()) == []


def test_an_empty_list_holds_nobody(tmp_path: Path) -> None:
    assert write_list(tmp_path / "none.hashes", []) == (0, sha256(b"").hexdigest())
    assert bytes(HASH_BYTES) not in SortedHashes(tmp_path / "none.hashes")


def test_the_memory_of_a_long_list_is_that_of_a_small_part_of_it(tmp_path: Path) -> None:
    count = 100_000
    chance = random.Random(7)
    tracemalloc.start()
    try:
        write_list(tmp_path / "long.hashes", (chance.randbytes(HASH_BYTES) for _ in range(count)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    buffers = 256 * 40 * 1024
    assert peak < buffers + count * HASH_BYTES / 4
