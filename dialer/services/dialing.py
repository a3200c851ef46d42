"""The dialing loop: on a clock, never in reaction to an event, it asks pacing how many and the ledger whom.

A lead that the gate refuses is replaced in the same tick. A tick that comes late places what one tick may, not what was
missed. Nothing is placed while the link is down or the store is away.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from dialer.calls.attempt import AttemptState
from dialer.calls.permit import Permit
from dialer.compliance.queue import Offer, next_queues
from dialer.domain.campaign import PacingMode
from dialer.domain.errors import ExchangeUnavailable, OriginateUncertain, StoreUnavailable
from dialer.domain.ids import AttemptId, CampaignId
from dialer.evidence.record import Actor, ActorKind
from dialer.pacing.features import LeadFeatures
from dialer.pacing.floor import Limit, LimitKind
from dialer.pacing.knowledge import Learned
from dialer.pacing.why import Sentence, sentence_of
from dialer.ports.calls import Calls
from dialer.ports.exchange import Telephony
from dialer.ports.ledger import Claim, Ledger, NotMine, NumberBusy, Refused
from dialer.ports.pacing import PacingMemory
from dialer.ports.people import Campaigns, RunningCampaign
from dialer.services.board import Board, Bounds, Counts
from dialer.services.changes import Changes, FloorChanged
from dialer.services.preview_desk import PreviewDesk

CALLS_PER_TICK_MAX: Final = 20
DECISIONS_PER_TICK_MAX: Final = 200
RING_SECONDS_MIN: Final = 10.0
"""We hang up on nobody sooner, also where the pack has no minimum: a phone that rings once and stops annoys."""
AHEAD_LEADS: Final = 64
AHEAD_SECONDS: Final = 2.0
KEEP_SECONDS: Final = 60.0
SAY_SECONDS: Final = 5.0
PPM: Final = 1_000_000
PREDICTIVE: Final = frozenset({PacingMode.PREDICTIVE, PacingMode.PREDICTIVE_PROVABLE})
_PROCESS: Final = Actor(ActorKind.PROCESS, "dialer")
_log = structlog.get_logger()


class Dialing:
    """Places calls. `is_held`: whether a refusal waits for its commit, asked again before every single call."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        calls: Calls,
        campaigns: Campaigns,
        telephony: Telephony,
        board: Board,
        changes: Changes,
        memory: PacingMemory,
        previews: PreviewDesk,
        is_held: Callable[[], bool],
        trunk_channels_max: int | None = None,
    ) -> None:
        self._ledger = ledger
        self._calls = calls
        self._campaigns = campaigns
        self._telephony = telephony
        self._board = board
        self._changes = changes
        self._memory = memory
        self._previews = previews
        self._is_held = is_held
        self._trunk_channels_max = trunk_channels_max
        self._ahead: dict[CampaignId, tuple[float, tuple[LeadFeatures, ...]]] = {}
        self._said: dict[CampaignId, tuple[float, Sentence]] = {}
        self._kept_at: dict[CampaignId, float] = {}

    async def tick(self) -> int:
        """One turn over all running campaigns; how many calls were placed."""
        if not self._telephony.is_up():
            return 0
        running = in_order(await self._campaigns.running())
        self._board.share({campaign.campaign_id: campaign.leads_due for campaign in running})
        placed = 0
        for campaign in running:
            placed += await self._campaign(campaign)
        return placed

    async def keep(self) -> None:
        """Write down what the pacers learned and said, so that a restart begins where this process ends."""
        self._kept_at.clear()
        for campaign_id, plan in tuple(self._board.plans.items()):
            try:
                await self._keep(campaign_id, sentence_of(plan.why), self._now())
            except StoreUnavailable:
                _log.warning("pacing.not_kept", campaign_id=campaign_id)

    async def _campaign(self, campaign: RunningCampaign) -> int:
        law = campaign.law
        if law is None:
            return 0
        if campaign.mode is PacingMode.PREVIEW:
            return await self._previews.turn(campaign, self._place_one)
        bounds = Bounds(
            cap=min(campaign.abandon_cap_ppm, law.cap_ppm_max) / PPM,
            patience_seconds=law.patience_ms / 1000.0,
            ring_seconds_min=max(RING_SECONDS_MIN, float(law.ring_seconds_min)),
            ring_seconds_max=float(law.ring_seconds_max),
        )
        learned = None
        if not self._board.knows(campaign.campaign_id, campaign.mode):
            learned = await self._memory.recall(campaign.campaign_id)
        shift_seconds = campaign.shift_left_seconds
        self._board.start_day(
            campaign.campaign_id, campaign.day, campaign.mode, bounds, shift_seconds, learned
        )
        counts = Counts(
            live=campaign.live,
            abandoned=campaign.abandoned,
            leads_due=campaign.leads_due,
            shift_left_seconds=shift_seconds,
            limits=self._limits(campaign),
            ahead=await self._leads_ahead(campaign),
        )
        plan = self._board.plan(campaign.campaign_id, counts)
        await self._say(campaign.campaign_id, sentence_of(plan.why))
        for attempt_id in plan.cancel:
            await self._telephony.hang_up(attempt_id)
        return await self._place(campaign, plan.place)

    def _limits(self, campaign: RunningCampaign) -> tuple[Limit, ...]:
        """What else bounds this tick's calls."""
        limits = [Limit(LimitKind.TICK, CALLS_PER_TICK_MAX)]
        if self._trunk_channels_max is not None:
            free = self._trunk_channels_max - sum(self._board.in_the_air().values())
            limits.append(Limit(LimitKind.TRUNK, max(0, free)))
        if campaign.caller_id_calls_left is not None:
            limits.append(Limit(LimitKind.CALLER_ID, campaign.caller_id_calls_left))
        return tuple(limits)

    async def _leads_ahead(self, campaign: RunningCampaign) -> tuple[LeadFeatures, ...]:
        if campaign.mode not in PREDICTIVE:
            return ()
        looked_at, ahead = self._ahead.get(campaign.campaign_id, (-math.inf, ()))
        now = self._now()
        if now - looked_at >= AHEAD_SECONDS:
            ahead = await self._campaigns.ahead(campaign.campaign_id, AHEAD_LEADS)
            self._ahead[campaign.campaign_id] = (now, ahead)
        return ahead

    async def _say(self, campaign_id: CampaignId, sentence: Sentence) -> None:
        now = self._now()
        at, last = self._said.get(campaign_id, (-math.inf, None))
        is_news = sentence != last and now - at >= SAY_SECONDS
        if is_news or now - self._kept_at.get(campaign_id, -math.inf) >= KEEP_SECONDS:
            await self._keep(campaign_id, sentence, now)

    async def _keep(self, campaign_id: CampaignId, sentence: Sentence, now: float) -> None:
        self._said[campaign_id] = (now, sentence)
        learned: Learned | None = None
        if now - self._kept_at.get(campaign_id, -math.inf) >= KEEP_SECONDS:
            self._kept_at[campaign_id] = now
            learned = self._board.learned(campaign_id)
        await self._memory.keep(campaign_id, learned, sentence)

    async def _place(self, campaign: RunningCampaign, wanted: int) -> int:
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
            if any(isinstance(a, Refused) and a.refusal.is_of_installation for a in answers):
                break  # the next lead would hear the same
        if decided:
            self._changes.touch(FloorChanged(campaign.org_id))
        return placed

    async def _place_one(self, claim: Claim, reserve: Callable[[AttemptId], None]) -> object:
        """One lead that an agent wants to call: the gate's answer. `reserve` hears of the attempt before it rings."""
        (answer,) = await asyncio.gather(self._ledger.authorise(claim), return_exceptions=True)
        if isinstance(answer, Permit):
            reserve(answer.attempt_id)
        await self._on_answer(claim, answer)
        return answer

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
        if self._is_held():
            # a refusal came while the permit was made and waits for its commit: it may be this number's
            await self._calls.void(attempt_id, "a refusal waits")
            return 0
        self._board.placed(claim.campaign_id, attempt_id, claim.language, claim.features)
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

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def in_order(running: Iterable[RunningCampaign]) -> tuple[RunningCampaign, ...]:
    """Campaigns in the order of service: open ones as `compliance.queue` says, then closed and empty ones by id.

    A closed one is still asked for: the gate says no, and that no is on the log with its reason.
    """
    by_id = {c.campaign_id: c for c in running}
    offers = [Offer(c.campaign_id, c.purpose, c.closes_at) for c in by_id.values()]
    oldest = {c.campaign_id: c.oldest_request_at for c in by_id.values() if c.oldest_request_at is not None}
    first = next_queues(offers, oldest)
    return tuple(by_id[c] for c in (*first, *sorted(by_id.keys() - set(first))))
