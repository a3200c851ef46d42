"""Campaigns being made: what a supervisor decides, what there is to choose from, and the pre-flight before a start."""

from dataclasses import dataclass

from dialer.domain.campaign import CampaignState, PacingMode
from dialer.domain.organisation import Industry
from dialer.domain.purpose import Purpose
from dialer.services.views.listed import ListView
from dialer.services.views.words import Choice, Sentence

CAP_PPM_MAX = 10_000
"""呼损 1 % of live answers: the CN pack's own cap; a campaign may only be stricter."""


@dataclass(frozen=True, slots=True)
class CampaignHours:
    """Hours of every day, as `HH:MM`, callee's local time."""

    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """What a supervisor decides about a campaign.

    `abandon_cap_ppm`: parts per million of live answers; `sources`: empty = all of the organisation's; `hours`: None =
    the law's own.
    """

    name: Sentence
    purpose: Purpose
    purpose_text: str
    declared_business: str
    industry: Industry
    country: str
    script: str
    caller_ids: tuple[str, ...]
    agents: tuple[str, ...]
    mode: PacingMode
    abandon_cap_ppm: int
    kept_days: int
    owner: str
    sources: tuple[str, ...]
    hours: CampaignHours | None


@dataclass(frozen=True, slots=True)
class CampaignDetail:
    """A campaign as it stands. `version` counts the edits: whoever saves says which one they looked at."""

    id: str
    version: int
    state: CampaignState
    review: Choice | None
    open_leads: int
    form: CampaignForm


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign of the list."""

    id: str
    name: Sentence
    purpose: Sentence
    mode: PacingMode
    state: CampaignState
    open_leads: int
    agents: int


@dataclass(frozen=True, slots=True)
class CampaignRows:
    """All campaigns of an organisation."""

    items: tuple[CampaignRow, ...]


@dataclass(frozen=True, slots=True)
class ScriptChoice:
    """A script version. `why_not`: why it can't be chosen."""

    id: str
    version: int
    purpose: Purpose | None
    why_not: Sentence | None


@dataclass(frozen=True, slots=True)
class NumberChoice:
    """A caller ID. `purposes`: those that it is filed for; `why_not`: why it can't be chosen for any."""

    id: str
    number: str
    purposes: tuple[Purpose, ...]
    why_not: Sentence | None


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """An agent of the organisation. `note`: what the gate will say, such as a quiz that was not passed."""

    id: str
    name: str
    note: Sentence | None


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """A source of leads. `note`: why its leads aren't dialable as it stands."""

    id: str
    name: str
    note: Sentence | None


@dataclass(frozen=True, slots=True)
class LawfulHours:
    """The hours of the law for callees of a country, today; None: closed all day. A campaign only narrows them."""

    country: str
    weekday: CampaignHours | None
    saturday: CampaignHours | None
    sunday: CampaignHours | None


@dataclass(frozen=True, slots=True)
class CampaignChoices:
    """What a campaign may be made of."""

    purposes: tuple[Choice, ...]
    industries: tuple[Choice, ...]
    modes: tuple[Choice, ...]
    scripts: tuple[ScriptChoice, ...]
    numbers: tuple[NumberChoice, ...]
    agents: tuple[AgentChoice, ...]
    sources: tuple[SourceChoice, ...]
    hours: tuple[LawfulHours, ...]
    cap_ppm_max: int


@dataclass(frozen=True, slots=True)
class PreflightView:
    """Every rule of the gate for every open lead, as if the campaign ran. `why_not`: why it can't be started."""

    version: int
    state: CampaignState
    list: ListView
    why_not: Sentence | None
