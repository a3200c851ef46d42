"""The agent's verbs within a talk: hold, take back, hand to a colleague, tick what was said. Each is on the log before it is done.

A talk is handed only to an agent of the same organisation (D23) who works the same campaign: the caller ID that the
callee sees is bound to the campaign and its agents (B2).
"""

from typing import Final, Protocol

from dialer.calls.talk import TalkAct, Tick, Ticked
from dialer.domain.errors import ExchangeUnavailable
from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import Calls
from dialer.ports.clock import Clock
from dialer.ports.exchange import Telephony
from dialer.services.board import Board
from dialer.services.changes import Changes, DeskChanged, FloorChanged
from dialer.services.seats import Agent, Place, Seats
from dialer.services.views.desk import Colleague, Colleagues, DeskView
from dialer.services.views.words import Declined, Sentence

_EXCHANGE: Final = Declined(
    "exchange.unavailable",
    Sentence("话务系统没有照办，通话保持原状。", "The exchange didn't do it; the talk is as it was."),
)
_NOT_NOW: Final = Declined(
    "call.not_in_that_state", Sentence("这通电话现在不能这样操作。", "That can't be done to this call now.")
)
_NOT_THEM: Final = Declined(
    "transfer.not_to_them",
    Sentence(
        "只能转给本单位同一任务中就绪的坐席。",
        "A talk may be handed only to a ready agent of this organisation in the same campaign.",
    ),
)
_NO_SENTENCE: Final = Declined(
    "script.no_such_sentence",
    Sentence("话术中没有这一句。", "The script has no such sentence."),
)


class DeskReader(Protocol):
    """Shows the desk after an act."""

    async def view(self, user: UserId) -> DeskView:
        """The whole desk."""
        ...


class ReadyAgents(Protocol):
    """Hears that an agent is free again."""

    def agent_ready(self, agent: Agent) -> None:
        """Somebody who waits comes first."""
        ...


