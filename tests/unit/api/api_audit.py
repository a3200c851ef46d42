"""The auditor's desk on the test's database; a dossier's bundles are plain bytes, all else is the product's own."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.processes.keeping import keeping_of
from dialer.services.audit_desk import AuditDesk
from dialer.services.dossiers import ATTEMPTS_MAX, TOO_MANY, DossierOrder
from dialer.services.views.audit import DossierRows, DossierRowView, DossierShape
from dialer.services.views.words import Declined
from dialer.storage.dossiers import StoredDossiers
from dialer.storage.holds import StoredHolds
from dialer.storage.log import LogWriter
from dialer.storage.personal import PersonalReader
from dialer.storage.sampling import Sampling
from dialer.storage.store import Store
from dialer.storage.views_audit import AuditReader
from dialer.storage.views_trail import TrailReader
from dialer.vault.objects import LocalObjects


def audit_desk(store: Store, log: LogWriter, keys: Keyring, clock: Clock, folder: Path) -> AuditDesk:
    """The desk on this database."""
    personal = PersonalReader(keys)
    return AuditDesk(
        keeping_of(store, log, keys, clock, LocalObjects(folder)).rights,
        AuditReader(store, personal, clock),
        StoredHolds(store, log),
        Sampling(store, log, keys, TrailReader(store, personal)),
    )


@dataclass
class StoredDossierDesk:
    """`DossierService` whose files are the ids of their attempts."""

    store: StoredDossiers

    async def ask(
        self,
        org: OrganisationId,
        user: UserId,
        attempts: Sequence[AttemptId],
        shape: DossierShape,
        reason: str,
    ) -> DossierRowView | Declined | None:
        if not 0 < len(attempts) <= ATTEMPTS_MAX or len(set(attempts)) != len(attempts):
            return TOO_MANY
        return await self.store.ask(org, user, attempts, shape, reason)

    async def listed(self, org: OrganisationId, user: UserId) -> DossierRows:
        return await self.store.listed(org, user)

    async def agree(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierRowView | Declined | None:
        return await self.store.judge(org, user, dossier_id, agreed=True)

    async def decline(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierRowView | Declined | None:
        return await self.store.judge(org, user, dossier_id, agreed=False)

    async def fetch(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> AsyncIterator[bytes] | Declined | None:
        order = await self.store.order(org, user, dossier_id)
        return _pieces(order) if isinstance(order, DossierOrder) else order


async def _pieces(order: DossierOrder) -> AsyncIterator[bytes]:
    for attempt in order.attempts:
        yield attempt.encode() + b"\n"
