"""`dialer subject …` and `dialer retention …`: thin, every command one use case."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dialer.domain.errors import InstallationError
from dialer.services.subject_rights import CaseKind
from dialer.settings import ENVIRONMENT, Settings, read_settings

subject = typer.Typer(
    no_args_is_help=True, help="What a person asks for: a copy, a correction, deletion; and holds"
)
retention = typer.Typer(no_args_is_help=True, help="Purging what was kept long enough, and its certificates")
As = Annotated[str, typer.Option("--as", help="the auditor or administrator in whose name it is done")]
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="the settings file")]


def _settings(named: Path | None) -> Settings:
    return read_settings(named or Path(os.environ.get(ENVIRONMENT, "dialer.toml")))


def _say(line: str) -> None:
    print(line, flush=True)


def _moment(option: str, text: str) -> datetime:
    """A moment as people type it.

    Raises:
        InstallationError: it is none, or has no offset.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise InstallationError(f"{option} must be a moment such as 2026-11-18T10:30:00+08:00") from wrong
    if at.tzinfo is None:
        raise InstallationError(f"{option} needs its offset, such as +08:00")
    return at


def _end(work: Coroutine[None, None, int]) -> None:
    raise typer.Exit(asyncio.run(work))


@subject.command("open")
def open_case(
    kind: CaseKind,
    login: As,
    country: Annotated[str, typer.Option(help="the number's country, where it is written without +")] = "CN",
    settings: SettingsFile = None,
) -> None:
    """Open a case; the number is read from standard input, so that nobody sees it in a list of processes."""
    from dialer.processes import rights

    number = sys.stdin.readline(100).strip()
    _end(rights.open_case(_settings(settings), login, number, kind, country, _say))


@subject.command("list")
def list_cases(login: As, settings: SettingsFile = None) -> None:
    """Every case with its deadline, the most urgent first."""
    from dialer.processes import rights

    _end(rights.list_cases(_settings(settings), login, _say))


@subject.command("copy")
def copy_of(case: str, login: As, settings: SettingsFile = None) -> None:
    """Print the person's own copy, to be handed to them."""
    from dialer.processes import rights

    _end(rights.copy_of(_settings(settings), login, case, _say))


@subject.command("correct")
def correct(case: str, login: As, settings: SettingsFile = None) -> None:
    """Correct the name; the right one is read from standard input."""
    from dialer.processes import rights

    name = sys.stdin.readline(400).strip()
    _end(rights.correct_name(_settings(settings), login, case, name, _say))


@subject.command("erase")
def erase(case: str, login: As, settings: SettingsFile = None) -> None:
    """Erase, when the statutory term is over and no hold stands."""
    from dialer.processes import rights

    _end(rights.erase(_settings(settings), login, case, _say))


@subject.command("hold")
def hold(case: str, login: As, reason: Annotated[str, typer.Option()], settings: SettingsFile = None) -> None:
    """Hold everything of the person of a case: nothing is erased or purged."""
    from dialer.processes import rights

    _end(rights.set_hold(_settings(settings), login, case, reason, _say))


@subject.command("lift")
def lift(
    hold_id: str, login: As, reason: Annotated[str, typer.Option()], settings: SettingsFile = None
) -> None:
    """Lift a hold."""
    from dialer.processes import rights

    _end(rights.lift_hold(_settings(settings), login, hold_id, reason, _say))


@retention.command("run")
def run(login: As, settings: SettingsFile = None) -> None:
    """Purge now what is due; the dialer does it each hour."""
    from dialer.processes import rights

    _end(rights.run_retention(_settings(settings), login, _say))


@retention.command("certificate")
def certificate(seq: int, login: As, settings: SettingsFile = None) -> None:
    """Print the certificate of the purge or erasure at a place of the log."""
    from dialer.processes import rights

    _end(rights.print_certificate(_settings(settings), login, seq, _say))


def sample(
    login: As,
    since: Annotated[str, typer.Option(help="with its offset, such as 2026-11-01T00:00:00+08:00")],
    until: Annotated[str, typer.Option(help="as --since; a time that is over")],
    count: Annotated[int, typer.Option(help="how many attempts, 1 to 1,000")] = 20,
    settings: SettingsFile = None,
) -> None:
    """Draw attempts and their inspector at random, by a seed that is on the log first."""
    from dialer.processes import rights

    begin, end = _moment("--since", since), _moment("--until", until)
    _end(rights.draw_sample(_settings(settings), login, begin, end, count, _say))
