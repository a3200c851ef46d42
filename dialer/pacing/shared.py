"""Several campaigns, one floor: each agent counts for exactly one campaign at a time, so that none is promised twice.

    busy agent ──── stays with the campaign of the call
    ready agent ─┬─ promised: its campaign has a ringing or waiting callee for it → stays
                 └─ spare → the campaign, of those it is skilled for and that have leads, with the fewest agents a weight

Each pacer then sees the floor of its own agents alone, and what it promises holds: an answered callee is routed to an
agent of its own campaign.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from dialer.domain.ids import CampaignId
from dialer.pacing.floor import AgentId


@dataclass(frozen=True, slots=True)
class Demand:
    """One campaign's claim. promised: ringing + waiting calls, ≥ 0. leads_left ≥ 0. weight > 0: its part of the agents."""

    campaign: CampaignId
    promised: int
    leads_left: int
    weight: float


@dataclass(frozen=True, slots=True)
class SharedAgent:
    """One agent. skills: campaigns whose calls this agent takes. counted_for: where the agent counted until now."""

    agent: AgentId
    skills: Set[CampaignId]
    counted_for: CampaignId | None
    ready: bool


def share_agents(agents: Sequence[SharedAgent], demands: Sequence[Demand]) -> Mapping[AgentId, CampaignId]:
    """For which campaign each agent counts now. Agents without a campaign that they could serve are left out.

    Promises come first: no campaign loses an agent that a callee is being rung for while another agent is spare.
    """
    counted: dict[AgentId, CampaignId] = {}
    size = {demand.campaign: 0 for demand in demands}
    owed = {demand.campaign: demand.promised for demand in demands}
    spare: list[SharedAgent] = []
    for agent in agents:
        home = agent.counted_for
        if home is None or home not in size:
            if agent.ready:
                spare.append(agent)
        elif not agent.ready:
            counted[agent.agent] = home
            size[home] += 1
        elif owed[home] > 0 and home in agent.skills:
            counted[agent.agent] = home
            size[home] += 1
            owed[home] -= 1
        else:
            spare.append(agent)
    # Those who can do least choose first: the others can go anywhere later.
    spare.sort(key=lambda agent: (len(agent.skills), agent.agent))
    left = _settle_debts(spare, owed, size, counted)
    wanted = {demand.campaign: demand for demand in demands if demand.leads_left > 0}
    for agent in left:
        choices = [wanted[campaign] for campaign in agent.skills if campaign in wanted]
        if not choices:
            if agent.counted_for in size and agent.counted_for is not None:
                counted[agent.agent] = agent.counted_for
            continue
        best = min(choices, key=lambda demand: _need(demand, size, agent))
        counted[agent.agent] = best.campaign
        size[best.campaign] += 1
    return counted


def _settle_debts(
    spare: Sequence[SharedAgent],
    owed: dict[CampaignId, int],
    size: dict[CampaignId, int],
    counted: dict[AgentId, CampaignId],
) -> list[SharedAgent]:
    """Give campaigns that have promised more than they have an agent each while there are any; the rest is returned."""
    left = []
    for agent in spare:
        short = [campaign for campaign in agent.skills if owed.get(campaign, 0) > 0]
        if short:
            campaign = max(short, key=lambda name: (owed[name], name))
            counted[agent.agent] = campaign
            size[campaign] += 1
            owed[campaign] -= 1
        else:
            left.append(agent)
    return left


def _need(demand: Demand, size: Mapping[CampaignId, int], agent: SharedAgent) -> tuple[float, str]:
    """Smaller is needier. Staying counts as one agent less, so that agents don't swing from tick to tick."""
    stays = 1 if demand.campaign == agent.counted_for else 0
    return ((size[demand.campaign] + 1 - stays) / demand.weight, demand.campaign)
