"""What keeps the installation going, for supervisors and administrators: timers, and stops in force."""

from dataclasses import dataclass
from datetime import datetime

from dialer.services.views.words import Sentence


@dataclass(frozen=True, slots=True)
class JobView:
    """A timer of the dialer's process: its last run. `failure` is the kind of failure; None: it went well."""

    name: str
    every_seconds: float
    last_run_at: datetime | None
    took_ms: int | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class JobList:
    """All timers by name."""

    items: tuple[JobView, ...]


@dataclass(frozen=True, slots=True)
class StopRow:
    """One reason why nothing is dialled, or was until `lifted_at`. `platform_wide`: for every organisation here."""

    id: str
    code: str
    sentence: Sentence
    campaign_id: str | None
    platform_wide: bool
    since: datetime
    log_says: str | None
    exchange_says: str | None
    lifted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StopRows:
    """Stops in force, newest first."""

    items: tuple[StopRow, ...]
