"""Shipped fakes of the rooms that the consoles talk to, in memory, for one organisation each: no exchange, no database.

The desk is a real machine (offline → ready ⇄ paused, ready → talking → closing → wrapping → ready); the other rooms keep
what they are given and answer from it. What is kept for one organisation is never answered to another.
"""

import dataclasses
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from dialer.domain.disposition import CALLBACK_AGREED
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId, UserId
from dialer.ports.clock import Clock
from dialer.services.changes import Changes, DeskChanged
from dialer.services.views.caller import DeskCaller, Stopped
from dialer.services.views.decision import ExplainView
from dialer.services.views.desk import (
    CallbackView,
    DeskCall,
    DeskState,
    DeskView,
    HeardView,
    PhoneView,
    PreviewView,
    QueueItem,
    QueueKind,
    RefusedView,
    Today,
)
from dialer.services.views.floor import ImportView, RejectedRow
from dialer.services.views.live import AgentNow
from dialer.services.views.taken import Shutter
from dialer.services.views.words import Choice, Declined, Sentence

CLOSING_SECONDS = 30
PAUSE_REASONS = (
    Choice("break", Sentence("休息", "Break")),
    Choice("training", Sentence("培训", "Training")),
)
DISPOSITIONS = (
    Choice("answered_question", Sentence("已解答", "Question answered")),
    Choice("callback_agreed", Sentence("约定回电", "Callback agreed")),
    Choice("wrong_person", Sentence("非本人", "Wrong person")),
)
NOT_NOW = Declined(
    "desk.not_now", Sentence("当前状态下不能这样操作。", "This can't be done in the present state.")
)


@dataclasses.dataclass(slots=True)
class _Seat:
    state: DeskState
    since: datetime
    session_id: str | None = None
    reason: Choice | None = None
    call: DeskCall | None = None
    queue: tuple[QueueItem, ...] = ()
    today: Today = dataclasses.field(default_factory=lambda: Today(0, 0, 0))
    preview: PreviewView | None = None
    caller: DeskCaller | None = None


