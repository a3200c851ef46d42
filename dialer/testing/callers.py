"""People who ring our number, at the shipped fake exchange: what its `inbound` dialplan tells of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from dialer.testing.channels import CAUSE_NORMAL, CallerLeg, Leg

Tell = Callable[[str, Leg, dict[str, str]], None]
KEPT_SECONDS_MAX = 4.0
WAIT_SECONDS_MAX = 10.0
"""How long the menu lets a caller wait for an agent."""


@dataclass(slots=True)
class Callers:
    """The inbound line of a fake exchange. `tell` publishes an event of a leg, `sleep` waits in its time, `leave` takes a
    leg out of its talk."""

    tell: Tell
    sleep: Callable[[float], Awaitable[None]]
    leave: Callable[[CallerLeg], None]
    legs: dict[str, CallerLeg] = field(default_factory=dict)
    heard: dict[str, str] = field(default_factory=dict)
    """Inbound id → the last prompt that the caller heard."""
    talk_seconds: float = 8.0
    """After so long in a talk the caller hangs up."""

    async def ring(self, inbound_id: str, serial: int, wishes: Sequence[tuple[float, str]]) -> None:
        """One call: after each delay the caller wishes something (refuse, talk, callback), then hangs up.

        Whoever wished to talk and found an agent wishes nothing more, unless the agent's line is lost.
        """
        name, uniqueid = f"PJSIP/egress-{serial:08x}", f"pbx-1700000000.{serial}"
        leg = CallerLeg(name, uniqueid, account=inbound_id, inbound_id=inbound_id)
        self.legs[leg.uniqueid] = leg
        leg.state = "6"
        self.tell("Newstate", leg, {})
        self._said(leg, "InboundTaken", {})
        await self._menu(leg, wishes)
        del self.legs[leg.uniqueid]
        self.leave(leg)
        self.tell("Hangup", leg, {"Cause": str(CAUSE_NORMAL)})

    async def _menu(self, leg: CallerLeg, wishes: Sequence[tuple[float, str]]) -> None:
        last = ""
        for seconds, last in wishes:
            await self.sleep(seconds)
            if leg.is_over:
                return
            self._said(leg, "InboundWished", {"Wish": last})
            if last == "talk" and not await self._wait(leg):
                return
        await self._until(leg.over, KEPT_SECONDS_MAX)
        if last == "callback":
            self.heard[leg.inbound_id] = "inbound-kept" if leg.is_kept else "inbound-lost"
        elif last == "refuse":
            self.heard[leg.inbound_id] = "optout-done"

    async def _wait(self, leg: CallerLeg) -> bool:
        """Wait for an agent, and talk; True when the caller is alone and hears the menu go on."""
        if await self._until(leg.taken, WAIT_SECONDS_MAX):
            talk = asyncio.create_task(leg.alone.wait())
            over = asyncio.create_task(leg.over.wait())
            ends = asyncio.create_task(self._sleeping(self.talk_seconds))
            await asyncio.wait({talk, over, ends}, return_when=asyncio.FIRST_COMPLETED)
            is_alone = leg.alone.is_set()
            for task in (talk, over, ends):
                task.cancel()
            if not is_alone:
                return False
        if leg.is_over:
            return False
        self._said(leg, "InboundAlone", {})
        return True

    async def _until(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for something for so long; whether it came."""
        wait = asyncio.create_task(event.wait())
        ends = asyncio.create_task(self._sleeping(seconds))
        await asyncio.wait({wait, ends}, return_when=asyncio.FIRST_COMPLETED)
        for task in (wait, ends):
            task.cancel()
        return event.is_set()

    async def _sleeping(self, seconds: float) -> None:
        await self.sleep(seconds)

    def keep(self, channel: str) -> bool:
        """Redirect to `inbound-kept`; False where there is no such channel."""
        leg = self.legs.get(channel)
        if leg is None:
            return False
        leg.is_kept = True
        return True

    def _said(self, leg: CallerLeg, name: str, more: dict[str, str]) -> None:
        self.tell("UserEvent", leg, {"UserEvent": name, "Call": leg.inbound_id} | more)
