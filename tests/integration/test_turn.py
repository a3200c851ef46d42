"""A browser behind a firewall: audio goes through a real TURN server, by the credential that the API gives and by no other.

Three networks: the agent's, the exchange's, and between them a host with coturn that forwards no packet. What arrives
went through the relay.
"""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialer.services.ice import IceServers, TurnAccess, credential_of

SECRET = b"shared-with-coturn"
AGENT, EXCHANGE = "10.203.1.2", "10.203.2.2"
RELAY_INSIDE, RELAY_OUTSIDE = "10.203.1.1", "10.203.2.1"
PORT, PEER_PORT, MESSAGES = 3478, 3480, 5
UP_SECONDS_MAX = 60.0


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=check)


@dataclass
class Networks:
    """The three hosts by their namespaces."""

    agent: str
    relay: str
    exchange: str

    def inside(self, name: str, *command: str) -> list[str]:
        return ["ip", "netns", "exec", name, *command]


@pytest.fixture
def networks() -> Iterator[Networks]:
    tag = f"t{os.getpid()}"
    found = Networks(f"{tag}-agent", f"{tag}-relay", f"{tag}-exch")
    with ExitStack() as stack:
        for name in (found.agent, found.relay, found.exchange):
            run("ip", "netns", "add", name)
            stack.callback(run, "ip", "netns", "del", name, check=False)
            run("ip", "-n", name, "link", "set", "lo", "up")
        for n, (host, address, gateway) in enumerate(
            ((found.agent, AGENT, RELAY_INSIDE), (found.exchange, EXCHANGE, RELAY_OUTSIDE))
        ):
            near, far = f"a{n}{os.getpid()}"[:15], f"b{n}{os.getpid()}"[:15]
            run(
                "ip",
                "link",
                "add",
                near,
                "netns",
                host,
                "type",
                "veth",
                "peer",
                "name",
                far,
                "netns",
                found.relay,
            )
            for name, link, own in ((host, near, address), (found.relay, far, gateway)):
                run("ip", "-n", name, "addr", "add", f"{own}/24", "dev", link)
                run("ip", "-n", name, "link", "set", link, "up")
            run("ip", "-n", host, "route", "add", "default", "via", gateway)
        run(*found.inside(found.relay, "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward"))
        yield found


@pytest.fixture
def relay(networks: Networks, tmp_path: Path) -> Iterator[Path]:
    """coturn in the middle, its log."""
    log = tmp_path / "turn.log"
    program = networks.inside(
        networks.relay, "turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--lt-cred-mech",
        "--use-auth-secret", f"--static-auth-secret={SECRET.decode()}", "--realm=calls.example",
        f"--listening-ip={RELAY_INSIDE}", f"--relay-ip={RELAY_OUTSIDE}", f"--listening-port={PORT}",
        "--min-port=49200", "--max-port=49300", f"--pidfile={tmp_path}/turn.pid",
        f"--userdb={tmp_path}/turn.db", f"--log-file={log}", "--simple-log", "--no-stdout-log",
    )  # fmt: skip
    with ExitStack() as stack:
        peer = subprocess.Popen(
            networks.inside(networks.exchange, "turnutils_peer", "-L", EXCHANGE, "-p", str(PEER_PORT)),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        stack.callback(_end, peer)
        server = subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(_end, server)
        _wait_until_it_listens(networks)
        yield log


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=20)


def _wait_until_it_listens(networks: Networks) -> None:
    until = time.monotonic() + UP_SECONDS_MAX
    while time.monotonic() < until:
        seen = run(*networks.inside(networks.relay, "cat", "/proc/net/udp"))
        ours = socket.inet_aton(RELAY_INSIDE)[::-1].hex().upper() + f":{PORT:04X}"
        peers = run(*networks.inside(networks.exchange, "cat", "/proc/net/udp")).stdout
        if ours in seen.stdout and f":{PEER_PORT:04X}" in peers:
            return
        time.sleep(0.1)
    raise AssertionError("the relay did not come up")


def _sent_through(networks: Networks, name: str, credential: str) -> tuple[int, str]:
    """Messages that came back to the agent from the exchange's network, and what the client said."""
    done = run(
        *networks.inside(
            networks.agent, "turnutils_uclient", "-u", name, "-w", credential, "-n", str(MESSAGES), "-m", "1",
            "-e", EXCHANGE, "-r", str(PEER_PORT), "-p", str(PORT), "-c", RELAY_INSIDE,
        ),
        check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    came_back = [line for line in said.splitlines() if "tot_recv_msgs=" in line]
    return (int(came_back[-1].split("tot_recv_msgs=")[1].split(",")[0]) if came_back else 0), said


def _echoes(networks: Networks, host: str) -> bool:
    """Whether a packet straight to the exchange's network comes back."""
    asked = (
        "import socket; s = socket.socket(type=socket.SOCK_DGRAM); s.settimeout(2); "
        f"s.connect(('{EXCHANGE}', {PEER_PORT})); s.send(b'x'); s.recv(9)"
    )
    return run(*networks.inside(host, "python3", "-c", asked), check=False).returncode == 0


def _given(lifetime: timedelta) -> tuple[str, str]:
    """Name and credential as the API gives them to a phone."""
    access = TurnAccess((f"turn:{RELAY_INSIDE}:{PORT}",), SECRET, lifetime)
    (server,) = IceServers((), access, lambda: datetime.now(UTC)).for_session("session-1")
    assert server.username is not None
    assert server.credential is not None
    return server.username, server.credential


@pytest.mark.skipif(os.geteuid() != 0, reason="networks of their own need root")
def test_audio_reaches_the_exchange_through_the_relay_by_the_given_credential_and_by_no_other(
    networks: Networks, relay: Path
) -> None:
    by_itself, from_between = (_echoes(networks, host) for host in (networks.agent, networks.relay))
    name, credential = _given(timedelta(hours=1))
    came_back, said = _sent_through(networks, name, credential)
    assert (by_itself, from_between) == (False, True), (
        "the two networks must not reach each other by themselves"
    )
    assert came_back == MESSAGES, said

    assert _sent_through(networks, name, credential_of(b"another secret", name))[0] == 0
    assert _sent_through(networks, *_given(timedelta(hours=-1)))[0] == 0
    later = f"{int(name.split(':')[0]) + 3600}:{name.split(':')[1]}"
    assert _sent_through(networks, later, credential)[0] == 0
    assert _sent_through(networks, name, credential)[0] == MESSAGES
