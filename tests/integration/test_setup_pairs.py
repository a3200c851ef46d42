"""`dialer init` of an order with two pairs: each has its own ports, secrets, folders and units, and one gate knows both."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dialer.processes.exchange import EgressFile, PbxFile, read_exchange_file
from dialer.processes.host_files import firewall_text, target_text, unit_text, units_of
from dialer.processes.init import Users, install
from dialer.processes.order import read_order
from dialer.processes.trunk_cli import trunk
from dialer.settings import read_settings
from tests.integration.test_host_files import USERS
from tests.integration.test_setup_users import ORDER

SECOND = """
[[further_exchanges]]
pbx_host = "127.0.0.1"
media_host = "127.0.0.1"
egress_host = "127.0.0.1"
trunk_bind = "127.0.0.1"
ami_port = 18455
http_port = 18456
pbx_sip_port = 18457
egress_sip_port = 18458
seats = 3
"""


def order_file(folder: Path, more: str = SECOND) -> Path:
    (folder / "trunk").write_text("a-trunk-secret-of-this-test\n", encoding="utf-8")
    path = folder / "order.toml"
    path.write_text(ORDER.format(secret=folder / "trunk") + more, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="inp-"))
    folder.chmod(0o755)
    users = Users.ONE_EACH if os.geteuid() == 0 else Users.THIS_ONE
    install(read_order(order_file(folder)), folder / "home", users, lambda line: None)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


def _pair(home: Path, suffix: str) -> tuple[PbxFile, EgressFile]:
    pbx = read_exchange_file(home / f"pbx{suffix}.toml", "pbx")
    egress = read_exchange_file(home / f"egress{suffix}.toml", "egress")
    assert isinstance(pbx, PbxFile)
    assert isinstance(egress, EgressFile)
    return pbx, egress


def test_the_dialer_knows_both_pairs_and_the_gate_both_egresses(home: Path) -> None:
    settings = read_settings(home / "dialer.toml")
    assert [said.name for said in settings.exchanges] == ["pbx", "pbx-2"]
    assert settings.browser_seats == ("seat-1", "seat-2", "seat-3", "seat-4", "seat-5")
    egresses = [(said.name, said.control) for said in settings.gate.egresses]
    assert egresses == [
        ("egress", home / "egress/run/asterisk.ctl"),
        ("egress-2", home / "egress-2/run/asterisk.ctl"),
    ]


@pytest.mark.parametrize("suffix", ["", "-2"])
def test_the_ends_of_each_line_of_a_pair_fit(home: Path, suffix: str) -> None:
    settings = read_settings(home / "dialer.toml")
    dialer = settings.exchanges[0 if suffix == "" else 1]
    pbx, egress = _pair(home, suffix)
    assert (pbx.name, egress.name) == (f"pbx{suffix}", f"egress{suffix}")
    assert dialer.ami_port == pbx.ami_port
    assert dialer.ami_secret_file.read_text() == pbx.ami_secret_file.read_text()
    assert dialer.optouts == pbx.root / "log/optouts"
    assert (dialer.seats, dialer.seat_first) == (pbx.seats, pbx.seat_first)
    assert (pbx.egress_port, egress.pbx_port) == (egress.sip_port, pbx.sip_port)
    assert pbx.egress_secret_file.read_text() == egress.pbx_secret_file.read_text()
    assert egress.gate_url.endswith(f":{settings.gate.port}")


def test_the_pairs_share_no_secret_no_folder_and_no_port(home: Path) -> None:
    (pbx, egress), (other_pbx, other_egress) = _pair(home, ""), _pair(home, "-2")
    assert pbx.ami_secret_file.read_text() != other_pbx.ami_secret_file.read_text()
    assert pbx.egress_secret_file.read_text() != other_pbx.egress_secret_file.read_text()
    assert len({said.root for said in (pbx, egress, other_pbx, other_egress)}) == 4
    audio = [set(range(s.rtp_first, s.rtp_last + 1)) for s in (pbx, egress, other_pbx, other_egress)]
    assert len(set.union(*audio)) == sum(map(len, audio))


@pytest.mark.skipif(os.geteuid() != 0, reason="one user: separation not shown")
def test_the_second_pairs_folders_are_their_users(home: Path) -> None:
    for name, user in (("pbx-2", "dialer"), ("egress-2", "egress")):
        for folder in (home / name, *(home / name).iterdir()):
            assert pwd.getpwuid(folder.stat().st_uid).pw_name == user, folder


def test_a_trunks_profile_is_every_egresses(home: Path) -> None:
    profile = home / "given.toml"
    profile.write_text('country = "CN"\ncalls_per_second_max = 3\n', encoding="utf-8")
    done = CliRunner().invoke(trunk, ["add", str(profile), "--home", str(home)])
    assert done.exit_code == 0, done.output
    assert {_pair(home, suffix)[1].trunk_profile for suffix in ("", "-2")} == {home / "trunk.toml"}


def test_a_port_that_two_pairs_are_given_is_refused(tmp_path: Path) -> None:
    same = SECOND.replace("ami_port = 18455", "ami_port = 18445")
    done = subprocess.run(
        [sys.executable, "-m", "dialer", "init", str(order_file(tmp_path, same)), "--home", str(tmp_path / "h")],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, (tmp_path / "h").exists()) == (78, False)
    assert "same port" in done.stderr


def test_both_pairs_have_units_and_places_in_the_rules(tmp_path: Path) -> None:
    one, two = read_order(order_file(tmp_path, "")), read_order(order_file(tmp_path))
    assert {unit.name for unit in units_of(two)} - {unit.name for unit in units_of(one)} == {
        "pbx-2",
        "egress-2",
    }
    folder = tmp_path / "units"
    folder.mkdir()
    for unit in units_of(two):
        (folder / f"dialer-{unit.name}.service").write_text(unit_text(unit, Path("/srv/dialer")))
    (folder / "dialer.target").write_text(target_text(units_of(two)))
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(folder.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in said.stderr.splitlines() if "dialer" in line] == []
    dialer = (folder / "dialer-dialer.service").read_text()
    assert "dialer-pbx-2.service" in dialer
    assert "/srv/dialer/pbx-2" in dialer.split("ReadWritePaths=")[1].splitlines()[0]
    rules = firewall_text(two, USERS)
    assert "tcp dport { 18445, 18446, 18455, 18456 } meta skuid != 61002" in rules
    assert "udp sport { 22000-23999, 26000-27999 } accept" in rules
    if os.geteuid() == 0:
        (tmp_path / "dialer.nft").write_text(rules)
        loads = subprocess.run(
            ["nft", "-c", "-f", str(tmp_path / "dialer.nft")], capture_output=True, text=True, check=False
        )
        assert loads.returncode == 0, loads.stderr
