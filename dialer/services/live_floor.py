"""What only this process knows of the floor: `LiveFloor` from seats and pacing board."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.pacing.why import sentence_of
from dialer.ports.clock import Clock
from dialer.services.agent_desk import DESK_STATES
from dialer.services.board import Board
from dialer.services.seats import Place, Seats
from dialer.services.views.live import AgentNow
from dialer.services.views.words import Sentence

LONG_WRAP_SECONDS = 25
_STAFFED = frozenset({Place.READY, Place.RESERVED, Place.TALKING, Place.CLOSING, Place.WRAPPING})


@dataclass(slots=True)
class SeatsLiveFloor:
    """Reads, never waits. Staffed time is counted by `tick`, once a second."""

    seats: Seats
    board: Board
    clock: Clock
    warning: Callable[[AttemptId], Sentence | None]
    """What was heard in a talk that a supervisor must know."""
    _staffed: dict[UserId, float] = field(default_factory=dict)

    def tick(self, seconds: float) -> None:
        """Count `seconds` for everyone who is staffed now."""
        for agent in self.seats.all():
            if agent.place in _STAFFED:
                self._staffed[agent.user_id] = self._staffed.get(agent.user_id, 0.0) + seconds

    def agent(self, user: UserId) -> AgentNow | None:
        """The agent now, None: not at the floor."""
        agent = self.seats.of_user(user)
        if agent is None:
            return None
        alert: Sentence | None = None
        if agent.place is Place.CLOSING:
            alert = Sentence("对方已拒绝来电，正在收尾。", "The person refused further calls; closing.")
        elif (
            agent.place is Place.WRAPPING
            and (self.clock.now() - agent.since).total_seconds() > LONG_WRAP_SECONDS
        ):
            alert = Sentence("话后处理时间较长。", "Long wrap-up.")
        if agent.attempt_id is not None and alert is None:
            alert = self.warning(agent.attempt_id)
        return AgentNow(
            state=DESK_STATES[agent.place],
            since=agent.since,
            attempt_id=agent.attempt_id,
            staffed_seconds_today=int(self._staffed.get(user, 0.0)),
            alert=alert,
            pause_code=agent.pause_reason if agent.place is Place.PAUSED else None,
        )

    def pacer(self, campaign: CampaignId) -> Sentence | None:
        """The pacer's own sentence."""
        plan = self.board.plans.get(campaign)
        if plan is None:
            return None
        said = sentence_of(plan.why)
        return Sentence(said.zh, said.en)
