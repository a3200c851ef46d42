"""What each event of the exchange does. Bridging comes first, the database right behind it, one lane an attempt.

An answered callee is given to a reserved seat before anything is written: the law's two seconds run. Everything else
about one attempt happens in its own lane, in order, so that many attempts share the database's group commit.
"""

import asyncio
from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Final, assert_never

import structlog

from dialer.calls.attempt import AttemptState, Outcome
from dialer.calls.events import (
    AbandonCause,
    CalleeAbandoned,
    CalleeAnswered,
    CalleeJoined,
    CalleeLeft,
    CalleeRinging,
    CallEvent,
    ExchangeEvent,
    KeyPressed,
    LinkLost,
    LinkUp,
    OriginateFailed,
    SeatLost,
    SeatUp,
)
from dialer.domain.disposition import LEFT_OPEN, REFUSED
from dialer.domain.dnc import DncReason
from dialer.domain.errors import ExchangeUnavailable, StoreUnavailable, VaultUnavailable
from dialer.domain.ids import AttemptId, SeatId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind
from dialer.pacing.floor import AgentState
from dialer.ports.audio import AudioVault, Recordings
from dialer.ports.calls import Calls, MoveFields, PermitState
from dialer.ports.clock import Clock
from dialer.ports.exchange import Telephony
from dialer.services.board import Board
from dialer.services.changes import Changes, DeskChanged, FloorChanged
from dialer.services.closing import Closing
from dialer.services.refusals import Refusals
from dialer.services.seats import Agent, Place, Seats

OPTOUT_KEY: Final = "9"
WRAP_SECONDS_MAX: Final = 30.0
STORE_RETRY_SECONDS: Final = 0.5
_PROCESS: Final = Actor(ActorKind.PROCESS, "dialer")
_log = structlog.get_logger()


class _Spooled(Enum):
    """What became of an attempt's clear sound."""

    SEALED = "sealed"
    NOTHING = "nothing"
    STILL_THERE = "still_there"


