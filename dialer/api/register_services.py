"""The registers' services as the API sees them."""

from typing import Protocol

from dialer.domain.consent import SourceKind
from dialer.domain.ids import OrganisationId, UserId
from dialer.services.views.registers import ChangesView, FieldSet, RegisterView
from dialer.services.views.words import Declined


class RegisterService(Protocol):
    """What the gate reads of an organisation, and who may change it."""

    async def register(self, org: OrganisationId, kind: str) -> RegisterView | None: ...

    async def set_field(
        self, org: OrganisationId, user: UserId, kind: str, entry: str, name: str, value: str
    ) -> FieldSet | Declined | None: ...

    async def waiting(self, org: OrganisationId) -> ChangesView: ...

    async def approve(self, org: OrganisationId, user: UserId, change: str) -> ChangesView | Declined: ...

    async def reject(self, org: OrganisationId, user: UserId, change: str) -> ChangesView | Declined: ...

    async def add_source(
        self, org: OrganisationId, user: UserId, source: str, kind: SourceKind, name: str
    ) -> RegisterView | Declined | None: ...
