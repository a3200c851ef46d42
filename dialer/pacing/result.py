"""What came of simulated days: one day's figures, and bands over many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class DayResult:
    """What came of a day. Seconds are agent-seconds within the shift; excess is A − cap·L in calls.

    utilisation: (talk + wrap) / (talk + wrap + ready), 0 where nobody worked. excess_max: the most at any instant
    from the first answer on; excess_end: after the last conversation. finished_seconds: when the list was done, None
    where the shift ended first. idle_seconds: agent-seconds of readiness by the pacer's reason.
    """

    utilisation: float
    busy_seconds: float
    ready_seconds: float
    dials: int
    live: int
    abandoned: int
    excess_max: float
    excess_end: float
    finished_seconds: float | None
    idle_seconds: dict[str, float]

    @property
    def abandoned_share(self) -> float:
        """A/L, 0 where nobody answered."""
        return self.abandoned / self.live if self.live else 0.0


@dataclass(frozen=True, slots=True)
class Band:
    """A figure over many days: mean, and the tenth and ninetieth of a hundred days."""

    mean: float
    low: float
    high: float


def band(values: Sequence[float]) -> Band:
    """The band of at least one value."""
    array = np.asarray(values, dtype=np.float64)
    return Band(float(array.mean()), float(np.quantile(array, 0.1)), float(np.quantile(array, 0.9)))


@dataclass(frozen=True, slots=True)
class Summary:
    """Many days of one world under one method.

    utilisation and abandoned_share: shares. touched_days: share of days on which A passed cap·L at any instant;
    excess_max: by how many calls at most; over_days: share of days that ended over the cap.
    finished_hours: None where no day finished its list. idle_seconds: mean agent-seconds a day by reason.
    """

    days: int
    utilisation: Band
    abandoned_share: Band
    abandoned: Band
    live: Band
    dials_an_hour: Band
    finished_hours: Band | None
    touched_days: float
    over_days: float
    excess_max: float
    idle_seconds: dict[str, float]


EXCESS_SLACK = 1e-9
"""A − cap·L is computed in floating point."""


def summarise(days: Sequence[DayResult], shift_seconds: float) -> Summary:
    """Figures over at least one day."""
    finished = [day.finished_seconds / 3600.0 for day in days if day.finished_seconds is not None]
    reasons = sorted({reason for day in days for reason in day.idle_seconds})
    return Summary(
        days=len(days),
        utilisation=band([day.utilisation for day in days]),
        abandoned_share=band([day.abandoned_share for day in days]),
        abandoned=band([day.abandoned for day in days]),
        live=band([day.live for day in days]),
        dials_an_hour=band([day.dials * 3600.0 / (day.finished_seconds or shift_seconds) for day in days]),
        finished_hours=band(finished) if finished else None,
        touched_days=sum(day.excess_max > EXCESS_SLACK for day in days) / len(days),
        over_days=sum(day.excess_end > EXCESS_SLACK for day in days) / len(days),
        excess_max=max(day.excess_max for day in days),
        idle_seconds={
            reason: sum(day.idle_seconds.get(reason, 0.0) for day in days) / len(days) for reason in reasons
        },
    )
