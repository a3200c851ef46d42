"""What each event of the exchange does: callee and agent are matched first (`matching`), what happened is written right
behind it, in its attempt's own lane (`lanes`)."""

from collections.abc import Callable
from typing import assert_never

import structlog

from dialer.calls.events import (
    CalleeAbandoned,
    CalleeAnswered,
    CalleeJoined,
    CalleeLeft,
    CalleeRinging,
    ExchangeEvent,
    KeyPressed,
    LinkLost,
    LinkUp,
    OriginateFailed,
    SeatLost,
    SeatUp,
)
from dialer.calls.inbound import (
    InboundAlone,
    InboundEvent,
    InboundJoined,
    InboundLeft,
    InboundTaken,
    InboundWished,
)
from dialer.domain.disposition import AnswerClass
from dialer.domain.ids import AttemptId
from dialer.ports.exchange import Telephony
from dialer.services.board import Board
from dialer.services.lanes import Lanes
from dialer.services.matching import Matching
from dialer.services.seats import Agent

_log = structlog.get_logger()


def _nobody(event: ExchangeEvent) -> None:
    del event


class CallProgress:
    """Drives attempts from the exchange's events. `overheard` is told of each one behind everything else."""

    def __init__(
        self,
        *,
        telephony: Telephony,
        board: Board,
        matching: Matching,
        lanes: Lanes,
        reconcile: Callable[[], None],
        inbound: Callable[[InboundEvent], None],
        overheard: Callable[[ExchangeEvent], None] = _nobody,
    ) -> None:
        self._telephony = telephony
        self._board = board
        self._matching = matching
        self._lanes = lanes
        self._reconcile = reconcile
        self._inbound = inbound
        self._overheard = overheard

    async def run(self) -> None:
        """Consume the exchange's events until cancelled. One that we fail on must not make us deaf to the others: what
        it meant is found out by matching with the exchange again."""
        async for event in self._telephony.events():
            try:
                self.on_event(event)
            except Exception as bug:
                _log.error("event.failed", failure=type(bug).__name__, exc_info=bug)
                self._reconcile()

    async def close(self) -> None:
        """Let go of every attempt."""
        await self._lanes.close()

    def lanes_open(self) -> int:
        """Attempts with something still to do."""
        return self._lanes.open()

    def disposed(self, attempt_id: AttemptId) -> None:
        """The agent chose a disposition: the wrap-up is over."""
        self._lanes.disposed(attempt_id)

    def agent_ready(self, agent: Agent) -> None:
        """An agent became ready: somebody who answered and waits within the patience comes first."""
        self._matching.agent_ready(agent)

    def on_event(self, event: ExchangeEvent) -> None:
        """Take one event. Never blocks."""
        match event:
            case LinkUp():
                self._reconcile()
                self._matching.let_pause()
            case LinkLost(seats=seats):
                _log.warning("exchange.lost", seats=len(seats))
                self._matching.seats_unheard(seats)
            case SeatUp(seat_id=seat_id):
                self._matching.seat_up(seat_id)
            case SeatLost(seat_id=seat_id):
                self._matching.seat_lost(seat_id)
            case CalleeAnswered(attempt_id=attempt_id, classified=classified):
                self._board.answered(attempt_id)
                if classified is None or classified.heard_as is not AnswerClass.MACHINE:
                    self._matching.offer(attempt_id)
                self._lanes.take(event)
            case CalleeJoined(attempt_id=attempt_id, seat_id=seat_id):
                self._matching.joined(attempt_id, seat_id)
                self._lanes.take(event)
                self._matching.let_pause()
            case CalleeAbandoned(attempt_id=attempt_id):
                self._matching.gives_up(attempt_id)
                self._board.abandoned(attempt_id)
                self._lanes.take(event)
                self._matching.let_pause()
            case CalleeLeft(attempt_id=attempt_id) | OriginateFailed(attempt_id=attempt_id):
                self._matching.gives_up(attempt_id)
                self._board.ended(attempt_id)
                self._matching.free_of(attempt_id)
                self._lanes.take(event)
                self._matching.let_pause()
            case CalleeRinging() | KeyPressed():
                self._lanes.take(event)
            case InboundTaken() | InboundWished() | InboundJoined() | InboundAlone() | InboundLeft():
                self._inbound(event)
            case _:
                assert_never(event)
        self._overheard(event)
