"""One Asterisk pair as the exchange sees it: its link, what it carries, and which seats are its own."""

from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from panoramisk.message import Message

from dialer.domain.errors import ExchangeUnavailable
from dialer.domain.ids import SeatId
from dialer.ports.clock import Clock
from dialer.ports.exchange import ChannelView
from dialer.ports.speech import SpeechSocket
from dialer.telephony.ami_events import EAR, WANTED_EVENTS, Translator, callee_of, seat_leg_of
from dialer.telephony.ami_wire import header
from dialer.telephony.forks import fork_headers
from dialer.telephony.inbox import Heard, Inbox, Lost, Up
from dialer.telephony.link import AmiLink, Connector, LinkSettings
from dialer.telephony.seats import seat_secret_action

CHANNELS_MAX: Final = 400
"""Channels of callees that one pair takes when its settings don't say."""


@dataclass(frozen=True, slots=True)
class PairSettings:
    """One pbx with its egress. `seats` are its own endpoints; empty when it is the only pair and has them all."""

    name: str
    link: LinkSettings
    channels_max: int = CHANNELS_MAX
    seats: frozenset[SeatId] = frozenset()
    calls_per_second_max: int = 0
    """The trunk's limit of new calls, kept here so that no permit is wasted on it; 0: none."""


@dataclass(frozen=True, slots=True)
class PairLoad:
    """What one pair carries at a moment."""

    name: str
    is_up: bool
    is_drained: bool
    callees: int
    channels_max: int
    seats: int
    fault: str | None


