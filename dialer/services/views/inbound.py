"""Calls that people made to our numbers, in a list, and each as a page with its proof."""

from dataclasses import dataclass
from datetime import datetime

from dialer.services.views.trail import PersonView, ProofView, RecordingView, TimelineEvent
from dialer.services.views.words import Choice, Named


@dataclass(frozen=True, slots=True)
class InboundRow:
    """One call to a number of ours. `mode`: open, closed, refusals_only; `wish`: refused, callback or none.

    `state`: under_way or ended. `number` is masked; None where it was withheld.
    """

    id: str
    at: datetime
    line: str
    number: str | None
    mode: str
    state: str
    wish: str
    asked_agent: bool
    agent: str | None
    disposition: str | None
    seconds: float | None
    has_recording: bool


@dataclass(frozen=True, slots=True)
class InboundPage:
    """One page of calls, newest first; `next` goes into `after`, None at the end."""

    items: tuple[InboundRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class InboundFacts:
    """The call itself. `line` is our own number. `waited_seconds`: how long the caller waited for an agent who came."""

    id: str
    line: str
    mode: str
    state: str
    wish: str
    received_at: datetime
    asked_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    waited_seconds: float | None
    agent: Named | None
    disposition: Choice | None
    consent_id: str | None


@dataclass(frozen=True, slots=True)
class InboundView:
    """One call as a page: what happened, its recording, and how far its proof has come."""

    call: InboundFacts
    person: PersonView | None
    timeline: tuple[TimelineEvent, ...]
    recording: RecordingView | None
    proof: ProofView
