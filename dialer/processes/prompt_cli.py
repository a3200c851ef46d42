"""`dialer prompt list | add | approve`: the register of what callees and callers hear. Thin.

Files lie in HOME/prompts, where the exchanges play them, drafts below `waiting`; text, hash and approval stand in the
database and on the log.
"""

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from dialer.domain.errors import InstallationError
from dialer.evidence.record import Actor, ActorKind
from dialer.processes.core import open_keyring
from dialer.processes.opening import open_log, open_store
from dialer.services.prompt_desk import TEXT_CHARACTERS_MAX, SoundFault, SpokenText
from dialer.services.views.prompts import NAMES
from dialer.services.views.words import Declined
from dialer.settings import read_settings
from dialer.storage.log import LogWriter
from dialer.storage.prompts import APPROVED, approve_prompt, prompts_of, register_prompt
from dialer.storage.sql import Tx
from dialer.telephony.prompt_files import WAITING, PromptFiles, any_sound

T = TypeVar("T")

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
    played = _files(home).played_now()
    for row in rows:
        is_other = row.state == APPROVED and played.get(row.name) != row.sha256
        said = f"{row.name:<24} {row.state:<9} {row.sha256}"
        _say(f"{said}  {'ANOTHER FILE IS PLAYED  ' if is_other else ''}{row.text[:60]}")


@prompt.command("add")
def add(
    name: Annotated[str, typer.Argument(help="such as notice-zh; it ends in the language")],
    home: Home,
    file: Annotated[Path, typer.Option(help="a sound file of any kind that sox reads")],
    text: Annotated[str, typer.Option(help="what it says, word for word")],
    org: Org = ORGANISATION,
) -> None:
    """Put a prompt on the register as a draft; the exchanges play what was approved, and nothing else, under that name."""
    if name not in NAMES:
        raise InstallationError(f"the exchanges play no prompt {name}: {', '.join(sorted(NAMES))}")
    if not 1 <= len(text.strip()) <= TEXT_CHARACTERS_MAX:
        raise InstallationError(f"--text says what is heard, in at most {TEXT_CHARACTERS_MAX} characters")
    taken = _files(home).take_now(any_sound(file))
    if isinstance(taken, SoundFault):
        raise InstallationError(f"that sound is no prompt: {taken}")
    spoken = SpokenText(name, name.rpartition("-")[2], text.strip(), taken)
    said = _write(home, lambda tx, log: register_prompt(tx, log, org, spoken, _actor()))
    if said is not None:
        raise InstallationError(said.sentence.en)
    _say(f"{name} is a draft: another person listens to it and approves it {taken}")


@prompt.command("approve")
def approve(
    name: Annotated[str, typer.Argument(help="the prompt")],
    sha256: Annotated[str, typer.Argument(help="the hash of the file that you listened to")],
    home: Home,
    org: Org = ORGANISATION,
) -> None:
    """Approve the file that was listened to, unless you brought it; the exchanges play it from now on."""
    done = _write(home, lambda tx, log: approve_prompt(tx, log, org, name, sha256, _actor()))
    if isinstance(done, Declined):
        raise InstallationError(done.sentence.en)
    if done is None:
        raise InstallationError(f"the register has no draft {name} with that file")
    if not _files(home).play_now(done):
        raise InstallationError(f"{name} is approved, and its sound is in {WAITING} no more: bring it again")
    _say(f"{name} is approved")


def _files(home: Path) -> PromptFiles:
    return PromptFiles(read_settings(home / "dialer.toml").folders.prompts)


def _write(home: Path, work: Callable[[Tx, LogWriter], T]) -> T:
    settings = read_settings(home / "dialer.toml")
    store, log = open_store(settings), open_log(settings, open_keyring(settings), "command")
    try:
        return store.write_now(lambda tx: work(tx, log))
    finally:
        store.close()
