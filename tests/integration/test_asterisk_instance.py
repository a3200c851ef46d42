"""One instance on a real machine: it starts with everything or says why not, and it ends for certain."""

from __future__ import annotations

import asyncio
import grp
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.demo.stage import free_port
from dialer.telephony.control import ControlUnavailable, command
from dialer.telephony.install import AsteriskProgram
from dialer.telephony.instance import ExchangeStartError, Instance, RunAs
from dialer.telephony.instance_settings import EgressSettings, Ground, RtpPorts
from tests.integration.asterisk_authority import make_authority
from tests.integration.asterisk_fixtures import World, number_ending, until

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

NOBODY = 65_534


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest_asyncio.fixture(loop_scope="session")
async def settings(asterisk_program: AsteriskProgram, short_root: Path) -> AsyncIterator[EgressSettings]:
    """An egress of its own; a gate need not be there for it to start."""
    root = short_root / secrets.token_hex(3)
    authority = make_authority(root / "ca")
    cert, key = authority.issue("egress")
    yield EgressSettings(
        ground=Ground("egress", root / "egress", asterisk_program.modules, asterisk_program.data),
        sip_port=free_port(socket.SOCK_DGRAM),
        rtp=RtpPorts(22000, 22099),
        pbx_secret=secrets.token_urlsafe(24),
        gate_url=f"https://127.0.0.1:{free_port(socket.SOCK_STREAM)}",
        gate_ca=authority.ca,
        gate_cert=cert,
        gate_key=key,
        carrier_host="127.0.0.1",
        carrier_port=free_port(socket.SOCK_DGRAM),
        trunk_user="trunk",
        trunk_secret=secrets.token_urlsafe(24),
        prompts=root,
        pbx_port=free_port(socket.SOCK_DGRAM),
    )


async def test_an_instance_starts_answers_and_is_gone_after_its_stop(
    asterisk_program: AsteriskProgram, settings: EgressSettings
) -> None:
    instance = Instance(asterisk_program, settings)
    await instance.start()
    pid = instance.pid
    assert pid is not None
    assert await instance.healthy()
    await instance.stop()
    assert not alive(pid)
    assert not await instance.healthy()
    with pytest.raises(ControlUnavailable):
        await command(settings.ground.control, "core show uptime")
    await instance.start()
    assert await instance.healthy()
    await instance.stop()


async def test_an_instance_that_does_not_listen_to_a_polite_end_is_killed(
    asterisk_program: AsteriskProgram, settings: EgressSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.telephony.instance.STOP_SECONDS_MAX", 0.3)
    instance = Instance(asterisk_program, settings)
    await instance.start()
    pid = instance.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await instance.stop()
    assert not alive(pid)


async def test_a_taken_port_stops_the_start_with_one_sentence(
    asterisk_program: AsteriskProgram, settings: EgressSettings
) -> None:
    instance = Instance(asterisk_program, settings)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", settings.sip_port))
        with pytest.raises(
            ExchangeStartError, match=rf"^the SIP port {settings.sip_port} of the egress .* taken"
        ):
            await instance.start()
    assert instance.pid is None
    await instance.start()
    await instance.stop()


async def test_a_module_that_is_missing_stops_the_start_and_leaves_nothing_running(
    asterisk_program: AsteriskProgram, settings: EgressSettings, tmp_path: Path
) -> None:
    for module in asterisk_program.modules.glob("*.so"):
        if module.name != "func_curl.so":
            (tmp_path / module.name).symlink_to(module)
    crippled = replace(settings, ground=replace(settings.ground, modules=tmp_path))
    instance = Instance(asterisk_program, crippled)
    with pytest.raises(ExchangeStartError, match="func_curl"):
        await instance.start()
    assert instance.pid is None
    assert not [
        entry
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and runs_from(int(entry.name), settings.ground.root)
    ]
    (tmp_path / "func_curl.so").symlink_to(asterisk_program.modules / "func_curl.so")
    await instance.start()
    await instance.stop()


def runs_from(pid: int, root: Path) -> bool:
    """Whether a process was started with a configuration below a folder."""
    try:
        return str(root).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


async def test_an_error_in_the_log_stops_the_start(
    asterisk_program: AsteriskProgram, world: World, short_root: Path
) -> None:
    whole = replace(
        world.pbx_settings,
        ground=replace(world.pbx_settings.ground, root=short_root / secrets.token_hex(3)),
        ami_port=free_port(socket.SOCK_STREAM),
        http_port=free_port(socket.SOCK_STREAM),
        sip_port=free_port(socket.SOCK_DGRAM),
    )
    # Two listeners on one port: free beforehand, and a conflict only while starting.
    with pytest.raises(ExchangeStartError, match=r"^the pbx instance logged an error: .*bind"):
        await Instance(asterisk_program, replace(whole, http_port=whole.ami_port)).start()
    instance = Instance(asterisk_program, whole)
    await instance.start()
    await instance.stop()


async def test_an_instance_that_its_owner_left_behind_is_ended_by_the_next_start(
    asterisk_program: AsteriskProgram, settings: EgressSettings
) -> None:
    orphan = Instance(asterisk_program, settings)
    await orphan.start()
    left = orphan.pid
    assert left is not None
    heir = Instance(asterisk_program, settings)
    await heir.start()
    assert heir.pid != left
    assert not alive(left)
    await heir.stop()
    await orphan.stop()


async def test_a_killed_instance_is_not_healthy_and_starts_again(
    asterisk_program: AsteriskProgram, settings: EgressSettings
) -> None:
    instance = Instance(asterisk_program, settings)
    await instance.start()
    assert await instance.healthy()
    await instance.kill()
    assert not await instance.healthy()
    await instance.start()
    assert await instance.healthy()
    await instance.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="one user: separation not shown")
