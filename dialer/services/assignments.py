"""Moving agents between the queues of running campaigns.

What is joined counts at once. What is left counts until no ringing call counts on the agent any more, as with a pause:
the promise to whoever may answer holds. A talk under way is not touched. Whether an agent may work a campaign (training,
language, purpose) is the gate's to say, at each call.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.services.board import Board
from dialer.services.campaign_control import FloorViews
from dialer.services.changes import Changes, DeskChanged, FloorChanged
from dialer.services.seats import Place, Seats
from dialer.services.views.floor import FloorView
from dialer.services.views.words import Declined, Sentence

CHANGED_MEANWHILE: Final = Declined(
    "agents.changed_meanwhile",
    Sentence(
        "该坐席的任务刚被他人调整，请按现状重新选择。",
        "Somebody else just changed this agent's campaigns. Look at them as they are now, and choose again.",
    ),
)
NOT_YOURS: Final = Declined(
    "agents.not_yours",
    Sentence("所选任务不存在或不属于本机构。", "A chosen campaign isn't there or isn't your organisation's."),
)


class Assigned(Enum):
    """What a change of an agent's campaigns came to."""

    DONE = "done"
    CHANGED_MEANWHILE = "changed_meanwhile"
    NOT_YOURS = "not_yours"
    NOT_THERE = "not_there"


class AssignmentStore(Protocol):
    """Storage's part."""

    async def assign(
        self,
        org: OrganisationId,
        by: UserId,
        agent: UserId,
        campaigns: frozenset[CampaignId],
        was: frozenset[CampaignId],
    ) -> Assigned:
        """Set an agent's campaigns where they still are `was`; on the log, in one transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Assignments:
    """`AssignmentService`."""

    store: AssignmentStore
    seats: Seats
    board: Board
    floor: FloorViews
    changes: Changes

    async def assign(
        self,
        org: OrganisationId,
        by: UserId,
        agent: UserId,
        campaigns: Sequence[CampaignId],
        was: Sequence[CampaignId],
    ) -> FloorView | Declined | None:
        """The agent works these campaigns from now on."""
        wanted = frozenset(campaigns)
        match await self.store.assign(org, by, agent, wanted, frozenset(was)):
            case Assigned.NOT_THERE:
                return None
            case Assigned.CHANGED_MEANWHILE:
                return CHANGED_MEANWHILE
            case Assigned.NOT_YOURS:
                return NOT_YOURS
            case Assigned.DONE:
                self._seat(agent, wanted)
                self.changes.touch(DeskChanged(agent), FloorChanged(org))
                return await self.floor.view(org)

    def _seat(self, agent: UserId, wanted: frozenset[CampaignId]) -> None:
        seated = self.seats.of_user(agent)
        if seated is None:
            return
        if seated.place is Place.READY and not self.board.may_pause(seated):
            self.seats.join_when_free(agent, wanted)
        else:
            self.seats.join(agent, wanted)
