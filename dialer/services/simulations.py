"""Simulations that supervisors ask for, and the forecast beside each campaign. Days run beside this process, one job at
a time over the whole node, so that neither the loop nor a call feels them.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Final, Protocol

import structlog

from dialer.domain.campaign import PacingMode
from dialer.domain.ids import CampaignId, OrganisationId
from dialer.pacing.compare import DayOrder, Method
from dialer.pacing.history import History, lived_through
from dialer.pacing.result import DayResult
from dialer.pacing.scenario import Scenario, ScenarioError, parse_scenario
from dialer.pacing.world import AgentsLeave, Law, ListPart, Shape, World, WorldError
from dialer.services.comparison import PPM, Question, comparison_of
from dialer.services.views.simulation import (
    ComparisonView,
    ForecastState,
    ForecastView,
    RunState,
    SimulationView,
)
from dialer.services.views.words import Declined, Sentence

_log = structlog.get_logger()

KEPT_A_ORGANISATION: Final = 8
WAITING_A_ORGANISATION: Final = 3
WORK_MAX: Final = 500.0
"""Simulated hours of our own methods, each as heavy as its agents: some ten minutes on one core."""
LIGHT: Final = 0.05
"""What an hour of a method costs that looks at nothing but counts, beside one of ours."""
FORECAST_DAYS: Final = 3
FORECAST_SECONDS: Final = 2 * 3600.0
FORECASTS_KEPT: Final = 64
FORECAST_CALLS_STEP: Final = 200
"""A forecast is made anew when so many calls more are known."""
METHOD_OF: Final = {
    PacingMode.PROGRESSIVE: Method.PROGRESSIVE,
    PacingMode.PREDICTIVE: Method.PREDICTIVE,
    PacingMode.PREDICTIVE_PROVABLE: Method.PREDICTIVE_PROVABLE,
}
_HEAVY: Final = frozenset({Method.PREDICTIVE, Method.PREDICTIVE_PROVABLE})


class DayRunner(Protocol):
    """Runs days somewhere else."""

    async def run(self, orders: Sequence[DayOrder], done: Callable[[int], None]) -> tuple[DayResult, ...]:
        """All of them, in their order; `done` hears how many are ready."""
        ...


@dataclass(frozen=True, slots=True)
class CampaignSetUp:
    """A campaign as it is set. agents: assigned to it. cap: the share that will hold, `cap_max` (the strictest pack's) at most."""

    name: Sentence
    mode: PacingMode
    cap: float
    agents: int
    patience_seconds: float
    ring_seconds_max: float
    cap_max: float


@dataclass(frozen=True, slots=True)
class Wish:
    """What a supervisor thinks of changing in a campaign; None: as it is set. cap: a share of live answers."""

    mode: PacingMode | None = None
    cap: float | None = None
    agents: int | None = None


AS_SET: Final = Wish()


class Histories(Protocol):
    """What storage knows of a campaign. None: there is no such campaign in that organisation."""

    async def history(self, org: OrganisationId | None, campaign: CampaignId) -> History | None: ...

    async def set_up(self, org: OrganisationId, campaign: CampaignId) -> CampaignSetUp | None: ...


@dataclass(frozen=True, slots=True)
class Leave:
    """So many agents go home after so many minutes of the shift."""

    count: int
    after_minutes: int


@dataclass(frozen=True, slots=True)
class Form:
    """A simulation put together on the page. Bounds are the API's.

    campaign: whose history and limits are taken, None: textbook laws. cap_ppm: per million live answers. leads: None =
    more than can be called. answer_ppm, talk_seconds, wrap_seconds: used where there is no history.
    """

    campaign: CampaignId | None
    agents: int
    shift_minutes: int
    cap_ppm: int
    methods: tuple[Method, ...]
    days: int
    leads: int | None
    leaves: tuple[Leave, ...]
    answer_ppm: int
    talk_seconds: float
    wrap_seconds: float


@dataclass(frozen=True, slots=True)
class Text:
    """A scenario file's own text."""

    scenario: str


@dataclass(slots=True)
class _Run:
    id: str
    state: RunState
    history_calls: int | None
    orders: int
    ready: int = 0
    comparison: ComparisonView | None = None
    task: "asyncio.Task[None] | None" = None

    def view(self) -> SimulationView:
        done = round(PPM * self.ready / max(1, self.orders))
        return SimulationView(self.id, self.state, done, self.history_calls, self.comparison)


def _not(code: str, zh: str, en: str) -> Declined:
    return Declined(code, Sentence(zh, en))


_TOO_MANY: Final = _not(
    "simulation.too_many",
    "前面还有模拟在排队，请等它们完成。",
    "Simulations of yours still wait; let them finish first.",
)
_TOO_LONG: Final = _not(
    "simulation.too_long",
    "模拟的时间太长：请减少天数、时长或方法。",
    "That is too much to simulate here: fewer days, shorter shifts or fewer methods, or the command line.",
)


_PREVIEW: Final = ForecastView(
    ForecastState.NONE,
    agents=0,
    from_history=False,
    utilisation_ppm=0,
    abandoned_ppm=0,
    sentence=Sentence(
        "预览模式由坐席决定何时拨打，没有预测。",
        "In preview the agents decide when to dial: nothing to forecast.",
    ),
)
_NOBODY: Final = replace(
    _PREVIEW,
    sentence=Sentence("还没有选择坐席，没有预测。", "No agents are chosen yet: nothing to forecast."),
)
_RECKONING: Final = replace(
    _PREVIEW,
    state=ForecastState.RECKONING,
    sentence=Sentence("正在推算，请稍候。", "The forecast is being reckoned; it is here in a moment."),
)


@dataclass(slots=True)
class Simulations:
    """`SimulationService`. staffed: agents at the floor of a campaign now."""

    runner: DayRunner
    histories: Histories
    staffed: Callable[[CampaignId], int]
    _runs: dict[OrganisationId, OrderedDict[str, _Run]] = field(default_factory=dict)
    _forecasts: OrderedDict[tuple[CampaignId, object], ForecastView] = field(default_factory=OrderedDict)
    _as_set: dict[CampaignId, ForecastView] = field(default_factory=dict)
    _reckoning: dict[CampaignId, "asyncio.Task[None]"] = field(default_factory=dict)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, org: OrganisationId, order: Form | Text) -> SimulationView | Declined | None:
        """Begin a simulation, or say why not; None: no such campaign."""
        runs = self._runs.setdefault(org, OrderedDict())
        if (
            sum(run.state in (RunState.WAITING, RunState.RUNNING) for run in runs.values())
            >= WAITING_A_ORGANISATION
        ):
            return _TOO_MANY
        calls: int | None = None
        try:
            if isinstance(order, Text):
                question = Question(parse_scenario(order.scenario))
            else:
                made = await self._of_form(org, order)
                if made is None:
                    return None
                question, calls = made
        except ScenarioError as wrong:
            where = f"第 {wrong.line} 行：" if wrong.line else ""
            return _not("simulation.scenario", where + wrong.sentence.zh, str(wrong))
        except WorldError as wrong:
            return _not("simulation.impossible", f"场景不成立：{wrong}", str(wrong))
        if _work(question.scenario) > WORK_MAX:
            return _TOO_LONG
        plain, changed = question.orders()
        run = _Run(secrets.token_hex(8), RunState.WAITING, calls, len(plain) + len(changed))
        runs[run.id] = run
        while len(runs) > KEPT_A_ORGANISATION:
            _, oldest = runs.popitem(last=False)
            if oldest.task is not None:
                oldest.task.cancel()
        run.task = asyncio.create_task(self._live(run, question))
        return run.view()

    async def view(self, org: OrganisationId, simulation: str) -> SimulationView | None:
        """How far it is, and what came of it."""
        run = self._run(org, simulation)
        return None if run is None else run.view()

    async def cancel(self, org: OrganisationId, simulation: str) -> SimulationView | None:
        """No further day begins."""
        run = self._run(org, simulation)
        if run is None:
            return None
        if run.task is not None:
            run.task.cancel()
        if run.state in (RunState.WAITING, RunState.RUNNING):
            run.state = RunState.CANCELLED
        return run.view()

    async def forecast(
        self, org: OrganisationId, campaign: CampaignId, wish: Wish = AS_SET
    ) -> ForecastView | None:
        """What the campaign would bring, as it is set or with a wish, from its own history where there is enough of it."""
        found = await self.histories.set_up(org, campaign)
        if found is None:
            return None
        cap = found.cap if wish.cap is None else min(wish.cap, found.cap_max)
        set_up = replace(found, mode=wish.mode or found.mode, cap=cap)
        if set_up.mode not in METHOD_OF:
            return _PREVIEW
        agents = (self.staffed(campaign) or set_up.agents) if wish.agents is None else wish.agents
        if agents == 0:
            return _NOBODY
        history = await self.histories.history(org, campaign)
        known = 0 if history is None else history.calls
        key = (agents, set_up, known // FORECAST_CALLS_STEP)
        made = self._forecasts.get((campaign, key))
        if made is not None:
            if wish == AS_SET:
                self._as_set[campaign] = made
            return made
        if campaign not in self._reckoning:
            task = asyncio.create_task(self._reckon(campaign, key, agents, set_up, history))
            self._reckoning[campaign] = task
            task.add_done_callback(lambda _: self._reckoning.pop(campaign, None))
        # a forecast of some calls ago is better than none; one of another wish would be wrong
        return self._as_set.get(campaign, _RECKONING) if wish == AS_SET else _RECKONING

    async def close(self) -> None:
        """End what is under way."""
        tasks = [run.task for runs in self._runs.values() for run in runs.values() if run.task is not None]
        tasks += self._reckoning.values()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -------------------------------------------------------------- inside

    def _run(self, org: OrganisationId, simulation: str) -> _Run | None:
        runs = self._runs.get(org)
        return None if runs is None else runs.get(simulation)

    async def _of_form(self, org: OrganisationId, form: Form) -> tuple[Question, int | None] | None:
        world = World(
            agents=form.agents,
            shift_seconds=form.shift_minutes * 60.0,
            parts=(ListPart(1.0, form.answer_ppm / PPM),),
            talk=Law(Shape.LOGNORMAL, form.talk_seconds, 0.9),
            wrap=Law(Shape.LOGNORMAL, form.wrap_seconds, 0.6),
        )
        if form.leads is not None:
            world = replace(world, leads=form.leads)
        name, calls = "", None
        if form.campaign is not None:
            set_up = await self.histories.set_up(org, form.campaign)
            history = await self.histories.history(org, form.campaign)
            if set_up is None or history is None:
                return None
            name = set_up.name.en
            world, calls = lived_through(history, _bounded(world, set_up)), history.calls
        what_if = tuple(AgentsLeave(leave.after_minutes * 60.0, leave.count) for leave in form.leaves)
        scenario = Scenario(name, time(9, 0), world, form.cap_ppm / PPM, form.methods, form.days, seed=1)
        return Question(scenario, what_if), calls

    async def _live(self, run: _Run, question: Question) -> None:
        def heard(ready: int) -> None:
            run.ready = ready

        plain, changed = question.orders()
        try:
            async with self._one_at_a_time:
                run.state = RunState.RUNNING
                results = await self.runner.run(plain + changed, heard)
            run.comparison = comparison_of(question, results)
            run.state = RunState.DONE
        except asyncio.CancelledError:
            run.state = RunState.CANCELLED
            raise
        except BrokenExecutor:
            _log.warning("simulation.broken", simulation=run.id)
            run.state = RunState.FAILED

    async def _reckon(
        self, campaign: CampaignId, key: object, agents: int, set_up: CampaignSetUp, history: History | None
    ) -> None:
        world = _bounded(World(agents, FORECAST_SECONDS, (ListPart(1.0, 0.3),)), set_up)
        from_history = True
        try:
            if history is not None:
                world = lived_through(history, world)
        except WorldError:
            from_history = False
        method = METHOD_OF[set_up.mode]
        orders = [DayOrder(world, set_up.cap, method, 1, day) for day in range(FORECAST_DAYS)]
        try:
            async with self._one_at_a_time:
                days = await self.runner.run(orders, _unheard)
        except BrokenExecutor:
            _log.warning("forecast.broken", campaign_id=campaign)
            return
        live = sum(day.live for day in days)
        view = _forecast_view(
            agents,
            from_history,
            sum(day.utilisation for day in days) / len(days),
            sum(day.abandoned for day in days) / live if live else 0.0,
        )
        self._forecasts[campaign, key] = view
        if len(self._forecasts) > FORECASTS_KEPT:
            self._forecasts.popitem(last=False)


def _unheard(ready: int) -> None:
    """A forecast has no progress to show."""


def _bounded(world: World, set_up: CampaignSetUp) -> World:
    return replace(world, ring_max_seconds=set_up.ring_seconds_max, patience_seconds=set_up.patience_seconds)


def _work(scenario: Scenario) -> float:
    hours = scenario.world.shift_seconds / 3600.0 * scenario.days
    methods = sum(1.0 if method in _HEAVY else LIGHT for method in scenario.methods)
    return hours * methods * (1.0 + scenario.world.agents / 100.0)


def _forecast_view(agents: int, from_history: bool, utilisation: float, abandoned: float) -> ForecastView:
    people = "1 agent" if agents == 1 else f"{agents} agents"
    return ForecastView(
        state=ForecastState.READY,
        agents=agents,
        from_history=from_history,
        utilisation_ppm=round(utilisation * PPM),
        abandoned_ppm=round(abandoned * PPM),
        sentence=Sentence(
            f"{agents} 名坐席：预计工时利用率 {utilisation:.0%}，呼损 {abandoned:.1%}",
            f"with {people}: {utilisation * 100:.0f} % talk time, {abandoned * 100:.1f} % abandoned",
        ),
    )
