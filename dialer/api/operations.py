"""What supervisors and administrators see of the running installation: timers and stops."""

from typing import Final

from dialer.api.agent import answered
from dialer.api.errors import Fault, Problem
from dialer.api.models import LiftStop, Nothing
from dialer.api.route import Call, Route, json_get, json_send
from dialer.services.views.operations import JobList, StopRows
from dialer.services.views.session import Role

KEEPERS: Final = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


async def jobs(call: Call[Nothing, Nothing]) -> JobList:
    """Last run and result of each timer."""
    return await call.deps.jobs.jobs()


async def stops(call: Call[Nothing, Nothing]) -> StopRows:
    """Why nothing is dialled, where something stops it."""
    return await call.deps.stops.view(call.org)


async def past_stops(call: Call[Nothing, Nothing]) -> StopRows:
    """What stopped dialling before."""
    return await call.deps.stops.past(call.org)


async def lift(call: Call[LiftStop, Nothing]) -> StopRows | Problem:
    """Let dialling go on."""
    return answered(
        await call.deps.stops.lift(call.org, call.user, call.who.role, call.path["stop"], call.body.reason)
    )


KEEPING: Final[tuple[Route, ...]] = (
    json_get(
        "/api/jobs",
        "listJobs",
        "Last run and result of each timer",
        KEEPERS,
        query=Nothing,
        answer=JobList,
        handle=jobs,
    ),
    json_get(
        "/api/stops",
        "listStops",
        "Stops of dialling in force, newest first",
        KEEPERS,
        query=Nothing,
        answer=StopRows,
        handle=stops,
    ),
    json_get(
        "/api/stops/past",
        "listPastStops",
        "Stops of dialling that were lifted, newest first, at most a hundred",
        KEEPERS,
        query=Nothing,
        answer=StopRows,
        handle=past_stops,
    ),
    json_send(
        "/api/stops/{stop}/lift",
        "liftStop",
        "Let dialling go on; the reason is logged",
        KEEPERS,
        body=LiftStop,
        answer=StopRows,
        handle=lift,
        errors=(Fault.NOT_FOUND,),
    ),
)
