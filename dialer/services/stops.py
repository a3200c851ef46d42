"""Stops that people see and lift. A stop of the whole platform is an administrator's to lift."""

from dataclasses import dataclass
from typing import Final, Protocol

from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.services.changes import Changes, FloorChanged, StatusChanged
from dialer.services.views.operations import StopRows
from dialer.services.views.session import Role
from dialer.services.views.words import Declined, Sentence

SUSPENDED: Final = "organisation.suspended"
"""The code of the stop by which the platform's operator holds an organisation back."""
_OPERATORS: Final = Declined(
    "stop.operators",
    Sentence(
        "机构被平台运营方停用，只能由平台运营方恢复。",
        "The platform's operator suspended the organisation, and alone lets it dial again.",
    ),
)
_NOT_YOURS: Final = Declined(
    "stop.not_yours",
    Sentence("全平台的停拨须由管理员解除。", "A stop of the whole platform is lifted by an administrator."),
)


class StopStore(Protocol):
    """Stops in the database."""

    async def all(self, org: OrganisationId) -> StopRows:
        """Those in force."""
        ...

    async def past(self, org: OrganisationId) -> StopRows:
        """Those that were lifted."""
        ...

    async def lift(self, stop_id: str, org: OrganisationId, actor: Actor, reason: str) -> bool:
        """Lift one; False: not in force there."""
        ...


@dataclass(frozen=True, slots=True)
class StopDesk:
    """`StopService`."""

    stops: StopStore
    changes: Changes

    async def view(self, org: OrganisationId) -> StopRows:
        """Stops in force."""
        return await self.stops.all(org)

    async def past(self, org: OrganisationId) -> StopRows:
        """Stops that were lifted."""
        return await self.stops.past(org)

    async def lift(
        self, org: OrganisationId, user: UserId, role: Role, stop_id: str, reason: str
    ) -> StopRows | Declined | None:
        """Let dialling go on, with the reason on the log. None: no such stop in force."""
        stop = next((s for s in (await self.stops.all(org)).items if s.id == stop_id), None)
        if stop is None:
            return None
        if stop.code == SUSPENDED:
            return _OPERATORS
        if stop.platform_wide and role is not Role.ADMINISTRATOR:
            return _NOT_YOURS
        if not await self.stops.lift(stop_id, org, Actor(ActorKind.USER, user), reason):
            return None
        self.changes.touch(StatusChanged(), FloorChanged(org))
        return await self.stops.all(org)
