"""Consents by API: a record that its source signed, in the form that the CSV has, one at a time."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from dialer.domain.consent import SourceState
from dialer.domain.ids import CampaignId, OrganisationId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.keys import Keyring
from dialer.services.changes import Changes, FloorChanged
from dialer.services.lead_rows import LeadRow
from dialer.services.views.captured import CapturedAs, CapturedView
from dialer.services.views.words import Declined, Sentence
from dialer.storage.consent_forms import campaign_of
from dialer.storage.intake import StoredIntake
from dialer.storage.intake_rows import artefact_of, signed_by, signed_record
from dialer.storage.sql import Tx
from dialer.storage.store import Store

NOT_SIGNED: Final = Declined(
    "consent.not_signed",
    Sentence(
        "来源未登记，或记录的签名不是该来源的。未登记任何内容。",
        "The source isn't registered, or the record isn't signed by it. Nothing was recorded.",
    ),
)
"""One answer for both, so that nobody learns which sources there are."""
NO_CAMPAIGN: Final = Declined(
    "consent.no_campaign",
    Sentence(
        "没有外呼任务声明该用途，未登记任何内容。",
        "No campaign declares that purpose. Nothing was recorded.",
    ),
)
STOPPED: Final = Declined(
    "source.held",
    Sentence("该来源已暂停或冻结，未登记任何内容。", "The source is paused or held. Nothing was recorded."),
)


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """`ConsentCapture`."""

    store: Store
    keyring: Keyring
    intake: StoredIntake
    changes: Changes

    async def capture(self, row: LeadRow) -> CapturedView | Declined:
        """Take one signed consent.

        Raises:
            StoreUnavailable: it isn't known to be recorded; sending it again records it once.
        """
        answer = await self.store.write(lambda tx: self._take(tx, row))
        if isinstance(answer, Declined):
            return answer
        org, view = answer
        self.changes.touch(FloorChanged(org))
        return view

    def _take(self, tx: Tx, row: LeadRow) -> tuple[OrganisationId, CapturedView] | Declined:
        consent = row.consent
        assert consent is not None
        source = tx.one("SELECT * FROM consent_source WHERE id = :id", id=consent.source)
        record = signed_record(row.number.e164, consent)
        if source is None or not signed_by(source, record, consent.signature):
            return NOT_SIGNED
        if source.state in (SourceState.PAUSED, SourceState.HELD):
            return STOPPED
        org = OrganisationId(source.org_id)
        campaign = campaign_of(tx, org, consent.purpose)
        if campaign is None:
            return NO_CAMPAIGN
        chosen = CampaignId(campaign.id)
        known = self._known(tx, org, row, record, consent.signature)
        if known is not None:
            return org, CapturedView(known, chosen, CapturedAs.KNOWN)
        actor = Actor(ActorKind.PARTNER, source.id)
        consent_id = self.intake.put(tx, org, chosen, row, actor)
        assert consent_id is not None
        return org, CapturedView(consent_id, chosen, CapturedAs.RECORDED)

    def _known(self, tx: Tx, org: OrganisationId, row: LeadRow, record: bytes, signature: str) -> str | None:
        found = tx.one(
            "SELECT c.id FROM consent c JOIN subject s ON s.sid = c.sid"
            " WHERE s.org_id = :org AND s.number_hmac = :hmac AND c.artefact_sha256 = :digest",
            org=org,
            hmac=self.keyring.number_hmac(org, row.number.e164),
            digest=sha256(artefact_of(record, signature)).hexdigest(),
        )
        return None if found is None else str(found.id)
