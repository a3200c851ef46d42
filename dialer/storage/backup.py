"""A copy of the database while others write to it, and bringing it back into an empty place."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from dialer.domain.errors import InstallationError
from dialer.storage.sql import Engine, Tx
from dialer.storage.store import engine_of, sqlite_path
from dialer.storage.tables_organisation import DiallingStop

SECONDS_MAX: Final = 6 * 3600
STOP: Final = "restored"
"""The stop that stands from a restore until refusals and erasures since the backup are known."""


def copy_database(url: str, target: Path) -> None:
    """One consistent snapshot, as a file; writers are not held up.

    Raises:
        InstallationError: it can't be read, or the program for it is missing.
    """
    if engine_of(url) is Engine.POSTGRESQL:
        _run("pg_dump", "--format=custom", "--no-owner", f"--file={target}", f"--dbname={url}")
        return
    try:
        with (
            closing(sqlite3.connect(f"file:{sqlite_path(url)}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            # in one step: a backup that others interrupt by writing begins anew each time
            source.backup(copy, pages=-1)
    except sqlite3.Error as failure:
        raise InstallationError("the database can't be copied") from failure
    durable(target)


def bring_back(url: str, source: Path) -> None:
    """The copy as the installation's database, which must not be there yet.

    Raises:
        InstallationError: there is one already, or the copy can't be read.
    """
    if engine_of(url) is Engine.POSTGRESQL:
        _run(
            "pg_restore",
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={url}",
            str(source),
        )
        return
    target = sqlite_path(url)
    if target.exists():
        raise InstallationError(f"there is a database {target.name} already: a restore overwrites nothing")
    try:
        shutil.copyfile(source, target)
    except OSError as failure:
        raise InstallationError("the database can't be brought back") from failure
    durable(target)


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    except OSError as missing:
        raise InstallationError(f"{command[0]} is not installed here") from missing
    if done.returncode != 0:
        # its words may hold the URL with its password
        raise InstallationError(f"{command[0]} failed with {done.returncode}")


def durable(path: Path) -> None:
    """Write a file, and its name in its folder, to the disk."""
    for target in (path, path.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def stop_restored(tx: Tx) -> None:
    """Nothing is dialled on what was restored until it is known what happened since; once a restore."""
    tx.run("UPDATE permit SET state = 'void' WHERE state = 'issued'")
    tx.insert(DiallingStop(id=f"{STOP}-{tx.now_us()}", code=STOP, at_us=tx.now_us()))


def lift_restored(tx: Tx) -> int:
    """What happened since is known: the stop is lifted; how many."""
    return tx.run(
        "UPDATE dialling_stop SET lifted_us = NOW_US WHERE code = :code AND lifted_us IS NULL", code=STOP
    )


def vault_paths(tx: Tx) -> tuple[str, ...]:
    """Files of the vault that belong to the snapshot."""
    rows = tx.all("SELECT path FROM recording WHERE state = 'sealed' AND path IS NOT NULL ORDER BY path")
    return tuple(str(row.path) for row in rows)


def log_size(tx: Tx) -> int:
    """How many leaves there are."""
    return int(tx.sole("SELECT size FROM log_head WHERE id = 1").size)
