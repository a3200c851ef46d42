"""The business and the call itself: what is said, by whom, how it is placed, kept and ended."""

from dataclasses import dataclass
from typing import Annotated

from dialer.domain.campaign import AmdUse, PacingMode, ScriptStep, Speaker
from dialer.domain.organisation import Industry
from dialer.rules.kinds.words import Effect, Need, RecordingNotice, SipMeaning
from dialer.rules.strictness import Combine


@dataclass(frozen=True, slots=True)
class BannedBusiness:
    """Business that may not be called for, by a shipped list."""

    list_id: Annotated[str, Combine.KEY]


@dataclass(frozen=True, slots=True)
class NumberReviewDone:
    """Business that isn't listed, or only hinted at, waits for the review of the number application."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class Refile:
    """Business found to differ from the declared one is filed anew before the campaign goes on."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class Claims:
    """Classes of a shipped phrase list that no script of the industry may hold; `general` binds every industry."""

    industry: Annotated[Industry, Combine.KEY]
    list_id: Annotated[str, Combine.KEY]
    classes: Annotated[frozenset[str], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class ScriptFiling:
    """The script spoken is the filed one; the filing carries the proof of a callback business."""

    callback_proof: Annotated[Need, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class ScriptSteps:
    """Steps that a script of the industry must hold; `general` binds every industry."""

    industry: Annotated[Industry, Combine.KEY]
    steps: Annotated[frozenset[ScriptStep], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who may speak the business content."""

    allowed: Annotated[frozenset[Speaker], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class Modes:
    """Pacing modes free to use, and those that the number review may approve."""

    free: Annotated[frozenset[PacingMode], Combine.BOTH]
    approvable: Annotated[frozenset[PacingMode], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class Amd:
    """Whether answering-machine detection may run before the agent."""

    allowed: Annotated[frozenset[AmdUse], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class Ring:
    """Seconds that a phone rings: no longer than the most, and where the most would be under the least, never."""

    ring_seconds_min: Annotated[int, Combine.MOST]
    ring_seconds_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class CallLength:
    """Seconds that a call and a permit may last."""

    call_seconds_max: Annotated[int, Combine.LEAST]
    permit_seconds_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class Patience:
    """Milliseconds from the callee's answer to an agent, or to the notice."""

    patience_ms_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class OptOut:
    """The key that refuses further calls, and the seconds after a refusal in which the talk is closed."""

    key: Annotated[str, Combine.KEY]
    closing_seconds_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class SipRefusals:
    """What 603, 607 and 608 mean."""

    sip_603: Annotated[SipMeaning, Combine.FIRST]
    sip_607: Annotated[SipMeaning, Combine.FIRST]
    sip_608: Annotated[SipMeaning, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class Recording:
    """The notice of recording; the vault must take the recording where it is required."""

    notice: Annotated[RecordingNotice, Combine.FIRST]
    vault: Annotated[Need, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class Retention:
    """Days that recording, numbers, time and consent proof are kept at least; never longer than the text shown said."""

    industry: Annotated[Industry, Combine.KEY]
    days_min: Annotated[int, Combine.MOST]


@dataclass(frozen=True, slots=True)
class SmsConfirmation:
    """Industries in which no business is closed in a call without a confirmation by SMS: a step of the script."""

    industries: Annotated[frozenset[Industry], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class Running:
    """The campaign runs and is the caller's own, the lead is its to dial and due, and no stop is in force."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class AgentThere:
    """At least so many agents of the organisation could get this call; agents of another organisation can't."""

    agents_min: Annotated[int, Combine.MOST]


CALLS = (
    BannedBusiness,
    NumberReviewDone,
    Refile,
    Claims,
    ScriptFiling,
    ScriptSteps,
    Speakers,
    Modes,
    Amd,
    Ring,
    CallLength,
    Patience,
    OptOut,
    SipRefusals,
    Recording,
    Retention,
    SmsConfirmation,
    Running,
    AgentThere,
)
