"""The shipped fake: the dialer's Asterisk, the egress and the carrier in one process, on the event loop's time.

Put it behind an `AmiServer` and the real link and adapter talk to it as they do to the real thing. It keeps the
rules that the real one keeps by its dialplan: a token reaches a phone only through the permit desk, a callee whom
nobody takes within the patience hears the notice, a callee whose agent's leg died hears it too.
"""

import asyncio
import itertools
import re
from collections.abc import Callable, Coroutine
from typing import Final

from dialer.testing.ami_server import Answer, Headers, Request
from dialer.testing.callees import Invite, Outcome, PermitDesk, Script, Yes, script_of, yes_of
from dialer.testing.callers import Callers
from dialer.testing.channels import (
    CAUSE_NORMAL,
    Bridge,
    CalleeLeg,
    CallerLeg,
    FarEnd,
    Leg,
    SeatLeg,
    classified,
    far_end,
)
from dialer.testing.forks import fork_sound
from dialer.testing.tempo import Tempo, hurried

__all__ = ["SimulatedExchange", "Tempo", "hurried"]

TOKEN_DIALLED: Final = "@egress"
CHANNELS_MAX: Final = 10_000

_SECRET_DIALLED: Final = re.compile(r"Local/(seat-[0-9]{1,3})@seat-secret/n")
_SEAT: Final = re.compile(r"(?:seat|headless)-[12]?[0-9]{1,2}")
"""Seats 1 to 299 exist; calling another fails as an endpoint that isn't there."""


