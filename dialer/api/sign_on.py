"""Signing on at the operator's provider, where there is one: begun here, finished here, signed on there."""

from typing import Final

from dialer.api.auth import open_session
from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import Nothing, SignOnReturn
from dialer.api.route import Call, Route, SetSession, Visitors, json_get, json_send
from dialer.services.views.session import SessionView, SignOnOffer, SignOnStart


async def offered(call: Call[Nothing, Nothing]) -> SignOnOffer:
    """Whether there is a provider."""
    return SignOnOffer(offered=call.deps.sign_on is not None)


async def begin(call: Call[Nothing, Nothing]) -> SignOnStart | Problem:
    """Where the browser goes, and what it brings back."""
    if call.deps.sign_on is None:
        return problem(Fault.NOT_FOUND)
    begun = await call.deps.sign_on.begin()
    return SignOnStart(url=begun.url, binding=begun.binding)


async def finish(call: Call[SignOnReturn, Nothing]) -> SetSession[SessionView] | Problem:
    """Open a session for whom the provider vouches for."""
    if call.deps.sign_on is None:
        return problem(Fault.NOT_FOUND)
    agent = call.request.headers.get("User-Agent", "")
    said = await call.deps.sign_on.finish(call.body.code, call.body.state, call.body.binding, agent)
    return await open_session(call, said)


SIGN_ON: Final[tuple[Route, ...]] = (
    json_get(
        "/api/sign-on",
        "getSignOn",
        "Whether people can sign on at the operator's own provider",
        Visitors.EVERYONE,
        query=Nothing,
        answer=SignOnOffer,
        handle=offered,
    ),
    json_send(
        "/api/sign-on",
        "beginSignOn",
        "Begin to sign on at the operator's provider; the browser goes to the address",
        Visitors.EVERYONE,
        body=Nothing,
        answer=SignOnStart,
        handle=begin,
        errors=(Fault.NOT_FOUND,),
    ),
    json_send(
        "/api/sign-on/return",
        "finishSignOn",
        "Come back from the provider; the cookie of the session comes with the answer",
        Visitors.EVERYONE,
        body=SignOnReturn,
        answer=SessionView,
        handle=finish,
        errors=(Fault.NOT_FOUND, Fault.LOGIN_FAILED, Fault.LOGIN_LOCKED),
    ),
)