async def test_an_instance_runs_as_the_user_it_is_told_and_keeps_its_secrets_from_others(
    asterisk_program: AsteriskProgram, settings: EgressSettings
) -> None:
    settings.ground.root.parent.parent.chmod(0o711)
    for path in (settings.gate_key, settings.gate_cert, settings.gate_ca):
        os.chown(path, NOBODY, NOBODY)
    instance = Instance(asterisk_program, settings, RunAs(NOBODY, NOBODY))
    await instance.start()
    pid = instance.pid
    assert pid is not None
    status = Path(f"/proc/{pid}/status").read_text()
    assert f"Uid:\t{NOBODY}\t{NOBODY}\t{NOBODY}\t{NOBODY}" in status
    assert f"Gid:\t{NOBODY}\t{NOBODY}\t{NOBODY}\t{NOBODY}" in status
    assert "CapEff:\t0000000000000000" in status
    for name in ("pjsip.conf", "extensions.conf"):
        stat = (settings.ground.etc / name).stat()
        assert (stat.st_uid, stat.st_mode & 0o077) == (NOBODY, 0)
    assert await instance.healthy()
    await instance.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="one user: separation not shown")
async def test_the_control_socket_opens_to_the_gates_group_and_to_nobody_else(
    asterisk_program: AsteriskProgram, settings: EgressSettings
) -> None:
    settings.ground.root.parent.parent.chmod(0o711)
    settings.ground.root.parent.chmod(0o711)
    ground = replace(settings.ground, control_mode="0660", control_group="daemon")
    for path in (settings.gate_key, settings.gate_cert, settings.gate_ca):
        os.chown(path, NOBODY, NOBODY)
    gid = grp.getgrnam("daemon").gr_gid
    instance = Instance(asterisk_program, replace(settings, ground=ground), RunAs(NOBODY, NOBODY, (gid,)))
    await instance.start()
    try:
        assert await opens(ground.control, uid=12_345, gid=gid)
        assert not await opens(ground.control, uid=12_345, gid=12_345)
    finally:
        await instance.stop()
    outsider = Instance(asterisk_program, replace(settings, ground=ground), RunAs(NOBODY, NOBODY))
    with pytest.raises(ExchangeStartError, match="member of that group"):
        await outsider.start()


async def opens(control: Path, uid: int, gid: int) -> bool:
    """Whether a process of another user can connect to a socket."""
    script = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    process = await asyncio.create_subprocess_exec(
        "/usr/bin/python3",
        "-c",
        script,
        str(control),
        cwd="/",
        user=uid,
        group=gid,
        extra_groups=[],
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait() == 0


async def test_neither_exchange_nor_egress_writes_a_number_anywhere(world: World) -> None:
    number = number_ending("09")
    before = world.invites()
    for channel in (
        f"PJSIP/{world.gate.permit(number, talk_seconds=1)}@egress",
        f"PJSIP/{number}@egress",
        f"PJSIP/egress/sip:{number}@127.0.0.1:{world.carrier_settings.sip_port}",
    ):
        attempt = f"privacy-{secrets.token_hex(4)}"
        await world.originate_channel(channel, attempt, ("PATIENCE_MS=9000",))
        await world.ami.event(Event="OriginateResponse", Uniqueid=attempt)
    await until(lambda: world.journal()[-1].event == "END")
    assert world.invites() == before + 1
    await asyncio.sleep(0.3)
    digits = number.lstrip("+")[2:].encode()
    # The positive control: the carrier is the outside world, and it wrote the number down.
    assert holders(world.carrier_settings.ground.root, digits) == ["journal"]
    assert holders(world.pbx_settings.ground.root, digits) == []
    assert holders(world.egress_settings.ground.root, digits) == []


def holders(root: Path, text: bytes) -> list[str]:
    """Names of the files below a folder that hold a text."""
    return sorted(path.name for path in root.rglob("*") if path.is_file() and text in path.read_bytes())
