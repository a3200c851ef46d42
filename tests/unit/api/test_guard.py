"""The one door: who may ask what, and what nobody may. The matrix is made from the route table itself."""

import json
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from dialer.api.guard import guarded
from dialer.api.meters import Meters
from dialer.api.models import Nothing
from dialer.api.openapi import COMMITTED, document, possible_faults, text
from dialer.api.route import (
    ANY_ROLE,
    Call,
    JsonBody,
    Method,
    Route,
    SocketAnswer,
    UploadBody,
    Visitors,
    json_get,
)
from dialer.api.routes import ROUTES
from dialer.services.views.session import Role, StatusView
from tests.unit.api.api_bodies import BODIES, IN_PATH, QUERIES
from tests.unit.api.api_seed import HOME, NUMBER
from tests.unit.api.api_world import ORIGIN, Answer, Browser, Client, Rooms, browser_of

PLAIN = tuple(r for r in ROUTES if not isinstance(r.answer, SocketAnswer))
GUARDED = tuple(r for r in PLAIN if not isinstance(r.access, Visitors))


@pytest.fixture(autouse=True)
def operator(rooms: Rooms) -> None:
    """The organisation at hand operates the platform: the operator's own addresses open to its administrator, too."""
    rooms.store.write_now(
        lambda tx: tx.run("INSERT INTO setting (name, value) VALUES ('operator', :org)", org=HOME)
    )


def _name(route: Route) -> str:
    return f"{route.method.value} {route.path}"


def _path(route: Route) -> str:
    return re.sub(
        r"{(\w+)}", lambda m: IN_PATH.get(m.group(1), "0123456789abcdef"), route.path
    ) + QUERIES.get(route.operation, "")


async def _ask(browser: Browser, route: Route, **more: str) -> Answer:
    if isinstance(route.body, UploadBody):
        more["Content_Type"] = "multipart/form-data; boundary=x"
        sent = await browser.client.post(_path(route), data=b"--x--\r\n", headers=browser.headers(**more))
        content = await sent.read()
        return Answer(sent.status, dict(sent.headers), content, json.loads(content))
    body = BODIES.get(route.operation, {}) if isinstance(route.body, JsonBody) else None
    return await browser.ask(route.method.value, _path(route), body, **more)


async def _browsers(client: Client) -> dict[Role, Browser]:
    return {role: await browser_of(client, HOME, role) for role in Role}


def _wrong_answer(route: Route, role: Role, answer: Answer) -> str | None:
    assert isinstance(route.access, frozenset)
    if role in route.access:
        fine = answer.status not in (401, 403) and answer.status < 500
    else:
        fine = (answer.status, answer.code) == (403, "role.forbidden")
    return None if fine else f"{_name(route)} as {role}: {answer.status} {answer.body!r}"


async def test_each_route_opens_to_its_roles_and_to_nobody_else(client: Client) -> None:
    browsers = await _browsers(client)
    wrong: list[str | None] = []
    for route in GUARDED:
        for role in Role:
            wrong.append(_wrong_answer(route, role, await _ask(browsers[role], route)))
            if route.operation == "logout":
                browsers[role] = await browser_of(client, HOME, role)
        nobody = await _ask(Browser(client), route)
        if (nobody.status, nobody.code) != (401, "login.required"):
            wrong.append(f"{_name(route)} as nobody: {nobody.status}")
    assert [w for w in wrong if w] == []
    assert len(wrong) >= len(GUARDED) * len(Role) > 100


@pytest.mark.parametrize("route", [r for r in GUARDED if r.method is not Method.GET], ids=_name)
async def test_an_act_without_its_token_is_refused_and_with_it_is_not(client: Client, route: Route) -> None:
    assert isinstance(route.access, frozenset)
    browser = await browser_of(client, HOME, min(route.access))
    token = browser.csrf
    for wrong in ("", "x" * len(token), token[:-1]):
        browser.csrf = wrong
        refused = await _ask(browser, route)
        assert (refused.status, refused.code) == (403, "csrf.refused")
    browser.csrf = token
    assert (await _ask(browser, route)).status != 403


