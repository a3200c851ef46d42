"""Every call that the exchange reports is matched with the log (B6): one that the log doesn't know is an incident.

A channel is judged when it is seen in two looks: one that is just ending, or whose attempt is being written, is not.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from dialer.calls.attempt import FINAL
from dialer.ports.calls import Calls
from dialer.ports.exchange import ChannelView, Telephony

OUTWARD: Final = "PJSIP/egress-"
"""How the name of a channel towards the outside begins."""
_log = structlog.get_logger()


class Incidents(Protocol):
    """Where an unaccounted call stops dialling."""

    async def unaccounted(self, kind: str, reference: str) -> bool:
        """Open an incident once; whether it was new."""
        ...


@dataclass(slots=True)
class ChannelAccounts:
    """Looks at the exchange's own list of channels."""

    telephony: Telephony
    calls: Calls
    incidents: Incidents
    _suspects: dict[str, str] = field(default_factory=dict)

    async def look(self) -> int:
        """Compare once; how many incidents were opened.

        Raises:
            ExchangeUnavailable: the exchange can't be asked now; nothing is concluded.
            StoreUnavailable: the log can't be read now; nothing is concluded.
        """
        found: dict[str, str] = {}
        for channel in await self.telephony.channels():
            kind = await self._fault(channel)
            if kind is not None:
                found[channel.name] = kind
        opened = 0
        for name in sorted(found.keys() & self._suspects.keys()):
            if await self.incidents.unaccounted(found[name], name):
                _log.error("call.unaccounted", kind=found[name])
                opened += 1
        self._suspects = found
        return opened

    async def _fault(self, channel: ChannelView) -> str | None:
        if not channel.name.startswith(OUTWARD):
            return None
        if channel.attempt_id is None:
            return "channel without an attempt"
        call = await self.calls.view(channel.attempt_id)
        if call is None:
            return "channel of an attempt that the log doesn't know"
        return "channel of an attempt that has ended" if call.state in FINAL else None
