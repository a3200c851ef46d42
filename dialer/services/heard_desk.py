"""What an agent answers to words that were heard: one key confirms, one dismisses, one says that they were seen."""

from enum import StrEnum
from typing import Final

from dialer.domain.ids import AttemptId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.services.agent_desk import AgentDesk
from dialer.services.spoken_words import SpokenWords
from dialer.services.views.desk import DeskView
from dialer.services.views.words import Declined, Sentence


class HeardAnswer(StrEnum):
    """CONFIRM: it was said, and it is a refusal. DISMISS: it was not said. SEEN: read, a reviewer decides."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    SEEN = "seen"


NOT_ASKED: Final = Declined(
    "heard.not_asked", Sentence("这句话现在不需要您答复。", "Nothing is asked about these words now.")
)


class HeardDesk:
    """`HeardService`."""

    def __init__(self, spoken: SpokenWords, desk: AgentDesk) -> None:
        self._spoken = spoken
        self._desk = desk

    async def answer(
        self, user: UserId, attempt: AttemptId, heard_id: str, answer: HeardAnswer
    ) -> DeskView | Declined | None:
        """The agent's word on a prompt of the call at hand. None: not this agent's call, or no such prompt."""
        prompt = self._spoken.prompt(attempt, heard_id)
        view = await self._desk.view(user)
        if prompt is None or view.call is None or view.call.attempt_id != attempt:
            return None
        if answer not in prompt.answers:
            return NOT_ASKED
        match answer:
            case HeardAnswer.CONFIRM:
                done = await self._desk.refused(user, attempt)
                if done is None or isinstance(done, Declined):
                    return done
            case HeardAnswer.DISMISS:
                await self._spoken.dismiss(attempt, heard_id, Actor(ActorKind.USER, user))
            case HeardAnswer.SEEN:
                self._spoken.seen(attempt, heard_id)
        return await self._desk.view(user)
