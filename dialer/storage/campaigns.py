"""Campaigns and agents as the floor needs them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Final

from dialer.compliance.agents import AgentRegister
from dialer.compliance.facts import CampaignFacts
from dialer.compliance.hours import closes_at, judge_day, local_days, on_every_day
from dialer.compliance.pacing_law import PacingLaw
from dialer.compliance.queue import Skills
from dialer.domain.campaign import PacingMode
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.domain.purpose import Purpose
from dialer.pacing.features import LeadFeatures
from dialer.ports.people import AgentCard, RunningCampaign
from dialer.rules.kinds.moments import Holidays, Window
from dialer.rules.pack import Place
from dialer.rules.resolve import PackSet, resolve
from dialer.rules.strictness import Span
from dialer.storage.facts import BUSINESS_ZONE
from dialer.storage.facts_caller import answers_since
from dialer.storage.lead_features import HOUR_US, features_ahead
from dialer.storage.lead_queue import FREE
from dialer.storage.pacing_law import law_of_campaign
from dialer.storage.registers import read_group
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import micros, moment

LEADS_DUE_COUNTED_MAX: Final = 10_000
SAMPLE_LEADS: Final = 500
"""Of a campaign's due leads so many, those that are due longest, say when its queue closes and what is spoken in it."""


class StoredCampaigns:
    """`ports.Campaigns` and `ports.Roster` on the database."""

    def __init__(self, store: Store, packs: PackSet) -> None:
        self._store = store
        self._packs = packs

    async def running(self) -> tuple[RunningCampaign, ...]:
        return await self._store.read(lambda tx: _running(tx, self._packs))

    async def ahead(self, campaign_id: CampaignId, count: int) -> tuple[LeadFeatures, ...]:
        return await self._store.read(lambda tx: features_ahead(tx, campaign_id, count))

    async def agent(self, user_id: UserId) -> AgentCard | None:
        return await self._store.read(lambda tx: _agent(tx, user_id))


def _running(tx: Tx, packs: PackSet) -> tuple[RunningCampaign, ...]:
    now = moment(tx.now_us())
    rows = tx.all(
        f"""
        SELECT c.id, c.org_id, c.mode, c.purpose, c.abandon_cap_ppm, c.register_json, o.packs,
               o.register_json AS org_register,
               (SELECT COUNT(*) FROM (SELECT 1 FROM lead
                  WHERE campaign_id = c.id AND state IN ('queued', 'claimed') AND due_us <= NOW_US AND {FREE}
                  LIMIT {LEADS_DUE_COUNTED_MAX}) AS counted) AS due
        FROM campaign c JOIN organisation o ON o.id = c.org_id
        WHERE c.state = 'running' AND NOT EXISTS (
            SELECT 1 FROM dialling_stop s WHERE s.lifted_us IS NULL AND s.caller_id IS NULL
              AND (s.org_id IS NULL OR s.org_id = c.org_id) AND (s.campaign_id IS NULL OR s.campaign_id = c.id))
        ORDER BY c.id
        """
    )
    day = _day_start(now)
    found = []
    for row in rows:
        live, abandoned = answers_since(tx, row.id, day)
        waiting = tx.all(
            "SELECT requested_us, language, zones FROM lead"
            " WHERE campaign_id = :id AND state = 'queued' AND due_us <= NOW_US ORDER BY due_us LIMIT :sample",
            id=row.id,
            sample=SAMPLE_LEADS,
        )
        law = law_of_campaign(tx, row, packs, now)
        closings = _closings(row, {w.zones for w in waiting}, packs, now)
        found.append(
            RunningCampaign(
                campaign_id=CampaignId(row.id),
                day=now.astimezone(BUSINESS_ZONE).date(),
                org_id=OrganisationId(row.org_id),
                mode=PacingMode(row.mode),
                abandon_cap_ppm=row.abandon_cap_ppm,
                live=live,
                abandoned=abandoned,
                leads_due=int(row.due),
                purpose=Purpose(row.purpose),
                oldest_request_at=moment(min(w.requested_us for w in waiting)) if waiting else None,
                closes_at=min(closings, default=None),
                languages=frozenset(w.language for w in waiting),
                law=law,
                shift_left_seconds=_shift_left(law, closings, now),
                caller_id_calls_left=None
                if law is None
                else _calls_left(tx, row.id, law, micros(now), micros(day)),
            )
        )
    return tuple(found)