class MemoryDesk:
    """Desks without an exchange: `ring` puts a call on one."""

    def __init__(self, clock: Clock, changes: Changes) -> None:
        self._shutter = Shutter()
        self._clock = clock
        self._changes = changes
        self._seats: dict[UserId, _Seat] = {}

    def ring(self, user: UserId, call: DeskCall) -> None:
        """A person was answered and is connected with this agent, who must be ready.

        Raises:
            ValueError: the agent is not ready; nothing changed.
        """
        seat = self._seat(user)
        if seat.state is not DeskState.READY:
            raise ValueError("the agent is not ready")
        seat.call = call
        self._go(user, DeskState.TALKING)

    def fill_queue(self, user: UserId, queue: tuple[QueueItem, ...]) -> None:
        """What stands in the agent's queue."""
        self._seat(user).queue = queue
        self._changes.touch(DeskChanged(user))

    def preview(self, user: UserId, shown: PreviewView | None) -> None:
        """Put a lead on the screen of an agent, or take it off."""
        self._seat(user).preview = shown
        self._changes.touch(DeskChanged(user))

    def previewed(self, user: UserId) -> PreviewView | None:
        """The lead on the screen."""
        return self._seat(user).preview

    def put_caller(self, user: UserId, caller: DeskCaller | None, state: DeskState) -> None:
        """Somebody who rang the organisation's number is on the desk in that state, or no more."""
        self._seat(user).caller = caller
        self._go(user, state)

    def caller_of(self, user: UserId) -> DeskCaller | None:
        """Who rang and is on the desk."""
        return self._seat(user).caller

    def state_of(self, user: UserId) -> DeskState:
        """What the agent is doing."""
        return self._seat(user).state

    async def view(self, user: UserId) -> DeskView:
        """The whole desk."""
        seat = self._seat(user)
        idle = seat.state is DeskState.READY
        blocked = None if seat.session_id else Sentence("话机尚未连接。", "The phone is not connected yet.")
        return DeskView(
            taken=self._shutter.taken(),
            state=seat.state,
            since=seat.since,
            pause_reason=seat.reason,
            seat_id=self._user_of(user) if seat.session_id else None,
            phone_up=seat.session_id is not None,
            queue=seat.queue,
            queue_due=sum(1 for item in seat.queue if item.kind is not QueueKind.LATER),
            queue_later=sum(1 for item in seat.queue if item.kind is QueueKind.LATER),
            call=seat.call,
            today=seat.today,
            idle_reason=Sentence("目前没有到期的回访。", "No callback is due right now.") if idle else None,
            ready_blocked=blocked,
            pause_reasons=PAUSE_REASONS,
            preview=seat.preview,
            caller=seat.caller,
        )

    async def phone(self, user: UserId, session_id: str) -> PhoneView | Declined:
        """A password for this session; the former session loses its own."""
        self._seat(user).session_id = session_id
        name = self._user_of(user)
        return PhoneView(
            uri=f"sip:{name}@exchange.invalid",
            user=name,
            password=secrets.token_hex(16),
            ws_path="/ws",
            ice_servers=(),
        )

    async def seat_user(self, user: UserId, session_id: str) -> str | None:
        """The endpoint of this very session."""
        return self._user_of(user) if self._seat(user).session_id == session_id else None

    async def session_ended(self, user: UserId, session_id: str) -> None:
        """The session's phone is gone, and the agent with it."""
        seat = self._seat(user)
        if seat.session_id == session_id:
            seat.session_id = None
            self._go(user, DeskState.OFFLINE)

    async def ready(self, user: UserId) -> DeskView | Declined:
        """Take calls."""
        seat = self._seat(user)
        if seat.session_id is None or seat.state not in (
            DeskState.OFFLINE,
            DeskState.PAUSED,
            DeskState.READY,
        ):
            return NOT_NOW
        seat.reason = None
        self._go(user, DeskState.READY)
        return await self.view(user)

    async def pause(self, user: UserId, reason: str) -> DeskView | Declined:
        """Take none."""
        seat = self._seat(user)
        chosen = next((c for c in PAUSE_REASONS if c.code == reason), None)
        if chosen is None or seat.state not in (DeskState.READY, DeskState.PAUSED):
            return NOT_NOW
        seat.reason = chosen
        self._go(user, DeskState.PAUSED)
        return await self.view(user)

    async def refused(self, user: UserId, attempt: AttemptId) -> RefusedView | Declined | None:
        """The person refused: once said it stays."""
        seat = self._seat(user)
        if seat.call is None or seat.call.attempt_id != attempt:
            return None
        if seat.call.refused is not None:
            return seat.call.refused
        now = self._clock.now()
        closing = now + timedelta(seconds=CLOSING_SECONDS) if seat.state is DeskState.TALKING else None
        said = RefusedView(str(attempt), now, 4, Stopped(leads=1, permits=0, legs=0), closing)
        seat.call = dataclasses.replace(seat.call, refused=said)
        if closing is not None:
            self._go(user, DeskState.CLOSING)
        return said

    async def hang_up(self, user: UserId, attempt: AttemptId) -> DeskView | Declined | None:
        """End the talk."""
        seat = self._seat(user)
        if seat.call is None or seat.call.attempt_id != attempt:
            return None
        if seat.state not in (DeskState.TALKING, DeskState.CLOSING):
            return NOT_NOW
        seat.call = dataclasses.replace(seat.call, ended_at=self._clock.now())
        self._go(user, DeskState.WRAPPING)
        return await self.view(user)

    async def dispose(
        self, user: UserId, attempt: AttemptId, code: str, note: str | None
    ) -> DeskView | Declined | None:
        """Say what came of it; then the agent is ready again."""
        del note
        seat = self._seat(user)
        if seat.call is None or seat.call.attempt_id != attempt:
            return None
        if code == CALLBACK_AGREED and seat.call.callback is None:
            return NOT_NOW
        if seat.state is not DeskState.WRAPPING or code not in {c.code for c in seat.call.dispositions}:
            return NOT_NOW
        seat.call = None
        seat.today = dataclasses.replace(seat.today, calls=seat.today.calls + 1)
        self._go(user, DeskState.READY)
        return await self.view(user)

    def set_held(self, user: UserId, since: datetime | None) -> None:
        """Whether the callee of the talk at hand hears music."""
        seat = self._seat(user)
        if seat.call is not None:
            seat.call = dataclasses.replace(seat.call, held_since=since)
            self._changes.touch(DeskChanged(user))

    def set_said(self, user: UserId, part: str, at: datetime | None) -> None:
        """When a sentence of the script at hand was said."""
        seat = self._seat(user)
        if seat.call is not None and seat.call.script is not None:
            script = seat.call.script
            parts = tuple(dataclasses.replace(p, said_at=at) if p.key == part else p for p in script.parts)
            seat.call = dataclasses.replace(seat.call, script=dataclasses.replace(script, parts=parts))
            self._changes.touch(DeskChanged(user))

    def set_heard(self, user: UserId, heard: HeardView | None) -> None:
        """What was heard in the talk at hand."""
        seat = self._seat(user)
        if seat.call is not None:
            seat.call = dataclasses.replace(seat.call, heard=heard)
            self._changes.touch(DeskChanged(user))

    def agree(self, user: UserId, agreed: CallbackView) -> None:
        """A callback was agreed in the talk at hand."""
        seat = self._seat(user)
        if seat.call is not None:
            seat.call = dataclasses.replace(seat.call, callback=agreed)
            self._changes.touch(DeskChanged(user))

    def give(self, user: UserId, to: UserId) -> None:
        """Hand the talk at hand to another, who must be ready."""
        seat, other = self._seat(user), self._seat(to)
        if seat.call is None or other.state is not DeskState.READY:
            raise ValueError("nothing to hand over, or nobody to take it")
        call, seat.call = seat.call, None
        self._go(user, DeskState.READY)
        self.ring(to, call)

    def _seat(self, user: UserId) -> _Seat:
        return self._seats.setdefault(user, _Seat(DeskState.OFFLINE, self._clock.now()))

    def _go(self, user: UserId, state: DeskState) -> None:
        seat = self._seat(user)
        seat.state, seat.since = state, self._clock.now()
        self._changes.touch(DeskChanged(user))

    @staticmethod
    def _user_of(user: UserId) -> str:
        return f"seat-{user}"


