"""A shipped fake of the agent's answers to words that were heard, on top of `MemoryDesk`."""

from dataclasses import dataclass, replace

from dialer.domain.heard import HeardState
from dialer.domain.ids import AttemptId, UserId
from dialer.services.heard_desk import NOT_ASKED, HeardAnswer
from dialer.services.views.desk import DeskView
from dialer.services.views.words import Declined
from dialer.testing.rooms import MemoryDesk


@dataclass(frozen=True, slots=True)
class MemoryHeard:
    """`HeardService`: what `MemoryDesk.set_heard` put before the agent is answered once."""

    desk: MemoryDesk

    async def answer(
        self, user: UserId, attempt: AttemptId, heard_id: str, answer: HeardAnswer
    ) -> DeskView | Declined | None:
        """As the desk's own service."""
        call = (await self.desk.view(user)).call
        heard = None if call is None or call.attempt_id != attempt else call.heard
        prompt = None if heard is None else next((p for p in heard.prompts if p.id == heard_id), None)
        if heard is None or prompt is None:
            return None
        if answer not in prompt.answers:
            return NOT_ASKED
        state = {HeardAnswer.CONFIRM: HeardState.CONFIRMED, HeardAnswer.DISMISS: HeardState.DISMISSED}
        said = replace(prompt, answers=(), state=str(state.get(answer, HeardState.OPEN)))
        others = tuple(said if p.id == heard_id else p for p in heard.prompts)
        self.desk.set_heard(user, replace(heard, prompts=others))
        if answer is HeardAnswer.CONFIRM:
            await self.desk.refused(user, attempt)
        return await self.desk.view(user)
