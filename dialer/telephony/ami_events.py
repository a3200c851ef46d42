"""The door: AMI events become the core's typed events, or nothing.

A callee's channel is `PJSIP/egress-…` whose Uniqueid is the attempt id that we set as its ChannelId; a seat's is
`PJSIP/<seat id>-…` whose Uniqueid is `<seat id>-<n>`; callers of the inbound line are `callers.py`. Everything else (spies,
local halves) is none of ours.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dialer.calls.events import (
    AbandonCause,
    CalleeAbandoned,
    CalleeAnswered,
    CalleeJoined,
    CalleeLeft,
    CalleeRinging,
    Classified,
    ExchangeEvent,
    KeyPressed,
    NoticeSaid,
    OriginateFailed,
    SeatLost,
    SeatUp,
)
from dialer.domain.disposition import AnswerClass
from dialer.domain.ids import AttemptId, InboundId, SeatId
from dialer.rules.kinds.words import RecordingNotice
from dialer.telephony.ami_wire import header
from dialer.telephony.callers import INBOUND_EVENTS, Callers

CALLEE_ENDPOINT: Final = "egress"
CHANNELS_TRACKED_MAX: Final = 10_000
NOTICE_DIGITS_MAX: Final = 7
WANTED_EVENTS: Final = frozenset(
    {
        "BridgeEnter",
        "BridgeLeave",
        "DTMFEnd",
        "DialState",
        "Hangup",
        "Newstate",
        "OriginateResponse",
        "UserEvent",
    }
)
ATTEMPT_ACTION: Final = "attempt/"
SEAT_ACTION: Final = "seat/"
EAR: Final = "ear-"
"""How the channel id of a listener's leg begins: such a leg is no seat's and no callee's."""

_CHANNEL: Final = re.compile(r"PJSIP/(.+)-[0-9a-f]{8,16}")
_ATTEMPT: Final = re.compile(r"[0-9a-z][0-9a-z-]{0,63}")
_SEAT: Final = re.compile(r"(?:seat|headless)-[0-9]{1,5}")
_SEAT_LEG: Final = re.compile(r"((?:seat|headless)-[0-9]{1,5})-[0-9]{1,20}")
_CLASSES: Final = {
    "HUMAN": AnswerClass.HUMAN,
    "MACHINE": AnswerClass.MACHINE,
    "NOTSURE": AnswerClass.UNCERTAIN,
}
_AMD_CAUSE: Final = re.compile(r"[A-Z]{3,20}(?:-[0-9]{1,7}){0,3}")
_KEYS: Final = frozenset("0123456789*#ABCD")
_STATE_RINGING: Final = "5"
_STATE_UP: Final = "6"
_EARLY: Final = frozenset({"RINGING", "PROGRESS"})


def attempt_of(text: str) -> AttemptId | None:
    """The attempt id that `text` is, if it is one; the id of a seat's or a listener's leg never is."""
    is_ours = _SEAT_LEG.fullmatch(text) is not None or text.startswith(EAR)
    return AttemptId(text) if _ATTEMPT.fullmatch(text) and not is_ours else None


def seat_of(text: str) -> SeatId | None:
    """The seat id that `text` is, if it is one."""
    return SeatId(text) if _SEAT.fullmatch(text) else None


def callee_of(channel: str, uniqueid: str) -> AttemptId | None:
    """The attempt whose callee's channel this is."""
    match = _CHANNEL.fullmatch(channel)
    return attempt_of(uniqueid) if match is not None and match[1] == CALLEE_ENDPOINT else None


def seat_leg_of(channel: str, uniqueid: str) -> SeatId | None:
    """The seat whose agent's leg this is: called by us, not one that the endpoint dialled itself."""
    match, leg = _CHANNEL.fullmatch(channel), _SEAT_LEG.fullmatch(uniqueid)
    return SeatId(leg[1]) if match is not None and leg is not None and match[1] == leg[1] else None


@dataclass(slots=True)
class _Callee:
    """What was already told about one callee's channel, so that nothing is told twice."""

    rang: bool = False
    up_at: datetime | None = None
    """When we read that it answered; the dialplan starts the recording and then says that it is ready."""
    answered: bool = False
    joined: SeatId | None = None


