"""The floor and the log, for Prometheus: counts by place, state and event type, never an id, a person or a number."""

from collections import Counter as Tally
from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter, Gauge

from dialer.services.alerts import Alerts
from dialer.services.board import Board
from dialer.services.seats import Place, Seats

LogNews = Callable[[int | None], Awaitable[tuple[dict[str, int], int]]]
"""How often each type of event came after the first n leaves (None: after now), and the log's size now."""


class FloorMeters:
    """Gauges of now, from memory; counters of what happened since this process began, from the log."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        seats: Seats,
        board: Board,
        down: Callable[[], tuple[str, ...]],
        alerts: Alerts,
        log_news: LogNews,
    ) -> None:
        self._seats, self._board, self._down, self._alerts, self._log_news = (
            seats,
            board,
            down,
            alerts,
            log_news,
        )
        self._agents = Gauge("dialer_agents", "Agents by place", ["place"], registry=registry)
        self._calls = Gauge("dialer_calls", "Calls in the air by state", ["state"], registry=registry)
        self._away = Gauge(
            "dialer_down",
            "1 while a part without which nothing is dialled is away",
            ["part"],
            registry=registry,
        )
        self._findings = Gauge(
            "dialer_findings", "What dialer doctor would find, by gravity", ["gravity"], registry=registry
        )
        self._events = Counter(
            "dialer_log_events",
            "Events on the evidence log since this process began",
            ["type"],
            registry=registry,
        )
        self._size = Gauge("dialer_log_size", "Leaves on the evidence log", registry=registry)
        self._seen: int | None = None

    async def measure(self) -> None:
        """Set the gauges, and count what the log has gained.

        Raises:
            StoreUnavailable: the log could not be read; it is counted next time.
        """
        places = Tally(agent.place for agent in self._seats.all())
        for place in Place:
            self._agents.labels(place.value).set(places[place])
        for state, calls in self._board.in_the_air().items():
            self._calls.labels(state).set(calls)
        self._away.clear()
        for part in self._down():
            self._away.labels(part).set(1)
        self._findings.clear()
        for gravity, found in Tally(f.gravity for f in self._alerts.lasting()).items():
            self._findings.labels(gravity.value).set(found)
        await self._count()

    async def _count(self) -> None:
        events, self._seen = await self._log_news(self._seen)
        for kind, times in events.items():
            self._events.labels(kind).inc(times)
        self._size.set(self._seen)
