"""What only the running process knows of the floor: who does what right now, and what the pacer is thinking."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.services.views.desk import DeskState
from dialer.services.views.words import Sentence


@dataclass(frozen=True, slots=True)
class AgentNow:
    """One agent at this moment. `staffed_seconds_today`: ready, in calls or wrapping up, since the day began.

    `pause_code`: why a paused agent pauses, of the organisation's register.
    """

    state: DeskState
    since: datetime
    attempt_id: AttemptId | None
    staffed_seconds_today: int
    alert: Sentence | None
    pause_code: str | None = None


class LiveFloor(Protocol):
    """Answered by the services that hold the desks and pace the campaigns; nothing here waits or reads a database."""

    def agent(self, user: UserId) -> AgentNow | None:
        """The agent, or None when nobody has logged in as them since the process started."""
        ...

    def pacer(self, campaign: CampaignId) -> Sentence | None:
        """What the pacer does in that campaign and why, in one sentence; None: it has not looked at it yet."""
        ...
