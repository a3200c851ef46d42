"""Every container's command of docker-compose.yml, run in its own layout. The file itself: test_compose_file.py."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.processes.accounts import make_users
from dialer.telephony.install import ensure_asterisk
from dialer.telephony.trunk_records import read_days
from tests.integration.setup_bench import (
    OURS,
    ROOT,
    Bench,
    bench,
    run,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="one user: separation not shown")
BROWSER, CARRIER = "browser", "sip.carrier.example"


# ---------------------------------------------------------------- the containers, run


def _certificate(folder: Path) -> None:
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=calls.example", "-addext", "subjectAltName=DNS:calls.example",
        "-keyout", str(folder / "console_key"), "-out", str(folder / "console_certificate"))  # fmt: skip


def _postgres(opened: Bench) -> subprocess.Popen[bytes]:
    """The database as the postgres image has it: a socket, a superuser `dialer` with a password, no network."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert programs, "PostgreSQL is missing: apt-get install postgresql"
    data, sockets = opened.folder / "volumes" / "postgres-data", opened.folder / "volumes" / "postgres-socket"
    for folder in (data, sockets):
        folder.mkdir(parents=True)
        shutil.chown(folder, "postgres", "postgres")
    data.chmod(0o700)
    sockets.chmod(0o777)
    password = opened.folder / "initdb-password"
    password.write_text((opened.folder / "docker/secrets/postgres_password").read_text(encoding="utf-8"))
    shutil.chown(password, "postgres")
    become = [
        "setpriv",
        "--reuid=postgres",
        "--regid=postgres",
        "--init-groups",
        "env",
        "-i",
        "PATH=/usr/bin:/bin",
    ]
    run(*become, str(programs[-1] / "initdb"), "-D", str(data), "-U", "dialer", f"--pwfile={password}", "-E", "UTF8",
        "--locale=C.UTF-8", "--auth-local=scram-sha-256", "--auth-host=reject", "--no-sync")  # fmt: skip
    with (opened.folder / "postgres.log").open("wb") as log:
        server = subprocess.Popen(
            [*become, str(programs[-1] / "postgres"), "-D", str(data), "-k", str(sockets), "-c", "listen_addresses="],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True)  # fmt: skip
    opened.running["postgres"] = server
    for _ in range(100):
        if (sockets / ".s.PGSQL.5432").exists():
            break
        time.sleep(0.1)
    client = [
        "env",
        f"PGPASSWORD={password.read_text(encoding='utf-8').strip()}",
        "psql",
        "-h",
        str(sockets),
        "-U",
        "dialer",
    ]
    run(*client, "-d", "postgres", "-c", "CREATE DATABASE dialer")
    return server


