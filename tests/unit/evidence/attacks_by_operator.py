"""An operator who calls unlawfully, logs what he did, and exports it with all true keys."""

from collections.abc import Callable

from attack_kit import Attack, T
from bundle_forging import (
    operator_bundle,
    operator_log,
)

from dialer.evidence.parts import Says
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.sample import (
    NUMBERS,
    SampleLog,
    finish_talk,
    permit_call,
    record_consent,
)


def calls(*steps: Callable[[SampleLog], object]) -> Callable[[SampleLog], bytes]:
    def call(own: SampleLog) -> None:
        for step in steps:
            step(own)

    return lambda log: operator_bundle(lambda own: None, call)


def leaf(kind: EventType, **says: str) -> Callable[[SampleLog], object]:
    return lambda own: own.append(kind, dict(says) or None, attempt="a", consent="c")


def authorised(own: SampleLog) -> object:
    return own.append(T.ATTEMPT_AUTHORISED, {Says.CALLEE_NUMBER: NUMBERS[1]}, attempt="a", consent="c")


def two_numbers(log: SampleLog) -> bytes:
    def call(own: SampleLog) -> None:
        permit_call(own, "a", "c", NUMBERS[1])
        own.append(T.ATTEMPT_FAILED, {Says.CALLEE_NUMBER: NUMBERS[2]}, attempt="a")

    return operator_bundle(lambda own: None, call, ends=False)


def talk_without_recording(log: SampleLog) -> bytes:
    def call(own: SampleLog) -> None:
        permit_call(own, "a", "c", NUMBERS[1])
        for state in (T.ATTEMPT_ANSWERED, T.ATTEMPT_CONNECTED, T.ATTEMPT_WRAPPING, T.ATTEMPT_SEALED):
            own.append(state, attempt="a")

    return operator_bundle(lambda own: None, call, ends=False)


def late_consent(log: SampleLog) -> bytes:
    own = operator_log()
    own.seal()
    own.append(T.DECISION_PERMITTED, attempt="a", consent="c")
    authorised(own)
    record_consent(own, "c", NUMBERS[1])
    for kind in (T.GATE2_PASSED, T.ATTEMPT_PLACED, T.ATTEMPT_FAILED):
        own.append(kind, attempt="a", consent="c")
    own.seal()
    consent = next(s for s, b in enumerate(own.bodies) if parse_leaf(b).event.type is T.CONSENT_RECORDED)
    return own.bundle(own.parts("a", NUMBERS[1], also=[consent]))


def withdrawn_before(log: SampleLog) -> bytes:
    own = operator_log()
    record_consent(own, "c", NUMBERS[1])
    own.seal()
    withdrawn = own.append(T.CONSENT_WITHDRAWN, consent="c")
    permit_call(own, "a", "c", NUMBERS[1])
    own.append(T.ATTEMPT_FAILED, attempt="a")
    own.seal()
    return own.bundle(own.parts("a", NUMBERS[1], also=[withdrawn]))


def without_end(log: SampleLog) -> bytes:
    return operator_bundle(lambda own: None, lambda own: permit_call(own, "a", "c", NUMBERS[1]), ends=False)


def no_predecessor(log: SampleLog) -> bytes:
    """The story is right, but a leaf does not name the one before it: something could have been left out there."""

    def call(own: SampleLog) -> None:
        permit_call(own, "a", "c", NUMBERS[1])
        own._last_of_attempt.pop("a")
        finish_talk(own, "a", None)

    return operator_bundle(lambda own: None, call, ends=False)


STORY = [
    Attack(
        "dialled without a decision",
        calls(authorised, leaf(T.GATE2_PASSED), leaf(T.ATTEMPT_PLACED)),
        "attempt.story",
    ),
    Attack(
        "dialled without the second gate",
        calls(leaf(T.DECISION_PERMITTED), authorised, leaf(T.ATTEMPT_PLACED)),
        "attempt.story",
    ),
    Attack(
        "decided after the call",
        calls(authorised, leaf(T.GATE2_PASSED), leaf(T.ATTEMPT_PLACED), leaf(T.DECISION_PERMITTED)),
        "attempt.story",
    ),
    Attack(
        "dialled though refused",
        calls(
            leaf(T.DECISION_REFUSED),
            leaf(T.DECISION_PERMITTED),
            authorised,
            leaf(T.GATE2_PASSED),
            leaf(T.ATTEMPT_PLACED),
        ),
        "attempt.story",
    ),
    Attack(
        "a permit consumed twice",
        calls(
            leaf(T.DECISION_PERMITTED),
            authorised,
            leaf(T.GATE2_PASSED),
            leaf(T.GATE2_PASSED),
            leaf(T.ATTEMPT_PLACED),
        ),
        "attempt.story",
    ),
    Attack(
        "a state that no move leads to",
        calls(
            leaf(T.DECISION_PERMITTED),
            authorised,
            leaf(T.GATE2_PASSED),
            leaf(T.ATTEMPT_PLACED),
            leaf(T.ATTEMPT_WRAPPING),
        ),
        "attempt.story",
    ),
    Attack("consent given after the decision", late_consent, "attempt.story"),
    Attack("consent withdrawn before the call", withdrawn_before, "attempt.story"),
    Attack("an attempt without an end", without_end, "attempt.story"),
    Attack("a gap in the attempt's chain", no_predecessor, "leaves.chain"),
    Attack("two numbers in one attempt", two_numbers, "dnc.places"),
    Attack("a talk without recording", talk_without_recording, "recording.hash"),
]
