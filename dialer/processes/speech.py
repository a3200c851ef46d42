"""The speech worker: the exchange's forks come in over AudioSocket, what is heard goes out to the dialer. No database."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Final

import structlog
from aiohttp import web

from dialer.domain.errors import InstallationError
from dialer.ports.speech import Keyphrase, Side, WorkerBeat, WorkerReport
from dialer.processes.serving import main, serve_on_socket, until_told
from dialer.rules.spoken import keyphrases
from dialer.settings import Settings
from dialer.speech.door import BEAT_SECONDS, to_line
from dialer.speech.spotters import SpotterChoice, load_spotters
from dialer.speech.streams import Streams

LINES_QUEUED_MAX: Final = 2_000
HOST: Final = "127.0.0.1"
_log = structlog.get_logger()


class Worker:
    """Streams, and the dialers that listen to what they give."""

    def __init__(self, port: int, streams: Streams, missing: tuple[str, ...]) -> None:
        self.port = port
        self.streams = streams
        self._missing = missing
        self._readers: set[asyncio.Queue[bytes]] = set()

    def tell(self, report: WorkerReport) -> None:
        """To everyone who reads. A reader that doesn't keep up is cut off: it asks anew and knows that it missed some."""
        line = to_line(report)
        for queue in list(self._readers):
            try:
                queue.put_nowait(line)
            except asyncio.QueueFull:
                self._readers.discard(queue)

    def beat(self) -> WorkerBeat:
        """How it goes."""
        return WorkerBeat(self.streams.lag_ms(), self.streams.count(), self._missing)

    async def expect(self, request: web.Request) -> web.Response:
        """A stream's address and secret name."""
        try:
            side = Side(request.query.get("side", ""))
        except ValueError:
            return web.Response(status=400)
        said = {"host": HOST, "port": self.port, "stream": self.streams.expect(side)}
        return web.Response(text=json.dumps(said), content_type="application/json")

    async def end(self, request: web.Request) -> web.Response:
        """End a stream."""
        self.streams.end(request.query.get("stream", ""))
        return web.Response()

    async def reports(self, request: web.Request) -> web.StreamResponse:
        """Every report from now on, one line each, and a beat when there is nothing to say."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(LINES_QUEUED_MAX)
        answer = web.StreamResponse()
        await answer.prepare(request)
        self._readers.add(queue)
        try:
            await answer.write(to_line(self.beat()))
            while queue in self._readers:
                try:
                    async with asyncio.timeout(BEAT_SECONDS):
                        line = await queue.get()
                except TimeoutError:
                    line = to_line(self.beat())
                await answer.write(line)
        except ConnectionError:
            pass
        finally:
            self._readers.discard(queue)
        return answer


def build_worker_app(worker: Worker) -> web.Application:
    """The worker's door for the dialer."""
    app = web.Application()
    app.router.add_post("/streams", worker.expect)
    app.router.add_post("/end", worker.end)
    app.router.add_get("/reports", worker.reports)
    return app


def choices_of(settings: Settings) -> tuple[SpotterChoice, ...]:
    """The recognisers that the settings name.

    Raises:
        InstallationError: the settings have no part for speech.
    """
    if settings.speech is None:
        raise InstallationError("the settings have no part [speech]")
    return tuple(SpotterChoice(s.name, s.language, s.model, s.trust) for s in settings.speech.spotters)


def listened_for() -> Mapping[str, tuple[Keyphrase, ...]]:
    """The phrases of each language for recognisers that find phrases."""
    found: dict[str, tuple[Keyphrase, ...]] = {}
    for (language, speaker), phrases in keyphrases().items():
        said = tuple(Keyphrase(p.words, p.threshold, Side(speaker)) for p in phrases)
        found[language] = found.get(language, ()) + said
    return found


async def run(settings: Settings) -> None:
    """Serve until told to stop. A recogniser that is missing is said with each beat; the others work."""
    choices = choices_of(settings)
    spotters, missing = await asyncio.to_thread(load_spotters, choices, listened_for())
    for sentence in missing:
        _log.warning("speech.spotter_missing", why=sentence)
    worker: Worker

    def tell(report: WorkerReport) -> None:
        worker.tell(report)

    streams = Streams(spotters, tell)
    assert settings.speech is not None
    try:
        server = await asyncio.start_server(streams.connected, HOST, settings.speech.port)
    except OSError as taken:
        raise InstallationError(f"the speech worker's port {settings.speech.port} is taken") from taken
    worker = Worker(server.sockets[0].getsockname()[1], streams, missing)
    runner = await serve_on_socket(build_worker_app(worker), settings.socket("speech"))
    try:
        await until_told()
    finally:
        server.close()
        streams.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 1.0)
        await runner.cleanup()


if __name__ == "__main__":
    main("speech", run)
