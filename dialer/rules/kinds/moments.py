"""When and how often: window, holidays, frequency, gap, concurrency, terms of consent."""

from dataclasses import dataclass
from typing import Annotated

from dialer.domain.purpose import Purpose
from dialer.rules.kinds.words import Day, Effect, Need, Period
from dialer.rules.strictness import Combine, Span


@dataclass(frozen=True, slots=True)
class Window:
    """Hours in which a phone may ring, callee's local time, over every zone it may be in. [] = closed all day."""

    weekday: Annotated[Span | None, Combine.OVERLAP]
    saturday: Annotated[Span | None, Combine.OVERLAP]
    sunday: Annotated[Span | None, Combine.OVERLAP]


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days on which nobody is called, by a shipped calendar; a year that it doesn't know refuses."""

    calendar: Annotated[str, Combine.KEY]
    makeup_workdays: Annotated[Day, Combine.FIRST]
    weekends: Annotated[Day, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class FrequencyCallee:
    """Attempts at one callee over the whole platform, counting this one."""

    per_24_hours_max: Annotated[int, Combine.LEAST]
    per_30_days_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class Gap:
    """Minutes between the end of an attempt and the next one at the same callee."""

    minutes_min: Annotated[int, Combine.MOST]


@dataclass(frozen=True, slots=True)
class Concurrency:
    """Open attempts at one callee, counting this one (没有呼死你)."""

    open_attempts_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class Burst:
    """Attempts at one callee within a short time, counting this one."""

    attempts_max: Annotated[int, Combine.LEAST]
    minutes: Annotated[int, Combine.MOST]


@dataclass(frozen=True, slots=True)
class Abandon:
    """Answered callees without an agent, per million live answers of one campaign in the period.

    `cap_ppm` is what pacing may reach, from `stop_ppm` on nothing but agent-first calls is placed.
    """

    period: Annotated[Period, Combine.KEY]
    cap_ppm: Annotated[int, Combine.LEAST]
    stop_ppm: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class AbandonFollowUp:
    """What the next attempt at somebody we abandoned needs."""

    hours_min: Annotated[int, Combine.MOST]
    same_day: Annotated[Day, Combine.FIRST]
    agent_first: Annotated[Need, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class ConsentTerm:
    """How long a consent to a purpose lasts, from the moment it was given.

    `hours_default` holds where the text shown named no end, nothing exceeds `hours_max`, but where `first_open_day`
    is required the term reaches at least the close of the first open day after the request.
    `conversations_max` 0 = not bounded.
    """

    purpose: Annotated[Purpose, Combine.KEY]
    hours_default: Annotated[int, Combine.LEAST]
    hours_max: Annotated[int, Combine.LEAST]
    first_open_day: Annotated[Need, Combine.FIRST]
    conversations_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class Promised:
    """A promised time narrows the window: outside it the person isn't called."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class CampaignHours:
    """A campaign's own hours narrow the window: outside them its leads aren't called."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class ClockTrust:
    """How wrong the clock may be, and how far behind the log's newest time."""

    error_ms_max: Annotated[int, Combine.LEAST]
    behind_log_ms_max: Annotated[int, Combine.LEAST]


MOMENTS = (
    Window,
    Holidays,
    FrequencyCallee,
    Gap,
    Concurrency,
    Burst,
    Abandon,
    AbandonFollowUp,
    ConsentTerm,
    Promised,
    CampaignHours,
    ClockTrust,
)
