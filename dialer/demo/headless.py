"""Agents whose phones are machines at the simulated carrier: they go ready, talk, and dispose like anybody else."""

import asyncio

from dialer.demo.sample_organisation import HEADLESS_PREFIX
from dialer.domain.ids import AttemptId, InboundId, SeatId, UserId
from dialer.processes.floor import Floor
from dialer.services.changes import DeskChanged
from dialer.services.heard_desk import HeardAnswer
from dialer.services.views.desk import DeskState, DeskView

WRAP_SECONDS = 1.0
READY_AGAIN_SECONDS = 2.0
CALLER_TALK_SECONDS = 5.0


async def seat_headless(floor: Floor) -> None:
    """Seat all of them; each works until the process ends."""
    named = [seat for said in floor.core.settings.exchanges for seat in said.headless_seats]
    for place, seat in enumerate(named, start=1):
        agent = _Headless(floor, UserId(f"{HEADLESS_PREFIX}{place}"), SeatId(seat))
        floor.keep(asyncio.create_task(agent.work()))


class _Headless:
    def __init__(self, floor: Floor, user: UserId, seat: SeatId) -> None:
        self._floor = floor
        self._user = user
        self._seat = seat

    async def work(self) -> None:
        desk = self._floor.desk
        await desk.sit_machine(self._user, self._seat)
        with self._floor.changes.watch(DeskChanged(self._user)) as changed:
            while True:
                view = await desk.view(self._user)
                await self._react(view)
                changed.clear()
                try:
                    await asyncio.wait_for(changed.wait(), READY_AGAIN_SECONDS)
                except TimeoutError:
                    continue

    async def _react(self, view: DeskView) -> None:
        desk = self._floor.desk
        if view.caller is not None:
            await self._with_caller(view.caller.inbound_id, view.state)
        elif view.state is DeskState.WRAPPING and view.call is not None:
            await asyncio.sleep(WRAP_SECONDS)
            await desk.dispose(self._user, _attempt(view), "handled", None)
        elif (heard := _asked(view)) is not None:
            await self._floor.heard.answer(self._user, _attempt(view), heard, HeardAnswer.CONFIRM)
        elif view.state is DeskState.OFFLINE:
            await desk.ready(self._user)

    async def _with_caller(self, inbound: str, state: DeskState) -> None:
        """Somebody rang us: a talk of some seconds, which the machine ends."""
        callers = self._floor.inbound_desk
        if state is DeskState.TALKING:
            await asyncio.sleep(CALLER_TALK_SECONDS)
            await callers.hang_up(self._user, InboundId(inbound))
        elif state is DeskState.WRAPPING:
            await asyncio.sleep(WRAP_SECONDS)
            await callers.dispose(self._user, InboundId(inbound), "handled")


def _asked(view: DeskView) -> str | None:
    """Words that the desk asks about: a machine believes its ears."""
    heard = None if view.call is None else view.call.heard
    prompts = () if heard is None else heard.prompts
    return next((p.id for p in prompts if HeardAnswer.CONFIRM in p.answers), None)


def _attempt(view: DeskView) -> AttemptId:
    assert view.call is not None
    return AttemptId(view.call.attempt_id)
