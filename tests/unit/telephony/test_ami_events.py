"""The door: what an AMI event becomes, one row each, and what it never becomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.calls.events import (
    AbandonCause,
    CalleeAbandoned,
    CalleeAnswered,
    CalleeJoined,
    CalleeLeft,
    CalleeRinging,
    ExchangeEvent,
    KeyPressed,
    NoticeSaid,
    OriginateFailed,
    SeatLost,
    SeatUp,
)
from dialer.domain.ids import AttemptId, SeatId
from dialer.rules.kinds.words import RecordingNotice
from dialer.telephony.ami_events import CHANNELS_TRACKED_MAX, WANTED_EVENTS, Translator

AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CALLEE = {"Channel": "PJSIP/egress-0000002a", "Uniqueid": "att-1"}
SEAT = {"Channel": "PJSIP/seat-3-0000002b", "Uniqueid": "seat-3-1700000000001"}
A, S = AttemptId("att-1"), SeatId("seat-3")


def told(translator: Translator, *events: dict[str, str]) -> list[ExchangeEvent]:
    """All that the events become, in order."""
    return [event for given in events for event in translator.translate(given, AT)]


def user_event(name: str, **more: str) -> dict[str, str]:
    """A UserEvent of the callee's dialplan."""
    return {"Event": "UserEvent", "UserEvent": name, "Attempt": "att-1", **CALLEE, **more}


RINGING = {"Event": "Newstate", "ChannelState": "5", **CALLEE}
UP = {"Event": "Newstate", "ChannelState": "6", **CALLEE}
READY = user_event("CalleeReady")
HANGUP = {"Event": "Hangup", "Cause": "16", **CALLEE}
SEAT_WAITS = {"Event": "BridgeEnter", "BridgeUniqueid": "w", "BridgeTechnology": "holding_bridge", **SEAT}
SEAT_HANGUP = {"Event": "Hangup", "Cause": "16", **SEAT}


def enters(who: dict[str, str], bridge: str = "b") -> dict[str, str]:
    """A channel enters a bridge of two."""
    return {"Event": "BridgeEnter", "BridgeUniqueid": bridge, "BridgeTechnology": "simple_bridge", **who}


def leaves(who: dict[str, str], bridge: str = "b") -> dict[str, str]:
    """A channel leaves it."""
    return {"Event": "BridgeLeave", "BridgeUniqueid": bridge, "BridgeTechnology": "simple_bridge", **who}


