"""Starting and pausing a campaign. Pausing voids its issued permits in the same transaction (decision 4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dialer.domain.campaign import CampaignState
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports import Clock
from dialer.services.views.floor import CampaignView
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter
from dialer.storage.moves import void_unused
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.views_floor import FloorReader

_STARTABLE: Final = frozenset({CampaignState.READY, CampaignState.PAUSED, CampaignState.RUNNING})
_PAUSABLE: Final = frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.READY})
_WHY_NOT: Final[dict[CampaignState, Sentence]] = {
    CampaignState.DRAFT: Sentence(
        "任务尚未提交号码审核。", "The campaign has not been filed for review yet."
    ),
    CampaignState.PENDING_NUMBER_REVIEW: Sentence(
        "号码审核尚未通过，不能启动。",
        "The number review is pending; the campaign can't start before it passes.",
    ),
    CampaignState.OFFLINE: Sentence(
        "任务已被下线整改，恢复须经第二人批准。",
        "The campaign was taken offline; relaunching it needs a second person's approval.",
    ),
    CampaignState.ENDED: Sentence("任务已结束。", "The campaign has ended."),
}


@dataclass(frozen=True, slots=True)
class CampaignSwitch:
    """`CampaignControl` on the product's database."""

    store: Store
    log: LogWriter
    clock: Clock
    floor: FloorReader

    async def start(
        self, org: OrganisationId, user: UserId, campaign: CampaignId
    ) -> CampaignView | Declined | None:
        """Let the campaign dial; every call still has to pass the gate."""
        return await self._switch(org, user, campaign, CampaignState.RUNNING, _STARTABLE)

    async def pause(
        self, org: OrganisationId, user: UserId, campaign: CampaignId
    ) -> CampaignView | Declined | None:
        """Stop it: its permits that no gate has consumed are void when this returns."""
        return await self._switch(org, user, campaign, CampaignState.PAUSED, _PAUSABLE)

    async def _switch(
        self,
        org: OrganisationId,
        user: UserId,
        campaign: CampaignId,
        target: CampaignState,
        allowed: frozenset[CampaignState],
    ) -> CampaignView | Declined | None:
        now = self.clock.now()

        def work(tx: Tx) -> CampaignView | Declined | None:
            row = tx.one("SELECT state FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org)
            if row is None:
                return None
            state = CampaignState(row.state)
            if state not in allowed:
                return Declined(f"campaign.{state.value}", _WHY_NOT[state])
            if state is not target:
                self._write(tx, org, user, campaign, target)
            return self._view(tx, org, campaign, now)

        return await self.store.write(work)

    def _write(
        self, tx: Tx, org: OrganisationId, user: UserId, campaign: CampaignId, target: CampaignState
    ) -> None:
        actor = Actor(ActorKind.USER, user)
        tx.run("UPDATE campaign SET state = :state WHERE id = :id", state=target.value, id=campaign)
        says = {"what": "campaign.state", "campaign": str(campaign), "to": target.value}
        self.log.append(
            tx, Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org), tx.now_us()
        )
        if target is CampaignState.RUNNING:
            return
        issued = tx.all(
            "SELECT attempt_id FROM permit WHERE campaign_id = :id AND state = 'issued'", id=campaign
        )
        for permit in issued:
            void_unused(tx, self.log, AttemptId(permit.attempt_id), actor, "campaign paused")

    def _view(self, tx: Tx, org: OrganisationId, campaign: CampaignId, now: datetime) -> CampaignView:
        return next(c for c in self.floor.read(tx, org, now).campaigns if c.id == campaign)
