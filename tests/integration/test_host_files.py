"""What `dialer init` writes for the machine: units that systemd takes, and rules by which only the egress reaches the carrier."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dialer.processes.host_files import SPEECH, UNITS, firewall_text, target_text, unit_text
from dialer.processes.order import Order, read_order, settings_text
from dialer.settings import read_settings
from tests.integration.test_setup_users import ORDER

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="networks and users of their own need root")
USERS = {"egress": 61001, "dialer": 61002, "gate": 61003, "signer": 61004, "witness": 61005, "speech": 61006}
CARRIER, OUTSIDE = "10.204.7.2", "10.204.7.1"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def order(tmp_path: Path) -> Order:
    path = tmp_path / "order.toml"
    text = ORDER.format(secret=tmp_path / "trunk").replace(
        '[trunk]\nhost = "127.0.0.1"', f'[trunk]\nhost = "{CARRIER}"'
    )
    path.write_text(text, encoding="utf-8")
    return read_order(path)


def test_systemd_takes_every_unit_and_finds_no_fault_in_it() -> None:
    with tempfile.TemporaryDirectory(prefix="units-") as name:
        folder = Path(name)
        for unit in UNITS:
            (folder / f"dialer-{unit.name}.service").write_text(unit_text(unit, Path("/srv/dialer")))
        (folder / "dialer.target").write_text(target_text())
        checked = [str(path) for path in sorted(folder.iterdir())]
        right = run("systemd-analyze", "verify", "--man=no", *checked)
        said = "\n".join(
            line for line in right.stderr.splitlines() if str(folder) in line or "dialer" in line
        )
        assert said == "", right.stderr
        broken = folder / "dialer-gate.service"
        broken.write_text(broken.read_text().replace("ExecStart=/", "ExecStart=nowhere/"))
        assert "Neither a valid executable" in run("systemd-analyze", "verify", "--man=no", *checked).stderr


def test_each_unit_writes_its_own_folders_and_runs_as_its_own_user() -> None:
    by_name = {unit.name: unit for unit in UNITS}
    assert {unit.user for unit in UNITS} == {"signer", "witness", "gate", "egress", "dialer"}
    for name in ("signer", "witness", "gate", "egress"):
        text = unit_text(by_name[name], Path("/srv/dialer"))
        assert f"User={name}\n" in text
        assert "keys" not in text.split("ReadWritePaths=")[1].splitlines()[0]
    assert by_name["signer"].network == by_name["witness"].network == "AF_UNIX"


@pytest.fixture
def host(order: Order, tmp_path: Path) -> Iterator[str]:
    """A machine of its own with the rules in force, and beside it the carrier's; the first one's namespace."""
    own, far = f"h{os.getpid()}", f"c{os.getpid()}"
    rules = tmp_path / "dialer.nft"
    rules.write_text(firewall_text(order, USERS))
    with ExitStack() as stack:
        for name in (own, far):
            assert run("ip", "netns", "add", name).returncode == 0
            stack.callback(run, "ip", "netns", "del", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run(
            "ip",
            "link",
            "add",
            f"v{own}",
            "netns",
            own,
            "type",
            "veth",
            "peer",
            "name",
            f"v{far}",
            "netns",
            far,
        )
        for name, address in ((own, OUTSIDE), (far, CARRIER)):
            run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", f"v{name}")
            run("ip", "-n", name, "link", "set", f"v{name}", "up")
        for _ in range(2):  # loading them again replaces them
            loaded = run("ip", "netns", "exec", own, "nft", "-f", str(rules))
            assert loaded.returncode == 0, loaded.stderr
        yield own


def _listener(host: str, address: str, port: int) -> subprocess.Popen[bytes]:
    program = (
        "import socket,sys; s=socket.socket(type=socket.SOCK_DGRAM); "
        f"s.bind(('{address}',{port})); print('up',flush=True); print(s.recv(99).decode(),flush=True)"
    )
    found = subprocess.Popen(
        ["ip", "netns", "exec", host, sys.executable, "-c", program], stdout=subprocess.PIPE, bufsize=0
    )
    assert found.stdout is not None
    assert found.stdout.readline() == b"up\n"
    return found


def _send(host: str, user: int, address: str, port: int) -> None:
    program = (
        "import socket; s=socket.socket(type=socket.SOCK_DGRAM)\n"
        f"try: s.sendto(b'{user}',('{address}',{port}))\nexcept OSError: pass"
    )
    run(
        "ip",
        "netns",
        "exec",
        host,
        "setpriv",
        f"--reuid={user}",
        "--clear-groups",
        sys.executable,
        "-c",
        program,
    )


def _who_arrives(host: str, at: str, address: str, port: int, senders: list[int]) -> int:
    """The first of the senders whose packet arrives. They send one after the other."""
    listening = _listener(at, address, port)
    for user in senders:
        _send(host, user, address, port)
    assert listening.stdout is not None
    arrived = int(listening.stdout.readline())
    listening.wait(timeout=20)
    listening.stdout.close()
    return arrived


@as_root
def test_only_the_egress_gets_a_packet_to_the_carrier(host: str, order: Order) -> None:
    carrier = host.replace("h", "c", 1)
    others = [0, *(number for name, number in USERS.items() if name != "egress")]
    port = order.trunk.port
    assert _who_arrives(host, carrier, CARRIER, port, [*others, USERS["egress"]]) == USERS["egress"]
    run("ip", "netns", "exec", host, "nft", "delete", "table", "inet", "dialer")
    assert _who_arrives(host, carrier, CARRIER, port, [*others, USERS["egress"]]) == others[0]


@as_root
def test_nobody_but_the_egress_speaks_sip_outside_and_the_egress_speaks_nothing_else(host: str) -> None:
    carrier = host.replace("h", "c", 1)
    of = USERS
    assert (
        _who_arrives(host, carrier, CARRIER, 5060, [of["dialer"], of["gate"], of["egress"]]) == of["egress"]
    )
    senders = [of["egress"], of["signer"], of["speech"], of["dialer"]]
    assert _who_arrives(host, carrier, CARRIER, 9999, senders) == of["dialer"]


@as_root
def test_the_gate_is_asked_by_the_egress_alone_and_the_manager_by_the_dialer_alone(
    host: str, order: Order
) -> None:
    def tcp(user: int, port: int) -> str:
        program = (
            "import socket; s=socket.socket(); s.settimeout(5)\n"
            f"try: s.connect(('127.0.0.1',{port})); print('open')\nexcept OSError: print('shut')"
        )
        return run(
            "ip", "netns", "exec", host, "setpriv", f"--reuid={user}", "--clear-groups", sys.executable, "-c", program
        ).stdout.strip()  # fmt: skip

    ports = (order.gate.port, order.exchange.ami_port)
    program = (
        "import socket,sys\nopen_=[socket.create_server(('127.0.0.1',p)) for p in "
        f"{ports!r}]\nprint('up',flush=True)\nsys.stdin.read()"
    )
    serving = subprocess.Popen(
        ["ip", "netns", "exec", host, sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert serving.stdout is not None
    assert serving.stdout.readline() == b"up\n"
    try:
        answers = {
            (name, port): tcp(USERS[name], port) for name in ("egress", "dialer", "gate") for port in ports
        }
    finally:
        serving.communicate()
    gate, manager = ports
    assert answers == {
        ("egress", gate): "open",
        ("egress", manager): "shut",
        ("dialer", gate): "shut",
        ("dialer", manager): "open",
        ("gate", gate): "shut",
        ("gate", manager): "shut",
    }


def test_recognisers_of_the_order_stand_in_the_settings_and_have_a_unit(tmp_path: Path) -> None:
    said = f"""
[speech]
agents = "on"
[[speech.spotters]]
name = "pocketsphinx"
language = "en"
[[speech.spotters]]
name = "sherpa-onnx"
language = "zh"
trust = "trusted"
model = "{tmp_path}/a model"
"""
    path = tmp_path / "order.toml"
    plain = ORDER.format(secret=tmp_path / "trunk")
    for text, wanted in ((plain, False), (plain + said, True)):
        path.write_text(text, encoding="utf-8")
        order = read_order(path)
        settings = tmp_path / "dialer.toml"
        settings.write_text(settings_text(order, tmp_path), encoding="utf-8")
        assert read_settings(settings).speech == order.speech
        assert (order.speech is not None) is wanted
    assert order.speech is not None
    assert [s.model for s in order.speech.spotters] == [None, tmp_path / "a model"]
    assert "dialer-speech.service" in target_text((*UNITS, SPEECH))
    assert "dialer-speech.service" not in target_text()
    unit = unit_text(SPEECH, Path("/srv/dialer"))
    assert "User=speech\n" in unit, "it hears strangers: no key of the dialer's is within its reach"
    assert "ReadWritePaths=/srv/dialer/run\n" in unit
    assert "-m dialer.processes.speech" in unit
