"""Starts, watches and stops one Asterisk instance as a child process of ours.

A start either ends with every module running, or fails with one clear sentence and leaves no process behind. A stop
is certain: a polite signal, a bounded wait, then the signal that nobody can refuse, for the whole process group.
"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import os
import re
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dialer.telephony.carrier_behaviour import CarrierSettings
from dialer.telephony.control import ControlUnavailable, command
from dialer.telephony.install import AsteriskProgram
from dialer.telephony.instance_settings import EgressSettings, Ground, PbxSettings
from dialer.telephony.render import InstanceSettings, modules_of, render, write
from dialer.telephony.trunk_records import remove_old

BOOT_SECONDS_MAX: Final = 20.0
STOP_SECONDS_MAX: Final = 5.0
POLL_SECONDS: Final = 0.05
SOCKET_PATH_BYTES_MAX: Final = 107


class ExchangeStartError(RuntimeError):
    """An instance did not come up; its message is the reason in one sentence, and no process is left."""


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user and group (numeric) that an instance's process has; only root may choose another than its own."""

    uid: int
    gid: int
    extra_groups: tuple[int, ...] = ()


class Instance:
    """One Asterisk: stopped → start() → running → stop() → stopped; start() may follow again."""

    def __init__(
        self, program: AsteriskProgram, settings: InstanceSettings, run_as: RunAs | None = None
    ) -> None:
        """Nothing is started or written yet."""
        self._program = program
        self._settings = settings
        self._run_as = run_as
        self._process: asyncio.subprocess.Process | None = None

    @property
    def ground(self) -> Ground:
        """The instance's folders."""
        return self._settings.ground

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Write the configuration, start the process, and wait until every module runs.

        Raises:
            ExchangeStartError: in one sentence, why; nothing is left running.
        """
        if self.pid is not None:
            raise ExchangeStartError(f"the {self.ground.name} instance runs already")
        self._check_socket_path()
        await self._end_predecessor()
        self._check_ports()
        self._prepare_folders()
        write(render(self._settings), self.ground.etc)
        self._own_folders()
        await self._spawn()
        try:
            await self._wait_until_up()
            self._check_control_socket()
            await self._check_modules()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the process and its group; returns when it is gone. Stopping what is stopped does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            _signal_group(process.pid, signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_SECONDS_MAX):
                    await process.wait()
            except TimeoutError:
                pass
        # Also after a polite end: a child of its own must not outlive it.
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()
        self._pid_file.unlink(missing_ok=True)

    async def kill(self) -> None:
        """End the process at once, as a crash would."""
        process = self._process
        if process is not None:
            _signal_group(process.pid, signal.SIGKILL)
            await process.wait()

    async def rx(self, text: str) -> str:
        """Run one console command.

        Raises:
            ControlUnavailable: no answer in time.
        """
        return await command(self.ground.control, text)

    async def healthy(self) -> bool:
        """Whether the process runs and its console answers."""
        if self.pid is None:
            return False
        try:
            return "System uptime" in await self.rx("core show uptime")
        except ControlUnavailable:
            return False

    @property
    def _pid_file(self) -> Path:
        return self.ground.root / "pid"

    def _check_socket_path(self) -> None:
        if len(str(self.ground.control).encode()) > SOCKET_PATH_BYTES_MAX:
            raise ExchangeStartError(
                f"the folder of the {self.ground.name} instance has too long a path for a control socket"
            )

    async def _end_predecessor(self) -> None:
        """End an instance that an earlier run of ours left in this very folder (its owner died before it)."""
        pid = self._predecessor()
        if pid is None:
            return
        _signal_group(pid, signal.SIGKILL)
        for _ in range(int(STOP_SECONDS_MAX / POLL_SECONDS)):
            if _has_ended(pid):
                return
            await asyncio.sleep(POLL_SECONDS)

    def _predecessor(self) -> int | None:
        try:
            pid = int(self._pid_file.read_text(encoding="utf-8"))
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        # A process id may have been given to somebody else meanwhile; our configuration's path is the proof.
        return pid if str(self.ground.etc / "asterisk.conf").encode() in words else None

    def _check_ports(self) -> None:
        for kind, port, what in _ports(self._settings):
            with socket.socket(socket.AF_INET, kind) as probe:
                if kind == socket.SOCK_STREAM:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as fault:
                    raise ExchangeStartError(
                        f"{what} {port} of the {self.ground.name} instance is taken by another process"
                    ) from fault

    def _prepare_folders(self) -> None:
        ground = self.ground
        folders = [ground.root, ground.etc, ground.run, ground.log, ground.library, ground.spool]
        for folder in [*folders, ground.library / "keys"]:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o750)
        # What went wrong in an earlier run is not what goes wrong in this one.
        (ground.log / "messages").unlink(missing_ok=True)
        (ground.control).unlink(missing_ok=True)
        if isinstance(self._settings, PbxSettings):
            self._settings.recordings.mkdir(parents=True, exist_ok=True)
            self._settings.recordings.chmod(0o700)
            if self._run_as is not None:
                os.chown(self._settings.recordings, self._run_as.uid, self._run_as.gid)
        if isinstance(self._settings, EgressSettings):
            self._settings.records.mkdir(exist_ok=True)
            remove_old(self._settings.records)

    def _own_folders(self) -> None:
        if self._run_as is None:
            return
        for folder, _, names in os.walk(self.ground.root):
            os.chown(folder, self._run_as.uid, self._run_as.gid)
            for name in names:
                os.chown(Path(folder, name), self._run_as.uid, self._run_as.gid, follow_symlinks=False)
        if self.ground.control_group:
            # Whoever may use the socket has to reach it, and nothing else here.
            self.ground.root.chmod(0o711)
            os.chown(self.ground.run, self._run_as.uid, self._control_gid())
            if isinstance(self._settings, EgressSettings):
                self.ground.log.chmod(0o711)
                os.chown(self._settings.records, self._run_as.uid, self._control_gid())

    async def _spawn(self) -> None:
        argv = [*self._program.argv, "-C", str(self.ground.etc / "asterisk.conf"), "-f", "-n"]
        who = self._run_as
        with (self.ground.log / "start").open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.ground.root,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.ground.root)},
                process_group=0,
                user=who.uid if who else None,
                group=who.gid if who else None,
                extra_groups=who.extra_groups if who else None,
                umask=0o027,
            )
        self._pid_file.write_text(f"{self._process.pid}\n", encoding="utf-8")

    async def _wait_until_up(self) -> None:
        process = self._process
        deadline = asyncio.get_running_loop().time() + BOOT_SECONDS_MAX
        while True:
            if process is None or process.returncode is not None:
                raise ExchangeStartError(
                    f"the {self.ground.name} instance ended while starting: {self._reason()}"
                )
            try:
                if "fully booted" in await command(self.ground.control, "core waitfullybooted", 2.0):
                    return
            except ControlUnavailable:
                if asyncio.get_running_loop().time() > deadline:
                    raise ExchangeStartError(
                        f"the {self.ground.name} instance did not boot within {BOOT_SECONDS_MAX:.0f} s: "
                        f"{self._reason()}"
                    ) from None
            await asyncio.sleep(POLL_SECONDS)

    def _check_control_socket(self) -> None:
        ground = self.ground
        found = ground.control.stat()
        right_group = not ground.control_group or found.st_gid == self._control_gid()
        if found.st_mode & 0o777 != int(ground.control_mode, 8) or not right_group:
            raise ExchangeStartError(
                f"the {ground.name} instance could not give its control socket the mode {ground.control_mode} "
                f"and the group {ground.control_group or 'of its own'}: is its user a member of that group?"
            )

    def _control_gid(self) -> int:
        try:
            return grp.getgrnam(self.ground.control_group).gr_gid
        except KeyError as fault:
            raise ExchangeStartError(
                f"the group {self.ground.control_group} for the {self.ground.name} instance's control socket "
                "does not exist"
            ) from fault

    async def _check_modules(self) -> None:
        errors = self._errors()
        if errors:
            raise ExchangeStartError(f"the {self.ground.name} instance logged an error: {errors[0]}")
        listing = await self.rx("module show")
        running = set(re.findall(r"^(\S+)\.so .*\bRunning\b", listing, flags=re.MULTILINE))
        running -= set(re.findall(r"^(\S+)\.so .*\bNot Running\b", listing, flags=re.MULTILINE))
        missing = [module for module in modules_of(self._settings) if module not in running]
        if missing:
            raise ExchangeStartError(
                f"the {self.ground.name} instance runs without {', '.join(missing)}: {self._reason()}"
            )

    def _errors(self) -> list[str]:
        try:
            text = (self.ground.log / "messages").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return [line.split("]", 1)[-1].strip() for line in text.splitlines() if "] ERROR[" in line]

    def _reason(self) -> str:
        errors = self._errors()
        if errors:
            return errors[0]
        with contextlib.suppress(OSError):
            text = (self.ground.log / "start").read_text(encoding="utf-8", errors="replace").strip()
            if text:
                return text.splitlines()[-1]
        return "the log names no error"


def erase(ground: Ground) -> None:
    """Remove a stopped instance's folder with everything in it, secrets included."""
    shutil.rmtree(ground.root, ignore_errors=True)


def _ports(settings: InstanceSettings) -> list[tuple[socket.SocketKind, int, str]]:
    ports = [(socket.SOCK_DGRAM, settings.sip_port, "the SIP port")]
    match settings:
        case PbxSettings():
            ports.append((socket.SOCK_STREAM, settings.ami_port, "the AMI port"))
            ports.append((socket.SOCK_STREAM, settings.http_port, "the WebSocket port"))
        case EgressSettings() | CarrierSettings():
            pass
    return ports


def _has_ended(pid: int) -> bool:
    """Whether no thread of a process runs any more: only then its ports are free."""
    try:
        states = [
            stat.read_text().rsplit(")", 1)[1].split()[0] for stat in Path(f"/proc/{pid}/task").glob("*/stat")
        ]
    except OSError:
        # A thread that went away between two looks: look again.
        return False
    return all(state == "Z" for state in states)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
