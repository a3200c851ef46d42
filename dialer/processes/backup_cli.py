"""`dialer backup` and `dialer restore`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from dialer.settings import ENVIRONMENT, Settings, read_settings

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="the settings file")]


def _settings(named: Path | None) -> Settings:
    return read_settings(named or Path(os.environ.get(ENVIRONMENT, "dialer.toml")))


def _say(line: str) -> None:
    print(line, flush=True)


def backup(folder: Path, settings: SettingsFile = None) -> None:
    """Copy database and recordings into an empty folder, while calls run; keys are never in it."""
    from dialer.processes.backup import backup as work

    raise typer.Exit(work(_settings(settings), folder, _say))


def restore(
    folder: Path,
    shipped: Annotated[Path | None, typer.Option(help="the folder of the shipped log")] = None,
    witness: Annotated[Path | None, typer.Option(help="the witness's own state file")] = None,
    settings: SettingsFile = None,
) -> None:
    """Bring a backup back into an installation without database, and replay what was shipped since."""
    from dialer.processes.backup import restore as work
    from dialer.processes.backup import tell
    from dialer.processes.core import open_keyring
    from dialer.processes.proof import read_witnessed

    read = _settings(settings)
    restored = work(read, folder, shipped, read_witnessed(read, witness), open_keyring(read))
    raise typer.Exit(tell(restored, _say))


def declare_loss(
    login: Annotated[str, typer.Option("--as", help="the administrator who answers for it")],
    reason: Annotated[str, typer.Option(help="why it is lost; it stands on the log")],
    settings: SettingsFile = None,
) -> None:
    """After a restore that lost leaves: say so on the log, lift the stop, let the witness follow from here."""
    from dialer.processes.declare import declare_loss as work

    raise typer.Exit(work(_settings(settings), login, reason, _say))
