"""Scenarios as TOML text: a world, a mode with its cap, how many days. Strict: what is not known is refused by line.

Times of day are "HH:MM" on the shift's own clock. Takes text, reads no file.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import TypeVar

from dialer.domain.errors import DialerError
from dialer.pacing.compare import Method
from dialer.pacing.features import Promise
from dialer.pacing.why import Sentence
from dialer.pacing.world import (
    AgentsLeave,
    AnswerChange,
    Law,
    Leaving,
    ListPart,
    LiveCounts,
    Shape,
    World,
    WorldError,
)

DAYS_MAX = 1_000
TEXT_MAX = 200_000

Path = tuple[str | int, ...]
E = TypeVar("E", Method, Promise, Leaving, LiveCounts, Shape)


class ScenarioError(DialerError):
    """A scenario can't be read; nothing was simulated. `line` counts from 1, 0 where no line is to blame."""

    def __init__(self, line: int, sentence: Sentence) -> None:
        where = f"line {line}: " if line else ""
        super().__init__(where + sentence.en)
        self.line = line
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Scenario:
    """What to simulate. methods: the first is the campaign's own, the others are compared with it.

    start: when the shift begins, on its own clock.
    """

    name: str
    start: time
    world: World
    cap: float
    methods: tuple[Method, ...]
    days: int
    seed: int


_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\- ]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=")


