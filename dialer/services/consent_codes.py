"""Proof that the person who asks has the phone: six digits sent to it, ten minutes, five tries.

What waits for its code is kept in memory only: before the proof there is no consent, and nothing personal is stored.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from dialer.domain.errors import DialerError
from dialer.domain.phone import PhoneNumber

CODE_DIGITS: Final = 6
CODE_SECONDS_MAX: Final = 600
TRIES_MAX: Final = 5
WAITING_MAX: Final = 5_000

T = TypeVar("T")


class SmsUnavailable(DialerError):
    """The text message was not handed over; nothing was recorded."""


@dataclass(frozen=True, slots=True)
class SmsTemplate:
    """A template that the carrier approved before anything is sent (B8). `text` has its values' places: `{code}`, `{at}`."""

    template_id: str
    approved_on: str
    text: str


BARRED_TRADES: Final = (
    "房产", "楼盘", "贷款", "借款", "教育", "培训", "招生", "移民", "real estate", "property", "loan", "tuition",
    "course", "immigration",
)  # fmt: skip
"""What a text message may not be about (房产/贷款/教育/移民): no carrier approves a template that is."""


def mentions_barred_trade(text: str) -> bool:
    """Whether a template's words are about a trade that may not text (B8)."""
    return any(word in text.lower() for word in BARRED_TRADES)


class SmsSender(Protocol):
    """Hands text messages to a carrier. Entry-point group `dialer.sms`: a callable that takes a settings file's path."""

    async def send(self, number: PhoneNumber, template: SmsTemplate, values: Mapping[str, str]) -> None:
        """Send the template with its places filled: each value by the name that stands in braces.

        Raises:
            SmsUnavailable: it was not handed over.
        """
        ...


@dataclass(slots=True)
class _Waiting(Generic[T]):
    what: T
    code: str
    until: float
    tries: int = 0


@dataclass(frozen=True, slots=True)
class WrongCode:
    """Not that code; `tries_left` more may be made."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class CodeOver:
    """It was too late, tried too often, or never there: the person asks again."""


@dataclass(slots=True)
class Codes(Generic[T]):
    """What waits for a code, by a 128-bit ticket."""

    monotonic: Callable[[], float] = time.monotonic
    _waiting: dict[str, _Waiting[T]] = field(default_factory=dict)

    def wait_for(self, what: T) -> tuple[str, str]:
        """Keep `what`; its ticket and the code to send. The oldest is forgotten when there are too many."""
        now = self.monotonic()
        for ticket in [t for t, w in self._waiting.items() if w.until <= now]:
            del self._waiting[ticket]
        while len(self._waiting) >= WAITING_MAX:
            self._waiting.pop(next(iter(self._waiting)))
        ticket = secrets.token_hex(16)
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        self._waiting[ticket] = _Waiting(what, code, now + CODE_SECONDS_MAX)
        return ticket, code

    def redeem(self, ticket: str, code: str) -> T | WrongCode | CodeOver:
        """What waited, once, for the right code."""
        waiting = self._waiting.get(ticket)
        if waiting is None or waiting.until <= self.monotonic():
            self._waiting.pop(ticket, None)
            return CodeOver()
        waiting.tries += 1
        if secrets.compare_digest(code.encode(), waiting.code.encode()):
            del self._waiting[ticket]
            return waiting.what
        if waiting.tries >= TRIES_MAX:
            del self._waiting[ticket]
            return CodeOver()
        return WrongCode(TRIES_MAX - waiting.tries)

    def forget(self, ticket: str) -> None:
        """Nothing was sent for it."""
        self._waiting.pop(ticket, None)
