"""How fast to spend the day's allowance of abandoned calls.

Each live answer earns `cap` of a token, each abandoned call costs one, and below one token nothing may be risked. Talk
time grows with the logarithm of the share of abandoned calls σ (measured, and it follows from the normal law of the
floor). Abandoned calls come in clusters of j with probability g_j: where one callee finds nobody, the next may not
either. The best spending then solves

    −∂V/∂T = max over σ of  ln σ − σ·ℓ(b) + ∂V/∂b,    ℓ(b) = Σ g_j·[V(b) − V(b−j)] / Σ j·g_j,    hence σ*(b, T) = 1/ℓ(b)

with b tokens in hand and T still to be earned, both counted in tokens, σ in units of the cap: one table for every cap.
What a blocked team (b < 1) loses depends on its size: small teams lose little. Going below zero costs OVER_COST more.
"""

from dataclasses import dataclass

import numpy as np

from dialer.pacing.laws import Floats

STEPS_A_TOKEN = 20
TOKENS_MAX = 16
EARN_MAX = 32
SPEND_MAX = 8.0
BLOCKED_SPEND_LEAST = 0.004
CLUSTER_RATIO_MAX = 0.3
"""Share of clusters of abandoned calls that go on after each call (simulated floors of 25 to 100 agents)."""
CLUSTER_MAX = 5
OVER_COST = 30.0
"""What going over the cap costs, in the unit of V: as much as losing a factor e of σ for so many tokens."""


def blocked_spend(agents: float) -> float:
    """The σ whose talk time equals that of a team which may risk nothing. Falls from 0.17 at 2 agents to 0.004."""
    return float(max(BLOCKED_SPEND_LEAST, 0.2 * np.exp(-agents / 12.0)))


def cluster_ratio(agents: float) -> float:
    """How often one abandoned call is followed by the next: rarely where few calls ring at once."""
    return float(CLUSTER_RATIO_MAX * (1.0 - np.exp(-agents / 10.0)))


@dataclass(frozen=True, slots=True)
class SpendTable:
    """σ* by tokens still to be earned (rows, whole tokens) and tokens in hand (columns, 1/STEPS_A_TOKEN)."""

    spend: Floats

    def at(self, tokens: float, to_earn: float) -> float:
        """σ* in units of the cap; 0 below one token."""
        if not tokens >= 1.0:
            return 0.0
        column = min(int(tokens * STEPS_A_TOKEN), self.spend.shape[1] - 1)
        below = min(max(to_earn, 0.0), EARN_MAX - 1e-9)
        row = int(below)
        upper, lower = self.spend[row + 1, column], self.spend[row, column]
        return float(lower + (upper - lower) * (below - row))


def spend_table(agents: float) -> SpendTable:
    """Solve the equation backwards from the end of the day. Some ten milliseconds: made off the path of a decision."""
    columns = TOKENS_MAX * STEPS_A_TOKEN + 1
    sizes = np.arange(1, CLUSTER_MAX + 1)
    chances = cluster_ratio(agents) ** (sizes - 1.0)
    chances /= (chances * sizes).sum()
    below = np.arange(columns)[None, :] - sizes[:, None] * STEPS_A_TOKEN
    over = (below < 0) * OVER_COST
    below = np.maximum(below, 0)
    value = np.zeros(columns)
    blocked = np.log(blocked_spend(agents))
    step = 1.0 / STEPS_A_TOKEN
    spend = np.zeros((EARN_MAX + 1, columns))
    spend[0, STEPS_A_TOKEN:] = SPEND_MAX
    for tick in range(1, EARN_MAX * STEPS_A_TOKEN + 1):
        later = np.append(value[1:], value[-1])
        loss = np.maximum(chances @ (later[None, :] - later[below] + over), 1.0 / SPEND_MAX)
        best = 1.0 / loss
        value = later + step * (np.log(best) - 1.0)
        value[:STEPS_A_TOKEN] = later[:STEPS_A_TOKEN] + step * blocked
        if tick % STEPS_A_TOKEN == 0:
            spend[tick // STEPS_A_TOKEN, STEPS_A_TOKEN:] = best[STEPS_A_TOKEN:]
    return SpendTable(spend)
