"""Preview mode: the agent sees the lead before it is dialled, with a timer.

    free ──show──▶ reading ──accepted──▶ dial ──▶ (the call)
                     │  ├───skipped────▶ free again, the lead goes back
                     │  └───timer──────▶ dial or skip, as the campaign says

Each dialled call belongs to the one agent who saw it, so there is nothing to predict and nobody to abandon.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialer.pacing.floor import AgentId


class WhenTimeIsUp(StrEnum):
    """What a preview does when the agent has not decided in time."""

    DIAL = "dial"
    SKIP = "skip"


class Choice(StrEnum):
    """What the agent has decided about the lead on the screen."""

    READING = "reading"
    ACCEPTED = "accepted"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Preview:
    """A lead on an agent's screen since `shown` (seconds)."""

    shown: float
    choice: Choice


@dataclass(frozen=True, slots=True)
class PreviewMoves:
    """Agents whose turn has come, in the order in which they should be served."""

    show: tuple[AgentId, ...]
    dial: tuple[AgentId, ...]
    skip: tuple[AgentId, ...]


def preview_moves(
    now: float,
    ready: Mapping[AgentId, float],
    previews: Mapping[AgentId, Preview],
    leads_left: int,
    read_seconds_max: float,
    time_up: WhenTimeIsUp,
) -> PreviewMoves:
    """What to do at `now`. Agents ready longest are shown a lead first; an agent who left is never dialled for."""
    free = sorted((since, agent) for agent, since in ready.items() if agent not in previews)
    dial: list[AgentId] = []
    skip: list[AgentId] = []
    for agent, preview in sorted(previews.items(), key=lambda item: (item[1].shown, item[0])):
        late = now - preview.shown >= read_seconds_max
        accepted = preview.choice is Choice.ACCEPTED or (
            preview.choice is Choice.READING and late and time_up is WhenTimeIsUp.DIAL
        )
        if agent not in ready or preview.choice is Choice.SKIPPED or (late and not accepted):
            skip.append(agent)
        elif accepted:
            dial.append(agent)
    return PreviewMoves(tuple(agent for _, agent in free[: max(0, leads_left)]), tuple(dial), tuple(skip))
