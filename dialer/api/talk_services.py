"""What the API asks of the services that act within a talk."""

from datetime import date, datetime
from typing import Protocol

from dialer.calls.talk import Tick
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.ports.exchange import Ear
from dialer.services.listening import ListeningView
from dialer.services.views.desk import CallbackSlots, CallbackView, Colleagues, DeskView, PhoneView
from dialer.services.views.words import Declined


class TalkService(Protocol):
    """The agent's verbs within a talk. None: this agent has no such talk."""

    async def hold(self, user: UserId, attempt: AttemptId) -> DeskView | Declined | None: ...

    async def take_back(self, user: UserId, attempt: AttemptId) -> DeskView | Declined | None: ...

    async def tick(
        self, user: UserId, attempt: AttemptId, part: str, tick: Tick
    ) -> DeskView | Declined | None: ...

    async def colleagues(self, user: UserId, attempt: AttemptId) -> Colleagues | None: ...

    async def transfer(self, user: UserId, attempt: AttemptId, to: UserId) -> DeskView | Declined | None: ...


class CallbackService(Protocol):
    """A callback agreed in a talk, only for a time that the gate would allow. None: this agent has no such talk."""

    async def week(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, first: date
    ) -> CallbackSlots | Declined | None: ...

    async def agree(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, at: datetime
    ) -> CallbackView | Declined | None: ...


class ListeningService(Protocol):
    """A supervisor in a talk of their own organisation; each entry is on the log first."""

    async def phone(self, user: UserId, session_id: str) -> PhoneView | Declined: ...

    async def seat_user(self, user: UserId, session_id: str) -> str | None: ...

    async def session_ended(self, user: UserId, session_id: str) -> None: ...

    async def listen(
        self, org: OrganisationId, user: UserId, agent_id: UserId, ear: Ear
    ) -> ListeningView | Declined | None: ...

    async def end(self, user: UserId) -> None: ...
