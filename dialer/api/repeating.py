"""`Idempotency-Key`: a request of a logged-in person that comes again gets the first one's answer and does nothing.

Answers that say "try again" (5xx, and what is refused before the work begins) are not kept.
"""

import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final, assert_never

import structlog
from aiohttp import web

from dialer.api.deps import Deps
from dialer.api.errors import Fault
from dialer.api.problems import problem_response
from dialer.api.route import Call, FileAnswer, Method, Route, SocketAnswer, Upload, Visitors
from dialer.domain.errors import DialerError, OriginateUncertain, StoreUnavailable
from dialer.services.repeats import KeptAnswer, Met, Repeatable

log = structlog.get_logger()

KEY_HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
KEY_PATTERN: Final = "^[A-Za-z0-9_.:-]{1,64}$"
READS: Final = frozenset(
    {
        "searchAttempts",
        "explain",
        "explainList",
        "searchRefusals",
        "compareDecisions",
        "revealNumber",
        "revealRefusal",
    }
)
"""Reads that are POSTs because of what they carry. Each one is answered, and where needed logged, anew."""

_KEY: Final = re.compile(KEY_PATTERN)


def takes_key(route: Route) -> bool:
    """Whether the address heeds the key: acts of logged-in people that answer JSON or nothing."""
    if isinstance(route.access, Visitors) or route.method is Method.GET or route.operation in READS:
        return False
    return not isinstance(route.answer, FileAnswer | SocketAnswer)


async def once(
    route: Route, deps: Deps, call: Call[Any, Any], work: Callable[[], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """The answer of `work`, or the one that the same request got before."""
    key = call.request.headers.get(KEY_HEADER)
    if key is None or not takes_key(route):
        return await work()
    if not _KEY.match(key):
        return problem_response(Fault.KEY_INVALID)
    request = Repeatable(call.org, call.user, key, _fingerprint(call))
    match await deps.repeats.begin(request):
        case KeptAnswer() as kept:
            return _again(kept)
        case Met.REUSED:
            return problem_response(Fault.KEY_REUSED)
        case Met.UNANSWERED:
            return problem_response(Fault.KEY_UNANSWERED)
        case Met.FIRST:
            return await _first(deps, request, work)
        case other:
            assert_never(other)


async def _first(
    deps: Deps, request: Repeatable, work: Callable[[], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        response = await work()
    except (StoreUnavailable, OriginateUncertain):
        raise  # nobody knows how far it came: the key stays unanswered
    except DialerError:
        await deps.repeats.forget(request)
        raise
    body = response.body if isinstance(response, web.Response) else None
    content = bytes(body) if isinstance(body, bytes | bytearray) else b""
    try:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            await deps.repeats.forget(request)
        else:
            kind = response.headers.get("Content-Type", "") if content else ""
            await deps.repeats.answered(request, KeptAnswer(response.status, kind, content))
    except StoreUnavailable:
        log.warning("api.answer_not_kept")
    return response


def _again(kept: KeptAnswer) -> web.Response:
    response = web.Response(body=kept.body or None, status=kept.status)
    if kept.content_type:
        response.headers["Content-Type"] = kept.content_type
    response.headers[REPLAYED_HEADER] = "true"
    return response


def _fingerprint(call: Call[Any, Any]) -> str:
    body = call.body.content if isinstance(call.body, Upload) else call.body.model_dump_json().encode()
    return sha256(b"\n".join((call.request.method.encode(), call.request.path_qs.encode(), body))).hexdigest()
