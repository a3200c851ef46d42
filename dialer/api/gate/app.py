"""The permit gate's two doors.

    GET /permit?token=&uid=    the egress, mutual TLS   200 uid=…&num=…&cid=…&cname=…&ring=…&max=…   anything else: no
    POST /inbound              a call from the carrier: form uid, called, caller   200 uid=…&id=…&mode=o|c|r|u   else: nothing
    GET /outcome?token=&uid=&dialstatus=&tech=&answered=&rang_ms=                                     204
    GET /legs?attempt=         the dialer, unix socket  200 [{"attempt","uid","state"}]
    POST /hangup?attempt=                               200 {"legs": n}
    GET /caller?inbound=                                200 {"number"}, 404 when the call is over

A yes is given once, after the commit that consumed the permit is known. Every failure of ours is a no.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlencode

import structlog
from aiohttp import web
from multidict import MultiMapping

from dialer.domain.errors import DialerError, EgressUnavailable, StoreUnavailable
from dialer.domain.ids import AttemptId, InboundId
from dialer.ports.exchange import EgressControl
from dialer.ports.gate import GateNo, GateYes, LegReport
from dialer.ports.inbound import InboundCaller, InboundNo, InboundYes

TOKEN: Final = re.compile(r"^pt[0-9a-f]{32}$")
UID: Final = re.compile(r"^[A-Za-z0-9._-]{1,80}$")
ATTEMPT: Final = re.compile(r"^[0-9a-f]{32}$")
LINE: Final = re.compile(r"^\+?[0-9]{2,20}$")
CALLER: Final = re.compile(r"^\+?[0-9]{0,20}$")
UNKNOWN_CALLER: Final = "u"
REQUEST_BYTES_MAX: Final = 4096
DIAL_STATUS_MAX: Final = 20
SIP_TEXT_MAX: Final = 80

_log = structlog.get_logger()


Consume = Callable[[str, str], Awaitable[GateYes | GateNo]]
"""(token, egress channel) → yes once, or no."""
KeepReport = Callable[[str, str, LegReport], Awaitable[bool]]
"""(token, egress channel, report) → whether it was the leg that got the yes."""


TakeInbound = Callable[[str, str, str], Awaitable[InboundYes | InboundNo]]
"""(egress channel, called, caller) → what the exchange may be given."""


def build_permit_app(consume: Consume, keep_report: KeepReport, take_inbound: TakeInbound) -> web.Application:
    """What the egress may ask. TLS with client certificates is the server's, set where the process starts."""

    async def permit(request: web.Request) -> web.Response:
        token, uid = request.query.get("token", ""), request.query.get("uid", "")
        if not TOKEN.match(token) or not UID.match(uid):
            return web.Response(status=400)
        try:
            answer = await consume(token, uid)
        except (DialerError, LookupError, ValueError) as failure:
            _log.warning("gate.no", why=type(failure).__name__)
            return web.Response(status=503)
        match answer:
            case GateNo(why=why):
                _log.info("gate.no", why=why)
                return web.Response(status=404)
            case GateYes():
                body = urlencode(
                    {
                        "uid": uid,
                        "num": answer.number,
                        "cid": answer.caller_id,
                        "cname": answer.caller_name,
                        "ring": answer.ring_seconds,
                        "max": answer.call_seconds_max,
                    }
                )
                return web.Response(text=body, content_type="application/x-www-form-urlencoded")

    async def outcome(request: web.Request) -> web.Response:
        query = request.query
        token, uid = query.get("token", ""), query.get("uid", "")
        if not TOKEN.match(token) or not UID.match(uid):
            return web.Response(status=400)
        try:
            kept = await keep_report(token, uid, _report(query))
        except StoreUnavailable:
            return web.Response(status=503)
        return web.Response(status=204 if kept else 409)

    async def inbound(request: web.Request) -> web.Response:
        # In the body: an address would stand in logs, and there is a person's number in it.
        form = await request.post()
        uid, called, caller = (str(form.get(name, "")) for name in ("uid", "called", "caller"))
        if not UID.match(uid) or not LINE.match(called) or not CALLER.match(caller):
            return web.Response(status=400)
        try:
            answer = await take_inbound(uid, called, caller)
        except (DialerError, LookupError, ValueError) as failure:
            _log.warning("inbound.no", why=type(failure).__name__)
            return web.Response(status=503)
        match answer:
            case InboundYes(inbound_id=inbound_id, mode=mode):
                return _form({"uid": uid, "id": inbound_id, "mode": str(mode)})
            case InboundNo.UNKNOWN_CALLER:
                return _form({"uid": uid, "id": "", "mode": UNKNOWN_CALLER})
            case InboundNo.NOT_OURS:
                return web.Response(status=404)

    app = web.Application(client_max_size=REQUEST_BYTES_MAX)
    app.router.add_get("/permit", permit)
    app.router.add_get("/outcome", outcome)
    app.router.add_post("/inbound", inbound)
    return app


def _form(said: dict[str, str]) -> web.Response:
    return web.Response(text=urlencode(said), content_type="application/x-www-form-urlencoded")


def build_control_app(control: EgressControl, caller_of: InboundCaller) -> web.Application:
    """What the dialer may ask about the egress's legs; served on a unix socket of the gate's and the dialer's group."""

    async def legs(request: web.Request) -> web.Response:
        attempt_id = _attempt(request)
        try:
            found = await control.legs(attempt_id)
        except EgressUnavailable:
            raise web.HTTPServiceUnavailable from None
        return web.json_response(
            [{"attempt": leg.attempt_id, "uid": leg.uid, "state": leg.state} for leg in found]
        )

    async def hang_up(request: web.Request) -> web.Response:
        attempt_id = _attempt(request)
        try:
            await control.hang_up(attempt_id)
        except EgressUnavailable:
            raise web.HTTPServiceUnavailable from None
        return web.json_response({})

    async def caller(request: web.Request) -> web.Response:
        value = request.query.get("inbound", "")
        if not ATTEMPT.match(value):
            raise web.HTTPBadRequest
        try:
            number = await caller_of.caller(InboundId(value))
        except StoreUnavailable:
            raise web.HTTPServiceUnavailable from None
        if number is None:
            raise web.HTTPNotFound
        return web.json_response({"number": number})

    app = web.Application(client_max_size=REQUEST_BYTES_MAX)
    app.router.add_get("/caller", caller)
    app.router.add_get("/legs", legs)
    app.router.add_post("/hangup", hang_up)
    return app


def _attempt(request: web.Request) -> AttemptId:
    value = request.query.get("attempt", "")
    if not ATTEMPT.match(value):
        raise web.HTTPBadRequest
    return AttemptId(value)


def _report(query: MultiMapping[str]) -> LegReport:
    rang = query.get("rang_ms", "")
    return LegReport(
        dial_status=query.get("dialstatus", "")[:DIAL_STATUS_MAX],
        sip_text=query.get("tech", "")[:SIP_TEXT_MAX],
        rang_ms=_whole(rang) if rang else None,
        talk_seconds=_whole(query.get("answered", "")),
    )


def _whole(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0
