"""Timers and stops over HTTP: who sees them, who lifts what."""

from dialer.services.job_board import JobBoard
from dialer.services.views.session import Role
from dialer.storage.stops import StoredStops
from tests.unit.api.api_seed import HOME, keyring, log_writer
from tests.unit.api.api_world import Client, Rooms, browser_of


async def test_a_timer_shows_its_last_run_and_that_it_failed(client: Client, rooms: Rooms) -> None:
    board = rooms.deps.jobs
    assert isinstance(board, JobBoard)
    board.planned("sign", 1.0)
    board.planned("cut", 0.25)
    board.ran("cut", 0.012, "StoreUnavailable")
    shown = (await (await browser_of(client, HOME, Role.SUPERVISOR)).ask("GET", "/api/jobs")).json
    assert isinstance(shown, dict)
    cut, sign = shown["items"]
    assert (cut["name"], cut["took_ms"], cut["failure"]) == ("cut", 12, "StoreUnavailable")
    assert (sign["name"], sign["last_run_at"], sign["failure"]) == ("sign", None, None)


async def test_a_stop_of_the_platform_is_seen_by_supervisors_and_lifted_by_administrators(
    client: Client, rooms: Rooms
) -> None:
    stops = StoredStops(rooms.store, log_writer(keyring()))
    assert await stops.unaccounted("channel without an attempt", "PJSIP/egress-1")
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    seen = (await supervisor.ask("GET", "/api/stops")).json
    assert isinstance(seen, dict)
    (stop,) = seen["items"]
    assert (stop["code"], stop["platform_wide"]) == ("call.unaccounted", True)
    reason = {"reason": "explained by the carrier"}
    refused = await supervisor.ask("POST", f"/api/stops/{stop['id']}/lift", reason)
    assert (refused.status, refused.code) == (409, "stop.not_yours")
    assert (await administrator.ask("POST", f"/api/stops/{stop['id']}/lift", {"reason": ""})).status == 422
    lifted = await administrator.ask("POST", f"/api/stops/{stop['id']}/lift", reason)
    assert lifted.json == {"items": []}
    assert (await administrator.ask("POST", f"/api/stops/{stop['id']}/lift", reason)).status == 404
