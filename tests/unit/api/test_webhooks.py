"""Other programs are told of events: signed so that the standard's own library believes it, tried again, and nowhere private."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry, generate_latest
from standardwebhooks import Webhook, WebhookVerificationError

from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.jobs.hook_meters import MeteredPost
from dialer.jobs.hook_post import REFUSED, UNREACHABLE, HookPost, may_be_asked
from dialer.services.views.session import Role
from dialer.services.webhooks import BACK_OFF_SECONDS, WebhookCourier
from dialer.storage.health import read_health
from dialer.storage.log import Draft
from dialer.storage.webhooks import StoredWebhooks
from tests.unit.api.api_seed import HOME, OTHER, keyring, log_writer
from tests.unit.api.api_world import NOW, Answer, Browser, Client, Rooms, browser_of

LOOPBACK = (ip_network("127.0.0.0/8"),)
SECOND_US = 1_000_000


@dataclass
class Receiver:
    """Another program: remembers what came and answers what it is told to."""

    url: str = ""
    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        headers = {"Location": "/elsewhere"} if self.status == 302 else {}
        return web.Response(status=self.status, headers=headers)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", found.take)
    server = TestServer(app)
    await server.start_server()
    found.url = str(server.make_url("/events"))
    yield found
    await server.close()


@pytest.fixture
def courier(rooms: Rooms) -> WebhookCourier:
    return WebhookCourier(_register(rooms), HookPost(LOOPBACK), lambda: 0.0)


def _register(rooms: Rooms) -> StoredWebhooks:
    return StoredWebhooks(rooms.store, log_writer(keyring()), keyring())


def _happens(rooms: Rooms, type_: EventType, org: str = HOME, attempt: str | None = None) -> None:
    log = log_writer(keyring())
    draft = Draft(type=type_, actor=Actor(ActorKind.PROCESS, "test"), org=org, attempt_id=attempt)
    rooms.store.write_now(lambda tx: log.append(tx, draft, tx.now_us()))


async def _told(browser: Browser, rooms: Rooms, url: str, *events: str) -> tuple[str, str]:
    """Register an address; the door takes https only, so the test's own is put in its place."""
    made = await browser.ask(
        "POST", "/api/webhooks", {"url": "https://crm.example/x", "events": list(events)}
    )
    assert made.status == 200, made.body
    assert isinstance(made.json, dict)
    webhook = made.json["webhook"]["id"]
    rooms.store.write_now(
        lambda tx: tx.run("UPDATE webhook SET url = :url WHERE id = :id", url=url, id=webhook)
    )
    return webhook, made.json["secret"]


async def _deliveries(browser: Browser, webhook: str) -> list[dict[str, Any]]:
    page = await browser.ask("GET", f"/api/webhooks/{webhook}/deliveries")
    assert isinstance(page.json, dict)
    return list(page.json["items"])


def _later(rooms: Rooms, seconds: float) -> None:
    rooms.store.write_now(
        lambda tx: tx.run("UPDATE webhook_delivery SET due_us = due_us - :us", us=int(seconds * SECOND_US))
    )


async def test_an_event_of_the_log_is_told_once_in_a_form_that_the_standards_own_library_believes(
    client: Client, rooms: Rooms, receiver: Receiver, courier: WebhookCourier
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    webhook, secret = await _told(administrator, rooms, receiver.url, "attempt.sealed")
    _happens(rooms, EventType.ATTEMPT_SEALED, attempt="attempt-77")
    _happens(rooms, EventType.ATTEMPT_FAILED, attempt="attempt-78")
    _happens(rooms, EventType.ATTEMPT_SEALED, org=OTHER, attempt="attempt-79")
    assert await courier.round() == 1
    assert await courier.round() == 0
    ((headers, body),) = receiver.got
    said = Webhook(secret).verify(body, headers)
    assert said["type"] == "attempt.sealed"
    assert said["data"]["attempt_id"] == "attempt-77"
    assert said["data"]["organisation"] == HOME
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body.replace(b"77", b"78"), headers)
    (shown,) = await _deliveries(administrator, webhook)
    assert (shown["state"], shown["tries"], shown["result"], shown["due_at"]) == ("delivered", 1, "204", None)


