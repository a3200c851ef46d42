"""`dialer init`: a new installation in one folder, ready to start and, until people file what is asked, dialling nobody.

    HOME/dialer.toml pbx.toml egress.toml trust.json    settings without secrets, and the public keys for auditors
    HOME/keys/<process>/                                each process's keys and secrets; ca/ is root's
    HOME/db vault spool run prompts pbx egress          what they work in
    HOME/pbx-2 egress-2 and their .toml                 a further pair, where the order has one
    HOME/models                                         the operator's own recognisers, where there are any
    HOME/host/                                          systemd units and firewall rules, with a user each

Nothing is dialled before the organisation's registers are filled in: an unknown fact refuses.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher

from dialer.domain.errors import InstallationError
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.processes.accounts import give_away, make_users
from dialer.processes.core import open_keyring
from dialer.processes.host_files import write_host_files
from dialer.processes.opening import open_log
from dialer.processes.order import Company, Order, PairNames, egress_text, pbx_text, settings_text
from dialer.services.prompt_desk import SpokenText
from dialer.services.views.organisations import NewOrganisation
from dialer.services.views.session import Locale, Role
from dialer.settings import Settings, read_settings
from dialer.signing.certificates import CertificateFiles, make_certificates
from dialer.signing.keys import KeyFiles, make_keys, trust_of, write_secret
from dialer.storage.dnc import start_dnc_tree
from dialer.storage.log import Draft, start_log
from dialer.storage.migrate import migrate
from dialer.storage.organisations import begin_operator, organisation_of
from dialer.storage.prompts import register_prompt
from dialer.storage.sql import Engine, Tx
from dialer.storage.store import Store, engine_of
from dialer.storage.tables_organisation import User
from dialer.telephony.prompts import PromptsUnavailable, make_prompts, organisation_prompts, read_register

PASSWORD_BYTES: Final = 15
SECRET_BYTES: Final = 24
FOLDERS: Final = (
    "keys/pbx",
    "db",
    "vault",
    "spool",
    "run",
    "prompts/waiting",
    "models",
    "pbx/log",
    "egress/run",
)
GATE_UPDATES: Final = ("permit", "attempt", "log_head", "check_run")
GATE_INSERTS: Final = (
    "egress_report",
    "inbound_call",
    "leaf",
    "payload",
    "log_node",
    "dialling_stop",
    "check_run",
)
_PLAIN_PATH: Final = re.compile(r"^/[A-Za-z0-9._/+@-]+$")
ORGANISATION: Final = "org-1"
ADMINISTRATOR: Final = "user-1"
Say = Callable[[str], None]


class Users(Enum):
    """Who runs the processes: a system user each (root makes them), or whoever runs this."""

    ONE_EACH = "one each"
    THIS_ONE = "this one"


@dataclass(frozen=True, slots=True)
class Installed:
    """What the operator has to know. The password is nowhere else: not in a file, not in the database."""

    settings_file: Path
    login: str
    password: str


def install(order: Order, home: Path, users: Users, say: Say) -> Installed:
    """Make the installation in `home`.

    Raises:
        InstallationError: something is there already, or a part can't be made; one sentence says which. An installation
            that was there before is not touched.
    """
    if not _PLAIN_PATH.match(str(home)):
        raise InstallationError("the home is an absolute path of letters, digits and ._/+@- only")
    settings_file = home / "dialer.toml"
    if settings_file.exists():
        raise InstallationError(f"{home} holds an installation already; it is not touched")
    given = _read_given(order)
    if users is Users.ONE_EACH:
        say(f"system users made: {', '.join(make_users()) or 'all are there already'}")
    home.mkdir(parents=True, exist_ok=True)
    further = [f"{name}/{part}" for pair in order.pairs[1:] for name, part in _own_folders(pair)]
    for name in (*FOLDERS, *further):
        (home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    gate_password = _make_secrets(home, given, order.pairs)
    say("keys, certificates and secrets made")
    _make_prompts(order.company, home)
    for pair in order.pairs:
        (home / f"{pair.pbx}.toml").write_text(pbx_text(pair, home), encoding="utf-8")
        (home / f"{pair.egress}.toml").write_text(egress_text(order, pair, home), encoding="utf-8")
    # The last of the files: with it the installation is there.
    settings_file.write_text(settings_text(order, home), encoding="utf-8")
    try:
        settings = read_settings(settings_file)
        (home / "trust.json").write_bytes(trust_of(KeyFiles(home / "keys"), settings.origin).to_bytes())
        password = _fill(order, settings, gate_password)
        say("database migrated, evidence log begun")
        if users is Users.ONE_EACH:
            say(
                f"systemd units and firewall rules in {write_host_files(order, home)}; docs/production.md says how to use them"
            )
            give_away(home)
            say("every file given to its process's user")
    except BaseException:
        settings_file.unlink()
        raise
    return Installed(settings_file, order.administrator, password)


def _read_given(order: Order) -> dict[str, bytes]:
    """What the operator gives in files: path below keys/ → content."""
    wanted = {
        "egress/trunk.secret": order.trunk.secret_file,
        "dialer/console.crt": order.console.certificate_file,
        "dialer/console.pem": order.console.key_file,
        "dialer/pgpass": order.database_password_file,
    }
    given = {}
    for name, path in wanted.items():
        if path is None:
            continue
        try:
            given[name] = path.read_bytes().strip() + b"\n"
        except OSError as missing:
            raise InstallationError(f"the file {path.name} that the order names can't be read") from missing
    if "dialer/pgpass" in given:
        given["dialer/pgpass"] = b"*:*:*:*:" + given["dialer/pgpass"]
    return given


def _own_folders(pair: PairNames) -> tuple[tuple[str, str], ...]:
    return (pair.pbx, "log"), (pair.egress, "run")


def _make_secrets(home: Path, given: dict[str, bytes], pairs: tuple[PairNames, ...]) -> str:
    """Keys, certificates and secrets, each in its process's folder; returns the password of the gate's database role."""
    keys = home / "keys"
    make_keys(KeyFiles(keys))
    make_certificates(CertificateFiles(keys), datetime.now(UTC))
    database = secrets.token_urlsafe(SECRET_BYTES)
    made = {"gate/pgpass": f"*:*:*:*:{database}\n".encode()}
    for pair in pairs:
        ami, link = (secrets.token_urlsafe(SECRET_BYTES).encode() for _ in range(2))
        made |= {f"{side}/ami{pair.suffix}.secret": ami for side in ("dialer", "pbx")}
        made |= {f"pbx/{pair.egress}.secret": link, f"egress/{pair.pbx}.secret": link}
    for name, content in (made | given).items():
        # Left over from an installation that did not come to its end: both ends of a line are made together.
        (keys / name).unlink(missing_ok=True)
        write_secret(keys / name, content)
    for path in (keys, keys / "public"):
        path.chmod(0o755)
    return database


def _make_prompts(company: Company, home: Path) -> None:
    prompts = organisation_prompts(company.name_zh, company.name_en, company.callback)
    try:
        make_prompts(prompts, home / "prompts")
    except PromptsUnavailable as missing:
        raise InstallationError(str(missing)) from missing


def _fill(order: Order, settings: Settings, gate_password: str) -> str:
    """Migrate the database and begin it; returns the administrator's password."""
    migrate(settings.database)
    is_shared_file = engine_of(settings.database) is Engine.SQLITE
    if is_shared_file:
        # The gate writes it too; the folder's group says who that is.
        (settings.folders.keys.parent / "db" / "dialer.db").chmod(0o660)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    password_hash = PasswordHasher().hash(password)
    store = Store(settings.database)
    log = open_log(settings, open_keyring(settings), "init")

    def begin(tx: Tx) -> None:
        if tx.one("SELECT id FROM clock_offset WHERE id = 1") is not None:
            raise InstallationError("the database holds an installation already; it is not touched")
        tx.run("INSERT INTO clock_offset (id, offset_us) VALUES (1, 0)")
        tx.run(
            "INSERT INTO setting (name, value) VALUES ('profile', :profile)", profile=str(settings.profile)
        )
        start_log(tx)
        start_dnc_tree(tx)
        tx.insert(organisation_of(ORGANISATION, _company(order.company)))
        begin_operator(tx, ORGANISATION)
        tx.insert(_administrator(order, password_hash))
        draft = Draft(
            type=EventType.CONFIG_CHANGED,
            actor=Actor(ActorKind.PROCESS, "init"),
            says={"installed": settings.origin, "administrator": ADMINISTRATOR},
            org=ORGANISATION,
        )
        log.append(tx, draft, tx.now_us())
        for entry in read_register(settings.folders.prompts):
            # drafts: somebody has to listen to them first (`dialer prompt approve`)
            spoken = SpokenText(entry.name, entry.language, entry.text, entry.sha256)
            register_prompt(tx, log, ORGANISATION, spoken, Actor(ActorKind.PROCESS, "init"))
        if not is_shared_file:
            _make_gate_role(tx, gate_password)

    try:
        store.write_now(begin)
    finally:
        store.close()
    return password


def _make_gate_role(tx: Tx, password: str) -> None:
    """The gate reads what it decides by, consumes permits, places attempts, writes reports and the log: no more."""
    if tx.one("SELECT 1 AS there FROM pg_roles WHERE rolname = 'gate'") is None:
        tx.run("CREATE ROLE gate LOGIN")
    # Letters, digits, - and _ only: `secrets.token_urlsafe`.
    tx.run(f"ALTER ROLE gate PASSWORD '{password}'")
    tx.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO gate")
    tx.run(f"GRANT UPDATE ON {', '.join(GATE_UPDATES)} TO gate")
    tx.run(f"GRANT INSERT ON {', '.join(GATE_INSERTS)} TO gate")


def _company(company: Company) -> NewOrganisation:
    return NewOrganisation(company.name_zh, company.name_en, company.uscc, company.country)


def _administrator(order: Order, password_hash: str) -> User:
    return User(
        id=ADMINISTRATOR,
        org_id=ORGANISATION,
        login=order.administrator,
        name=order.administrator,
        role=str(Role.ADMINISTRATOR),
        locale=str(Locale.ZH if order.company.country == "CN" else Locale.EN),
        password_hash=password_hash,
    )
