"""What the services ask storage for, to build the live views."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import AttemptId, UserId
from dialer.services.views.desk import DeskCall, QueueItem, Today
from dialer.services.views.pause_codes import PauseCodeView
from dialer.services.views.words import Sentence


@dataclass(frozen=True, slots=True)
class QueueView:
    """The agent's callback queue: the first of it, and how many are due now and later today."""

    items: tuple[QueueItem, ...]
    due: int
    later: int
    next_at: datetime | None

    @property
    def idle_reason(self) -> Sentence:
        """Why no call comes, as far as the queue explains it. Times are in the business zone."""
        if self.due:
            return Sentence(
                f"有 {self.due} 个到期回访，正在为您拨打。",
                f"{self.due} callbacks are due and being dialled.",
            )
        if self.next_at is not None:
            at = self.next_at.strftime("%H:%M")
            return Sentence(
                f"目前没有到期的回访；{at} 起有 {self.later} 个。",
                f"No callback is due right now; {self.later} open from {at}.",
            )
        return Sentence("今天没有更多回访。", "There are no more callbacks today.")


class DeskReads(Protocol):
    """The database's part of an agent's desk."""

    async def queue(self, user: UserId) -> QueueView: ...

    async def call(self, user: UserId, attempt: AttemptId) -> DeskCall | None:
        """Everything for the screen pop. `wrap_until` and `refused` are empty: the desk itself knows them."""
        ...

    async def today(self, user: UserId) -> Today: ...

    async def pause_codes(self, user: UserId) -> tuple[PauseCodeView, ...]:
        """Why agents of that person's organisation pause, retired reasons too."""
        ...