class CallProgress:
    """Drives attempts from the exchange's events."""

    def __init__(
        self,
        *,
        calls: Calls,
        telephony: Telephony,
        seats: Seats,
        board: Board,
        refusals: Refusals,
        closing: Closing,
        audio: AudioVault,
        recordings: Recordings,
        clock: Clock,
        changes: Changes,
        reconcile: Callable[[], None],
    ) -> None:
        self._calls = calls
        self._telephony = telephony
        self._seats = seats
        self._board = board
        self._refusals = refusals
        self._closing = closing
        self._audio = audio
        self._recordings = recordings
        self._clock = clock
        self._changes = changes
        self._reconcile = reconcile
        self._lanes: dict[AttemptId, asyncio.Queue[CallEvent]] = {}
        self._disposed: dict[AttemptId, asyncio.Event] = {}
        self._waiting: dict[AttemptId, None] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Consume the exchange's events until cancelled."""
        async for event in self._telephony.events():
            self.on_event(event)

    def lanes_open(self) -> int:
        """Attempts with something still to do."""
        return len(self._lanes)

    def disposed(self, attempt_id: AttemptId) -> None:
        """The agent chose a disposition: the wrap-up is over."""
        self._disposed.setdefault(attempt_id, asyncio.Event()).set()

    def agent_ready(self, agent: Agent) -> None:
        """An agent became ready: somebody who answered and waits within the patience comes first."""
        for attempt_id in list(self._waiting):
            campaign = self._board.campaign_of(attempt_id)
            if campaign is not None and campaign in agent.campaigns:
                self._offer(attempt_id)
                return

    # -------------------------------------------------------------- events

    def on_event(self, event: ExchangeEvent) -> None:
        """Take one event. Never blocks."""
        match event:
            case LinkUp():
                self._reconcile()
                self._let_pause()
            case LinkLost():
                _log.warning("exchange.lost")
            case SeatUp(seat_id=seat_id):
                self._seat_up(seat_id)
            case SeatLost(seat_id=seat_id):
                self._seat_lost(seat_id)
            case CalleeAnswered(attempt_id=attempt_id):
                self._board.answered(attempt_id)
                self._offer(attempt_id)
                self._lane(event)
            case CalleeJoined(attempt_id=attempt_id, seat_id=seat_id):
                self._joined(attempt_id, seat_id)
                self._lane(event)
                self._let_pause()
            case CalleeAbandoned(attempt_id=attempt_id):
                self._waiting.pop(attempt_id, None)
                self._board.abandoned(attempt_id)
                self._lane(event)
                self._let_pause()
            case CalleeLeft(attempt_id=attempt_id) | OriginateFailed(attempt_id=attempt_id):
                self._waiting.pop(attempt_id, None)
                self._board.ended(attempt_id)
                self._agent_free_of(attempt_id)
                self._lane(event)
                self._let_pause()
            case CalleeRinging() | KeyPressed():
                self._lane(event)
            case _:
                assert_never(event)

    def _offer(self, attempt_id: AttemptId) -> None:
        campaign = self._board.campaign_of(attempt_id)
        if campaign is None:
            return
        agent = self._seats.reserve(campaign, attempt_id, self._clock.now())
        if agent is None:
            self._waiting[attempt_id] = None
            return
        self._waiting.pop(attempt_id, None)
        self._spawn(self._connect(attempt_id, agent))
        self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    async def _connect(self, attempt_id: AttemptId, agent: Agent) -> None:
        try:
            await self._telephony.connect(attempt_id, agent.seat_id)
        except ExchangeUnavailable:
            # the callee hears the notice by itself; the agent is free again
            _log.warning("connect.failed", attempt_id=attempt_id, seat_id=agent.seat_id)
            self._agent_free_of(attempt_id)

    def _joined(self, attempt_id: AttemptId, seat_id: SeatId) -> None:
        agent = self._seats.of_seat(seat_id)
        if agent is None:
            return
        is_closing = agent.place is Place.CLOSING and agent.attempt_id == attempt_id
        place = Place.CLOSING if is_closing else Place.TALKING
        self._seats.move(agent.user_id, place, self._clock.now(), attempt_id)
        self._board.connected(attempt_id, agent.user_id)
        self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    def _agent_free_of(self, attempt_id: AttemptId) -> None:
        """The call left its agent: a talk goes into wrap-up, a reservation is undone."""
        # two, for a moment, while a talk is handed from one to the other
        for agent in [a for a in self._seats.all() if a.attempt_id == attempt_id]:
            if agent.place in (Place.TALKING, Place.CLOSING):
                self._seats.move(agent.user_id, Place.WRAPPING, self._clock.now(), attempt_id)
            elif agent.place is Place.RESERVED:
                self._free(agent)
            self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    def _let_pause(self) -> None:
        """Ready agents who asked for a pause have it as soon as no ringing call counts on them any more."""
        for agent in self._seats.wanting_pause():
            if agent.pause_after is not None and self._board.may_pause(agent.campaigns):
                self._seats.pause(agent.user_id, agent.pause_after, self._clock.now())
                self._board.agent(agent.user_id, AgentState.PAUSED)
                self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    def _free(self, agent: Agent) -> None:
        """The agent has no call any more: the pause that was asked for, or the next one who waits."""
        now = self._clock.now()
        if not agent.leg_up:
            self._seats.move(agent.user_id, Place.OFFLINE, now, None)
        elif agent.pause_after is not None:
            self._seats.pause(agent.user_id, agent.pause_after, now)
        else:
            self.agent_ready(self._seats.move(agent.user_id, Place.READY, now, None))

    def _seat_up(self, seat_id: SeatId) -> None:
        agent = self._seats.of_seat(seat_id)
        if agent is None:
            return
        agent = self._seats.set_leg(agent.user_id, True)
        if agent.place in (Place.CALLING, Place.OFFLINE):
            agent = self._seats.move(agent.user_id, Place.READY, self._clock.now(), None)
            self.agent_ready(agent)
        self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    def _seat_lost(self, seat_id: SeatId) -> None:
        agent = self._seats.of_seat(seat_id)
        if agent is None:
            return
        agent = self._seats.set_leg(agent.user_id, False)
        if agent.place in (Place.CALLING, Place.READY, Place.PAUSED):
            self._seats.move(agent.user_id, Place.OFFLINE, self._clock.now(), None)
        self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    # -------------------------------------------------------------- lanes

    def _lane(self, event: CallEvent) -> None:
        lane = self._lanes.get(event.attempt_id)
        if lane is None:
            lane = self._lanes[event.attempt_id] = asyncio.Queue()
            self._spawn(self._drive(event.attempt_id, lane))
        lane.put_nowait(event)

    async def _drive(self, attempt_id: AttemptId, lane: asyncio.Queue[CallEvent]) -> None:
        try:
            while True:
                event = await lane.get()
                if await self._until_stored(event):
                    return
        finally:
            self._lanes.pop(attempt_id, None)
            self._disposed.pop(attempt_id, None)

    async def _until_stored(self, event: CallEvent) -> bool:
        """Apply an event; while the database is away, again and again: what happened is not lost."""
        while True:
            try:
                return await self._apply(event)
            except StoreUnavailable:
                _log.warning("store.unavailable", attempt_id=event.attempt_id)
                await asyncio.sleep(STORE_RETRY_SECONDS)

    async def _apply(self, event: CallEvent) -> bool:
        """One event of one attempt; True when the attempt is over."""
        attempt_id = event.attempt_id
        match event:
            case CalleeRinging():
                await self._move(attempt_id, AttemptState.RINGING, {}, {})
            case CalleeAnswered(notice=notice):
                says: dict[str, Json] = {}
                if notice is not None:
                    says = {"recording_notice": str(notice.notice), "notice_ms": notice.said_ms}
                await self._move(attempt_id, AttemptState.ANSWERED, {}, says)
            case CalleeJoined(seat_id=seat_id):
                await self._was_answered(attempt_id)
                agent = self._seats.of_seat(seat_id)
                fields: MoveFields = {"seat_id": seat_id}
                if agent is not None:
                    fields["agent_id"] = agent.user_id
                await self._move(attempt_id, AttemptState.CONNECTED, fields, {"seat": seat_id})
            case CalleeAbandoned(cause=cause):
                await self._was_answered(attempt_id)
                fields = {"abandon_cause": str(cause)}
                await self._move(attempt_id, AttemptState.ABANDONED, fields, {"cause": str(cause)})
                if cause is AbandonCause.AGENT_LOST:
                    self._agent_free_of(attempt_id)
            case KeyPressed(key=key):
                if key == OPTOUT_KEY:
                    await self._refused_by_key(attempt_id)
            case CalleeLeft() | OriginateFailed():
                return await self._over(attempt_id)
            case _:
                assert_never(event)
        return False

    async def _refused_by_key(self, attempt_id: AttemptId) -> None:
        if await self._refusals.heard_in_attempt(attempt_id, DncReason.KEY, None) is None:
            return
        agent = self._seats.of_attempt(attempt_id)
        if agent is not None and agent.place is Place.TALKING:
            self._seats.move(agent.user_id, Place.CLOSING, self._clock.now(), attempt_id)
            self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    async def _over(self, attempt_id: AttemptId) -> bool:
        call = await self._calls.view(attempt_id)
        if call is None:
            return True
        self._changes.touch(FloorChanged(call.org_id))
        match call.state:
            case AttemptState.CONNECTED:
                fields: MoveFields = {"ended": True, "outcome": str(Outcome.TALKED)}
                if call.disposition == "refused":
                    fields["outcome"] = str(Outcome.REFUSED_BY_CALLEE)
                await self._move(attempt_id, AttemptState.WRAPPING, fields, {})
                await asyncio.gather(self._keep_recording(attempt_id), self._wrap_up(attempt_id))
                await self._closing.answered(attempt_id, Outcome.TALKED)
            case AttemptState.WRAPPING:
                await asyncio.gather(self._keep_recording(attempt_id), self._wrap_up(attempt_id))
                await self._closing.answered(attempt_id, Outcome.TALKED)
            case AttemptState.ABANDONED:
                await asyncio.gather(self._keep_recording(attempt_id), self._let_go(attempt_id))
                await self._closing.answered(attempt_id, Outcome.ABANDONED)
            case AttemptState.ANSWERED:
                await self._keep_recording(attempt_id)
                # the key may have been pressed before an agent was there, or heard just before the end
                said_no = call.disposition == REFUSED.code
                early = Outcome.REFUSED_BY_CALLEE if said_no else Outcome.HUNG_UP_EARLY
                await self._closing.answered(attempt_id, early)
            case _:
                # somebody may have answered and gone before we heard of either
                await self._seal_spooled(attempt_id)
                await self._closing.unanswered(attempt_id)
        self._changes.touch(FloorChanged(call.org_id))
        return True

    async def _wrap_up(self, attempt_id: AttemptId) -> None:
        """Wait for the agent's disposition, not longer than the wrap-up may last; then the agent is free again."""
        done = self._disposed.setdefault(attempt_id, asyncio.Event())
        call = await self._calls.view(attempt_id)
        if call is not None and call.disposition is not None:
            done.set()  # a refusal is its own disposition: nothing is left to choose
        try:
            await asyncio.wait_for(done.wait(), WRAP_SECONDS_MAX)
        except TimeoutError:
            await self._calls.dispose(attempt_id, LEFT_OPEN.code, LEFT_OPEN.answer_class, _PROCESS, "")
        agent = self._seats.of_attempt(attempt_id)
        if agent is None or agent.place is not Place.WRAPPING:
            return
        self._board.wrapped(agent.user_id)
        self._free(agent)
        self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    async def _let_go(self, attempt_id: AttemptId) -> None:
        """An agent whose line was lost in the talk has a wrap-up like any other; an abandoned call had nobody."""
        if self._seats.of_attempt(attempt_id) is not None:
            await self._wrap_up(attempt_id)

    async def _keep_recording(self, attempt_id: AttemptId) -> None:
        """Seal what was said; that there is nothing is kept, too."""
        if await self._seal_spooled(attempt_id) is _Spooled.NOTHING:
            await self._recordings.missing(attempt_id, "the exchange wrote none")

    async def _seal_spooled(self, attempt_id: AttemptId) -> "_Spooled":
        try:
            audio = await self._audio.seal(attempt_id)
        except VaultUnavailable:
            # the spool still has it
            _log.error("vault.unavailable", attempt_id=attempt_id)
            return _Spooled.STILL_THERE
        if audio is None:
            return _Spooled.NOTHING
        await self._recordings.sealed(attempt_id, audio)
        await self._audio.discard_spool(attempt_id)
        return _Spooled.SEALED

    async def _was_answered(self, attempt_id: AttemptId) -> None:
        """What follows an answer implies it, also when the answer itself was not heard (the link was down)."""
        call = await self._calls.view(attempt_id)
        if call is not None and call.state in (
            AttemptState.PLACED,
            AttemptState.RINGING,
            AttemptState.UNCERTAIN,
        ):
            await self._move(attempt_id, AttemptState.ANSWERED, {}, {"why": "what came after it was heard"})

    async def _move(
        self, attempt_id: AttemptId, target: AttemptState, fields: MoveFields, says: dict[str, Json]
    ) -> None:
        if await self._calls.advance(attempt_id, target, _PROCESS, fields, says):
            return
        call = await self._calls.view(attempt_id)
        if (
            call is None
            or call.state is not AttemptState.UNCERTAIN
            or call.permit is not PermitState.CONSUMED
        ):
            return  # late or doubled
        # it was held in doubt, and now its channel speaks
        why: dict[str, Json] = {"why": "its channel speaks"}
        if await self._calls.advance(attempt_id, AttemptState.PLACED, _PROCESS, {}, why):
            await self._calls.advance(attempt_id, target, _PROCESS, fields, says)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.error("lane.failed", failure=type(failure).__name__, exc_info=failure)
