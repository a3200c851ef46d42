"""Whoever refused may be told by one text message that it holds: the approved template, and only where it is set up.

At most one message an entry and each at most once: what a crash interrupted between handing over and writing down is
not sent again. Lists, complaints and signals of a carrier are not answered, nor is anybody whom the organisation never
dealt with, nor anybody who was erased meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from dialer.domain.dnc import DncReason
from dialer.domain.ids import OrganisationId
from dialer.domain.phone import BadNumber, NumberType, parse_phone
from dialer.services.consent_codes import SmsSender, SmsTemplate, SmsUnavailable

ANSWERED: Final = frozenset(
    {
        DncReason.SAID,
        DncReason.SPOKEN,
        DncReason.KEY,
        DncReason.FORM,
        DncReason.INBOUND_LINE,
        DncReason.SMS,
    }
)
"""Refusals that the person themself told us. Whoever pressed “unwanted” or complained gets no further message."""
NOTICE_SECONDS_MAX: Final = 3_600
"""A message that comes later than this after the refusal confuses more than it tells."""
TRIES_MAX: Final = 5
WAIT_SECONDS: Final = 60
NOTICES_PER_TURN_MAX: Final = 20
_TEXTED: Final = frozenset({NumberType.MOBILE, NumberType.FIXED_OR_MOBILE})
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_log = structlog.get_logger()


class NoticeState(StrEnum):
    """What became of a message."""

    SENDING = "sending"
    """Being handed over; a message that stays so was interrupted, and isn't sent again."""
    SENT = "sent"
    WAITING = "waiting"
    """The sender did not take it; it is tried again."""
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A person to be told. `number`: E.164; `language`: in which they consented, "" where that isn't known."""

    entry_id: str
    number: str = field(repr=False)
    since: datetime
    language: str
    tries: int


class NoticeStore(Protocol):
    """Storage's part."""

    async def take_due(self, org: OrganisationId, most: int) -> tuple[DueNotice, ...]:
        """Whom to tell now, each marked as being sent before this returns.

        Raises:
            StoreUnavailable: nobody is told.
        """
        ...

    async def settle(self, entry_id: str, state: NoticeState, template_id: str) -> None:
        """Write down what became of it; a message that was sent is on the log."""
        ...


class RefusalNotices:
    """Tells people that their refusal holds. `templates`: by organisation, then by language."""

    def __init__(
        self,
        store: NoticeStore,
        sender: SmsSender,
        templates: Mapping[OrganisationId, Mapping[str, SmsTemplate]],
    ) -> None:
        self._store = store
        self._sender = sender
        self._templates = templates

    async def run(self) -> int:
        """One turn; how many messages were handed over.

        Raises:
            StoreUnavailable: the rest is told later.
        """
        sent = 0
        for org, by_language in self._templates.items():
            for due in await self._store.take_due(org, NOTICES_PER_TURN_MAX):
                template = by_language.get(due.language) or next(iter(by_language.values()))
                state = await self._send(due, template)
                await self._store.settle(due.entry_id, state, template.template_id)
                sent += state is NoticeState.SENT
        return sent

    async def _send(self, due: DueNotice, template: SmsTemplate) -> NoticeState:
        number = parse_phone(due.number, "ZZ")
        if isinstance(number, BadNumber) or number.number_type not in _TEXTED:
            return NoticeState.GIVEN_UP
        try:
            await self._sender.send(number, template, {"at": f"{due.since.astimezone(_ZONE):%Y-%m-%d %H:%M}"})
        except SmsUnavailable as away:
            _log.warning("refusal.notice_waits", failure=type(away).__name__, tries=due.tries)
            return NoticeState.WAITING if due.tries < TRIES_MAX else NoticeState.GIVEN_UP
        return NoticeState.SENT
