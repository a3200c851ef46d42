"""`dialer init` on one machine: what lies where, who can read it, and what it refuses to do twice."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.domain.errors import InstallationError
from dialer.processes.accounts import USERS
from dialer.processes.init import Users, install
from dialer.processes.order import read_order
from dialer.settings import Profile, read_settings

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="one user: separation not shown")
ORDER = """
origin = "test/install"
administrator = "admin"
[company]
name_zh = "示例软件有限公司"
name_en = "Sample Software Ltd"
uscc = "91000000000000000X"
country = "CN"
callback = "4000000000"
[console]
host = "127.0.0.1"
port = 18443
[gate]
name = "127.0.0.1"
bind = "127.0.0.1"
port = 18444
[exchange]
pbx_host = "127.0.0.1"
media_host = "127.0.0.1"
egress_host = "127.0.0.1"
trunk_bind = "127.0.0.1"
ami_port = 18445
http_port = 18446
pbx_sip_port = 18447
egress_sip_port = 18448
seats = 2
[trunk]
host = "127.0.0.1"
port = 18449
user = "trunk"
realm = "carrier"
secret_file = "{secret}"
"""


def _order(folder: Path) -> Path:
    (folder / "trunk").write_text("a-trunk-secret-of-this-test\n", encoding="utf-8")
    path = folder / "order.toml"
    path.write_text(ORDER.format(secret=folder / "trunk"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One installation for this file; as root each process has its own user."""
    folder = Path(tempfile.mkdtemp(prefix="ini-"))
    folder.chmod(0o755)
    said: list[str] = []
    users = Users.ONE_EACH if os.geteuid() == 0 else Users.THIS_ONE
    install(read_order(_order(folder)), folder / "home", users, said.append)
    yield folder / "home"
    shutil.rmtree(folder, ignore_errors=True)


def _reads(user: str, path: Path) -> bool:
    return (
        subprocess.run(
            ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "cat", str(path)],
            capture_output=True,
            check=False,
        ).returncode
        == 0
    )


def test_a_new_installation_is_in_production_and_its_settings_name_no_secret(home: Path) -> None:
    settings = read_settings(home / "dialer.toml")
    assert settings.profile is Profile.PRODUCTION
    secrets = [p.read_bytes().strip() for p in (home / "keys").rglob("*.secret")]
    assert len(secrets) == 5
    for name in ("dialer.toml", "pbx.toml", "egress.toml", "trust.json"):
        content = (home / name).read_bytes()
        assert [s for s in secrets if s in content] == [], name


def test_no_private_file_is_open_to_others(home: Path) -> None:
    private = [p for p in (home / "keys").rglob("*") if p.is_file() and "public" not in p.parts]
    assert len(private) >= 14
    certificates = {p for p in private if p.suffix == ".crt"}
    assert [p.name for p in set(private) - certificates if stat.S_IMODE(p.stat().st_mode) & 0o077] == []


def test_an_installation_is_never_made_over_another(home: Path) -> None:
    before = {p: p.read_bytes() for p in (home / "keys").rglob("*") if p.is_file()}
    with pytest.raises(InstallationError, match="holds an installation already"):
        install(read_order(_order(home.parent)), home, Users.THIS_ONE, print)
    assert {p: p.read_bytes() for p in (home / "keys").rglob("*") if p.is_file()} == before


@as_root
@pytest.mark.parametrize("user", [user.name for user in USERS])
def test_a_user_reads_its_own_keys_and_nobody_elses(home: Path, user: str) -> None:
    owners = {"pbx": "dialer", "ca": "root", "public": "everybody"}
    for folder in sorted((home / "keys").iterdir()):
        owner = owners.get(folder.name, folder.name)
        for path in folder.iterdir():
            assert _reads(user, path) == (owner in (user, "everybody")), f"{user} and {path.name}"


@as_root
def test_the_dialer_can_not_read_the_trunks_secret_and_the_egress_can_not_read_the_dialers_keys(
    home: Path,
) -> None:
    trunk, master = home / "keys/egress/trunk.secret", home / "keys/dialer/master.key"
    assert (_reads("egress", trunk), _reads("dialer", trunk)) == (True, False)
    assert (_reads("dialer", master), _reads("egress", master)) == (True, False)


@as_root
def test_the_database_is_open_to_dialer_and_gate_alone(home: Path) -> None:
    database = home / "db" / "dialer.db"
    assert {u.name for u in USERS if _reads(u.name, database)} == {"dialer", "gate"}


@as_root
def test_a_users_socket_can_not_be_taken_away_by_another(home: Path) -> None:
    mine = home / "run" / "gate.sock"
    as_user = ["setpriv", "--regid=dialer-run", "--clear-groups"]
    subprocess.run([*as_user, "--reuid=gate", "touch", str(mine)], check=True)
    taken = subprocess.run(
        [*as_user, "--reuid=witness", "rm", "-f", str(mine)], capture_output=True, check=False
    )
    assert taken.returncode != 0
    subprocess.run([*as_user, "--reuid=gate", "rm", str(mine)], check=True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("seats = 2", "seats = 2\nspare = 1"), "spare"),
        (("port = 18444", "port = 18443"), "same port"),
        (('country = "CN"', 'country = "China"'), "country"),
        (("[company]", "[compny]"), "company"),
        (('host = "127.0.0.1"\nport = 18449', 'host = "a;b"\nport = 18449'), "host"),
        (("origin =", "origin"), "not TOML"),
    ],
    ids=["unknown key", "one port twice", "no country", "no company", "a host that is none", "no TOML"],
)
def test_a_wrong_order_is_refused_in_one_sentence_and_nothing_is_made(
    tmp_path: Path, change: tuple[str, str], sentence: str
) -> None:
    path = _order(tmp_path)
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    path.write_text(text.replace(*change), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "dialer", "init", str(path), "--home", str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 78
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "home").exists()
