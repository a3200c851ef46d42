"""Accounts in an administrator's hands: invite, reset, unlock, disable. A leaver is out with the next request.

An administrator hands over a link, never a password: only its owner ever knows that. Nobody changes their own role,
disables themselves or the last administrator of an organisation (decision 21: nobody approves their own acts).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from dialer.domain.ids import OrganisationId, UserId
from dialer.ports.clock import Clock
from dialer.services.identity import PasswordChecker, hash_of
from dialer.services.views.people import AccountView, PersonList, TicketKind, TicketView, WelcomeView
from dialer.services.views.session import Locale, Role
from dialer.services.views.words import Declined, Sentence

TOKEN_BYTES: Final = 32
LINK_HOURS: Final = {TicketKind.INVITATION: 72, TicketKind.RESET: 24}
PASSWORD_CHARS_MIN: Final = 12

OWN_ACCOUNT: Final = Declined(
    "people.own_account",
    Sentence(
        "不能停用自己的账号或更改自己的角色，请由另一位管理员操作。",
        "Nobody disables their own account or changes their own role: another administrator does.",
    ),
)
LAST_ADMINISTRATOR: Final = Declined(
    "people.last_administrator",
    Sentence(
        "这是最后一位在用的管理员，请先邀请另一位。",
        "This is the last administrator in office: invite another one first.",
    ),
)
LOGIN_TAKEN: Final = Declined(
    "people.login_taken", Sentence("该登录名已被使用。", "That login is taken already.")
)
DISABLED: Final = Declined(
    "people.disabled", Sentence("账号已停用，请先恢复。", "The account is disabled: enable it first.")
)
LINK_DEAD: Final = Declined(
    "link.dead",
    Sentence(
        "链接已使用或已过期，请联系管理员重新生成。",
        "The link was used or is too old: ask the administrator for another one.",
    ),
)
PASSWORD_SHORT: Final = Declined(
    "password.too_short",
    Sentence(
        f"密码至少 {PASSWORD_CHARS_MIN} 个字符，用一句话最好记。",
        f"A password has at least {PASSWORD_CHARS_MIN} characters; a sentence is easy to keep.",
    ),
)
PASSWORD_IS_LOGIN: Final = Declined(
    "password.is_login", Sentence("密码不能包含登录名。", "The password may not contain the login.")
)


@dataclass(frozen=True, slots=True)
class Ended:
    """Sessions that ended with an act; their phones end with them."""

    user: UserId
    role: Role
    session_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """A new account as it was asked for."""

    login: str
    name: str
    role: Role
    locale: Locale


@dataclass(frozen=True, slots=True)
class Ticket:
    """A one-time link, as stored."""

    token_sha256: str
    user_id: UserId
    kind: TicketKind
    created_at: datetime
    expires_at: datetime


class PeopleStore(Protocol):
    """Accounts and links, durable; every act is on the log in its own transaction. `by` did it."""

    async def all(self, org: OrganisationId, since: datetime, now: datetime) -> tuple[AccountView, ...]:
        """By login. `since`: sessions used before it are no longer live."""
        ...

    async def add(self, org: OrganisationId, by: UserId, invited: Invited, ticket: Ticket) -> bool:
        """An account without a password, and its link. False: the login is taken, on whatever organisation."""
        ...

    async def put_ticket(self, org: OrganisationId, by: UserId, ticket: Ticket) -> bool:
        """A link; former ones of that account are dead. False: no such account there."""
        ...

    async def rename(self, org: OrganisationId, by: UserId, user: UserId, name: str, role: Role) -> bool: ...

    async def set_disabled(
        self, org: OrganisationId, by: UserId, user: UserId, at: datetime | None
    ) -> bool: ...

    async def forget_second_factor(self, org: OrganisationId, by: UserId, user: UserId) -> bool: ...

    async def unlock(self, org: OrganisationId, by: UserId, user: UserId) -> bool: ...

    async def end_sessions(
        self, org: OrganisationId, by: UserId, user: UserId, at: datetime
    ) -> tuple[str, ...]:
        """End every login of a person; the ids of those that were live."""
        ...

    async def ticket(self, token_sha256: str, now: datetime) -> WelcomeView | None:
        """For whom a link is that can still be used."""
        ...

    async def use_ticket(self, token_sha256: str, password_hash: str, now: datetime) -> Ended | None:
        """Set the password by its link, once; failures are forgotten, logins ended. None: the link is dead."""
        ...


@dataclass(frozen=True, slots=True)
class People:
    """`PeopleService`."""

    store: PeopleStore
    passwords: PasswordChecker
    clock: Clock
    idle_minutes_max: int
    second_factor_roles: frozenset[Role]

    async def all(self, org: OrganisationId) -> PersonList:
        """The accounts of one organisation."""
        now = self.clock.now()
        people = await self.store.all(org, now - timedelta(minutes=self.idle_minutes_max), now)
        return PersonList(people, tuple(sorted(self.second_factor_roles)))

    async def invite(self, org: OrganisationId, by: UserId, invited: Invited) -> TicketView | Declined:
        """A new account, to be entered by a link."""
        token, ticket = self.invitation()
        if not await self.store.add(org, by, invited, ticket):
            return LOGIN_TAKEN
        return await self.handed(org, ticket, token)

    def invitation(self) -> tuple[str, Ticket]:
        """A new account's id and link: the token to hand over, and what is stored of it."""
        return self._ticket(UserId(f"user-{secrets.token_hex(8)}"), TicketKind.INVITATION)

    async def reset(self, org: OrganisationId, by: UserId, user: UserId) -> TicketView | Declined | None:
        """A link to a new password; the old one goes on until it is used."""
        found = await self._person(org, user)
        if found is None:
            return None
        if found.disabled_at is not None:
            return DISABLED
        kind = TicketKind.RESET if found.has_password else TicketKind.INVITATION
        token, ticket = self._ticket(user, kind)
        if not await self.store.put_ticket(org, by, ticket):
            return None
        return await self.handed(org, ticket, token)

    async def change(
        self, org: OrganisationId, by: UserId, user: UserId, name: str, role: Role
    ) -> tuple[PersonList, Ended] | Declined | None:
        """Another name or role; a role that changed ends the person's logins."""
        found = await self._person(org, user)
        if found is None:
            return None
        if role is not found.role:
            if user == by:
                return OWN_ACCOUNT
            if await self._is_last_administrator(org, found):
                return LAST_ADMINISTRATOR
        if not await self.store.rename(org, by, user, name, role):
            return None
        ended: tuple[str, ...] = ()
        if role is not found.role:
            ended = await self.store.end_sessions(org, by, user, self.clock.now())
        return await self.all(org), Ended(user, found.role, ended)

    async def disable(
        self, org: OrganisationId, by: UserId, user: UserId
    ) -> tuple[PersonList, Ended] | Declined | None:
        """A leaver: no login, no link and no session of theirs works any more."""
        found = await self._person(org, user)
        if found is None:
            return None
        if user == by:
            return OWN_ACCOUNT
        if await self._is_last_administrator(org, found):
            return LAST_ADMINISTRATOR
        now = self.clock.now()
        if not await self.store.set_disabled(org, by, user, now):
            return None
        ended = await self.store.end_sessions(org, by, user, now)
        return await self.all(org), Ended(user, found.role, ended)

    async def enable(self, org: OrganisationId, by: UserId, user: UserId) -> PersonList | None:
        """Back in office, with the former password and second factor."""
        return await self.all(org) if await self.store.set_disabled(org, by, user, None) else None

    async def forget_second_factor(self, org: OrganisationId, by: UserId, user: UserId) -> PersonList | None:
        """A lost phone: the next login is without a code, and enrols anew where one is required."""
        return await self.all(org) if await self.store.forget_second_factor(org, by, user) else None

    async def unlock(self, org: OrganisationId, by: UserId, user: UserId) -> PersonList | None:
        """Forget the failed logins."""
        return await self.all(org) if await self.store.unlock(org, by, user) else None

    async def end_sessions(
        self, org: OrganisationId, by: UserId, user: UserId
    ) -> tuple[PersonList, Ended] | None:
        """End every login of a person."""
        found = await self._person(org, user)
        if found is None:
            return None
        ended = await self.store.end_sessions(org, by, user, self.clock.now())
        return await self.all(org), Ended(user, found.role, ended)

    async def welcome(self, token: str) -> WelcomeView | Declined:
        """For whom a link is."""
        return await self.store.ticket(hash_of(token), self.clock.now()) or LINK_DEAD

    async def accept(self, token: str, password: str) -> Ended | Declined:
        """Set a password by a link, which is dead from then on."""
        now, token_sha256 = self.clock.now(), hash_of(token)
        view = await self.store.ticket(token_sha256, now)
        if view is None:
            return LINK_DEAD
        weak = weakness(password, view.login)
        if weak is not None:
            return weak
        password_hash = await self.passwords.fresh(password)
        return await self.store.use_ticket(token_sha256, password_hash, now) or LINK_DEAD

    def _ticket(self, user: UserId, kind: TicketKind) -> tuple[str, Ticket]:
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self.clock.now()
        return token, Ticket(hash_of(token), user, kind, now, now + timedelta(hours=LINK_HOURS[kind]))

    async def handed(self, org: OrganisationId, ticket: Ticket, token: str) -> TicketView:
        """A link that was just stored, as it is shown this once."""
        person = await self._person(org, ticket.user_id)
        if person is None:
            raise LookupError("an account that was just written is not there")
        return TicketView(person, ticket.kind, token, ticket.expires_at)

    async def _person(self, org: OrganisationId, user: UserId) -> AccountView | None:
        return next((p for p in (await self.all(org)).items if p.id == user), None)

    async def _is_last_administrator(self, org: OrganisationId, person: AccountView) -> bool:
        if person.role is not Role.ADMINISTRATOR or person.disabled_at is not None:
            return False
        return len(_administrators((await self.all(org)).items)) < 2


def weakness(password: str, login: str) -> Declined | None:
    """Why a password won't do: length says more than classes of characters (NIST SP 800-63B, 3.1.1)."""
    if len(password) < PASSWORD_CHARS_MIN:
        return PASSWORD_SHORT
    if login.casefold() in password.casefold():
        return PASSWORD_IS_LOGIN
    return None


def _administrators(people: Sequence[AccountView]) -> list[AccountView]:
    """Those who can act: in office and with a password."""
    return [p for p in people if p.role is Role.ADMINISTRATOR and p.disabled_at is None and p.has_password]
