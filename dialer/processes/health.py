"""Asks a running process of an installation whether it does its work: `python -m dialer.processes.health NAME`.

For container health checks and monitors: exit code 0 when it does, 1 when not.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import aiohttp

from dialer.domain.errors import InstallationError
from dialer.settings import ENVIRONMENT, Settings, read_settings

SECONDS_MAX: Final = 5.0
ON_SOCKETS: Final = ("gate", "signer", "witness")


async def answers(settings: Settings, name: str) -> bool:
    """Whether the process accepts connections on its socket; for the dialer, whether it says that it is ready."""
    try:
        async with asyncio.timeout(SECONDS_MAX):
            if name in ON_SOCKETS:
                _, writer = await asyncio.open_unix_connection(str(settings.socket(name)))
                writer.close()
                return True
            return await _is_ready(settings)
    except (OSError, TimeoutError, aiohttp.ClientError):
        return False


async def _is_ready(settings: Settings) -> bool:
    scheme = "https" if settings.web.certificate else "http"
    address = f"{scheme}://{settings.web.host}:{settings.web.port}/readyz"
    # It asks itself: which authority signed the certificate is the browsers' business.
    async with aiohttp.ClientSession() as session, session.get(address, ssl=False) as response:
        return response.status == 200


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
