"""Webhook tries, for Prometheus: by what came of them, never by address, organisation or event."""

from prometheus_client import CollectorRegistry, Counter

from dialer.services.webhooks import Post, Posted

TAKEN = "taken"


class MeteredPost:
    """A `Post` whose tries are counted: taken, the class of another status, or why there was no answer."""

    def __init__(self, post: Post, registry: CollectorRegistry) -> None:
        self._post = post
        self._tries = Counter(
            "dialer_webhook_tries",
            "Tries to deliver a message, by what came of them",
            ["result"],
            registry=registry,
        )
        self._tries.labels(TAKEN)  # a zero is seen before the first one

    async def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Posted:
        posted = await self._post(url, headers, body)
        self._tries.labels(_result(posted)).inc()
        return posted


def _result(posted: Posted) -> str:
    if posted.is_taken:
        return TAKEN
    return posted.result if posted.status is None else f"{posted.status // 100}xx"
