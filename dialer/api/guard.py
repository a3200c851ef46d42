"""The one door: every request of the route table passes these checks, in this order, before a handler sees it.

1. Host is ours (else a page of another name could reach us). 2. Origin is ours where the browser names one; a WebSocket
must name it. 3. The session is live. 4. Its role is one of the route's,
and the person owes no second factor. 5. The token matches, for everything but GET.
6. What stands in the address can be an id. Query and body are what the route's models say, and not larger than its limit. What the table does not allow is denied.
7. With an idempotency key, it was not asked before.
"""

import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

import structlog
from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import ValidationError

from dialer.api.deps import Deps, WebSettings
from dialer.api.errors import Fault, FieldFault, Problem
from dialer.api.meters import Meters
from dialer.api.models import Nothing, Sent
from dialer.api.problems import json_response, place_of, problem_response, write_problem
from dialer.api.ranges import bytes_response, stream_response
from dialer.api.repeating import once
from dialer.api.route import (
    ID_PATTERN,
    JSON_BYTES_MAX,
    Call,
    Download,
    FileAnswer,
    JsonAnswer,
    JsonBody,
    Method,
    NoAnswer,
    Route,
    SetSession,
    SocketAnswer,
    Streamed,
    Upload,
    UploadBody,
    Visitors,
)
from dialer.domain.errors import DialerError
from dialer.services.identity import LOGIN_HOURS_MAX, LiveSession

log = structlog.get_logger()

CSRF_HEADER: Final = "X-CSRF"
COOKIE: Final = "dialer_session"
COOKIE_TLS: Final = "__Host-dialer_session"
COOKIE_CHARS_MAX: Final = 128
FIELD_FAULTS_MAX: Final = 20
OPEN_WHILE_OWING: Final = frozenset(
    {"getSession", "logout", "setLocale", "beginSecondFactor", "confirmSecondFactor"}
)

_ID: Final = re.compile(ID_PATTERN)

WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BodyRefused(Exception):
    """The body or query can't be taken; nothing was done."""

    def __init__(self, fault: Fault, errors: tuple[FieldFault, ...] = ()) -> None:
        super().__init__(fault.code)
        self.fault = fault
        self.errors = errors


def guarded(route: Route, deps: Deps, meters: Meters) -> WebHandler:
    """The handler that the web server calls for one route."""
    safely = _safely(route, deps)
    if isinstance(route.answer, SocketAnswer):
        return safely

    async def metered(request: web.Request) -> web.StreamResponse:
        began = time.monotonic()
        response = await safely(request)
        meters.answered(route.operation, response.status, time.monotonic() - began)
        return response

    return metered


def _safely(route: Route, deps: Deps) -> WebHandler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await _handle(route, deps, request)
        except BodyRefused as refused:
            return problem_response(refused.fault, errors=refused.errors)
        except web.HTTPRequestEntityTooLarge:
            return problem_response(Fault.BODY_TOO_LARGE)
        except DialerError as failure:
            log.warning("api.unavailable", operation=route.operation, failure=type(failure).__name__)
            return problem_response(Fault.UNAVAILABLE)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception as bug:
            log.error(
                "api.failed", operation=route.operation, failure=type(bug).__name__, place=place_of(bug)
            )
            return problem_response(Fault.INTERNAL)

    return handle


async def _handle(route: Route, deps: Deps, request: web.Request) -> web.StreamResponse:
    foreign = not _ours(route, deps.settings, request)
    if foreign:
        return problem_response(Fault.ORIGIN_REFUSED)
    session = await _session(deps, request)
    denied = _denied(route, session, request) or _owing(route, deps, session)
    if denied is not None:
        return problem_response(denied)
    if any(_ID.match(part) is None for part in request.match_info.values()):
        return problem_response(Fault.NOT_FOUND)
    query = _query(route, request)
    body = await _body(route, request)
    call: Call[Any, Any] = Call(deps, request, session, body, query, dict(request.match_info))

    async def work() -> web.StreamResponse:
        reply = await route.handle(call)
        if isinstance(reply, Streamed) and isinstance(route.answer, FileAnswer):
            return await stream_response(request, reply.pieces, route.answer.content_type, reply.filename)
        return _written(route, deps.settings, request, reply)

    return await once(route, deps, call, work)


def _ours(route: Route, settings: WebSettings, request: web.Request) -> bool:
    if request.headers.get("Host", "") not in settings.hosts:
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return not isinstance(route.answer, SocketAnswer)
    return origin in settings.origins


async def _session(deps: Deps, request: web.Request) -> LiveSession | None:
    cookie = request.cookies.get(cookie_name(deps.settings), "")
    if not cookie or len(cookie) > COOKIE_CHARS_MAX:
        return None
    return await deps.identity.session(cookie)


