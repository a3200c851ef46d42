"""What was heard in the talks that are up or just over: captions and prompts, in memory, for desk and floor."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field, replace
from typing import Final

from dialer.domain.heard import HeardState
from dialer.domain.ids import AttemptId, SeatId
from dialer.ports.speech import Side, Standing
from dialer.services.views.desk import HeardLine, HeardPrompt, HeardView
from dialer.services.views.words import Sentence

TALKS_REMEMBERED_MAX: Final = 500
LINES_SHOWN_MAX: Final = 6
PROMPTS_MAX: Final = 20


@dataclass(slots=True)
class HeardTalk:
    """One talk. `seat_id`: the agent's seat, once there is one."""

    seat_id: SeatId | None = None
    is_over: bool = False
    is_refused: bool = False
    lines: deque[HeardLine] = field(default_factory=lambda: deque(maxlen=LINES_SHOWN_MAX))
    partial: HeardLine | None = None
    prompts: dict[str, HeardPrompt] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def add(self, line: HeardLine) -> None:
        """A caption: a partial one stands until the next."""
        if line.standing == Standing.PARTIAL:
            self.partial = line
        else:
            self.partial = None
            self.lines.append(line)

    def begin(self, kind: str) -> bool:
        """Whether something of that kind is to be asked; once a talk."""
        is_new = kind not in self.asked
        self.asked.add(kind)
        return is_new

    def ask(self, prompt: HeardPrompt) -> None:
        """Put something before the agent."""
        self.prompts[prompt.id] = prompt
        while len(self.prompts) > PROMPTS_MAX:
            del self.prompts[next(iter(self.prompts))]


class HeardTalks:
    """The newest talks."""

    def __init__(self) -> None:
        self._talks: OrderedDict[AttemptId, HeardTalk] = OrderedDict()

    def of(self, attempt_id: AttemptId) -> HeardTalk:
        """The talk, from now on remembered."""
        talk = self._talks.setdefault(attempt_id, HeardTalk())
        while len(self._talks) > TALKS_REMEMBERED_MAX:
            self._talks.popitem(last=False)
        return talk

    def up(self) -> tuple[tuple[AttemptId, HeardTalk], ...]:
        """Every talk that goes on."""
        return tuple((a, t) for a, t in self._talks.items() if not t.is_over)

    def over(self, attempt_id: AttemptId) -> None:
        """The callee has left."""
        if attempt_id in self._talks:
            self._talks[attempt_id].is_over = True

    def view(self, attempt_id: AttemptId, trouble: Sentence | None) -> HeardView | None:
        """The talk as the desk shows it; None: nothing listened to it."""
        talk = self._talks.get(attempt_id)
        if talk is None:
            return None
        lines = (*talk.lines, *((talk.partial,) if talk.partial is not None else ()))
        return HeardView(trouble, tuple(lines), tuple(talk.prompts.values()))

    def warning(self, attempt_id: AttemptId) -> Sentence | None:
        """What a supervisor is told: the newest words that the agent may not say, or that nobody answered yet."""
        talk = self._talks.get(attempt_id)
        prompts = [] if talk is None else list(talk.prompts.values())
        said = [p for p in prompts if p.by == Side.AGENT or p.state == HeardState.OPEN]
        return _told(said[-1]) if said else None

    def prompt(self, attempt_id: AttemptId, heard_id: str) -> HeardPrompt | None:
        """A prompt of that talk."""
        talk = self._talks.get(attempt_id)
        return None if talk is None else talk.prompts.get(heard_id)

    def settle(self, attempt_id: AttemptId, heard_id: str, state: HeardState) -> None:
        """A prompt is answered."""
        prompt = self.prompt(attempt_id, heard_id)
        if prompt is not None:
            self.of(attempt_id).prompts[heard_id] = replace(prompt, state=state, answers=())

    def refused(self, attempt_id: AttemptId) -> None:
        """The refusal is on the list: nothing is asked about it any more."""
        talk = self._talks.get(attempt_id)
        if talk is None:
            return
        talk.is_refused = True
        for heard_id, prompt in talk.prompts.items():
            if prompt.state == HeardState.OPEN:
                talk.prompts[heard_id] = replace(prompt, state=HeardState.CONFIRMED, answers=())


def _told(prompt: HeardPrompt) -> Sentence:
    """Who said something of which class."""
    zh, en = ("坐席说了", "Agent said") if prompt.by == Side.AGENT else ("对方说了", "Callee said")
    return Sentence(f"{zh}：{prompt.what.zh}", f"{en}: {prompt.what.en}")
