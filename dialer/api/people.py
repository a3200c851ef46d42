"""Accounts: an administrator's acts, the link that a new person opens, and what people do with their own account."""

from typing import Annotated, Final

from pydantic import ConfigDict, StringConstraints

from dialer.api.agent import answered
from dialer.api.auth import phones_ended, shown
from dialer.api.errors import Fault, Problem, declined, problem
from dialer.api.models import Nothing, Sent
from dialer.api.route import ADMINISTRATOR, ANY_ROLE, Call, Method, Route, Visitors, json_get, json_send
from dialer.domain.ids import UserId
from dialer.services.identity import LoginLocked
from dialer.services.people import Ended, Invited
from dialer.services.views.people import PersonList, SecondFactorView, TicketView, WelcomeView
from dialer.services.views.session import Locale, Role, SessionView
from dialer.services.views.words import Declined

GONE: Final = (Fault.NOT_FOUND,)
LOCKED: Final = (Fault.LOGIN_LOCKED,)

LoginName = Annotated[
    str, StringConstraints(min_length=2, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]+$")
]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Token = Annotated[str, StringConstraints(min_length=20, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]
SECRET: Final = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False, hide_input_in_errors=True)


class Invitation(Sent):
    """A new account. Its owner sets the password by the link that comes back."""

    login: LoginName
    name: PersonName
    role: Role
    locale: Locale = Locale.ZH


class PersonChange(Sent):
    """Another name or role."""

    name: PersonName
    role: Role


class Opened(Sent):
    """The token of a one-time link."""

    model_config = SECRET

    token: Token


class Accepted(Sent):
    """The token of a one-time link, and the password that its holder chose."""

    model_config = SECRET

    token: Token
    password: Password


class PasswordChange(Sent):
    """The present password, and the one from now on."""

    model_config = SECRET

    current: Password
    password: Password


class PasswordAgain(Sent):
    """The present password, asked for once more."""

    model_config = SECRET

    current: Password


class Code(Sent):
    """Six digits of an authenticator."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


async def people(call: Call[Nothing, Nothing]) -> PersonList:
    """All accounts of the organisation."""
    return await call.deps.people.all(call.org)


async def invite(call: Call[Invitation, Nothing]) -> TicketView | Problem:
    """A new account with a link to hand over."""
    said = call.body
    invited = Invited(said.login, said.name, said.role, said.locale)
    return answered(await call.deps.people.invite(call.org, call.user, invited))


async def change(call: Call[PersonChange, Nothing]) -> PersonList | Problem:
    """Another name or role."""
    done = await call.deps.people.change(call.org, call.user, _person(call), call.body.name, call.body.role)
    return await _after(call, done)


async def disable(call: Call[Nothing, Nothing]) -> PersonList | Problem:
    """A leaver is out."""
    return await _after(call, await call.deps.people.disable(call.org, call.user, _person(call)))


async def enable(call: Call[Nothing, Nothing]) -> PersonList | Problem:
    """Back in office."""
    return answered(await call.deps.people.enable(call.org, call.user, _person(call)))


async def reset(call: Call[Nothing, Nothing]) -> TicketView | Problem:
    """A link to a new password."""
    return answered(await call.deps.people.reset(call.org, call.user, _person(call)))


async def forget_second_factor(call: Call[Nothing, Nothing]) -> PersonList | Problem:
    """For a lost phone."""
    return answered(await call.deps.people.forget_second_factor(call.org, call.user, _person(call)))


async def unlock(call: Call[Nothing, Nothing]) -> PersonList | Problem:
    """Forget the failed logins."""
    return answered(await call.deps.people.unlock(call.org, call.user, _person(call)))


async def end_logins(call: Call[Nothing, Nothing]) -> PersonList | Problem:
    """End every login of a person."""
    return await _after(call, await call.deps.people.end_sessions(call.org, call.user, _person(call)))


async def welcome(call: Call[Opened, Nothing]) -> WelcomeView | Problem:
    """For whom a link is."""
    return answered(await call.deps.people.welcome(call.body.token))


async def accept(call: Call[Accepted, Nothing]) -> WelcomeView | Problem:
    """Set a password by a link."""
    view = await call.deps.people.welcome(call.body.token)
    if isinstance(view, Declined):
        return declined(view)
    ended = await call.deps.people.accept(call.body.token, call.body.password)
    if isinstance(ended, Declined):
        return declined(ended)
    await phones_ended(call.deps, ended.role, ended.user, ended.session_ids)
    return view


async def change_password(call: Call[PasswordChange, Nothing]) -> SessionView | Problem:
    """Another password; the person's other logins end."""
    said, session = call.body, call.who
    done = await call.deps.account.change_password(session, said.current, said.password)
    if isinstance(done, LoginLocked):
        return _locked(call, done)
    if isinstance(done, Declined):
        return declined(done)
    if done is None:
        return problem(Fault.NOT_FOUND)
    await phones_ended(call.deps, session.role, session.user_id, done)
    return shown(call.deps, session)


