"""What the API asks of the inbound line: the agent's verbs in a talk with a caller, and the calls with their proof."""

from typing import Protocol

from dialer.domain.ids import InboundId, OrganisationId, UserId
from dialer.services.views.caller import CallerRefused
from dialer.services.views.inbound import InboundPage, InboundView
from dialer.services.views.trail import PeaksView
from dialer.services.views.words import Declined


class InboundDeskService(Protocol):
    """The agent's verbs; None: that agent has no such call."""

    async def refused(self, user: UserId, inbound_id: InboundId) -> CallerRefused | Declined | None: ...

    async def hang_up(self, user: UserId, inbound_id: InboundId) -> Declined | bool | None: ...

    async def dispose(self, user: UserId, inbound_id: InboundId, code: str) -> Declined | bool | None: ...


class InboundTrailService(Protocol):
    """Calls to our numbers; None: that organisation has no such call."""

    async def rows(self, org: OrganisationId, after: str | None) -> InboundPage: ...

    async def call(self, org: OrganisationId, user: UserId, inbound_id: InboundId) -> InboundView | None: ...

    async def recording(
        self, org: OrganisationId, user: UserId, inbound_id: InboundId
    ) -> bytes | Declined | None: ...

    async def peaks(
        self, org: OrganisationId, user: UserId, inbound_id: InboundId
    ) -> PeaksView | Declined | None: ...