async def test_another_sites_page_is_refused_everywhere_and_ours_nowhere(client: Client) -> None:
    browsers = await _browsers(client)
    for route in PLAIN:
        browser = Browser(client)
        if isinstance(route.access, frozenset):
            browser = browsers[min(route.access)]
        foreign = await _ask_any(browser, route, Origin="https://evil.example")
        rebound = await _ask_any(browser, route, Host="evil.example")
        own = await _ask_any(browser, route, Origin=ORIGIN)
        assert (foreign.status, foreign.code) == (403, "origin.refused"), _name(route)
        assert (rebound.status, rebound.code) == (403, "origin.refused"), _name(route)
        assert own.status != 403, _name(route)
        if route.operation == "logout":
            browsers = await _browsers(client)


async def _ask_any(browser: Browser, route: Route, **more: str) -> Answer:
    if route.operation == "login":
        return await browser.ask("POST", "/api/session", {"login": "nobody", "password": "x"}, **more)
    return await _ask(browser, route, **more)


async def test_every_answer_is_one_that_the_document_promises(client: Client) -> None:
    browsers = await _browsers(client)
    paths = document()["paths"]
    for route in PLAIN:
        promised = paths[route.path][route.method.value.lower()]["responses"]
        for browser in (Browser(client), *browsers.values()):
            answer = await _ask_any(browser, route)
            assert str(answer.status) in promised, (_name(route), answer.body)
        if route.operation == "logout":
            browsers = await _browsers(client)


def test_the_committed_document_is_the_one_that_the_table_gives() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text(), (
        "run python -m dialer.api.openapi and commit the document"
    )


def test_a_changed_table_gives_another_document() -> None:
    async def status(call: Call[Nothing, Nothing]) -> StatusView:
        return await call.deps.status.view(call.org)

    extra = json_get(
        "/api/x", "x", "An extra route", ANY_ROLE, query=Nothing, answer=StatusView, handle=status
    )
    assert text((*ROUTES, extra)) != text()


def test_every_operation_has_its_own_name_and_says_what_it_does() -> None:
    names = [route.operation for route in ROUTES]
    assert len(set(names)) == len(names)
    assert all(route.summary and not route.summary.endswith(".") for route in ROUTES)
    assert len({(r.method, r.path) for r in ROUTES}) == len(ROUTES)


def test_every_fault_has_a_code_of_its_own_and_a_sentence_in_both_languages() -> None:
    faults = {fault for route in ROUTES for fault in possible_faults(route)}
    assert len({fault.code for fault in faults}) == len(faults)
    for fault in faults:
        assert fault.sentence.zh != fault.sentence.en
        assert re.search(r"[一-鿿]", fault.sentence.zh), fault
        assert not re.search(r"[一-鿿]", fault.sentence.en), fault


def test_no_route_outside_the_health_pages_and_the_login_is_open_to_everyone() -> None:
    open_to_all = {route.path for route in ROUTES if isinstance(route.access, Visitors)}
    signed = {"/hooks/refusals/{partner}", "/hooks/sms/{partner}", "/api/consents"}
    linked = {"/api/welcome", "/api/welcome/password"}
    elsewhere = {"/api/sign-on", "/api/sign-on/return"}
    for_strangers = {path for path in open_to_all if path.startswith("/api/verifiers")}
    assert open_to_all - signed - linked - elsewhere - for_strangers == {
        "/api/session",
        "/api/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"reason": "break"}', 409, "desk.not_now"),
        (b'{"reason": "break", "more": 1}', 422, "body.invalid"),
        (b'{"reason": 7}', 422, "body.invalid"),
        (b"{}", 422, "body.invalid"),
        (b"[]", 422, "body.invalid"),
        (b"not json", 422, "body.invalid"),
        (b"\xff\xfe", 422, "body.invalid"),
        (b"", 422, "body.invalid"),
        (b'{"reason": "' + b"a" * 70_000 + b'"}', 413, "body.too_large"),
    ],
    ids=["right", "unknown field", "wrong kind", "missing", "list", "text", "bytes", "empty", "too large"],
)
async def test_a_body_is_taken_only_as_its_model_says(
    client: Client, body: bytes, status: int, code: str
) -> None:
    browser = await browser_of(client, HOME, Role.AGENT)
    sent = await client.post(
        "/api/agent/pause", data=body, headers=browser.headers(Content_Type="application/json")
    )
    answer = await sent.json(content_type=None)
    assert (sent.status, answer["code"]) == (status, code)
    assert sent.content_type == "application/problem+json"


