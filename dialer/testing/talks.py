"""Shipped fakes of the talk's and the listener's services, on top of `MemoryDesk`."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dialer.calls.talk import Tick
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.ports.clock import Clock
from dialer.ports.exchange import Ear
from dialer.services.callbacks import half_hours
from dialer.services.listening import ListeningView
from dialer.services.views.desk import (
    CallbackSlot,
    CallbackSlots,
    CallbackView,
    Colleague,
    Colleagues,
    DeskState,
    DeskView,
    PhoneView,
)
from dialer.services.views.words import Declined, Sentence
from dialer.testing.rooms import NOT_NOW, MemoryDesk

NO_PHONE = Declined("listening.no_phone", Sentence("请先连接您的电话。", "Connect your own phone first."))


@dataclass(slots=True)
class MemoryTalks:
    """`TalkService`. `agents`: who works with whom, by organisation."""

    desk: MemoryDesk
    clock: Clock
    agents: dict[OrganisationId, tuple[UserId, ...]] = field(default_factory=dict)

    async def hold(self, user: UserId, attempt: AttemptId) -> DeskView | Declined | None:
        """Music, once."""
        view = await self._view(user, attempt)
        if view is None or view.call is None:
            return None
        if view.state is not DeskState.TALKING or view.call.held_since is not None:
            return NOT_NOW
        self.desk.set_held(user, self.clock.now())
        return await self.desk.view(user)

    async def take_back(self, user: UserId, attempt: AttemptId) -> DeskView | Declined | None:
        """The talk again."""
        view = await self._view(user, attempt)
        if view is None or view.call is None:
            return None
        if view.call.held_since is None:
            return NOT_NOW
        self.desk.set_held(user, None)
        return await self.desk.view(user)

    async def tick(
        self, user: UserId, attempt: AttemptId, part: str, tick: Tick
    ) -> DeskView | Declined | None:
        """A sentence of the script at hand, in the talk only."""
        view = await self._view(user, attempt)
        if view is None or view.call is None:
            return None
        script = view.call.script
        if view.state is not DeskState.TALKING or script is None or part not in {p.key for p in script.parts}:
            return NOT_NOW
        self.desk.set_said(user, part, self.clock.now() if tick is Tick.SAID else None)
        return await self.desk.view(user)

    async def colleagues(self, user: UserId, attempt: AttemptId) -> Colleagues | None:
        """Ready ones of the same organisation."""
        if await self._view(user, attempt) is None:
            return None
        return Colleagues(tuple([Colleague(other, other) for other in await self._ready_beside(user)]))

    async def transfer(self, user: UserId, attempt: AttemptId, to: UserId) -> DeskView | Declined | None:
        """To a ready colleague only."""
        view = await self._view(user, attempt)
        if view is None:
            return None
        if view.state is not DeskState.TALKING or to not in await self._ready_beside(user):
            return NOT_NOW
        self.desk.give(user, to)
        return await self.desk.view(user)

    async def _view(self, user: UserId, attempt: AttemptId) -> DeskView | None:
        view = await self.desk.view(user)
        return view if view.call is not None and view.call.attempt_id == attempt else None

    async def _ready_beside(self, user: UserId) -> list[UserId]:
        beside = next((users for users in self.agents.values() if user in users), ())
        return [u for u in beside if u != user and (await self.desk.view(u)).state is DeskState.READY]


@dataclass(slots=True)
class MemoryCallbacks:
    """`CallbackService`: every time is lawful but those in `unlawful`."""

    talks: MemoryTalks
    unlawful: set[datetime] = field(default_factory=set)

    async def week(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, first: date
    ) -> CallbackSlots | Declined | None:
        """Every half hour of the week, by Shanghai's clock."""
        del org
        view = await self.talks.desk.view(user)
        if view.call is None or view.call.attempt_id != attempt:
            return None
        slots = half_hours(ZoneInfo("Asia/Shanghai"), first, self.talks.clock.now())
        items = tuple(
            CallbackSlot(s.opens, s.closes, NOT_NOW.sentence if s.opens in self.unlawful else None)
            for s in slots
        )
        return CallbackSlots("Asia/Shanghai", items)

    async def agree(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, at: datetime
    ) -> CallbackView | Declined | None:
        """Half an hour from `at`."""
        del org
        view = await self.talks.desk.view(user)
        if view.call is None or view.call.attempt_id != attempt:
            return None
        if at in self.unlawful:
            return NOT_NOW
        agreed = CallbackView("lead-1", at, at + timedelta(minutes=30))
        self.talks.desk.agree(user, agreed)
        return agreed


@dataclass(slots=True)
class MemoryListening:
    """`ListeningService`."""

    talks: MemoryTalks
    clock: Clock
    heard: dict[UserId, ListeningView] = field(default_factory=dict)
    _phones: dict[UserId, str] = field(default_factory=dict)

    async def phone(self, user: UserId, session_id: str) -> PhoneView | Declined:
        """A password for this session."""
        self._phones[user] = session_id
        name = f"seat-{user}"
        return PhoneView(f"sip:{name}@exchange.invalid", name, secrets.token_hex(16), "/ws", ())

    async def seat_user(self, user: UserId, session_id: str) -> str | None:
        """The endpoint of this very session."""
        return f"seat-{user}" if self._phones.get(user) == session_id else None

    async def session_ended(self, user: UserId, session_id: str) -> None:
        """The phone is gone."""
        if self._phones.get(user) == session_id:
            del self._phones[user]
            await self.end(user)

    async def listen(
        self, org: OrganisationId, user: UserId, agent_id: UserId, ear: Ear
    ) -> ListeningView | Declined | None:
        """Into the talk of an agent of that organisation."""
        if agent_id not in self.talks.agents.get(org, ()):
            return None
        if user not in self._phones:
            return NO_PHONE
        view = await self.talks.desk.view(agent_id)
        if view.call is None or view.state is not DeskState.TALKING:
            return NOT_NOW
        self.heard[user] = ListeningView(agent_id, view.call.attempt_id, ear, self.clock.now())
        return self.heard[user]

    async def end(self, user: UserId) -> None:
        """Out."""
        self.heard.pop(user, None)
