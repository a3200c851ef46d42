"""What every process does the same: settings, log lines, serving an application until told to stop."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import ssl
import sys
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path

import structlog
from aiohttp import web
from structlog.typing import EventDict

from dialer.domain.errors import InstallationError
from dialer.settings import ENVIRONMENT, Settings, read_settings

SHUTDOWN_SECONDS = 3.0
SOCKET_MODE = 0o660
PLACES_MAX = 12
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}|(?<![\w.])(?:86)?1[3-9][0-9]{9}(?![\w.])")


def without_words(_: object, __: str, event: EventDict) -> EventDict:
    """An exception by its type and its places: its text may repeat what somebody typed, or a row of the database."""
    told = event.pop("exc_info", None)
    bug = told if isinstance(told, BaseException) else sys.exc_info()[1] if told else None
    if bug is not None:
        event["failure"] = type(bug).__name__
        event["places"] = [
            f"{Path(frame.filename).name}:{frame.lineno}" for frame in traceback.extract_tb(bug.__traceback__)
        ][-PLACES_MAX:]
    return event


def without_numbers(_: object, __: str, event: EventDict) -> EventDict:
    """Nothing of ours logs a number; should something ever do so, it doesn't get into the log."""
    return {name: _hidden(value) for name, value in event.items()}


def _hidden(value: object) -> object:
    if isinstance(value, str):
        return _NUMBER.sub("[number]", value)
    if isinstance(value, list | tuple):
        return [_hidden(each) for each in value]
    if isinstance(value, dict):
        return {name: _hidden(each) for name, each in value.items()}
    return value


def configure_log(process: str) -> None:
    """JSON lines on standard error, fixed words and ids, never a number or a name."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_words,
            without_numbers,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(process=process)


async def serve_on_socket(app: web.Application, path: Path) -> web.AppRunner:
    """Serve on a unix socket of the process's group."""
    path.unlink(missing_ok=True)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    await web.UnixSite(runner, str(path)).start()
    path.chmod(SOCKET_MODE)
    return runner


async def serve_on_port(
    app: web.Application, host: str, port: int, tls: ssl.SSLContext | None
) -> web.AppRunner:
    """Serve on TCP.

    Raises:
        InstallationError: the port is taken.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
    except OSError as taken:
        await runner.cleanup()
        raise InstallationError(f"port {port} on {host} is taken: {os.strerror(taken.errno or 0)}") from taken
    return runner


async def until_told() -> None:
    """Wait for SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


def main(process: str, run: Callable[[Settings], Coroutine[None, None, None]]) -> None:
    """The entry of a process: settings from the environment, one clear sentence on what stops the start."""
    configure_log(process)
    try:
        settings = read_settings(Path(os.environ.get(ENVIRONMENT, "dialer.toml")))
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run(settings))
    except InstallationError as wrong:
        print(f"{process}: {wrong}", file=sys.stderr)
        sys.exit(78)
