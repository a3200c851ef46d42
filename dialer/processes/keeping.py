"""Wires what keeps and destroys: people's rights and retention, on the parts of an opened installation."""

from dataclasses import dataclass
from pathlib import Path

from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.rules.shipped import shipped_packs
from dialer.services.retention import RetentionRun
from dialer.services.subject_rights import SubjectRights
from dialer.storage.log import LogWriter
from dialer.storage.retention import StoredRetention
from dialer.storage.store import Store
from dialer.storage.subject_cases import StoredCases
from dialer.vault.removal import LocalFiles

CALENDAR = "cn"
"""In whose working days a person's request is answered."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Both verbs."""

    rights: SubjectRights
    retention: RetentionRun


def keeping_of(store: Store, log: LogWriter, keyring: Keyring, clock: Clock, vault: Path) -> Keeping:
    """Wire them."""
    files = LocalFiles(vault)
    cases = StoredCases(store, log, keyring, clock, shipped_packs)
    return Keeping(
        SubjectRights(cases, files, clock, shipped_packs().calendars[CALENDAR]),
        RetentionRun(StoredRetention(store, log, shipped_packs), files),
    )
