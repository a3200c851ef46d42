"""The agent's verbs. Each answers with the whole desk as it is afterwards, or says why not now."""

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from dialer.domain.disposition import BY_CODE, CALLBACK_AGREED, DISPOSITIONS
from dialer.domain.dnc import DncReason
from dialer.domain.errors import ExchangeUnavailable
from dialer.domain.ids import AttemptId, SeatId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.pacing.floor import AgentState
from dialer.pacing.why import sentence_of
from dialer.ports.calls import Calls, CallView, RefusalHeard
from dialer.ports.clock import Clock
from dialer.ports.exchange import Telephony
from dialer.ports.people import AgentCard, Roster
from dialer.services.board import Board
from dialer.services.call_progress import CallProgress
from dialer.services.changes import Changes, DeskChanged, FloorChanged
from dialer.services.lanes import WRAP_SECONDS_MAX
from dialer.services.preview_desk import PreviewDesk
from dialer.services.refusals import Refusals, Waiting
from dialer.services.seats import BUSY, Agent, Place, Seats
from dialer.services.views.caller import DeskCaller, Stopped
from dialer.services.views.desk import DeskCall, DeskState, DeskView, HeardView, PhoneView, RefusedView
from dialer.services.views.pause_codes import PauseCodeView
from dialer.services.views.reads import DeskReads, QueueView
from dialer.services.views.taken import Shutter
from dialer.services.views.words import Choice, Declined, Sentence

SECRET_BYTES: Final = 24
NO_INTEREST: Final = "no_interest"
DESK_STATES: Final = {
    Place.OFFLINE: DeskState.OFFLINE,
    Place.CALLING: DeskState.OFFLINE,
    Place.READY: DeskState.READY,
    Place.PAUSED: DeskState.PAUSED,
    Place.RESERVED: DeskState.INCOMING,
    Place.TALKING: DeskState.TALKING,
    Place.CLOSING: DeskState.CLOSING,
    Place.WRAPPING: DeskState.WRAPPING,
}
_NO_SEAT: Final = Declined("seat.none_free", Sentence("没有空闲的坐席位。", "No seat is free."))
_NOT_AGENT: Final = Declined("desk.not_an_agent", Sentence("您不是坐席。", "You are not an agent."))
_NO_PHONE: Final = Declined(
    "desk.no_phone",
    Sentence("电话还没有连上，请先连接麦克风。", "Your phone isn't connected yet; connect the microphone."),
)
_EXCHANGE: Final = Declined(
    "exchange.unavailable",
    Sentence("话务系统暂时不可用，请稍后再试。", "The exchange is unavailable now; try again soon."),
)
_WRONG_TIME: Final = Declined(
    "call.not_in_that_state", Sentence("这通电话现在不能这样操作。", "That can't be done to this call now.")
)
_NO_REASON: Final = Declined(
    "pause.unknown_reason", Sentence("没有这个小休原因。", "There is no such reason to pause.")
)
_NO_CODE: Final = Declined(
    "disposition.unknown", Sentence("没有这个结果选项。", "There is no such disposition.")
)
_NO_CALLBACK: Final = Declined(
    "callback.none_agreed",
    Sentence("这通电话还没有约定回电时间。", "No callback has been agreed in this call yet."),
)


class HeardInCalls(Protocol):
    """What listening to the calls gives the desk."""

    def view(self, attempt_id: AttemptId) -> HeardView | None:
        """What was heard in a call; None: nothing listens to it."""
        ...

    def refused(self, attempt_id: AttemptId) -> None:
        """The refusal is on the list: nothing is asked about it any more."""
        ...

    async def declined_before(self, call: CallView) -> bool:
        """Whether the callee said in an earlier call that they have no interest."""
        ...


class CallersShown(Protocol):
    """Who rang our number and talks with an agent."""

    async def shown(self, agent: Agent | None) -> DeskCaller | None:
        """The caller at hand."""
        ...


