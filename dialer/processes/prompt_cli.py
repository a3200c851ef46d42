"""`dialer prompt list | add | approve`: the register of what callees and callers hear. Thin.

Files lie in HOME/prompts, where the exchanges play them; text, hash and approval stand in the database and on the log.
"""

import getpass
import hashlib
from pathlib import Path
from typing import Annotated, Final

import typer

from dialer.domain.errors import InstallationError
from dialer.evidence.record import Actor, ActorKind
from dialer.processes.core import open_keyring
from dialer.processes.opening import open_log, open_store
from dialer.settings import read_settings
from dialer.storage.prompts import SpokenText, approve_prompt, prompts_of, register_prompt
from dialer.telephony.prompts import Language, read_register, take_recording

ORGANISATION: Final = "org-1"
prompt = typer.Typer(
    no_args_is_help=True, help="What callees and callers hear: list, add a recording, approve"
)
Home = Annotated[Path, typer.Option(help="the installation's home")]
Org = Annotated[str, typer.Option(help="the organisation's id")]


def _say(line: str) -> None:
    print(line, flush=True)


def _actor() -> Actor:
    return Actor(ActorKind.PROCESS, f"command.{getpass.getuser()}")


@prompt.command("list")
def show(home: Home, org: Org = ORGANISATION) -> None:
    """Every prompt with its state, and whether its file is still the one that was registered."""
    store = open_store(read_settings(home / "dialer.toml"))
    try:
        rows = store.read_now(lambda tx: prompts_of(tx, org))
    finally:
        store.close()
    for row in rows:
        file = home / "prompts" / f"{row.name}.wav"
        same = file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == row.sha256
        _say(
            f"{row.name:<24} {row.state:<9} {row.sha256[:12]}  {'' if same else 'THE FILE IS ANOTHER  '}{row.text[:60]}"
        )


@prompt.command("add")
def add(
    name: Annotated[str, typer.Argument(help="such as notice-zh; it ends in the language")],
    home: Home,
    file: Annotated[Path | None, typer.Option(help="a sound file; without one, what the folder has")] = None,
    text: Annotated[str, typer.Option(help="what it says, word for word")] = "",
    org: Org = ORGANISATION,
) -> None:
    """Put a prompt on the register as a draft; nobody hears a predictive notice before it is approved."""
    folder = home / "prompts"
    if file is not None:
        language = next((one for one in Language if name.endswith(f"-{one.value}")), None)
        if language is None or not text:
            raise InstallationError("a prompt's name ends in -zh or -en, and --text says what is heard")
        take_recording(name, language, text, file, folder)
    entry = next((one for one in read_register(folder) if one.name == name), None)
    if entry is None:
        raise InstallationError(f"there is no prompt {name} in the folder: give --file and --text")
    spoken = SpokenText(entry.name, entry.language, entry.text, entry.sha256)
    settings = read_settings(home / "dialer.toml")
    store, log = open_store(settings), open_log(settings, open_keyring(settings), "command")
    try:
        new = store.write_now(lambda tx: register_prompt(tx, log, org, spoken, _actor()))
    finally:
        store.close()
    _say(
        f"{name} {'is a draft: listen to it, then approve' if new else 'stands there already'} {entry.sha256}"
    )


@prompt.command("approve")
def approve(
    name: Annotated[str, typer.Argument(help="the prompt")],
    sha256: Annotated[str, typer.Argument(help="the hash of the file that you listened to")],
    home: Home,
    org: Org = ORGANISATION,
) -> None:
    """Approve the file that was listened to."""
    settings = read_settings(home / "dialer.toml")
    store, log = open_store(settings), open_log(settings, open_keyring(settings), "command")
    try:
        done = store.write_now(lambda tx: approve_prompt(tx, log, org, name, sha256, _actor()))
    finally:
        store.close()
    if not done:
        raise InstallationError(f"the register has no prompt {name} with that file")
    _say(f"{name} is approved")
