"""Refusals that are said: the callee's leg is forked to the speech worker, and its words are taken by their trust.

A trusted recogniser's clear refusal goes to the list at once. A hint is put before the agent and holds the person until
somebody has looked. Nothing of a call waits for any of this: a worker that is gone is shown, and that is all.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final

import structlog

from dialer.calls.events import CalleeAnswered, CalleeJoined, CalleeLeft, ExchangeEvent
from dialer.domain.dnc import DncReason
from dialer.domain.errors import ExchangeUnavailable, SpeechUnavailable, StoreUnavailable
from dialer.domain.heard import HeardState
from dialer.domain.ids import AttemptId
from dialer.evidence.record import Actor
from dialer.ports.calls import Calls, CallView
from dialer.ports.clock import Clock
from dialer.ports.exchange import Telephony
from dialer.ports.heard import HeardNow, HeardStore
from dialer.ports.speech import (
    Side,
    SpeechWorker,
    Standing,
    StreamBegan,
    StreamEnded,
    StreamWords,
    Trust,
    WorkerBeat,
    WorkerReport,
)
from dialer.rules.calendar import Calendar
from dialer.rules.phrases import PhraseAction, PhraseList, PhraseSpeaker
from dialer.rules.spoken import AFTER_REFUSAL, Found, hinted, meaning
from dialer.services.changes import Changes, DeskChanged, FloorChanged, StatusChanged
from dialer.services.heard_talks import HeardTalk, HeardTalks
from dialer.services.matching import Matching
from dialer.services.refusals import Refusals
from dialer.services.review_term import review_due
from dialer.services.seats import Place, Seats
from dialer.services.views.desk import HeardLine, HeardPrompt, HeardView
from dialer.services.views.words import Sentence

GUARD_MS: Final = 2_000
"""A denial counts for what is heard within this time behind it."""
LATE_MS: Final = 1_500
RETRY_SECONDS: Final = 1.0
KEEP_TRIES_MAX: Final = 30

_ASKED: Final = frozenset({PhraseAction.DNC, PhraseAction.STOP_PURPOSE})
"""What the agent is asked about: was it said?"""
_HELD: Final = _ASKED | {PhraseAction.HOLD, PhraseAction.SHOW_PROOF, PhraseAction.CASE}
"""What holds the person until somebody has looked."""
_AWAY: Final = Sentence(
    "语音识别暂不可用，拒绝请由坐席按键登记；通话与录音不受影响。",
    "Speech recognition is away: agents register refusals by key. Calls and recordings are not affected.",
)
_LATE: Final = Sentence(
    "语音识别有延迟，请勿等待提示。", "Speech recognition is running late: don't wait for its prompts."
)
_log = structlog.get_logger()


class AgentsHeard(Enum):
    """Whether the agents' words are listened to, for what they may not say (D28)."""

    NO = "no"
    YES = "yes"


@dataclass(slots=True)
class _Stream:
    attempt_id: AttemptId
    side: Side
    began_at: datetime
    found: deque[tuple[str, int]] = field(default_factory=lambda: deque(maxlen=8))


