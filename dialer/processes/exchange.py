"""One Asterisk of an installation as a process: `python -m dialer.processes.exchange pbx | egress`.

Renders the instance from its own small settings file (no secret is in it: each is a file that this process's user
reads), starts it, ends when it ends or when told to. `--check` asks a running instance for its health.
"""

import asyncio
import contextlib
import os
import socket
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dialer.domain.errors import InstallationError
from dialer.processes.serving import configure_log, until_told
from dialer.settings import ENVIRONMENT, Port
from dialer.telephony.control import ControlUnavailable, command
from dialer.telephony.debian_packages import PackagesUnavailable
from dialer.telephony.install import AsteriskProgram, ensure_asterisk
from dialer.telephony.instance import ExchangeStartError, Instance
from dialer.telephony.instance_settings import (
    EgressSettings,
    Ground,
    PbxSettings,
    RtpPorts,
    SettingsError,
)
from dialer.telephony.trunk_profile import TrunkProfile, read_trunk_profile

Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")]
InstanceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""Unique over the installation: the ids of an instance's channels begin with it."""
WATCH_SECONDS: Final = 1.0
CHECK_SECONDS_MAX: Final = 5.0


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PbxFile(_Part):
    """The dialer's exchange. Every path is absolute; hosts are names or addresses, resolved at the start.

    `sip_host`: its own address towards the egress. `media_host`: its own address towards browsers.
    """

    kind: Literal["pbx"]
    name: InstanceName = "pbx"
    root: Path
    sip_host: Host
    media_host: Host
    egress_host: Host
    sip_port: Port
    ami_port: Port
    http_port: Port
    rtp_first: Port
    rtp_last: Port
    egress_port: Port
    seats: Annotated[int, Field(ge=0, le=500)]
    seat_first: Annotated[int, Field(ge=1, le=99_000)] = 1
    ami_secret_file: Path
    egress_secret_file: Path
    prompts: Path
    recordings: Path


class EgressFile(_Part):
    """The second gate's hand: the only one that knows the trunk.

    `sip_host`: its own address towards the pbx. `trunk_bind`: its own address towards the carrier.
    """

    kind: Literal["egress"]
    name: InstanceName = "egress"
    root: Path
    sip_host: Host
    trunk_bind: Host
    pbx_host: Host
    pbx_port: Port
    prompts: Path
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    sip_port: Port
    rtp_first: Port
    rtp_last: Port
    pbx_secret_file: Path
    gate_url: str
    gate_ca: Path
    gate_certificate: Path
    gate_key: Path
    carrier_host: str
    carrier_port: Port
    trunk_user: str
    trunk_realm: str
    trunk_secret_file: Path
    trunk_profile: Path | None = None


ExchangeFile = PbxFile | EgressFile


def read_exchange_file(path: Path, kind: str) -> ExchangeFile:
    """The settings of one instance.

    Raises:
        InstallationError: missing, malformed, an unknown key, or the file of the other instance.
    """
    model: type[PbxFile | EgressFile] = PbxFile if kind == "pbx" else EgressFile
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as missing:
        raise InstallationError(f"the settings file {path.name} can't be read") from missing
    except tomllib.TOMLDecodeError as wrong:
        raise InstallationError(f"the settings file {path.name} is not TOML: {wrong}") from wrong
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InstallationError(f"the settings file {path.name}: {where}: {first['msg']}") from wrong


def instance_of(said: ExchangeFile, program: AsteriskProgram) -> Instance:
    """The instance that a settings file describes.

    Raises:
        InstallationError: a secret can't be read, or a value can't stand in Asterisk's configuration.
    """
    try:
        match said:
            case PbxFile():
                return Instance(program, _pbx(said, program))
            case EgressFile():
                return Instance(program, _egress(said, program))
    except SettingsError as wrong:
        raise InstallationError(str(wrong)) from wrong


