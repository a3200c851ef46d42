"""Whether the leaves of one attempt tell a lawful story: the order that the product promises, checked from outside.

a call that was placed:   consent.recorded < decision.permitted < attempt.authorised < gate2.passed < attempt.placed
a call that was not made: decision.refused, and nothing that can only follow a placed call
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from dialer.evidence.record import EventType, Leaf

T = EventType

FINAL_STATES = frozenset(
    (
        *(T.ATTEMPT_SEALED, T.ATTEMPT_REFUSED, T.ATTEMPT_FAILED),
        *(T.ATTEMPT_CANCELLED, T.ATTEMPT_LAPSED, T.ATTEMPT_ENDED_UNKNOWN),
    )
)
FIRST_STATES = frozenset((T.ATTEMPT_AUTHORISED, T.ATTEMPT_REFUSED))
MOVES: Mapping[EventType, frozenset[EventType]] = {
    T.ATTEMPT_AUTHORISED: frozenset((T.ATTEMPT_PLACED, T.ATTEMPT_LAPSED, T.ATTEMPT_UNCERTAIN)),
    T.ATTEMPT_PLACED: frozenset(
        (T.ATTEMPT_RINGING, T.ATTEMPT_ANSWERED, T.ATTEMPT_FAILED, T.ATTEMPT_CANCELLED, T.ATTEMPT_UNCERTAIN)
    ),
    T.ATTEMPT_RINGING: frozenset(
        (T.ATTEMPT_ANSWERED, T.ATTEMPT_FAILED, T.ATTEMPT_CANCELLED, T.ATTEMPT_UNCERTAIN)
    ),
    T.ATTEMPT_ANSWERED: frozenset(
        (T.ATTEMPT_CONNECTED, T.ATTEMPT_ABANDONED, T.ATTEMPT_SEALED, T.ATTEMPT_UNCERTAIN)
    ),
    T.ATTEMPT_CONNECTED: frozenset((T.ATTEMPT_WRAPPING, T.ATTEMPT_ABANDONED, T.ATTEMPT_UNCERTAIN)),
    T.ATTEMPT_ABANDONED: frozenset((T.ATTEMPT_SEALED, T.ATTEMPT_UNCERTAIN)),
    T.ATTEMPT_WRAPPING: frozenset((T.ATTEMPT_SEALED,)),
    T.ATTEMPT_UNCERTAIN: frozenset(
        (
            *(T.ATTEMPT_PLACED, T.ATTEMPT_LAPSED, T.ATTEMPT_SEALED),
            *(T.ATTEMPT_FAILED, T.ATTEMPT_ENDED_UNKNOWN),
        )
    ),
}
"""Which state may follow which; what is not a key ends the attempt."""

_ONLY_AFTER_PLACED = frozenset(
    (
        *(T.ATTEMPT_RINGING, T.ATTEMPT_ANSWERED, T.ATTEMPT_CONNECTED, T.ATTEMPT_ABANDONED),
        *(T.ATTEMPT_WRAPPING, T.RECORDING_SEALED),
    )
)
_PLACED_ORDER = (T.DECISION_PERMITTED, T.ATTEMPT_AUTHORISED, T.GATE2_PASSED, T.ATTEMPT_PLACED)


class StoryError(Exception):
    """The leaves contradict what the product promises; `seq` is the leaf at fault."""

    def __init__(self, what: str, seq: int) -> None:
        super().__init__(what)
        self.what = what
        self.seq = seq


def check_moves(leaves: Sequence[Leaf], end_declared_missing: frozenset[str]) -> EventType:
    """The last state of the attempt, after every move was found in the table.

    `leaves`: those of the attempt, by seq. `end_declared_missing`: {"end"} where the manifest says that it goes on.

    Raises:
        StoryError: no state at all, a move that the machine doesn't have, or an end that is neither there nor declared.
    """
    states = [leaf for leaf in leaves if leaf.event.type.startswith("attempt.")]
    if not states:
        raise StoryError("the attempt has no state", leaves[0].seq)
    if states[0].event.type not in FIRST_STATES:
        raise StoryError("the attempt does not begin authorised or refused", states[0].seq)
    for before, after in pairwise(states):
        if after.event.type not in MOVES.get(before.event.type, frozenset()):
            raise StoryError(f"no move leads from {before.event.type} to {after.event.type}", after.seq)
    last = states[-1]
    if last.event.type not in FINAL_STATES and "end" not in end_declared_missing:
        raise StoryError("the attempt has no end, and the manifest doesn't say so", last.seq)
    return last.event.type


def check_order(leaves: Sequence[Leaf]) -> int | None:
    """The seq of the leaf that consumed the permit (gate2.passed), or None for a call that was not made.

    Raises:
        StoryError: a call without decision, authorisation or second gate before it, or a refused one that went on.
    """
    first: dict[EventType, int] = {}
    for leaf in leaves:
        first.setdefault(leaf.event.type, leaf.seq)
    if T.DECISION_PERMITTED not in first and T.DECISION_REFUSED not in first:
        raise StoryError("no decision", leaves[0].seq)
    if T.GATE2_PASSED not in first and T.ATTEMPT_PLACED not in first:
        for leaf in leaves:
            if leaf.event.type in _ONLY_AFTER_PLACED:
                raise StoryError(f"{leaf.event.type} in a call that was not placed", leaf.seq)
        return None
    before = -1
    for kind in _PLACED_ORDER:
        if kind not in first:
            raise StoryError(f"a call was placed without {kind}", first.get(T.ATTEMPT_PLACED, leaves[0].seq))
        if first[kind] <= before:
            raise StoryError(f"{kind} stands after what it has to precede", first[kind])
        before = first[kind]
    if T.DECISION_REFUSED in first:
        raise StoryError("a call was placed although the gate refused it", first[T.DECISION_REFUSED])
    if sum(leaf.event.type is T.GATE2_PASSED for leaf in leaves) != 1:
        raise StoryError("a permit was consumed twice", first[T.GATE2_PASSED])
    for leaf in leaves:
        if leaf.event.type in _ONLY_AFTER_PLACED and leaf.seq < first[T.ATTEMPT_PLACED]:
            raise StoryError(f"{leaf.event.type} before the call was placed", leaf.seq)
    return first[T.GATE2_PASSED]


def check_consent(leaves: Sequence[Leaf], own: Sequence[Leaf], consumed_seq: int) -> None:
    """That the decision names a consent, recorded before it and not ended before the permit was consumed.

    `leaves`: all of the bundle; `own`: those of the attempt.

    Raises:
        StoryError: no consent, one recorded later, or one that had ended.
    """
    decision = next(leaf for leaf in own if leaf.event.type is T.DECISION_PERMITTED)
    consent = decision.event.consent_id
    if consent is None:
        raise StoryError("the decision names no consent", decision.seq)
    about = [leaf for leaf in leaves if leaf.event.consent_id == consent]
    recorded = [leaf.seq for leaf in about if leaf.event.type is T.CONSENT_RECORDED]
    if not recorded or min(recorded) >= decision.seq:
        raise StoryError("the consent was not recorded before the decision", decision.seq)
    for leaf in about:
        if leaf.event.type in (T.CONSENT_WITHDRAWN, T.CONSENT_EXPIRED) and leaf.seq < consumed_seq:
            raise StoryError("the consent had ended before the call was placed", leaf.seq)
