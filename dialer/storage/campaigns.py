"""Campaigns and agents as the floor needs them."""

from datetime import UTC, datetime

from dialer.domain.campaign import PacingMode
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.ports.people import AgentCard, RunningCampaign
from dialer.storage.facts import BUSINESS_ZONE
from dialer.storage.facts_caller import answers_since
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.times import moment


class StoredCampaigns:
    """`ports.Campaigns` and `ports.Roster` on the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def running(self) -> tuple[RunningCampaign, ...]:
        return await self._store.read(_running)

    async def agent(self, user_id: UserId) -> AgentCard | None:
        return await self._store.read(lambda tx: _agent(tx, user_id))


def _running(tx: Tx) -> tuple[RunningCampaign, ...]:
    now = moment(tx.now_us())
    rows = tx.all(
        """
        SELECT c.id, c.org_id, c.mode, c.abandon_cap_ppm,
               (SELECT COUNT(*) FROM lead l WHERE l.campaign_id = c.id AND l.due_us <= NOW_US
                  AND (l.state = 'queued' OR (l.state = 'claimed' AND l.lease_until_us < NOW_US))) AS due,
               (SELECT MIN(COALESCE(l.promised_until_us, l.requested_us)) FROM lead l
                 WHERE l.campaign_id = c.id AND l.state = 'queued') AS urgent
        FROM campaign c
        WHERE c.state = 'running' AND NOT EXISTS (
            SELECT 1 FROM dialling_stop s WHERE s.lifted_us IS NULL AND s.caller_id IS NULL
              AND (s.org_id IS NULL OR s.org_id = c.org_id) AND (s.campaign_id IS NULL OR s.campaign_id = c.id))
        ORDER BY urgent
        """
    )
    day = _day_start(now)
    found = []
    for row in rows:
        live, abandoned = answers_since(tx, row.id, day)
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
            )
        )
    return tuple(found)


def _day_start(now: datetime) -> datetime:
    return now.astimezone(BUSINESS_ZONE).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _agent(tx: Tx, user_id: UserId) -> AgentCard | None:
    row = tx.one(
        "SELECT id, org_id, name FROM user_account WHERE id = :id AND role = 'agent' AND disabled_us IS NULL",
        id=user_id,
    )
    if row is None:
        return None
    campaigns = tx.all("SELECT campaign_id FROM campaign_agent WHERE user_id = :id", id=user_id)
    return AgentCard(
        user_id=UserId(row.id),
        org_id=OrganisationId(row.org_id),
        name=row.name,
        campaigns=frozenset(CampaignId(r.campaign_id) for r in campaigns),
    )
