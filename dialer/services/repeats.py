"""The same request twice does its work once: idempotency keys of the API.

    first ──the work is done──▶ answered ──a day──▶ gone
      └──it failed for a reason that may pass──▶ gone, and may be sent again

A key belongs to one person of one organisation. A request whose end nobody saw (it is still under way, or the process
stopped in the middle) is never done again under its key: whoever asks is told to look.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from dialer.domain.ids import OrganisationId, UserId

KEPT_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that may come again. `fingerprint`: hex digest of method, address and body."""

    org: OrganisationId
    user: UserId
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What the first request was answered. An empty `body` has no content type."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


class Met(Enum):
    """What is known of a key, where there is no answer to give again."""

    FIRST = "first"
    REUSED = "reused"
    UNANSWERED = "unanswered"


class Repeats(Protocol):
    """What became of requests with a key."""

    async def begin(self, request: Repeatable) -> KeptAnswer | Met:
        """Note the request. Only `FIRST` may be done; the first of two at the same time wins.

        Raises:
            StoreUnavailable: it may not be done.
        """
        ...

    async def answered(self, request: Repeatable, answer: KeptAnswer) -> None:
        """Keep the answer for whoever asks again.

        Raises:
            StoreUnavailable: the key stays unanswered; the work is done all the same.
        """
        ...

    async def forget(self, request: Repeatable) -> None:
        """Nothing was done: the key may be used again."""
        ...

    async def purge(self) -> int:
        """Destroy what is older than `KEPT_HOURS`; how many."""
        ...
