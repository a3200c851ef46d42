"""The law of pacing of one campaign, from its registers."""

from datetime import datetime

from dialer.compliance.facts import CampaignFacts
from dialer.compliance.pacing_law import PacingLaw, pacing_law
from dialer.rules.resolve import PackSet
from dialer.storage.facts import BUSINESS_ZONE
from dialer.storage.facts_caller import organisation_facts
from dialer.storage.registers import read_group
from dialer.storage.sql import Row, Tx


def law_of_campaign(tx: Tx, campaign: Row, packs: PackSet, now: datetime) -> PacingLaw | None:
    """Of a row of `campaign`; None: the packs lack a rule, and no call is lawful."""
    organisation = tx.sole("SELECT * FROM organisation WHERE id = :id", id=campaign.org_id)
    facts = read_group(CampaignFacts, campaign.register_json)
    return pacing_law(organisation_facts(organisation), facts, packs, now.astimezone(BUSINESS_ZONE).date())
