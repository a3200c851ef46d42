"""The inbound line: what each key of a caller does, one lane a call.

A refusal counts at once, through the one way onto the list. A callback is thanked for only when the wish is in the
database, and becomes a consent when the recording is sealed. What can't be done now (gate or database away) is tried
again; while a refusal waits, nothing is dialled.
"""

import asyncio
from typing import Final, assert_never

import structlog

from dialer.calls.inbound import (
    InboundAlone,
    InboundEvent,
    InboundJoined,
    InboundLeft,
    InboundTaken,
    InboundWish,
    InboundWished,
)
from dialer.domain.disposition import REFUSED
from dialer.domain.dnc import DncReason
from dialer.domain.errors import (
    EgressUnavailable,
    ExchangeUnavailable,
    StoreUnavailable,
    VaultUnavailable,
)
from dialer.domain.ids import AttemptId, InboundId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.audio import AudioVault
from dialer.ports.calls import RefusalHeard
from dialer.ports.clock import Clock
from dialer.ports.inbound import InboundCaller, InboundCalls, InboundEnd, InboundExchange, InboundTalk
from dialer.services.inbound_talks import InboundTalks
from dialer.services.refusals import Refusals, ToldRefusal, Waiting
from dialer.services.seats import Seats

RETRY_SECONDS: Final = 0.5
GRACE_SECONDS: Final = 30.0
"""A younger call may still be on its way from the gate to the exchange."""
SECONDS_MAX: Final = 3_660.0
"""Longer than the egress lets any call of the line last: one that is older and open has ended unheard."""
VIA: Final = "inbound_line"
_PROCESS: Final = Actor(ActorKind.PROCESS, "dialer")
_AWAY = (StoreUnavailable, EgressUnavailable, VaultUnavailable)
_log = structlog.get_logger()


