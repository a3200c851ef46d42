"""Prepares the demo's home: keys, certificates, prompts, settings, database with the sample organisation and list."""

import base64
import os
import secrets
import shutil
import socket
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from dialer.demo.sample_leads import DNC_ORGANISATION, DNC_PLATFORM, TOO_OFTEN, number_of, sample_csv
from dialer.demo.sample_organisation import (
    CALLER_ID,
    CAMPAIGN,
    DEMO_INSTANT,
    NAME_EN,
    NAME_ZH,
    ORG,
    SUPERVISOR,
    Login,
    write_sample,
)
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.errors import InstallationError
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId, SubjectId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.calls import Refusing
from dialer.processes.accounts import can_pass, give_away, make_users
from dialer.processes.core import Core, open_core
from dialer.processes.init import Users
from dialer.services.changes import Changes
from dialer.services.lead_intake import LeadIntake
from dialer.services.prompt_desk import SpokenText
from dialer.services.views.floor import ImportView
from dialer.settings import Settings, read_settings
from dialer.signing.certificates import CertificateFiles, make_certificates
from dialer.signing.doors import Door, SignerDoor
from dialer.signing.keys import KeyFiles, make_keys, trust_of, write_secret
from dialer.storage.dnc import start_dnc_tree
from dialer.storage.intake import StoredIntake, subject_of
from dialer.storage.log import start_log
from dialer.storage.migrate import migrate
from dialer.storage.moves import leaf_of_attempt, read_attempt
from dialer.storage.prompts import approve_prompt, register_prompt
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.tables_calls import Attempt
from dialer.storage.times import micros
from dialer.telephony.prompts import callee_prompts, make_prompts, organisation_prompts, read_register

CHECKOUT: Final = Path(__file__).resolve().parents[2]
HEADLESS: Final = 6
SEATS: Final = 4
SPOTTER = 'name = "pocketsphinx"\ntrust = "hint"'
"""Who listens to the callees, as the settings say it."""
AGENTS_HEARD = "off"
"""Machines for agents say one tone all day: nobody need listen to them."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports of one demo, free when it starts."""

    web: int
    ami: int
    http: int
    pbx_sip: int
    egress_sip: int
    carrier_sip: int
    gate: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that is in place before the first process starts."""

    home: Path
    ports: Ports
    settings_file: Path
    settings: Settings
    logins: tuple[Login, ...]
    imported: ImportView
    ami_secret: str
    users: Users

    @property
    def prompts(self) -> Path:
        return self.home / "prompts"

    @property
    def trust(self) -> Path:
        return self.home / "trust.json"

    @property
    def bundles(self) -> Path:
        return self.home / "bundles"


def free_port(kind: socket.SocketKind) -> int:
    """A loopback port that nobody has at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def choose_ports(web: int) -> Ports:
    """The console's port as asked for, the others as free."""
    tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, tcp) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", web))
        except OSError as taken:
            raise InstallationError(f"port {web} is taken: run the demo with PORT=another") from taken
        web = int(probe.getsockname()[1])
    return Ports(
        web=web,
        ami=free_port(tcp),
        http=free_port(tcp),
        pbx_sip=free_port(udp),
        egress_sip=free_port(udp),
        carrier_sip=free_port(udp),
        gate=free_port(tcp),
    )


async def prepare(
    home: Path, web_port: int, say: Say, only: frozenset[int] | None = None, headless: int = HEADLESS
) -> Stage:
    """Make the home anew, with the whole sample list or `only` the leads of some endings. `headless`: agents whose
    phones are machines.

    Raises:
        InstallationError: a port is taken or a program is missing; one sentence says which.
    """
    ports = choose_ports(web_port)
    _empty(home)
    ami_secret = secrets.token_urlsafe(24)
    write_secret(home / "keys" / "dialer" / "ami.secret", ami_secret.encode())
    make_keys(KeyFiles(home / "keys"))
    make_certificates(CertificateFiles(home / "keys"), datetime.now(UTC))
    settings_file = home / "dialer.toml"
    settings_file.write_text(_settings_text(home, ports, headless), encoding="utf-8")
    settings = read_settings(settings_file)
    (home / "trust.json").write_bytes(trust_of(KeyFiles(home / "keys"), settings.origin).to_bytes())
    say("making prompts")
    prompts = (*organisation_prompts(NAME_ZH, NAME_EN, CALLER_ID), *callee_prompts())
    make_prompts(prompts, home / "prompts")
    say("writing the sample organisation and list")
    record_key = SigningKey.generate()
    write_secret(site_key_file(settings.folders.keys), base64.b64encode(bytes(record_key)))
    logins = _fill(settings, record_key.verify_key.encode().hex())
    imported = await _import(settings, lambda record: record_key.sign(record).signature, only)
    users = _users(home)
    return Stage(home, ports, settings_file, settings, logins, imported, ami_secret, users)


def site_key_file(keys: Path) -> Path:
    """The key with which the sample organisation's own site signs its consent records."""
    return keys / "site" / "record.key"


def _users(home: Path) -> Users:
    """A system user for each process where root runs the demo and they can reach the checkout; else this one user."""
    if os.geteuid() != 0 or not all(
        can_pass(path) for path in (CHECKOUT, home.parent, Path(sys.executable).parent)
    ):
        return Users.THIS_ONE
    make_users()
    (home / "db" / "dialer.db").chmod(0o660)
    give_away(home)
    return Users.ONE_EACH


def _empty(home: Path) -> None:
    if home.exists():
        if not (home / "dialer.toml").exists() and any(home.iterdir()):
            raise InstallationError(f"the folder {home} is not a demo's: choose another with HOME_DIR=")
        shutil.rmtree(home)
    home.mkdir(parents=True, mode=0o700)
    for name in ("db", "vault", "spool", "run", "bundles", "log"):
        (home / name).mkdir(mode=0o700)


