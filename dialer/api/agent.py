"""The agent's verbs."""

from dataclasses import replace
from typing import TypeVar

from dialer.api.errors import Fault, Problem, declined, problem
from dialer.api.models import (
    CallBack,
    CallBackWeek,
    Disposition,
    HeardSaid,
    Nothing,
    Pause,
    PreviewSkip,
    ScriptTick,
    Transfer,
)
from dialer.api.route import Call
from dialer.domain.ids import AttemptId, UserId
from dialer.services.views.desk import (
    CallbackSlots,
    CallbackView,
    Colleagues,
    DeskView,
    PhoneView,
    RefusedView,
)
from dialer.services.views.words import Declined

T = TypeVar("T")


def answered(answer: T | Declined | None) -> T | Problem:
    """A service's answer as the API gives it: nothing there is 404, declined is 409 with its sentence."""
    if answer is None:
        return problem(Fault.NOT_FOUND)
    if isinstance(answer, Declined):
        return declined(answer)
    return answer


async def desk(call: Call[Nothing, Nothing]) -> DeskView:
    """The whole desk."""
    return await call.deps.desk.view(call.user)


async def phone(call: Call[Nothing, Nothing]) -> PhoneView | Problem:
    """A SIP password for this session alone."""
    return with_ice(call, await call.deps.desk.phone(call.user, call.who.session_id))


def with_ice(call: Call[Nothing, Nothing], given: PhoneView | Declined) -> PhoneView | Problem:
    """A phone with the servers through which its audio may find its way."""
    if isinstance(given, Declined):
        return answered(given)
    return replace(given, ice_servers=call.deps.ice.for_session(call.who.session_id))


async def ready(call: Call[Nothing, Nothing]) -> DeskView | Problem:
    """Take calls."""
    return answered(await call.deps.desk.ready(call.user))


async def pause(call: Call[Pause, Nothing]) -> DeskView | Problem:
    """Take no further call."""
    return answered(await call.deps.desk.pause(call.user, call.body.reason))


async def preview_call(call: Call[Nothing, Nothing]) -> DeskView | Problem:
    """Dial the lead on the screen, if the gate allows it."""
    refused = await call.deps.previews.call(call.user)
    return declined(refused) if refused is not None else await call.deps.desk.view(call.user)


async def preview_skip(call: Call[PreviewSkip, Nothing]) -> DeskView | Problem:
    """Put the lead on the screen back, with a reason."""
    refused = await call.deps.previews.skip(call.user, call.body.reason)
    return declined(refused) if refused is not None else await call.deps.desk.view(call.user)


async def refused(call: Call[Nothing, Nothing]) -> RefusedView | Problem:
    """The person refused further calls: effective at once, for ever."""
    return answered(await call.deps.desk.refused(call.user, _attempt(call)))


async def hold(call: Call[Nothing, Nothing]) -> DeskView | Problem:
    """Let the callee hear music."""
    return answered(await call.deps.talks.hold(call.user, _attempt(call)))


async def take_back(call: Call[Nothing, Nothing]) -> DeskView | Problem:
    """Talk with the callee again."""
    return answered(await call.deps.talks.take_back(call.user, _attempt(call)))


async def tick(call: Call[ScriptTick, Nothing]) -> DeskView | Problem:
    """Say of a sentence of the script whether it was said."""
    attempt = AttemptId(call.path["attempt"])
    return answered(await call.deps.talks.tick(call.user, attempt, call.body.part, call.body.tick))


async def colleagues(call: Call[Nothing, Nothing]) -> Colleagues | Problem:
    """To whom the talk may be handed."""
    return answered(await call.deps.talks.colleagues(call.user, _attempt(call)))


async def transfer(call: Call[Transfer, Nothing]) -> DeskView | Problem:
    """Hand the talk to a colleague."""
    attempt = AttemptId(call.path["attempt"])
    return answered(await call.deps.talks.transfer(call.user, attempt, UserId(call.body.to)))


async def call_back(call: Call[CallBack, Nothing]) -> CallbackView | Problem:
    """Agree on a callback at a lawful time."""
    attempt = AttemptId(call.path["attempt"])
    return answered(await call.deps.callbacks.agree(call.org, call.user, attempt, call.body.at))


async def call_back_week(call: Call[Nothing, CallBackWeek]) -> CallbackSlots | Problem:
    """A week of slots and what speaks against each."""
    attempt = AttemptId(call.path["attempt"])
    return answered(await call.deps.callbacks.week(call.org, call.user, attempt, call.query.first))


async def answer_heard(call: Call[HeardSaid, Nothing]) -> DeskView | Problem:
    """The agent's word on words that were heard."""
    attempt = AttemptId(call.path["attempt"])
    return answered(await call.deps.heard.answer(call.user, attempt, call.path["heard"], call.body.answer))


async def hang_up(call: Call[Nothing, Nothing]) -> DeskView | Problem:
    """End the call."""
    return answered(await call.deps.desk.hang_up(call.user, _attempt(call)))


async def dispose(call: Call[Disposition, Nothing]) -> DeskView | Problem:
    """Say what came of the call."""
    attempt = AttemptId(call.path["attempt"])
    return answered(await call.deps.desk.dispose(call.user, attempt, call.body.code, call.body.note))


def _attempt(call: Call[Nothing, Nothing]) -> AttemptId:
    return AttemptId(call.path["attempt"])