def _lines_of(text: str) -> Mapping[Path, int]:
    """Where each table and key stands. Keys of inline tables stand where their table does."""
    where: dict[Path, int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            names = tuple(part.strip() for part in header.group(2).split("."))
            table = names
            if header.group(1) == "[[":
                index = counts.get(names, -1) + 1
                counts[names] = index
                table = (*names, index)
            where.setdefault(table, number)
        elif key := _KEY.match(line):
            where.setdefault((*table, key.group(1)), number)
    return where


class _Table:
    """One table of the text, read key by key; what nobody asked for is refused at the end."""

    def __init__(self, data: Mapping[str, object], path: Path, lines: Mapping[Path, int]) -> None:
        self._data, self._path, self._lines = data, path, lines
        self._asked: set[str] = set()

    def refuse(self, key: str, zh: str, en: str) -> ScenarioError:
        """The error at a key of this table."""
        path: Path = (*self._path, key)
        while path and path not in self._lines:
            path = path[:-1]
        return ScenarioError(self._lines.get(path, 0), Sentence(zh, en))

    def number(self, key: str, default: float | None = None) -> float:
        """A number, not a truth value."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.refuse(key, f"{key} 必须是数字", f"{key} must be a number")
        return float(value)

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refuse(key, f"{key} 必须是整数", f"{key} must be a whole number")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text of at most 200 characters."""
        value = self._take(key, default)
        if not isinstance(value, str) or len(value) > 200:
            raise self.refuse(key, f"{key} 必须是短文本", f"{key} must be a short text")
        return value

    def one_of(self, kind: type[E], key: str, default: E | None = None) -> E:
        """A member of a closed list."""
        value = self.text(key, None if default is None else default.value)
        try:
            return kind(value)
        except ValueError:
            known = ", ".join(member.value for member in kind)
            raise self.refuse(key, f"{key} 只能是：{known}", f"{key} is one of: {known}") from None

    def pair(self, key: str, default: tuple[float, float]) -> tuple[float, float]:
        """Two numbers."""
        value = self._take(key, list(default))
        if isinstance(value, list) and len(value) == 2 and all(type(x) in (int, float) for x in value):
            return float(value[0]), float(value[1])
        raise self.refuse(key, f"{key} 必须是两个数字", f"{key} must be two numbers")

    def table(self, key: str) -> "_Table":
        """A table under this one; an empty one where it is missing."""
        value = self._take(key, {})
        if not isinstance(value, dict):
            raise self.refuse(key, f"{key} 必须是表", f"{key} must be a table")
        return _Table(value, (*self._path, key), self._lines)

    def tables(self, key: str) -> "list[_Table]":
        """An array of tables; empty where it is missing."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(key, f"{key} 必须是表的数组", f"{key} must be an array of tables")
        return [_Table(item, (*self._path, key, i), self._lines) for i, item in enumerate(value)]

    def texts(self, key: str) -> list[str]:
        """An array of texts; empty where it is missing."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refuse(key, f"{key} 必须是文本数组", f"{key} must be an array of texts")
        return value

    def numbers(self, key: str) -> tuple[float, ...]:
        """An array of numbers; empty where it is missing."""
        value = self._take(key, [])
        if not isinstance(value, list) or not all(type(item) in (int, float) for item in value):
            raise self.refuse(key, f"{key} 必须是数字数组", f"{key} must be an array of numbers")
        return tuple(float(item) for item in value)

    def clock(self, key: str, start: time) -> float:
        """A time of day as seconds after `start`."""
        value = self.text(key)
        try:
            at = time.fromisoformat(value)
        except ValueError:
            raise self.refuse(key, f'{key} 的格式是 "HH:MM"', f'{key} is written "HH:MM"') from None
        seconds = (at.hour - start.hour) * 3600.0 + (at.minute - start.minute) * 60.0
        if seconds < 0:
            raise self.refuse(key, f"{key} 早于班次开始", f"{key} lies before the shift begins")
        return seconds

    def has(self, key: str) -> bool:
        """Whether the key is written down."""
        return key in self._data

    def done(self) -> None:
        """Refuse what nobody asked for. Raises: ScenarioError with its line."""
        for key in self._data:
            if key not in self._asked:
                known = ", ".join(sorted(self._asked))
                raise self.refuse(
                    key, f"不认识的键 {key}（可用：{known}）", f"unknown key {key} (known: {known})"
                )

    def _take(self, key: str, default: object) -> object:
        self._asked.add(key)
        value = self._data.get(key, default)
        if value is None:
            raise self.refuse(key, f"缺少 {key}", f"{key} is missing")
        return value


def parse_scenario(text: str) -> Scenario:
    """A scenario from TOML text. Raises: ScenarioError, with the line where there is one; nothing is guessed."""
    if len(text) > TEXT_MAX:
        raise ScenarioError(0, Sentence("场景文件过大", f"a scenario has at most {TEXT_MAX} characters"))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        number = int(line.group(1)) if line else len(text.splitlines())
        raise ScenarioError(number, Sentence("不是有效的 TOML", f"not valid TOML: {error}")) from None
    root = _Table(data, (), _lines_of(text))
    name = root.text("name")
    days, seed = root.whole("days", 20), root.whole("seed", 1)
    if not 1 <= days <= DAYS_MAX:
        raise root.refuse("days", f"days 必须在 1 到 {DAYS_MAX} 之间", f"days lies between 1 and {DAYS_MAX}")
    if seed < 0:
        raise root.refuse("seed", "seed 不能为负", "seed can't be negative")
    methods, cap = _pacing(root.table("pacing"))
    start = _start(root.table("shift"))
    world = _world(root, start)
    root.done()
    return Scenario(name, start, world, cap, methods, days, seed)


_LEAVE = re.compile(r"^(\d{1,4})@(\d{2}:\d{2})$")


def parse_leave(text: str, start: time) -> AgentsLeave:
    """“2@15:00”: two agents go home after the call that they are in at 15:00. Raises: ScenarioError."""
    found = _LEAVE.match(text)
    try:
        at = time.fromisoformat(found.group(2)) if found else None
    except ValueError:
        at = None
    if found is None or at is None:
        raise ScenarioError(0, Sentence("离开的写法是 2@15:00", "who leaves when is written 2@15:00"))
    seconds = (at.hour - start.hour) * 3600.0 + (at.minute - start.minute) * 60.0
    if seconds < 0:
        raise ScenarioError(0, Sentence(f"{text} 早于班次开始", f"{text} lies before the shift begins"))
    return AgentsLeave(seconds, int(found.group(1)))


def _pacing(table: _Table) -> tuple[tuple[Method, ...], float]:
    own = table.one_of(Method, "mode")
    cap = table.number("cap", 0.01)
    if not 0.0 <= cap < 1.0:
        raise table.refuse("cap", "cap 是 0 到 1 之间的比例", "cap is a share, at least 0 and under 1")
    methods = [own]
    for word in table.texts("compare"):
        try:
            method = Method(word)
        except ValueError:
            known = ", ".join(member.value for member in Method)
            raise table.refuse(
                "compare", f"compare 只能包含：{known}", f"compare may hold: {known}"
            ) from None
        if method not in methods:
            methods.append(method)
    table.done()
    return tuple(methods), cap


def _start(shift: _Table) -> time:
    if not shift.has("start"):
        return time(9, 0)
    after_midnight = shift.clock("start", time.min)
    return time(int(after_midnight // 3600), int(after_midnight % 3600 // 60))


def _world(root: _Table, start: time) -> World:
    shift, agents, calls, leads = (root.table(key) for key in ("shift", "agents", "calls", "list"))
    plain = World(agents=0, shift_seconds=1.0, parts=(ListPart(1.0, 0.0),))
    shift.text("start", "09:00")
    try:
        world = World(
            agents=agents.whole("count"),
            shift_seconds=shift.number("hours") * 3600.0,
            parts=tuple(_part(part) for part in leads.tables("part")),
            leads=leads.whole("leads", plain.leads),
            ring=_law(calls, "ring", plain.ring),
            machine_ring=_law(calls, "machine_ring", plain.machine_ring),
            talk=_law(calls, "talk", plain.talk),
            wrap=_law(calls, "wrap", plain.wrap),
            set_up_seconds=calls.pair("set_up_seconds", plain.set_up_seconds),
            ring_max_seconds=calls.number("ring_max_seconds", plain.ring_max_seconds),
            ring_min_seconds=calls.number("ring_min_seconds", plain.ring_min_seconds),
            patience_seconds=calls.number("patience_seconds", plain.patience_seconds),
            fail_share=calls.number("fail_share", plain.fail_share),
            busy_share=calls.number("busy_share", plain.busy_share),
            pause_share=agents.number("pause_share", plain.pause_share),
            pause_seconds=agents.number("pause_seconds", plain.pause_seconds),
            login_seconds=agents.number("login_seconds", plain.login_seconds),
            tick_seconds=shift.number("tick_seconds", plain.tick_seconds),
            live_counts=calls.one_of(LiveCounts, "live_counts", plain.live_counts),
            changes=tuple(_change(change, start) for change in leads.tables("change")),
            leaves=tuple(_leave(leave, start) for leave in agents.tables("leave")),
            start_hour=start.hour,
        )
    except WorldError as error:
        raise ScenarioError(0, Sentence(f"场景不成立：{error}", str(error))) from None
    for table in (shift, agents, calls, leads):
        table.done()
    return world


def _law(calls: _Table, key: str, default: Law) -> Law:
    if not calls.has(key):
        calls.table(key)
        return default
    table = calls.table(key)
    shape = table.one_of(Shape, "law")
    try:
        if shape is Shape.SAMPLES:
            law = Law(shape, samples=table.numbers("seconds"))
        else:
            law = Law(shape, table.number("mean_seconds"), table.number("cv", 1.0))
    except WorldError as error:
        raise calls.refuse(key, f"{key} 不成立：{error}", f"{key}: {error}") from None
    table.done()
    return law


def _part(table: _Table) -> ListPart:
    part = ListPart(
        share=table.number("share", 1.0),
        answer_share=table.number("answer_share"),
        machine_share=table.number("machine_share", 0.0),
        list_key=table.text("key", "list"),
        request_age_hours=table.number("request_age_hours", float("inf")),
        promise=table.one_of(Promise, "promise", Promise.NONE),
        attempts=table.whole("attempts", 0),
    )
    table.done()
    return part


def _change(table: _Table, start: time) -> AnswerChange:
    change = AnswerChange(table.clock("at", start), table.number("factor"))
    table.done()
    return change


def _leave(table: _Table, start: time) -> AgentsLeave:
    leave = AgentsLeave(
        table.clock("at", start), table.whole("count"), table.one_of(Leaving, "how", Leaving.AFTER_CALL)
    )
    table.done()
    return leave
