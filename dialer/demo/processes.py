"""The demo's own processes: started together, stopped together, each with its log in the home."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from dialer.demo.stage import Stage
from dialer.domain.errors import InstallationError
from dialer.processes.accounts import groups_of
from dialer.processes.init import Users
from dialer.settings import ENVIRONMENT

ONCE = "DIALER_DEMO_ONCE"
"""Set: nobody asks for a call but the people of the sample list."""
UP_SECONDS_MAX = 90.0
STOP_SECONDS_MAX = 8.0
MODULES = {
    "gate": "dialer.processes.gate",
    "signer": "dialer.processes.signer",
    "witness": "dialer.processes.witness",
    "speech": "dialer.processes.speech",
    "dialer": "dialer.demo.floor",
}


class Child:
    """One process of ours."""

    def __init__(self, stage: Stage, name: str) -> None:
        self._stage = stage
        self.name = name
        self._process: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        """Where its lines go."""
        return self._stage.home / "log" / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def start(self) -> None:
        """Start it."""
        environment = {**os.environ, ENVIRONMENT: str(self._stage.settings_file)}
        who = groups_of(self.name) if self._stage.users is Users.ONE_EACH else None
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                MODULES[self.name],
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=who[0] if who else None,
                group=who[1] if who else None,
                extra_groups=who[2] if who else None,
                umask=0o007,
                cwd="/" if who else None,
            )

    async def stop(self) -> None:
        """End it politely, then surely."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS_MAX)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def check(self) -> None:
        """Raises InstallationError with its last words when it has ended by itself."""
        if self._process is not None and self._process.returncode is not None:
            words = self.log.read_text(errors="replace").strip().splitlines()
            said = words[-1] if words else "nothing"
            raise InstallationError(f"the {self.name} process ended: {said}")


async def wait_for_socket(child: Child, path: Path) -> None:
    """Wait until a process serves its socket."""
    deadline = asyncio.get_running_loop().time() + UP_SECONDS_MAX
    while asyncio.get_running_loop().time() < deadline:
        child.check()
        if await asyncio.to_thread(path.exists):
            return
        await asyncio.sleep(0.05)
    raise InstallationError(f"the {child.name} process did not come up")


async def wait_for_port(child: Child, port: int) -> None:
    """Wait until a process listens."""
    deadline = asyncio.get_running_loop().time() + UP_SECONDS_MAX
    while asyncio.get_running_loop().time() < deadline:
        child.check()
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise InstallationError(f"the {child.name} process did not come up")
