"""Who is logged in, and the state of the installation that every page shows at its top."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.services.views.words import Named, Sentence


class Role(StrEnum):
    """What a person may do. The administrator approves nothing of their own."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Locale(StrEnum):
    """Language of the console."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class UserView:
    """The person behind the session."""

    id: str
    name: str
    role: Role
    org: Named
    locale: Locale


@dataclass(frozen=True, slots=True)
class SessionView:
    """A login. `csrf` goes back in the `X-CSRF` header of everything but GET.

    `owes_second_factor`: nothing but enrolling one is open to this person yet. `operates_platform`: an administrator of
    the organisation that operates this installation, who takes others in.
    """

    user: UserView
    csrf: str
    expires_at: datetime
    has_second_factor: bool
    owes_second_factor: bool
    operates_platform: bool


@dataclass(frozen=True, slots=True)
class LoginView:
    """One of the user's own live logins. `id` names it for ending it and is not the cookie's value."""

    id: str
    created_at: datetime
    seen_at: datetime
    user_agent: str
    current: bool


@dataclass(frozen=True, slots=True)
class LoginList:
    """The user's own live logins, newest first."""

    items: tuple[LoginView, ...]


@dataclass(frozen=True, slots=True)
class ClockView:
    """The product's time. `demo` is true only where `offset_seconds` may be other than zero."""

    now: datetime
    offset_seconds: int
    demo: bool


@dataclass(frozen=True, slots=True)
class StopView:
    """Why no new call is placed, for the whole node (`campaign_id` empty) or one campaign."""

    code: str
    sentence: Sentence
    since: datetime
    campaign_id: str | None


@dataclass(frozen=True, slots=True)
class DiallingView:
    """Whether new calls may be placed; `reasons` is empty exactly when `running`."""

    running: bool
    reasons: tuple[StopView, ...]


@dataclass(frozen=True, slots=True)
class WitnessView:
    """When the witness last cosigned. `late`: longer ago than it promises (60 s), or never."""

    last_cosigned_at: datetime | None
    age_seconds: int | None
    late: bool


@dataclass(frozen=True, slots=True)
class StatusView:
    """The line at the top of every page."""

    clock: ClockView
    dialling: DiallingView
    witness: WitnessView
    weakened: tuple[Sentence, ...]
    """What works less than it should and stops nothing: the speech worker, for one."""
    ahead: tuple[Sentence, ...]
    """What will stop dialling unless somebody acts, and how: a calendar without the year that comes."""


@dataclass(frozen=True, slots=True)
class SignOnOffer:
    """Whether people can sign on at the operator's own provider."""

    offered: bool


@dataclass(frozen=True, slots=True)
class SignOnStart:
    """Where the browser goes to sign on; it keeps `binding` and brings it back."""

    url: str
    binding: str