async def test_a_form_from_an_old_page_is_not_json(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.AGENT)
    sent = await client.post("/api/agent/pause", data={"reason": "break"}, headers=browser.headers())
    assert (sent.status, (await sent.json(content_type=None))["code"]) == (415, "body.type")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "state=sleeping", "limit=1&limit=2"])
async def test_a_query_outside_its_bounds_is_refused(client: Client, query: str) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    good = await browser.ask("GET", "/api/leads?limit=200&state=queued")
    bad = await browser.ask("GET", f"/api/leads?{query}")
    assert good.status == 200
    assert (bad.status, bad.code) == (422, "body.invalid")


async def test_what_was_typed_never_comes_back_in_an_error(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    typed = "+86 130 0000 0007 and more"
    answers = [
        await browser.ask("POST", "/api/explain", {"number": typed, "campaign": "c"}),
        await browser.ask("POST", "/api/attempts/search", {"number": typed}),
        await Browser(client).ask("POST", "/api/session", {"login": "a", "password": "s3cret" * 100}),
    ]
    assert [a.status for a in answers] == [422, 422, 422]
    assert not any(b"0007" in a.body or b"s3cret" in a.body for a in answers)


async def test_an_address_that_is_not_in_the_table_is_not_served(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    unknown = await browser.ask("GET", "/api/nothing")
    method = await browser.ask("PUT", "/api/floor", {})
    odd = await browser.ask("GET", "/api/attempts/..%2f..%2fetc%2fpasswd")
    assert (unknown.status, unknown.code) == (404, "not.found")
    assert (method.status, method.code) == (405, "method.not_allowed")
    assert (odd.status, odd.code) == (404, "not.found")


async def test_a_bug_in_a_handler_says_nothing_of_itself(rooms: Rooms) -> None:
    async def broken(call: Call[Nothing, Nothing]) -> StatusView:
        raise RuntimeError(f"number {NUMBER}")

    route = json_get("/x", "x", "Broken", Visitors.EVERYONE, query=Nothing, answer=StatusView, handle=broken)
    app = web.Application()
    app.router.add_get("/x", guarded(route, rooms.deps, Meters(rooms.deps.metrics)))
    with capture_logs() as logs:
        async with TestClient(TestServer(app)) as client:
            sent = await client.get("/x", headers={"Host": "calls.test"})
            body = await sent.text()
    assert sent.status == 500
    assert json.loads(body)["code"] == "internal.error"
    assert NUMBER not in body
    assert [(entry["event"], entry["failure"]) for entry in logs] == [("api.failed", "RuntimeError")]
    assert logs[0]["place"].startswith("test_guard.py:")
    assert NUMBER not in str(logs)


async def test_a_database_that_does_not_answer_is_503_and_nothing_is_claimed_done(
    client: Client, rooms: Rooms
) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    before = await browser.ask("GET", "/api/floor")
    rooms.store.write_now(lambda tx: tx.run("ALTER TABLE campaign_agent RENAME TO gone"))
    after = await browser.ask("GET", "/api/floor")
    assert before.status == 200
    assert (after.status, after.code) == (503, "service.unavailable")
