"""“Call me back at …”: agreed in a talk, only for a time that the gate would allow."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.ports.clock import Clock
from dialer.services.changes import Changes, DeskChanged, FloorChanged
from dialer.services.views.desk import CallbackSlot, CallbackSlots, CallbackView
from dialer.services.views.words import Declined, Sentence

SLOT: Final = timedelta(minutes=30)
AHEAD_MAX: Final = timedelta(days=14)
WEEK_DAYS: Final = 7
SHOWN_FROM: Final = time(8)
SHOWN_UNTIL: Final = time(21)
"""The part of a day that is offered to look at; which of it is lawful the gate says, slot by slot."""
_NOT_SET_UP: Final = Declined(
    "callback.not_set_up",
    Sentence(
        "本单位没有登记“通话中约定”的来源和告知文本，不能约定回电。",
        "No source “agreed in our own call” with its text is registered: no callback can be agreed.",
    ),
)
_TOO_FAR: Final = Declined(
    "callback.time_out_of_range",
    Sentence("只能约定今后十四天内的时间。", "A callback can be agreed for the next fourteen days only."),
)


@dataclass(frozen=True, slots=True)
class Slot:
    """The time that was agreed, [opens, closes), aware UTC."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    """It is kept: the lead that will be due."""

    lead_id: str
    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class NoSlot:
    """The gate would refuse then; `lawful_from` is the next moment at which waiting alone is enough, or None."""

    objections: tuple[Sentence, ...]
    lawful_from: datetime | None


@dataclass(frozen=True, slots=True)
class NotSetUp:
    """The organisation has no source and text for callbacks agreed in its own calls."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A slot as the gate sees it now. `objections` empty: it may be agreed on."""

    slot: Slot
    objections: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class JudgedWeek:
    """A week of slots by the callee's clock. `zone`: an IANA name."""

    zone: str
    slots: tuple[Judged, ...]


class CallbackStore(Protocol):
    """Keeps what was agreed, judged by the gate in the same transaction."""

    async def judge(
        self, org: OrganisationId, user: UserId, attempt_id: AttemptId, first: date
    ) -> JudgedWeek | NotSetUp | None:
        """What the gate would say of each slot of the week from `first` on; writes nothing."""
        ...

    async def agree(
        self, org: OrganisationId, user: UserId, attempt_id: AttemptId, slot: Slot
    ) -> Agreed | NoSlot | NotSetUp | None: ...


@dataclass(frozen=True, slots=True)
class Callbacks:
    """`CallbackService`."""

    store: CallbackStore
    clock: Clock
    changes: Changes

    async def week(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, first: date
    ) -> CallbackSlots | Declined | None:
        """A week of half hours with what speaks against each; no promise that it stays so until it is agreed on."""
        answer = await self.store.judge(org, user, attempt, first)
        match answer:
            case None:
                return None
            case NotSetUp():
                return _NOT_SET_UP
            case JudgedWeek(zone, slots):
                return CallbackSlots(zone, tuple(_shown(judged) for judged in slots))

    async def agree(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, at: datetime
    ) -> CallbackView | Declined | None:
        """Agree on `at`, for half an hour. Asking again gives what was agreed first."""
        now = self.clock.now()
        if not now < at <= now + AHEAD_MAX:
            return _TOO_FAR
        answer = await self.store.agree(org, user, attempt, Slot(at, at + SLOT))
        match answer:
            case None:
                return None
            case NotSetUp():
                return _NOT_SET_UP
            case NoSlot():
                return _declined(answer)
            case Agreed():
                self.changes.touch(DeskChanged(user), FloorChanged(org))
                return CallbackView(answer.lead_id, answer.opens, answer.closes)


def half_hours(zone: ZoneInfo, first: date, after: datetime) -> tuple[Slot, ...]:
    """The slots of a week from the callee's day `first` on that are still to come and not too far ahead, aware UTC."""
    found = []
    for offset in range(WEEK_DAYS):
        at = datetime.combine(first + timedelta(days=offset), SHOWN_FROM, zone).astimezone(UTC)
        until = datetime.combine(first + timedelta(days=offset), SHOWN_UNTIL, zone).astimezone(UTC)
        while at < until:
            if after < at <= after + AHEAD_MAX:
                found.append(Slot(at, at + SLOT))
            at += SLOT
    return tuple(found)


def _shown(judged: Judged) -> CallbackSlot:
    why = judged.objections[0] if judged.objections else None
    return CallbackSlot(judged.slot.opens, judged.slot.closes, why)


def _declined(no: NoSlot) -> Declined:
    why = no.objections[0] if no.objections else Sentence("规则不允许。", "The rules don't allow it.")
    if no.lawful_from is None:
        return Declined("callback.not_lawful_then", why)
    zh = f"{why.zh}；最早可约 {no.lawful_from.isoformat(timespec='minutes')}"
    en = f"{why.en}; the earliest lawful time is {no.lawful_from.isoformat(timespec='minutes')}"
    return Declined("callback.not_lawful_then", Sentence(zh, en))
