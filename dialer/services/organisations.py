"""The platform's operator: takes organisations in, and holds their dialling back. Never looks into their calls.

A suspended organisation dials nobody: the stop is the operator's alone to lift. Its people still log in, because
whoever is on the line may refuse, and because evidence is owed whatever an organisation did.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from dialer.domain.ids import OrganisationId, UserId
from dialer.services.changes import Changes, FloorChanged, StatusChanged
from dialer.services.people import Invited, People, Ticket
from dialer.services.views.organisations import (
    NewOrganisation,
    OrganisationList,
    OrganisationMade,
    OrganisationView,
)
from dialer.services.views.session import Role
from dialer.services.views.words import Declined, Sentence

REGISTERED_ALREADY: Final = Declined(
    "organisations.registered_already",
    Sentence("该统一社会信用代码已登记。", "An organisation with that register number is here already."),
)
OWN_ORGANISATION: Final = Declined(
    "organisations.own",
    Sentence(
        "不能停用平台运营方自己的机构。", "The organisation that operates the platform can't suspend itself."
    ),
)
SUSPENDED_ALREADY: Final = Declined(
    "organisations.suspended_already",
    Sentence("该机构已被停用。", "The organisation is suspended already."),
)
NOT_SUSPENDED: Final = Declined(
    "organisations.not_suspended", Sentence("该机构未被停用。", "The organisation is not suspended.")
)


class OrganisationStore(Protocol):
    """Organisations, durable; every act is on the log in its own transaction. `by` did it."""

    async def all(self) -> Sequence[OrganisationView]: ...

    async def add(
        self, org: OrganisationId, by: UserId, new: NewOrganisation, invited: Invited, ticket: Ticket
    ) -> Declined | None:
        """The organisation, its first administrator's account and the default registers, or nothing of it."""
        ...

    async def suspend(self, org: OrganisationId, by: UserId, why: str) -> bool:
        """Stop its dialling and void its issued permits. False: that is so already."""
        ...

    async def resume(self, org: OrganisationId, by: UserId, why: str) -> bool:
        """Lift that stop. False: there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Organisations:
    """`OrganisationService`. Who may ask is the caller's to see to (`LiveSession.operates_platform`)."""

    store: OrganisationStore
    people: People
    changes: Changes

    async def all(self) -> OrganisationList:
        """Every organisation."""
        return OrganisationList(tuple(await self.store.all()))

    async def create(
        self, by: UserId, new: NewOrganisation, administrator: Invited
    ) -> OrganisationMade | Declined:
        """Take an organisation in. Nothing of it is filed yet, so that it dials nobody."""
        org = OrganisationId(f"org-{secrets.token_hex(6)}")
        invited = Invited(administrator.login, administrator.name, Role.ADMINISTRATOR, administrator.locale)
        token, ticket = self.people.invitation()
        refused = await self.store.add(org, by, new, invited, ticket)
        if refused is not None:
            return refused
        made = await self._one(org)
        if made is None:
            raise LookupError("an organisation that was just written is not there")
        return OrganisationMade(made, await self.people.handed(org, ticket, token))

    async def suspend(self, by: UserId, org: OrganisationId, why: str) -> OrganisationList | Declined | None:
        """Hold back all dialling of an organisation. None: there is no such organisation."""
        found = await self._one(org)
        if found is None:
            return None
        if found.operates:
            return OWN_ORGANISATION
        if not await self.store.suspend(org, by, why):
            return SUSPENDED_ALREADY
        return await self._after(org)

    async def resume(self, by: UserId, org: OrganisationId, why: str) -> OrganisationList | Declined | None:
        """Let an organisation dial again, as far as everything else allows it. None: there is no such organisation."""
        if await self._one(org) is None:
            return None
        return await self._after(org) if await self.store.resume(org, by, why) else NOT_SUSPENDED

    async def _after(self, org: OrganisationId) -> OrganisationList:
        self.changes.touch(StatusChanged(), FloorChanged(org))
        return await self.all()

    async def _one(self, org: OrganisationId) -> OrganisationView | None:
        return next((o for o in await self.store.all() if o.id == org), None)
