"""How the API does, for Prometheus: operations by name and status class, never an address, a person or a number."""

from prometheus_client import CollectorRegistry, Counter, Histogram

SECONDS_BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Meters:
    """The API's own metrics in one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Counter(
            "dialer_api_answers",
            "Answers by operation and status class",
            ["operation", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "dialer_api_seconds",
            "Seconds to an answer, by operation",
            ["operation"],
            buckets=SECONDS_BUCKETS,
            registry=registry,
        )

    def answered(self, operation: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._answers.labels(operation, f"{status // 100}xx").inc()
        self._seconds.labels(operation).observe(seconds)