class AgentDesk:
    """`DeskService`."""

    def __init__(
        self,
        *,
        seats: Seats,
        board: Board,
        progress: CallProgress,
        refusals: Refusals,
        calls: Calls,
        roster: Roster,
        telephony: Telephony,
        reads: DeskReads,
        clock: Clock,
        changes: Changes,
        browser_seats: tuple[SeatId, ...],
        heard: HeardInCalls,
        previews: PreviewDesk,
        callers: CallersShown,
    ) -> None:
        self._shutter = Shutter()
        self._callers = callers
        self._previews = previews
        self._seats = seats
        self._board = board
        self._progress = progress
        self._refusals = refusals
        self._calls = calls
        self._roster = roster
        self._telephony = telephony
        self._reads = reads
        self._clock = clock
        self._changes = changes
        self._browser_seats = browser_seats
        self._heard = heard
        self._phones: dict[UserId, str] = {}
        self._refused: dict[AttemptId, RefusedView] = {}

    async def view(self, user: UserId) -> DeskView:
        """The whole desk."""
        queue, today, pauses = await asyncio.gather(
            self._reads.queue(user), self._reads.today(user), self._reads.pause_codes(user)
        )
        taken, agent = self._shutter.taken(), self._seats.of_user(user)
        return DeskView(
            taken=taken,
            state=DeskState.OFFLINE if agent is None else DESK_STATES[agent.place],
            since=self._clock.now() if agent is None else agent.since,
            pause_reason=_pause_choice(agent, pauses),
            seat_id=None if agent is None else agent.seat_id,
            phone_up=agent is not None and agent.leg_up,
            queue=queue.items,
            queue_due=queue.due,
            queue_later=queue.later,
            call=await self._call(user, agent),
            today=today,
            idle_reason=self._idle(agent, queue),
            ready_blocked=_NO_PHONE.sentence if user not in self._phones else None,
            pause_reasons=tuple(Choice(p.code, p.name) for p in pauses if p.retired_at is None),
            preview=self._previews.view(user),
            caller=await self._callers.shown(agent),
        )

    async def phone(self, user: UserId, session_id: str) -> PhoneView | Declined:
        """A seat and this session's SIP password; a former session's password ends.

        The page that asks has a new phone: whatever leg the seat has belongs to a page that is gone, and takes no call.
        """
        card = await self._roster.agent(user)
        if card is None:
            return _NOT_AGENT
        agent = self._seats.of_user(user) or self._sit(card)
        if agent is None:
            return _NO_SEAT
        secret = secrets.token_urlsafe(SECRET_BYTES)
        try:
            await self._telephony.set_seat_secret(agent.seat_id, secret)
        except ExchangeUnavailable:
            return _EXCHANGE
        self._phones[user] = session_id
        if agent.leg_up or agent.unheard:
            self._touch(self._seats.set_leg(user, False))
        return PhoneView(
            uri=f"sip:{agent.seat_id}@dialer",
            user=agent.seat_id,
            password=secret,
            ws_path="/ws",
            ice_servers=(),
        )

    async def seat_user(self, user: UserId, session_id: str) -> str | None:
        """The SIP user of this very session."""
        agent = self._seats.of_user(user)
        if agent is not None and agent.leg_up:  # a dialer that started again: the exchange kept the password
            self._phones.setdefault(user, session_id)
        return agent.seat_id if agent is not None and self._phones.get(user) == session_id else None

    async def session_ended(self, user: UserId, session_id: str) -> None:
        """The login is over: its password ends, its agent leaves once no call is at hand."""
        agent = self._seats.of_user(user)
        if agent is None or self._phones.get(user) != session_id:
            return
        del self._phones[user]
        await self._telephony.set_seat_secret(agent.seat_id, secrets.token_urlsafe(SECRET_BYTES))
        if agent.place not in BUSY:
            await self._telephony.release_seat(agent.seat_id)
            self._seats.leave(user)
            self._board.agent(user, AgentState.GONE)
        self._touch(agent)

    async def ready(self, user: UserId) -> DeskView | Declined:
        """Take calls: the agent's own phone is called once and then waits in its seat.

        In a call, an agent whose page was reloaded is called again and comes back into the talk (`Matching.seat_up`).
        """
        agent = self._seats.of_user(user)
        if agent is None:
            return _NO_PHONE
        if agent.place in BUSY:
            if agent.leg_up:
                self._seats.pause_when_free(user, None)
            elif not await self._called(agent):
                return _EXCHANGE
            return await self.view(user)
        now = self._clock.now()
        if agent.leg_up:
            agent = self._seats.move(user, Place.READY, now, None)
            self._seats.pause_when_free(user, None)
            self._board.agent(user, AgentState.READY)
            self._progress.agent_ready(agent)
        else:
            self._seats.move(user, Place.CALLING, now, None)
            if not await self._called(agent):
                self._seats.move(user, Place.OFFLINE, now, None)
                return _EXCHANGE
        self._touch(agent)
        return await self.view(user)

    async def pause(self, user: UserId, reason: str) -> DeskView | Declined:
        """Take no calls: at once, or after the call that already counts on this agent."""
        offered = {p.code for p in await self._reads.pause_codes(user) if p.retired_at is None}
        if (agent := self._seats.of_user(user)) is None or reason not in offered:
            return _WRONG_TIME if agent is None else _NO_REASON
        if agent.place in BUSY or (agent.place is Place.READY and not self._board.may_pause(agent)):
            self._seats.pause_when_free(user, reason)
        else:
            self._seats.pause(user, reason, self._clock.now())
            self._board.agent(user, AgentState.PAUSED)
        self._touch(agent)
        return await self.view(user)

    async def refused(self, user: UserId, attempt: AttemptId) -> RefusedView | Declined | None:
        """The callee said no: T3 now; the conversation closes within 30 s. It is heard also while the database is away."""
        seated = self._seats.of_attempt(attempt)
        if (seated is None or seated.user_id != user) and await self._mine(user, attempt) is None:
            return None
        if attempt in self._refused:
            return self._refused[attempt]
        began = self._now()
        actor = Actor(ActorKind.USER, user)
        heard = await self._refusals.heard_in_attempt(attempt, DncReason.SAID, actor)
        if heard is None:
            return None
        view = _refused_view(attempt, heard, int((self._now() - began) * 1000))
        self._refused[attempt] = view
        self._heard.refused(attempt)
        agent = self._seats.of_attempt(attempt)
        if agent is not None:
            if agent.place is Place.TALKING:
                self._seats.move(user, Place.CLOSING, self._clock.now(), attempt)
            elif agent.place is Place.WRAPPING:
                self._progress.disposed(attempt)
            self._touch(agent)
        return view

    async def hang_up(self, user: UserId, attempt: AttemptId) -> DeskView | Declined | None:
        """End the call."""
        if await self._mine(user, attempt) is None:
            return None
        try:
            await self._telephony.hang_up(attempt)
        except ExchangeUnavailable:
            return _EXCHANGE
        return await self.view(user)

    async def dispose(
        self, user: UserId, attempt: AttemptId, code: str, note: str | None
    ) -> DeskView | Declined | None:
        """What came of the talk; ends the wrap-up."""
        call = await self._mine(user, attempt)
        if call is None:
            return None
        if code not in {d.code for d in DISPOSITIONS}:
            return _NO_CODE
        agent = self._seats.of_attempt(attempt)
        if agent is None or agent.place not in (Place.WRAPPING, Place.TALKING, Place.CLOSING):
            return _WRONG_TIME
        if code == CALLBACK_AGREED and not await self._has_callback(user, attempt):
            return _NO_CALLBACK
        actor = Actor(ActorKind.USER, user)
        await self._calls.dispose(attempt, code, BY_CODE[code].answer_class, actor, note or "")
        if code == NO_INTEREST and await self._heard.declined_before(call):
            await self.refused(user, attempt)  # the second time is a refusal (“没兴趣” twice)
        if agent.place is Place.WRAPPING:
            self._progress.disposed(attempt)
            await asyncio.sleep(0)
        self._touch(agent)
        return await self.view(user)

    # -------------------------------------------------------------- inside

    def _sit(self, card: AgentCard, seat_id: SeatId | None = None) -> Agent | None:
        seat = seat_id or next((s for s in self._browser_seats if s not in self._seats.taken()), None)
        if seat is None:
            return None
        return self._seats.sit(
            Agent(
                user_id=card.user_id,
                org_id=card.org_id,
                name=card.name,
                campaigns=card.campaigns,
                languages=card.languages,
                seat_id=seat,
                place=Place.OFFLINE,
                since=self._clock.now(),
                leg_up=False,
            )
        )

    async def sit_machine(self, user: UserId, seat_id: SeatId) -> None:
        """A demo agent whose phone is a machine at the carrier takes a seat and goes ready."""
        card = await self._roster.agent(user)
        if card is None or self._sit(card, seat_id) is None:
            return
        self._phones[user] = "machine"
        await self.ready(user)

    async def _called(self, agent: Agent) -> bool:
        try:
            await self._telephony.call_seat(agent.seat_id)
        except ExchangeUnavailable:
            return False
        return True

    async def _call(self, user: UserId, agent: Agent | None) -> DeskCall | None:
        if agent is None or agent.attempt_id is None:
            return None
        call = await self._reads.call(user, agent.attempt_id)
        if call is None:
            return None
        until: datetime | None = None
        if agent.place is Place.WRAPPING:
            until = agent.since + timedelta(seconds=WRAP_SECONDS_MAX)
        return replace(
            call,
            wrap_until=until,
            refused=self._refused.get(agent.attempt_id),
            held_since=agent.held_since,
            heard=self._heard.view(agent.attempt_id),
        )

    async def _has_callback(self, user: UserId, attempt: AttemptId) -> bool:
        shown = await self._reads.call(user, attempt)
        return shown is not None and shown.callback is not None

    def _idle(self, agent: Agent | None, queue: QueueView) -> Sentence | None:
        if agent is None or agent.place is not Place.READY:
            return None
        if (not_called := self._previews.said(agent.user_id)) is not None:
            return not_called
        for campaign_id in sorted(agent.campaigns):
            plan = self._board.plans.get(campaign_id)
            if plan is not None and queue.due:
                said = sentence_of(plan.why)
                return Sentence(said.zh, said.en)
        return queue.idle_reason

    async def _mine(self, user: UserId, attempt: AttemptId) -> CallView | None:
        call = await self._calls.view(attempt)
        return call if call is not None and call.agent_id == user else None

    def _touch(self, agent: Agent) -> None:
        self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _pause_choice(agent: Agent | None, pauses: tuple[PauseCodeView, ...]) -> Choice | None:
    if agent is None or agent.place is not Place.PAUSED:
        return None
    return next((Choice(p.code, p.name) for p in pauses if p.code == agent.pause_reason), None)


def _refused_view(attempt: AttemptId, heard: RefusalHeard | Waiting, took_ms: int) -> RefusedView:
    if isinstance(heard, Waiting):
        return RefusedView(attempt, heard.at, took_ms, Stopped(0, 0, 0), heard.closing_until)
    return RefusedView(
        attempt_id=attempt,
        at=heard.at,
        took_ms=took_ms,
        stopped=Stopped(leads=heard.leads_dropped, permits=heard.permits_void, legs=len(heard.cut)),
        closing_until=heard.closing_until,
    )