async def test_what_happened_before_is_not_told_and_many_are_told_in_their_order(
    client: Client, rooms: Rooms, receiver: Receiver, courier: WebhookCourier
) -> None:
    _happens(rooms, EventType.ATTEMPT_SEALED, attempt="before")
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    await _told(administrator, rooms, receiver.url, "attempt.sealed", "dnc.added")
    for n in range(30):
        _happens(rooms, EventType.ATTEMPT_SEALED, attempt=f"attempt-{n}")
    assert await courier.round() == 20
    assert await courier.round() == 10
    assert [json.loads(body)["data"]["attempt_id"] for _, body in receiver.got] == [
        f"attempt-{n}" for n in range(30)
    ]


async def test_a_receiver_that_fails_is_tried_again_later_and_at_last_no_more(
    client: Client, rooms: Rooms, receiver: Receiver, courier: WebhookCourier
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    webhook, _ = await _told(administrator, rooms, receiver.url, "attempt.sealed")
    _happens(rooms, EventType.ATTEMPT_SEALED)
    receiver.status = 500
    await courier.round()
    await courier.round()  # not due yet: not tried
    assert len(receiver.got) == 1
    for tries, wait in enumerate(BACK_OFF_SECONDS, start=1):
        (shown,) = await _deliveries(administrator, webhook)
        assert (shown["state"], shown["tries"], shown["result"]) == ("waiting", tries, "500")
        _later(rooms, wait)
        await courier.round()
    (shown,) = await _deliveries(administrator, webhook)
    assert (shown["state"], shown["tries"]) == ("failed", len(BACK_OFF_SECONDS) + 1)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    receiver.status = 200
    await administrator.ask("POST", f"/api/webhooks/{webhook}/deliveries/{shown['id']}/again")
    assert await courier.round() == 1
    (shown,) = await _deliveries(administrator, webhook)
    assert (shown["state"], shown["tries"]) == ("delivered", 1)


async def test_a_receiver_that_says_gone_gets_nothing_any_more(
    client: Client, rooms: Rooms, receiver: Receiver, courier: WebhookCourier
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    await _told(administrator, rooms, receiver.url, "attempt.sealed")
    receiver.status = 410
    for _ in range(2):
        _happens(rooms, EventType.ATTEMPT_SEALED)
        await courier.round()
    listed = await administrator.ask("GET", "/api/webhooks")
    assert isinstance(listed.json, dict)
    assert listed.json["items"][0]["disabled_why"] == "gone"
    assert len(receiver.got) == 1


async def test_every_try_is_counted_by_what_came_of_it_and_by_nothing_else(receiver: Receiver) -> None:
    registry = CollectorRegistry()
    post = MeteredPost(HookPost(LOOPBACK), registry)
    assert 'result="taken"} 0.0' in generate_latest(registry).decode()
    for status in (204, 204, 503, 302, 410):
        receiver.status = status
        await post(receiver.url, {}, b"{}")
    await post("http://10.0.0.1/x", {}, b"{}")
    counted = {
        sample.labels["result"]: sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "dialer_webhook_tries_total"
    }
    assert counted == {"taken": 2, "5xx": 1, "3xx": 1, "4xx": 1, REFUSED: 1}
    assert receiver.url not in generate_latest(registry).decode()


async def test_a_redirect_is_not_followed(
    client: Client, rooms: Rooms, receiver: Receiver, courier: WebhookCourier
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    webhook, _ = await _told(administrator, rooms, receiver.url, "attempt.sealed")
    receiver.status = 302
    _happens(rooms, EventType.ATTEMPT_SEALED)
    await courier.round()
    assert len(receiver.got) == 1
    assert (await _deliveries(administrator, webhook))[0]["result"] == "302"


async def test_one_dead_address_does_not_hold_up_another(
    client: Client, rooms: Rooms, receiver: Receiver, courier: WebhookCourier
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    dead, _ = await _told(administrator, rooms, "http://127.0.0.1:1/", "attempt.sealed")
    await _told(administrator, rooms, receiver.url, "attempt.sealed")
    for _ in range(3):
        _happens(rooms, EventType.ATTEMPT_SEALED)
    assert await courier.round() == 3
    results = [one["result"] for one in await _deliveries(administrator, dead)]
    assert sorted(results, key=str) == [None, None, UNREACHABLE]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_the_products_own_neighbours_are_never_asked_unless_the_operator_opened_them(
    receiver: Receiver, host: str
) -> None:
    url = receiver.url.replace("127.0.0.1", host)
    shut = await HookPost(())(url, {}, b"{}")
    assert (shut.status, shut.result) == (None, REFUSED)
    assert receiver.got == []
    opened = await HookPost((*LOOPBACK, ip_network("::1/128")))(url, {}, b"{}")
    if "::1" not in host:
        assert opened.status == 204, opened.result
        assert len(receiver.got) == 1


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("172.31.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fd00::1", False),
        ("fe80::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
    ],
)
def test_only_public_addresses_may_be_asked_and_only_over_https(address: str, allowed: bool) -> None:
    assert may_be_asked(ip_address(address), (), scheme="https") is allowed
    assert may_be_asked(ip_address(address), (), scheme="http") is False


async def test_an_address_of_the_wrong_form_is_not_taken(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)

    async def create(url: str, *events: str) -> Answer:
        return await administrator.ask("POST", "/api/webhooks", {"url": url, "events": list(events)})

    for url in (
        "ftp://a.example",
        "https://",
        "https://user:word@a.example",
        "https://a.example/#x",
        "https://a b",
    ):
        assert (await create(url, "attempt.sealed")).status == 422, url
    assert (await create("https://a.example")).status == 422
    assert (await create("https://a.example", "attempt.placed")).status == 422
    plain = await create("http://a.example", "attempt.sealed")
    assert (plain.status, plain.code) == (409, "webhooks.https")
    assert (await create("https://a.example", "attempt.sealed")).status == 200


async def test_another_organisations_webhook_is_not_there(client: Client, rooms: Rooms) -> None:
    home = await browser_of(client, HOME, Role.ADMINISTRATOR)
    other = await browser_of(client, OTHER, Role.ADMINISTRATOR)
    webhook, _ = await _told(home, rooms, "https://crm.example/x", "attempt.sealed")
    own = await home.ask("POST", f"/api/webhooks/{webhook}/test")
    assert isinstance(own.json, dict)
    delivery = own.json["items"][0]["id"]
    for method, path in (
        ("GET", f"/api/webhooks/{webhook}/deliveries"),
        ("POST", f"/api/webhooks/{webhook}/test"),
        ("POST", f"/api/webhooks/{webhook}/disable"),
        ("POST", f"/api/webhooks/{webhook}/deliveries/{delivery}/again"),
    ):
        assert (await other.ask(method, path)).status == 404, path
        assert (await home.ask(method, path)).status == 200, path
    listed = await other.ask("GET", "/api/webhooks")
    assert isinstance(listed.json, dict)
    assert listed.json["items"] == []


async def test_deliveries_are_walked_page_by_page(client: Client, rooms: Rooms) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    webhook, _ = await _told(administrator, rooms, "https://crm.example/x", "attempt.sealed")
    for _ in range(5):
        await administrator.ask("POST", f"/api/webhooks/{webhook}/test")
    seen: list[str] = []
    after = ""
    for _ in range(3):
        page = await administrator.ask("GET", f"/api/webhooks/{webhook}/deliveries?limit=2{after}")
        assert isinstance(page.json, dict)
        seen += [one["id"] for one in page.json["items"]]
        after = f"&after={page.json['next']}"
    assert page.json["next"] is None
    assert len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


async def test_the_secret_is_shown_once_and_kept_encrypted(client: Client, rooms: Rooms) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    _, secret = await _told(administrator, rooms, "https://crm.example/x", "attempt.sealed")
    listed = await administrator.ask("GET", "/api/webhooks")
    assert secret.removeprefix("whsec_").encode() not in listed.body
    row = rooms.store.read_now(lambda tx: tx.sole("SELECT secret_ct FROM webhook"))
    assert len(row.secret_ct) > 32


async def test_the_doctor_names_an_address_that_took_nothing_for_an_hour(
    client: Client, rooms: Rooms, receiver: Receiver, courier: WebhookCourier
) -> None:
    def failing() -> tuple[str, ...]:
        return rooms.store.read_now(lambda tx: read_health(tx, NOW).webhooks_failing)

    rooms.store.write_now(lambda tx: tx.run("CREATE TABLE alembic_version (version_num TEXT)"))
    rooms.store.write_now(lambda tx: tx.run("INSERT INTO alembic_version VALUES ('0001')"))
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    webhook, _ = await _told(administrator, rooms, receiver.url, "attempt.sealed")
    _happens(rooms, EventType.ATTEMPT_SEALED)
    receiver.status = 500
    await courier.round()
    assert failing() == ()
    hour_us = 3_601 * SECOND_US
    rooms.store.write_now(
        lambda tx: tx.run("UPDATE webhook_delivery SET created_us = created_us - :us", us=hour_us)
    )
    assert failing() == (webhook,)
    receiver.status = 204
    _later(rooms, 10)
    await courier.round()
    assert failing() == ()
