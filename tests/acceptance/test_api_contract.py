"""Whatever is sent, each address answers only what the OpenAPI document promises: no 5xx, no answer of another shape.

Requests are drawn from the document's own schemas, right ones and wrong ones; every answer is held to its schema.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from dialer.api.app import build_app
from dialer.api.openapi import document
from dialer.api.route import FileAnswer, JsonBody, Route, SocketAnswer, UploadBody
from dialer.api.routes import ROUTES
from dialer.services.views.session import Role
from dialer.storage.store import Store
from tests.unit.api.api_seed import HOME, NUMBER
from tests.unit.api.api_world import Browser, Client, browser_of, make_rooms

DOCUMENT = document()
IDS = st.sampled_from(
    [f"attempt-made-{HOME}", f"attempt-refused-{HOME}", f"campaign-{HOME}", "nothing", "a" * 64, "0", ":.-_"]
)
WORDS = st.one_of(
    st.text(max_size=40), st.sampled_from([NUMBER, "handled", "break", "en", "2026-11-18T00:00:00Z", ""])
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)
RIGHT_QUERY = {
    "from": "2026-11-01T00:00:00Z",
    "to": "2026-11-19T00:00:00Z",
    "country": "CN",
    "kind": "registry",
    "as_of": "2026-11-17T00:00:00Z",
}
SKIPPED = frozenset({"login", "logout", "endLogin"})
"""Not fuzzed: the first would lock the accounts out, the others would end the sessions that ask."""


def _validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def _operation(route: Route) -> dict[str, Any]:
    found = DOCUMENT["paths"][route.path][route.method.value.lower()]
    assert isinstance(found, dict)
    return found


VALIDATORS = {
    (route.operation, status, kind): _validator(content["schema"])
    for route in ROUTES
    for status, response in _operation(route)["responses"].items()
    for kind, content in response.get("content", {}).items()
    if "json" in kind
}


def _bodies(route: Route) -> st.SearchStrategy[bytes]:
    if not isinstance(route.body, JsonBody):
        return st.just(b"")
    fields = list(route.body.model.model_json_schema()["properties"])
    near = st.dictionaries(st.sampled_from(fields), st.one_of(WORDS, JSON), max_size=len(fields))
    return st.one_of(near.map(_dump), JSON.map(_dump), st.binary(max_size=50))


def _dump(value: object) -> bytes:
    return json.dumps(value).encode()


def _queries(route: Route) -> st.SearchStrategy[dict[str, str]]:
    names = [field.alias or name for name, field in route.query.model_fields.items()]
    words = st.one_of(WORDS, IDS)
    # words are never a country or a moment by chance, and a query that lacks one never gets past the door
    each = {n: st.one_of(st.just(RIGHT_QUERY[n]), words) if n in RIGHT_QUERY else words for n in names}
    whole = {n: st.just(RIGHT_QUERY[n]) for n in names if n in RIGHT_QUERY}
    rest = {n: strategy for n, strategy in each.items() if n not in RIGHT_QUERY}
    return st.one_of(st.fixed_dictionaries(whole, optional=rest), st.fixed_dictionaries({}, optional=each))


class Served:
    """The application on a loop of its own, with one browser a role."""

    def __init__(self, folder: Path, seeded: Path) -> None:
        self._runner = asyncio.Runner()
        self.store = Store(f"sqlite:///{seeded}")
        rooms = make_rooms(self.store, folder)
        self.client: Client = TestClient(TestServer(build_app(rooms.deps)), loop=self._runner.get_loop())
        self._runner.run(self.client.start_server())
        self.browsers = {role: self._runner.run(browser_of(self.client, HOME, role)) for role in Role}

    def ask(
        self, route: Route, browser: Browser, path: str, query: dict[str, str], body: bytes
    ) -> tuple[int, str, bytes]:
        return self._runner.run(self._ask(route, browser, path, query, body))

    async def _ask(
        self, route: Route, browser: Browser, path: str, query: dict[str, str], body: bytes
    ) -> tuple[int, str, bytes]:
        kind = "multipart/form-data; boundary=x" if isinstance(route.body, UploadBody) else "application/json"
        if isinstance(route.body, UploadBody):
            body = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + body + b"\r\n--x--\r\n"
        sent = await self.client.request(
            route.method.value,
            path,
            params=query,
            data=body or None,
            headers=browser.headers(Content_Type=kind),
        )
        return sent.status, sent.content_type, await sent.read()

    def close(self) -> None:
        self._runner.run(self.client.close())
        self._runner.close()
        self.store.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[Served]:
    opened = Served(tmp_path_factory.mktemp("contract"), seeded)
    yield opened
    opened.close()


FUZZED = [r for r in ROUTES if not isinstance(r.answer, SocketAnswer) and r.operation not in SKIPPED]


@pytest.mark.parametrize("route", FUZZED, ids=lambda r: r.operation)
def test_every_answer_is_promised_and_has_its_promised_shape(served: Served, route: Route) -> None:
    statuses: set[int] = set()

    @seed(20261118)
    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(role=st.sampled_from(Role), data=st.data())
    def sent(role: Role, data: st.DataObject) -> None:
        browser = served.browsers[role]
        path = re.sub(r"{\w+}", lambda _: data.draw(IDS), route.path)
        answer = served.ask(route, browser, path, data.draw(_queries(route)), data.draw(_bodies(route)))
        statuses.add(answer[0])
        _held(route, *answer)

    sent()
    # a fuzz that never gets past the door proves nothing about the handler
    if not isinstance(route.body, JsonBody):
        assert statuses & {200, 204, 404, 409}, statuses


def _held(route: Route, status: int, kind: str, content: bytes) -> None:
    promised = _operation(route)["responses"]
    assert str(status) in promised, (status, content)
    assert status < 500, content
    validator = VALIDATORS.get((route.operation, str(status), kind))
    is_file = isinstance(route.answer, FileAnswer) and status == 200
    if "json" in kind and not is_file:
        assert validator is not None, (status, kind)
        errors = list(validator.iter_errors(json.loads(content)))
        assert errors == []


RIGHT: dict[str, tuple[Role, str, dict[str, Any] | None]] = {
    "getSession": (Role.AUDITOR, "/api/session", None),
    "listLogins": (Role.AUDITOR, "/api/session/logins", None),
    "setLocale": (Role.AUDITOR, "/api/session/locale", {"locale": "en"}),
    "getStatus": (Role.AUDITOR, "/api/status", None),
    "getPhone": (Role.AGENT, "/api/agent/phone", None),
    "goReady": (Role.AGENT, "/api/agent/ready", None),
    "pause": (Role.AGENT, "/api/agent/pause", {"reason": "break"}),
    "getDesk": (Role.AGENT, "/api/agent/desk", None),
    "getFloor": (Role.SUPERVISOR, "/api/floor", None),
    "listLeads": (Role.SUPERVISOR, "/api/leads?limit=1", None),
    "searchAttempts": (Role.SUPERVISOR, "/api/attempts/search", {"number": NUMBER, "limit": 1}),
    "getFilters": (Role.SUPERVISOR, "/api/attempts/filters", None),
    "getAttempt": (Role.AUDITOR, f"/api/attempts/attempt-made-{HOME}", None),
    "verifyAttempt": (Role.AUDITOR, f"/api/attempts/attempt-made-{HOME}/verify", None),
    "revealNumber": (Role.AUDITOR, f"/api/attempts/attempt-made-{HOME}/reveal", {"reason": "a complaint"}),
}


@pytest.mark.parametrize("operation", RIGHT)
def test_a_right_request_is_answered_in_its_promised_shape(served: Served, operation: str) -> None:
    route = next(r for r in ROUTES if r.operation == operation)
    role, path, body = RIGHT[operation]
    status, kind, content = served.ask(
        route, served.browsers[role], path, {}, b"" if body is None else _dump(body)
    )
    assert status == 200, content
    _held(route, status, kind, content)


def test_an_answer_of_another_shape_would_be_noticed() -> None:
    route = next(r for r in ROUTES if r.operation == "getStatus")
    with pytest.raises(AssertionError):
        _held(route, 200, "application/json", b'{"clock": {}}')
    with pytest.raises(AssertionError):
        _held(route, 418, "application/json", b"{}")


def test_the_document_is_itself_well_formed() -> None:
    named = set(DOCUMENT["components"]["schemas"])
    text = json.dumps(DOCUMENT)
    used = {part.split('"', 1)[0] for part in text.split('"#/components/schemas/')[1:]}
    assert used <= named
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
