"""Simulations: what a supervisor asks for, and the forecast beside each campaign."""

from typing import Annotated

from pydantic import Field, StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Problem
from dialer.api.models import Id, Nothing, Sent
from dialer.api.route import Call
from dialer.domain.campaign import PacingMode
from dialer.domain.ids import CampaignId
from dialer.pacing.compare import Method
from dialer.services.comparison import PPM
from dialer.services.simulations import Form, Leave, Text, Wish
from dialer.services.views.simulation import ForecastView, SimulationView

SHIFT_MINUTES_MAX = 12 * 60
Seconds = Annotated[float, Field(ge=0, le=10_800)]


class AgentsLeaving(Sent):
    """So many agents go home after so many minutes."""

    count: Annotated[int, Field(ge=1, le=500)]
    after_minutes: Annotated[int, Field(ge=0, le=SHIFT_MINUTES_MAX)]


class SimulationForm(Sent):
    """A simulation put together on the page. `campaign`: from its own history; else answer share, talk and wrap-up."""

    campaign: Id | None = None
    agents: Annotated[int, Field(ge=0, le=500)]
    shift_minutes: Annotated[int, Field(ge=15, le=SHIFT_MINUTES_MAX)]
    cap_ppm: Annotated[int, Field(ge=0, le=100_000)]
    methods: Annotated[list[Method], Field(min_length=1, max_length=9)]
    days: Annotated[int, Field(ge=1, le=20)]
    leads: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    leaves: Annotated[list[AgentsLeaving], Field(max_length=4, default_factory=list)]
    answer_ppm: Annotated[int, Field(ge=0, le=800_000)] = 300_000
    talk_seconds: Seconds = 120.0
    wrap_seconds: Seconds = 20.0


class SimulationText(Sent):
    """A scenario file's own text, as `dialer simulate` takes it."""

    scenario: Annotated[str, StringConstraints(min_length=1, max_length=50_000)]


class ForecastQuery(Sent):
    """What to change of a campaign before it is forecast; left out: as it is set."""

    mode: PacingMode | None = None
    cap_ppm: Annotated[int, Field(ge=0, le=100_000)] | None = None
    agents: Annotated[int, Field(ge=0, le=500)] | None = None


async def simulate(call: Call[SimulationForm, Nothing]) -> SimulationView | Problem:
    """Begin a simulation of what the form says."""
    asked = call.body
    form = Form(
        campaign=None if asked.campaign is None else CampaignId(asked.campaign),
        agents=asked.agents,
        shift_minutes=asked.shift_minutes,
        cap_ppm=asked.cap_ppm,
        methods=tuple(dict.fromkeys(asked.methods)),
        days=asked.days,
        leads=asked.leads,
        leaves=tuple(Leave(leave.count, leave.after_minutes) for leave in asked.leaves),
        answer_ppm=asked.answer_ppm,
        talk_seconds=asked.talk_seconds,
        wrap_seconds=asked.wrap_seconds,
    )
    return answered(await call.deps.simulations.ask(call.org, form))


async def simulate_text(call: Call[SimulationText, Nothing]) -> SimulationView | Problem:
    """Begin a simulation of a scenario's text; what is wrong in it is answered with its line."""
    return answered(await call.deps.simulations.ask(call.org, Text(call.body.scenario)))


async def simulation(call: Call[Nothing, Nothing]) -> SimulationView | Problem:
    """How far it is, and what came of it."""
    return answered(await call.deps.simulations.view(call.org, call.path["simulation"]))


async def cancel(call: Call[Nothing, Nothing]) -> SimulationView | Problem:
    """Begin no further day of it."""
    return answered(await call.deps.simulations.cancel(call.org, call.path["simulation"]))


async def forecast(call: Call[Nothing, ForecastQuery]) -> ForecastView | Problem:
    """What a campaign would bring, as it is set or with what the query changes."""
    asked = call.query
    cap = None if asked.cap_ppm is None else asked.cap_ppm / PPM
    wish = Wish(asked.mode, cap, asked.agents)
    return answered(await call.deps.simulations.forecast(call.org, CampaignId(call.path["campaign"]), wish))
