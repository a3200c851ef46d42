"""The auditor's trail: attempts that were made and attempts that were not, each with its proof."""

from dataclasses import dataclass
from datetime import datetime

from dialer.calls.attempt import AttemptState
from dialer.services.views.decision import DecisionView, InputView
from dialer.services.views.desk import ScriptView
from dialer.services.views.words import Choice, Named, Sentence


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt in a list. `number` is masked; `codes` are the objections of one that was refused."""

    id: str
    at: datetime
    campaign: Named
    number: str
    agent: str | None
    state: AttemptState
    outcome: str | None
    disposition: str | None
    codes: tuple[str, ...]
    talk_seconds: int | None
    has_recording: bool


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """One page of attempts, newest first; `next` goes into `after`, empty at the end."""

    items: tuple[AttemptRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """The attempt itself: its moments, who talked, how it ended. `caller_id` is the organisation's number."""

    id: str
    state: AttemptState
    campaign: Named
    lead_id: str
    caller_id: str | None
    agent: str | None
    authorised_at: datetime
    placed_at: datetime | None
    ringing_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    sealed_at: datetime | None
    outcome: str | None
    disposition: Choice | None
    hangup_by: str | None
    dial_status: str | None
    sip_text: str | None
    abandon_cause: str | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """The called person as this role may see them. `erased`: the key is destroyed, nothing can be shown."""

    name: str | None
    number: str
    zone: str | None
    erased: bool


@dataclass(frozen=True, slots=True)
class ConsentShown:
    """The consent as it was shown on the day. `text` is what the person read; the artefact is named by its hash."""

    id: str
    purpose: str
    purpose_name: Sentence
    source: Sentence | None
    origin: str
    ownership: str
    given_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None
    text: str | None
    text_version: str | None
    asked: str | None
    artefact_sha256: str | None
    leaf_seq: int | None


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One leaf of the log that concerns this attempt, in the log's order."""

    seq: int
    at: datetime
    type: str
    sentence: Sentence
    actor: str
    details: tuple[InputView, ...]
    leaf_hash: str


@dataclass(frozen=True, slots=True)
class SecondGateView:
    """What the permit gate beside the egress did. `state`: issued, consumed, void, lapsed."""

    state: str
    issued_at: datetime
    expires_at: datetime
    dial_before: datetime
    consumed_at: datetime | None


@dataclass(frozen=True, slots=True)
class GapView:
    """A stretch that the recording lacks, in seconds from its start, and why."""

    from_seconds: float
    to_seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingView:
    """The recording of both legs. `state`: pending, sealed, missing, erased."""

    state: str
    seconds: float | None
    rate: int | None
    channels: int | None
    flac_sha256: str | None
    gaps: tuple[GapView, ...]


@dataclass(frozen=True, slots=True)
class ProofView:
    """How far the proof has come: complete only when a cosigned checkpoint covers the attempt's last leaf."""

    last_seq: int | None
    signed_size: int | None
    signed_at: datetime | None
    cosigned_size: int | None
    cosigned_at: datetime | None
    complete: bool


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt as a page, from the consent to the seal. The proof of a call not made is the same page."""

    attempt: AttemptFacts
    person: PersonView
    consent: ConsentShown | None
    decision: DecisionView | None
    second_gate: SecondGateView | None
    timeline: tuple[TimelineEvent, ...]
    recording: RecordingView | None
    proof: ProofView
    script: ScriptView | None = None
    """What the agent had to say and which of it was ticked; none where no agent talked."""


@dataclass(frozen=True, slots=True)
class PeaksView:
    """Loudness of each leg for a waveform: `per_second` peaks a second, each 0 … 127."""

    per_second: int
    seconds: float
    callee: tuple[int, ...]
    agent: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check of a verification. `detail` names file and leaf or bytes where it failed."""

    id: str
    sentence: Sentence
    passed: bool
    detail: Sentence | None


@dataclass(frozen=True, slots=True)
class VerifyView:
    """The outcome of verifying one bundle here and now."""

    passed: bool
    signer_pinned: bool
    took_ms: int
    checks: tuple[CheckView, ...]


@dataclass(frozen=True, slots=True)
class Revealed:
    """A number in the clear. It was logged, with the reason, before it was shown."""

    number: str
    at: datetime
    leaf_seq: int


@dataclass(frozen=True, slots=True)
class FiltersView:
    """What a search may be narrowed by."""

    campaigns: tuple[Named, ...]
    agents: tuple[Named, ...]
    states: tuple[Choice, ...]
    outcomes: tuple[Choice, ...]
    codes: tuple[Choice, ...]
    caller_ids: tuple[Named, ...]
