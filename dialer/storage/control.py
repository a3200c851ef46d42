"""Switching campaigns, and stops: what they stop is void in the same transaction (decision 4)."""

from typing import Final

from dialer.domain.campaign import CampaignState
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.campaign_control import Switched
from dialer.storage.log import Draft, LogWriter
from dialer.storage.moves import void_unused
from dialer.storage.sql import Tx
from dialer.storage.store import Store

_FROM: Final = {
    CampaignState.RUNNING: ("ready", "paused"),
    CampaignState.PAUSED: ("running",),
}


class StoredCampaignStates:
    """`services.campaign_control.CampaignStates`."""

    def __init__(self, store: Store, log: LogWriter) -> None:
        self._store = store
        self._log = log

    async def switch(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, target: CampaignState
    ) -> Switched:
        return await self._store.write(lambda tx: self._switch(tx, org, user, campaign, target))

    def _switch(
        self, tx: Tx, org: OrganisationId, user: UserId, campaign: CampaignId, target: CampaignState
    ) -> Switched:
        row = tx.one("SELECT state FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org)
        if row is None:
            return Switched.NOT_THERE
        if row.state not in _FROM[target]:
            return Switched.NOT_FROM_HERE
        tx.run(
            "UPDATE campaign SET state = :target WHERE id = :id AND state = :source",
            target=str(target),
            source=row.state,
            id=campaign,
        )
        actor = Actor(ActorKind.USER, user)
        says = {"campaign": str(campaign), "from": str(row.state), "to": str(target)}
        draft = Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org)
        self._log.append(tx, draft, tx.now_us())
        if target is CampaignState.PAUSED:
            issued = tx.all(
                "SELECT attempt_id FROM permit WHERE campaign_id = :id AND state = 'issued'", id=campaign
            )
            for permit in issued:
                void_unused(tx, self._log, AttemptId(permit.attempt_id), actor, "campaign paused")
        else:
            # what was refused because the campaign stood still is looked at again at once
            tx.run(
                "UPDATE lead SET due_us = NOW_US WHERE campaign_id = :id AND state = 'queued' AND due_us > NOW_US"
                " AND last_decision_id IN (SELECT id FROM decision WHERE codes LIKE '%CAMPAIGN%')",
                id=campaign,
            )
        return Switched.DONE
