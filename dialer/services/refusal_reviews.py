"""The review queue: leads that are held because somebody may have refused, until a person says what it was.

A hold never ends by itself and never by an agent. A reviewer can take it as a refusal of everything, as one of this
purpose (“没兴趣” ends its purpose in any case), or, where only the line answered oddly, as none.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from dialer.domain.dnc import DncReason
from dialer.domain.heard import HeardState
from dialer.domain.ids import AttemptId, LeadId, OrganisationId, UserId
from dialer.domain.lead import Hold
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import RefusalHeard
from dialer.ports.clock import Clock
from dialer.ports.heard import DueWords
from dialer.services.changes import Changes, FloorChanged
from dialer.services.refusals import Refusals, Superseded, ToldRefusal
from dialer.services.views.refusals import ReviewDone, ReviewPage
from dialer.services.views.words import Declined, Sentence


class ReviewDecision(StrEnum):
    """What a reviewer may say it was."""

    REFUSAL = "refusal"
    PURPOSE_ONLY = "purpose_only"
    NO_REFUSAL = "no_refusal"


RELEASABLE: Final = frozenset({Hold.DECLINED_603, Hold.UNCERTAIN_CALL, Hold.WORDS_HEARD})
"""Holds behind which nobody may have said anything: a person may find that it was no refusal."""
DUE_PER_TURN_MAX: Final = 50
_OURSELVES: Final = Actor(ActorKind.PROCESS, "dialer")
_REASONS: Final = {Hold.DECLINED_603: DncReason.SIP_603, Hold.WORDS_HEARD: DncReason.SPOKEN}
_SAID_SOMETHING: Final = Declined(
    "review.something_was_said",
    Sentence(
        "对方已表示不感兴趣，只能按拒绝处理。",
        "The person said something: it is a refusal, at least of this purpose.",
    ),
)


@dataclass(frozen=True, slots=True)
class HeldLead:
    """A held lead as a decision needs it. `number`: E.164; None: the person was erased."""

    hold: Hold
    purpose: str
    number: str | None = field(repr=False)
    ended_at: datetime | None


class ReviewStore(Protocol):
    """Storage's part."""

    async def page(self, org: OrganisationId, after: str | None, limit: int) -> ReviewPage:
        """Held leads, in the order of their ids."""
        ...

    async def held(self, org: OrganisationId, lead: LeadId) -> HeldLead | None:
        """A lead that is held now."""
        ...

    async def release(self, org: OrganisationId, user: UserId, lead: LeadId, hold: Hold) -> bool:
        """End a hold, on the log; False: it is another one by now."""
        ...

    async def purpose_ended(self, user: UserId, lead: LeadId) -> None:
        """The words that held the lead meant this purpose: they are answered, on the log."""
        ...


class DueWordsStore(Protocol):
    """Storage's part of the deadline."""

    async def due(self, now: datetime, most: int) -> tuple[DueWords, ...]:
        """Words that nobody looked at in time."""
        ...

    async def decide(self, heard_id: str, attempt: AttemptId, state: HeardState, actor: Actor) -> bool:
        """Say what open words were."""
        ...


class Deadline:
    """Words that may be a refusal, unreviewed after one working day, are one."""

    def __init__(self, store: DueWordsStore, refusals: Refusals, clock: Clock, changes: Changes) -> None:
        self._store = store
        self._refusals = refusals
        self._clock = clock
        self._changes = changes

    async def run(self) -> int:
        """Enter what is due; how many. What can't be entered now is spooled like any refusal, or is due again."""
        due = await self._store.due(self._clock.now(), DUE_PER_TURN_MAX)
        for words in due:
            taken = await self._refusals.told(
                ToldRefusal(
                    org_id=words.org_id,
                    number=words.number,
                    purpose=None,
                    reason=DncReason.SPOKEN,
                    actor=_OURSELVES,
                    said_at=words.said_at,
                    via="review.overdue",
                )
            )
            if isinstance(taken, Superseded):
                # the person has consented again since, with proof: nothing is left to look at
                await self._store.decide(words.heard_id, words.attempt_id, HeardState.DISMISSED, _OURSELVES)
            self._changes.touch(FloorChanged(words.org_id))
        return len(due)


class Reviews:
    """The queue and its decisions."""

    def __init__(self, store: ReviewStore, refusals: Refusals, changes: Changes) -> None:
        self._store = store
        self._refusals = refusals
        self._changes = changes

    async def page(self, org: OrganisationId, after: str | None, limit: int) -> ReviewPage:
        """Held leads, in the order of their ids."""
        return await self._store.page(org, after, limit)

    async def decide(
        self, org: OrganisationId, user: UserId, lead: LeadId, decision: ReviewDecision
    ) -> ReviewDone | Declined | None:
        """Say what it was. A refusal holds from now on like every other; nobody can take it back."""
        held = await self._store.held(org, lead)
        if held is None:
            return None
        if decision is ReviewDecision.NO_REFUSAL:
            if held.hold not in RELEASABLE:
                return _SAID_SOMETHING
            if not await self._store.release(org, user, lead, held.hold):
                return None
            self._changes.touch(FloorChanged(org))
            return ReviewDone(lead, str(decision), None)
        if held.number is None:
            return None
        purpose = held.purpose if decision is ReviewDecision.PURPOSE_ONLY else None
        heard = await self._refusals.told(
            ToldRefusal(
                org_id=org,
                number=held.number,
                purpose=purpose,
                reason=_REASONS.get(held.hold, DncReason.SAID),
                actor=Actor(ActorKind.USER, user),
                said_at=held.ended_at,
                via="review",
            )
        )
        if purpose is not None:
            await self._store.purpose_ended(user, lead)
        self._changes.touch(FloorChanged(org))
        return ReviewDone(lead, str(decision), heard.entry_id if isinstance(heard, RefusalHeard) else None)