class InboundLine:
    """Drives calls to our numbers from the exchange's events."""

    def __init__(
        self,
        *,
        calls: InboundCalls,
        caller: InboundCaller,
        refusals: Refusals,
        telephony: InboundExchange,
        audio: AudioVault,
        clock: Clock,
        seats: Seats,
        talks: InboundTalks,
    ) -> None:
        self._calls = calls
        self._caller = caller
        self._refusals = refusals
        self._telephony = telephony
        self._audio = audio
        self._clock = clock
        self._seats = seats
        self._talks = talks
        self._lanes: dict[InboundId, asyncio.Queue[InboundEvent]] = {}
        self._refusing: set[InboundId] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def on_event(self, event: InboundEvent) -> None:
        """Take one event. Never blocks."""
        if isinstance(event, InboundWished) and event.wish is InboundWish.REFUSE:
            self._refusing.add(event.inbound_id)
        self._match(event)
        lane = self._lanes.get(event.inbound_id)
        if lane is None:
            lane = self._lanes[event.inbound_id] = asyncio.Queue()
            task = asyncio.create_task(self._drive(event.inbound_id, lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        lane.put_nowait(event)

    def _match(self, event: InboundEvent) -> None:
        """Caller and agent are matched at once; what happened is written right behind it."""
        match event:
            case InboundJoined(inbound_id=inbound_id, seat_id=seat_id):
                self._talks.joined(inbound_id, seat_id)
            case InboundAlone(inbound_id=inbound_id):
                self._talks.alone(inbound_id)
            case InboundLeft(inbound_id=inbound_id):
                self._talks.left(inbound_id)
            case InboundTaken() | InboundWished():
                return
            case _:
                assert_never(event)

    async def said_no(self, inbound_id: InboundId, agent_id: UserId) -> RefusalHeard | Waiting | None:
        """An agent heard that the caller wants no further calls. None: the call is not known, or is over."""
        event = InboundWished(inbound_id, InboundWish.REFUSE, self._clock.now(), agent_id)
        self._refusing.add(inbound_id)
        try:
            return await self._refuse(event)
        except _AWAY:
            self.on_event(event)
            return Waiting(event.at, None)

    def is_waiting(self) -> bool:
        """Whether a refusal was heard that is not on the list yet: then nothing may be dialled."""
        return bool(self._refusing)

    def heard_while_away(self, inbound_id: InboundId) -> None:
        """A key that the exchange kept by itself while no dialer listened."""
        self.on_event(InboundWished(inbound_id, InboundWish.REFUSE, self._clock.now()))

    async def close_gone(self, there: frozenset[InboundId]) -> int:
        """Close calls that the exchange doesn't have (any more): it restarted, or the link was down; how many."""
        gone = [one for one in await self._calls.left_open(GRACE_SECONDS) if one not in there]
        for inbound_id in gone:
            self.on_event(InboundLeft(inbound_id, self._clock.now()))
        return len(gone)

    async def match(self, there: frozenset[InboundId]) -> None:
        """After a start or a reconnect: `there` are the callers who have a channel.

        Raises:
            StoreUnavailable: nothing was changed.
        """
        self._talks.keep_waiting(there)
        await self.close_gone(there)
        for talk in await self._calls.talking():
            if talk.inbound_id in there:
                await self._talks.adopt(talk)

    async def close_forgotten(self) -> int:
        """Close calls whose end nobody heard (the dialer was away); how many."""
        forgotten = await self._calls.left_open(SECONDS_MAX)
        for inbound_id in forgotten:
            self.on_event(InboundLeft(inbound_id, self._clock.now()))
        return len(forgotten)

    async def _drive(self, inbound_id: InboundId, lane: "asyncio.Queue[InboundEvent]") -> None:
        try:
            while True:
                event = await lane.get()
                await self._until_done(event)
                if isinstance(event, InboundLeft) and lane.empty():
                    return
        finally:
            self._lanes.pop(inbound_id, None)

    async def _until_done(self, event: InboundEvent) -> None:
        while True:
            try:
                await self._apply(event)
            except _AWAY as away:
                _log.warning("inbound.waits", inbound_id=event.inbound_id, failure=type(away).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _apply(self, event: InboundEvent) -> None:
        match event:
            case InboundTaken():
                _log.info("inbound.taken", inbound_id=event.inbound_id)
            case InboundWished():
                await self._wished(event)
            case InboundJoined():
                await self._joined(event)
            case InboundAlone():
                _log.info("inbound.alone", inbound_id=event.inbound_id)
            case InboundLeft():
                await self._left(event.inbound_id)
            case _:
                assert_never(event)

    async def _wished(self, event: InboundWished) -> None:
        match event.wish:
            case InboundWish.REFUSE:
                await self._refuse(event)
            case InboundWish.TALK:
                await self._asks_agent(event)
            case InboundWish.CALLBACK:
                await self._call_back(event)
            case _ as never:
                assert_never(never)

    async def _asks_agent(self, event: InboundWished) -> None:
        number = await self._caller.caller(event.inbound_id)
        if number is None:
            return
        route = await self._calls.asks_agent(event.inbound_id, number, event.at)
        if route is not None:
            self._talks.waits(event.inbound_id, route)

    async def _joined(self, event: InboundJoined) -> None:
        agent = self._seats.of_seat(event.seat_id)
        if agent is not None:
            await self._calls.connected(InboundTalk(event.inbound_id, agent.user_id, event.seat_id, event.at))

    async def _refuse(self, event: InboundWished) -> RefusalHeard | Waiting | None:
        heard = await self._on_the_list(event)
        self._refusing.discard(event.inbound_id)
        self._talks.closing(event.inbound_id)
        return heard

    async def _on_the_list(self, event: InboundWished) -> RefusalHeard | Waiting | None:
        by_agent = event.agent_id is not None
        actor = _PROCESS if event.agent_id is None else Actor(ActorKind.USER, event.agent_id)
        heard: RefusalHeard | Waiting | None = None
        view = await self._calls.view(event.inbound_id)
        if view is None:
            # an unknown id is nobody's word; the database may be older than the exchange's file (a restore)
            _log.error("inbound.unknown", inbound_id=event.inbound_id)
            return None
        if not view.is_over and not view.was_refused:
            number = await self._caller.caller(event.inbound_id)
            if number is not None:
                told = await self._refusals.told(
                    ToldRefusal(
                        org_id=view.org_id,
                        number=number,
                        purpose=None,
                        reason=DncReason.SAID if by_agent else DncReason.INBOUND_LINE,
                        actor=actor,
                        said_at=None,
                        via=VIA,
                    )
                )
                heard = told if isinstance(told, RefusalHeard | Waiting) else None
            await self._calls.refused(event.inbound_id, event.at)
            if await self._calls.disposed(event.inbound_id, REFUSED.code, actor):
                self._talks.disposed(event.inbound_id)
        return heard

    async def _call_back(self, event: InboundWished) -> None:
        if not await self._calls.wishes_callback(event.inbound_id, event.at):
            return
        try:
            await self._telephony.thank(event.inbound_id)
        except ExchangeUnavailable:
            # gone already, or told that nothing was kept: then nothing is
            await self._calls.unwished(event.inbound_id)

    async def _left(self, inbound_id: InboundId) -> None:
        view = await self._calls.view(inbound_id)
        if view is None or view.is_over:
            return
        number = await self._caller.caller(inbound_id)
        if number is None:
            return
        spooled = AttemptId(inbound_id)
        audio = await self._audio.seal(spooled)
        if await self._calls.close(InboundEnd(inbound_id, number, audio)):
            await self._audio.discard_spool(spooled)
