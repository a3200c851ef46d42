"""Calls to our numbers: the part of the route table that the inbound line needs."""

from typing import Final

from dialer.api import inbound
from dialer.api.errors import Fault
from dialer.api.models import CallerResult, Nothing, PageQuery
from dialer.api.route import AGENT, AUDITOR, SUPERVISOR_OR_AUDITOR, Route, file_get, json_get, json_send
from dialer.services.views.caller import CallerRefused
from dialer.services.views.desk import DeskView
from dialer.services.views.inbound import InboundPage, InboundView
from dialer.services.views.trail import PeaksView

GONE: Final = (Fault.NOT_FOUND,)

INBOUND: Final[tuple[Route, ...]] = (
    json_send(
        "/api/agent/callers/{inbound}/refused",
        "callerRefused",
        "The caller wants no further calls: at once and for ever",
        AGENT,
        body=Nothing,
        answer=CallerRefused,
        handle=inbound.refused,
        errors=GONE,
    ),
    json_send(
        "/api/agent/callers/{inbound}/hangup",
        "hangUpCaller",
        "End the talk with a caller",
        AGENT,
        body=Nothing,
        answer=DeskView,
        handle=inbound.hang_up,
        errors=GONE,
    ),
    json_send(
        "/api/agent/callers/{inbound}/disposition",
        "disposeCaller",
        "Say what came of the talk with a caller",
        AGENT,
        body=CallerResult,
        answer=DeskView,
        handle=inbound.dispose,
        errors=GONE,
    ),
    json_get(
        "/api/inbound",
        "listInbound",
        "Calls to our numbers, newest first",
        SUPERVISOR_OR_AUDITOR,
        query=PageQuery,
        answer=InboundPage,
        handle=inbound.rows,
    ),
    json_get(
        "/api/inbound/{inbound}",
        "getInbound",
        "One call to a number of ours, from the ring to the seal; the access is logged",
        SUPERVISOR_OR_AUDITOR,
        query=Nothing,
        answer=InboundView,
        handle=inbound.one,
        errors=GONE,
    ),
    file_get(
        "/api/inbound/{inbound}/recording.wav",
        "getInboundRecording",
        "Both legs; the access is logged",
        AUDITOR,
        content_type="audio/wav",
        handle=inbound.recording,
        errors=GONE,
    ),
    json_get(
        "/api/inbound/{inbound}/peaks",
        "getInboundPeaks",
        "Loudness of each leg",
        AUDITOR,
        query=Nothing,
        answer=PeaksView,
        handle=inbound.peaks,
        errors=GONE,
        may_decline=True,
    ),
)
