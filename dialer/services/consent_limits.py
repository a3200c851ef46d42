"""How often a stranger may knock: counted windows by key, in memory, of bounded size.

A restart forgets them, which lets a few more knocks in and never a call out: the number of leads that one phone number
can get is counted in the database.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import Final

KEYS_MAX: Final = 20_000
"""Above this the key that knocked longest ago is forgotten first."""
IPV6_PREFIX_BITS: Final = 64


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` in any `seconds`."""

    count: int
    seconds: int


@dataclass(slots=True)
class Limits:
    """Counts knocks by key. `monotonic`: seconds that never go back."""

    monotonic: Callable[[], float] = time.monotonic
    _knocks: dict[str, deque[float]] = field(default_factory=dict)

    def wait_seconds(self, key: str, *rates: Rate) -> int:
        """0: the knock is let in and counted. Else how long to wait; what isn't let in isn't counted."""
        now = self.monotonic()
        knocks = self._knocks.pop(key, None) or deque()
        self._knocks[key] = knocks
        while len(self._knocks) > KEYS_MAX:
            self._knocks.pop(next(iter(self._knocks)))
        longest = max(rate.seconds for rate in rates)
        while knocks and knocks[0] <= now - longest:
            knocks.popleft()
        for rate in rates:
            inside = [at for at in knocks if at > now - rate.seconds]
            if len(inside) >= rate.count:
                return max(1, int(inside[-rate.count] + rate.seconds - now) + 1)
        knocks.append(now)
        return 0


def address_key(address: str) -> str:
    """Who counts as one stranger: an IPv4 address, or the network that an IPv6 visitor can choose addresses in."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(int(parsed) >> (128 - IPV6_PREFIX_BITS))
    return str(parsed)
