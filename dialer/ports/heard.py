"""Words of a call that mean something, in the database and on the log."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dialer.domain.heard import HeardState
from dialer.domain.ids import AttemptId, LeadId, OrganisationId
from dialer.evidence.record import Actor
from dialer.ports.calls import CallView
from dialer.ports.speech import Model, Side


@dataclass(frozen=True, slots=True)
class HeardNow:
    """What a recogniser heard and what it means.

    `said_at`: when the words were over, on the product's clock; `from_ms`, `to_ms`: place in the stream's sound.
    `due`: until when a person has to look at it, where one has to.
    """

    attempt_id: AttemptId
    side: Side
    text: str = field(repr=False)
    class_id: str
    action: str
    state: HeardState
    model: Model
    said_at: datetime
    from_ms: int
    to_ms: int
    confidence_ppm: int | None
    due: datetime


@dataclass(frozen=True, slots=True)
class DueWords:
    """Words that nobody looked at in time. `number`: E.164."""

    heard_id: str
    attempt_id: AttemptId
    org_id: OrganisationId
    lead_id: LeadId
    number: str = field(repr=False)
    said_at: datetime


class HeardStore(Protocol):
    """Every method is one transaction; StoreUnavailable: not known."""

    async def keep(self, heard: HeardNow) -> str | None:
        """Put the words on the log; open ones hold the person from now on. Their id; None: no such attempt."""
        ...

    async def decide(self, heard_id: str, attempt: AttemptId, state: HeardState, actor: Actor) -> bool:
        """Say what open words were, on the log; False: they are not open, or of another call."""
        ...

    async def declined_before(self, call: CallView) -> bool:
        """Whether the callee said in an earlier call of this organisation that they have no interest."""
        ...

    async def due(self, now: datetime, most: int) -> tuple[DueWords, ...]:
        """Open words whose time is over, oldest first; those of erased people have no number and are left out."""
        ...
