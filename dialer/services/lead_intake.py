"""Taking a file of leads: read, checked, staged, and made visible by one flip."""

import asyncio
from typing import Protocol

from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.services.changes import Changes, FloorChanged
from dialer.services.lead_archive import is_archive, open_archive
from dialer.services.lead_rows import FileRefused, LeadRow, decode_file, read_rows
from dialer.services.views.floor import ImportView, RejectedRow
from dialer.services.views.words import Declined, Sentence


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
        """A CSV of leads with their consents, or a ZIP of one with the artefacts that its rows name."""
        country = await self._intake.country(org, campaign)
        if country is None:
            return None
        read = await asyncio.to_thread(read_list, content, country)
        if isinstance(read, FileRefused):
            return Declined(read.code, read.sentence)
        good, bad, rows = read
        view = await self._intake.take(org, user, campaign, good, bad, rows)
        self._changes.touch(FloorChanged(org))
        return view


def read_list(content: bytes, country: str) -> tuple[list[LeadRow], list[RejectedRow], int] | FileRefused:
    """The rows of a CSV or of an archive. Files that no row names are not kept; the report says how many there were."""
    if not is_archive(content):
        text = decode_file(content)
        return text if isinstance(text, FileRefused) else read_rows(text, country)
    archive = open_archive(content)
    if isinstance(archive, FileRefused):
        return archive
    text = decode_file(archive.table)
    if isinstance(text, FileRefused):
        return text
    read = read_rows(text, country, archive.open)
    if isinstance(read, FileRefused) or not archive.unused:
        return read
    good, bad, rows = read
    count = archive.unused
    said = Sentence(
        f"压缩包中有 {count} 个文件没有被任何一行引用，未保存。",
        f"{count} of the archive's files are named by no row; they were not kept.",
    )
    return good, [*bad, RejectedRow(line=0, column=None, code="artefact.unused", sentence=said)], rows
