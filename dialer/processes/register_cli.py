"""`dialer source …` and `dialer register …`: the registers that the gate reads, from the command line.

An administrator files; a source is verified by somebody else than who registered it. Each change is a leaf.
"""

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from dialer.domain.errors import InstallationError
from dialer.settings import ENVIRONMENT, read_settings

if TYPE_CHECKING:
    from dialer.services.views.words import Declined
    from dialer.storage.consent_registers import Editor
    from dialer.storage.log import LogWriter
    from dialer.storage.sql import Tx

T = TypeVar("T")

source_app = typer.Typer(no_args_is_help=True, help="Where consents come from: register, verify, hold, form")
register_app = typer.Typer(
    no_args_is_help=True, help="What the gate reads of organisation, numbers, scripts …"
)

As = Annotated[str, typer.Option("--as", help="the login in whose name it is done")]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", help="the settings file; else what DIALER_SETTINGS names")
]
FILES = ("administrator",)
CHECKS = ("administrator", "supervisor", "auditor")


@source_app.command("add")
def add(source: str, kind: str, name: str, login: As, settings: SettingsFile = None) -> None:
    """Register a source by id, kind (filed_site, certified_account, premises …) and name; unverified at first."""
    from dialer.domain.consent import SourceKind
    from dialer.storage.consent_registers import add_source

    if kind not in set(SourceKind):
        raise InstallationError(f"the kind of a source is one of {', '.join(SourceKind)}")
    _write(
        settings, login, FILES, lambda tx, log, by: add_source(tx, log, by, source, SourceKind(kind), name)
    )


@source_app.command("verify")
def verify(
    source: str,
    filing: Annotated[str, typer.Option(help="ICP filing, certification or contract number")],
    login: As,
    checked_on: Annotated[str | None, typer.Option(help="the day of the check; today")] = None,
    expires_on: Annotated[str | None, typer.Option(help="the check's last valid day")] = None,
    settings: SettingsFile = None,
) -> None:
    """Say that filing, business scene and scope were checked. Not by who registered it."""
    from dialer.compliance.hours import today_of
    from dialer.storage.consent_registers import verify_source
    from dialer.storage.times import moment

    expires = _day(expires_on) if expires_on is not None else None

    def work(tx: "Tx", log: "LogWriter", by: "Editor") -> "Declined | None":
        today = today_of(moment(tx.now_us()))
        checked = _day(checked_on) if checked_on is not None else today
        if checked > today:
            raise InstallationError("a check that is still to come verifies nothing")
        return verify_source(tx, log, by, source, filing, checked, expires)

    _write(settings, login, CHECKS, work)


@source_app.command("hold")
def hold(source: str, why: Annotated[str, typer.Option()], login: As, settings: SettingsFile = None) -> None:
    """Hold a source with all its leads; its issued permits are void at once."""
    from dialer.services.views.words import Declined
    from dialer.storage.consent_registers import stop_source

    def work(tx: "Tx", log: "LogWriter", by: "Editor") -> "Declined | None":
        done = stop_source(tx, log, by, source, why)
        return done if isinstance(done, Declined) else None

    _write(settings, login, CHECKS, work)


@source_app.command("form")
def form(
    source: str,
    text: Annotated[list[str], typer.Option(help="language=id of a consent text, once a language")],
    login: As,
    site: Annotated[str, typer.Option(help="origin of the page that may frame the form")] = "",
    sms: Annotated[Path | None, typer.Option(help="JSON of an approved template: phones are proven")] = None,
    settings: SettingsFile = None,
) -> None:
    """Open a form for a source."""
    from pydantic import ValidationError

    from dialer.storage.consent_forms import FormRegister
    from dialer.storage.consent_registers import set_form

    try:
        said = {
            "site": site,
            "texts": dict(pair.split("=", 1) for pair in text),
            "sms": json.loads(sms.read_text(encoding="utf-8")) if sms is not None else None,
        }
        register = FormRegister.model_validate_json(json.dumps(said))
    except (OSError, ValueError, ValidationError) as wrong:
        raise InstallationError("the form's site, texts or template are not as they must be") from wrong
    _write(settings, login, FILES, lambda tx, log, by: set_form(tx, log, by, source, register))


@register_app.command("fields")
def fields(kind: str) -> None:
    """The fields of a register: organisation, caller-number, source, script, campaign, agent, platform."""
    for name in _fields(kind):
        typer.echo(name)