@pytest.fixture(scope="module")
def world() -> Iterator[Bench]:
    """Everything up, from the shipped order, as docs/production.md says: secrets, init, up."""
    ensure_asterisk()
    make_users()
    folder = Path(tempfile.mkdtemp(prefix="cdb-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with bench(folder) as opened:
            given = folder / "docker" / "secrets"
            given.mkdir(parents=True)
            (folder / "installation").mkdir()
            (given / "postgres_password").write_text("a-password-of-this-test\n", encoding="utf-8")
            (given / "trunk_secret").write_text("a-trunk-secret-of-this-test\n", encoding="utf-8")
            _certificate(given)
            opened.build_networks({BROWSER: "console", CARRIER: "trunk"})
            # The carrier's name would need a DNS server, which Docker has and the bench has not.
            order = (ROOT / "docker" / "install.toml").read_text(encoding="utf-8")
            address = opened.addresses[CARRIER, "trunk"]
            (folder / "install.toml").write_text(
                order.replace(f'host = "{CARRIER}"', f'host = "{address}"'), encoding="utf-8"
            )
            _postgres(opened)
            made = opened.inside("init", *opened.services["init"].command)
            assert made.returncode == 0, made.stdout + made.stderr
            (folder / "init.out").write_text(made.stdout, encoding="utf-8")
            for name in OURS:
                opened.start(name)
            for name in OURS:
                opened.wait_healthy(name)
            yield opened
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _browse(world: Bench, *arguments: str) -> subprocess.CompletedProcess[str]:
    certificate = world.folder / "docker/secrets/console_certificate"
    address = world.addresses["pbx", "console"]
    return run("ip", "netns", "exec", world.netns(BROWSER), "curl", "-sS", "--max-time", "10", "--cacert", str(certificate),
               "--resolve", f"calls.example:8443:{address}", *arguments, check=False)  # fmt: skip


@as_root
def test_every_container_of_ours_comes_up_healthy_on_its_own_command(world: Bench) -> None:
    assert [name for name in OURS if world.running[name].poll() is not None] == []


@as_root
def test_the_first_administrator_logs_in_by_the_printed_password_and_by_no_other(world: Bench) -> None:
    printed = (world.folder / "init.out").read_text(encoding="utf-8")
    password = next(line.split()[1] for line in printed.splitlines() if line.startswith("password"))

    def status(secret: str) -> str:
        body = json.dumps({"login": "admin", "password": secret})
        answer = _browse(world, "-o", os.devnull, "-w", "%{http_code}", "-H", "Origin: https://calls.example:8443",
                         "-H", "Content-Type: application/json", "-d", body, "https://calls.example:8443/api/session")  # fmt: skip
        return answer.stdout

    assert status(password) in ("200", "201")
    assert status("not-the-password") == "401"


def _knocks(world: Bench, name: str, host: str, port: int) -> bool:
    script = f"import socket; socket.create_connection(({host!r}, {port}), 2).close()"
    return world.inside(name, "python", "-c", script).returncode == 0


@as_root
def test_the_gate_is_reached_by_the_egress_and_by_nobody_else(world: Bench) -> None:
    address = world.addresses["gate", "permits"]
    assert _knocks(world, "egress", "gate", 8444)
    assert {
        name for name in OURS if name not in ("gate", "egress") and _knocks(world, name, address, 8444)
    } == set()


@as_root
def test_the_gate_listens_to_nobody_without_the_egresss_certificate(world: Bench) -> None:
    script = """
import socket, ssl, sys
context = ssl.create_default_context(cafile="/srv/dialer/keys/public/ca.crt")
if sys.argv[1] == "with":
    context.load_cert_chain("/srv/dialer/keys/egress/egress.crt", "/srv/dialer/keys/egress/egress.pem")
with context.wrap_socket(socket.create_connection(("gate", 8444), 3), server_hostname="gate") as line:
    line.sendall(b"GET /permit?token=pt00000000000000000000000000000000&uid=x HTTP/1.1\\r\\nHost: gate\\r\\n\\r\\n")
    print(line.recv(12).decode())
"""
    with_it = world.inside("egress", "python", "-c", script, "with")
    assert with_it.stdout.startswith("HTTP/1.1 4"), with_it.stderr
    without = world.inside("egress", "python", "-c", script, "without")
    # Under TLS 1.3 the refusal comes after the handshake: the line is closed without an answer.
    assert "HTTP" not in without.stdout


@as_root
def test_only_the_egress_has_a_way_to_the_trunk(world: Bench) -> None:
    address = world.addresses[CARRIER, "trunk"]
    serve = "import socket; s = socket.create_server(('0.0.0.0', 5060)); s.settimeout(60)\nwhile True: s.accept()[0].close()"
    carrier = subprocess.Popen(
        ["ip", "netns", "exec", world.netns(CARRIER), "python3", "-c", serve], stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 5
        while not _knocks(world, "egress", CARRIER, 5060):
            assert time.monotonic() < deadline, "the control: the egress must reach the carrier"
        assert {name for name in OURS if name != "egress" and _knocks(world, name, address, 5060)} == set()
    finally:
        carrier.kill()
        carrier.wait()


DIAL = r"""
import pathlib, socket, sys
secret = pathlib.Path("/srv/dialer/keys/dialer/ami.secret").read_text().strip()
login = ["Action: Login", "Username: dialer", f"Secret: {secret}"]
originate = ["Action: Originate", f"Channel: PJSIP/{sys.argv[1]}@egress", "Context: callee", "Exten: s", "Priority: 1", "Async: true"]
line = socket.create_connection(("127.0.0.1", 5038), 5)
for action in (login, originate):
    line.sendall("\r\n".join([*action, "", ""]).encode())
line.settimeout(8)
heard = b""
while b"OriginateResponse" not in heard:
    heard += line.recv(4096)
"""


@as_root
def test_a_token_goes_from_the_pbx_to_the_egress_which_asks_the_gate_and_calls_nobody(world: Bench) -> None:
    token = "pt" + "0123456789abcdef" * 2
    dialled = world.inside("dialer", "python", "-c", DIAL, token)
    assert dialled.returncode == 0, dialled.stderr
    records = world.folder / "installation" / "egress" / "log" / "records"
    deadline = time.monotonic() + 30
    while not (mine := [record for record in read_days(records, 2) if record.token == token]):
        assert time.monotonic() < deadline, "the egress never saw the token"
        time.sleep(0.1)
    assert [record.dialstatus for record in mine] == ["NOT_DIALLED"]


@as_root
def test_the_egress_speaks_to_the_carrier_from_its_own_address_on_the_trunk(world: Bench) -> None:
    """Asked by its control socket to see whether the carrier is there: an egress can be told to call nobody."""
    listen = """
import socket
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
line.bind(("0.0.0.0", 5060))
line.settimeout(15)
said, sender = line.recvfrom(4096)
print(sender[0], said.split()[0].decode())
"""
    ask = """
import asyncio, pathlib
from dialer.telephony.control import command
print(asyncio.run(command(pathlib.Path("/srv/dialer/egress/run/asterisk.ctl"), "pjsip qualify carrier")))
"""
    guest = ["ip", "netns", "exec", world.netns(CARRIER), "python3", "-c", listen]
    carrier = subprocess.Popen(guest, stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    asked = world.inside("egress", "python", "-c", ask)
    said, _ = carrier.communicate(timeout=20)
    assert said.split() == [world.addresses["egress", "trunk"], "OPTIONS"], asked.stdout


@as_root
def test_the_database_is_reached_by_the_gate_and_the_dialer_alone_and_by_each_as_itself(world: Bench) -> None:
    ask = "import psycopg; print(psycopg.connect('postgresql:///dialer?host=/run/postgresql').execute('select current_user').fetchone()[0])"
    said = {name: world.inside(name, "python", "-c", ask).stdout.strip() for name in OURS}
    assert said == {
        "gate": "gate",
        "dialer": "dialer",
        "egress": "",
        "pbx": "",
        "signer": "",
        "witness": "",
        "speech": "",
    }


@as_root
def test_the_gate_may_consume_permits_and_may_not_touch_consents_or_refusals(world: Bench) -> None:
    script = """
import psycopg, sys
with psycopg.connect("postgresql:///dialer?host=/run/postgresql") as connection:
    connection.execute(sys.argv[1])
"""
    allowed = ("UPDATE permit SET state = state", "SELECT count(*) FROM dnc_entry")
    denied = ("DELETE FROM dnc_entry", "UPDATE consent SET withdrawn_us = NULL", "UPDATE setting SET value = 'demo'",
              "UPDATE clock_offset SET offset_us = 1", "DELETE FROM leaf", "UPDATE user_account SET role = role")  # fmt: skip
    for statement in allowed:
        done = world.inside("gate", "python", "-c", script, statement)
        assert done.returncode == 0, done.stderr
    for statement in denied:
        done = world.inside("gate", "python", "-c", script, statement)
        assert "permission denied" in done.stderr, statement


FORK = r"""
import asyncio, pathlib, socket, sys
from dialer.ports.speech import Side, StreamBegan
from dialer.speech.door import SpeechDoor
from dialer.telephony.forks import fork_headers

async def begun():
    door = SpeechDoor(pathlib.Path("/srv/dialer/run/speech.sock"))
    reports = door.reports()
    await anext(reports)
    said = await door.expect(Side.CALLEE)
    secret = pathlib.Path("/srv/dialer/keys/dialer/ami.secret").read_text().strip()
    line = socket.create_connection(("127.0.0.1", 5038), 5)
    for action in ([("Action", "Login"), ("Username", "dialer"), ("Secret", secret)],
                   [("Action", "Originate"), *fork_headers("nobody", said)]):
        line.sendall("".join(f"{name}: {value}\r\n" for name, value in action).encode() + b"\r\n")
    async with asyncio.timeout(15):
        async for report in reports:
            if isinstance(report, StreamBegan) and report.stream == said.stream:
                return
asyncio.run(begun())
print("begun")
"""


@as_root
def test_the_exchange_sends_sound_to_the_speech_worker_and_nobody_outside_can(world: Bench) -> None:
    """The stream's name is asked for by the dialer, its sound comes from the pbx; the worker hears on loopback alone."""
    said = world.inside("dialer", "python", "-c", FORK)
    assert said.stdout.strip() == "begun", said.stderr
    ports = "import pathlib; print(pathlib.Path('/proc/net/tcp').read_text())"
    open_at = {
        line.split()[1].split(":")[0]
        for line in world.inside("speech", "python", "-c", ports).stdout.strip().splitlines()[1:]
        if line.split()[3] == "0A" and line.split()[7] == str(pwd.getpwnam("speech").pw_uid)
    }
    assert open_at == {"0100007F"}


@as_root
def test_each_process_reads_its_own_secrets_and_no_other_ones(world: Bench) -> None:
    script = """
import os
for folder, _, names in os.walk("/srv/dialer/keys"):
    for name in names:
        path = os.path.join(folder, name)
        try:
            open(path).read(); print(os.path.relpath(path, "/srv/dialer/keys"))
        except PermissionError:
            pass
"""
    for service in OURS:
        read = {line.split("/")[0] for line in world.inside(service, "python", "-c", script).stdout.split()}
        assert read <= {service, "public"}, service
        assert (service in read) is (service != "speech"), "only the speech worker has no key"


@as_root
def test_a_container_writes_only_where_its_volumes_let_it(world: Bench) -> None:
    writes = "import pathlib, sys; pathlib.Path(sys.argv[1], 'x').write_text('x')"
    assert world.inside("dialer", "python", "-c", writes, "/srv/dialer/vault").returncode == 0
    for place in ("/opt/dialer", "/srv/dialer", "/srv/dialer/keys/dialer", "/etc", "/usr"):
        assert world.inside("dialer", "python", "-c", writes, place).returncode != 0, place