def _pbx(said: PbxFile, program: AsteriskProgram) -> PbxSettings:
    return PbxSettings(
        ground=Ground(said.name, said.root, program.modules, program.data),
        ami_port=said.ami_port,
        ami_secret=_secret(said.ami_secret_file),
        http_port=said.http_port,
        sip_port=said.sip_port,
        rtp=RtpPorts(said.rtp_first, said.rtp_last),
        sip_address=_address(said.sip_host),
        media_address=_address(said.media_host),
        egress_host=_address(said.egress_host),
        egress_port=said.egress_port,
        egress_secret=_secret(said.egress_secret_file),
        seats=said.seats,
        seat_first=said.seat_first,
        prompts=said.prompts,
        recordings=said.recordings,
    )


def _egress(said: EgressFile, program: AsteriskProgram) -> EgressSettings:
    return EgressSettings(
        # Its group is the gate's way to ask about a leg and to cut it; nobody else is in that group.
        ground=Ground(said.name, said.root, program.modules, program.data, control_mode="0660"),
        sip_port=said.sip_port,
        rtp=RtpPorts(said.rtp_first, said.rtp_last),
        sip_address=_address(said.sip_host),
        trunk_address=_address(said.trunk_bind),
        pbx_host=_address_or_name(said.pbx_host),
        pbx_port=said.pbx_port,
        prompts=said.prompts,
        language=said.language,
        pbx_secret=_secret(said.pbx_secret_file),
        gate_url=said.gate_url,
        gate_ca=said.gate_ca,
        gate_cert=said.gate_certificate,
        gate_key=said.gate_key,
        carrier_host=said.carrier_host,
        carrier_port=said.carrier_port,
        trunk_user=said.trunk_user,
        trunk_secret=_secret(said.trunk_secret_file),
        trunk_realm=said.trunk_realm,
        trunk=read_trunk_profile(said.trunk_profile) if said.trunk_profile else TrunkProfile(),
    )


def _address(host: str) -> str:
    # Asterisk asks DNS servers alone; a name of the machine's own hosts file would stay unknown to it.
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
    except OSError as unknown:
        raise InstallationError(f"the host {host} has no address here") from unknown
    return str(found[0][4][0])


def _address_or_name(host: str) -> str:
    # The exchange starts after the egress: where its name isn't known yet, Asterisk asks again at each call.
    try:
        return _address(host)
    except InstallationError:
        return host


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as missing:
        raise InstallationError(f"the secret file {path.name} can't be read by this user") from missing


async def run(said: ExchangeFile) -> int:
    """Run the instance until told to stop (0) or until it ends by itself (1)."""
    try:
        instance = instance_of(said, await asyncio.to_thread(ensure_asterisk, None, _quiet))
        await instance.start()
    except (ExchangeStartError, PackagesUnavailable) as fault:
        raise InstallationError(str(fault)) from fault
    told = asyncio.create_task(until_told())
    try:
        while not told.done() and instance.pid is not None:
            await asyncio.wait({told}, timeout=WATCH_SECONDS)
        return 0 if told.done() else 1
    finally:
        told.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await told
        await instance.stop()


def _quiet(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def check(said: ExchangeFile) -> int:
    """0 when a running instance answers on its control socket."""
    try:
        answer = await command(said.root / "run" / "asterisk.ctl", "core show uptime", CHECK_SECONDS_MAX)
    except ControlUnavailable:
        return 1
    return 0 if "System uptime" in answer else 1


def main(arguments: list[str]) -> int:
    """`pbx` or `egress`, and `--check` to ask instead of to run; settings as DIALER_SETTINGS says."""
    kind, *options = arguments or [""]
    if kind not in ("pbx", "egress") or options not in ([], ["--check"]):
        print("exchange: say pbx or egress, and --check to ask a running one", file=sys.stderr)
        return 64
    configure_log(kind)
    try:
        said = read_exchange_file(Path(os.environ.get(ENVIRONMENT, f"{kind}.toml")), kind)
        return asyncio.run(check(said) if options else run(said))
    except InstallationError as wrong:
        print(f"{kind}: {wrong}", file=sys.stderr)
        return 78


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
