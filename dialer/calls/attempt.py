"""One try at one number under one permit, as a drawn machine: one frozen class a state, pure moves.

    authorised ─▶ placed ─▶ ringing ─▶ answered ─▶ connected ─▶ wrapping ─▶ sealed
        │            │         │          │  └──▶ abandoned ◀──┘    └────────▲
        │            ├─────────┴─▶ failed │           └───────────────────────┤
        │            └─────────┴─▶ cancelled └────────────────────────────────┘
        ├─▶ lapsed
        └─▶ uncertain ─▶ placed | lapsed | sealed | failed | ended_unknown
    refused

`refused` is the record of a call that the gate did not allow. Open states hold the number (rule 2). `uncertain` can be
entered from every open state when the link is lost. The table `MOVES` is the whole truth; `docs/life-of-a-call.md`
shows it and a test holds the two together.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class AttemptState(StrEnum):
    """The vocabulary of code, API, UI and log: a move into a state is the leaf `attempt.<state>`."""

    AUTHORISED = "authorised"
    PLACED = "placed"
    RINGING = "ringing"
    ANSWERED = "answered"
    CONNECTED = "connected"
    ABANDONED = "abandoned"
    WRAPPING = "wrapping"
    SEALED = "sealed"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    UNCERTAIN = "uncertain"
    ENDED_UNKNOWN = "ended_unknown"


S = AttemptState

FINAL: Final = frozenset({S.SEALED, S.REFUSED, S.FAILED, S.CANCELLED, S.LAPSED, S.ENDED_UNKNOWN})
OPEN: Final = frozenset(AttemptState) - FINAL
NOT_COUNTED: Final = frozenset({S.LAPSED, S.REFUSED})
"""States that don't count for frequency: no phone can have rung (rule 14)."""

MOVES: Final[dict[AttemptState, frozenset[AttemptState]]] = {
    S.AUTHORISED: frozenset({S.PLACED, S.LAPSED, S.UNCERTAIN}),
    S.PLACED: frozenset({S.RINGING, S.ANSWERED, S.FAILED, S.CANCELLED, S.UNCERTAIN}),
    S.RINGING: frozenset({S.ANSWERED, S.FAILED, S.CANCELLED, S.UNCERTAIN}),
    S.ANSWERED: frozenset({S.CONNECTED, S.ABANDONED, S.SEALED, S.UNCERTAIN}),
    S.CONNECTED: frozenset({S.WRAPPING, S.ABANDONED, S.UNCERTAIN}),
    S.ABANDONED: frozenset({S.SEALED, S.UNCERTAIN}),
    S.WRAPPING: frozenset({S.SEALED}),
    S.UNCERTAIN: frozenset({S.PLACED, S.LAPSED, S.SEALED, S.FAILED, S.ENDED_UNKNOWN}),
    S.SEALED: frozenset(),
    S.REFUSED: frozenset(),
    S.FAILED: frozenset(),
    S.CANCELLED: frozenset(),
    S.LAPSED: frozenset(),
    S.ENDED_UNKNOWN: frozenset(),
}


class Outcome(StrEnum):
    """What came of an attempt, from the egress's raw SIP answer or from what happened in the talk."""

    TALKED = "talked"
    REFUSED_BY_CALLEE = "refused_by_callee"
    ABANDONED = "abandoned"
    HUNG_UP_EARLY = "hung_up_early"
    MACHINE = "machine"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNWANTED = "unwanted"
    BLOCKED_BY_INTERMEDIARY = "blocked_by_intermediary"
    NUMBER_WRONG = "number_wrong"
    UNREACHABLE = "unreachable"
    CARRIER_FAILED = "carrier_failed"
    CUT = "cut"
    NOT_DIALLED = "not_dialled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Move:
    """A move that a transaction makes by compare-and-swap on `source`."""

    source: AttemptState
    target: AttemptState


def move(source: AttemptState, target: AttemptState) -> Move:
    """The move from `source` to `target`.

    Raises:
        ValueError: the machine has no such move; a bug, nothing was changed.
    """
    if target not in MOVES[source]:
        raise ValueError(f"an attempt can't go from {source} to {target}")
    return Move(source, target)


def may_move(source: AttemptState, target: AttemptState) -> bool:
    """Whether the machine has that move; late and doubled reports ask first."""
    return target in MOVES[source]
