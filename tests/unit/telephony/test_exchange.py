"""The exchange as the core sees it: what it says to Asterisk, when it refuses to, and what it makes of the world."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from dialer.calls.events import (
    CalleeAbandoned,
    CalleeAnswered,
    CalleeJoined,
    CalleeLeft,
    CalleeRinging,
    ExchangeEvent,
    LinkLost,
    LinkUp,
    SeatUp,
)
from dialer.calls.permit import Permit, mint
from dialer.domain.errors import DialerError, ExchangeUnavailable, OriginateUncertain
from dialer.domain.ids import AttemptId, SeatId
from dialer.rules.kinds.words import RecordingNotice
from dialer.telephony.exchange import Exchange, PermitReuseError
from dialer.telephony.instance_settings import SettingsError
from dialer.telephony.pair import PairSettings
from dialer.testing.ami_server import AmiServer, Answer, Board, Request
from dialer.testing.clock import HandWoundClock
from tests.unit.telephony.telephony_stage import (
    NUMBER_THAT_RINGS,
    SECRET,
    USER,
    RealClock,
    Stage,
    half,
    link_settings,
    on_stage,
    permit_of,
    token_of,
    until,
    with_patience,
)

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SEAT = SeatId("seat-1")


async def talking(stage: Stage, attempt: str, n: int, seat: SeatId = SEAT) -> None:
    """Bring one callee and one seat together."""
    if not any(event.seat_id == seat for event in stage.all(SeatUp)):
        await stage.exchange.call_seat(seat)
        await until(lambda: any(event.seat_id == seat for event in stage.all(SeatUp)))
    await stage.exchange.originate(permit_of(attempt, token_of(n)))
    await until(lambda: attempt in [event.attempt_id for event in stage.all(CalleeAnswered)])
    await stage.exchange.connect(AttemptId(attempt), seat)
    await until(lambda: attempt in [event.attempt_id for event in stage.all(CalleeJoined)])


# ---------------------------------------------------------------- originate


async def test_an_originate_names_a_token_and_nothing_that_could_be_a_number() -> None:
    async with on_stage() as stage:
        await stage.exchange.originate(permit_of("a-1", token_of(1), recording_prompt="recording-zh"))
        request = next(request for request in stage.server.requests if request.name == "Originate")
        assert request.headers == (
            ("Action", "Originate"),
            ("ActionID", "attempt/a-1"),
            ("Channel", f"PJSIP/{token_of(1)}@egress"),
            ("ChannelId", "a-1"),
            ("Context", "callee"),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", "180000"),
            ("Async", "true"),
            ("Variable", "ATTEMPT=a-1"),
            ("Variable", "PATIENCE_MS=2000"),
            ("Variable", "NOTICE=notice-zh"),
            ("Variable", "RECNOTICE=recording-zh"),
            ("Variable", "RECORDING=at_start"),
            ("Variable", "AMD=off"),
        )


@pytest.mark.parametrize(
    ("late_microseconds", "places"),
    [(-1, True), (0, False), (1, False), (86_400_000_000, False)],
)
async def test_a_permit_is_checked_once_more_at_the_socket(late_microseconds: int, places: bool) -> None:
    async with on_stage() as stage:
        clock = HandWoundClock(NOON)
        pair = PairSettings("one", link_settings(stage.server.port))
        exchange = Exchange([pair], clock, half)
        await exchange.start()
        permit = permit_of("a-1", token_of(1), expires=NOON + timedelta(seconds=10))
        clock.set_to(permit.expires + timedelta(microseconds=late_microseconds))
        if places:
            await exchange.originate(permit)
        else:
            with pytest.raises(ExchangeUnavailable, match="expired"):
                await exchange.originate(permit)
        await exchange.stop()
        assert stage.server.count("Originate") == int(places)


async def test_the_same_permit_is_never_sent_twice() -> None:
    async with on_stage() as stage:
        permit = permit_of("a-1", token_of(1))
        await stage.exchange.originate(permit)
        with pytest.raises(PermitReuseError):
            await stage.exchange.originate(permit)
        assert stage.server.count("Originate") == 1


async def test_an_originate_is_not_put_behind_bytes_that_wait_in_our_own_buffer() -> None:
    async with on_stage(
        settings=with_patience(ping_interval_seconds=30.0, ping_deadline_seconds=30.0)
    ) as stage:
        stage.server.faults.hearing.clear()
        (pair,) = stage.exchange._pairs.values()
        fillers: list[asyncio.Task[object]] = []
        while not pair.link.is_congested():
            fillers.append(asyncio.create_task(pair.link.request("Hangup", [("Variable", "x" * 900)] * 8)))
            await asyncio.sleep(0)
        with pytest.raises(ExchangeUnavailable, match="congested"):
            await stage.exchange.originate(permit_of("a-1", token_of(1)))
        stage.server.faults.hearing.set()
        await until(lambda: not pair.link.is_congested())
        await stage.exchange.originate(permit_of("a-1", token_of(1)))
        await asyncio.gather(*fillers, return_exceptions=True)
        assert stage.server.count("Originate") == 1


async def test_an_originate_that_the_exchange_refuses_dialled_nobody() -> None:
    async with on_stage() as stage:
        stage.desk.allow(token_of(200), NUMBER_THAT_RINGS)
        await stage.exchange.originate(permit_of("a-1", token_of(200)))
        other = Exchange([PairSettings("one", link_settings(stage.server.port))], RealClock(), half)
        await other.start()
        with pytest.raises(ExchangeUnavailable, match="refused"):
            await other.originate(permit_of("a-1", token_of(2)))
        assert other.loads()[0].callees == 0
        await other.stop()
        assert len(stage.sim.originates) == 1


async def test_an_originate_whose_answer_is_late_is_uncertain_and_its_events_are_still_heard() -> None:
    async with on_stage(
        settings=with_patience(action_deadline_seconds=0.1, ping_deadline_seconds=5.0)
    ) as stage:
        stage.server.faults.answer_seconds = 0.3
        with pytest.raises(OriginateUncertain):
            await stage.exchange.originate(permit_of("a-1", token_of(1)))
        assert (await stage.first(CalleeAnswered)).attempt_id == "a-1"


@pytest.mark.parametrize(
    ("token", "prompt", "patience_ms", "why"),
    [
        ("8613000000001", "notice-zh", 2000, "a number is no token"),
        ("pt" + "a" * 31, "notice-zh", 2000, "too short"),
        ("pt" + "a" * 33, "notice-zh", 2000, "too long"),
        ("pt" + "A" * 32, "notice-zh", 2000, "capitals"),
        ("pt" + "a" * 32 + "\n", "notice-zh", 2000, "a line feed at the end"),
        ("pt" + "a" * 31 + "@", "notice-zh", 2000, "an endpoint of its own"),
        (token_of(1), "a,B=c", 2000, "a second variable"),
        (token_of(1), "../../etc", 2000, "a path"),
        (token_of(1), "notice-zh", -1, "negative patience"),
        (token_of(1), "notice-zh", 60_001, "a minute of silence"),
    ],
)
async def test_a_permit_with_odd_fields_is_not_sent(
    token: str, prompt: str, patience_ms: int, why: str
) -> None:
    async with on_stage() as stage:
        permit = mint(
            attempt_id=AttemptId("a-1"),
            token=token,
            expires=datetime.now(UTC) + timedelta(seconds=10),
            patience_ms=patience_ms,
            notice_prompt=prompt,
            recording_prompt="",
            recording_notice=RecordingNotice.AT_START,
        )
        with pytest.raises(ValueError, match="can't be sent"):
            await stage.exchange.originate(permit)
        assert stage.server.count("Originate") == 0, why


HOSTILE = [
    "\r\n",
    "\n",
    "\r",
    "\x00",
    "&",
    ",",
    "|",
    "@",
    "/",
    "=",
    "𝄞",
    "\u2028",
    "é",
    " ",
    "a",
    "1",
    "-",
    "A",
    ":",
]


def hostile_permit(text: str) -> Permit:
    """A permit whose every text is hostile."""
    return mint(
        attempt_id=AttemptId(text),
        token=text,
        expires=datetime.now(UTC) + timedelta(seconds=10),
        patience_ms=2000,
        notice_prompt=text,
        recording_prompt=text,
        recording_notice=RecordingNotice.AT_START,
    )


async def test_hostile_text_in_any_field_causes_no_action_that_was_not_meant() -> None:
    """A small share of the 10,000 cases that `bench/soak_link.py` runs."""
    dice = random.Random(20260302)
    async with on_stage() as stage:
        exchange, meant = stage.exchange, 0
        for _ in range(300):
            text = "".join(dice.choices(HOSTILE, k=dice.randint(1, 8)))
            if dice.random() < 0.3:
                text += "\r\n\r\nAction: Originate\r\nChannel: PJSIP/evil@egress\r\n\r\n"
            for saying in (
                exchange.originate(hostile_permit(text)),
                exchange.call_seat(SeatId(text)),
                exchange.connect(AttemptId(text), SeatId(text)),
                exchange.connect(AttemptId(text), SEAT),
                exchange.release_seat(SeatId(text)),
                exchange.set_seat_secret(SEAT, text),
                exchange.set_seat_secret(SeatId(text), "a" * 20),
            ):
                with pytest.raises((DialerError, ValueError)):
                    await saying
            try:
                await exchange.hang_up(AttemptId(text))
                meant += 1
            except ValueError:
                pass
        own = {"Login", "Ping", "CoreShowChannels"}
        said = [request.name for request in stage.server.requests if request.name not in own]
        assert said == ["Hangup"] * meant
        assert meant > 0, "control: some of the texts were harmless ids"


# ---------------------------------------------------------------- seats, bridges, ends


async def test_a_seat_is_called_at_its_own_endpoint_with_a_leg_that_is_new_each_time() -> None:
    async with on_stage() as stage:
        await stage.exchange.call_seat(SEAT)
        await stage.first(SeatUp)
        await stage.exchange.release_seat(SEAT)
        await stage.exchange.call_seat(SEAT)
        first, second = (request for request in stage.server.requests if request.name == "Originate")
        assert (first.get("Channel"), first.get("Context"), first.get("Exten")) == (
            "PJSIP/seat-1",
            "seat",
            "s",
        )
        assert first.get("ChannelId") != second.get("ChannelId")
        assert first.get("ChannelId").startswith("seat-1-")


@pytest.mark.parametrize("seat", ["8613000000001", "egress", "seat-1@egress", "seat-", "seat-1\n", ""])
async def test_what_is_no_seat_is_never_called(seat: str) -> None:
    async with on_stage() as stage:
        with pytest.raises(ValueError, match="not the name of a seat"):
            await stage.exchange.call_seat(SeatId(seat))
        assert stage.server.count("Originate") == 0


async def test_an_agent_who_talks_is_not_taken_away_to_another_callee() -> None:
    async with on_stage(pace=10) as stage:
        await talking(stage, "a-1", 1)
        await stage.exchange.originate(permit_of("a-2", token_of(2)))
        await until(lambda: "a-2" in [event.attempt_id for event in stage.all(CalleeAnswered)])
        with pytest.raises(ExchangeUnavailable, match="talks with another"):
            await stage.exchange.connect(AttemptId("a-2"), SEAT)
        assert "a-1" in stage.sim.callees()
        await stage.exchange.hang_up(AttemptId("a-1"))
        await stage.first(CalleeLeft)
        await stage.exchange.connect(AttemptId("a-2"), SEAT)


async def test_a_seat_that_was_up_before_the_link_was_lost_can_be_bridged_after_it_came_back() -> None:
    async with on_stage(pace=10) as stage:
        await stage.exchange.call_seat(SEAT)
        await stage.first(SeatUp)
        stage.server.cut_all()
        await until(lambda: len(stage.all(LinkUp)) == 2)
        await stage.exchange.originate(permit_of("a-1", token_of(1)))
        await stage.first(CalleeAnswered)
        await stage.exchange.connect(AttemptId("a-1"), SEAT)
        assert (await stage.first(CalleeJoined)).seat_id == SEAT


async def test_a_hang_up_that_cannot_be_told_is_never_dropped_in_silence() -> None:
    async with on_stage() as stage:
        await stage.server.shut()
        await stage.first(LinkLost)
        with pytest.raises(ExchangeUnavailable):
            await stage.exchange.hang_up(AttemptId("a-1"))


class Forbidding:
    """A board whose manager user may do nothing."""

    async def act(self, request: Request) -> Answer:
        return Answer.error("Permission denied")

    def subscribe(self, publish: object) -> None:
        """It has nothing to tell."""


async def test_every_verb_says_so_when_the_manager_user_may_not_do_it() -> None:
    board: Board = Forbidding()
    async with AmiServer(board, USER, SECRET) as server:
        exchange = Exchange([PairSettings("one", link_settings(server.port))], RealClock(), half)
        await exchange.start()
        for saying in (
            exchange.originate(permit_of("a-1", token_of(1))),
            exchange.call_seat(SEAT),
            exchange.hang_up(AttemptId("a-1")),
            exchange.set_seat_secret(SEAT, "a" * 20),
            exchange.channels(),
        ):
            with pytest.raises(ExchangeUnavailable):
                await saying
        await exchange.stop()


async def test_a_seats_secret_reaches_the_exchange_as_a_digest_only() -> None:
    secret = "one-login-session-0001"
    async with on_stage() as stage:
        await stage.exchange.set_seat_secret(SEAT, secret)
        ((seat, digest),) = stage.sim.seat_digests.items()
        assert (seat, len(digest)) == ("seat-1", 32)
        said = [value for request in stage.server.requests for _, value in request.headers]
        assert [value for value in said if secret in value] == []
        with pytest.raises(SettingsError):
            await stage.exchange.set_seat_secret(SEAT, "short")
        assert list(stage.sim.seat_digests) == ["seat-1"]


# ---------------------------------------------------------------- events


async def test_doubled_events_are_told_once_each_until_the_last_word() -> None:
    async with on_stage(pace=20) as stage:
        stage.server.faults.copies_of_events = 2
        await talking(stage, "a-1", 1)
        await stage.first(CalleeLeft)
        for kind in (SeatUp, CalleeRinging, CalleeAnswered, CalleeJoined):
            assert len(stage.all(kind)) == 1, kind


async def test_a_callee_is_told_as_answered_when_it_can_be_bridged_and_dated_when_it_answered() -> None:
    async with on_stage(pace=10) as stage:
        loop = asyncio.get_running_loop()
        await stage.exchange.originate(permit_of("a-1", token_of(1), recording_prompt="recording-zh"))
        await stage.first(CalleeRinging)
        answered = await stage.first(CalleeAnswered)
        told_late_by = datetime.now(UTC) - answered.at
        assert timedelta(seconds=0.2) < told_late_by < timedelta(seconds=2), (
            "the notice was played in between"
        )
        assert loop.time() > 0


async def test_a_callee_who_is_left_alone_is_told_as_abandoned_and_then_as_gone() -> None:
    async with on_stage(pace=20) as stage:
        await stage.exchange.originate(permit_of("a-1", token_of(1)))
        await stage.first(CalleeLeft)
        kinds = [type(event) for event in stage.heard if isinstance(event, ExchangeEvent)]
        assert kinds == [LinkUp, CalleeRinging, CalleeAnswered, CalleeAbandoned, CalleeLeft]


async def test_a_second_consumer_of_events_is_refused() -> None:
    async with on_stage() as stage:
        await stage.first(LinkUp)
        with pytest.raises(RuntimeError, match="one consumer"):
            await anext(stage.exchange.events())
