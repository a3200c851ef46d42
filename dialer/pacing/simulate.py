"""One campaign's day on a virtual clock: the real pacer in a drawn world, thousands of times faster than a day.

A tick asks the pacer; between ticks the world happens. Deterministic for a world, a pacer and a seeded generator;
fates of leads are drawn in list order, so two methods of pacing meet the same callees.
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import count

import numpy as np

from dialer.pacing.features import LeadFeatures
from dialer.pacing.floor import AgentId, AgentState, CallId, EndKind, Floor
from dialer.pacing.pacer import Pacer
from dialer.pacing.result import DayResult
from dialer.pacing.rivals import Seer
from dialer.pacing.world import (
    BUSY_SECONDS,
    FAIL_SECONDS,
    FATES_A_BLOCK,
    Leaving,
    LiveCounts,
    World,
    draw_fates,
)

AHEAD_LEADS = 64
"""How many of the next leads a pacer may look at."""


class _Event(IntEnum):
    LOGIN = 0
    ENDED = 1
    ANSWER = 2
    PATIENCE = 3
    TALK_END = 4
    WRAP_END = 5
    PAUSE_END = 6
    LEAVE = 7


@dataclass(slots=True)
class _Call:
    lead: int
    talk: float
    wrap: float
    pauses: bool


class Day:
    """The state of one simulated day. `run` it once."""

    def __init__(self, world: World, pacer: Pacer, cap: float, rng: np.random.Generator) -> None:
        self.world, self.pacer, self.cap = world, pacer, cap
        self._fates_rng = np.random.default_rng(rng.integers(2**63))
        self.now = 0.0
        self.ready: dict[AgentId, float] = {}
        self.talking: dict[AgentId, float] = {}
        self.wrapping: dict[AgentId, float] = {}
        self.ringing: dict[CallId, float] = {}
        self.free_at: dict[AgentId, float] = {}
        """When each busy agent will be ready again: only a clairvoyant may look."""
        self._calls: dict[CallId, _Call] = {}
        self._on: dict[AgentId, CallId] = {}
        self._waiting: deque[CallId] = deque()
        self._heap: list[tuple[float, int, _Event, str, EndKind]] = []
        self._order = count()
        self._untold = 0
        self._asked: set[AgentId] = set()
        self._gone: set[AgentId] = set()
        self.live = self.abandoned = self.dials = 0
        self._busy = self._idle = 0.0
        self._excess_max = 0.0
        self._finished: float | None = None
        self._reasons: dict[str, float] = {}
        self._next_lead = 0
        self._block = draw_fates(world, self._fates_rng)
        self._features = [part.features(world.start_hour) for part in world.parts]
        self._hour = world.start_hour

    def run(self, progress: Callable[[float], None] | None = None) -> DayResult:
        """The whole shift, and after it until the last conversation ends. `progress` hears the share done, 0–1."""
        world = self.world
        for i in range(world.agents):
            self._away(AgentId(f"a{i}"), world.login_seconds * i / world.agents, _Event.LOGIN)
        for i, leave in enumerate(world.leaves):
            self._at(leave.at_seconds, _Event.LEAVE, str(i))
        if isinstance(self.pacer, Seer):
            self.pacer.foresee(self)
        self.pacer.day_started(
            self.cap, world.patience_seconds, world.ring_max_seconds, world.shift_seconds, 0.0
        )
        ticks = int(world.shift_seconds / world.tick_seconds)
        for tick in range(ticks):
            now = tick * world.tick_seconds
            self._until(now)
            self.now = now
            self._tick(now)
            if progress is not None and tick % 1000 == 0:
                progress(tick / ticks)
        self._until(world.shift_seconds)
        for since in self.ready.values():
            self._idle += max(0.0, world.shift_seconds - since)
        self.ready = dict.fromkeys(self.ready, world.shift_seconds)
        self._until(float("inf"))
        return self._result()

    def fate(self, ahead: int) -> float | None:
        """See `Foresight`."""
        lead = self._next_lead + ahead
        if lead // FATES_A_BLOCK != self._next_lead // FATES_A_BLOCK:
            return None
        kind, after = self._outcome(lead % FATES_A_BLOCK)
        return after if kind is None else None

    def leads_known(self) -> int:
        """See `Foresight`."""
        return min(FATES_A_BLOCK - self._next_lead % FATES_A_BLOCK, self.world.leads - self._next_lead)

    def floor(self, now: float) -> Floor:
        """The floor as the pacer sees it; its mappings are live, so it must not be kept."""
        start = self._next_lead % FATES_A_BLOCK
        ahead: tuple[LeadFeatures, ...] = ()
        if len(self._features) > 1:
            ahead = tuple(self._features[part] for part in self._block.part[start : start + AHEAD_LEADS])
        asked = self._asked
        return Floor(
            self.ready,
            _without(self.talking, asked) if asked else self.talking,
            _without(self.wrapping, asked) if asked else self.wrapping,
            self.ringing,
            len(self._waiting),
            self.live,
            self.abandoned,
            self.world.leads - self._next_lead,
            self.world.shift_seconds - now,
            (),
            ahead,
        )

    def _at(self, when: float, event: _Event, key: str, kind: EndKind = EndKind.FAIL) -> None:
        heapq.heappush(self._heap, (when, next(self._order), event, key, kind))

    def _away(self, agent: AgentId, until: float, event: _Event) -> None:
        self.free_at[agent] = until
        self._at(until, event, agent)

    def _until(self, now: float) -> None:
        heap = self._heap
        while heap and heap[0][0] <= now:
            when, _, event, key, kind = heapq.heappop(heap)
            self.now = when
            self._happen(when, event, key, kind)

    def _tick(self, now: float) -> None:
        hour = (self.world.start_hour + int(now // 3600)) % 24
        if hour != self._hour:
            self._hour = hour
            self._features = [part.features(hour) for part in self.world.parts]
        self._let_go(now)
        plan = self.pacer.plan(now, self.floor(now))
        for call in plan.cancel:
            if call in self.ringing:
                self._end(call, EndKind.CANCELLED, now)
        for _ in range(min(plan.place, self.world.leads - self._next_lead)):
            self._place(now)
        reason = type(plan.why).__name__
        self._reasons[reason] = self._reasons.get(reason, 0.0) + len(self.ready) * self.world.tick_seconds

    def _let_go(self, now: float) -> None:
        """Ready agents who want to leave go as far as the pacer can spare them."""
        going = [agent for agent in self.ready if agent in self._asked]
        going += [agent for agent in self.ready if agent not in self._asked][: self._untold]
        for agent in going:
            if not self.pacer.may_pause(self.floor(now)):
                return
            self._untold -= agent not in self._asked
            self._leave(agent, now)

    def _place(self, now: float) -> None:
        index = self._next_lead % FATES_A_BLOCK
        block = self._block
        call = CallId(f"c{self._next_lead}")
        kind, after = self._outcome(index)
        pauses = block.pause[index] < self.world.pause_share
        self._calls[call] = _Call(self._next_lead, block.talk[index], block.wrap[index], pauses)
        self.ringing[call] = now
        self.dials += 1
        features = self._features[block.part[index]]
        self._next_lead += 1
        if self._next_lead % FATES_A_BLOCK == 0:
            self._block = draw_fates(self.world, self._fates_rng)
        if kind is None:
            self._at(now + after, _Event.ANSWER, call)
        else:
            self._at(now + after, _Event.ENDED, call, kind)
        self.pacer.placed(call, now, features)

    def _outcome(self, index: int) -> tuple[EndKind | None, float]:
        """How the lead's call ends if placed now (None: answered by a person), and after how many seconds."""
        world, block = self.world, self._block
        part = world.parts[block.part[index]]
        answer = part.answer_share
        for change in world.changes:
            if self.now >= change.at_seconds:
                answer = part.answer_share * change.factor
        u, short = block.outcome[index], block.short[index]
        if u < world.fail_share:
            return EndKind.FAIL, FAIL_SECONDS[0] + short * (FAIL_SECONDS[1] - FAIL_SECONDS[0])
        u -= world.fail_share
        if u < world.busy_share:
            return EndKind.FAIL, BUSY_SECONDS[0] + short * (BUSY_SECONDS[1] - BUSY_SECONDS[0])
        u -= world.busy_share
        if u < answer:
            after = block.set_up[index] + block.ring[index]
            if after < world.ring_max_seconds:
                return None, after
        elif block.outcome[index] >= 1.0 - part.machine_share:
            after = block.set_up[index] + block.machine_ring[index]
            if after < world.ring_max_seconds:
                return EndKind.MACHINE, after
        return EndKind.NO_ANSWER, min(world.ring_max_seconds, block.unanswered_ring[index])

    def _happen(self, now: float, event: _Event, key: str, kind: EndKind) -> None:
        if event is _Event.ENDED:
            if key in self.ringing:
                self._end(CallId(key), kind, now)
        elif event is _Event.ANSWER:
            if key in self.ringing:
                self._answer(CallId(key), now)
        elif event is _Event.PATIENCE:
            if key in self._waiting:
                self._abandon(CallId(key), now)
        elif event is _Event.TALK_END:
            self._talk_end(AgentId(key), now)
        elif event is _Event.WRAP_END:
            self._wrap_end(AgentId(key), now)
        elif event is _Event.LEAVE:
            self._agents_leave(int(key), now)
        elif AgentId(key) not in self._gone:
            del self.free_at[AgentId(key)]
            self.pacer.agent_changed(AgentId(key), AgentState.READY, now)
            self._free(AgentId(key), now)

    def _end(self, call: CallId, kind: EndKind, now: float) -> None:
        del self.ringing[call]
        del self._calls[call]
        self.pacer.ended(call, kind, now)
        self._note_finish(now)

    def _answer(self, call: CallId, now: float) -> None:
        del self.ringing[call]
        self.pacer.answered(call, now)
        if self.world.live_counts is LiveCounts.ANSWERED:
            self.live += 1
        if self.ready:
            self._connect(call, next(iter(self.ready)), now)
        else:
            self._waiting.append(call)
            self._at(now + self.world.patience_seconds, _Event.PATIENCE, call)

    def _connect(self, call: CallId, agent: AgentId, now: float) -> None:
        since = self.ready.pop(agent, now)
        self._idle += max(0.0, min(now, self.world.shift_seconds) - since)
        self.talking[agent] = now
        self._on[agent] = call
        self.pacer.connected(call, agent, now)
        fate = self._calls[call]
        pause = self.world.pause_seconds if fate.pauses else 0.0
        self.free_at[agent] = now + fate.talk + fate.wrap + pause
        self._at(now + fate.talk, _Event.TALK_END, agent)

    def _abandon(self, call: CallId, now: float) -> None:
        self._waiting.remove(call)
        del self._calls[call]
        self.abandoned += 1
        if self.world.live_counts is LiveCounts.DISPOSED:
            self.live += 1
        self._excess_max = max(self._excess_max, self.abandoned - self.cap * self.live)
        self.pacer.abandoned(call, now)
        self._note_finish(now)

    def _talk_end(self, agent: AgentId, now: float) -> None:
        if agent in self._gone:
            return
        self._spend(self.talking.pop(agent), now)
        self.wrapping[agent] = now
        self.pacer.talk_ended(agent, now)
        self._at(now + self._calls[self._on[agent]].wrap, _Event.WRAP_END, agent)

    def _wrap_end(self, agent: AgentId, now: float) -> None:
        if agent in self._gone:
            return
        self._spend(self.wrapping.pop(agent), now)
        del self.free_at[agent]
        fate = self._calls.pop(self._on.pop(agent))
        if self.world.live_counts is LiveCounts.DISPOSED:
            self.live += 1
        self.pacer.wrap_ended(agent, now)
        self._note_finish(now)
        if fate.pauses and not self._untold and agent not in self._asked:
            self.pacer.agent_changed(agent, AgentState.PAUSED, now)
            self._away(agent, now + self.world.pause_seconds, _Event.PAUSE_END)
        else:
            self._free(agent, now)

    def _free(self, agent: AgentId, now: float) -> None:
        if agent in self._asked or self._untold:
            self._untold -= agent not in self._asked
            self._leave(agent, now)
        elif self._waiting:
            self._connect(self._waiting.popleft(), agent, now)
        else:
            self.ready[agent] = now

    def _agents_leave(self, index: int, now: float) -> None:
        leave = self.world.leaves[index]
        if leave.how is Leaving.UNTOLD:
            self._untold += leave.count
            return
        there = [a for a in (*self.ready, *self.talking, *self.wrapping) if a not in self._asked]
        if leave.how is Leaving.AFTER_CALL:
            self._asked.update(there[: leave.count])
            return
        for agent in there[: leave.count]:
            if agent not in self.ready:
                # Cut in mid-call: the callee was live and had an agent.
                since = self.talking.pop(agent) if agent in self.talking else self.wrapping.pop(agent)
                self._spend(since, now)
                del self._calls[self._on.pop(agent)], self.free_at[agent]
                if self.world.live_counts is LiveCounts.DISPOSED:
                    self.live += 1
            self._leave(agent, now)

    def _leave(self, agent: AgentId, now: float) -> None:
        if agent in self.ready:
            self._idle += max(0.0, min(now, self.world.shift_seconds) - self.ready.pop(agent))
        self._gone.add(agent)
        self._asked.discard(agent)
        self.pacer.agent_changed(agent, AgentState.GONE, now)

    def _spend(self, since: float, now: float) -> None:
        end = self.world.shift_seconds
        self._busy += max(0.0, min(now, end) - min(since, end))

    def _note_finish(self, now: float) -> None:
        if self._finished is None and self._next_lead >= self.world.leads and not self._calls:
            self._finished = now

    def _result(self) -> DayResult:
        staffed = self._busy + self._idle
        return DayResult(
            utilisation=self._busy / staffed if staffed > 0 else 0.0,
            busy_seconds=self._busy,
            ready_seconds=self._idle,
            dials=self.dials,
            live=self.live,
            abandoned=self.abandoned,
            excess_max=self._excess_max,
            excess_end=self.abandoned - self.cap * self.live,
            finished_seconds=self._finished,
            idle_seconds=dict(self._reasons),
        )


def _without(since: dict[AgentId, float], asked: set[AgentId]) -> dict[AgentId, float]:
    return {agent: when for agent, when in since.items() if agent not in asked}


def simulate_day(world: World, pacer: Pacer, cap: float, rng: np.random.Generator) -> DayResult:
    """One day of `world` under `pacer`. The generator's state alone decides the fates."""
    return Day(world, pacer, cap, rng).run()