@dataclass(slots=True)
class Translator:
    """The events of one exchange in their order. Keeps only what joining two channels in one bridge needs.

    Total: an event that is not ours or not understood gives no typed event, never an exception. Bounded: at most
    `CHANNELS_TRACKED_MAX` channels of each kind; the oldest is forgotten, which can repeat an event, never lose one.
    """

    seat_legs: dict[SeatId, str] = field(default_factory=dict)
    """The channel id of each seat's newest leg, called or up."""
    callers: Callers = field(default_factory=Callers)
    _waiting: set[str] = field(default_factory=set)
    _callees: "OrderedDict[AttemptId, _Callee]" = field(default_factory=OrderedDict)
    _bridge_of: "OrderedDict[str, str]" = field(default_factory=OrderedDict)
    _members: dict[str, set[str]] = field(default_factory=dict)
    _talks: dict[SeatId, AttemptId] = field(default_factory=dict)

    def translate(self, message: Mapping[str, object], at: datetime) -> tuple[ExchangeEvent, ...]:
        """The typed events that one AMI event stands for."""
        channel, uniqueid = header(message, "Channel"), header(message, "Uniqueid")
        match header(message, "Event"):
            case "Newstate":
                return self._state(channel, uniqueid, header(message, "ChannelState"), at)
            case "DialState":
                attempt = callee_of(header(message, "DestChannel"), header(message, "DestUniqueid"))
                early = header(message, "DialStatus") in _EARLY
                return self._ringing(attempt, at) if attempt is not None and early else ()
            case "BridgeEnter":
                return self._entered(message, channel, uniqueid, at)
            case "BridgeLeave":
                self._left_bridge(uniqueid)
                return ()
            case "DTMFEnd":
                attempt, key = callee_of(channel, uniqueid), header(message, "Digit")
                if header(message, "Direction") != "Received" or key not in _KEYS:
                    return ()
                if attempt is None:
                    return self.callers.pressed(uniqueid, key, at)
                return (KeyPressed(attempt, key, at),)
            case "UserEvent":
                return self._user_event(message, at)
            case "OriginateResponse":
                return self._originated(message, at)
            case "Hangup":
                return self._hung_up(channel, uniqueid, header(message, "Cause"), at)
            case _:
                return ()

    def open_callees(self) -> int:
        """How many callees' channels are known to be open."""
        return len(self._callees)

    def waiting_seats(self) -> int:
        """How many seats have a leg that came up."""
        return len(self._waiting)

    def leg_up(self, seat_id: SeatId) -> str | None:
        """The channel id of a seat's leg that came up."""
        leg = self.seat_legs.get(seat_id)
        return leg if leg in self._waiting else None

    def talks_with(self, seat_id: SeatId) -> AttemptId | InboundId | None:
        """Whom the seat's agent talks with."""
        return self._talks.get(seat_id) or self.callers.talks_with(seat_id)

    def expect(self, attempt: AttemptId) -> None:
        """Count a callee's channel whose first event is still to come."""
        self._callee(attempt)

    def expect_no_more(self, attempt: AttemptId) -> None:
        """A callee's channel was not made, or is gone."""
        callee = self._callees.pop(attempt, None)
        if callee is not None:
            self._part(attempt, callee)

    def expected(self) -> frozenset[AttemptId]:
        """The attempts whose callees' channels are counted."""
        return frozenset(self._callees)

    def expect_seat(self, seat_id: SeatId, leg: str) -> None:
        """A seat's leg is being called; a former leg's end means nothing any more."""
        self._waiting.discard(self.seat_legs.get(seat_id, leg))
        self.seat_legs[seat_id] = leg

    def adopt_seat(self, seat_id: SeatId, leg: str) -> None:
        """Take a seat's leg that is up, unless a newer one is known."""
        if _serial(leg) < _serial(self.seat_legs.get(seat_id, leg)):
            return
        self.expect_seat(seat_id, leg)
        self._waiting.add(leg)

    def forget_all(self) -> None:
        """Forget every channel: after a lost link only a listing of the exchange's channels is worth anything."""
        self.seat_legs.clear()
        self._waiting.clear()
        self._callees.clear()
        self._bridge_of.clear()
        self._members.clear()
        self._talks.clear()
        self.callers.forget_all()

    def _state(self, channel: str, uniqueid: str, state: str, at: datetime) -> tuple[ExchangeEvent, ...]:
        attempt = callee_of(channel, uniqueid)
        if attempt is None:
            return ()
        if state == _STATE_RINGING:
            return self._ringing(attempt, at)
        if state == _STATE_UP:
            callee = self._callee(attempt)
            callee.up_at = callee.up_at or at
        return ()

    def _ringing(self, attempt: AttemptId, at: datetime) -> tuple[ExchangeEvent, ...]:
        callee = self._callee(attempt)
        if callee.rang or callee.up_at is not None or callee.answered:
            return ()
        callee.rang = True
        return (CalleeRinging(attempt, at),)

    def _entered(
        self, message: Mapping[str, object], channel: str, uniqueid: str, at: datetime
    ) -> tuple[ExchangeEvent, ...]:
        attempt, seat = callee_of(channel, uniqueid), seat_leg_of(channel, uniqueid)
        if header(message, "BridgeTechnology") == "holding_bridge":
            return self._seat_waits(seat, uniqueid, at) if seat is not None else ()
        bridge = header(message, "BridgeUniqueid")
        caller = self.callers.meet(message) if attempt is None and seat is None else None
        if not bridge or (attempt is None and seat is None and caller is None):
            return ()
        self._entered_bridge(uniqueid, bridge)
        if attempt is None:
            return self._with_caller(self._members[bridge], at) or self._with_callee(
                attempt, uniqueid, bridge, at
            )
        return self._with_callee(attempt, uniqueid, bridge, at)

    def _with_caller(self, members: set[str], at: datetime) -> tuple[ExchangeEvent, ...]:
        seats = [match for member in members if (match := _SEAT_LEG.fullmatch(member)) is not None]
        return self.callers.joined(members, SeatId(seats[0][1]), at) if seats else ()

    def _with_callee(
        self, attempt: AttemptId | None, uniqueid: str, bridge: str, at: datetime
    ) -> tuple[ExchangeEvent, ...]:
        for other in self._members[bridge] - {uniqueid}:
            callee, leg = (attempt, other) if attempt is not None else (attempt_of(other), uniqueid)
            match = _SEAT_LEG.fullmatch(leg)
            if callee is not None and match is not None:
                return self._joined(callee, SeatId(match[1]), at)
        return ()

    def _entered_bridge(self, uniqueid: str, bridge: str) -> None:
        if self._bridge_of.get(uniqueid) == bridge:
            return
        self._left_bridge(uniqueid)
        self._bridge_of[uniqueid] = bridge
        self._members.setdefault(bridge, set()).add(uniqueid)
        while len(self._bridge_of) > CHANNELS_TRACKED_MAX:
            self._left_bridge(next(iter(self._bridge_of)))

    def _left_bridge(self, uniqueid: str) -> None:
        bridge = self._bridge_of.pop(uniqueid, None)
        if bridge is None:
            return
        self.callers.parted(uniqueid)
        members = self._members[bridge]
        members.discard(uniqueid)
        if not members:
            del self._members[bridge]
        callee = self._callees.get(AttemptId(uniqueid))
        if callee is not None:
            self._part(AttemptId(uniqueid), callee)

    def _user_event(self, message: Mapping[str, object], at: datetime) -> tuple[ExchangeEvent, ...]:
        attempt, cause = attempt_of(header(message, "Attempt")), header(message, "Cause")
        name = header(message, "UserEvent")
        if name in INBOUND_EVENTS:
            return self.callers.said(message, name, at)
        if attempt is None:
            return ()
        if name in ("CalleeReady", "CalleeMachine"):
            return self._answered(attempt, at, _notice(message), _classified(message))
        if name == "OptOut":
            key = header(message, "Key")
            return (KeyPressed(attempt, key, at),) if key in _KEYS else ()
        if name != "Abandoned" or cause not in set(AbandonCause):
            return ()
        return (*self._answered(attempt, at), CalleeAbandoned(attempt, AbandonCause(cause), at))

    def _answered(
        self,
        attempt: AttemptId,
        at: datetime,
        notice: NoticeSaid | None = None,
        classified: Classified | None = None,
    ) -> tuple[ExchangeEvent, ...]:
        """The answer, told once the callee can be bridged, dated when the 200 OK was read."""
        callee = self._callee(attempt)
        if callee.answered:
            return ()
        callee.answered = True
        return (CalleeAnswered(attempt, callee.up_at or at, notice, classified),)

    def _joined(self, attempt: AttemptId, seat: SeatId, at: datetime) -> tuple[ExchangeEvent, ...]:
        callee = self._callee(attempt)
        if callee.joined == seat:
            return ()
        self._part(attempt, callee)
        callee.joined = seat
        self._talks[seat] = attempt
        return (CalleeJoined(attempt, seat, at),)

    def _seat_waits(self, seat: SeatId, leg: str, at: datetime) -> tuple[ExchangeEvent, ...]:
        if self.seat_legs.get(seat) == leg and leg in self._waiting:
            return ()
        self.adopt_seat(seat, leg)
        # the leg that a reloaded page left behind comes back here from its talk: it is nobody's any more
        return (SeatUp(seat, at),) if self.seat_legs[seat] == leg else ()

    def _originated(self, message: Mapping[str, object], at: datetime) -> tuple[ExchangeEvent, ...]:
        if header(message, "Response") != "Failure":
            return ()
        action = header(message, "ActionID")
        attempt = (
            attempt_of(action.removeprefix(ATTEMPT_ACTION)) if action.startswith(ATTEMPT_ACTION) else None
        )
        if attempt is not None:
            self.expect_no_more(attempt)
            return (OriginateFailed(attempt, at),)
        leg = action.removeprefix(SEAT_ACTION) if action.startswith(SEAT_ACTION) else ""
        return self._seat_gone(leg, at)

    def _hung_up(self, channel: str, uniqueid: str, cause: str, at: datetime) -> tuple[ExchangeEvent, ...]:
        self._left_bridge(uniqueid)
        attempt = callee_of(channel, uniqueid)
        if attempt is not None:
            # A callee who hung up during the recording notice had answered all the same.
            known = self._callees.get(attempt)
            answered = self._answered(attempt, at) if known is not None and known.up_at is not None else ()
            self.expect_no_more(attempt)
            code = int(cause) if cause.isdecimal() and len(cause) < 4 else 0
            return (*answered, CalleeLeft(attempt, code, at))
        if seat_leg_of(channel, uniqueid) is not None:
            return self._seat_gone(uniqueid, at)
        return self.callers.gone(uniqueid, at)

    def _seat_gone(self, leg: str, at: datetime) -> tuple[ExchangeEvent, ...]:
        match = _SEAT_LEG.fullmatch(leg)
        if match is None:
            return ()
        seat = SeatId(match[1])
        self._waiting.discard(leg)
        if self.seat_legs.get(seat, leg) != leg:
            return ()  # a former leg of a seat that has a newer one
        self.seat_legs.pop(seat, None)
        return (SeatLost(seat, at),)

    def _callee(self, attempt: AttemptId) -> _Callee:
        callee = self._callees.setdefault(attempt, _Callee())
        while len(self._callees) > CHANNELS_TRACKED_MAX:
            self.expect_no_more(next(iter(self._callees)))
        return callee

    def _part(self, attempt: AttemptId, callee: _Callee) -> None:
        """The callee talks with nobody now."""
        if callee.joined is not None and self._talks.get(callee.joined) == attempt:
            del self._talks[callee.joined]
        callee.joined = None


def _serial(leg: str) -> int:
    """How late a seat's leg was called, compared with the others of its seat."""
    return int(leg.rpartition("-")[2])


def _classified(message: Mapping[str, object]) -> Classified | None:
    """What the dialplan says that the answer sounded like; silence is no machine, for a person may be slow to speak."""
    status, why = header(message, "Class"), header(message, "ClassWhy")
    if status not in _CLASSES or _AMD_CAUSE.fullmatch(why) is None:
        return None
    heard_as = _CLASSES[status]
    if heard_as is AnswerClass.MACHINE and header(message, "UserEvent") != "CalleeMachine":
        heard_as = AnswerClass.UNCERTAIN
    return Classified(heard_as, why)


def _notice(message: Mapping[str, object]) -> NoticeSaid | None:
    """What the dialplan says that the callee heard about being recorded."""
    said, how = header(message, "NoticeMs"), header(message, "Recording")
    if not said.isdecimal() or len(said) > NOTICE_DIGITS_MAX or how not in ("before", "at_start"):
        return None
    return NoticeSaid(RecordingNotice.NONE if int(said) == 0 else RecordingNotice(how), int(said))
