"""Why a plan is what it is, in numbers, and as one sentence a supervisor reads, in Chinese and English."""

from dataclasses import dataclass
from typing import assert_never


@dataclass(frozen=True, slots=True)
class Placing:
    """Calls are placed and nothing held more back."""

    place: int
    ready: int
    ringing: int


@dataclass(frozen=True, slots=True)
class OneLineEach:
    """Every agent who is free has a line: this mode gives each exactly one."""

    ready: int
    ringing: int
    waiting: int


@dataclass(frozen=True, slots=True)
class NoReadyAgent:
    """Nobody is free and nobody is expected soon enough."""

    ringing: int
    busy: int


@dataclass(frozen=True, slots=True)
class NoTokens:
    """Not one abandoned call is left in today's allowance, so each free agent gets one line.

    tokens: what is left, < 1. answers_needed: live answers until one is left, ≥ 1.
    """

    ready: int
    ringing: int
    tokens: float
    answers_needed: int


@dataclass(frozen=True, slots=True)
class Tail:
    """One more call would risk too much. risk: abandoned calls to expect with it. tokens: how many are left today."""

    ready: int
    ringing: int
    risk: float
    tokens: float


@dataclass(frozen=True, slots=True)
class WorstCase:
    """Were every ringing call answered now, one more would not fit into today's allowance."""

    ready: int
    ringing: int
    waiting: int
    tokens: float


@dataclass(frozen=True, slots=True)
class NoLeads:
    """No lead can be called now."""

    ready: int


@dataclass(frozen=True, slots=True)
class Limited:
    """A bound from outside: `kind` is the `LimitKind`."""

    kind: str
    calls_left: int
    ready: int


@dataclass(frozen=True, slots=True)
class CapReached:
    """Today's share of abandoned calls reached the hard stop: no call of any kind."""

    abandoned: int
    live: int


@dataclass(frozen=True, slots=True)
class ShiftOver:
    """Dialling time is over."""


@dataclass(frozen=True, slots=True)
class DayNotStarted:
    """The pacer has not been told today's bounds."""


@dataclass(frozen=True, slots=True)
class ImpossibleFloor:
    """The floor's numbers contradict themselves: `fault` is the `FloorFault`."""

    fault: str


Why = (
    Placing
    | OneLineEach
    | NoReadyAgent
    | NoTokens
    | Tail
    | WorstCase
    | NoLeads
    | Limited
    | CapReached
    | ShiftOver
    | DayNotStarted
    | ImpossibleFloor
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """The same sentence in two languages."""

    zh: str
    en: str


_LIMITS = {
    "trunk": Sentence("中继线路", "the trunk"),
    "caller_id": Sentence("主叫号码", "the caller IDs"),
    "tick": Sentence("单次外呼上限", "the bound of one tick"),
}
_FAULTS = {
    "negative_count": Sentence("计数为负", "a count is negative"),
    "more_abandoned_than_live": Sentence("呼损数大于接通数", "more calls abandoned than answered"),
    "agent_twice": Sentence("同一坐席同时处于两种状态", "an agent is in two states at once"),
    "time_ahead": Sentence("有事件发生在当前时刻之后", "something happened after now"),
    "not_a_number": Sentence("时间不是有效数字", "a time is not a number"),
}


def sentence_of(why: Why) -> Sentence:
    """The reason as a sentence. Only numbers of the floor go in, nothing personal."""
    match why:
        case Placing(place, ready, ringing):
            return Sentence(
                f"正在外呼 {place} 个：{ready} 名坐席空闲，{ringing} 个呼叫振铃中",
                f"placing {_calls(place)}: {_agents(ready)} free, {ringing} ringing",
            )
        case OneLineEach() | NoReadyAgent() | NoTokens() | Tail() | WorstCase():
            return _of_agents(why)
        case NoLeads(ready):
            return Sentence(
                f"{ready} 名坐席空闲，当前没有可呼叫的线索",
                f"{_agents(ready)} free; no lead may be called now",
            )
        case Limited(kind, calls_left, ready):
            name = _LIMITS.get(kind, Sentence(kind, kind))
            return Sentence(
                f"{ready} 名坐席空闲，{name.zh}只允许再呼 {calls_left} 个",
                f"{_agents(ready)} free; {name.en} allow{_s(kind)} only {calls_left} more now",
            )
        case CapReached(abandoned, live):
            return Sentence(
                f"今日 {live} 个接通中已有 {abandoned} 个呼损，达到上限，停止外呼",
                f"{abandoned} of {live} live answers were abandoned today: the limit is reached, dialling has stopped",
            )
        case ShiftOver():
            return Sentence("今日外呼时段已结束", "dialling time is over for today")
        case DayNotStarted():
            return Sentence("今日任务尚未开始", "the campaign's day has not begun")
        case ImpossibleFloor(fault):
            name = _FAULTS.get(fault, Sentence(fault, fault))
            return Sentence(
                f"坐席现场数据自相矛盾（{name.zh}），不外呼",
                f"the floor contradicts itself ({name.en}): no call is placed",
            )
        case _:
            assert_never(why)


def _of_agents(why: OneLineEach | NoReadyAgent | NoTokens | Tail | WorstCase) -> Sentence:
    match why:
        case OneLineEach(ready, ringing, waiting):
            waiting_zh = f"，{waiting} 位客户等待接听" if waiting else ""
            waiting_en = f", {waiting} waiting to be taken" if waiting else ""
            return Sentence(
                f"{ready} 名坐席空闲，{ringing} 个呼叫振铃中{waiting_zh}：每名坐席一路，不多呼",
                f"{_calls(ringing)} ringing for {_agents(ready)}{waiting_en}: one line per agent, no more",
            )
        case NoReadyAgent(ringing, busy):
            return Sentence(
                f"没有空闲坐席（{busy} 名忙碌，{ringing} 个呼叫振铃中）",
                f"no agent is free ({busy} busy, {_calls(ringing)} ringing)",
            )
        case NoTokens(ready, ringing, tokens, answers_needed):
            return Sentence(
                f"{ready} 名坐席空闲，{ringing} 个呼叫振铃中；今日呼损余额 {tokens:.1f}，"
                f"再接通 {answers_needed} 个之前每名坐席一路",
                f"{_calls(ringing)} ringing for {_agents(ready)}; {tokens:.1f} abandons are left today, "
                f"so one line per agent until {_answers(answers_needed)} more",
            )
        case Tail(ready, ringing, risk, tokens):
            return Sentence(
                f"{ready} 名坐席空闲，{ringing} 个呼叫振铃中；再呼一个预计呼损 {risk:.1f}，今日余额 {tokens:.1f}",
                f"{_calls(ringing)} ringing for {_agents(ready)}; one more would risk {risk:.1f} abandons "
                f"and {tokens:.1f} are left today",
            )
        case WorstCase(ready, ringing, waiting, tokens):
            over = ringing + 1 + waiting - ready
            return Sentence(
                f"{ready} 名坐席空闲，{ringing} 个呼叫振铃中；若全部接通，再呼一个将呼损 {over}，"
                f"今日余额 {tokens:.1f}",
                f"{_calls(ringing)} ringing for {_agents(ready)}; were all answered, one more would abandon {over} "
                f"and {tokens:.1f} are left today",
            )
        case _:
            assert_never(why)


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _agents(count: int) -> str:
    return "1 agent" if count == 1 else f"{count} agents"


def _answers(count: int) -> str:
    return "1 answer" if count == 1 else f"{count} answers"


def _s(kind: str) -> str:
    return "" if kind == "caller_id" else "s"
