"""The dialer's exchange: `ports.Telephony` over the hardened links of one or several Asterisk pairs.

What it can say to an exchange is the dialect below and nothing else; no method can name a number or a trunk.

| verb | AMI | fields |
|---|---|---|
| originate | Originate, Async | Channel `PJSIP/<token>@egress`, ChannelId the attempt id, `callee,s,1`, six variables |
| call_seat | Originate, Async | Channel `PJSIP/<seat id>`, ChannelId `<seat id>-<n>`, `seat,s,1` |
| connect | Bridge | the attempt's and the seat's channel ids |
| hold | Redirect | the attempt's channel id, `hold,s,1` |
| listen | Originate, Async | Channel `PJSIP/<listener's seat>`, ChannelId `ear-<seat id>-<n>`, `listen,<ear>,1`, the agent's leg, the attempt |
| fork_callee, fork_agent | Originate, Async | an AudioSocket on loopback, `fork,s,1`, the leg's channel id (`forks.py`) |
| hang_up, release_seat, end_listening | Hangup | the channel id |
| set_seat_secret | Originate, Async | a local channel that writes one seat's digest (`seats.py`) |
| channels | CoreShowChannels | |

What it can say of callers of the inbound line is `inbound_legs.py`.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final, assert_never

import structlog

from dialer.calls.events import ExchangeEvent, LinkLost, LinkUp
from dialer.calls.permit import Permit
from dialer.domain.errors import DialerError, ExchangeUnavailable, OriginateUncertain
from dialer.domain.ids import AttemptId, SeatId
from dialer.ports.clock import Clock
from dialer.ports.exchange import ChannelView, Ear
from dialer.ports.speech import SpeechSocket
from dialer.telephony.ami_events import ATTEMPT_ACTION, EAR, SEAT_ACTION, seat_of
from dialer.telephony.ami_wire import CheckedAction, LinkDropped, header
from dialer.telephony.inbound_legs import InboundLegs
from dialer.telephony.inbox import EVENTS_QUEUED_MAX, Heard, Inbox, Lost, Up
from dialer.telephony.link import Connector
from dialer.telephony.originate import known, originate_headers
from dialer.telephony.pair import Pair, PairLoad, PairSettings

SEAT_RING_MS: Final = 20_000
ATTEMPTS_REMEMBERED_MAX: Final = 20_000


_log = structlog.get_logger(__name__)


class PermitReuseError(DialerError):
    """The same permit was given to originate twice: a bug. Nothing was sent the second time."""


class Exchange:
    """All pairs as one exchange. A call, its seat and their bridge live on one pair; pairs don't know each other."""

    def __init__(
        self,
        pairs: Sequence[PairSettings],
        clock: Clock,
        jitter: Callable[[], float],
        *,
        connector: Connector | None = None,
        events_queued_max: int = EVENTS_QUEUED_MAX,
    ) -> None:
        if not pairs or len({settings.name for settings in pairs}) != len(pairs):
            raise ValueError("an exchange has at least one pair, and no two of one name")
        self._clock = clock
        self._inbox = Inbox(events_queued_max)
        self._pairs = {
            settings.name: Pair(settings, self._inbox, clock, jitter, connector) for settings in pairs
        }
        self.inbound = InboundLegs(self._pairs)
        self._attempts: dict[AttemptId, str] = {}
        self._ears: dict[SeatId, str] = {}
        self._seat_serial = 0
        self._consumed = False

    async def start(self) -> None:
        """Try each link once and keep them all up from now on.

        Raises:
            InstallationError: an exchange refused the password; no link is left open.
        """
        tries = await asyncio.gather(*(p.link.start() for p in self._pairs.values()), return_exceptions=True)
        for outcome in tries:
            if isinstance(outcome, BaseException):
                await self.stop()
                raise outcome

    async def stop(self) -> None:
        """Drop all links. Calls that are up go on in the exchange."""
        await asyncio.gather(*(pair.link.stop() for pair in self._pairs.values()))

    def drain(self, pair: str) -> None:
        """Place no new call on that pair; its calls and seats go on."""
        self._pairs[pair].is_drained = True

    def restore(self, pair: str) -> None:
        """End a pair's draining."""
        self._pairs[pair].is_drained = False

    def loads(self) -> tuple[PairLoad, ...]:
        """What each pair carries now, in the order of the settings."""
        return tuple(pair.load() for pair in self._pairs.values())

    # ------------------------------------------------------------- ports.Telephony

    def is_up(self) -> bool:
        """Whether at least one pair is up, authenticated and answering its pings."""
        return any(pair.link.is_up() for pair in self._pairs.values())

    async def originate(self, permit: Permit) -> None:
        """Place the call of `permit`, once. When cancelled in here the call may have been placed.

        Raises:
            ExchangeUnavailable: nothing was sent, or the exchange said no; the permit may be voided.
            OriginateUncertain: it may have been sent; never send it again, hold the attempt as uncertain.
            PermitReuseError: this permit was here before; nothing was sent this time.
        """
        headers = originate_headers(permit)
        if permit.attempt_id in self._attempts:
            raise PermitReuseError("a permit came to originate twice")
        pair = self._choose()
        action = CheckedAction("Originate", f"{ATTEMPT_ACTION}{permit.attempt_id}", headers)
        # From here to the write nothing awaits: what is checked now holds when the bytes leave.
        if pair.link.is_congested():
            raise ExchangeUnavailable("the link is congested: nothing was sent")
        if self._clock.now() >= permit.expires:
            raise ExchangeUnavailable("the permit has expired: nothing was sent")
        pair.link.begin(action)
        pair.note_call()
        self._remember(permit.attempt_id, pair)
        try:
            answer = await pair.link.answer(action)
        except LinkDropped as error:
            raise OriginateUncertain("the link dropped around an originate") from error
        if header(answer, "Response") != "Success":
            pair.translator.expect_no_more(permit.attempt_id)
            raise ExchangeUnavailable("the exchange refused an originate: nothing was dialled")

    async def call_seat(self, seat_id: SeatId) -> None:
        """Call the agent's own endpoint on its pair; `SeatUp` tells when it waits in its bridge.

        A leg that the seat had before is nobody's from now on; one in a talk stays until `connect` moved the callee.

        Raises:
            ExchangeUnavailable: nothing was sent, or nobody knows: `SeatUp` will tell.
        """
        pair = self._pair_of_seat(seat_id)
        leg = f"{seat_id}-{self._next_serial()}"
        headers = [
            ("Channel", f"PJSIP/{seat_id}"),
            ("ChannelId", leg),
            ("Context", "seat"),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", str(SEAT_RING_MS)),
            ("Async", "true"),
        ]
        action = CheckedAction("Originate", f"{SEAT_ACTION}{leg}", headers)
        pair.link.begin(action)
        pair.replace_leg(seat_id, leg)
        try:
            answer = await pair.link.answer(action)
        except LinkDropped as error:
            raise ExchangeUnavailable("the exchange did not answer") from error
        if header(answer, "Response") != "Success":
            raise ExchangeUnavailable("the exchange refused to call a seat")
        if pair.translator.talks_with(seat_id) is None:
            await pair.end_former_legs(seat_id)

    async def connect(self, attempt_id: AttemptId, seat_id: SeatId) -> None:
        """Bridge an answered callee with a seat that the caller has reserved. `CalleeJoined` confirms.

        Raises:
            ExchangeUnavailable: the exchange didn't do it, or the two are on different pairs, or the seat has no leg
                or a talk. (The last is a net under the caller's own reservation, not a replacement for it.)
        """
        pair = self._pair_of_seat(seat_id)
        leg = pair.translator.leg_up(seat_id)
        if leg is None:
            raise ExchangeUnavailable("the seat has no leg that is up")
        if pair.translator.talks_with(seat_id) not in (None, attempt_id):
            # The exchange would do it: take the agent away and leave the first callee alone.
            raise ExchangeUnavailable("the seat's agent talks with another callee")
        if self._attempts.get(attempt_id, pair.settings.name) != pair.settings.name:
            raise ExchangeUnavailable("the callee and the seat are on different exchanges")
        answer = await pair.link.request("Bridge", [("Channel1", known(attempt_id)), ("Channel2", leg)])
        if header(answer, "Response") != "Success":
            raise ExchangeUnavailable("the exchange could not bridge the callee and the seat")
        await pair.end_former_legs(seat_id)

    def reaches(self, attempt_id: AttemptId, seat_id: SeatId) -> bool:
        """Whether the callee and the seat are on one pair, as far as is remembered."""
        name = self._attempts.get(attempt_id)
        return name is None or self._pairs[name].has_seat(seat_id)

    def is_away(self, attempt_id: AttemptId) -> bool:
        """Whether the callee is on a pair that is known and whose link is down."""
        name = self._attempts.get(attempt_id)
        return name is not None and not self._pairs[name].link.is_up()

    async def hold(self, attempt_id: AttemptId) -> None:
        """Take a callee out of the talk into music; `connect` takes them back, the exchange's own bound ends it.

        Raises:
            ExchangeUnavailable: the exchange didn't do it, or doesn't know the callee; the talk goes on.
        """
        headers = [("Channel", known(attempt_id)), ("Context", "hold"), ("Exten", "s"), ("Priority", "1")]
        for pair in self._pairs_of(attempt_id):
            if header(await pair.link.request("Redirect", headers), "Response") == "Success":
                return
        raise ExchangeUnavailable("the exchange could not put the callee on hold")

    async def listen(self, listener: SeatId, agent: SeatId, attempt_id: AttemptId, ear: Ear) -> None:
        """Call the listener's own phone and let it hear the agent's seat. Both seats are on one pair.

        Raises:
            ExchangeUnavailable: the exchange didn't do it, the agent's seat has no leg, or the seats are apart.
        """
        pair = self._pair_of_seat(agent)
        leg = pair.translator.leg_up(agent)
        if leg is None or not pair.has_seat(listener):
            raise ExchangeUnavailable("the agent's seat has no leg that is up here")
        if seat_of(listener) is None:
            raise ValueError("not the name of a seat")
        await self.end_listening(listener)
        ear_leg = f"{EAR}{listener}-{self._next_serial()}"
        headers = [
            ("Channel", f"PJSIP/{listener}"),
            ("ChannelId", ear_leg),
            ("Context", "listen"),
            ("Exten", str(ear)),
            ("Priority", "1"),
            ("Timeout", str(SEAT_RING_MS)),
            ("Async", "true"),
            ("Variable", f"SPY_ON={leg}"),
            ("Variable", f"ATTEMPT={known(attempt_id)}"),
        ]
        self._ears[listener] = ear_leg
        if header(await pair.link.request("Originate", headers), "Response") != "Success":
            raise ExchangeUnavailable("the exchange refused to let a seat listen")

    async def end_listening(self, listener: SeatId | None) -> None:
        """Hang up one listener's leg, or every one that the pairs have (also those of a former process).

        Raises:
            ExchangeUnavailable: an exchange could not be told: repeat it.
        """
        if listener is None:
            await asyncio.gather(*(pair.end_listening() for pair in self._pairs.values()))
            self._ears.clear()
        elif (leg := self._ears.get(listener)) is not None:
            await self._pair_of_seat(listener).hang_up(leg)
            self._ears.pop(listener, None)

    async def fork_callee(self, attempt_id: AttemptId, socket: SpeechSocket) -> None:
        for pair in self._pairs_of(attempt_id):
            await pair.fork(known(attempt_id), socket)

    async def fork_agent(self, seat_id: SeatId, socket: SpeechSocket) -> None:
        pair = self._pair_of_seat(seat_id)
        leg = pair.translator.leg_up(seat_id)
        if leg is None:
            raise ExchangeUnavailable("the agent's seat has no leg that is up here")
        await pair.fork(leg, socket)

    async def hang_up(self, attempt_id: AttemptId) -> None:
        """Hang up the callee's channel, wherever it is; no error when it is already gone.

        Raises:
            ExchangeUnavailable: a link that may carry the channel could not be told: repeat it.
        """
        outcomes = await asyncio.gather(
            *(pair.hang_up(known(attempt_id)) for pair in self._pairs_of(attempt_id)), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def release_seat(self, seat_id: SeatId) -> None:
        """Hang up the agent's leg; no error when it is already gone.

        Raises:
            ExchangeUnavailable: the exchange could not be told: repeat it.
        """
        pair = self._pair_of_seat(seat_id)
        leg = pair.translator.seat_legs.get(seat_id)
        if leg is not None:
            await pair.hang_up(leg)

    async def set_seat_secret(self, seat_id: SeatId, secret: str) -> None:
        """Give the seat's endpoint the SIP password of one login session; the former one ends.

        Raises:
            ExchangeUnavailable: nobody knows which password holds; set one again before relying on it.
            SettingsError: not a softphone's seat, or the password is weak or has odd characters; nothing was sent.
        """
        await self._pair_of_seat(seat_id).set_seat_secret(seat_id, secret)

    async def channels(self) -> tuple[ChannelView, ...]:
        """All channels of the pairs that answer, for reconciliation. Never proof that a call ended (rule 9).

        Raises:
            ExchangeUnavailable: no pair could be asked.
        """
        lists = await asyncio.gather(*(p.channels() for p in self._pairs.values()), return_exceptions=True)
        answers = [views for views in lists if not isinstance(views, BaseException)]
        if not answers:
            raise ExchangeUnavailable("no exchange could list its channels")
        return tuple(view for views in answers for view in views)

    async def events(self) -> AsyncGenerator[ExchangeEvent, None]:
        """Events in each exchange's order. One consumer, which has to keep up; a second one is a bug.

        A consumer that may fail takes it in `contextlib.aclosing`, so that another can follow it.
        `LinkUp` comes for each pair that comes up, `LinkLost` when a pair is lost; `is_up` tells whether any is left.
        """
        if self._consumed:
            raise RuntimeError("the exchange's events have one consumer")
        self._consumed = True
        try:
            while True:
                item = await self._inbox.take()
                pair = self._pairs[item.pair]
                match item:
                    case Up(at=at):
                        await pair.adopt_seats()
                        yield LinkUp(at)
                    case Lost(at=at):
                        seats = frozenset(pair.translator.seat_legs)
                        pair.translator.forget_all()
                        yield LinkLost(at, seats)
                    case Heard(at=at, message=message):
                        for event in pair.translator.translate(message, at):
                            yield event
                    case _:
                        assert_never(item)
        finally:
            self._consumed = False

    # ------------------------------------------------------------- choosing and remembering

    def _choose(self) -> Pair:
        """The pair with the most waiting seats to spare, then the most free channels.

        Raises:
            ExchangeUnavailable: no pair is up with a free channel.
        """
        able = [pair for pair in self._pairs.values() if pair.takes_calls()]
        if not able:
            raise ExchangeUnavailable("no exchange is up with a free channel: nothing was sent")
        return max(able, key=lambda pair: (pair.spare_seats(), pair.free_channels()))

    def _remember(self, attempt_id: AttemptId, pair: Pair) -> None:
        self._attempts[attempt_id] = pair.settings.name
        pair.translator.expect(attempt_id)
        while len(self._attempts) > ATTEMPTS_REMEMBERED_MAX:
            del self._attempts[next(iter(self._attempts))]

    def _pairs_of(self, attempt_id: AttemptId) -> list[Pair]:
        """The pair that carries the attempt; every one where a former process placed it."""
        name = self._attempts.get(attempt_id)
        return [self._pairs[name]] if name is not None else list(self._pairs.values())

    def _next_serial(self) -> int:
        """A number for a leg's channel id that no leg had before, over restarts too."""
        self._seat_serial = max(self._seat_serial + 1, int(self._clock.now().timestamp() * 1_000))
        return self._seat_serial

    def _pair_of_seat(self, seat_id: SeatId) -> Pair:
        if seat_of(seat_id) is None:
            raise ValueError("not the name of a seat")
        for pair in self._pairs.values():
            if pair.has_seat(seat_id):
                return pair
        raise ExchangeUnavailable("no exchange has that seat")
