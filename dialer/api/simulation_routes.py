"""The addresses of simulations. Part of the table in `routes`."""

from typing import Final

from dialer.api import simulations
from dialer.api.errors import Fault
from dialer.api.models import Nothing
from dialer.api.route import SUPERVISOR, json_get, json_send
from dialer.services.views.simulation import ForecastView, SimulationView

GONE: Final = (Fault.NOT_FOUND,)

SIMULATIONS: Final = (
    json_send(
        "/api/simulations",
        "simulate",
        "Simulate days of pacing from a form; ask again for how far it is",
        SUPERVISOR,
        body=simulations.SimulationForm,
        answer=SimulationView,
        handle=simulations.simulate,
        errors=GONE,
    ),
    json_send(
        "/api/simulations/scenario",
        "simulateScenario",
        "Simulate days of pacing from a scenario's text",
        SUPERVISOR,
        body=simulations.SimulationText,
        answer=SimulationView,
        handle=simulations.simulate_text,
        errors=GONE,
    ),
    json_get(
        "/api/simulations/{simulation}",
        "getSimulation",
        "How far a simulation is, and what came of it",
        SUPERVISOR,
        query=Nothing,
        answer=SimulationView,
        handle=simulations.simulation,
        errors=GONE,
    ),
    json_send(
        "/api/simulations/{simulation}/cancel",
        "cancelSimulation",
        "Begin no further day of a simulation",
        SUPERVISOR,
        body=Nothing,
        answer=SimulationView,
        handle=simulations.cancel,
        errors=GONE,
    ),
    json_get(
        "/api/campaigns/{campaign}/forecast",
        "forecast",
        "What the campaign would bring as it is set, or with another mode, cap or number of agents; reckoned beside the dialer",
        SUPERVISOR,
        query=simulations.ForecastQuery,
        answer=ForecastView,
        handle=simulations.forecast,
        errors=GONE,
    ),
)
