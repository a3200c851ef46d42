"""What came of simulated days, for people: bands of figures by method. Shares in parts per million."""

from dataclasses import dataclass
from enum import StrEnum

from dialer.services.views.words import Sentence


@dataclass(frozen=True, slots=True)
class BandView:
    """A figure over many days: the mean, and the tenth and ninetieth of a hundred days."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class IdleView:
    """Why agents were idle: the pacer's reason, and its part of all idle time (parts per million)."""

    reason: Sentence
    share_ppm: int


class MethodKind(StrEnum):
    """Whose method it is: a mode that a campaign can choose, what the field does, or the bound of all."""

    OURS = "ours"
    FIELD = "field"
    BOUND = "bound"


@dataclass(frozen=True, slots=True)
class MethodView:
    """One method over all days.

    utilisation, abandoned_share: parts per million. dials_an_hour: calls. finished_hours: hours until the list was done,
    None where the shift always ended first. over_days: share of days (parts per million) that ended over the cap.
    """

    method: str
    name: Sentence
    kind: MethodKind
    utilisation: BandView
    abandoned_share: BandView
    dials_an_hour: BandView
    finished_hours: BandView | None
    over_days_ppm: int
    idle: tuple[IdleView, ...]


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """Methods side by side in one world. what_if: the same days after the change that was asked about."""

    name: str
    agents: int
    shift_hours: float
    days: int
    cap_ppm: int
    seed: int
    methods: tuple[MethodView, ...]
    what_if: tuple[MethodView, ...]


class RunState(StrEnum):
    """Where a simulation is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SimulationView:
    """A simulation that somebody asked for. done_ppm: how much of it is done. history_calls: calls of the campaign's own
    past that the world was made of, None: textbook laws."""

    id: str
    state: RunState
    done_ppm: int
    history_calls: int | None
    comparison: ComparisonView | None


class ForecastState(StrEnum):
    """Whether there is a forecast: it is here, it is being reckoned, or the mode leaves nothing to forecast."""

    READY = "ready"
    RECKONING = "reckoning"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ForecastView:
    """What a day would bring to one campaign as it is set now. sentence: that in words, or why there is none.

    utilisation_ppm, abandoned_ppm: means, 0 where there is no forecast. from_history: its own calls, else textbook laws.
    """

    state: ForecastState
    agents: int
    from_history: bool
    utilisation_ppm: int
    abandoned_ppm: int
    sentence: Sentence