class MemoryFloor:
    """`LiveFloor`: who does what right now, as it was put."""

    def __init__(self) -> None:
        self.agents: dict[UserId, AgentNow] = {}
        self.sentences: dict[CampaignId, Sentence] = {}

    def agent(self, user: UserId) -> AgentNow | None:
        """The agent."""
        return self.agents.get(user)

    def pacer(self, campaign: CampaignId) -> Sentence | None:
        """The pacer's sentence."""
        return self.sentences.get(campaign)


class MemoryReadiness:
    """Ready but for the parts named in `down`."""

    def __init__(self) -> None:
        self.down: set[str] = set()

    async def failing(self) -> tuple[str, ...]:
        """The parts that don't answer."""
        return tuple(sorted(self.down))


class MemoryImports:
    """Counts the lines of a file for a campaign that the organisation has; keeps nothing else of it."""

    def __init__(self, campaigns: dict[OrganisationId, frozenset[CampaignId]], clock: Clock) -> None:
        self._campaigns = campaigns
        self._clock = clock

    async def take(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, content: bytes
    ) -> ImportView | Declined | None:
        """Accept every line after the header that is UTF-8; name each other line."""
        del user
        if campaign not in self._campaigns.get(org, frozenset()):
            return None
        lines = content.splitlines()[1:]
        bad = [number for number, line in enumerate(lines, start=2) if not _is_text(line)]
        sentence = Sentence("编码无法识别。", "The encoding can't be read.")
        return ImportView(
            id="import-1",
            campaign_id=campaign,
            at=self._clock.now(),
            rows=len(lines),
            accepted=len(lines) - len(bad),
            rejected=tuple(RejectedRow(number, None, "encoding", sentence) for number in bad),
        )


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


class MemoryExplain:
    """Answers the questions that it was given answers for."""

    def __init__(self) -> None:
        self.answers: dict[tuple[OrganisationId, str, CampaignId], ExplainView] = {}

    async def explain(
        self,
        org: OrganisationId,
        number: str,
        campaign: CampaignId,
        at: datetime | None,
        under: CampaignId | None = None,
        pack: str | None = None,
    ) -> ExplainView | Declined | None:
        """The answer kept for that question; under another campaign, beside what is kept for that one."""
        del at, pack
        kept = self.answers.get((org, number, campaign))
        other = None if under is None else self.answers.get((org, number, under))
        return kept if kept is None or other is None else replace(kept, changed=other.decision)


class OpenPreflight:
    """A pre-flight that finds nothing in the way of a start."""

    async def why_not(self, org: OrganisationId, campaign: CampaignId) -> Declined | None:
        """Nothing."""
        del org, campaign
        return None