def _denied(route: Route, session: LiveSession | None, request: web.Request) -> Fault | None:
    if isinstance(route.access, Visitors):
        return None
    if session is None:
        return Fault.LOGIN_REQUIRED
    if session.role not in route.access:
        return Fault.ROLE_FORBIDDEN
    if route.method is not Method.GET:
        token = request.headers.get(CSRF_HEADER, "")
        if not secrets.compare_digest(token.encode(), session.csrf.encode()):
            return Fault.CSRF_REFUSED
    return None


def _owing(route: Route, deps: Deps, session: LiveSession | None) -> Fault | None:
    """Who owes a second factor does nothing but enrol one."""
    if session is None or isinstance(route.access, Visitors) or route.operation in OPEN_WHILE_OWING:
        return None
    return Fault.SECOND_FACTOR_OWED if deps.identity.owes_second_factor(session) else None


def _query(route: Route, request: web.Request) -> Sent:
    if not route.query.model_fields:
        return Nothing()
    doubled = [name for name in request.query if len(request.query.getall(name)) > 1]
    if doubled:
        raise BodyRefused(Fault.BODY_INVALID, (FieldFault("query", "twice", "a parameter stands twice"),))
    try:
        return route.query.model_validate_strings(dict(request.query))
    except ValidationError as invalid:
        raise BodyRefused(Fault.BODY_INVALID, _field_faults("query", invalid)) from None


async def _body(route: Route, request: web.Request) -> Sent:
    match route.body:
        case None:
            return Nothing()
        case JsonBody(model):
            if request.content_type != "application/json":
                raise BodyRefused(Fault.BODY_TYPE)
            if (request.content_length or 0) > JSON_BYTES_MAX:
                raise BodyRefused(Fault.BODY_TOO_LARGE)
            try:
                return model.model_validate_json(await request.read())
            except ValidationError as invalid:
                raise BodyRefused(Fault.BODY_INVALID, _field_faults("body", invalid)) from None
        case UploadBody() as wanted:
            return Upload(content=await _uploaded(wanted, request))


async def _uploaded(wanted: UploadBody, request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        raise BodyRefused(Fault.BODY_TYPE)
    missing = FieldFault(f"body.{wanted.field}", "missing", "the form has no such file")
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader) and part.name == wanted.field:
                return await _part_bytes(part, wanted.bytes_max)
    except (ValueError, AssertionError, web.HTTPBadRequest, HttpProcessingError):
        raise BodyRefused(Fault.BODY_INVALID, (missing,)) from None
    raise BodyRefused(Fault.BODY_INVALID, (missing,))


async def _part_bytes(part: BodyPartReader, bytes_max: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        content += chunk
        if len(content) > bytes_max:
            raise BodyRefused(Fault.BODY_TOO_LARGE)
    return bytes(content)


def _field_faults(where: str, invalid: ValidationError) -> tuple[FieldFault, ...]:
    found = invalid.errors(include_url=False, include_context=False, include_input=False)
    return tuple(
        FieldFault(at=".".join([where, *map(str, fault["loc"])]), code=fault["type"], message=_message(fault))
        for fault in found[:FIELD_FAULTS_MAX]
    )


def _message(fault: Any) -> str:
    # the reader of JSON quotes what it stumbled over, which may be a number or a password
    return "not JSON" if fault["type"] == "json_invalid" else str(fault["msg"])


def _written(route: Route, settings: WebSettings, request: web.Request, reply: object) -> web.StreamResponse:
    if isinstance(reply, Problem):
        return write_problem(reply)
    cookie: SetSession[Any] | None = None
    if isinstance(reply, SetSession):
        cookie, reply = reply, reply.answer
    response: web.StreamResponse
    match route.answer:
        case JsonAnswer(kind):
            response = json_response(cast(Any, kind), reply)
        case FileAnswer(content_type):
            assert isinstance(reply, Download)
            response = bytes_response(request, reply.content, content_type, reply.filename)
        case NoAnswer():
            response = web.Response(status=204)
        case SocketAnswer():
            assert isinstance(reply, web.StreamResponse)
            response = reply
    if cookie is not None:
        _write_cookie(response, settings, cookie.cookie)
    return response


def cookie_name(settings: WebSettings) -> str:
    """With TLS the name itself binds the cookie to this host (RFC 6265bis, `__Host-`)."""
    return COOKIE_TLS if settings.tls else COOKIE


def _write_cookie(response: web.StreamResponse, settings: WebSettings, value: str | None) -> None:
    response.set_cookie(
        cookie_name(settings),
        value or "",
        max_age=LOGIN_HOURS_MAX * 3600 if value else 0,
        path="/",
        httponly=True,
        secure=settings.tls,
        samesite="Strict",
    )