def _settings_text(home: Path, ports: Ports, headless: int) -> str:
    text = f"""
profile = "demo"
node = "demo"
origin = "demo/sample"
database = "sqlite:///{home}/db/dialer.db"

[folders]
keys = "{home}/keys"
vault = "{home}/vault"
spool = "{home}/spool"
run = "{home}/run"

[web]
host = "127.0.0.1"
port = {ports.web}

[exchange]
name = "pbx"
ami_host = "127.0.0.1"
ami_port = {ports.ami}
ami_secret_file = "{home}/keys/dialer/ami.secret"
http_port = {ports.http}
optouts = "{home}/pbx/log/optouts"
seats = {SEATS}
headless = {headless}

[gate]
host = "127.0.0.1"
port = {ports.gate}
egress_control = "{home}/egress/run/asterisk.ctl"
egress_records = "{home}/egress/log/records"

[speech]
port = 0
agents = "{AGENTS_HEARD}"

[[speech.spotters]]
language = "en"
{SPOTTER}
"""
    tomllib.loads(text)
    return text


def _fill(settings: Settings, record_key: str) -> tuple[Login, ...]:
    migrate(settings.database)
    store = Store(settings.database)
    offset = DEMO_INSTANT - datetime.now(UTC)

    def work(tx: Tx) -> tuple[Login, ...]:
        tx.run(
            "INSERT INTO clock_offset (id, offset_us) VALUES (1, :us)",
            us=int(offset / timedelta(microseconds=1)),
        )
        tx.run("INSERT INTO setting (name, value) VALUES ('profile', 'demo')")
        return write_sample(tx, DEMO_INSTANT, record_key, settings.exchange.headless)

    def head(tx: Tx) -> None:
        start_log(tx)
        start_dnc_tree(tx)

    try:
        store.write_now(head)
        return store.write_now(work)
    finally:
        store.close()


async def _import(
    settings: Settings, sign: Callable[[bytes], bytes], only: frozenset[int] | None
) -> ImportView:
    door = Door(settings.socket("signer"))
    core = open_core(settings, SignerDoor(door))
    try:
        _register_prompts(core, settings.folders.prompts)
        await _history(core)
        intake = LeadIntake(StoredIntake(core.store, core.log, core.keyring, core.clock), Changes())
        view = await intake.take(
            OrganisationId(ORG),
            UserId(SUPERVISOR),
            CampaignId(CAMPAIGN),
            sample_csv(DEMO_INSTANT, sign, only),
        )
    finally:
        core.store.close()
        await door.close()
    if not isinstance(view, ImportView):
        raise InstallationError("the sample list was not taken")
    return view


def _register_prompts(core: Core, folder: Path) -> None:
    """The sample organisation's prompts are on its register, listened to and approved."""
    maker, listener = Actor(ActorKind.PROCESS, "demo"), Actor(ActorKind.USER, SUPERVISOR)
    names = {prompt.name for prompt in organisation_prompts(NAME_ZH, NAME_EN, CALLER_ID)}
    for entry in read_register(folder):
        if entry.name not in names:
            continue  # what simulated callees say is nobody's prompt
        spoken = SpokenText(entry.name, entry.language, entry.text, entry.sha256)

        def work(tx: Tx, spoken: SpokenText = spoken) -> None:
            register_prompt(tx, core.log, ORG, spoken, maker)
            approve_prompt(tx, core.log, ORG, spoken.name, spoken.sha256, listener)

        core.store.write_now(work)


async def _history(core: Core) -> None:
    """What happened before the demo's day: two refusals, and two people who were called often enough already."""
    actor = Actor(ActorKind.USER, SUPERVISOR)

    def subject(ending: int) -> str:
        return core.store.write_now(lambda tx: str(subject_of(tx, core.keyring, ORG, number_of(ending)).sid))

    for ending, scope in ((DNC_ORGANISATION, DncScope.ORGANISATION), (DNC_PLATFORM, DncScope.PLATFORM)):
        await core.calls.refuse(
            Refusing(
                sid=SubjectId(subject(ending)),
                org_id=OrganisationId(ORG),
                scope=scope,
                purpose=None,
                reason=DncReason.IMPORT,
                actor=actor,
                said_in=None,
                closing_seconds=0,
            )
        )
    for ending in TOO_OFTEN:
        sid = subject(ending)
        for days in (1, 3, 5, 8, 12):
            at = micros(DEMO_INSTANT - timedelta(days=days, hours=1))
            core.store.write_now(partial(_earlier_attempt, core=core, sid=sid, at_us=at))


def _earlier_attempt(tx: Tx, core: Core, sid: str, at_us: int) -> None:
    """An attempt that another dialer made before this one was installed, taken over with its leaf."""
    subject = tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=sid)
    attempt_id = AttemptId(secrets.token_hex(16))
    tx.insert(
        Attempt(
            id=attempt_id,
            org_id=ORG,
            campaign_id=CAMPAIGN,
            lead_id="before-installation",
            sid=sid,
            platform_hmac=bytes(subject.platform_hmac),
            number_hmac=bytes(subject.number_hmac),
            state="failed",
            outcome="no_answer",
            node="before-installation",
            authorised_us=at_us,
            ended_us=at_us + 30_000_000,
        )
    )
    actor = Actor(ActorKind.USER, SUPERVISOR)
    says: dict[str, Json] = {"taken_over_from": "the dialer before this one", "at": at_us}
    leaf_of_attempt(tx, core.log, read_attempt(tx, attempt_id), EventType.ATTEMPT_FAILED, actor, says)