@pytest.mark.parametrize(
    ("given_events", "expected", "why"),
    [
        ([RINGING], [CalleeRinging(A, AT)], "180"),
        (
            [
                {
                    "Event": "DialState",
                    "DialStatus": "PROGRESS",
                    "DestChannel": CALLEE["Channel"],
                    "DestUniqueid": "att-1",
                }
            ],
            [CalleeRinging(A, AT)],
            "183 counts as ringing",
        ),
        ([RINGING, RINGING], [CalleeRinging(A, AT)], "once"),
        ([UP], [], "up, but the recording has not begun"),
        ([UP, READY, READY], [CalleeAnswered(A, AT)], "ready, once"),
        ([UP, RINGING], [], "a late 180 after the answer is none"),
        ([HANGUP], [CalleeLeft(A, 16, AT)], "gone"),
        ([UP, HANGUP], [CalleeAnswered(A, AT), CalleeLeft(A, 16, AT)], "hung up during the recording notice"),
        (
            [UP, user_event("Abandoned", Cause="nobody")],
            [CalleeAnswered(A, AT), CalleeAbandoned(A, AbandonCause.NOBODY, AT)],
            "an abandoned callee had answered",
        ),
        ([user_event("Abandoned", Cause="boredom")], [], "a cause that we don't know"),
        ([{**HANGUP, "Cause": "not a number"}], [CalleeLeft(A, 0, AT)], "gone all the same"),
        (
            [{"Event": "DTMFEnd", "Direction": "Received", "Digit": "9", **CALLEE}],
            [KeyPressed(A, "9", AT)],
            "a key",
        ),
        ([{"Event": "DTMFEnd", "Direction": "Sent", "Digit": "9", **CALLEE}], [], "our own tone"),
        ([{"Event": "DTMFEnd", "Direction": "Received", "Digit": "9", **SEAT}], [], "the agent's key"),
        ([{"Event": "DTMFEnd", "Direction": "Received", "Digit": "99", **CALLEE}], [], "no key"),
        ([user_event("OptOut", Key="9")], [KeyPressed(A, "9", AT)], "a key during the notice"),
        (
            [
                {
                    "Event": "OriginateResponse",
                    "Response": "Failure",
                    "ActionID": "attempt/att-1",
                    "Uniqueid": "<null>",
                }
            ],
            [OriginateFailed(A, AT)],
            "no channel was made",
        ),
        (
            [{"Event": "OriginateResponse", "Response": "Success", "ActionID": "attempt/att-1"}],
            [],
            "known by its states",
        ),
        (
            [{"Event": "OriginateResponse", "Response": "Failure", "ActionID": "seat/seat-3-17"}],
            [SeatLost(S, AT)],
            "the agent's phone did not answer",
        ),
        ([SEAT_WAITS, SEAT_WAITS], [SeatUp(S, AT)], "waits, once"),
        ([SEAT_WAITS, SEAT_HANGUP], [SeatUp(S, AT), SeatLost(S, AT)], "gone"),
        ([SEAT_WAITS, enters(SEAT), leaves(SEAT), SEAT_WAITS], [SeatUp(S, AT)], "it waits again: no news"),
        ([enters(CALLEE), enters(SEAT)], [CalleeJoined(A, S, AT)], "callee first"),
        ([enters(SEAT), enters(CALLEE)], [CalleeJoined(A, S, AT)], "seat first"),
        ([enters(SEAT), enters(CALLEE), enters(CALLEE), enters(SEAT)], [CalleeJoined(A, S, AT)], "doubled"),
        ([enters(SEAT, "x"), enters(CALLEE, "y")], [], "two bridges"),
        ([enters(SEAT), leaves(SEAT), enters(CALLEE)], [], "the seat had left"),
        (
            [
                enters(SEAT),
                enters(CALLEE),
                leaves(CALLEE),
                leaves(SEAT),
                enters(SEAT, "c"),
                enters(CALLEE, "c"),
            ],
            [CalleeJoined(A, S, AT)] * 2,
            "back from hold",
        ),
    ],
)
def test_an_event_becomes(
    given_events: list[dict[str, str]], expected: list[ExchangeEvent], why: str
) -> None:
    assert told(Translator(), *given_events) == expected, why


@pytest.mark.parametrize(
    "stranger",
    [
        {"Channel": "PJSIP/egress-0000002a", "Uniqueid": "1700000000.12"},
        {"Channel": "PJSIP/other-0000002a", "Uniqueid": "att-1"},
        {"Channel": "Local/s@callee-0000002a;1", "Uniqueid": "att-1"},
        {"Channel": "PJSIP/seat-3-0000002b", "Uniqueid": "1700000000.13"},
        {"Channel": "PJSIP/seat-3-0000002b", "Uniqueid": "seat-4-17"},
        {"Channel": "", "Uniqueid": ""},
        {},
    ],
)
def test_a_channel_that_is_not_ours_is_never_told(stranger: dict[str, str]) -> None:
    translator = Translator()
    for event in ({"ChannelState": "5"}, {"ChannelState": "6"}):
        assert told(translator, {"Event": "Newstate", **event, **stranger}) == []
    assert told(translator, {"Event": "Hangup", "Cause": "16", **stranger}, enters(stranger)) == []
    assert told(translator, {**SEAT_WAITS, "Channel": "", "Uniqueid": "", **stranger}) == []


def test_the_answer_is_dated_when_it_was_read_and_not_when_it_was_told() -> None:
    translator = Translator()
    translator.translate(UP, AT)
    (answered,) = translator.translate(READY, AT + timedelta(seconds=3))
    assert answered == CalleeAnswered(A, AT)


