"""`dialer backup` while calls run, `dialer restore` elsewhere; keys are never in it: they are kept apart from the database."""

import hashlib
import json
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dialer.domain.errors import InstallationError, VaultUnavailable
from dialer.evidence.checkpoint import Checkpoint
from dialer.evidence.tree import frontier_at, root
from dialer.ports.keys import Keyring
from dialer.processes.commands import Say
from dialer.processes.opening import vault_objects
from dialer.settings import Settings
from dialer.storage.backup import (
    bring_back,
    copy_database,
    durable,
    lift_restored,
    log_size,
    stop_restored,
    vault_paths,
)
from dialer.storage.fsck_found import pages
from dialer.storage.kept import AFTER_LEAVES, BEFORE_LEAVES, NEW_LEADS
from dialer.storage.log import get_node
from dialer.storage.replay import Gap, Replayed, replay, replay_kept
from dialer.storage.shipping import read_kept, read_shipped
from dialer.storage.sql import Engine, Tx
from dialer.storage.store import Store, engine_of
from dialer.vault.objects import Objects
from dialer.vault.regions import MARK

MANIFEST: Final = "backup.json"
DATABASE: Final = "database"
FORMAT: Final = "dialer-backup/1"


@dataclass(frozen=True, slots=True)
class Restored:
    """What is back. `complete`: refusals and erasures since the backup are known, so dialling may go on."""

    size: int
    replayed: Replayed
    missing_files: tuple[str, ...]
    complete: bool
    why: str