class Talks:
    """`TalkService`."""

    def __init__(
        self,
        *,
        seats: Seats,
        board: Board,
        calls: Calls,
        telephony: Telephony,
        desk: DeskReader,
        progress: ReadyAgents,
        clock: Clock,
        changes: Changes,
    ) -> None:
        self._seats = seats
        self._board = board
        self._calls = calls
        self._telephony = telephony
        self._desk = desk
        self._progress = progress
        self._clock = clock
        self._changes = changes

    async def hold(self, user: UserId, attempt: AttemptId) -> DeskView | Declined | None:
        """Let the callee hear music until the agent takes them back; the exchange bounds how long."""
        agent = self._of(user, attempt)
        if agent is None:
            return None
        if agent.place is not Place.TALKING or agent.held_since is not None:
            return _NOT_NOW
        actor = Actor(ActorKind.USER, user)
        if not await self._calls.keep_talk_act(attempt, TalkAct.HELD, actor, {"seat": agent.seat_id}):
            return _NOT_NOW
        try:
            await self._telephony.hold(attempt)
        except ExchangeUnavailable:
            await self._calls.keep_talk_act(attempt, TalkAct.RESUMED, actor, {"why": "it was not held"})
            return _EXCHANGE
        if self._of(user, attempt) is not None:
            self._seats.hold(user, self._clock.now())
        return await self._shown(agent)

    async def take_back(self, user: UserId, attempt: AttemptId) -> DeskView | Declined | None:
        """Talk with the callee again."""
        agent = self._of(user, attempt)
        if agent is None:
            return None
        if agent.held_since is None:
            return _NOT_NOW
        actor = Actor(ActorKind.USER, user)
        if not await self._calls.keep_talk_act(attempt, TalkAct.RESUMED, actor, {"seat": agent.seat_id}):
            return _NOT_NOW
        try:
            await self._telephony.connect(attempt, agent.seat_id)
        except ExchangeUnavailable:
            await self._calls.keep_talk_act(attempt, TalkAct.HELD, actor, {"why": "it was not taken back"})
            return _EXCHANGE
        return await self._shown(agent)

    async def tick(
        self, user: UserId, attempt: AttemptId, part: str, tick: Tick
    ) -> DeskView | Declined | None:
        """Say that a sentence of the script was said, or that its tick was a slip."""
        agent = self._of(user, attempt)
        if agent is None:
            return None
        match await self._calls.tick(attempt, part, tick, Actor(ActorKind.USER, user)):
            case Ticked.KEPT:
                return await self._shown(agent)
            case Ticked.NOT_IN_TALK:
                return _NOT_NOW
            case Ticked.NO_SUCH_SENTENCE:
                return _NO_SENTENCE

    async def colleagues(self, user: UserId, attempt: AttemptId) -> Colleagues | None:
        """To whom this talk may be handed now."""
        agent = self._of(user, attempt)
        call = await self._calls.view(attempt)
        if agent is None or call is None:
            return None
        able = [a for a in self._seats.ready(call.campaign_id) if _may_take(agent, a, call.campaign_id)]
        return Colleagues(tuple(Colleague(a.user_id, a.name) for a in able))

    async def transfer(self, user: UserId, attempt: AttemptId, to: UserId) -> DeskView | Declined | None:
        """Hand the talk to a colleague; this agent is free at once, the colleague writes the result."""
        call = await self._calls.view(attempt)
        agent = self._of(user, attempt)
        if agent is None or call is None:
            return None
        if agent.place is not Place.TALKING:
            return _NOT_NOW
        target = self._seats.of_user(to)
        if target is None or not _may_take(agent, target, call.campaign_id):
            return _NOT_THEM
        # reserved without the attempt: until the bridge stands it is the former agent's
        self._seats.move(to, Place.RESERVED, self._clock.now(), None)
        actor = Actor(ActorKind.USER, user)
        try:
            if not await self._calls.hand_over(attempt, to, target.seat_id, actor):
                self._release(target)
                return _NOT_NOW
            await self._telephony.connect(attempt, target.seat_id)
        except ExchangeUnavailable:
            self._release(target)
            await self._calls.hand_over(attempt, user, agent.seat_id, actor)
            return _EXCHANGE
        except BaseException:
            self._release(target)
            raise
        self._settle(agent, target, attempt)
        return await self._shown(agent)

    def _settle(self, former: Agent, target: Agent, attempt: AttemptId) -> None:
        """Who has the talk now, whatever was heard meanwhile: the callee may have left during the hand-over."""
        mine, theirs = self._seats.of_user(former.user_id), self._seats.of_user(target.user_id)
        now = self._clock.now()
        if theirs is not None and theirs.attempt_id is None:
            if mine is None or mine.attempt_id != attempt or mine.place is Place.WRAPPING:
                self._release(target)
                return
            self._seats.move(target.user_id, Place.TALKING, now, attempt)
        self._board.handed_over(attempt, former.user_id, target.user_id)
        if mine is not None and mine.attempt_id == attempt:
            if mine.pause_after is not None:
                self._seats.pause(mine.user_id, mine.pause_after, now)
            else:
                place = Place.READY if mine.leg_up else Place.OFFLINE
                free = self._seats.move(mine.user_id, place, now, None)
                if place is Place.READY:
                    self._progress.agent_ready(free)
        self._changes.touch(DeskChanged(target.user_id))

    def _release(self, target: Agent) -> None:
        """A reservation that came to nothing is undone."""
        agent = self._seats.of_user(target.user_id)
        if agent is None or agent.place is not Place.RESERVED or agent.attempt_id is not None:
            return
        place = Place.READY if agent.leg_up else Place.OFFLINE
        free = self._seats.move(agent.user_id, place, self._clock.now(), None)
        if place is Place.READY:
            self._progress.agent_ready(free)
        self._changes.touch(DeskChanged(agent.user_id))

    def _of(self, user: UserId, attempt: AttemptId) -> Agent | None:
        agent = self._seats.of_user(user)
        talks = (Place.TALKING, Place.CLOSING)
        return agent if agent is not None and agent.attempt_id == attempt and agent.place in talks else None

    async def _shown(self, agent: Agent) -> DeskView:
        self._changes.touch(DeskChanged(agent.user_id), FloorChanged(agent.org_id))
        return await self._desk.view(agent.user_id)


def _may_take(former: Agent, target: Agent, campaign: CampaignId) -> bool:
    return (
        target.user_id != former.user_id
        and target.org_id == former.org_id
        and campaign in target.campaigns
        and target.place is Place.READY
        and target.leg_up
        and target.pause_after is None
    )
