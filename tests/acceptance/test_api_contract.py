"""Whatever is sent, each address answers only what the OpenAPI document promises, and only to whom it may.

Schemathesis draws requests from the committed document, right ones and wrong ones; every answer of every role is held to
the document. Right ones also name what really is there, of our organisation and of another. `CONTRACT_CASES=100` draws more.
"""

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dialer.api.app import build_app
from dialer.api.openapi import COMMITTED
from dialer.api.route import SocketAnswer
from dialer.api.routes import ROUTES
from dialer.services.views.session import Role
from dialer.storage.store import Store
from tests.unit.api.api_seed import HOME, NUMBER, OTHER, PASSWORD, login_of
from tests.unit.api.api_world import HOST, make_rooms

DOCUMENT = json.loads(COMMITTED.read_text(encoding="utf-8"))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CASES = int(os.environ.get("CONTRACT_CASES", "5"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SOCKETS = frozenset(r.operation for r in ROUTES if isinstance(r.answer, SocketAnswer))
SKIPPED = SOCKETS | {"login", "logout", "endLogin"}
"""Not drawn: sockets have a test of their own; the first would lock accounts out, the others end the sessions that ask."""
OPERATIONS = {
    found.definition.raw["operationId"]: found
    for found in (each.ok() for each in SCHEMA.get_all_operations())
}
DRAWN = sorted(OPERATIONS.keys() - SKIPPED)
THINGS = ("attempt-made-{org}", "attempt-refused-{org}", "campaign-{org}", "lead-made-{org}", "source-{org}")
IDS = st.sampled_from([*(thing.format(org=org) for thing in THINGS for org in (HOME, OTHER)), "nothing", "0"])


class Served:
    """The application on a thread of its own, with one login a role."""

    def __init__(self, folder: Path, seeded: Path) -> None:
        self.store = Store(f"sqlite:///{seeded}")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="served")
        self._thread.start()
        self._runner, port = self._run(self._start(folder))
        self.url = f"http://127.0.0.1:{port}"
        self.logins = {role: self._log_in(role) for role in Role}

    async def _start(self, folder: Path) -> tuple[web.AppRunner, int]:
        runner = web.AppRunner(build_app(make_rooms(self.store, folder).deps), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, int(runner.addresses[0][1])

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def _log_in(self, role: Role) -> dict[str, str]:
        case = OPERATIONS["login"].Case(
            body={"login": login_of(HOME, role), "password": PASSWORD}, media_type="application/json"
        )
        answer = case.call(base_url=self.url, headers={"Host": HOST})
        assert answer.status_code == 200, answer.content
        cookie = answer.headers["set-cookie"][0].split(";", 1)[0]
        return {"Host": HOST, "Cookie": cookie, "X-CSRF": answer.json()["csrf"]}

    def ask(self, case: Case, role: Role) -> schemathesis.Response:
        case.cookies.clear()
        return case.call(base_url=self.url, headers=self.logins[role])

    def close(self) -> None:
        self._run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.store.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[Served]:
    opened = Served(tmp_path_factory.mktemp("contract"), seeded)
    yield opened
    opened.close()


def _held(case: Case, answer: schemathesis.Response, role: Role) -> None:
    case.validate_response(answer, checks=CHECKS)  # type: ignore[arg-type]
    raw = case.operation.definition.raw
    if raw["x-roles"] != ["everyone"] and role.value not in raw["x-roles"]:
        assert answer.status_code == 403, (raw["operationId"], role, answer.status_code)
    if answer.status_code < 300:
        assert OTHER not in json.dumps(dict(case.path_parameters)), (raw["operationId"], answer.status_code)
        if raw["operationId"] != "getOpenApi":
            assert OTHER.encode() not in answer.content, raw["operationId"]


def _may_be_wrong(operation: str) -> bool:
    raw = OPERATIONS[operation].definition.raw
    return bool(raw["parameters"] or raw["security"] or "requestBody" in raw)


ASKED = [
    pytest.param(operation, mode, id=f"{operation}-{mode.value}")
    for operation in DRAWN
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or _may_be_wrong(operation)
]


@pytest.mark.parametrize(("operation", "mode"), ASKED)
def test_every_answer_is_promised_and_goes_only_to_whom_it_may(
    served: Served, operation: str, mode: GenerationMode
) -> None:
    @seed(20261118)
    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=OPERATIONS[operation].as_strategy(generation_mode=mode),
        ids=st.lists(IDS, min_size=3, max_size=3),
        drawn=st.booleans(),
    )
    def sent(case: Case, ids: list[str], drawn: bool) -> None:
        if mode is GenerationMode.POSITIVE and not drawn:
            case.path_parameters.update(zip(case.path_parameters, ids, strict=False))
        for role in Role:
            _held(case, served.ask(case, role), role)

    sent()


RIGHT: dict[str, tuple[Role, dict[str, str], dict[str, Any] | None]] = {
    "getSession": (Role.AUDITOR, {}, None),
    "listLogins": (Role.AUDITOR, {}, None),
    "setLocale": (Role.AUDITOR, {}, {"locale": "en"}),
    "getStatus": (Role.AUDITOR, {}, None),
    "getPhone": (Role.AGENT, {}, None),
    "goReady": (Role.AGENT, {}, None),
    "pause": (Role.AGENT, {}, {"reason": "break"}),
    "getDesk": (Role.AGENT, {}, None),
    "getFloor": (Role.SUPERVISOR, {}, None),
    "listLeads": (Role.SUPERVISOR, {}, None),
    "searchAttempts": (Role.SUPERVISOR, {}, {"number": NUMBER, "limit": 1}),
    "getFilters": (Role.SUPERVISOR, {}, None),
    "getAttempt": (Role.AUDITOR, {"attempt": f"attempt-made-{HOME}"}, None),
    "verifyAttempt": (Role.AUDITOR, {"attempt": f"attempt-made-{HOME}"}, None),
    "revealNumber": (Role.AUDITOR, {"attempt": f"attempt-made-{HOME}"}, {"reason": "a complaint"}),
    "listPeople": (Role.ADMINISTRATOR, {}, None),
    "listWebhooks": (Role.ADMINISTRATOR, {}, None),
}


def _case(operation: str, path: dict[str, str], body: dict[str, Any] | None) -> Case:
    found = OPERATIONS[operation]
    if body is None:
        return found.Case(path_parameters=path)
    return found.Case(path_parameters=path, body=body, media_type="application/json")


@pytest.mark.parametrize("operation", RIGHT)
def test_a_right_request_is_answered_in_its_promised_shape(served: Served, operation: str) -> None:
    role, path, body = RIGHT[operation]
    case = _case(operation, path, body)
    answer = served.ask(case, role)
    assert answer.status_code == 200, answer.content
    _held(case, answer, role)


def test_an_answer_of_another_shape_would_be_noticed(served: Served) -> None:
    case = _case("getStatus", {}, None)
    right = served.ask(case, Role.AGENT)
    for status, kind, content in (
        (200, "application/json", b'{"clock": {}}'),
        (418, "application/json", right.content),
        (200, "text/html", right.content),
        (500, "application/problem+json", b"{}"),
    ):
        wrong = schemathesis.Response(
            status_code=status,
            headers={"content-type": [kind]},
            content=content,
            request=right.request,
            elapsed=0.0,
            verify=True,
        )
        with pytest.raises(FailureGroup):
            _held(case, wrong, Role.AGENT)
    floor = _case("getFloor", {}, None)
    seen = served.ask(floor, Role.SUPERVISOR)
    _held(floor, seen, Role.SUPERVISOR)
    with pytest.raises(AssertionError, match="getFloor"):
        _held(floor, seen, Role.AGENT)


def test_every_operation_names_its_roles_and_its_problems() -> None:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["x-roles"], where
            assert operation["summary"], where
            problems = {status: r for status, r in operation["responses"].items() if status >= "400"}
            assert {"403", "500", "503"} <= problems.keys(), where
            for response in problems.values():
                assert set(response["content"]) == {"application/problem+json"}, where
                assert response["description"], where
            if operation["x-roles"] != ["everyone"]:
                assert "401" in problems, where
