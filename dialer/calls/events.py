"""What the exchange tells us, typed at the door. `at` is the moment we read it, aware UTC.

Order is the exchange's for one channel; `CalleeLeft` is the last word about a callee's channel.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.calls.inbound import InboundEvent
from dialer.domain.disposition import AnswerClass
from dialer.domain.ids import AttemptId, SeatId
from dialer.rules.kinds.words import RecordingNotice


class AbandonCause(StrEnum):
    """Why a person who answered heard the notice instead of an agent."""

    NOBODY = "nobody"
    AGENT_LOST = "agent_lost"


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The link to the exchange is up and authenticated; whatever happened before is not known: reconcile."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The link to one pair is down. Calls that are up go on; no new call is placed there.

    `seats`: those that had a leg there; whether they still have one is not known before a reconciliation.
    """

    at: datetime
    seats: frozenset[SeatId] = frozenset()


@dataclass(frozen=True, slots=True)
class CalleeRinging:
    """180 or 183 from the far side."""

    attempt_id: AttemptId
    at: datetime


@dataclass(frozen=True, slots=True)
class NoticeSaid:
    """What the callee heard about being recorded: when, against the recording's beginning, and for how long."""

    notice: RecordingNotice
    said_ms: int


@dataclass(frozen=True, slots=True)
class Classified:
    """What the exchange took the answer for by its sound, and why, in its own word. A machine has no agent and no message."""

    heard_as: AnswerClass
    why: str


@dataclass(frozen=True, slots=True)
class CalleeAnswered:
    """The callee's 200 OK reached the dialer's exchange; the recording has started.

    `notice`: None where the exchange didn't say (the callee was gone before its end). `classified`: None where nothing
    listened.
    """

    attempt_id: AttemptId
    at: datetime
    notice: NoticeSaid | None = None
    classified: Classified | None = None


@dataclass(frozen=True, slots=True)
class CalleeJoined:
    """The callee and the seat's agent hear each other."""

    attempt_id: AttemptId
    seat_id: SeatId
    at: datetime


@dataclass(frozen=True, slots=True)
class CalleeAbandoned:
    """Nobody took the call in time, or the agent's leg died: the notice is being played."""

    attempt_id: AttemptId
    cause: AbandonCause
    at: datetime


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key of the callee. One press may come three times."""

    attempt_id: AttemptId
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CalleeLeft:
    """The callee's channel on the dialer's exchange is gone. Never proof that the egress leg ended (rule 9)."""

    attempt_id: AttemptId
    cause: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OriginateFailed:
    """The exchange took the originate and could not make the channel or had no answer; says nothing of the reason."""

    attempt_id: AttemptId
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatUp:
    """The agent's leg answered and waits in its bridge."""

    seat_id: SeatId
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatLost:
    """The agent's leg is gone (browser closed, network, hang-up)."""

    seat_id: SeatId
    at: datetime


CallEvent = (
    CalleeRinging
    | CalleeAnswered
    | CalleeJoined
    | CalleeAbandoned
    | KeyPressed
    | CalleeLeft
    | OriginateFailed
)
ExchangeEvent = LinkUp | LinkLost | SeatUp | SeatLost | CallEvent | InboundEvent
