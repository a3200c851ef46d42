"""`dialer exchange …`: which pairs there are, and draining one. Thin; the running dialer follows within a second."""

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

from dialer.domain.errors import InstallationError
from dialer.evidence.record import Actor, ActorKind
from dialer.processes.core import open_keyring
from dialer.processes.opening import open_log, open_store
from dialer.settings import ENVIRONMENT, Settings, read_settings
from dialer.storage.drains import drained, set_drained

exchange = typer.Typer(no_args_is_help=True, help="The exchanges: which there are, drain one, take it back")
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="the settings file")]
Name = Annotated[str, typer.Argument(help="the exchange's name in the settings")]


def _settings(named: Path | None) -> Settings:
    return read_settings(named or Path(os.environ.get(ENVIRONMENT, "dialer.toml")))


@exchange.command("list")
def show(settings: SettingsFile = None) -> None:
    """Every exchange of the settings, and whether it is drained."""
    said = _settings(settings)
    store = open_store(said)
    try:
        out = store.read_now(drained)
    finally:
        store.close()
    for one in said.exchanges:
        state = "drained" if one.name in out else "takes calls"
        print(f"{one.name:<20} {one.channels_max:>5} callees {one.seats:>4} seats  {state}", flush=True)


@exchange.command("drain")
def drain(name: Name, settings: SettingsFile = None) -> None:
    """Place no new call there; calls and seats that are up go on."""
    _set(_settings(settings), name, wanted=True)


@exchange.command("restore")
def restore(name: Name, settings: SettingsFile = None) -> None:
    """Place calls there again."""
    _set(_settings(settings), name, wanted=False)


def _set(settings: Settings, name: str, *, wanted: bool) -> None:
    if name not in {said.name for said in settings.exchanges}:
        raise InstallationError(f"there is no exchange {name} in the settings")
    store = open_store(settings)
    log = open_log(settings, open_keyring(settings), "command")
    actor = Actor(ActorKind.PROCESS, f"command.{getpass.getuser()}")
    try:
        changed = store.write_now(lambda tx: set_drained(tx, log, name, wanted, actor))
    finally:
        store.close()
    word = "drained" if wanted else "restored"
    print(f"{name} is {word}" if changed else f"{name} was {word} already", flush=True)
