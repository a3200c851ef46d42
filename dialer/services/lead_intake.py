"""Taking a file of leads: read, checked, staged, and made visible by one flip."""

from typing import Protocol

from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.services.changes import Changes, FloorChanged
from dialer.services.lead_rows import FileRefused, LeadRow, decode_file, read_rows
from dialer.services.views.floor import ImportView, RejectedRow
from dialer.services.views.words import Declined


class Intake(Protocol):
    """Storage's part."""

    async def country(self, org: OrganisationId, campaign: CampaignId) -> str | None:
        """The country whose numbers the campaign calls; None: no such campaign of that organisation."""
        ...

    async def take(
        self,
        org: OrganisationId,
        user: UserId,
        campaign: CampaignId,
        good: list[LeadRow],
        bad: list[RejectedRow],
        rows: int,
    ) -> ImportView:
        """Stage all good rows in small batches, then flip them visible in one transaction."""
        ...


class LeadIntake:
    """`ImportService`."""

    def __init__(self, intake: Intake, changes: Changes) -> None:
        self._intake = intake
        self._changes = changes

    async def take(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, content: bytes
    ) -> ImportView | Declined | None:
        """A CSV of leads with their consents."""
        country = await self._intake.country(org, campaign)
        if country is None:
            return None
        text = decode_file(content)
        if isinstance(text, FileRefused):
            return Declined(text.code, text.sentence)
        read = read_rows(text, country)
        if isinstance(read, FileRefused):
            return Declined(read.code, read.sentence)
        good, bad, rows = read
        view = await self._intake.take(org, user, campaign, good, bad, rows)
        self._changes.touch(FloorChanged(org))
        return view
