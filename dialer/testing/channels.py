"""Channels of the shipped fake exchange, and the far end that drives a callee's."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, assert_never

from dialer.domain.disposition import AnswerClass
from dialer.testing.callees import Answer, Press, Refuse, Ring, RingForEver, Script, Step, Talk, Yes

CAUSE_NORMAL: Final = 16
STATE_NAMES: Final = {"0": "Down", "5": "Ringing", "6": "Up"}


@dataclass(slots=True, eq=False)
class Leg:
    """What every channel has. `state` is Asterisk's number: 0 down, 5 ringing, 6 up."""

    name: str
    uniqueid: str
    state: str = "0"
    bridge: str = ""
    cause: int = 0
    account: str = ""
    """A caller's id on the inbound line; empty on every other channel."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_up(self) -> bool:
        """Whether it was answered."""
        return self.state == "6"

    @property
    def is_over(self) -> bool:
        """Whether it was told to end."""
        return self.over.is_set()

    def end(self, cause: int) -> None:
        """Tell it to end; the first cause holds."""
        if not self.is_over:
            self.cause = cause
            self.over.set()

    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers that each event of this channel carries."""
        return (
            ("Channel", self.name),
            ("ChannelState", self.state),
            ("ChannelStateDesc", STATE_NAMES[self.state]),
            ("Uniqueid", self.uniqueid),
            ("Linkedid", self.uniqueid),
            ("AccountCode", self.account),
        )


@dataclass(slots=True, eq=False)
class CalleeLeg(Leg):
    """The channel that faces the egress."""

    token: str = ""
    patience_seconds: float = 2.0
    has_recording_notice: bool = False
    recording: str = "at_start"
    listens: bool = False
    sounds_like: AnswerClass = AnswerClass.HUMAN
    egress_state: str = "in_script"
    answered_at: float | None = None
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    alone: asyncio.Event = field(default_factory=asyncio.Event)
    plan: "asyncio.Task[None] | None" = None
    holds: int = 0
    """How often it was put on hold; the music's bound belongs to one of them."""

    def answered_seconds(self, now: float) -> float:
        """How long it has been up, loop seconds."""
        return 0.0 if self.answered_at is None else now - self.answered_at


_HEARD: Final = {
    AnswerClass.HUMAN: ("HUMAN", "HUMAN-700-700"),
    AnswerClass.MACHINE: ("MACHINE", "MAXWORDS-5-5"),
    AnswerClass.UNCERTAIN: ("NOTSURE", "TOOLONG-4000"),
}


def classified(leg: CalleeLeg) -> dict[str, str]:
    """What the dialplan tells of an answer that it listened to; nothing where it didn't."""
    if not leg.listens:
        return {"Class": "", "ClassWhy": ""}
    status, why = _HEARD[leg.sounds_like]
    return {"Class": status, "ClassWhy": why}


@dataclass(slots=True, eq=False)
class SeatLeg(Leg):
    """The channel that faces an agent."""

    seat_id: str = ""
    spies_on: str = ""
    """A listener's leg: the channel id of the seat's leg that it hears."""


@dataclass(slots=True, eq=False)
class CallerLeg(Leg):
    """The channel of somebody who rings in. `is_kept`: the dialer let the menu say that the wish was kept."""

    inbound_id: str = ""
    is_kept: bool = False
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    alone: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Bridge:
    """Two legs that hear each other."""

    name: str
    legs: list[CalleeLeg | SeatLeg | CallerLeg] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FarEnd:
    """A callee's script under one yes. `seconds` turns simulated seconds into the loop's."""

    script: Script
    yes: Yes
    seconds: Callable[[float], float]


async def far_end(leg: CalleeLeg, far: FarEnd, hear: Callable[[str], None]) -> int:
    """Play the script until it ends, the leg ends, or the egress's limits are over; returns the last SIP code.

    0 is no code: the caller ended it before an answer, or nobody answered in time.
    """
    deadline = asyncio.get_running_loop().time() + far.seconds(far.yes.ring_seconds)
    for step in far.script:
        if isinstance(step, Refuse):
            leg.end(21)
            return step.sip_code
        if isinstance(step, Answer):
            deadline = asyncio.get_running_loop().time() + far.seconds(far.yes.talk_seconds_max)
        if not await _play(step, leg, far, deadline, hear):
            break
    return 200 if leg.is_up else 0


async def _play(
    step: Step, leg: CalleeLeg, far: FarEnd, deadline: float, hear: Callable[[str], None]
) -> bool:
    """Do one step; false when the leg is over."""
    match step:
        case Ring(seconds):
            _ring(leg, hear)
            return await _stay(leg, far.seconds(seconds), deadline)
        case RingForEver():
            _ring(leg, hear)
            return await _stay(leg, float("inf"), deadline)
        case Answer(sounds_like):
            leg.sounds_like = sounds_like
            leg.state, leg.egress_state = "6", "up"
            leg.answered_at = asyncio.get_running_loop().time()
            hear("answered")
            return True
        case Talk(seconds):
            return await _stay(leg, far.seconds(seconds), deadline)
        case Press(key):
            hear(key)
            return True
        case Refuse():
            return False
        case _:
            assert_never(step)


def _ring(leg: CalleeLeg, hear: Callable[[str], None]) -> None:
    leg.state, leg.egress_state = "5", "ringing"
    hear("ringing")


async def _stay(leg: CalleeLeg, seconds: float, deadline: float) -> bool:
    """Let time pass; false when the leg ended or the egress's limit was reached first."""
    left = deadline - asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(min(seconds, left)):
            await leg.over.wait()
    except TimeoutError:
        return seconds < left
    return False
