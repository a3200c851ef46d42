"""With the trunk's password and in the egress's own network: under our rules no other user's INVITE reaches the carrier."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialer.demo.carrier import read_journal
from dialer.processes.host_files import firewall_text
from dialer.processes.order import Order, read_order
from tests.integration.asterisk_fixtures import number_ending
from tests.integration.test_host_files import USERS, as_root, run
from tests.integration.test_setup_users import ORDER

pytestmark = [as_root, pytest.mark.asterisk]
CHECKOUT = Path(__file__).resolve().parents[2]
CALLER = (CHECKOUT / "tests/integration/trunk_caller.py").read_text(encoding="utf-8")
CARRIER = ("-m", "tests.integration.carrier_alone")
BUSY = 486
UP_SECONDS_MAX = 60


@dataclass(frozen=True)
class Machine:
    """A machine's network of its own, with a real carrier on its loopback and the rules of the order in force."""

    name: str
    order: Order
    secret: str
    journal: Path

    def call(self, user: int, ending: str) -> int:
        """One call of a user who knows the password: the carrier's final status, 0 when nothing came."""
        trunk = self.order.trunk
        said = {"host": trunk.host, "port": trunk.port, "user": trunk.user, "secret": self.secret}
        told = json.dumps(said | {"number": number_ending(ending)})
        command = ["ip", "netns", "exec", self.name, "setpriv", f"--reuid={user}", f"--regid={user}"]
        done = subprocess.run(
            [*command, "--clear-groups", sys.executable, "-c", CALLER],
            input=told,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return int(done.stdout)

    def invites(self) -> list[str]:
        """The endings of the numbers whose INVITEs the carrier accepted."""
        return [record.number[-2:] for record in read_journal(self.journal) if record.event == "INVITE"]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    name, secret = f"i{os.getpid()}", secrets.token_urlsafe(24)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="inv-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        (folder / "order.toml").write_text(ORDER.format(secret=folder / "trunk"), encoding="utf-8")
        order = read_order(folder / "order.toml")
        assert run("ip", "netns", "add", name).returncode == 0
        stack.callback(run, "ip", "netns", "del", name)
        run("ip", "-n", name, "link", "set", "lo", "up")
        rules = folder / "dialer.nft"
        rules.write_text(firewall_text(order, USERS), encoding="utf-8")
        loaded = run("ip", "netns", "exec", name, "nft", "-f", str(rules))
        assert loaded.returncode == 0, loaded.stderr
        carrier = stack.enter_context(
            subprocess.Popen(
                ["ip", "netns", "exec", name, sys.executable, *CARRIER, str(folder), str(order.trunk.port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=CHECKOUT,
            )
        )
        assert carrier.stdin is not None
        assert carrier.stdout is not None
        stack.callback(carrier.wait, UP_SECONDS_MAX)
        stack.callback(carrier.stdin.close)
        carrier.stdin.write(f"{secret}\n")
        carrier.stdin.flush()
        up = carrier.stdout.readline().split()
        assert up[:1] == ["up"], "the carrier did not come up"
        yield Machine(name, order, secret, Path(up[1]))


def test_with_the_trunks_password_no_other_users_invite_reaches_the_carrier_and_the_egresss_does(
    machine: Machine,
) -> None:
    others = [0, *(number for name, number in USERS.items() if name != "egress"), 61999]
    assert [machine.call(user, "20") for user in others] == [0] * len(others)
    assert machine.invites() == []
    assert machine.call(USERS["egress"], "21") == BUSY
    assert machine.invites() == ["21"], "the same bytes of the egress's user are a call"


def test_without_the_rules_the_password_alone_would_do(machine: Machine) -> None:
    """The control: it is the rules that hold the others back, and nothing else on this machine."""
    before = machine.invites()
    removed = run("ip", "netns", "exec", machine.name, "nft", "delete", "table", "inet", "dialer")
    assert removed.returncode == 0, removed.stderr
    assert machine.call(USERS["dialer"], "22") == BUSY
    assert machine.invites() == [*before, "22"]
