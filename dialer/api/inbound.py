"""The inbound line: the agent's verbs in a talk with somebody who rang our number, and the calls with their proof."""

from collections.abc import Mapping

from dialer.api.agent import answered
from dialer.api.errors import Problem
from dialer.api.models import CallerResult, Nothing, PageQuery
from dialer.api.route import Call, Download
from dialer.domain.ids import InboundId
from dialer.services.views.caller import CallerRefused
from dialer.services.views.desk import DeskView
from dialer.services.views.inbound import InboundPage, InboundView
from dialer.services.views.trail import PeaksView


async def refused(call: Call[Nothing, Nothing]) -> CallerRefused | Problem:
    """The caller wants no further calls."""
    return answered(await call.deps.inbound_desk.refused(call.user, _inbound(call.path)))


async def hang_up(call: Call[Nothing, Nothing]) -> DeskView | Problem:
    """End the talk."""
    told = answered(await call.deps.inbound_desk.hang_up(call.user, _inbound(call.path)))
    return told if isinstance(told, Problem) else await call.deps.desk.view(call.user)


async def dispose(call: Call[CallerResult, Nothing]) -> DeskView | Problem:
    """Say what came of the talk."""
    kept = answered(await call.deps.inbound_desk.dispose(call.user, _inbound(call.path), call.body.code))
    return kept if isinstance(kept, Problem) else await call.deps.desk.view(call.user)


async def rows(call: Call[Nothing, PageQuery]) -> InboundPage:
    """Calls to our numbers, newest first."""
    return await call.deps.inbound_trail.rows(call.org, call.query.after)


async def one(call: Call[Nothing, Nothing]) -> InboundView | Problem:
    """One call, from the ring to the seal."""
    return answered(await call.deps.inbound_trail.call(call.org, call.user, _inbound(call.path)))


async def recording(call: Call[Nothing, Nothing]) -> Download | Problem:
    """Both legs as WAV."""
    wav = answered(await call.deps.inbound_trail.recording(call.org, call.user, _inbound(call.path)))
    return wav if isinstance(wav, Problem) else Download(wav, "")


async def peaks(call: Call[Nothing, Nothing]) -> PeaksView | Problem:
    """Loudness of each leg over time."""
    return answered(await call.deps.inbound_trail.peaks(call.org, call.user, _inbound(call.path)))


def _inbound(path: Mapping[str, str]) -> InboundId:
    return InboundId(path["inbound"])
