"""What each event does to its attempt: one lane an attempt, in order, so that many attempts share a group commit."""

import asyncio
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
    KeyPressed,
    OriginateFailed,
)
from dialer.domain.disposition import LEFT_OPEN, REFUSED, VOICEMAIL, AnswerClass
from dialer.domain.dnc import DncReason
from dialer.domain.errors import StoreUnavailable, VaultUnavailable
from dialer.domain.ids import AttemptId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.audio import AudioVault, Recordings
from dialer.ports.calls import Calls, MoveFields, PermitState
from dialer.services.changes import Changes, FloorChanged
from dialer.services.closing import Closing
from dialer.services.matching import Matching
from dialer.services.refusals import Refusals
from dialer.services.seats import Seats

OPTOUT_KEY: Final = "9"
WRAP_SECONDS_MAX: Final = 30.0
STORE_RETRY_SECONDS: Final = 0.5
_PROCESS: Final = Actor(ActorKind.PROCESS, "dialer")
_EARLY_ENDS: Final = {REFUSED.code: Outcome.REFUSED_BY_CALLEE, VOICEMAIL.code: Outcome.MACHINE}
_log = structlog.get_logger()


class _Spooled(Enum):
    """What became of an attempt's clear sound."""

    SEALED = "sealed"
    NOTHING = "nothing"
    STILL_THERE = "still_there"


class Lanes:
    """Writes down what happens to each attempt, until it is over."""

    def __init__(
        self,
        *,
        calls: Calls,
        seats: Seats,
        matching: Matching,
        refusals: Refusals,
        closing: Closing,
        audio: AudioVault,
        recordings: Recordings,
        changes: Changes,
    ) -> None:
        self._calls = calls
        self._seats = seats
        self._matching = matching
        self._refusals = refusals
        self._closing = closing
        self._audio = audio
        self._recordings = recordings
        self._changes = changes
        self._lanes: dict[AttemptId, asyncio.Queue[CallEvent]] = {}
        self._disposed: dict[AttemptId, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, event: CallEvent) -> None:
        """Put an event behind the earlier ones of its attempt. Never blocks."""
        lane = self._lanes.get(event.attempt_id)
        if lane is None:
            lane = self._lanes[event.attempt_id] = asyncio.Queue()
            task = asyncio.create_task(self._drive(event.attempt_id, lane))
            self._tasks.add(task)
            task.add_done_callback(self._finished)
        lane.put_nowait(event)

    async def close(self) -> None:
        """Stop writing: what isn't written is found out by reconciling at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def has(self, attempt_id: AttemptId) -> bool:
        """Whether that attempt has something still to do."""
        return attempt_id in self._lanes

    def open(self) -> int:
        """Attempts with something still to do."""
        return len(self._lanes)

    def disposed(self, attempt_id: AttemptId) -> None:
        """The agent chose a disposition: the wrap-up is over."""
        self._disposed.setdefault(attempt_id, asyncio.Event()).set()

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
            case CalleeAnswered(notice=notice, classified=classified):
                says: dict[str, Json] = {}
                if notice is not None:
                    says = {"recording_notice": str(notice.notice), "notice_ms": notice.said_ms}
                if classified is not None:
                    says |= {"classified": str(classified.heard_as), "classified_why": classified.why}
                await self._move(attempt_id, AttemptState.ANSWERED, {}, says)
                if classified is not None and classified.heard_as is AnswerClass.MACHINE:
                    await self._calls.dispose(
                        attempt_id, VOICEMAIL.code, VOICEMAIL.answer_class, _PROCESS, classified.why
                    )
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
                    self._matching.free_of(attempt_id)
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
        self._matching.closing(attempt_id)

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
                early = _EARLY_ENDS.get(call.disposition or "", Outcome.HUNG_UP_EARLY)
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
        self._matching.wrapped(attempt_id)

    async def _let_go(self, attempt_id: AttemptId) -> None:
        """An agent whose line was lost in the talk has a wrap-up like any other; an abandoned call had nobody."""
        if self._matching.has_agent(attempt_id):
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

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.error("lane.failed", failure=type(failure).__name__, exc_info=failure)
