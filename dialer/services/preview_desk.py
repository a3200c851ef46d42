"""Preview: an agent sees the lead before it is dialled, with a timer, and presses call or skip.

The lead is claimed while it is read; call goes the way of every other call: gate, permit, second gate. The agent who saw
the lead has the call from the first ring, so nobody can be abandoned. Dialing turns it (`turn`), once a tick.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Protocol

import structlog

from dialer.compliance.outcome import Refusal
from dialer.domain.errors import StoreUnavailable
from dialer.domain.ids import AttemptId, LeadId, UserId
from dialer.pacing.floor import AgentId
from dialer.pacing.preview import Choice as Read
from dialer.pacing.preview import Preview, WhenTimeIsUp, preview_moves
from dialer.ports.clock import Clock
from dialer.ports.ledger import Claim, Ledger, Refused, Skipped
from dialer.ports.people import RunningCampaign
from dialer.services.board import Board
from dialer.services.changes import Changes, DeskChanged
from dialer.services.seats import Place, Seats
from dialer.services.views.desk import PreviewLead, PreviewView
from dialer.services.views.words import Choice, Declined, Sentence

READ_SECONDS_MAX: Final = 25.0
"""Under the claim's lease, so that nobody reads a lead that another node may dial."""
SKIP_SECONDS: Final = 3_600
"""A skipped lead comes up again after so long; one whose time was up at once."""
SKIP_REASONS: Final = (
    Choice("not_now", Sentence("现在不合适", "Not a good moment")),
    Choice("needs_preparation", Sentence("需要先准备", "Needs preparation first")),
    Choice("knows_caller", Sentence("认识对方，应由他人拨打", "I know the person; a colleague should call")),
    Choice("looks_wrong", Sentence("线索信息有疑问", "Something about the lead looks wrong")),
)
_NOTHING: Final = Declined(
    "preview.nothing", Sentence("现在没有可预览的线索。", "There is no lead to look at any more.")
)
_NO_REASON: Final = Declined("preview.reason", Sentence("请选择跳过的原因。", "Choose why it is skipped."))
_log = structlog.get_logger()

PlaceOne = Callable[[Claim, Callable[[AttemptId], None]], Awaitable[object]]


class PreviewReads(Protocol):
    """The database's part."""

    async def preview(self, lead: LeadId) -> PreviewLead | None:
        """Who asked, for what, and when; None: the lead is gone."""
        ...


@dataclass(frozen=True, slots=True)
class _Shown:
    claim: Claim
    lead: PreviewLead
    preview: Preview


@dataclass(slots=True)
class PreviewDesk:
    """`PreviewService`, and what dialing turns."""

    ledger: Ledger
    reads: PreviewReads
    seats: Seats
    board: Board
    clock: Clock
    changes: Changes
    _shown: dict[UserId, _Shown] = field(default_factory=dict)
    _said: dict[UserId, Sentence] = field(default_factory=dict)

    def view(self, user: UserId) -> PreviewView | None:
        """The lead on the agent's screen, and until when they may read."""
        shown = self._shown.get(user)
        if shown is None or shown.preview.choice is not Read.READING:
            return None
        left = READ_SECONDS_MAX - (self._now() - shown.preview.shown)
        return PreviewView(
            lead=shown.lead,
            until=self.clock.now() + timedelta(seconds=max(0.0, left)),
            seconds=round(READ_SECONDS_MAX),
            skip_reasons=SKIP_REASONS,
        )

    def said(self, user: UserId) -> Sentence | None:
        """Why the last lead that the agent wanted to call was not called; None: it was."""
        return self._said.get(user)

    async def call(self, user: UserId) -> Declined | None:
        """Dial the lead on the screen, with the next turn."""
        return self._choose(user, Read.ACCEPTED)

    async def skip(self, user: UserId, reason: str) -> Declined | None:
        """Put the lead back for later, with the reason."""
        if reason not in {choice.code for choice in SKIP_REASONS}:
            return _NO_REASON
        shown = self._shown.get(user)
        if shown is None:
            return _NOTHING
        del self._shown[user]
        await self.ledger.put_back(shown.claim, SKIP_SECONDS, Skipped(reason, user))
        self.changes.touch(DeskChanged(user))
        return None

    def _choose(self, user: UserId, choice: Read) -> Declined | None:
        shown = self._shown.get(user)
        if shown is None or self._now() - shown.preview.shown >= READ_SECONDS_MAX:
            return _NOTHING
        self._shown[user] = replace(shown, preview=replace(shown.preview, choice=choice))
        self.changes.touch(DeskChanged(user))
        return None

    async def turn(self, campaign: RunningCampaign, place: PlaceOne) -> int:
        """Show, dial and put back what is due in one preview campaign; how many calls were placed."""
        name = campaign.campaign_id
        ready = {
            AgentId(a.user_id): self.board.since(a)
            for a in self.seats.ready(name)
            if self.board.counts_for(a, name)
        }
        mine = {
            AgentId(user): shown.preview
            for user, shown in self._shown.items()
            if shown.claim.campaign_id == name
        }
        moves = preview_moves(
            self._now(), ready, mine, campaign.leads_due, READ_SECONDS_MAX, WhenTimeIsUp.SKIP
        )
        for agent in moves.skip:
            await self._put_back(UserId(agent))
        placed = 0
        for agent in moves.dial:
            placed += await self._dial(UserId(agent), place)
        for agent in moves.show:
            await self._show(UserId(agent), campaign)
        return placed

    async def _show(self, user: UserId, campaign: RunningCampaign) -> None:
        agent = self.seats.of_user(user)
        if agent is None:
            return
        spoken = agent.languages or None
        claims = await self.ledger.claim(campaign.campaign_id, 1, spoken)
        for claim in claims:
            lead = await self.reads.preview(claim.lead_id)
            if lead is None or user in self._shown:
                await self.ledger.put_back(claim, 0, None)
                continue
            self._shown[user] = _Shown(claim, lead, Preview(self._now(), Read.READING))
            self.changes.touch(DeskChanged(user))

    async def _dial(self, user: UserId, place: PlaceOne) -> int:
        shown = self._shown.pop(user)
        reserved: list[AttemptId] = []

        def reserve(attempt_id: AttemptId) -> None:
            reserved.append(attempt_id)
            self.seats.move(user, Place.RESERVED, self.clock.now(), attempt_id)

        answer = await place(shown.claim, reserve)
        self._said.pop(user, None)
        if isinstance(answer, Refused):
            self._said[user] = _why(answer.refusal)
        self.changes.touch(DeskChanged(user))
        agent = self.seats.of_user(user)
        if not reserved or agent is None:
            return 0
        if agent.attempt_id == reserved[0] and self.board.campaign_of(reserved[0]) is None:
            # the exchange took no call: the agent is free again
            self.seats.move(user, Place.READY, self.clock.now(), None)
            return 0
        return 1

    async def _put_back(self, user: UserId) -> None:
        shown = self._shown.pop(user)
        try:
            await self.ledger.put_back(shown.claim, 0, None)
        except StoreUnavailable:
            # the claim's lease brings the lead back
            _log.warning("preview.not_put_back")
        self.changes.touch(DeskChanged(user))

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _why(refusal: Refusal) -> Sentence:
    first = refusal.objections[0]
    return Sentence(f"未拨打：{first.sentence_zh}", f"Not called: {first.sentence_en}")
