"""What the gate would say about one number in one campaign, from a snapshot. It claims, writes and permits nothing."""

from dataclasses import replace
from datetime import datetime

from dialer.compliance.explain import as_of
from dialer.compliance.facts import Facts
from dialer.compliance.gate import decide
from dialer.domain.ids import CampaignId, LeadId, OrganisationId
from dialer.domain.phone import BadNumber, parse_phone
from dialer.ports.keys import Keyring
from dialer.rules.resolve import PackSet
from dialer.services.views.decided import live_decision
from dialer.services.views.decision import ExplainView
from dialer.services.views.words import Declined, Named, Sentence
from dialer.storage.explain_list import Change, purpose_of, read_pack, reviewed_us_of, under_campaign
from dialer.storage.facts import FactsReader
from dialer.storage.facts_callee import dnc_facts
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

    def __init__(self, store: Store, keyring: Keyring, read_facts: FactsReader, packs: PackSet) -> None:
        self._store = store
        self._keyring = keyring
        self._read_facts = read_facts
        self._packs = packs

    async def explain(
        self,
        org: OrganisationId,
        number: str,
        campaign: CampaignId,
        at: datetime | None,
        under: CampaignId | None = None,
        pack: str | None = None,
    ) -> ExplainView | Declined | None:
        """Every rule for this number now, or at another moment with the facts of now.

        `under`, `pack`: beside what another campaign, or the text of a pack in place of the one of its id, would say.
        """
        packs = read_pack(self._packs, pack)
        if isinstance(packs, Declined):
            return packs
        return await self.what_if(org, number, campaign, at, Change(packs, under))

    async def what_if(
        self, org: OrganisationId, number: str, campaign: CampaignId, at: datetime | None, change: Change
    ) -> ExplainView | Declined | None:
        """The same beside what changed packs or another campaign would say."""
        return await self._store.read(lambda tx: self._explain(tx, org, number, campaign, at, change))

    def _explain(
        self,
        tx: Tx,
        org: OrganisationId,
        number: str,
        campaign: CampaignId,
        at: datetime | None,
        change: Change,
    ) -> ExplainView | Declined | None:
        known = tx.one(
            "SELECT id, name_zh, name_en FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org
        )
        if known is None or (change.campaign is not None and not _is_own(tx, org, change.campaign)):
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
        facts = as_of(self._read_facts(tx, LeadId(lead.id), now), now)
        changed = None
        if change.packs is not None or change.campaign is not None:
            other = (
                facts if change.campaign is None else _called_under(tx, facts, lead.id, change.campaign, now)
            )
            changed = live_decision(decide(other, change.packs or self._packs, now))
        return ExplainView(
            number=phone.masked,
            campaign=Named(known.id, Sentence(known.name_zh, known.name_en)),
            lead_id=lead.id,
            decision=live_decision(decide(facts, self._packs, now)),
            changed=changed,
        )


def _is_own(tx: Tx, org: OrganisationId, campaign: CampaignId) -> bool:
    found = tx.one("SELECT id FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org)
    return found is not None


def _called_under(tx: Tx, facts: Facts, lead: str, campaign: CampaignId, now: datetime) -> Facts:
    """The lead's facts as they would be in another campaign of its organisation: also refusals of that purpose."""
    subject = tx.sole("SELECT s.* FROM subject s JOIN lead l ON l.sid = s.sid WHERE l.id = :id", id=lead)
    refusals = dnc_facts(tx, subject, purpose_of(tx, campaign), reviewed_us_of(tx, subject.org_id))
    return replace(under_campaign(tx, facts, campaign, now), dnc=refusals)
