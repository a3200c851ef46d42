"""System users of an installation: one a process, so that each reads its own keys and no other's (decision 9).

    user      runs                    is also in the group of           so that it reaches
    dialer    dialer and web, pbx     signer, witness, gate, speech     their sockets
    gate      permit gate             egress                            the egress's control socket
    egress    egress Asterisk         –                                 –
    signer    signer                  –                                 –
    witness   witness                 –                                 –
    speech    speech worker           –                                 –

`dialer-run` may put sockets into the run folder; `dialer-db` (dialer, gate) may open the SQLite file. Only root can
make users and give files away; one user alone can run everything, but then nothing is kept from anything.
"""

import grp
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dialer.domain.errors import InstallationError

RUN_GROUP: Final = "dialer-run"
DATABASE_GROUP: Final = "dialer-db"
SECONDS_MAX: Final = 30
NO_LOGIN: Final = "/usr/sbin/nologin"


@dataclass(frozen=True, slots=True)
class SystemUser:
    """A user without a password, a home or a shell; `also_in`: further groups."""

    name: str
    also_in: tuple[str, ...]


USERS: Final = (
    SystemUser("signer", (RUN_GROUP,)),
    SystemUser("witness", (RUN_GROUP,)),
    SystemUser("speech", (RUN_GROUP,)),
    SystemUser("egress", ()),
    SystemUser("gate", (RUN_GROUP, DATABASE_GROUP, "egress")),
    SystemUser("dialer", (RUN_GROUP, DATABASE_GROUP, "signer", "witness", "gate", "speech")),
)


@dataclass(frozen=True, slots=True)
class Owned:
    """A path below the installation's home, whose it is, and its mode. `deep`: with everything in it."""

    path: str
    user: str
    group: str
    mode: int
    deep: bool = False


OWNERSHIP: Final = (
    Owned("", "root", "root", 0o755),
    Owned("keys", "root", "root", 0o755),
    Owned("keys/public", "root", "root", 0o755),
    Owned("keys/ca", "root", "root", 0o700),
    Owned("keys/dialer", "dialer", "dialer", 0o700, deep=True),
    Owned("keys/pbx", "dialer", "dialer", 0o700, deep=True),
    Owned("keys/gate", "gate", "gate", 0o700, deep=True),
    Owned("keys/signer", "signer", "signer", 0o700, deep=True),
    Owned("keys/witness", "witness", "witness", 0o700, deep=True),
    Owned("keys/egress", "egress", "egress", 0o700, deep=True),
    Owned("db", "dialer", DATABASE_GROUP, 0o2770, deep=True),
    Owned("vault", "dialer", "dialer", 0o700),
    Owned("spool", "dialer", "dialer", 0o700),
    # Sticky: nobody takes away another's socket or the state that keeps a signer from signing two histories.
    Owned("run", "root", RUN_GROUP, 0o1770),
    Owned("prompts", "dialer", "dialer", 0o755, deep=True),
    Owned("pbx", "dialer", "dialer", 0o750, deep=True),
    Owned("egress", "egress", "egress", 0o750, deep=True),
    # The operator's recognisers: whoever runs them reads them and changes nothing.
    Owned("models", "root", "root", 0o755),
    Owned("host", "root", "root", 0o755, deep=True),
)


def make_users() -> tuple[str, ...]:
    """Make the users and groups that are not there yet, put each into its groups; returns the names that are new.

    Raises:
        InstallationError: not root, or a user can't be made.
    """
    if os.geteuid() != 0:
        raise InstallationError("only root can make system users: run this as root, or without --users")
    known = {entry.gr_name for entry in grp.getgrall()}
    for group in (RUN_GROUP, DATABASE_GROUP):
        if group not in known:
            _run("groupadd", "--system", group)
    there = {entry.pw_name for entry in pwd.getpwall()}
    made = []
    for user in USERS:
        if user.name not in there:
            own = ("--gid", user.name) if user.name in known else ("--user-group",)
            _run("useradd", "--system", "--no-create-home", "--shell", NO_LOGIN, *own, user.name)
            made.append(user.name)
        if user.also_in:
            _run("usermod", "--append", "--groups", ",".join(user.also_in), user.name)
    return tuple(made)


def give_away(home: Path) -> None:
    """Give every file of an installation to its user. Safe to repeat.

    Raises:
        InstallationError: a user is missing, or this is not root.
    """
    for owned in (*OWNERSHIP, *_of_further_pairs(home)):
        top = home / owned.path
        if not top.exists():
            continue
        try:
            shutil.chown(top, owned.user, owned.group)
            top.chmod(owned.mode)
            for path in _below(top) if owned.deep else ():
                shutil.chown(path, owned.user, owned.group)
        except (LookupError, PermissionError) as wrong:
            raise InstallationError(f"{owned.path or 'the home'} can't be given to {owned.user}") from wrong


def _of_further_pairs(home: Path) -> Iterator[Owned]:
    """The folders of further pairs are owned as the first one's are."""
    for first in OWNERSHIP:
        if first.path in ("pbx", "egress"):
            for folder in home.glob(f"{first.path}-[1-9]*/"):
                yield replace(first, path=folder.name)


def can_pass(path: Path) -> bool:
    """Whether users other than the owner may read a file or folder: everybody may pass each folder above it."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.is_dir())


def groups_of(user: str) -> tuple[int, int, tuple[int, ...]]:
    """A user's number, its group's, and the further groups that it is in.

    Raises:
        InstallationError: there is no such user.
    """
    try:
        entry = pwd.getpwnam(user)
    except KeyError as missing:
        raise InstallationError(f"there is no system user {user}") from missing
    return entry.pw_uid, entry.pw_gid, tuple(g.gr_gid for g in grp.getgrall() if user in g.gr_mem)


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if not path.is_symlink():
            yield path


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise InstallationError(f"{command[0]} can't be run on this machine") from fault
    if done.returncode != 0:
        raise InstallationError(f"{command[0]} {command[-1]} failed: {done.stderr.strip()}")


def main() -> None:
    """`python -m dialer.processes.accounts`: make the users (used when an image is built)."""
    try:
        made = make_users()
    except InstallationError as wrong:
        print(f"accounts: {wrong}", file=sys.stderr)
        sys.exit(78)
    print(f"users made: {', '.join(made) or 'none, all are there'}")


if __name__ == "__main__":
    main()
