"""The most talk time that any policy can have in a world without memory, by relative value iteration.

A floor is (busy agents, ringing calls). A ringing call is decided at rate 1/ring: with probability p it is answered, by
a free agent or by nobody (abandoned at once); else it ends. A busy agent is free again at rate 1/hold. A policy may add
calls at any moment. Wanted: the largest mean share of busy agents with abandoned ≤ cap · answered in the long run. With
a price λ on A − cap·L this is an average-reward problem, and the smallest value over λ is the constrained optimum.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SPAN_MAX = 1e-5
STEPS_MAX = 60_000
PRICES = 22


def optimum(agents: int, answer_share: float, ring_seconds: float, hold_seconds: float, cap: float) -> float:
    """The optimal share of busy time, 0–1."""
    most_ringing = int(6 + agents * 1.2 + 12 / answer_share**0.5)
    golden = (5**0.5 - 1) / 2
    low, high = 0.0, 8.0
    found: dict[float, float] = {}

    def value(log_price: float) -> float:
        if log_price not in found:
            price = float(np.expm1(log_price))
            found[log_price] = _gain(
                agents,
                most_ringing,
                answer_share,
                1 / ring_seconds,
                1 / hold_seconds,
                cap,
                price * hold_seconds / 10,
            )
        return found[log_price]

    for _ in range(PRICES):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if value(left) < value(right):
            high = right
        else:
            low = left
    return min(found.values()) / agents


def _gain(
    agents: int, most: int, answer_share: float, ring_rate: float, free_rate: float, cap: float, price: float
) -> float:
    """Largest mean of busy − price · (abandoned − cap · answered) a second."""
    busy = np.arange(agents + 1, dtype=np.float64)[:, None]
    ringing = np.arange(most + 1, dtype=np.float64)[None, :]
    pace = agents * free_rate + most * ring_rate
    answers, others = ringing * ring_rate * answer_share, ringing * ring_rate * (1.0 - answer_share)
    frees = busy * free_rate
    stays = pace - answers - others - frees
    reward = busy + price * answers * (cap - (busy == agents))
    value: Floats = np.zeros((agents + 1, most + 1))
    gain = 0.0
    for _ in range(STEPS_MAX):
        fewer = np.concatenate((value[:, :1], value[:, :-1]), axis=1)
        joined = np.concatenate((fewer[1:], fewer[-1:]))
        freed = np.concatenate((value[:1], value[:-1]))
        after = (reward + answers * joined + others * fewer + frees * freed + stays * value) / pace
        # a policy may add calls at once, never take one back
        best = np.maximum.accumulate(after[:, ::-1], axis=1)[:, ::-1]
        change = best - value
        gain = float(change.max() + change.min()) / 2.0 * pace
        value = best - best[0, 0]
        if float(change.max() - change.min()) * pace < SPAN_MAX * agents:
            break
    return gain
