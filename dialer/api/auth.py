"""Getting in and out: login, the session's own view, its end, and the person's other logins."""

from collections.abc import Sequence
from typing import Any

from dialer.api.deps import Deps
from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import ChosenLocale, Login, Nothing
from dialer.api.route import Call, SetSession
from dialer.domain.ids import UserId
from dialer.services.identity import LiveSession, LoggedIn, LoginLocked, LoginRefused
from dialer.services.views.session import LoginList, Role, SessionView, StatusView, UserView


def shown(deps: Deps, session: LiveSession) -> SessionView:
    """The session as its own user sees it."""
    user = UserView(
        id=session.user_id, name=session.user_name, role=session.role, org=session.org, locale=session.locale
    )
    return SessionView(
        user=user,
        csrf=session.csrf,
        expires_at=session.expires_at,
        has_second_factor=session.has_second_factor,
        owes_second_factor=deps.identity.owes_second_factor(session),
        operates_platform=session.operates_platform,
    )


async def login(call: Call[Login, Nothing]) -> SetSession[SessionView] | Problem:
    """Open a session under a new secret; whatever session the browser had before ends."""
    identity = call.deps.identity
    answer = await identity.login(
        call.body.login, call.body.password, call.body.totp, call.request.headers.get("User-Agent", "")
    )
    return await open_session(call, answer)


async def open_session(
    call: Call[Any, Nothing], answer: LoggedIn | LoginRefused | LoginLocked
) -> SetSession[SessionView] | Problem:
    """What a login, of whatever kind, came to; whatever session the browser had before ends."""
    match answer:
        case LoggedIn():
            if call.session is not None:
                await _end(call, call.session)
            return SetSession(shown(call.deps, answer.session), answer.cookie)
        case LoginLocked():
            seconds = max(1, round((answer.until - call.deps.clock.now()).total_seconds()))
            return problem(Fault.LOGIN_LOCKED, retry_seconds=seconds)
        case LoginRefused():
            return problem(Fault.LOGIN_FAILED)


async def session(call: Call[Nothing, Nothing]) -> SessionView:
    """Who is logged in."""
    return shown(call.deps, call.who)


async def logout(call: Call[Nothing, Nothing]) -> SetSession[None]:
    """End this session."""
    await _end(call, call.who)
    return SetSession(None, None)


async def choose_locale(call: Call[ChosenLocale, Nothing]) -> SessionView | Problem:
    """Remember the language."""
    await call.deps.identity.set_locale(call.who, call.body.locale)
    fresh = await call.deps.identity.refreshed(call.who)
    return problem(Fault.LOGIN_REQUIRED) if fresh is None else shown(call.deps, fresh)


async def logins(call: Call[Nothing, Nothing]) -> LoginList:
    """The person's own live logins."""
    return LoginList(await call.deps.identity.logins(call.who))


async def end_login(call: Call[Nothing, Nothing]) -> Problem | None:
    """End one of the person's own logins."""
    ended = await call.deps.identity.end_login(call.who, call.path["login"])
    if ended is None:
        return problem(Fault.NOT_FOUND)
    await phones_ended(call.deps, call.who.role, call.user, (ended,))
    return None


async def status(call: Call[Nothing, Nothing]) -> StatusView:
    """The line at the top of every page."""
    return await call.deps.status.view(call.org)


async def _end(call: Call[Any, Nothing], session: LiveSession) -> None:
    await call.deps.identity.logout(session)
    await phones_ended(call.deps, session.role, session.user_id, (session.session_id,))


async def phones_ended(deps: Deps, role: Role, user: UserId, session_ids: Sequence[str]) -> None:
    """A login's phone ends with it."""
    for ended in session_ids:
        if role is Role.AGENT:
            await deps.desk.session_ended(user, ended)
        elif role is Role.SUPERVISOR:
            await deps.listening.session_ended(user, ended)
