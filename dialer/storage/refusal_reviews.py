"""`services.refusal_reviews.ReviewStore` on the database."""

from typing import Final

from dialer.domain.heard import HeardState
from dialer.domain.ids import LeadId, OrganisationId, UserId
from dialer.domain.lead import Hold
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.keys import Keyring
from dialer.services.heard_classes import class_sentence
from dialer.services.refusal_reviews import RELEASABLE, HeldLead, ReviewDecision
from dialer.services.views.refusals import ReviewItem, ReviewPage
from dialer.services.views.words import Named, Sentence
from dialer.storage.heard import WORDS, close_words_of_lead
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.personal import Key, PersonalReader
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment_or_none

HOLDS: Final[dict[Hold, Sentence]] = {
    Hold.NONE: Sentence("未暂缓", "Not held"),
    Hold.DECLINED: Sentence("表示不感兴趣或非本人", "Not interested, or not the person"),
    Hold.PROOF_DOUBTED: Sentence("质疑授权", "Doubts the consent"),
    Hold.WRONG_PERSON: Sentence("非本人", "Not the person"),
    Hold.PAIR_BLOCKED: Sentence("号码与人不符", "Number and person don't belong together"),
    Hold.THREAT: Sentence("扬言投诉", "Threatened to complain"),
    Hold.DECLINED_603: Sentence("线路返回“拒接”（603）", "The line answered “declined” (603)"),
    Hold.RECORDING_OBJECTED: Sentence("不同意录音", "Objected to the recording"),
    Hold.WORDS_HEARD: Sentence(
        "通话中识别到疑似拒绝的话", "Words that may be a refusal were heard in a call"
    ),
    Hold.UNCERTAIN_CALL: Sentence("上次呼叫情况不明", "It is not known how the last call went"),
}
_HELD: Final = """
SELECT l.id, l.hold, l.sid, l.due_us, l.consent_id, c.id AS campaign_id, c.name_zh, c.name_en, c.purpose,
       s.wrapped_key, s.number_ct,
       a.id AS attempt_id, a.disposition, a.sip_text, a.ended_us,
       h.id AS heard_id, h.class_id, h.words_ct, h.due_us AS review_us, h.at_us AS heard_us, h.attempt_id AS heard_in
FROM lead l
JOIN campaign c ON c.id = l.campaign_id
JOIN subject s ON s.sid = l.sid
LEFT JOIN attempt a ON a.id = (
    SELECT b.id FROM attempt b WHERE b.lead_id = l.id AND b.state <> 'refused' ORDER BY b.authorised_us DESC LIMIT 1)
LEFT JOIN heard_words h ON h.id = (
    SELECT w.id FROM heard_words w WHERE w.lead_id = l.id AND w.state = 'open' ORDER BY w.at_us, w.id LIMIT 1)
WHERE l.org_id = :org AND ((l.hold <> 'none' AND l.state = 'queued') OR h.id IS NOT NULL)
"""


class StoredReviews:
    """Held leads."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._personal = PersonalReader(keyring)

    async def page(self, org: OrganisationId, after: str | None, limit: int) -> ReviewPage:
        rows = await self._store.read(
            lambda tx: tx.all(
                f"{_HELD} AND l.id > :after ORDER BY l.id LIMIT :limit",
                org=org,
                after=after or "",
                limit=limit + 1,
            )
        )
        page = rows[:limit]
        return ReviewPage(tuple(self._item(row) for row in page), page[-1].id if len(rows) > limit else None)

    async def held(self, org: OrganisationId, lead: LeadId) -> HeldLead | None:
        row = await self._store.read(lambda tx: tx.one(f"{_HELD} AND l.id = :lead", org=org, lead=lead))
        if row is None:
            return None
        return HeldLead(
            hold=_hold(row),
            purpose=row.purpose,
            number=self._personal.number(Key(row.sid, row.wrapped_key), row.number_ct),
            ended_at=moment_or_none(row.heard_us or row.ended_us),
        )

    async def release(self, org: OrganisationId, user: UserId, lead: LeadId, hold: Hold) -> bool:
        def work(tx: Tx) -> bool:
            row = tx.one(f"{_HELD} AND l.id = :lead", org=org, lead=lead)
            if row is None or _hold(row) is not hold:
                return False
            actor = Actor(ActorKind.USER, user)
            if hold is Hold.WORDS_HEARD:
                close_words_of_lead(tx, self._log, lead, HeardState.DISMISSED, actor)
                return True
            tx.run(
                "UPDATE lead SET hold = 'none' WHERE id = :lead AND hold = :hold", lead=lead, hold=str(hold)
            )
            key = row.wrapped_key
            draft = Draft(
                type=EventType.DISPOSITION_SET,
                actor=actor,
                says={"code": "reviewed_no_refusal", "hold": str(hold)} if key is not None else {},
                org=org,
                attempt_id=row.attempt_id,
                consent_id=row.consent_id,
                subject=Subject(row.sid, bytes(key)) if key is not None else None,
                sid=row.sid,
            )
            self._log.append(tx, draft, tx.now_us())
            return True

        return await self._store.write(work)

    async def purpose_ended(self, user: UserId, lead: LeadId) -> None:
        actor = Actor(ActorKind.USER, user)
        await self._store.write(
            lambda tx: close_words_of_lead(tx, self._log, lead, HeardState.CONFIRMED, actor)
        )

    def _item(self, row: Row) -> ReviewItem:
        hold = _hold(row)
        key = Key(row.sid, row.wrapped_key)
        decisions = [ReviewDecision.REFUSAL, ReviewDecision.PURPOSE_ONLY]
        if hold in RELEASABLE:
            decisions.append(ReviewDecision.NO_REFUSAL)
        return ReviewItem(
            lead_id=row.id,
            campaign=Named(row.campaign_id, Sentence(row.name_zh, row.name_en)),
            number=self._personal.masked(key, row.number_ct),
            hold=str(hold),
            hold_words=HOLDS[hold],
            attempt_id=row.heard_in or row.attempt_id,
            disposition=row.disposition,
            sip_text=row.sip_text,
            ended_at=moment_or_none(row.ended_us),
            decisions=tuple(str(d) for d in decisions),
            heard=self._personal.words(key, WORDS, row.words_ct).get("text"),
            heard_as=None if row.class_id is None else class_sentence(row.class_id),
            due_at=moment_or_none(row.review_us),
        )


def _hold(row: Row) -> Hold:
    """Words that were heard come first: they have a deadline."""
    return Hold.WORDS_HEARD if row.heard_id is not None else Hold(row.hold)