def backup(settings: Settings, folder: Path, say: Say) -> int:
    """Copy database and recordings into an empty folder. 1: a recording's file is missing."""
    _apart_from_keys(settings, folder)
    if folder.exists() and any(folder.iterdir()):
        raise InstallationError(f"the folder {folder.name} is not empty: a backup overwrites nothing")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy_database(settings.database, folder / DATABASE)
    # what the copy itself says, not the database as it is by now
    everything, size = _of_copy(settings, folder)
    # what lies in a region's own store is copied there, by the store: it may not leave its region (D21)
    paths = tuple(path for path in everything if not path.startswith(MARK))
    missing = []
    for path in paths:
        try:
            _copy(settings.folders.vault / path, folder / "vault" / path)
        except OSError:
            missing.append(path)
    manifest = {
        "format": FORMAT,
        "origin": settings.origin,
        "engine": engine_of(settings.database).value,
        "size": size,
        "files": {str(p.relative_to(folder)): _sha256(p) for p in sorted(folder.rglob("*")) if p.is_file()},
        "missing": missing,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    durable(folder / MANIFEST)
    say(f"{size} leaves, {len(paths) - len(missing)} recordings; no keys: keep those apart from it")
    if len(everything) > len(paths):
        say(
            f"{len(everything) - len(paths)} recordings lie in their regions' stores, which copy them themselves"
        )
    for path in missing:
        say(f"missing in the vault: {path}")
    return 1 if missing else 0


def restore(
    settings: Settings, folder: Path, shipped: Path | None, witnessed: Checkpoint | None, keyring: Keyring
) -> Restored:
    """Bring a backup back into an installation without database, and replay what was shipped since.

    Raises:
        InstallationError: the backup is incomplete or another log's, or there is a database already; nothing is dialled.
    """
    _check(settings, folder)
    bring_back(settings.database, folder / DATABASE)
    if (folder / "vault").is_dir():
        shutil.copytree(folder / "vault", settings.folders.vault, dirs_exist_ok=True)
    with closing(Store(settings.database)) as store:
        store.write_now(stop_restored)
        replayed, gap = _replay(store, settings, shipped, keyring)
        size = store.read_now(log_size)
        why = gap or _why_incomplete(store, size, shipped, witnessed)
        if not why:
            store.write_now(lift_restored)
        missing = _tidy_vault(store, vault_objects(settings))
    return Restored(size, replayed, missing, not why, why)


def tell(restored: Restored, say: Say) -> int:
    """Say what is back. 0: all of it; 1: dialling stays off, or recordings are missing."""
    done = restored.replayed
    say(
        f"{restored.size} leaves; replayed {done.leaves}: {done.refusals} refusals, {done.erasures} erasures, {done.rows} other rows"
    )
    for path in restored.missing_files:
        say(f"missing in the vault: {path}")
    if restored.complete:
        say("refusals and erasures since the backup are known: dialling may go on")
    else:
        say(f"dialling stays off: {restored.why}")
        say("import the refusals and erasures since the backup, then run `dialer declare-loss`")
    return 0 if restored.complete and not restored.missing_files else 1


def _replay(store: Store, settings: Settings, shipped: Path | None, keyring: Keyring) -> tuple[Replayed, str]:
    leaves = refusals = erasures = 0
    gap = ""
    rows = 0
    if shipped is not None:
        first = store.read_now(log_size)
        kept = read_kept(shipped, first)
        rows += store.write_now(lambda tx: replay_kept(tx, BEFORE_LEAVES, kept))
        for batch in read_shipped(shipped, first):
            try:
                done = store.write_now(lambda tx, batch=batch: replay(tx, keyring, settings.origin, batch))  # type: ignore[misc]
            except Gap as missing:
                gap = str(missing)
                break
            leaves, refusals = leaves + done.leaves, refusals + done.refusals
            erasures += done.erasures
        if not gap:
            rows += store.write_now(lambda tx: replay_kept(tx, (*NEW_LEADS, *AFTER_LEAVES), kept))
    return Replayed(leaves, refusals, erasures, rows), gap


def _why_incomplete(store: Store, size: int, shipped: Path | None, witnessed: Checkpoint | None) -> str:
    """Why it isn't known what happened since the backup; empty: it is."""
    if shipped is None:
        return "no shipped log was given"
    if witnessed is None:
        return "the witness's state was not at hand, so nobody says how far the log went"
    if witnessed.size > size:
        return f"the witness saw {witnessed.size} leaves, {size} are back: {witnessed.size - size} are lost"

    def at_witness(tx: Tx) -> bytes:
        return root(frontier_at(lambda level, index: get_node(tx, level, index), witnessed.size))

    if store.read_now(at_witness) != witnessed.root:
        return "what is back is not what the witness saw"
    return ""


def _tidy_vault(store: Store, vault: Objects) -> tuple[str, ...]:
    """Unlink what was erased or purged since; name what is sealed and not there."""

    def gone(tx: Tx) -> tuple[str, ...]:
        sql = "SELECT id, path FROM recording WHERE state <> 'sealed' AND path IS NOT NULL AND id > :after ORDER BY id LIMIT :rows"
        return tuple(str(row.path) for row in pages(tx, sql, "id", ""))

    for path in store.read_now(gone):
        with suppress(VaultUnavailable):  # the retention's timer tries again, and its key is gone
            vault.remove(path)
    return tuple(path for path in store.read_now(vault_paths) if not vault.is_there(path))


def _apart_from_keys(settings: Settings, folder: Path) -> None:
    keys, target = settings.folders.keys.resolve(), folder.resolve()
    if target.is_relative_to(keys) or keys.is_relative_to(target):
        raise InstallationError("a backup of the database must not lie with the keys: choose another folder")


def _of_copy(settings: Settings, folder: Path) -> tuple[tuple[str, ...], int]:
    url = settings.database
    if engine_of(url) is Engine.SQLITE:
        url = f"sqlite:///{folder / DATABASE}"
    with closing(Store(url)) as store:
        said = store.read_now(lambda tx: (vault_paths(tx), log_size(tx)))
    for suffix in ("-wal", "-shm"):
        (folder / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    return said


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    durable(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(settings: Settings, folder: Path) -> None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = dict(manifest["files"])
        said = (manifest["format"], manifest["origin"], manifest["engine"])
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise InstallationError(
            f"{folder.name} is no complete backup: its {MANIFEST} can't be read"
        ) from wrong
    if said != (FORMAT, settings.origin, engine_of(settings.database).value):
        raise InstallationError("the backup is of another log, engine or format than this installation")
    for name, digest in files.items():
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file() or _sha256(path) != digest:
            raise InstallationError(f"the backup is damaged: {name}")
