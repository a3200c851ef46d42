"""Drawing at random so that anybody can draw again (双随机): the smallest keyed hashes under a seed that is on the log.

    rank(id) = HMAC-SHA-256(seed, "dialer/draw/v1:" ‖ kind ‖ ":" ‖ id)

The seed is committed before anybody sees what it draws; drawing again until it pleases leaves each draw on the log.
"""

import heapq
import hmac
from collections.abc import Iterable

SEED_BYTES = 32


def rank(seed: bytes, kind: str, item: str) -> bytes:
    """Where one id stands in the draw of its kind."""
    return hmac.digest(seed, f"dialer/draw/v1:{kind}:{item}".encode(), "sha256")


def drawn(seed: bytes, kind: str, items: Iterable[str], count: int) -> tuple[str, ...]:
    """The `count` first, or all where there are fewer; memory grows with `count` only.

    Raises:
        ValueError: the seed is not 32 bytes, or the count is negative.
    """
    if len(seed) != SEED_BYTES or count < 0:
        raise ValueError("a draw takes a seed of 32 bytes and a count")
    return tuple(heapq.nsmallest(count, items, key=lambda item: rank(seed, kind, item)))