def _shift_left(law: PacingLaw | None, closings: list[datetime], now: datetime) -> float:
    """Seconds until the last window closes. Where none is open the gate says so lead by lead, until the day ends."""
    ring = timedelta(seconds=0 if law is None else law.ring_seconds_max)
    last = max(closings) - ring if closings else _day_start(now) + timedelta(days=1)
    return max(0.0, (last - now).total_seconds())


def _calls_left(tx: Tx, campaign: str, law: PacingLaw, now_us: int, day_us: int) -> int | None:
    """Further calls of all its caller IDs together, as the gate will count them one by one."""
    if law.calls_an_hour is None or law.calls_a_day is None:
        return None
    rows = tx.all(
        """
        SELECT b.caller_id,
               (SELECT COUNT(*) FROM attempt a WHERE a.caller_id = b.caller_id AND a.authorised_us > :hour
                   AND a.state NOT IN ('refused', 'lapsed')) AS hour,
               (SELECT COUNT(*) FROM attempt a WHERE a.caller_id = b.caller_id AND a.authorised_us >= :day
                   AND a.state NOT IN ('refused', 'lapsed')) AS today
          FROM campaign_caller_id b JOIN caller_id i ON i.id = b.caller_id
         WHERE b.campaign_id = :campaign AND i.state = 'active'
        """,
        campaign=campaign,
        hour=now_us - HOUR_US,
        day=day_us,
    )
    return sum(max(0, min(law.calls_an_hour - int(r.hour), law.calls_a_day - int(r.today))) for r in rows)


def _closings(campaign: Row, zones_of_leads: set[str], packs: PackSet, now: datetime) -> list[datetime]:
    """Closes of the windows that are open at these leads' callees; [] = none is open.

    Only the order of queues hangs on it. Whether a call may be placed the gate says, from the number itself.
    """
    country = json.loads(campaign.register_json).get("country")
    organisation_country = json.loads(campaign.org_register).get("country")
    place = Place(
        packs=frozenset(campaign.packs.split(",")),
        organisation_country=organisation_country if isinstance(organisation_country, str) else "",
        callee_country=country if isinstance(country, str) else "",
        regions=frozenset(),
    )
    hours = read_group(CampaignFacts, campaign.register_json).hours
    own = hours if isinstance(hours, Span) else None
    closings = []
    for listed in zones_of_leads:
        zones = frozenset(z for z in listed.split(",") if z)
        if not zones:
            continue
        days = local_days(zones, now)
        law = resolve(packs, place, days)
        window = law.one(Window)
        is_closed = any(
            judge_day(b.value, packs.calendars.get(b.value.calendar), day, frozenset()).closed
            for b in law.all(Holidays)
            for day in days
        )
        if window is None or is_closed:
            continue
        narrowed = [window.value] if own is None else [window.value, on_every_day(own)]
        ends = [closes_at(hours, zones, now) for hours in narrowed]
        if None not in ends:
            closings.append(min(end for end in ends if end is not None))
    return closings


def _day_start(now: datetime) -> datetime:
    return now.astimezone(BUSINESS_ZONE).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _agent(tx: Tx, user_id: UserId) -> AgentCard | None:
    row = tx.one(
        "SELECT id, org_id, name, register_json FROM user_account"
        " WHERE id = :id AND role = 'agent' AND disabled_us IS NULL",
        id=user_id,
    )
    if row is None:
        return None
    campaigns = tx.all(
        "SELECT g.campaign_id, c.purpose FROM campaign_agent g JOIN campaign c ON c.id = g.campaign_id"
        " WHERE g.user_id = :id",
        id=user_id,
    )
    filed = read_group(AgentRegister, row.register_json)
    skills = Skills(
        agent_id=user_id,
        purposes=filed.purposes if isinstance(filed.purposes, frozenset) else frozenset(Purpose),
        languages=filed.languages if isinstance(filed.languages, frozenset) else frozenset(),
    )
    return AgentCard(
        user_id=user_id,
        org_id=OrganisationId(row.org_id),
        name=row.name,
        campaigns=frozenset(
            CampaignId(c.campaign_id) for c in campaigns if Purpose(c.purpose) in skills.purposes
        ),
        languages=skills.languages,
    )
