"""Asks a running process of an installation whether it does its work: `python -m dialer.processes.health NAME`.

For container health checks and monitors: exit code 0 when it does, 1 when not.
"""

import asyncio
import os
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp

from dialer.domain.errors import InstallationError
from dialer.settings import ENVIRONMENT, Settings, read_settings

SECONDS_MAX: Final = 5.0
ON_SOCKETS: Final = ("gate", "signer", "witness", "speech")


async def answers(settings: Settings, name: str) -> bool:
    """Whether the process accepts connections on its socket; for the dialer, whether it says that it is ready."""
    try:
        async with asyncio.timeout(SECONDS_MAX):
            if name in ON_SOCKETS:
                _, writer = await asyncio.open_unix_connection(str(settings.socket(name)))
                writer.close()
                return True
            return not await failing_parts(settings)
    except (OSError, TimeoutError, ValueError, aiohttp.ClientError):
        return False


async def failing_parts(settings: Settings) -> tuple[str, ...]:
    """The parts without which the dialer isn't ready, as it says itself; () = it is ready.

    Raises:
        aiohttp.ClientError: it doesn't answer, or not as a dialer does.
        TimeoutError: not in time.
    """
    scheme = "https" if settings.web.certificate else "http"
    address = f"{scheme}://{settings.web.host}:{settings.web.port}/readyz"
    timeout = aiohttp.ClientTimeout(total=SECONDS_MAX)
    # It asks itself: which authority signed the certificate is the browsers' business.
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(address, ssl=False) as response,
    ):
        if response.status == HTTPStatus.OK:
            return ()
        said = await response.json(content_type=None)
        named = said.get("errors", []) if isinstance(said, dict) else []
        return tuple(str(part.get("at")) for part in named) or ("dialer",)


def main(arguments: list[str]) -> int:
    """One name; settings as DIALER_SETTINGS says."""
    if len(arguments) != 1 or arguments[0] not in (*ON_SOCKETS, "dialer"):
        print(f"health: say one of {', '.join((*ON_SOCKETS, 'dialer'))}", file=sys.stderr)
        return 64
    try:
        settings = read_settings(Path(os.environ.get(ENVIRONMENT, "dialer.toml")))
    except InstallationError as wrong:
        print(f"health: {wrong}", file=sys.stderr)
        return 78
    return 0 if asyncio.run(answers(settings, arguments[0])) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
