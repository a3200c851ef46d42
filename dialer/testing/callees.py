"""What simulated callees and the permit desk do: the far side of the shipped fake exchange."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from dialer.domain.disposition import AnswerClass

GATE_SECONDS_MAX: Final = 2.0


@dataclass(frozen=True, slots=True)
class Ring:
    """180, then wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class RingForEver:
    """180 until the caller gives up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """200 OK, and what it sounds like to an exchange that listens for machines."""

    sounds_like: AnswerClass = AnswerClass.HUMAN


@dataclass(frozen=True, slots=True)
class Talk:
    """Stay on the line."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Press:
    """Press one key."""

    key: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """A final SIP code, 400 to 699, instead of an answer."""

    sip_code: int


Step = Ring | RingForEver | Answer | Talk | Press | Refuse
Script = tuple[Step, ...]
"""Steps in their order; after the last one the callee hangs up."""


@dataclass(frozen=True, slots=True)
class Yes:
    """The gate's yes for one token: what the egress dials. Seconds are whole and greater than 0."""

    number: str
    caller_id: str
    ring_seconds: float = 30.0
    talk_seconds_max: float = 7_200.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the egress reports when its leg ended. `sip` is the carrier's raw code, 0 when it gave none."""

    token: str
    uid: str
    dialstatus: str
    sip: int
    answered_seconds: float
    dialed_seconds: float


@dataclass(frozen=True, slots=True)
class Invite:
    """One INVITE that the simulated carrier accepted. `loop_seconds` is the event loop's own time."""

    token: str
    number: str
    caller_id: str
    loop_seconds: float


class PermitDesk(Protocol):
    """The permit gate as the simulated egress sees it."""

    async def consume(self, token: str, uid: str) -> Yes | None:
        """The one yes of an issued permit; none for everything else. An exception counts as none."""
        ...

    async def report(self, outcome: Outcome) -> None:
        """Take the truth about a leg that had a yes."""
        ...


class OpenDesk:
    """A desk for tests of the link alone: it says yes once to each token that was put in `numbers`."""

    def __init__(self, numbers: Mapping[str, str], caller_id: str = "95000") -> None:
        self._numbers = dict(numbers)
        self._caller_id = caller_id
        self.outcomes: list[Outcome] = []

    def allow(self, token: str, number: str) -> None:
        """Say yes, once, to a further token."""
        self._numbers[token] = number

    async def consume(self, token: str, uid: str) -> Yes | None:
        """A number the first time, nothing after."""
        number = self._numbers.pop(token, None)
        return None if number is None else Yes(number, self._caller_id)

    async def report(self, outcome: Outcome) -> None:
        """Keep the outcome."""
        self.outcomes.append(outcome)


_TALK: Final[Script] = (Ring(1.0), Answer(), Talk(8.0))

SCRIPTS: Final[Mapping[range, Script]] = {
    range(20): _TALK,
    range(20, 30): (Refuse(486),),
    range(30, 40): (RingForEver(),),
    range(40, 50): (Ring(1.0), Refuse(603)),
    range(50, 60): (Ring(1.0), Refuse(607)),
    range(60, 70): (Ring(1.0), Refuse(608)),
    range(70, 80): (Ring(1.0), Answer(), Talk(3.0), Press("9"), Talk(5.0)),
    range(80, 85): (Ring(1.0), Answer(), Talk(0.5)),
    range(85, 86): (Refuse(404),),
    range(86, 87): (Refuse(480),),
    range(87, 88): (Refuse(503),),
    range(88, 90): (Refuse(500),),
    range(90, 100): _TALK,
}
"""By the last two digits of the number, as the shipped carrier behaves."""


def script_of(number: str) -> Script:
    """What the callee of `number` does.

    Raises:
        ValueError: the number doesn't end in two digits.
    """
    ending = int(number[-2:])
    return next(script for endings, script in SCRIPTS.items() if ending in endings)


async def yes_of(desk: PermitDesk, token: str, uid: str) -> Yes | None:
    """What the egress makes of the desk's answer: anything but a yes in time is a no."""
    try:
        async with asyncio.timeout(GATE_SECONDS_MAX):
            return await desk.consume(token, uid)
    except Exception:  # the egress takes anything but a yes for a no
        return None
