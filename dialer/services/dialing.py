"""The dialing loop: on a clock, never in reaction to an event, it asks pacing how many and the ledger whom.

A lead that the gate refuses is replaced in the same tick. A tick that comes late places what one tick may, not what was
missed. Nothing is placed while the link is down or the store is away.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog

from dialer.calls.attempt import AttemptState
from dialer.calls.permit import Permit
from dialer.compliance.queue import Offer, next_queues
from dialer.domain.campaign import PacingMode
from dialer.domain.errors import ExchangeUnavailable, OriginateUncertain, StoreUnavailable
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import Calls
from dialer.ports.exchange import Telephony
from dialer.ports.ledger import Claim, Ledger, NotMine, NumberBusy, Refused
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
        for campaign in in_order(await self._campaigns.running()):
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
            room = self._board.further(campaign.campaign_id, campaign.languages, wanted - placed)
            if room.lines < 1:
                break
            claims = await self._ledger.claim(
                campaign.campaign_id, min(wanted - placed, room.lines), room.languages
            )
            if not claims:
                break
            decided += len(claims)
            answers = await asyncio.gather(
                *(self._ledger.authorise(c) for c in claims), return_exceptions=True
            )
            for claim, answer in zip(claims, answers, strict=True):
                placed += await self._on_answer(claim, answer)
        if decided:
            self._changes.touch(FloorChanged(campaign.org_id))
        return placed

    async def _on_answer(
        self, claim: Claim, answer: Permit | Refused | NotMine | NumberBusy | BaseException
    ) -> int:
        match answer:
            case Permit():
                return await self._originate(claim, answer)
            case StoreUnavailable():
                # no known commit, no permit: nothing is dialled, the claim's lease brings the lead back
                _log.warning("authorise.unknown")
                return 0
            case BaseException():
                raise answer
            case Refused() | NotMine() | NumberBusy():
                return 0

    async def _originate(self, claim: Claim, permit: Permit) -> int:
        attempt_id = permit.attempt_id
        self._board.placed(claim.campaign_id, attempt_id, claim.language)
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


def in_order(running: Iterable[RunningCampaign]) -> tuple[RunningCampaign, ...]:
    """Campaigns in the order of service: open ones as `compliance.queue` says, then closed and empty ones by id.

    A closed one is still asked for: the gate says no, and that no is on the log with its reason.
    """
    by_id = {c.campaign_id: c for c in running}
    offers = [Offer(c.campaign_id, c.purpose, c.closes_at) for c in by_id.values()]
    oldest = {c.campaign_id: c.oldest_request_at for c in by_id.values() if c.oldest_request_at is not None}
    first = next_queues(offers, oldest)
    return tuple(by_id[c] for c in (*first, *sorted(by_id.keys() - set(first))))