@register_app.command("list")
def list_entries(kind: str, login: As, settings: SettingsFile = None) -> None:
    """Ids in a register."""
    from dialer.storage.consent_registers import entries

    _fields(kind)
    for entry in _opened(settings, login, CHECKS, lambda tx, _, by: entries(tx, by.org_id, kind)):
        typer.echo(entry)


@register_app.command("show")
def show(kind: str, entry: str, login: As, settings: SettingsFile = None) -> None:
    """An entry as JSON; what isn't filed is unknown, and the gate refuses."""
    from dialer.services.views.words import Declined
    from dialer.storage.consent_registers import shown

    _fields(kind)
    found = _opened(settings, login, CHECKS, lambda tx, _, by: shown(tx, by.org_id, kind, entry))
    if isinstance(found, Declined):
        _declined(found)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1))


@register_app.command("set")
def set_one(kind: str, entry: str, field: str, value: str, login: As, settings: SettingsFile = None) -> None:
    """Set one field; the value is JSON, such as '"signed"', 3 or '["callback"]'. What lifts a stop waits for `approve`."""
    from dialer.services.views.words import Declined
    from dialer.storage.consent_registers import set_field

    _fields(kind)
    done = _opened(
        settings, login, FILES, lambda tx, log, by: set_field(tx, log, by, kind, entry, field, value)
    )
    if isinstance(done, Declined):
        _declined(done)
        return
    typer.echo("done" if done is None else f"proposed: change {done.change_id} waits for a second person")


@register_app.command("changes")
def list_changes(login: As, settings: SettingsFile = None) -> None:
    """Changes that wait for a second person."""
    from dialer.storage.register_changes import waiting

    for row in _opened(settings, login, CHECKS, lambda tx, _, by: waiting(tx, by.org_id)):
        typer.echo(f"{row.id}  {row.kind} {row.entry} {row.field} = {row.value_json}  by {row.proposer}")


@register_app.command("approve")
def approve_change(change: str, login: As, settings: SettingsFile = None) -> None:
    """Put a proposed change in force. Not by who proposed it."""
    from dialer.storage.consent_registers import approve

    _write(settings, login, CHECKS, lambda tx, log, by: approve(tx, log, by, change))


@register_app.command("reject")
def reject_change(change: str, login: As, settings: SettingsFile = None) -> None:
    """Drop a proposed change."""
    from dialer.storage.consent_registers import reject

    _write(settings, login, CHECKS, lambda tx, log, by: reject(tx, log, by, change))


def _fields(kind: str) -> tuple[str, ...]:
    from dialer.storage.consent_registers import field_names

    names = field_names(kind)
    if not names:
        raise InstallationError(
            "a register is one of organisation, caller-number, source, script, campaign, agent, platform"
        )
    return names


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise InstallationError("a day is written like 2026-11-18") from wrong


def _write(
    settings: Path | None,
    login: str,
    roles: tuple[str, ...],
    work: "Callable[[Tx, LogWriter, Editor], Declined | None]",
) -> None:
    refused = _opened(settings, login, roles, work)
    if refused is not None:
        _declined(refused)
    typer.echo("done")


def _declined(answer: "Declined") -> None:
    typer.echo(f"nothing was changed: {answer.code}: {answer.sentence.en} {answer.sentence.zh}")
    raise typer.Exit(1)


def _opened(
    settings_file: Path | None,
    login: str,
    roles: tuple[str, ...],
    work: "Callable[[Tx, LogWriter, Editor], T]",
) -> T:
    from dialer.processes.core import open_keyring
    from dialer.processes.opening import open_log, open_store
    from dialer.storage.consent_registers import Editor

    settings = read_settings(settings_file or Path(os.environ.get(ENVIRONMENT, "dialer.toml")))
    store, log = open_store(settings), open_log(settings, open_keyring(settings), "cli")

    def one(tx: "Tx") -> T:
        user = tx.one(
            "SELECT id, org_id, role FROM user_account WHERE login = :login AND disabled_us IS NULL",
            login=login,
        )
        if user is None or user.role not in roles:
            raise InstallationError(f"{login} is no {' or '.join(roles)}")
        return work(tx, log, Editor(user.id, user.org_id))

    try:
        return store.write_now(one)
    finally:
        store.close()
