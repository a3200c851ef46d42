"""All facts of one decision, read in the transaction that decides (rule 2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dialer.compliance.facts import ClockFacts, Facts, PlatformFacts, Profile, Unknown, VaultFacts, VaultState
from dialer.domain.ids import LeadId
from dialer.ports.keys import Keyring
from dialer.storage.facts_callee import (
    callee_facts,
    consent_facts,
    contact_facts,
    dnc_facts,
    lead_facts,
    source_facts,
)
from dialer.storage.facts_caller import (
    caller_id_facts,
    campaign_facts,
    choose_caller_id,
    floor_facts,
    organisation_facts,
    script_facts,
)
from dialer.storage.registers import read_group
from dialer.storage.sql import Row, Tx
from dialer.storage.times import moment

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of the campaign's and the caller ID's day (readings: calendar months and days in Shanghai)."""


@dataclass(frozen=True, slots=True)
class Probes:
    """What the database can't know of itself: measured by jobs, `Unknown` when they are late."""

    clock_error_ms: Callable[[], int | Unknown]
    vault_state: Callable[[str], VaultState | Unknown]
    """By the region in which an organisation keeps its data."""


class FactsReader:
    """Reads `Facts` for one lead inside a transaction."""

    def __init__(self, keyring: Keyring, probes: Probes) -> None:
        self._keyring = keyring
        self._probes = probes

    def __call__(self, tx: Tx, lead_id: LeadId, now: datetime) -> Facts:
        lead = tx.sole("SELECT * FROM lead WHERE id = :id", id=lead_id)
        subject = tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=lead.sid)
        campaign = tx.sole("SELECT * FROM campaign WHERE id = :id", id=lead.campaign_id)
        organisation = tx.sole("SELECT * FROM organisation WHERE id = :id", id=lead.org_id)
        script = tx.sole("SELECT * FROM script WHERE id = :id", id=campaign.script_id)
        caller_id = choose_caller_id(tx, campaign.id)
        settings = {r.name: r.value for r in tx.all("SELECT name, value FROM setting")}
        day_start = now.astimezone(BUSINESS_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        reviewed = settings.get(f"dnc_reviewed_us:{organisation.id}")
        return Facts(
            clock=self._clock(tx, settings),
            platform=_platform(tx, settings, lead, caller_id),
            vault=read_group(
                VaultFacts, campaign.register_json, state=self._probes.vault_state(organisation.region)
            ),
            organisation=organisation_facts(organisation),
            campaign=campaign_facts(tx, campaign, day_start, now),
            script=script_facts(script),
            consent=consent_facts(tx, lead),
            source=source_facts(tx, lead),
            callee=callee_facts(tx, self._keyring, subject, lead.register_json),
            lead=lead_facts(tx, lead),
            contact=contact_facts(tx, subject, now),
            caller_id=caller_id_facts(tx, caller_id, day_start, now),
            floor=floor_facts(tx, campaign.id, lead.org_id, day_start),
            dnc=dnc_facts(tx, subject, campaign.purpose, int(reviewed) if reviewed is not None else None),
        )

    def _clock(self, tx: Tx, settings: dict[str, str]) -> ClockFacts:
        offset = tx.one("SELECT offset_us FROM clock_offset")
        head = tx.one("SELECT last_ts_us FROM log_head")
        profile = settings.get("profile")
        return ClockFacts(
            error_ms=self._probes.clock_error_ms(),
            latest_recorded_at=moment(head.last_ts_us)
            if head is not None
            else Unknown("the log has no head"),
            offset_us=offset.offset_us if offset is not None else Unknown("the clock's row is missing"),
            profile=Profile(profile) if profile in set(Profile) else Unknown("the profile is not set"),
        )


def _platform(tx: Tx, settings: dict[str, str], lead: Row, caller_id: Row | None) -> PlatformFacts:
    stops = tx.all(
        """
        SELECT code FROM dialling_stop
        WHERE lifted_us IS NULL AND (org_id IS NULL OR org_id = :org)
          AND (campaign_id IS NULL OR campaign_id = :campaign) AND (caller_id IS NULL OR caller_id = :caller)
        """,
        org=lead.org_id,
        campaign=lead.campaign_id,
        caller=caller_id.id if caller_id is not None else "",
    )
    return read_group(
        PlatformFacts,
        settings.get("platform_register", "{}"),
        stops=tuple(sorted({r.code for r in stops})),
    )
