"""People who log in: accounts as an administrator sees them, links handed to them, and one's own second factor."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dialer.services.views.session import Role
from dialer.services.views.words import Named


class TicketKind(StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account. `open_link`: until when a link that was made for it can be used; `logins`: live ones."""

    id: str
    login: str
    name: str
    role: Role
    disabled_at: datetime | None
    has_password: bool
    has_second_factor: bool
    locked_until: datetime | None
    open_link: datetime | None
    logins: int
    seen_at: datetime | None
    campaigns: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class PersonList:
    """The accounts of one organisation by login; `second_factor_roles`: who must have one here."""

    items: tuple[AccountView, ...]
    second_factor_roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class TicketView:
    """A link that was just made. `token` is shown this once and stored hashed; the page is `/welcome#token`."""

    person: AccountView
    kind: TicketKind
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WelcomeView:
    """For whom a link is, shown to whoever holds it."""

    login: str
    name: str
    org: Named
    kind: TicketKind


@dataclass(frozen=True, slots=True)
class SecondFactorView:
    """A second factor that was begun: for the authenticator, as a secret to type and as a URI to scan. Shown once."""

    secret: str
    uri: str
