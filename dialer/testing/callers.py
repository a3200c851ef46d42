"""People who ring our number, at the shipped fake exchange: what its `inbound` dialplan tells of them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from dialer.testing.channels import CAUSE_NORMAL, Leg

Tell = Callable[[str, Leg, dict[str, str]], None]
KEPT_SECONDS_MAX = 4.0


@dataclass(slots=True, eq=False)
class CallerLeg(Leg):
    """The channel of somebody who rings in. `is_kept`: the dialer let the menu say that the wish was kept."""

    inbound_id: str = ""
    is_kept: bool = False


@dataclass(slots=True)
class Callers:
    """The inbound line of a fake exchange. `tell` publishes an event of a leg, `sleep` waits in its time."""

    tell: Tell
    sleep: Callable[[float], Awaitable[None]]
    legs: dict[str, CallerLeg] = field(default_factory=dict)
    heard: dict[str, str] = field(default_factory=dict)
    """Inbound id → the last prompt that the caller heard."""

    async def ring(self, inbound_id: str, serial: int, wishes: Sequence[tuple[float, str]]) -> None:
        """One call: after each delay the caller wishes something (refuse, talk, callback), then hangs up."""
        name, uniqueid = f"PJSIP/egress-{serial:08x}", f"pbx-1700000000.{serial}"
        leg = CallerLeg(name, uniqueid, inbound_id=inbound_id)
        self.legs[leg.uniqueid] = leg
        leg.state = "6"
        self.tell("Newstate", leg, {})
        self._said(leg, "InboundTaken", {})
        last = ""
        for seconds, last in wishes:
            await self.sleep(seconds)
            self._said(leg, "InboundWished", {"Wish": last})
        await self.sleep(KEPT_SECONDS_MAX)
        if last == "callback":
            self.heard[leg.inbound_id] = "inbound-kept" if leg.is_kept else "inbound-lost"
        elif last == "refuse":
            self.heard[leg.inbound_id] = "optout-done"
        del self.legs[leg.uniqueid]
        self.tell("Hangup", leg, {"Cause": str(CAUSE_NORMAL)})

    def keep(self, channel: str) -> bool:
        """Redirect to `inbound-kept`; False where there is no such channel."""
        leg = self.legs.get(channel)
        if leg is None:
            return False
        leg.is_kept = True
        return True

    def _said(self, leg: CallerLeg, name: str, more: dict[str, str]) -> None:
        self.tell("UserEvent", leg, {"UserEvent": name, "Call": leg.inbound_id} | more)
