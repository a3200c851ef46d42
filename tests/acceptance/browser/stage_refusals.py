"""The do-not-call desk as it is staged: invented entries, one person to review, one partner."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.domain.ids import LeadId, OrganisationId, UserId
from dialer.services.refusal_reviews import ReviewDecision
from dialer.services.views.caller import Stopped
from dialer.services.views.refusals import (
    DncEntryRow,
    DncPage,
    PartnerCreated,
    PartnerList,
    PartnerView,
    ReviewDone,
    ReviewItem,
    ReviewPage,
)
from dialer.services.views.trail import Revealed
from dialer.services.views.words import Declined, Sentence
from tests.acceptance.browser.stage_words import CAMPAIGN, NOW

NUMBER = "+8613000000091"
SPOKEN = Sentence("通话中说的（语音识别）", "Said in a call, heard by a recogniser")
KEY = Sentence("按键退订", "Pressed the opt-out key")
PARTNER = PartnerView("partner-1", "complaint feed", NOW - timedelta(days=3), None)


def entry(place: int, words: Sentence, lifted: datetime | None = None) -> DncEntryRow:
    """One entry of the list."""
    return DncEntryRow(
        id=f"entry-{place}",
        number=f"130****00{90 + place}",
        platform_wide=False,
        purpose=None,
        reason="spoken",
        reason_words=words,
        actor_kind="callee",
        at=NOW - timedelta(hours=place, milliseconds=137),
        attempt_id="0123456789abcdef0123456789abcdef",
        leaf_seq=100 - place,
        stopped=Stopped(2, 1, 1) if place == 1 else Stopped(0, 0, 0),
        lifted_by_consent=None if lifted is None else "consent-1",
        lifted_at=lifted,
        told_at=NOW - timedelta(hours=place) if place == 1 else None,
    )


@dataclass
class StagedRefusals:
    """`DncService`, `ReviewService` and `PartnerService`."""

    reviews_open: bool = True

    async def search(
        self, org: OrganisationId, number: str | None, after: str | None, limit: int
    ) -> DncPage | Declined:
        if number is not None and number != NUMBER:
            return DncPage((), None)
        return DncPage((entry(1, SPOKEN), entry(2, KEY), entry(3, KEY, NOW - timedelta(hours=1))), None)

    async def reveal(
        self, org: OrganisationId, user: UserId, entry_id: str, reason: str
    ) -> Revealed | Declined | None:
        return Revealed(NUMBER, NOW, 412)

    async def page(self, org: OrganisationId, after: str | None, limit: int) -> ReviewPage:
        if not self.reviews_open:
            return ReviewPage((), None)
        item = ReviewItem(
            lead_id="lead-91",
            campaign=CAMPAIGN,
            number="130****0091",
            hold="words_heard",
            hold_words=Sentence(
                "通话中识别到疑似拒绝的话", "Words that may be a refusal were heard in a call"
            ),
            attempt_id="0123456789abcdef0123456789abcdef",
            disposition=None,
            sip_text=None,
            ended_at=NOW - timedelta(minutes=20),
            decisions=tuple(str(d) for d in ReviewDecision),
            heard="do not call",
            heard_as=Sentence("明确拒绝来电", "Clear refusal of further calls"),
            due_at=NOW + timedelta(hours=30),
        )
        return ReviewPage((item,), None)

    async def decide(
        self, org: OrganisationId, user: UserId, lead: LeadId, decision: ReviewDecision
    ) -> ReviewDone | Declined | None:
        self.reviews_open = False
        return ReviewDone(lead, str(decision), None)

    async def all(self, org: OrganisationId) -> PartnerList:
        return PartnerList((PARTNER,))

    async def create(self, org: OrganisationId, user: UserId, name: str) -> PartnerCreated:
        return PartnerCreated(PartnerView("partner-2", name, NOW, None), "0f" * 32)

    async def disable(self, org: OrganisationId, user: UserId, partner_id: str) -> PartnerList | None:
        return PartnerList((PARTNER,))
