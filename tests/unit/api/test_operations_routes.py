"""Timers and stops over HTTP: who sees them, who lifts what."""

from dialer.services.job_board import JobBoard
from dialer.services.views.session import Role
from dialer.storage.stops import StoredStops
from dialer.storage.tables_organisation import DiallingStop
from tests.unit.api.api_seed import HOME, OTHER, keyring, log_writer
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


async def test_what_stopped_dialling_before_is_kept_newest_first_and_of_ones_own_organisation(
    client: Client, rooms: Rooms
) -> None:
    stops = StoredStops(rooms.store, log_writer(keyring()))
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    foreign = await browser_of(client, OTHER, Role.ADMINISTRATOR)
    for place in (1, 2):
        rooms.store.write_now(
            lambda tx, n=place: tx.insert(
                DiallingStop(
                    id=f"trunk-{n}", code="trunk.failing", org_id=HOME, at_us=tx.now_us() + n * 1_000_000
                )
            )
        )
    assert await stops.unaccounted("channel without an attempt", "PJSIP/egress-1")
    assert (await administrator.ask("GET", "/api/stops/past")).json == {"items": []}
    in_force = (await administrator.ask("GET", "/api/stops")).json
    assert isinstance(in_force, dict)
    for stop in in_force["items"]:
        lifted = await administrator.ask(
            "POST", f"/api/stops/{stop['id']}/lift", {"reason": "explained by the carrier"}
        )
        assert lifted.status == 200
    past = (await administrator.ask("GET", "/api/stops/past")).json
    elsewhere = (await foreign.ask("GET", "/api/stops/past")).json
    assert isinstance(past, dict)
    assert isinstance(elsewhere, dict)
    assert [one["code"] for one in past["items"]] == ["trunk.failing", "trunk.failing", "call.unaccounted"]
    assert [one["id"] for one in past["items"]][:2] == ["trunk-2", "trunk-1"]
    assert all(one["lifted_at"] >= one["since"] for one in past["items"][2:])
    assert [one["code"] for one in elsewhere["items"]] == ["call.unaccounted"], "of the whole platform"
