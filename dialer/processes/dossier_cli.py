"""`dialer dossier …`: many attempts as one signed file, from the command line; the same rules as in the console."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Annotated

import typer

from dialer.domain.errors import InstallationError
from dialer.services.views.audit import DossierShape
from dialer.settings import ENVIRONMENT, Settings, read_settings

dossier = typer.Typer(
    no_args_is_help=True, help="Many attempts as one signed file: ask, agree to somebody else's, fetch"
)
As = Annotated[str, typer.Option("--as", help="the auditor or administrator in whose name it is done")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="the settings file")]


def _settings(named: Path | None) -> Settings:
    return read_settings(named or Path(os.environ.get(ENVIRONMENT, "dialer.toml")))


def _end(work: Coroutine[None, None, int]) -> None:
    raise typer.Exit(asyncio.run(work))


def _say(line: str) -> None:
    print(line, flush=True)


@dossier.command("ask")
def ask(
    login: As,
    reason: Annotated[str, typer.Option(help="why; it stands on the log")],
    shape: Annotated[
        DossierShape, typer.Option(help="redacted: without who, words and voice")
    ] = DossierShape.WHOLE,
    settings: SettingsFile = None,
) -> None:
    """Ask for the attempts whose ids are read from standard input, one a line."""
    from dialer.processes import dossiers as work

    attempts = [line.strip() for line in sys.stdin if line.strip()]
    _end(work.ask(_settings(settings), login, attempts, shape, reason, _say))


@dossier.command("list")
def listed(login: As, settings: SettingsFile = None) -> None:
    """What was asked for, newest first."""
    from dialer.processes import dossiers as work

    _end(work.listed(_settings(settings), login, _say))


@dossier.command("agree")
def agree(dossier_id: str, login: As, settings: SettingsFile = None) -> None:
    """Agree to somebody else's, over 20 people."""
    from dialer.processes import dossiers as work

    _end(work.agree(_settings(settings), login, dossier_id, _say))


@dossier.command("fetch")
def fetch(dossier_id: str, file: Path, login: As, settings: SettingsFile = None) -> None:
    """Write it into a new file, readable by its owner alone; the export is on the log first."""
    from dialer.processes import dossiers as work

    if file.exists():
        raise InstallationError(f"there is a file {file.name} already: nothing is overwritten")
    _end(work.fetch(_settings(settings), login, dossier_id, lambda pieces: write_new(file, pieces), _say))


async def write_new(file: Path, pieces: AsyncIterator[bytes]) -> int:
    """The pieces as a file of mode 600; how many bytes. What breaks off in the middle leaves nothing there.

    Raises:
        InstallationError: it can't be written.
    """
    part = file.with_name(f"{file.name}.part")
    written = 0
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as failure:
        raise InstallationError(f"{part.name} can't be made") from failure
    try:
        with os.fdopen(descriptor, "wb") as out:
            async for piece in pieces:
                written += out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        part.rename(file)
    except OSError as failure:
        raise InstallationError(f"{file.name} can't be written") from failure
    finally:
        part.unlink(missing_ok=True)
    return written
