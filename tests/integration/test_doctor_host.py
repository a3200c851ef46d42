"""The doctor looks around the installation: relay, secrets, webhooks that take nothing."""

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.processes.doctor_host import look_at_host
from dialer.processes.host_files import FOLDER, firewall_text
from dialer.processes.order import read_order, settings_text
from dialer.settings import Settings, read_settings
from tests.integration.test_host_files import USERS
from tests.integration.test_setup_users import ORDER

LOOK = """
import asyncio, sys
from pathlib import Path
from dialer.processes.doctor_host import look_at_host
from dialer.settings import read_settings
print(*(f"{f.code} {f.about}" for f in asyncio.run(look_at_host(read_settings(Path(sys.argv[1]))))), sep="\\n")
"""


@pytest.fixture
def stun() -> Iterator[int]:
    """A STUN server's answer, and nothing more of one."""
    server = socket.socket(type=socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            data, whence = server.recvfrom(99)
            if data == b"end":
                return
            server.sendto(struct.pack("!HH", 0x0101, 0) + data[4:20], whence)

    thread = threading.Thread(target=serve)
    thread.start()
    port = int(server.getsockname()[1])
    yield port
    with socket.socket(type=socket.SOCK_DGRAM) as last:
        last.sendto(b"end", ("127.0.0.1", port))
    thread.join()
    server.close()


def _settings(folder: Path, urls: str, secret: Path) -> Settings:
    order = folder / "order.toml"
    order.write_text(ORDER.format(secret=folder / "trunk"), encoding="utf-8")
    said = settings_text(read_order(order), folder)
    path = folder / "dialer.toml"
    path.write_text(f'{said}\n[media.turn]\nurls = [{urls}]\nsecret_file = "{secret}"\n', encoding="utf-8")
    return read_settings(path)


async def test_a_relay_that_answers_is_well_and_a_silent_one_is_found(tmp_path: Path, stun: int) -> None:
    secret = tmp_path / "turn.secret"
    secret.write_text("shared\n", encoding="utf-8")
    with socket.socket(type=socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        nobody = silent.getsockname()[1]
        urls = f'"turn:127.0.0.1:{stun}", "turn:127.0.0.1:{nobody}?transport=udp", "turns:127.0.0.1:1"'
        found = await look_at_host(_settings(tmp_path, urls, secret))
    assert [(each.code, each.about) for each in found] == [
        ("turn.silent", f"turn:127.0.0.1:{nobody}?transport=udp")
    ]


async def test_a_secret_that_is_named_and_not_there_is_found(tmp_path: Path, stun: int) -> None:
    found = await look_at_host(_settings(tmp_path, f'"turn:127.0.0.1:{stun}"', tmp_path / "turn.secret"))
    assert [(each.code, each.about) for each in found] == [("secret.missing", "turn.secret")]


@pytest.fixture
def machine() -> Iterator[str]:
    """A namespace without any rule in it, as a machine that was just started is."""
    name = f"d{os.getpid()}"
    _run("ip", "netns", "add", name)
    yield name
    _run("ip", "netns", "del", name)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="networks of their own need root")
def test_firewall_rules_that_lie_there_and_are_not_loaded_are_found_until_they_are(
    tmp_path: Path, machine: str
) -> None:
    settings = tmp_path / "dialer.toml"
    order = tmp_path / "order.toml"
    order.write_text(ORDER.format(secret=tmp_path / "trunk"), encoding="utf-8")
    read = read_order(order)
    settings.write_text(settings_text(read, tmp_path), encoding="utf-8")
    inside = ("ip", "netns", "exec", machine)
    look = (*inside, sys.executable, "-c", LOOK, str(settings))
    assert _run(*look).strip() == "", "no rules were written: nothing to load"
    rules = tmp_path / FOLDER / "dialer.nft"
    rules.parent.mkdir()
    rules.write_text(firewall_text(read, USERS), encoding="utf-8")
    assert _run(*look).strip() == "firewall.not_loaded dialer.nft"
    _run(*inside, "nft", "-f", str(rules))
    assert _run(*look).strip() == ""
