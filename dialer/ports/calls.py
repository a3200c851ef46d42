"""The lives of attempts in the database, refusals among them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypedDict

from dialer.calls.attempt import AttemptState
from dialer.calls.talk import TalkAct, Tick, Ticked
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.ids import AttemptId, CampaignId, LeadId, OrganisationId, SeatId, SubjectId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor
from dialer.ports.gate import LegReport


class PermitState(StrEnum):
    """issued → consumed | void | lapsed."""

    ISSUED = "issued"
    CONSUMED = "consumed"
    VOID = "void"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class CallView:
    """An attempt as the services need it."""

    attempt_id: AttemptId
    org_id: OrganisationId
    campaign_id: CampaignId
    lead_id: LeadId
    sid: SubjectId
    state: AttemptState
    permit: PermitState | None
    agent_id: UserId | None
    seat_id: SeatId | None
    rang: bool
    authorised_at: datetime
    connected_at: datetime | None
    ended_at: datetime | None
    cut_wanted: bool
    closing_until: datetime | None
    disposition: str | None
    report: LegReport | None


class MoveFields(TypedDict, total=False):
    """What a move may write beside the state. `ended_us` is the database's clock when `ended` is given."""

    outcome: str
    ended: bool
    agent_id: str
    seat_id: str
    disposition: str
    hangup_by: str
    dial_status: str
    sip_text: str
    abandon_cause: str
    answer_class: str


@dataclass(frozen=True, slots=True)
class LeadDone:
    """The lead is settled: it isn't called again for this request."""


@dataclass(frozen=True, slots=True)
class LeadAgain:
    """The lead is queued again after `wait_seconds`, through the gate; `hold` for a person's review, or none."""

    wait_seconds: int
    hold: str


LeadAfter = LeadDone | LeadAgain


@dataclass(frozen=True, slots=True)
class Refusing:
    """Who refused, how it was heard, and in which conversation (if in one)."""

    sid: SubjectId
    org_id: OrganisationId
    scope: DncScope
    purpose: str | None
    reason: DncReason
    actor: Actor
    said_in: AttemptId | None
    closing_seconds: int
    said_at: datetime | None = None
    """When the person refused, where it was told later; None: now."""
    via: str = ""
    """The door through which it was told, outside a call."""


@dataclass(frozen=True, slots=True)
class RefusalHeard:
    """What T3 did. Entry and moment are the first one's when the same refusal was heard before."""

    entry_id: str
    at: datetime
    is_new: bool
    leads_dropped: int
    permits_void: int
    consents_withdrawn: int
    cut: tuple[AttemptId, ...]
    closing_until: datetime | None


class Calls(Protocol):
    """The lives of attempts in the database. Every method is one transaction; StoreUnavailable: not known."""

    async def view(self, attempt_id: AttemptId) -> CallView | None:
        """The attempt now."""
        ...

    async def open_calls(self) -> tuple[CallView, ...]:
        """Every attempt of this node in an open state, oldest first."""
        ...

    async def advance(
        self,
        attempt_id: AttemptId,
        target: AttemptState,
        actor: Actor,
        fields: MoveFields,
        says: dict[str, Json],
    ) -> bool:
        """Move to `target` with its leaf; False when the machine has no such move from where it is (late report)."""
        ...

    async def close(
        self,
        attempt_id: AttemptId,
        target: AttemptState,
        actor: Actor,
        fields: MoveFields,
        says: dict[str, Json],
        lead: LeadAfter,
    ) -> bool:
        """`advance` into an end, and the lead settled in the same transaction."""
        ...

    async def void(self, attempt_id: AttemptId, why: str) -> bool:
        """Rule 7: permit issued → void, attempt → lapsed, lead → queued. False: the permit was consumed."""
        ...

    async def lapse_expired(self) -> int:
        """Rule 7 for permits whose time is over by the database's clock; how many."""
        ...

    async def refuse(self, refusing: Refusing) -> RefusalHeard:
        """T3."""
        ...

    async def dispose(
        self, attempt_id: AttemptId, code: str, answer_class: str, actor: Actor, note: str
    ) -> None:
        """Keep the agent's disposition with its leaf; the first one stands, a refusal is never overwritten."""
        ...

    async def keep_talk_act(
        self, attempt_id: AttemptId, act: TalkAct, actor: Actor, says: dict[str, Json]
    ) -> bool:
        """Put an act on the log; False when the attempt is not connected (any more)."""
        ...

    async def tick(self, attempt_id: AttemptId, part: str, tick: Tick, actor: Actor) -> Ticked:
        """Put on the log that a sentence of the script was said; the same tick twice is one leaf."""
        ...

    async def hand_over(self, attempt_id: AttemptId, agent_id: UserId, seat_id: SeatId, actor: Actor) -> bool:
        """The talk is another agent's from now on, with its leaf; False when the attempt is not connected."""
        ...

    async def was_refused_in(self, attempt_id: AttemptId) -> bool:
        """Whether a refusal heard in this attempt is on the log already, in force or lifted since."""
        ...

    async def wanted_cuts(self) -> tuple[CallView, ...]:
        """Attempts that must be hung up now: `cut_wanted`, or `closing_until` passed (rule 12)."""
        ...
