"""What the command line does with the proof as a whole: re-check the store."""

import json
import time
from dataclasses import asdict
from enum import Enum
from functools import partial
from pathlib import Path

from dialer.domain.errors import InstallationError
from dialer.evidence.canonical import EvidenceFormatError, Json
from dialer.evidence.checkpoint import Checkpoint
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.evidence.trust import Trust, parse_trust
from dialer.processes.commands import Form, Say
from dialer.processes.core import open_keyring
from dialer.processes.opening import open_log, open_store, vault_objects
from dialer.services.store_audit import StoreAudit
from dialer.settings import Settings
from dialer.signing.checkpointing import LastHead
from dialer.signing.keys import KeyFiles, trust_of
from dialer.storage.checks import keep_check
from dialer.storage.fsck import Against, check_store
from dialer.storage.log import Draft
from dialer.storage.sql import Tx
from dialer.vault.keyring import NoSubjectKeys
from dialer.vault.sweep import measure

TRUST_BYTES_MAX = 1024 * 1024


def read_trust(settings: Settings, file: Path | None) -> Trust:
    """The keys that are believed: those of a file that came another way, else the installation's own.

    Raises:
        InstallationError: the file can't be read, or is of another log.
    """
    if file is None:
        return trust_of(KeyFiles(settings.folders.keys), settings.origin)
    try:
        if file.stat().st_size > TRUST_BYTES_MAX:
            raise InstallationError(f"{file.name} is too large for a trust file")
        trust = parse_trust(file.read_bytes())
    except (OSError, EvidenceFormatError) as wrong:
        raise InstallationError(f"{file.name} can't be read as a trust file") from wrong
    if trust.log != settings.origin:
        raise InstallationError(f"{file.name} is of another log than this installation's")
    return trust


def read_witnessed(settings: Settings, file: Path | None) -> Checkpoint | None:
    """The head in the witness's state file; None: it has seen nothing yet.

    Raises:
        InstallationError: a file that was named is missing or malformed.
    """
    path = file or settings.folders.run / "witness.state"
    if file is not None and not file.exists():
        raise InstallationError(f"the witness's state {file.name} is missing")
    try:
        size, root = LastHead(path).read(settings.origin)
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise InstallationError("the witness's state can't be read") from wrong
    return Checkpoint(settings.origin, size, root, None) if size else None


class Keep(Enum):
    """Whether a check of the store is kept on the log; on a copy that is evidence, nothing is written."""

    NOTHING = "nothing"
    RUN = "run"


def fsck(
    settings: Settings,
    trust: Path | None,
    witness: Path | None,
    form: Form,
    say: Say,
    keep: Keep = Keep.NOTHING,
) -> int:
    """Re-check the whole store. 0: nothing was found, 1: something was."""
    believed, witnessed = read_trust(settings, trust), read_witnessed(settings, witness)
    keyring = open_keyring(settings)
    objects = vault_objects(settings)
    store = open_store(settings)
    try:
        against = Against(believed, witnessed, keyring, partial(measure, objects))
        began = time.monotonic()
        audit = store.read_now(lambda tx: check_store(tx, against))
        if keep is Keep.RUN:
            took_us = int((time.monotonic() - began) * 1_000_000)
            store.write_now(partial(_kept, settings=settings, audit=audit, took_us=took_us))
    finally:
        store.close()
    if form is Form.JSON:
        say(json.dumps(asdict(audit), ensure_ascii=False, indent=1))
    else:
        _tell(audit, witnessed, say)
    return 1 if audit.found else 0


def _kept(tx: Tx, settings: Settings, audit: StoreAudit, took_us: int) -> None:
    findings = len(audit.found) + audit.found_more
    says: dict[str, Json] = {"what": "store", "leaves": audit.leaves, "findings": findings}
    log = open_log(settings, NoSubjectKeys(), "fsck")
    log.append(tx, Draft(EventType.VERIFY_RUN, Actor(ActorKind.PROCESS, "fsck"), says), tx.now_us())
    keep_check(tx, "store", took_us, audit.leaves, findings)


def _tell(audit: StoreAudit, witnessed: Checkpoint | None, say: Say) -> None:
    for found in audit.found:
        say(f"{found.code:<24} {found.where:<40} {found.what}")
    if audit.found_more:
        say(f"and {audit.found_more} more")
    say(
        f"{audit.leaves} leaves, {audit.payloads} payloads, {audit.recordings} recordings, {audit.attempts} attempts,"
        f" {audit.consents} consents, {audit.dnc_entries} entries of the DNC list:"
        f" {len(audit.found) + audit.found_more} findings"
    )
    seen = "the witness has seen nothing yet" if witnessed is None else f"the witness saw {witnessed.size}"
    say(f"{seen}; {audit.exposed} leaves came after it")
