"""The dialing loop: on a clock, never in reaction to an event, it asks pacing how many and the ledger whom.

A lead that the gate refuses is replaced in the same tick. A tick that comes late places what one tick may, not what was
missed. Nothing is placed while the link is down or the store is away.
"""

import asyncio
from typing import Final

import structlog

from dialer.calls.attempt import AttemptState
from dialer.calls.permit import Permit
from dialer.domain.campaign import PacingMode
from dialer.domain.errors import ExchangeUnavailable, OriginateUncertain, StoreUnavailable
from dialer.domain.ids import CampaignId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import Calls
from dialer.ports.exchange import Telephony
from dialer.ports.ledger import Ledger, NotMine, NumberBusy, Refused
from dialer.ports.people import Campaigns, RunningCampaign
from dialer.services.board import Board, Bounds, Counts
from dialer.services.changes import Changes, FloorChanged

CALLS_PER_TICK_MAX: Final = 20
DECISIONS_PER_TICK_MAX: Final = 200
PATIENCE_SECONDS: Final = 2.0
RING_SECONDS_MAX: Final = 30.0
SHIFT_SECONDS: Final = 8 * 3600.0
_PROCESS: Final = Actor(ActorKind.PROCESS, "dialer")
_log = structlog.get_logger()


class Dialing:
    """Places calls."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        calls: Calls,
        campaigns: Campaigns,
        telephony: Telephony,
        board: Board,
        changes: Changes,
    ) -> None:
        self._ledger = ledger
        self._calls = calls
        self._campaigns = campaigns
        self._telephony = telephony
        self._board = board
        self._changes = changes

    async def tick(self) -> int:
        """One turn over all running campaigns; how many calls were placed."""
        if not self._telephony.is_up():
            return 0
        placed = 0
        for campaign in await self._campaigns.running():
            placed += await self._campaign(campaign)
        return placed

    async def _campaign(self, campaign: RunningCampaign) -> int:
        if campaign.mode is PacingMode.PREVIEW:
            return 0  # nobody is dialled before an agent has seen the lead
        bounds = Bounds(
            cap=campaign.abandon_cap_ppm / 1_000_000,
            shift_seconds=SHIFT_SECONDS,
            patience_seconds=PATIENCE_SECONDS,
            ring_seconds_max=RING_SECONDS_MAX,
        )
        self._board.start_day(campaign.campaign_id, campaign.day, campaign.mode, bounds)
        counts = Counts(live=campaign.live, abandoned=campaign.abandoned, leads_due=campaign.leads_due)
        plan = self._board.plan(campaign.campaign_id, counts)
        for attempt_id in plan.cancel:
            await self._telephony.hang_up(attempt_id)
        wanted = min(plan.place, CALLS_PER_TICK_MAX)
        placed = decided = 0
        while placed < wanted and decided < DECISIONS_PER_TICK_MAX:
            claims = await self._ledger.claim(campaign.campaign_id, wanted - placed)
            if not claims:
                break
            decided += len(claims)
            answers = await asyncio.gather(
                *(self._ledger.authorise(c) for c in claims), return_exceptions=True
            )
            for answer in answers:
                placed += await self._on_answer(campaign.campaign_id, answer)
        if decided:
            self._changes.touch(FloorChanged(campaign.org_id))
        return placed

    async def _on_answer(
        self, campaign_id: CampaignId, answer: Permit | Refused | NotMine | NumberBusy | BaseException
    ) -> int:
        match answer:
            case Permit():
                return await self._originate(campaign_id, answer)
            case StoreUnavailable():
                # no known commit, no permit: nothing is dialled, the claim's lease brings the lead back
                _log.warning("authorise.unknown")
                return 0
            case BaseException():
                raise answer
            case Refused() | NotMine() | NumberBusy():
                return 0

    async def _originate(self, campaign_id: CampaignId, permit: Permit) -> int:
        attempt_id = permit.attempt_id
        self._board.placed(campaign_id, attempt_id)
        try:
            await self._telephony.originate(permit)
        except OriginateUncertain:
            # it may ring: never again, neither with this permit nor with another (rule 3)
            await self._calls.advance(
                attempt_id, AttemptState.UNCERTAIN, _PROCESS, {}, {"why": "link lost in originate"}
            )
            return 1
        except ExchangeUnavailable:
            self._board.ended(attempt_id)
            await self._calls.void(attempt_id, "exchange unavailable")
            return 0
        return 1