class SpokenWords:
    """Forks legs, reads what the worker heard, and does what it means."""

    def __init__(
        self,
        *,
        worker: SpeechWorker | None,
        calls: Calls,
        refusals: Refusals,
        store: HeardStore,
        telephony: Telephony,
        seats: Seats,
        matching: Matching,
        clock: Clock,
        changes: Changes,
        lists: tuple[PhraseList, ...],
        calendar: Calendar,
        agents: AgentsHeard,
    ) -> None:
        self._worker = worker
        self._calls = calls
        self._refusals = refusals
        self._store = store
        self._telephony = telephony
        self._seats = seats
        self._matching = matching
        self._clock = clock
        self._changes = changes
        self._lists = lists
        self._calendar = calendar
        self._agents = agents
        self._talks = HeardTalks()
        self._streams: dict[str, _Stream] = {}
        self._former: set[str] = set()
        """Streams from before the worker was away: it may live and hear them still, an agent's for a whole shift."""
        self._trouble: Sentence | None = None if worker is None else _AWAY
        self._tasks: set[asyncio.Task[None]] = set()

    # -------------------------------------------------------------- what others see and answer

    def trouble(self) -> tuple[Sentence, ...]:
        """Why less is heard than should be."""
        return () if self._trouble is None else (self._trouble,)

    def view(self, attempt_id: AttemptId) -> HeardView | None:
        """What was heard in a call; None: nothing listens to it."""
        return self._talks.view(attempt_id, self._trouble)

    def warning(self, attempt_id: AttemptId) -> Sentence | None:
        """What a supervisor is told about a talk."""
        return self._talks.warning(attempt_id)

    def prompt(self, attempt_id: AttemptId, heard_id: str) -> HeardPrompt | None:
        """A prompt of that call."""
        return self._talks.prompt(attempt_id, heard_id)

    async def dismiss(self, attempt_id: AttemptId, heard_id: str, actor: Actor) -> bool:
        """The person in the conversation says that it was not said. On the log with their name."""
        done = await self._store.decide(heard_id, attempt_id, HeardState.DISMISSED, actor)
        self._talks.settle(attempt_id, heard_id, HeardState.DISMISSED)
        return done

    def seen(self, attempt_id: AttemptId, heard_id: str) -> None:
        """The agent has read it; it stays open for a reviewer."""
        self._talks.settle(attempt_id, heard_id, HeardState.OPEN)

    def refused(self, attempt_id: AttemptId) -> None:
        """The refusal is on the list, by whatever way: nothing is asked any more."""
        self._talks.refused(attempt_id)

    async def declined_before(self, call: CallView) -> bool:
        """Whether this is the second time that the callee has no interest: then it is a refusal."""
        return await self._store.declined_before(call)

    # -------------------------------------------------------------- legs

    def on_event(self, event: ExchangeEvent) -> None:
        """Fork whoever answers. Never blocks."""
        if self._worker is None:
            return
        match event:
            case CalleeAnswered(attempt_id=attempt_id):
                self._callee(attempt_id)
            case CalleeJoined(attempt_id=attempt_id, seat_id=seat_id):
                self._callee(attempt_id)
                talk = self._talks.of(attempt_id)
                former, talk.seat_id = talk.seat_id, seat_id
                if self._agents is AgentsHeard.YES and former != seat_id:
                    self._spawn(self._fork(attempt_id, Side.AGENT))
            case CalleeLeft(attempt_id=attempt_id):
                self._talks.over(attempt_id)
                self._spawn(self._end(attempt_id))
            case _:
                pass

    def _callee(self, attempt_id: AttemptId) -> None:
        """Fork a callee who isn't heard yet; a fork lives through bridge, hold and transfer, to the callee's end."""
        if attempt_id not in {s.attempt_id for s in self._streams.values() if s.side is Side.CALLEE}:
            self._spawn(self._fork(attempt_id, Side.CALLEE))

    async def _fork(self, attempt_id: AttemptId, side: Side) -> None:
        talk = self._talks.of(attempt_id)
        if self._worker is None or self._trouble is _AWAY:
            return  # all that is up is forked when the worker is back
        try:
            socket = await self._worker.expect(side)
            self._streams[socket.stream] = _Stream(attempt_id, side, self._clock.now())
            if side is Side.CALLEE:
                await self._telephony.fork_callee(attempt_id, socket)
            elif talk.seat_id is not None:
                await self._telephony.fork_agent(talk.seat_id, socket)
        except (SpeechUnavailable, ExchangeUnavailable) as away:
            _log.warning("speech.fork_failed", attempt_id=attempt_id, failure=type(away).__name__)

    async def _end(self, attempt_id: AttemptId) -> None:
        """The callee's fork ends with the callee; the agent's would go on into the next talk."""
        for name, stream in list(self._streams.items()):
            if self._worker is not None and stream.attempt_id == attempt_id and stream.side is Side.AGENT:
                try:
                    await self._worker.end(name)
                except SpeechUnavailable:
                    return  # a worker that is gone hears nothing

    # -------------------------------------------------------------- the worker's reports

    async def run(self) -> None:
        """Read what is heard until cancelled; a worker that is gone is asked again and again. Ends where there is none."""
        while self._worker is not None:
            try:
                async with aclosing(self._worker.reports()) as reports:  # type: ignore[type-var]
                    async for report in reports:
                        self._take(report)
            except SpeechUnavailable:
                self._former |= set(self._streams)
                self._streams.clear()
                self._show(_AWAY)
            await asyncio.sleep(RETRY_SECONDS)

    def _take(self, report: WorkerReport) -> None:
        match report:
            case WorkerBeat(lag_ms=lag_ms, missing=missing):
                was_away = self._trouble is _AWAY
                self._show(_trouble_of(lag_ms, missing))
                if was_away:
                    self._spawn(self._fork_all())
            case StreamBegan(stream=name):
                if name in self._streams:
                    self._streams[name].began_at = self._clock.now()
            case StreamEnded(stream=name):
                self._streams.pop(name, None)
            case StreamWords(stream=name):
                stream = self._streams.get(name)
                if stream is not None:
                    self._hear(stream, report)

    async def _fork_all(self) -> None:
        """The worker is there (again): whoever talks is heard from now on, and by one stream a side."""
        former, self._former = self._former, set()
        try:
            for name in former:
                assert self._worker is not None
                await self._worker.end(name)
        except SpeechUnavailable:
            self._former |= former
            return  # gone again
        for attempt_id, talk in self._talks.up():
            self._spawn(self._fork(attempt_id, Side.CALLEE))
            if talk.seat_id is not None and self._agents is AgentsHeard.YES:
                self._spawn(self._fork(attempt_id, Side.AGENT))

    def _show(self, trouble: Sentence | None) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            _log.warning("speech.weakened" if trouble is not None else "speech.well")
            self._changes.touch(StatusChanged())

    def _hear(self, stream: _Stream, report: StreamWords) -> None:
        talk = self._talks.of(stream.attempt_id)
        words = report.words
        at = stream.began_at + timedelta(milliseconds=words.to_ms)
        talk.add(HeardLine(at, str(stream.side), words.text, str(words.standing)))
        self._touch(stream.attempt_id)
        if words.standing is Standing.PARTIAL:
            return
        found = self._meaning(stream, talk, report)
        stream.found.append((words.text, words.to_ms))
        if found is not None:
            self._spawn(self._act(stream, found, report, at))

    def _meaning(self, stream: _Stream, talk: HeardTalk, report: StreamWords) -> Found | None:
        speaker = PhraseSpeaker(str(stream.side))
        words, language = report.words, report.model.language
        before = tuple(text for text, to_ms in stream.found if words.from_ms - to_ms <= GUARD_MS)
        found = hinted(self._lists, speaker, language, words.text, before)
        if found is None:
            meant = meaning(self._lists, speaker, language, words.text)
            found = meant[0] if meant else None
        if found is None:
            return None
        closing = self._matching.is_closing(stream.attempt_id) or talk.is_refused
        return None if found.phrase_class.class_id == AFTER_REFUSAL and not closing else found

    # -------------------------------------------------------------- what they mean

    async def _act(self, stream: _Stream, found: Found, report: StreamWords, at: datetime) -> None:
        talk = self._talks.of(stream.attempt_id)
        state = HeardState.NOTED
        if stream.side is Side.CALLEE and found.action in _HELD and not talk.is_refused:
            if not talk.begin(str(found.action)):
                return  # said again; it is asked already
            state = HeardState.OPEN
            if report.model.trust is Trust.TRUSTED and await self._is_refusal(
                stream.attempt_id, found.action
            ):
                state = HeardState.ACTED
                await self._refuse(stream.attempt_id)
        heard = HeardNow(
            attempt_id=stream.attempt_id,
            side=stream.side,
            text=report.words.text,
            class_id=found.phrase_class.class_id,
            action=str(found.action),
            state=state,
            model=report.model,
            said_at=at,
            from_ms=report.words.from_ms,
            to_ms=report.words.to_ms,
            confidence_ppm=report.words.confidence_ppm,
            due=review_due(self._calendar, at),
        )
        heard_id = await self._keep(heard)
        if heard_id is not None and found.action is not PhraseAction.RESCHEDULE:
            talk.ask(_prompt(heard_id, heard, found))
            self._touch(stream.attempt_id)

    async def _is_refusal(self, attempt_id: AttemptId, action: PhraseAction) -> bool:
        """Whether final words of a trusted recogniser go on the list at once."""
        if action is PhraseAction.DNC:
            return True
        if action is not PhraseAction.STOP_PURPOSE:
            return False
        try:
            call = await self._calls.view(attempt_id)
            return call is not None and await self.declined_before(call)
        except StoreUnavailable:
            return False  # nothing is dialled while it is away; the words stay open for a person

    async def _refuse(self, attempt_id: AttemptId) -> None:
        await self._refusals.heard_in_attempt(attempt_id, DncReason.SPOKEN, None)
        self.refused(attempt_id)
        self._matching.closing(attempt_id)

    async def _keep(self, heard: HeardNow) -> str | None:
        for _ in range(KEEP_TRIES_MAX):
            try:
                return await self._store.keep(heard)
            except StoreUnavailable:
                await asyncio.sleep(RETRY_SECONDS)
        _log.error("speech.words_not_kept", attempt_id=heard.attempt_id)
        return None

    def _touch(self, attempt_id: AttemptId) -> None:
        agent = self._seats.of_attempt(attempt_id)
        if agent is not None and agent.place in (Place.TALKING, Place.CLOSING, Place.WRAPPING):
            self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.error("speech.failed", failure=type(failure).__name__)


def _prompt(heard_id: str, heard: HeardNow, found: Found) -> HeardPrompt:
    answers: tuple[str, ...] = ()
    if heard.state is HeardState.OPEN:
        answers = ("confirm", "dismiss") if found.action in _ASKED else ("seen",)
    return HeardPrompt(
        id=heard_id,
        kind=str(found.action),
        by=str(heard.side),
        what=Sentence(found.phrase_class.zh, found.phrase_class.en),
        text=heard.text,
        at=heard.said_at,
        state=str(heard.state),
        answers=answers,
    )


def _trouble_of(lag_ms: int, missing: tuple[str, ...]) -> Sentence | None:
    if missing:
        return Sentence(f"语音识别不完整：{missing[0]}", f"Speech recognition is incomplete: {missing[0]}.")
    return _LATE if lag_ms > LATE_MS else None