@pytest.mark.parametrize(
    ("said", "notice"),
    [
        ({"Recording": "before", "NoticeMs": "2345"}, NoticeSaid(RecordingNotice.BEFORE, 2345)),
        ({"Recording": "at_start", "NoticeMs": "900"}, NoticeSaid(RecordingNotice.AT_START, 900)),
        ({"Recording": "before", "NoticeMs": "0"}, NoticeSaid(RecordingNotice.NONE, 0)),
        ({"Recording": "before", "NoticeMs": "-1"}, None),
        ({"Recording": "before", "NoticeMs": "99999999"}, None),
        ({"Recording": "never", "NoticeMs": "900"}, None),
        ({}, None),
    ],
)
def test_the_answer_says_what_was_heard_about_being_recorded(
    said: dict[str, str], notice: NoticeSaid | None
) -> None:
    assert told(Translator(), UP, {**READY, **said}) == [CalleeAnswered(A, AT, notice)]


def test_a_former_leg_of_a_seat_that_ends_late_does_not_lose_the_seat() -> None:
    translator = Translator()
    newer = {**SEAT_WAITS, "Channel": "PJSIP/seat-3-0000002c", "Uniqueid": "seat-3-1700000000002"}
    assert told(translator, SEAT_WAITS, newer) == [SeatUp(S, AT), SeatUp(S, AT)]
    assert told(translator, SEAT_HANGUP) == []
    assert translator.leg_up(S) == "seat-3-1700000000002"


def test_two_seats_in_one_bridge_are_no_callee() -> None:
    other = {"Channel": "PJSIP/seat-4-0000002d", "Uniqueid": "seat-4-1700000000003"}
    assert told(Translator(), enters(SEAT), enters(other)) == []


def test_a_former_leg_of_a_seat_that_comes_back_from_its_talk_does_not_take_the_place_of_the_newer() -> None:
    translator = Translator()
    newer = {**SEAT, "Uniqueid": "seat-3-1700000000009"}
    waits = {"BridgeTechnology": "holding_bridge", "BridgeUniqueid": "seats", "Event": "BridgeEnter"}
    assert [type(e).__name__ for e in told(translator, {**waits, **SEAT}, {**waits, **newer})] == [
        "SeatUp",
        "SeatUp",
    ]
    assert told(translator, {**waits, **SEAT}) == []
    assert translator.leg_up(SeatId("seat-3")) == "seat-3-1700000000009"
    assert told(translator, {"Event": "Hangup", "Cause": "16", **SEAT}) == []
    assert [type(e).__name__ for e in told(translator, {"Event": "Hangup", "Cause": "16", **newer})] == [
        "SeatLost"
    ]


def test_a_header_that_comes_twice_is_no_fact() -> None:
    doubled: dict[str, object] = {**HANGUP, "Uniqueid": ["att-1", "att-2"]}
    assert Translator().translate(doubled, AT) == ()
    assert Translator().translate(HANGUP, AT) != (), "control"


def test_a_flood_of_channels_is_forgotten_from_its_oldest_and_stays_bounded() -> None:
    translator = Translator()
    for n in range(CHANNELS_TRACKED_MAX + 500):
        callee = {"Channel": f"PJSIP/egress-{n:08x}", "Uniqueid": f"att-{n}"}
        told(translator, {"Event": "Newstate", "ChannelState": "5", **callee}, enters(callee, f"b-{n}"))
    assert translator.open_callees() == CHANNELS_TRACKED_MAX
    assert len(translator._bridge_of) == CHANNELS_TRACKED_MAX == len(translator._members)


@settings(suppress_health_check=[HealthCheck.too_slow])  # of the machine, not of what is drawn
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "Event",
                "Channel",
                "Uniqueid",
                "ChannelState",
                "Cause",
                "Digit",
                "Direction",
                "UserEvent",
                "Attempt",
            ]
        ),
        st.one_of(
            st.text(max_size=30),
            st.sampled_from(
                [*WANTED_EVENTS, "PJSIP/egress-0000002a", "att-1", "5", "6", "Received", "Abandoned"]
            ),
            st.lists(st.text(max_size=3), max_size=2),
        ),
    )
)
def test_no_event_whatever_makes_the_door_fall(event: dict[str, object]) -> None:
    assert isinstance(Translator().translate(event, AT), tuple)
