"""`dialer keys …`: thin, every command one use case."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dialer.settings import ENVIRONMENT, Settings, read_settings

keys = typer.Typer(
    no_args_is_help=True, help="The keys that sign: show, rotate, end one that was lost or stolen"
)
SettingsFile = Annotated[Path | None, typer.Option("--settings", help="the settings file")]


class Use(StrEnum):
    """Keys that change hands."""

    LOG = "log"
    WITNESS = "witness"
    BUNDLE = "bundle"
    VRF = "vrf"


class Why(StrEnum):
    """Why a key is ended."""

    LOST = "lost"
    STOLEN = "stolen"


def _settings(named: Path | None) -> Settings:
    return read_settings(named or Path(os.environ.get(ENVIRONMENT, "dialer.toml")))


def _say(line: str) -> None:
    print(line, flush=True)


@keys.command("show")
def show(settings: SettingsFile = None) -> None:
    """Every public key with its id and the tree sizes for which it is believed."""
    from dialer.processes import keys as work

    raise typer.Exit(work.show(_settings(settings), _say))


@keys.command("certificate")
def certificate(
    chain: Annotated[Path, typer.Argument(help="the certificate with its chain, PEM")],
    key: Annotated[Path, typer.Argument(help="its key, PEM")],
    settings: SettingsFile = None,
) -> None:
    """Put a newer certificate of the console in place: served within a minute, without a restart (certbot's hook)."""
    from dialer.processes.console_tls import take_certificate

    ends = take_certificate(_settings(settings), chain, key)
    _say(f"in place, good until {ends.isoformat()}")


@keys.command("rotate")
def rotate(use: Use, settings: SettingsFile = None) -> None:
    """Hand over to a new key, signed by both; stop everything first, start it again afterwards."""
    from dialer.evidence.trust import KeyUse
    from dialer.processes import keys as work

    raise typer.Exit(work.rotate(_settings(settings), KeyUse(use.value), _say))


@keys.command("end")
def end(
    use: Use,
    why: Why,
    at: Annotated[
        int | None,
        typer.Option(help="the first tree size for which it isn't believed; else the log as it stands"),
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """End a key that was lost or stolen and put a new one in its place; auditors need the new trust.json."""
    from dialer.evidence.trust import KeyUse
    from dialer.processes import keys as work

    raise typer.Exit(work.end_key(_settings(settings), KeyUse(use.value), work.Why(why.value), at, _say))