class SimulatedExchange:
    """One pbx with its egress and its carrier. What happened is in `invites`, `originates` and `hangups`."""

    def __init__(
        self,
        desk: PermitDesk,
        tempo: Tempo | None = None,
        scripts: Callable[[str], Script] = script_of,
    ) -> None:
        self.tempo = tempo or Tempo()
        self.invites: list[Invite] = []
        self.originates: list[str] = []
        self.hangups: list[str] = []
        self.seat_digests: dict[str, str] = {}
        """Seat → the digest of its SIP secret."""
        self.silent_seats: set[str] = set()
        """Seats whose phones don't answer."""
        self._desk = desk
        self._scripts = scripts
        self._publish: Callable[[Headers], None] = lambda _: None
        self._callees: dict[str, CalleeLeg] = {}
        self._seats: dict[str, SeatLeg] = {}
        self._bridges: dict[str, Bridge] = {}
        self._serial = itertools.count(1)
        self.callers = Callers(self._tell_of, self._sleep, self._leave)
        self._tasks: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------- what a test or a simulation may look at and do

    def subscribe(self, publish: Callable[[Headers], None]) -> None:
        """Where events go from now on (`ami_server.Board`)."""
        self._publish = publish

    def callees(self) -> tuple[str, ...]:
        """The attempts whose callees have a channel."""
        return tuple(self._callees)

    def egress_legs(self) -> dict[str, str]:
        """Token → state (in_script, ringing, up) of each leg that the egress has."""
        return {leg.token: leg.egress_state for leg in self._callees.values()}

    def egress_hang_up(self, token: str) -> None:
        """Hang up the egress's legs of a token, as the gate's control socket does."""
        for leg in list(self._callees.values()):
            if leg.token == token:
                leg.end(CAUSE_NORMAL)

    def seat_dies(self, seat_id: str) -> None:
        """The agent's browser is gone."""
        for leg in list(self._seats.values()):
            if leg.seat_id == seat_id:
                leg.end(CAUSE_NORMAL)

    def ring_in(self, inbound_id: str, *wishes: tuple[float, str]) -> None:
        """Somebody whom the gate took rings us and wishes something after each delay."""
        self._run(self.callers.ring(inbound_id, next(self._serial), wishes))

    async def restart(self) -> None:
        """Asterisk restarts: every channel is gone and nobody is told."""
        self._publish, publish = lambda _: None, self._publish
        await self.stop()
        self._publish = publish

    async def stop(self) -> None:
        """End every call and wait until all is quiet."""
        for leg in self._legs():
            leg.end(CAUSE_NORMAL)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------- ami_server.Board

    async def act(self, request: Request) -> Answer:
        """Do one action as Asterisk answers it."""
        match request.name.lower():
            case "originate":
                return self._originate(request)
            case "hangup":
                return self._hangup(request)
            case "bridge":
                return self._bridge(request)
            case "redirect":
                return self._redirect(request)
            case "coreshowchannels":
                return self._list()
            case _:
                return Answer.error("Invalid/unknown command")

    def _originate(self, request: Request) -> Answer:
        endpoint = request.get("Channel").removeprefix("PJSIP/")
        if (setting := _SECRET_DIALLED.fullmatch(endpoint)) is not None:
            return self._set_digest(setting[1], request)
        if endpoint.startswith("AudioSocket/"):
            return self._fork(endpoint, request.get("Variable").removeprefix("SPY_ON="))
        uniqueid = request.get("ChannelId") or f"1700000000.{next(self._serial)}"
        if uniqueid in self._callees or uniqueid in self._seats:
            return Answer.error("Channel id is in use")
        if len(self._callees) + len(self._seats) >= CHANNELS_MAX:
            return Answer.error("Originate failed")
        self.originates.append(uniqueid)
        suffix = f"{next(self._serial):08x}"
        if endpoint.endswith(TOKEN_DIALLED):
            variables = dict(value.split("=", 1) for value in request.all("Variable") if "=" in value)
            callee = CalleeLeg(
                name=f"PJSIP/egress-{suffix}",
                uniqueid=uniqueid,
                token=endpoint.removesuffix(TOKEN_DIALLED),
                patience_seconds=int(variables.get("PATIENCE_MS") or "2000") / 1000,
                has_recording_notice=bool(variables.get("RECNOTICE")),
                listens=variables.get("AMD") == "on",
                recording="before" if variables.get("RECORDING") == "before" else "at_start",
            )
            self._callees[uniqueid] = callee
            self._run(self._call(callee, request.action_id))
        else:
            spied = (
                request.all("Variable")[0].removeprefix("SPY_ON=")
                if request.get("Context") == "listen"
                else ""
            )
            seat = SeatLeg(
                name=f"PJSIP/{endpoint}-{suffix}", uniqueid=uniqueid, seat_id=endpoint, spies_on=spied
            )
            self._seats[uniqueid] = seat
            self._run(self._sit(seat, request.action_id))
        # Asterisk says this with and without Async.
        return Answer.success("Originate successfully queued")

    def _set_digest(self, seat_id: str, request: Request) -> Answer:
        digest = request.get("Variable").removeprefix("DIGEST=")
        taken = len(digest) == 32
        if taken:
            self.seat_digests[seat_id] = digest
        local = Leg(name=f"Local/{seat_id}@seat-secret-{next(self._serial):08x};1", uniqueid="local")
        asyncio.get_running_loop().call_soon(
            self._originate_response, local, request.action_id, "Success" if taken else "Failure"
        )
        return Answer.success("Originate successfully queued")

    def _fork(self, dialled: str, spied: str) -> Answer:
        if (leg := self._find(spied)) is not None:
            self._run(fork_sound(dialled, leg.over))
        return Answer.success("Originate successfully queued")

    def _hangup(self, request: Request) -> Answer:
        leg = self._find(request.get("Channel"))
        if leg is None:
            return Answer.error("No such channel")
        self.hangups.append(leg.uniqueid)
        leg.end(CAUSE_NORMAL)
        return Answer.success("Channel Hungup")

    def _bridge(self, request: Request) -> Answer:
        legs = [self._find(request.get(key)) for key in ("Channel1", "Channel2")]
        first, second = legs
        if first is None or second is None or not (first.is_up and second.is_up):
            return Answer.error("Channel1 does not exists" if first is None else "Channel2 does not exists")
        bridge = Bridge(f"bridge-{next(self._serial)}")
        self._bridges[bridge.name] = bridge
        for leg in (first, second):
            self._leave(leg)
            leg.bridge = bridge.name
            bridge.legs.append(leg)
            if isinstance(leg, SeatLeg):
                self._tell("BridgeLeave", leg, BridgeUniqueid="seats", BridgeTechnology="holding_bridge")
            else:
                leg.taken.set()
            self._tell("BridgeEnter", leg, BridgeUniqueid=bridge.name, BridgeTechnology="simple_bridge")
        return Answer.success("Channels have been bridged")

    def _redirect(self, request: Request) -> Answer:
        leg = self._find(channel := request.get("Channel"))
        if request.get("Context") == "inbound-kept" and self.callers.keep(channel):
            return Answer.success("Redirect successful")
        if not isinstance(leg, CalleeLeg) or not leg.is_up or request.get("Context") != "hold":
            return Answer.error("Channel does not exist: " + request.get("Channel"))
        self._leave(leg)
        leg.holds += 1
        self._user_event(leg, "Held")
        self._run(self._music(leg, leg.holds))
        return Answer.success("Redirect successful")

    async def _music(self, leg: CalleeLeg, hold: int) -> None:
        """A callee whom nobody takes back within the bound is alone."""
        try:
            async with asyncio.timeout(self._seconds(self.tempo.hold_seconds_max)):
                await leg.over.wait()
        except TimeoutError:
            if leg.holds == hold and not leg.bridge:
                leg.alone.set()

    def _list(self) -> Answer:
        legs = self._legs()
        events: list[Headers] = [
            (("Event", "CoreShowChannel"), *leg.headers(), ("Application", "")) for leg in legs
        ]
        listed = str(len(legs))
        end = (("Event", "CoreShowChannelsComplete"), ("EventList", "Complete"), ("ListItems", listed))
        head = (("Response", "Success"), ("EventList", "start"), ("Message", "Channels will follow"))
        return Answer(head, (*events, end))

    # ------------------------------------------------------------- the callee: egress, carrier, dialplan

    async def _call(self, leg: CalleeLeg, action_id: str) -> None:
        self._tell("Newchannel", leg)
        loop = asyncio.get_running_loop()
        yes = await self._ask(leg)
        sip, dialed, answered = 0, loop.time(), 0.0
        if yes is not None:
            self.invites.append(Invite(leg.token, yes.number, yes.caller_id, loop.time()))
            far = FarEnd(self._scripts(yes.number), yes, self._seconds)
            sip = await far_end(leg, far, self._heard(leg, action_id))
            answered = leg.answered_seconds(loop.time())
        leg.end(21 if yes is None else CAUSE_NORMAL)
        if not leg.is_up:
            self._originate_response(leg, action_id, "Failure")
        await self._cancel(leg)
        self._gone(leg)
        if yes is not None:
            status = "ANSWER" if leg.is_up else "BUSY" if sip == 486 else "NOANSWER"
            await self._desk.report(
                Outcome(leg.token, leg.uniqueid, status, sip, answered, loop.time() - dialed)
            )

    async def _ask(self, leg: CalleeLeg) -> Yes | None:
        await self._sleep(self.tempo.egress_seconds)
        yes = None if leg.is_over else await yes_of(self._desk, leg.token, leg.uniqueid)
        return None if leg.is_over else yes

    def _heard(self, leg: CalleeLeg, action_id: str) -> Callable[[str], None]:
        """What the pbx makes of the far end's signals: `ringing`, `answered`, or a key."""

        def hear(signal: str) -> None:
            if signal == "answered":
                self._tell("Newstate", leg)
                self._originate_response(leg, action_id, "Success")
                leg.plan = asyncio.create_task(self._callee_plan(leg))
            elif signal == "ringing":
                self._tell("Newstate", leg)
            else:
                self._tell("DTMFEnd", leg, Digit=signal, Direction="Received", DurationMs="100")

        return hear

    async def _callee_plan(self, leg: CalleeLeg) -> None:
        said_seconds = self.tempo.notice_seconds / 2 if leg.has_recording_notice else 0.0
        await self._sleep(said_seconds)
        said = {"Recording": leg.recording, "NoticeMs": str(int(said_seconds * 1000)), **classified(leg)}
        if said.get("Class") == "MACHINE":
            self._user_event(leg, "CalleeMachine", **said)
            leg.end(CAUSE_NORMAL)
            return
        self._user_event(leg, "CalleeReady", **said)
        try:
            async with asyncio.timeout(self._seconds(leg.patience_seconds)):
                await leg.taken.wait()
            await leg.alone.wait()
            cause = "agent_lost"
        except TimeoutError:
            cause = "nobody"
        self._user_event(leg, "Abandoned", Cause=cause)
        await self._sleep(self.tempo.notice_seconds + self.tempo.key_seconds)
        leg.end(CAUSE_NORMAL)

    # ------------------------------------------------------------- the seat

    async def _sit(self, leg: SeatLeg, action_id: str) -> None:
        self._tell("Newchannel", leg)
        if not _SEAT.fullmatch(leg.seat_id):
            leg.end(CAUSE_NORMAL)
        elif leg.seat_id not in self.silent_seats:
            await self._sleep(self.tempo.seat_answer_seconds)
            if not leg.is_over:
                leg.state = "6"
                self._tell("Newstate", leg)
                self._originate_response(leg, action_id, "Success")
                self._listen(leg) if leg.spies_on else self._wait_in_bridge(leg)
        else:
            await self._sleep(20.0)
            leg.end(CAUSE_NORMAL)
        await leg.over.wait()
        if not leg.is_up:
            self._originate_response(leg, action_id, "Failure")
        self._gone(leg)

    def _listen(self, leg: SeatLeg) -> None:
        spied = self._seats.get(leg.spies_on)
        if spied is None:
            leg.end(CAUSE_NORMAL)
            return
        self._tell("ChanSpyStart", leg, SpyerUniqueid=leg.uniqueid, SpyeeUniqueid=spied.uniqueid)

    def _wait_in_bridge(self, leg: SeatLeg) -> None:
        self._tell("UserEvent", leg, UserEvent="SeatReady", Seat=leg.seat_id)
        self._tell("BridgeEnter", leg, BridgeUniqueid="seats", BridgeTechnology="holding_bridge")

    # ------------------------------------------------------------- bridges and ends

    def _leave(self, leg: CalleeLeg | SeatLeg | CallerLeg) -> None:
        """Take a leg out of its talk; whoever is left there is alone."""
        bridge = self._bridges.pop(leg.bridge, None) if leg.bridge else None
        if bridge is None:
            return
        for member in bridge.legs:
            member.bridge = ""
            self._tell("BridgeLeave", member, BridgeUniqueid=bridge.name, BridgeTechnology="simple_bridge")
        for member in bridge.legs:
            if member is leg or member.is_over:
                continue
            if isinstance(member, SeatLeg):
                self._wait_in_bridge(member)
            else:
                member.alone.set()

    def _gone(self, leg: CalleeLeg | SeatLeg) -> None:
        self._leave(leg)
        self._callees.pop(leg.uniqueid, None)
        self._seats.pop(leg.uniqueid, None)
        self._tell("Hangup", leg, Cause=str(leg.cause))

    @staticmethod
    async def _cancel(leg: CalleeLeg) -> None:
        if leg.plan is not None:
            leg.plan.cancel()
            await asyncio.gather(leg.plan, return_exceptions=True)

    def _legs(self) -> list[CalleeLeg | SeatLeg | CallerLeg]:
        return [*self._callees.values(), *self._seats.values(), *self.callers.legs.values()]

    def _find(self, text: str) -> CalleeLeg | SeatLeg | CallerLeg | None:
        """A leg by channel id or channel name, as Asterisk looks it up."""
        legs = (leg for leg in self._legs() if text in (leg.uniqueid, leg.name))
        return self._callees.get(text) or self._seats.get(text) or next(legs, None)

    # ------------------------------------------------------------- telling and time

    def _tell(self, name: str, leg: Leg, **more: str) -> None:
        self._tell_of(name, leg, more)

    def _tell_of(self, name: str, leg: Leg, more: dict[str, str]) -> None:
        self._publish((("Event", name), *leg.headers(), *more.items()))

    def _user_event(self, leg: CalleeLeg, name: str, **more: str) -> None:
        self._tell("UserEvent", leg, UserEvent=name, Attempt=leg.uniqueid, **more)

    def _originate_response(self, leg: Leg, action_id: str, response: str) -> None:
        succeeded = response == "Success"
        self._publish(
            (
                ("Event", "OriginateResponse"),
                ("ActionID", action_id),
                ("Response", response),
                ("Channel", leg.name),
                ("Reason", "4" if succeeded else "0"),
                ("Uniqueid", leg.uniqueid if succeeded else "<null>"),
            )
        )

    def _seconds(self, seconds: float) -> float:
        return seconds / self.tempo.pace

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(self._seconds(seconds))

    def _run(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
