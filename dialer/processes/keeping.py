"""Wires what keeps, shows and destroys: people's rights, retention, the auditor's desk, on an opened installation."""

from dataclasses import dataclass

from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.processes.core import Core
from dialer.rules.shipped import shipped_packs
from dialer.services.audit_desk import AuditDesk
from dialer.services.retention import RetentionRun
from dialer.services.subject_rights import SubjectRights
from dialer.storage.holds import StoredHolds
from dialer.storage.log import LogWriter
from dialer.storage.retention import StoredRetention
from dialer.storage.sampling import Sampling
from dialer.storage.store import Store
from dialer.storage.subject_cases import StoredCases
from dialer.storage.views_audit import AuditReader
from dialer.storage.views_trail import TrailReader
from dialer.vault.objects import Objects
from dialer.vault.removal import VaultFiles

CALENDAR = "cn"
"""In whose working days a person's request is answered."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """Both verbs."""

    rights: SubjectRights
    retention: RetentionRun


def keeping_of(store: Store, log: LogWriter, keyring: Keyring, clock: Clock, objects: Objects) -> Keeping:
    """Wire them."""
    files = VaultFiles(objects)
    cases = StoredCases(store, log, keyring, clock, shipped_packs)
    return Keeping(
        SubjectRights(cases, files, clock, shipped_packs().calendars[CALENDAR]),
        RetentionRun(StoredRetention(store, log, shipped_packs), files),
    )


def audit_desk(core: Core) -> AuditDesk:
    """The auditor's desk of an opened installation."""
    keeping = keeping_of(core.store, core.log, core.keyring, core.clock, core.vault.objects)
    return AuditDesk(
        keeping.rights,
        AuditReader(core.store, core.personal, core.clock),
        StoredHolds(core.store, core.log),
        Sampling(core.store, core.log, core.keyring, TrailReader(core.store, core.personal)),
    )
