"""What the gate would say about one number in one campaign, from a snapshot. It claims, writes and permits nothing."""

from datetime import datetime

from dialer.compliance.explain import as_of
from dialer.domain.ids import CampaignId, LeadId, OrganisationId
from dialer.domain.phone import BadNumber, parse_phone
from dialer.ports.keys import Keyring
from dialer.services.views.decided import live_decision
from dialer.services.views.decision import ExplainView
from dialer.services.views.words import Declined, Named, Sentence
from dialer.storage.facts import FactsReader
from dialer.storage.ledger import Decide
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.times import moment

_NO_LEAD = Declined(
    "lead.none",
    Sentence(
        "该号码在此任务中没有线索，因此不会被拨打。",
        "There is no lead with this number in this campaign, so it is never called.",
    ),
)


class Explain:
    """`ExplainService`."""

    def __init__(self, store: Store, keyring: Keyring, read_facts: FactsReader, decide: Decide) -> None:
        self._store = store
        self._keyring = keyring
        self._read_facts = read_facts
        self._decide = decide

    async def explain(
        self, org: OrganisationId, number: str, campaign: CampaignId, at: datetime | None
    ) -> ExplainView | Declined | None:
        """Every rule for this number now, or at another moment with the facts of now."""
        return await self._store.read(lambda tx: self._explain(tx, org, number, campaign, at))

    def _explain(
        self, tx: Tx, org: OrganisationId, number: str, campaign: CampaignId, at: datetime | None
    ) -> ExplainView | Declined | None:
        known = tx.one(
            "SELECT id, name_zh, name_en FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org
        )
        if known is None:
            return None
        phone = parse_phone(number, "CN")
        if isinstance(phone, BadNumber):
            return Declined(f"number.{phone.problem}", Sentence(phone.zh, phone.en))
        lead = tx.one(
            "SELECT l.id FROM lead l JOIN subject s ON s.sid = l.sid WHERE l.campaign_id = :campaign"
            " AND s.number_hmac = :hmac AND s.org_id = :org AND l.state <> 'staged'"
            " ORDER BY CASE WHEN l.state IN ('queued', 'claimed', 'dialing') THEN 0 ELSE 1 END, l.requested_us DESC LIMIT 1",
            campaign=campaign,
            hmac=self._keyring.number_hmac(org, phone.e164),
            org=org,
        )
        if lead is None:
            return _NO_LEAD
        now = at or moment(tx.now_us())
        decision = self._decide(as_of(self._read_facts(tx, LeadId(lead.id), now), now), now)
        return ExplainView(
            number=phone.masked,
            campaign=Named(known.id, Sentence(known.name_zh, known.name_en)),
            lead_id=lead.id,
            decision=live_decision(decision),
        )
