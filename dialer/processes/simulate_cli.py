"""`dialer simulate`: a scenario, or a campaign's own history, through every method of pacing, with bands."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from dialer.domain.errors import InstallationError
from dialer.domain.ids import CampaignId
from dialer.jobs.simulation_pool import DayProcesses, cores
from dialer.pacing.compare import Method
from dialer.pacing.history import History, lived_through
from dialer.pacing.scenario import DAYS_MAX, TEXT_MAX, Scenario, ScenarioError, parse_leave, parse_scenario
from dialer.pacing.world import WorldError
from dialer.processes.opening import open_store
from dialer.rules.shipped import shipped_packs
from dialer.services.comparison import Question, comparison_of
from dialer.services.views.simulation import BandView, ComparisonView, MethodView
from dialer.settings import Settings
from dialer.storage.history import StoredHistories

PROGRESS_EVERY_SECONDS: Final = 1.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SimulationAsked:
    """A scenario file and what the command line changes of it.

    compare: method names, () = the scenario's own. campaign: whose history callees and talks are drawn from.
    leave: “2@15:00”, agents who go home.
    """

    scenario: Path
    compare: tuple[str, ...] = ()
    days: int | None = None
    seed: int | None = None
    leave: tuple[str, ...] = ()
    campaign: CampaignId | None = None


def read_question(asked: SimulationAsked) -> Question:
    """The scenario with what was changed. Raises: InstallationError; a fault of the file says its line."""
    name = asked.scenario.name
    try:
        with asked.scenario.open(encoding="utf-8") as file:
            scenario = parse_scenario(file.read(TEXT_MAX + 1))
    except (OSError, UnicodeDecodeError) as wrong:
        raise InstallationError(f"{name} can't be read") from wrong
    except ScenarioError as wrong:
        raise InstallationError(f"{name}: {wrong}  {wrong.sentence.zh}") from wrong
    methods = scenario.methods
    if asked.compare:
        methods = methods[:1] + tuple(m for m in map(_method, asked.compare) if m is not methods[0])
    days = scenario.days if asked.days is None else asked.days
    if not 1 <= days <= DAYS_MAX:
        raise InstallationError(f"days lie between 1 and {DAYS_MAX}")
    try:
        leaves = tuple(parse_leave(text, scenario.start) for text in asked.leave)
    except ScenarioError as wrong:
        raise InstallationError(str(wrong)) from wrong
    seed = scenario.seed if asked.seed is None else asked.seed
    if seed < 0:
        raise InstallationError("a seed can't be negative")
    return Question(replace(scenario, methods=methods, days=days, seed=seed), leaves)


def _method(name: str) -> Method:
    try:
        return Method(name)
    except ValueError:
        known = ", ".join(m.value for m in Method)
        raise InstallationError(f"{name} is no method; there are: {known}") from None


async def simulate(asked: SimulationAsked, settings: Settings | None, write_json: bool, say: Say) -> int:
    """Run it on every core, with progress on standard error. settings: needed where a campaign is named."""
    question = read_question(asked)
    if asked.campaign is not None:
        if settings is None:
            raise InstallationError("a campaign's history needs the installation's settings")
        question = await _with_history(question, settings, asked.campaign)
    plain, changed = question.orders()
    orders = plain + changed
    began, told = time.monotonic(), 0.0

    def progress(ready: int) -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= PROGRESS_EVERY_SECONDS or ready == len(orders):
            told = now
            end = "\n" if ready == len(orders) or not sys.stderr.isatty() else "\r"
            line = f"{ready / len(orders):4.0%}  {ready} of {len(orders)} days, {now - began:.0f} s"
            print(line, end=end, file=sys.stderr, flush=True)

    view = comparison_of(question, await DayProcesses(cores()).run(orders, progress))
    if write_json:
        say(TypeAdapter(ComparisonView).dump_json(view, indent=1).decode())
    else:
        _tell(view, asked.leave, say)
    return 0


async def _with_history(question: Question, settings: Settings, campaign: CampaignId) -> Question:
    store = open_store(settings)
    try:
        history = await StoredHistories(store, shipped_packs()).history(None, campaign)
    finally:
        store.close()
    if history is None:
        raise InstallationError(f"there is no campaign {campaign}")
    return replace(question, scenario=_lived(question.scenario, history))


def _lived(scenario: Scenario, history: History) -> Scenario:
    try:
        return replace(scenario, world=lived_through(history, scenario.world))
    except WorldError as wrong:
        raise InstallationError(str(wrong)) from wrong


def _tell(view: ComparisonView, leave: tuple[str, ...], say: Say) -> None:
    say(
        f"{view.name}: {view.agents} agents, {view.shift_hours:g} h, {view.days} days, cap {view.cap_ppm / 1e4:g} %,"
        f" seed {view.seed}"
    )
    say(
        f"{'method':<32}{'talk time %':>19}{'abandoned %':>21}{'calls/h':>17}{'days over':>11}{'list done, h':>15}"
    )
    for method in view.methods:
        say(_line(method))
    if view.what_if:
        say(f"what if {' and '.join(leave)} go home:")
        for method in view.what_if:
            say(_line(method))
    own = view.methods[0]
    if own.idle:
        say(f"why agents were idle under {own.name.en}:")
        for idle in own.idle[:5]:
            say(f"  {idle.share_ppm / 1e4:5.1f} %  {idle.reason.en}")


def _line(method: MethodView) -> str:
    return (
        f"{method.name.en:<32}{_band(method.utilisation, 1e4, 1):>19}{_band(method.abandoned_share, 1e4, 2):>21}"
        f"{_band(method.dials_an_hour, 1.0, 0):>17}{method.over_days_ppm / 1e4:>10.0f}%"
        f"{'-' if method.finished_hours is None else _band(method.finished_hours, 1.0, 1):>15}"
    )


def _band(band: BandView, unit: float, digits: int) -> str:
    mean, low, high = (f"{value / unit:.{digits}f}" for value in (band.mean, band.low, band.high))
    return f"{mean} ({low}–{high})"
