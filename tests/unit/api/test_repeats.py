"""Idempotency keys: the same request twice does its work once, and nobody gets another's answer."""

import asyncio

import pytest

from dialer.api.repeating import READS, REPLAYED_HEADER, takes_key
from dialer.api.routes import ROUTES
from dialer.domain.errors import ExchangeUnavailable, StoreUnavailable
from dialer.domain.ids import OrganisationId, UserId
from dialer.services.repeats import KEPT_HOURS, KeptAnswer, Met, Repeatable
from dialer.services.views.session import Role
from dialer.storage.repeats import StoredRepeats
from tests.unit.api.api_seed import HOME, OTHER, keyring
from tests.unit.api.api_world import Answer, Browser, Client, Rooms, browser_of

KEY = "order-66"
INVITED = {"login": "li.na", "name": "李娜", "role": "agent"}


async def _invite(browser: Browser, key: str | None, login: str = "li.na") -> Answer:
    more = {} if key is None else {"Idempotency_Key": key}
    return await browser.ask("POST", "/api/people", INVITED | {"login": login}, **more)


def _people(rooms: Rooms, login: str) -> int:
    return int(
        rooms.store.read_now(
            lambda tx: tx.sole("SELECT COUNT(*) AS n FROM user_account WHERE login = :login", login=login).n
        )
    )


async def test_the_same_request_again_gets_the_same_answer_and_does_nothing(
    client: Client, rooms: Rooms
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    first = await _invite(administrator, KEY)
    again = await _invite(administrator, KEY)
    without = await _invite(administrator, None)
    assert first.status == again.status == 200
    assert again.body == first.body
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert REPLAYED_HEADER not in first.headers
    assert again.headers[REPLAYED_HEADER] == "true"
    assert (without.status, _people(rooms, "li.na")) == (409, 1)


async def test_a_refusal_of_the_service_is_repeated_too(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    await _invite(administrator, None)
    first, again = await _invite(administrator, KEY), await _invite(administrator, KEY)
    assert (first.status, again.status) == (409, 409)
    assert again.body == first.body
    assert again.headers["Content-Type"] == "application/problem+json"


async def test_another_request_under_the_same_key_is_refused_and_does_nothing(
    client: Client, rooms: Rooms
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    await _invite(administrator, KEY)
    other = await _invite(administrator, KEY, login="wang.lei")
    assert (other.status, other.code) == (422, "idempotency.key_reused")
    assert _people(rooms, "wang.lei") == 0
    assert (await _invite(administrator, "order-67", login="wang.lei")).status == 200


async def test_a_key_is_ones_own(client: Client, rooms: Rooms) -> None:
    home = await browser_of(client, HOME, Role.ADMINISTRATOR)
    other = await browser_of(client, OTHER, Role.ADMINISTRATOR)
    mine, theirs = await _invite(home, KEY), await _invite(other, KEY, login="other.li")
    assert (mine.status, theirs.status) == (200, 200)
    assert REPLAYED_HEADER not in theirs.headers
    assert _people(rooms, "other.li") == 1


async def test_a_key_of_another_form_is_refused(client: Client, rooms: Rooms) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    for wrong in ("", "a b", "x" * 65, "é"):
        answer = await _invite(administrator, wrong)
        assert (answer.status, answer.code) == (422, "idempotency.key_invalid"), wrong
    assert _people(rooms, "li.na") == 0


async def test_a_key_is_gone_after_its_day(client: Client, rooms: Rooms) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    await _invite(administrator, KEY)
    kept = StoredRepeats(rooms.store, keyring())
    assert await kept.purge() == 0
    old = KEPT_HOURS * 3600 * 1_000_000
    rooms.store.write_now(lambda tx: tx.run("UPDATE api_repeat SET begun_us = begun_us - :old", old=old))
    late = await _invite(administrator, KEY)
    assert (late.status, late.code) == (409, "people.login_taken")
    rooms.store.write_now(lambda tx: tx.run("UPDATE api_repeat SET begun_us = begun_us - :old", old=old))
    assert await kept.purge() == 1


async def test_what_is_kept_can_not_be_read_in_the_database(client: Client, rooms: Rooms) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    first = await _invite(administrator, KEY)
    row = rooms.store.read_now(lambda tx: tx.sole("SELECT answer_ct FROM api_repeat"))
    assert len(row.answer_ct) >= len(first.body)
    assert b"token" not in bytes(row.answer_ct)
    assert "李娜".encode() not in bytes(row.answer_ct)


async def test_of_two_at_the_same_time_one_is_done(store_repeats: StoredRepeats) -> None:
    request = Repeatable(HOME, UserId("user-1"), KEY, "f" * 64)
    met = await asyncio.gather(*(store_repeats.begin(request) for _ in range(8)))
    assert met.count(Met.FIRST) == 1
    assert met.count(Met.UNANSWERED) == 7
    await store_repeats.answered(request, KeptAnswer(204, "", b""))
    assert await store_repeats.begin(request) == KeptAnswer(204, "", b"")
    assert (
        await store_repeats.begin(Repeatable(OrganisationId("org-x"), request.user, KEY, "f" * 64))
        is Met.FIRST
    )


@pytest.fixture
def store_repeats(rooms: Rooms) -> StoredRepeats:
    return StoredRepeats(rooms.store, keyring())


@pytest.mark.parametrize(
    ("failure", "then"),
    [(ExchangeUnavailable("away"), "desk.not_now"), (StoreUnavailable("unknown"), "idempotency.unanswered")],
    ids=["not done: it may be asked again", "not known: nobody does it again"],
)
async def test_a_failure_frees_the_key_only_where_nothing_was_done(
    client: Client, rooms: Rooms, failure: Exception, then: str
) -> None:
    agent = await browser_of(client, HOME, Role.AGENT)
    going_ready = rooms.desk.ready
    calls = 0

    async def fails_once(*args: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise failure
        return await going_ready(*args)  # type: ignore[arg-type]

    rooms.desk.ready = fails_once  # type: ignore[method-assign,assignment]
    first = await agent.ask("POST", "/api/agent/ready", Idempotency_Key=KEY)
    again = await agent.ask("POST", "/api/agent/ready", Idempotency_Key=KEY)
    assert first.status == 503
    assert again.code == then
    assert calls == (2 if then == "desk.not_now" else 1)


def test_every_act_of_a_logged_in_person_heeds_a_key_and_no_read_does() -> None:
    by_name = {route.operation: route for route in ROUTES}
    assert {name for name in READS if name not in by_name} == set()
    heeding = {route.operation for route in ROUTES if takes_key(route)}
    assert {"enterRefusal", "startCampaign", "importLeads", "invitePerson", "logout"} <= heeding
    assert heeding & {"getFloor", "revealNumber", "login", "captureConsent", "events"} == set()
