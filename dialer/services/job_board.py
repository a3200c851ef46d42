"""Last run and result of each timer of this process, for people to see."""

from dataclasses import dataclass, field

from dialer.ports.clock import Clock
from dialer.services.views.operations import JobList, JobView


@dataclass(slots=True)
class JobBoard:
    """Written by the timers, read by the API; one event loop owns it."""

    clock: Clock
    _jobs: dict[str, JobView] = field(default_factory=dict)

    def planned(self, name: str, every_seconds: float) -> None:
        """A timer exists; it has not run yet."""
        self._jobs[name] = JobView(name, every_seconds, None, None, None)

    def ran(self, name: str, took_seconds: float, failure: str | None) -> None:
        """A run ended now, by the product's clock."""
        every = self._jobs[name].every_seconds
        self._jobs[name] = JobView(name, every, self.clock.now(), int(took_seconds * 1000), failure)

    async def jobs(self) -> JobList:
        """All of them by name."""
        return JobList(tuple(self._jobs[name] for name in sorted(self._jobs)))
