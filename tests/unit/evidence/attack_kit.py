"""What every attack on a bundle is made of: its name, how it is made, and the check that has to name it."""

from collections.abc import Callable
from dataclasses import dataclass

from dialer.evidence.bundle import Parts
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.sample import (
    SAMPLE_ATTEMPTS,
    SampleLog,
)

T = EventType
Files = dict[str, bytes]


@dataclass(frozen=True)
class Attack:
    """How it is made, and the check that fails (the first that does, in the verifier's order)."""

    name: str
    make: Callable[[SampleLog], bytes]
    fails: str


def bundle(log: SampleLog, attempt: str = "talked") -> bytes:
    return log.bundle(log.parts(attempt, SAMPLE_ATTEMPTS[attempt]))


def parts(log: SampleLog, attempt: str = "talked") -> Parts:
    return log.parts(attempt, SAMPLE_ATTEMPTS[attempt])


def seq_of(log: SampleLog, kind: EventType, attempt: str = "talked") -> int:
    for seq, body in enumerate(log.bodies):
        event = parse_leaf(body).event
        if event.type is kind and attempt in (event.attempt_id, ""):
            return seq
    raise LookupError(kind)
