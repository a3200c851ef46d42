"""What browsers send: plain pydantic models, closed (an unknown field is an error), every text bounded.

Answers are the read models of `dialer.services.views`, written as JSON by the same library, so that one OpenAPI
document describes both.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from dialer.calls.attempt import AttemptState
from dialer.calls.talk import Tick
from dialer.ports.exchange import Ear
from dialer.services.heard_desk import HeardAnswer
from dialer.services.subject_rights import CaseKind
from dialer.services.views.audit import DossierShape
from dialer.services.views.session import Locale

MOMENT_MIN = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT_END = datetime(2200, 1, 1, tzinfo=UTC)
PAGE_ITEMS_MAX = 200
PAGE_ITEMS = 50

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9_.-]+$")]
ObjectionCode = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]
"""What the gate objects with is written in capitals."""
Number = Annotated[str, StringConstraints(min_length=2, max_length=32, pattern=r"^[0-9+() .-]+$")]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_.:-]+$")]


def _sayable(at: datetime) -> datetime:
    if not MOMENT_MIN <= at < MOMENT_END:
        raise ValueError("a moment lies in the years from 1970 to 2199")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_sayable)]
"""A moment with its zone that the database and the log can hold."""


class Sent(BaseModel):
    """A closed message from a browser."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Nothing(Sent):
    """No body, no query."""


class Login(Sent):
    """Login and password; `totp` (six digits) where the account has a second factor."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=False, hide_input_in_errors=True
    )

    login: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    totp: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = None


class SignOnReturn(Sent):
    """What the provider sent the browser back with, and what this browser was told when it left."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    code: Annotated[str, StringConstraints(min_length=1, max_length=2048)]
    state: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    binding: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class ChosenLocale(Sent):
    """The language of the console from now on."""

    locale: Locale


class Pause(Sent):
    """Why the agent pauses: a code of `DeskView.pause_reasons`."""

    reason: Code


class AgentCampaigns(Sent):
    """The campaigns that an agent works from now on; `was`: those that whoever chose had seen."""

    campaigns: Annotated[frozenset[Id], Field(max_length=100)]
    was: Annotated[frozenset[Id], Field(max_length=100)]


class PreviewSkip(Sent):
    """Why the lead on the screen isn't called now: a code of `PreviewView.skip_reasons`."""

    reason: Code


class Disposition(Sent):
    """The call's result: a code of `DeskCall.dispositions`, and a note."""

    code: Code
    note: Annotated[str, StringConstraints(max_length=2000)] | None = None


class CallerResult(Sent):
    """What came of a talk with somebody who rang our number: a code of `DeskCaller.dispositions`."""

    code: Code


class ScriptTick(Sent):
    """A sentence of `DeskCall.script` that was said, or whose tick was a slip."""

    part: Id
    tick: Tick


class Transfer(Sent):
    """To whom the talk is handed: an id of `Colleagues`."""

    to: Id


class CallBack(Sent):
    """When the person asked to be called back, with its offset."""

    at: Moment


class CallBackWeek(Sent):
    """The callee's day from which a week of slots is shown."""

    first: date


class LiftStop(Sent):
    """Why dialling may go on; the reason goes onto the evidence log."""

    reason: Annotated[str, StringConstraints(min_length=5, max_length=500)]


class Listen(Sent):
    """How the supervisor is in the talk: heard by nobody, by the agent, or by both."""

    ear: Ear


class HeardSaid(Sent):
    """The agent's answer to words that were heard: one of the prompt's `answers`."""

    answer: HeardAnswer


class PageQuery(Sent):
    """Where a list goes on."""

    after: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_ITEMS_MAX)] = PAGE_ITEMS


class LeadQuery(PageQuery):
    """Which leads: of a campaign, in a state, with an objection of that code in their last decision."""

    campaign: Id | None = None
    state: Literal["queued", "claimed", "dialing", "done", "dropped"] | None = None
    code: ObjectionCode | None = None


PackText = Annotated[str, StringConstraints(min_length=1, max_length=60_000)]
"""A rule pack as it is written."""


class Question(Sent):
    """Why is this number not called in that campaign? `at`: asked for another moment than now.

    `under`, `pack`: another campaign, the text of a changed rule pack (TOML), for a comparison; used for this answer only.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    number: Number
    campaign: Id
    at: Moment | None = None
    under: Id | None = None
    pack: PackText | None = None


class ImportQuery(Sent):
    """The campaign that a file of leads is for."""

    campaign: Id


class AttemptSearch(Sent):
    """Which attempts. Numbers are searched by POST only, so that no address ever holds one."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    number: Number | None = None
    from_: Annotated[Moment | None, Field(alias="from")] = None
    to: Moment | None = None
    campaign: Id | None = None
    agent: Id | None = None
    state: AttemptState | None = None
    outcome: Code | None = None
    code: ObjectionCode | None = None
    consent: Id | None = None
    caller_id: Id | None = None
    after: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_ITEMS_MAX)] = PAGE_ITEMS


class Reveal(Sent):
    """Why the number must be seen; the reason goes onto the evidence log."""

    reason: Annotated[str, StringConstraints(min_length=5, max_length=500)]


class OpenCase(Sent):
    """A person asks to see, correct or delete what is kept of them. The number stands in the body only."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    number: Number
    kind: CaseKind


class CorrectName(Sent):
    """The right name."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Because(Sent):
    """Why; it goes onto the evidence log."""

    reason: Annotated[str, StringConstraints(min_length=5, max_length=500)]


class DrawSample(Sent):
    """From which time how many attempts are drawn at random."""

    from_: Annotated[Moment, Field(alias="from")]
    to: Moment
    count: Annotated[int, Field(ge=1, le=1000)]


class AskDossier(Sent):
    """Which attempts, in which shape, and why."""

    attempts: Annotated[tuple[Id, ...], Field(min_length=1, max_length=1000)]
    shape: DossierShape
    reason: Annotated[str, StringConstraints(min_length=5, max_length=500)]


class Compare(Sent):
    """Two attempts whose decisions are laid side by side."""

    first: Id
    second: Id
