"""The agent's desk: one whole picture, sent again whenever it changes."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dialer.services.views.caller import DeskCaller, EarlierContact, Stopped
from dialer.services.views.taken import Taken
from dialer.services.views.words import Choice, Sentence


class DeskState(StrEnum):
    """What the agent is doing.

    offline → ready ⇄ paused; ready → incoming → talking → wrapping → ready; talking → closing (a refusal was said)
    → wrapping.
    """

    OFFLINE = "offline"
    READY = "ready"
    PAUSED = "paused"
    INCOMING = "incoming"
    TALKING = "talking"
    CLOSING = "closing"
    WRAPPING = "wrapping"


class QueueKind(StrEnum):
    """Why someone stands in the queue: a callback promised for a time, due now, or due later today."""

    PROMISED = "promised"
    DUE = "due"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class QueueItem:
    """Someone to call back, as the agent may see it. `number` is masked. `at` is the moment promised or due."""

    lead_id: str
    kind: QueueKind
    at: datetime
    name: str | None
    number: str
    asked: str | None


@dataclass(frozen=True, slots=True)
class ConsentGlance:
    """The consent behind this call, in one glance; the whole proof is the auditor's page."""

    id: str
    purpose: str
    purpose_name: Sentence
    source: Sentence | None
    given_at: datetime
    expires_at: datetime | None
    ownership: str
    text: str | None
    artefact_sha256: str | None


@dataclass(frozen=True, slots=True)
class ScriptPart:
    """One sentence of the filed script. `required` parts are ticked when said; `said_at`: when this one was."""

    key: str
    sentence: Sentence
    required: bool
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScriptView:
    """The filed version of what is said in this campaign."""

    id: str
    version: int
    parts: tuple[ScriptPart, ...]


@dataclass(frozen=True, slots=True)
class RefusedView:
    """When a refusal took effect and what it stopped. `closing_until`: this call is cut then."""

    attempt_id: str
    at: datetime
    took_ms: int
    stopped: Stopped
    closing_until: datetime | None


@dataclass(frozen=True, slots=True)
class HeardLine:
    """A caption. `by`: callee or agent; `standing`: partial (may change) or final."""

    at: datetime
    by: str
    text: str = field(repr=False)
    standing: str


@dataclass(frozen=True, slots=True)
class HeardPrompt:
    """Words that may mean something. `kind`: what the phrase list does with them (dnc, stop_purpose, hold, show_proof, …).

    `answers`: what the agent may say to it now: confirm, dismiss, seen; empty: nothing is asked.
    """

    id: str
    kind: str
    by: str
    what: Sentence
    text: str = field(repr=False)
    at: datetime
    state: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeardView:
    """What was heard in this call. `trouble`: why less is heard than should be; the call itself is not concerned."""

    trouble: Sentence | None
    lines: tuple[HeardLine, ...]
    prompts: tuple[HeardPrompt, ...]


@dataclass(frozen=True, slots=True)
class CallbackView:
    """A callback that was agreed in a talk."""

    lead_id: str
    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class DeskCall:
    """The call at hand, from the answer until the wrap-up ends. `number` is masked, `zone` an IANA zone."""

    attempt_id: str
    lead_id: str
    campaign: Sentence
    name: str | None
    number: str
    zone: str | None
    asked: str | None
    asked_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    wrap_until: datetime | None
    consent: ConsentGlance | None
    script: ScriptView | None
    earlier: tuple[EarlierContact, ...]
    dispositions: tuple[Choice, ...]
    refused: RefusedView | None
    held_since: datetime | None = None
    heard: HeardView | None = None
    callback: CallbackView | None = None
    """The callback that was agreed in this call."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A ready agent of the same organisation and campaign, to whom a talk may be handed."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Colleagues:
    """Everybody to whom the talk at hand may be handed now, longest-waiting first."""

    items: tuple[Colleague, ...]


@dataclass(frozen=True, slots=True)
class CallbackSlot:
    """Half an hour in which a callback might be agreed. `why`: what the gate says against it, none where it is lawful."""

    opens: datetime
    closes: datetime
    why: Sentence | None


@dataclass(frozen=True, slots=True)
class CallbackSlots:
    """A week of slots that are still to come. `zone`: the callee's, by which days are counted."""

    zone: str
    items: tuple[CallbackSlot, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """The agent's own day, in the organisation's zone."""

    calls: int
    talk_seconds: int
    callbacks_kept: int


@dataclass(frozen=True, slots=True)
class PreviewLead:
    """Somebody who asked for a call, before they are dialled. `number` is masked. `tries`: calls of this lead so far."""

    lead_id: str
    campaign: Sentence
    name: str | None
    number: str
    asked: str | None
    asked_at: datetime
    promised_from: datetime | None
    promised_until: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A lead to read before it is called. `until`: then it goes back by itself; `seconds`: how long that is in all."""

    lead: PreviewLead
    until: datetime
    seconds: int
    skip_reasons: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class DeskView:
    """The whole desk. `ready_blocked` says why the agent can't go ready now; `idle_reason` why no call comes.

    Answers and events overtake each other on their way: whoever shows the desk keeps to the latest by `taken`.
    """

    taken: Taken
    state: DeskState
    since: datetime
    pause_reason: Choice | None
    seat_id: str | None
    phone_up: bool
    queue: tuple[QueueItem, ...]
    queue_due: int
    queue_later: int
    call: DeskCall | None
    today: Today
    idle_reason: Sentence | None
    ready_blocked: Sentence | None
    pause_reasons: tuple[Choice, ...]
    preview: PreviewView | None = None
    caller: DeskCaller | None = None


@dataclass(frozen=True, slots=True)
class IceServer:
    """One STUN or TURN server for the browser's phone."""

    urls: tuple[str, ...]
    username: str | None
    credential: str | None


@dataclass(frozen=True, slots=True)
class PhoneView:
    """How the browser's phone registers: the password belongs to this session and ends with it."""

    uri: str
    user: str
    password: str
    ws_path: str
    ice_servers: tuple[IceServer, ...]