async def begin_second_factor(call: Call[PasswordAgain, Nothing]) -> SecondFactorView | Problem:
    """A secret for the authenticator."""
    done = await call.deps.account.begin_second_factor(call.who, call.body.current)
    return _locked(call, done) if isinstance(done, LoginLocked) else answered(done)


async def confirm_second_factor(call: Call[Code, Nothing]) -> SessionView | Problem:
    """From now on every login asks for a code."""
    refused = await call.deps.account.confirm_second_factor(call.who, call.body.code)
    if refused is not None:
        return declined(refused)
    fresh = await call.deps.identity.refreshed(call.who)
    return problem(Fault.LOGIN_REQUIRED) if fresh is None else shown(call.deps, fresh)


async def _after(
    call: Call[PersonChange, Nothing] | Call[Nothing, Nothing],
    done: tuple[PersonList, Ended] | Declined | None,
) -> PersonList | Problem:
    if done is None or isinstance(done, Declined):
        return answered(done)
    people_now, ended = done
    await phones_ended(call.deps, ended.role, ended.user, ended.session_ids)
    return people_now


def _person(call: Call[PersonChange, Nothing] | Call[Nothing, Nothing]) -> UserId:
    return UserId(call.path["person"])


def _locked(
    call: Call[PasswordChange, Nothing] | Call[PasswordAgain, Nothing], until: LoginLocked
) -> Problem:
    seconds = max(1, round((until.until - call.deps.clock.now()).total_seconds()))
    return problem(Fault.LOGIN_LOCKED, retry_seconds=seconds)


_ACTS: Final = tuple(
    json_send(
        f"/api/people/{{person}}/{verb}",
        operation,
        summary,
        ADMINISTRATOR,
        body=Nothing,
        answer=PersonList,
        handle=handle,
        errors=GONE,
    )
    for verb, operation, summary, handle in (
        ("disable", "disablePerson", "A leaver: no login, link or session works any more", disable),
        ("enable", "enablePerson", "Back in office", enable),
        ("forget-second-factor", "forgetSecondFactor", "A lost phone", forget_second_factor),
        ("unlock", "unlockPerson", "Forget failed logins", unlock),
        ("end-logins", "endLoginsOfPerson", "End every login of a person", end_logins),
    )
)

PEOPLE: Final[tuple[Route, ...]] = (
    json_get(
        "/api/people",
        "listPeople",
        "Accounts of the organisation",
        ADMINISTRATOR,
        query=Nothing,
        answer=PersonList,
        handle=people,
    ),
    json_send(
        "/api/people",
        "invitePerson",
        "A new account; the one-time link comes back this once",
        ADMINISTRATOR,
        body=Invitation,
        answer=TicketView,
        handle=invite,
    ),
    json_send(
        "/api/people/{person}",
        "changePerson",
        "Another name or role; another role ends the person's logins",
        ADMINISTRATOR,
        body=PersonChange,
        answer=PersonList,
        handle=change,
        errors=GONE,
        method=Method.PUT,
    ),
    json_send(
        "/api/people/{person}/reset",
        "resetPassword",
        "A one-time link to a new password",
        ADMINISTRATOR,
        body=Nothing,
        answer=TicketView,
        handle=reset,
        errors=GONE,
    ),
    *_ACTS,
    json_send(
        "/api/welcome",
        "lookAtLink",
        "For whom a one-time link is",
        Visitors.EVERYONE,
        body=Opened,
        answer=WelcomeView,
        handle=welcome,
    ),
    json_send(
        "/api/welcome/password",
        "acceptLink",
        "Set a password by a one-time link",
        Visitors.EVERYONE,
        body=Accepted,
        answer=WelcomeView,
        handle=accept,
    ),
    json_send(
        "/api/session/password",
        "changePassword",
        "Another password; the person's other logins end",
        ANY_ROLE,
        body=PasswordChange,
        answer=SessionView,
        handle=change_password,
        errors=(*GONE, *LOCKED),
        method=Method.PUT,
    ),
    json_send(
        "/api/session/second-factor",
        "beginSecondFactor",
        "A secret for the authenticator; it counts once confirmed",
        ANY_ROLE,
        body=PasswordAgain,
        answer=SecondFactorView,
        handle=begin_second_factor,
        errors=(*GONE, *LOCKED),
    ),
    json_send(
        "/api/session/second-factor/confirm",
        "confirmSecondFactor",
        "From now on every login asks for a code",
        ANY_ROLE,
        body=Code,
        answer=SessionView,
        handle=confirm_second_factor,
    ),
)
