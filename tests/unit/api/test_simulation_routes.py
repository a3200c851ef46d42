"""Simulations over HTTP: a job beside the loop, its progress, its bands; what is wrong in a scenario, by line."""

import asyncio

from dialer.services.simulations import Simulations
from dialer.services.views.session import Role
from dialer.testing.days import DaysHere
from tests.unit.api.api_seed import HOME, OTHER
from tests.unit.api.api_world import Browser, Client, Rooms, browser_of

FORM = {
    "agents": 3,
    "shift_minutes": 15,
    "cap_ppm": 10_000,
    "methods": ["progressive", "fixed_ratio_2"],
    "days": 2,
    "leaves": [{"count": 2, "after_minutes": 5}],
}


def _runner(rooms: Rooms) -> DaysHere:
    simulations = rooms.deps.simulations
    assert isinstance(simulations, Simulations)
    assert isinstance(simulations.runner, DaysHere)
    return simulations.runner


async def _until_done(browser: Browser, simulation: str) -> dict[str, object]:
    for _ in range(400):
        view = (await browser.ask("GET", f"/api/simulations/{simulation}")).json
        assert isinstance(view, dict)
        if view["state"] not in ("waiting", "running"):
            return view
        await asyncio.sleep(0.02)
    raise AssertionError("the simulation never ended")


async def test_a_form_becomes_methods_side_by_side_with_what_if(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    begun = await browser.ask("POST", "/api/simulations", FORM)
    assert begun.status == 200
    assert isinstance(begun.json, dict)
    done = await _until_done(browser, begun.json["id"])
    assert (done["state"], done["done_ppm"]) == ("done", 1_000_000)
    comparison = done["comparison"]
    assert isinstance(comparison, dict)
    assert [method["method"] for method in comparison["methods"]] == ["progressive", "fixed_ratio_2"]
    plain, gone = comparison["methods"][0], comparison["what_if"][0]
    assert gone["dials_an_hour"]["mean"] < plain["dials_an_hour"]["mean"]
    assert plain["idle"][0]["reason"]["zh"]


async def test_progress_is_seen_and_a_cancelled_simulation_goes_no_further(
    client: Client, rooms: Rooms
) -> None:
    _runner(rooms).gate.clear()
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    begun = (await browser.ask("POST", "/api/simulations", FORM)).json
    assert isinstance(begun, dict)
    await asyncio.sleep(0.05)
    seen = (await browser.ask("GET", f"/api/simulations/{begun['id']}")).json
    assert isinstance(seen, dict)
    assert (seen["state"], seen["done_ppm"]) == ("running", 0)
    cancelled = (await browser.ask("POST", f"/api/simulations/{begun['id']}/cancel")).json
    assert isinstance(cancelled, dict)
    assert cancelled["state"] == "cancelled"


async def test_what_is_wrong_in_a_scenario_is_said_with_its_line(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    text = 'name = "x"\n[shift]\nhours = 1\n[agents]\ncount = 2\ncolour = 1\n[[list.part]]\nanswer_share = 0.3\n[pacing]\nmode = "progressive"\n'
    refused = await browser.ask("POST", "/api/simulations/scenario", {"scenario": text})
    assert (refused.status, refused.code) == (409, "simulation.scenario")
    assert b"line 6" in refused.body
    taken = await browser.ask(
        "POST", "/api/simulations/scenario", {"scenario": text.replace("colour = 1\n", "")}
    )
    assert taken.status == 200


async def test_more_than_can_be_reckoned_here_is_refused(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    heavy = FORM | {"agents": 500, "shift_minutes": 720, "days": 20, "methods": ["predictive"]}
    assert (await browser.ask("POST", "/api/simulations", heavy)).code == "simulation.too_long"
    assert (await browser.ask("POST", "/api/simulations", FORM | {"days": 21})).status == 422
    assert (await browser.ask("POST", "/api/simulations", FORM | {"methods": ["wild"]})).status == 422


async def test_a_simulation_belongs_to_its_organisation(client: Client) -> None:
    ours = await browser_of(client, HOME, Role.SUPERVISOR)
    theirs = await browser_of(client, OTHER, Role.SUPERVISOR)
    begun = (await ours.ask("POST", "/api/simulations", FORM)).json
    assert isinstance(begun, dict)
    assert (await theirs.ask("GET", f"/api/simulations/{begun['id']}")).status == 404
    assert (await theirs.ask("POST", f"/api/simulations/{begun['id']}/cancel")).status == 404
    foreign = FORM | {"campaign": f"campaign-{HOME}"}
    assert (await theirs.ask("POST", "/api/simulations", foreign)).status == 404
    assert (await ours.ask("GET", f"/api/simulations/{begun['id']}")).status == 200
    assert (await theirs.ask("GET", f"/api/campaigns/campaign-{HOME}/forecast")).status == 404


async def _forecast(browser: Browser, query: str) -> dict[str, object]:
    """Asked again until it is reckoned, however slow the machine is."""
    deadline = asyncio.get_running_loop().time() + 300.0
    while asyncio.get_running_loop().time() < deadline:
        view = (await browser.ask("GET", f"/api/campaigns/campaign-{HOME}/forecast{query}")).json
        assert isinstance(view, dict)
        if view["state"] != "reckoning":
            return view
        await asyncio.sleep(0.05)
    raise AssertionError("the forecast never came")


async def test_too_short_a_history_is_said_and_the_forecast_takes_textbook_laws(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    campaign = f"campaign-{HOME}"
    thin = await browser.ask("POST", "/api/simulations", FORM | {"campaign": campaign})
    assert (thin.status, thin.code) == (409, "simulation.impossible")
    first = await browser.ask("GET", f"/api/campaigns/{campaign}/forecast")
    assert isinstance(first.json, dict)
    assert first.json["state"] == "reckoning"
    view = await _forecast(browser, "")
    assert view["state"] == "ready"
    assert view["from_history"] is False
    assert f"with {view['agents']} agent" in str(view["sentence"])
    assert 0 < int(str(view["utilisation_ppm"])) < 1_000_000


async def test_a_forecast_answers_for_the_mode_cap_and_agents_that_are_thought_of(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    careful = await _forecast(browser, "?mode=progressive&agents=12")
    bold = await _forecast(browser, "?mode=predictive&agents=12&cap_ppm=10000")
    assert careful["agents"] == bold["agents"] == 12
    assert careful["abandoned_ppm"] == 0
    assert int(str(bold["utilisation_ppm"])) > int(str(careful["utilisation_ppm"]))
    above = await _forecast(browser, "?mode=predictive&agents=12&cap_ppm=90000")
    assert above == bold, "no cap above the strictest pack's is forecast with, so none is promised"
    for query in ("?mode=preview", "?agents=0"):
        assert (await _forecast(browser, query))["state"] == "none"


async def test_a_forecast_of_what_cannot_be_is_refused(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    for query in ("?mode=wild", "?cap_ppm=-1", "?cap_ppm=100001", "?agents=-1", "?agents=501", "?color=1"):
        asked = await browser.ask("GET", f"/api/campaigns/campaign-{HOME}/forecast{query}")
        assert asked.status == 422, query
