"""Which agents work which campaigns, changed from the floor."""

from dataclasses import dataclass

from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.assignments import Assigned
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.tables_organisation import CampaignAgent


@dataclass(frozen=True, slots=True)
class StoredAssignments:
    """`services.assignments.AssignmentStore`."""

    store: Store
    log: LogWriter

    async def assign(
        self,
        org: OrganisationId,
        by: UserId,
        agent: UserId,
        campaigns: frozenset[CampaignId],
        was: frozenset[CampaignId],
    ) -> Assigned:
        def work(tx: Tx) -> Assigned:
            there = tx.one(
                "SELECT id FROM user_account"
                " WHERE id = :id AND org_id = :org AND role = 'agent' AND disabled_us IS NULL",
                id=agent,
                org=org,
            )
            if there is None:
                return Assigned.NOT_THERE
            ours = {row.id for row in tx.all("SELECT id FROM campaign WHERE org_id = :org", org=org)}
            if not campaigns <= ours:
                return Assigned.NOT_YOURS
            now = {
                row.campaign_id
                for row in tx.all("SELECT campaign_id FROM campaign_agent WHERE user_id = :id", id=agent)
            }
            if now != was:
                return Assigned.CHANGED_MEANWHILE
            for campaign in sorted(campaigns - was):
                tx.insert(CampaignAgent(campaign_id=campaign, user_id=agent))
                self._say(tx, org, by, agent, campaign, "joined")
            for campaign in sorted(was - campaigns):
                tx.run(
                    "DELETE FROM campaign_agent WHERE campaign_id = :campaign AND user_id = :id",
                    campaign=campaign,
                    id=agent,
                )
                self._say(tx, org, by, agent, campaign, "left")
            return Assigned.DONE

        return await self.store.write(work)

    def _say(
        self, tx: Tx, org: OrganisationId, by: UserId, agent: UserId, campaign: CampaignId, act: str
    ) -> None:
        # a form of the campaign that is open elsewhere must not undo this: its version is an older one now
        tx.run("UPDATE campaign SET version = version + 1 WHERE id = :id", id=campaign)
        says: dict[str, Json] = {"campaign": str(campaign), "agent": str(agent), "act": act}
        draft = Draft(type=EventType.CONFIG_CHANGED, actor=Actor(ActorKind.USER, by), says=says, org=org)
        self.log.append(tx, draft, tx.now_us())
