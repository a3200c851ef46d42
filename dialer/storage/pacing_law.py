"""The law of pacing of one campaign, from its registers."""

from datetime import datetime
from typing import Final

from dialer.compliance.facts import CampaignFacts
from dialer.compliance.pacing_law import PacingLaw, pacing_law
from dialer.domain.zones import SHANGHAI
from dialer.rules.resolve import PackSet
from dialer.storage.facts_caller import organisation_facts
from dialer.storage.registers import read_group
from dialer.storage.sql import Row, Tx

ZONES_OF_COUNTRIES: Final = {"cn": frozenset({SHANGHAI})}
"""Where one window tells when a campaign's day is over; elsewhere it ends with the business day."""


def law_of_campaign(tx: Tx, row: Row, packs: PackSet, now: datetime) -> PacingLaw | None:
    """Of a row of `campaign`; None: the packs lack a rule, and no call is lawful."""
    organisation = tx.sole("SELECT * FROM organisation WHERE id = :id", id=row.org_id)
    facts = read_group(CampaignFacts, row.register_json)
    zones = ZONES_OF_COUNTRIES.get(
        facts.country.lower() if isinstance(facts.country, str) else "", frozenset()
    )
    return pacing_law(organisation_facts(organisation), facts, packs, zones, now)