class Pair:
    """One pair. It hears its link (`LinkListener`) and only puts what it hears into the shared inbox."""

    def __init__(
        self,
        settings: PairSettings,
        inbox: Inbox,
        clock: Clock,
        jitter: Callable[[], float],
        connector: Connector | None,
    ) -> None:
        self.settings = settings
        self.translator = Translator()
        self.is_drained = False
        self.link = AmiLink(settings.link, WANTED_EVENTS, self, jitter, connector)
        self._former_legs: dict[SeatId, set[str]] = {}
        self._inbox = inbox
        self._clock = clock
        self._placed: deque[datetime] = deque(maxlen=CHANNELS_MAX)

    def link_up(self) -> None:
        """Mark the link's coming up."""
        self._inbox.mark(Up(self.settings.name, self._clock.now()))

    def link_lost(self) -> None:
        """Mark the link's loss."""
        self._inbox.mark(Lost(self.settings.name, self._clock.now()))

    def heard(self, message: Message) -> bool:
        """Queue one event; false when the inbox is full."""
        return self._inbox.offer(Heard(self.settings.name, self._clock.now(), message))

    async def has_room(self) -> None:
        """Return when the inbox can take a new connection's events."""
        await self._inbox.has_room()

    def has_seat(self, seat_id: SeatId) -> bool:
        """Whether the seat's endpoint is on this pair."""
        return not self.settings.seats or seat_id in self.settings.seats

    def takes_calls(self) -> bool:
        """Whether a new call may be placed here."""
        is_fast = 0 < self.settings.calls_per_second_max <= self._placed_lately()
        return self.link.is_up() and not self.is_drained and self.free_channels() > 0 and not is_fast

    def note_call(self) -> None:
        """A call is about to be placed here."""
        self._placed.append(self._clock.now())

    def _placed_lately(self) -> int:
        since = self._clock.now() - timedelta(seconds=1)
        while self._placed and self._placed[0] <= since:
            self._placed.popleft()
        return len(self._placed)

    def free_channels(self) -> int:
        """Channels of callees that are left."""
        return self.settings.channels_max - self.translator.open_callees()

    def spare_seats(self) -> int:
        """Seats' legs less open callees: whom a new callee can still meet here. Negative when over-dialled."""
        return self.translator.waiting_seats() - self.translator.open_callees()

    def load(self) -> PairLoad:
        """What it carries now."""
        return PairLoad(
            self.settings.name,
            self.link.is_up(),
            self.is_drained,
            self.translator.open_callees(),
            self.settings.channels_max,
            self.translator.waiting_seats(),
            self.link.fault,
        )

    async def channels(self) -> tuple[ChannelView, ...]:
        """The channels that this pbx has now; seats' legs that are up are adopted on the way.

        Raises:
            ExchangeUnavailable: not known.
        """
        before = self.translator.expected()
        listed = await self.link.request_list("CoreShowChannels", "CoreShowChannel")
        views = tuple(self._view(message) for message in listed)
        # Only the count of free channels is put right by absence; no attempt is ended by it (rule 9).
        for attempt in before - {view.attempt_id for view in views}:
            self.translator.expect_no_more(attempt)
        return views

    async def hang_up(self, channel_id: str) -> None:
        """Hang up a channel; no error when it is already gone.

        Raises:
            ExchangeUnavailable: the exchange could not be told, or may not: repeat it.
        """
        answer = await self.link.request("Hangup", [("Channel", channel_id)])
        done = header(answer, "Response") == "Success"
        if not done and "no such channel" not in header(answer, "Message").lower():
            raise ExchangeUnavailable("the exchange refused a hang-up")

    def replace_leg(self, seat_id: SeatId, leg: str) -> None:
        """A seat is being called anew: the leg that it has (a reloaded page left it) is its former one from now on."""
        former = self.translator.seat_legs.get(seat_id)
        if former is not None:
            self._former_legs.setdefault(seat_id, set()).add(former)
        self.translator.expect_seat(seat_id, leg)

    async def end_former_legs(self, seat_id: SeatId) -> None:
        """Hang up the legs that a seat had before; those of a talk only once its new leg has taken the talk over."""
        for leg in sorted(self._former_legs.pop(seat_id, ())):
            # nobody speaks there: the exchange ends it by itself when it can't be told
            with suppress(ExchangeUnavailable):
                await self.hang_up(leg)

    async def fork(self, leg: str, socket: SpeechSocket) -> None:
        """Let the speech worker hear what a channel says.

        Raises:
            ExchangeUnavailable: the exchange didn't do it; the call goes on.
        """
        answer = await self.link.request("Originate", fork_headers(leg, socket))
        if header(answer, "Response") != "Success":
            raise ExchangeUnavailable("the exchange refused to fork a leg")

    async def end_listening(self) -> None:
        """Hang up every listener's leg that this pbx has.

        Raises:
            ExchangeUnavailable: the exchange could not be told: repeat it.
        """
        for message in await self.link.request_list("CoreShowChannels", "CoreShowChannel"):
            if (leg := header(message, "Uniqueid")).startswith(EAR):
                await self.hang_up(leg)

    async def adopt_seats(self) -> None:
        """After a connection came up: know again which seats have a leg, so that they can be bridged."""
        try:
            await self.channels()
        except ExchangeUnavailable:
            return  # the link went down again; its next coming up asks anew

    async def set_seat_secret(self, seat_id: SeatId, secret: str) -> None:
        """Write the endpoint's password where the pbx's auth object reads it.

        Raises:
            ExchangeUnavailable: nobody knows which password holds.
        """
        name, headers = seat_secret_action(seat_id, secret)
        answer = await self.link.request(name, headers, completed_by="OriginateResponse")
        if header(answer, "Response") != "Success":
            raise ExchangeUnavailable("the exchange refused a seat's new secret")

    def _view(self, message: Message) -> ChannelView:
        channel, uniqueid = header(message, "Channel"), header(message, "Uniqueid")
        is_up = header(message, "ChannelState") == "6"
        seat = seat_leg_of(channel, uniqueid)
        attempt = callee_of(channel, uniqueid)
        if seat is not None and is_up:
            self.translator.adopt_seat(seat, uniqueid)
        if attempt is not None:
            self.translator.expect(attempt)
        return ChannelView(channel, attempt, seat, is_up, self.translator.callers.meet(message))
