"""A supervisor in a talk: heard by nobody, by the agent, or by both. On the log before the first word is heard.

It belongs to one talk: whatever ends that talk at its agent's seat ends the listening at the same moment, so that
nobody hears a next callee unlogged.
"""

import asyncio
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from dialer.calls.talk import TalkAct
from dialer.domain.errors import DialerError, ExchangeUnavailable
from dialer.domain.ids import AttemptId, OrganisationId, SeatId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import Calls
from dialer.ports.clock import Clock
from dialer.ports.exchange import Ear, Telephony
from dialer.services.seats import Agent, Place, Seats
from dialer.services.views.desk import PhoneView
from dialer.services.views.words import Declined, Sentence

SECRET_BYTES: Final = 24
RETRY_SECONDS: Final = 0.5
EXCHANGE_WAIT_SECONDS: Final = 2.0
"""A request waits this long for the exchange; the hanging up goes on until it is done."""
_NO_SEAT: Final = Declined("seat.none_free", Sentence("没有空闲的坐席位。", "No seat is free."))
_NO_PHONE: Final = Declined(
    "listening.no_phone", Sentence("请先连接您的电话。", "Connect your own phone first.")
)
_NO_TALK: Final = Declined(
    "listening.no_talk", Sentence("该坐席现在没有通话。", "That agent has no talk right now.")
)
_EXCHANGE: Final = Declined(
    "exchange.unavailable",
    Sentence("话务系统暂时不可用，请稍后再试。", "The exchange is unavailable now; try again soon."),
)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ListeningView:
    """What a supervisor listens to."""

    agent_id: str
    attempt_id: str
    ear: Ear
    since: datetime


class Listening:
    """`ListeningService`."""

    def __init__(
        self,
        *,
        seats: Seats,
        calls: Calls,
        telephony: Telephony,
        clock: Clock,
        browser_seats: tuple[SeatId, ...],
    ) -> None:
        self._seats = seats
        self._calls = calls
        self._telephony = telephony
        self._clock = clock
        self._browser_seats = browser_seats
        self._phones: dict[UserId, str] = {}
        self._ears: dict[UserId, ListeningView] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        seats.watch(self._moved)

    async def phone(self, user: UserId, session_id: str) -> PhoneView | Declined:
        """A seat to listen from and this session's SIP password; a former session's password ends."""
        seat = self._seats.lend(user, self._browser_seats)
        if seat is None:
            return _NO_SEAT
        secret = secrets.token_urlsafe(SECRET_BYTES)
        try:
            await self._telephony.set_seat_secret(seat, secret)
        except ExchangeUnavailable:
            return _EXCHANGE
        self._phones[user] = session_id
        return PhoneView(uri=f"sip:{seat}@dialer", user=seat, password=secret, ws_path="/ws", ice_servers=())

    async def seat_user(self, user: UserId, session_id: str) -> str | None:
        """The SIP user of this very session."""
        return self._seats.lent_to(user) if self._phones.get(user) == session_id else None

    async def session_ended(self, user: UserId, session_id: str) -> None:
        """The login is over: listening ends, its password ends, the seat is free."""
        seat = self._seats.lent_to(user)
        if seat is None or self._phones.get(user) != session_id:
            return
        del self._phones[user]
        await self.end(user)
        await self._telephony.set_seat_secret(seat, secrets.token_urlsafe(SECRET_BYTES))
        self._seats.give_back(user)

    async def listen(
        self, org: OrganisationId, user: UserId, agent_id: UserId, ear: Ear
    ) -> ListeningView | Declined | None:
        """Into the talk that the agent has now. None: no such agent in this organisation."""
        agent = self._seats.of_user(agent_id)
        if agent is None or agent.org_id != org:
            return None
        seat = self._seats.lent_to(user)
        if seat is None or user not in self._phones:
            return _NO_PHONE
        attempt = agent.attempt_id
        if attempt is None or not _talks(agent):
            return _NO_TALK
        await self.end(user)
        actor = Actor(ActorKind.USER, user)
        if not await self._calls.keep_talk_act(
            attempt, TalkAct.LISTENED, actor, {"ear": str(ear), "agent": str(agent_id)}
        ):
            return _NO_TALK
        view = ListeningView(agent_id, attempt, ear, self._clock.now())
        self._ears[user] = view
        now = self._seats.of_user(agent_id)
        if now is None or now.attempt_id != attempt or not _talks(now):
            await self.end(user)
            return _NO_TALK
        try:
            await self._telephony.listen(seat, agent.seat_id, attempt, ear)
        except ExchangeUnavailable:
            await self.end(user)
            return _EXCHANGE
        if user not in self._ears:
            # the talk ended while the exchange was asked
            await self._telephony.end_listening(seat)
            return _NO_TALK
        return view

    async def end(self, user: UserId) -> None:
        """Leave the talk; nothing happens where nobody listens."""
        view = self._ears.pop(user, None)
        if view is not None:
            await self._left(user, view)

    async def _left(self, user: UserId, view: ListeningView) -> None:
        hanging_up = self._hang_up_soon(user)
        await asyncio.wait((hanging_up,), timeout=EXCHANGE_WAIT_SECONDS)
        await self._calls.keep_talk_act(
            AttemptId(view.attempt_id),
            TalkAct.LISTENING_ENDED,
            Actor(ActorKind.USER, user),
            {"ear": str(view.ear), "agent": view.agent_id},
        )

    def _moved(self, agent: Agent) -> None:
        """An agent changed: whoever listened to a talk, or on a phone, that isn't there any more is out."""
        for user, view in list(self._ears.items()):
            if view.agent_id != agent.user_id or (_hears(agent) and agent.attempt_id == view.attempt_id):
                continue
            del self._ears[user]
            if _talks(agent) and agent.attempt_id == view.attempt_id:
                # the talk may go on, on the new phone of a reloaded page: this listening ends with the old one
                self._keep(self._left(user, view))
            else:
                self._hang_up_soon(user)

    def _hang_up_soon(self, user: UserId) -> "asyncio.Task[None]":
        return self._keep(self._hang_up(user))

    def _keep(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _hang_up(self, user: UserId) -> None:
        seat = self._seats.lent_to(user)
        while seat is not None:
            try:
                await self._telephony.end_listening(seat)
            except DialerError as away:
                _log.warning("listening.end_waits", failure=type(away).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return


def _talks(agent: Agent) -> bool:
    return agent.place in (Place.TALKING, Place.CLOSING)


def _hears(agent: Agent) -> bool:
    return _talks(agent) and agent.leg_up
