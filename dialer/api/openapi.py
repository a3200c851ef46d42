"""The OpenAPI 3.1 document, made from the route table. `python -m dialer.api.openapi` writes the committed copy."""

import json
import re
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from dialer.api.errors import PROBLEM_TYPE, STATUS_DECLINED, Fault, Problem
from dialer.api.models import Sent
from dialer.api.repeating import KEY_HEADER, KEY_PATTERN, takes_key
from dialer.api.route import (
    FileAnswer,
    JsonAnswer,
    JsonBody,
    Method,
    NoAnswer,
    Route,
    SocketAnswer,
    UploadBody,
    Visitors,
)
from dialer.api.routes import ROUTES
from dialer.services.repeats import KEPT_HOURS
from dialer.services.views.session import Role

VERSION: Final = "1"
REF: Final = "#/components/schemas/{model}"
COMMITTED: Final = Path(__file__).with_name("openapi.json")

Json = dict[str, Any]


def document(routes: tuple[Route, ...] = ROUTES) -> Json:
    """The whole document; equal tables give equal bytes."""
    schemas = _Schemas(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.value.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Consent-aware dialer",
            "version": VERSION,
            "summary": "Consoles for agents, supervisors and auditors",
            "description": (
                "JSON over one origin. A login gives a cookie and a token; the token goes back in X-CSRF on every "
                "request but GET. Times are RFC 3339 in UTC, numbers are masked, sentences come in zh and en. "
                "Errors are RFC 9457 with a stable code."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "dialer_session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF"},
            },
        },
    }


def text(routes: tuple[Route, ...] = ROUTES) -> str:
    """The document as it is committed."""
    return json.dumps(document(routes), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


class _Schemas:
    """Schemas of every model of the table, by the model."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        sent: list[type[Sent]] = [r.body.model for r in routes if isinstance(r.body, JsonBody)]
        shown: list[type[object]] = [Problem]
        for route in routes:
            if isinstance(route.answer, JsonAnswer):
                shown.append(route.answer.kind)
            elif isinstance(route.answer, SocketAnswer):
                shown.extend(route.answer.messages)
        wanted: list[tuple[str, Literal["validation", "serialization"], TypeAdapter[Any]]] = [
            *((f"in {m.__qualname__}", "validation", TypeAdapter(m)) for m in dict.fromkeys(sent)),
            *((f"out {m.__qualname__}", "serialization", TypeAdapter(m)) for m in dict.fromkeys(shown)),
        ]
        by_key, rest = TypeAdapter.json_schemas(wanted, ref_template=REF)
        self._by_name = {key.split(" ", 1)[1]: schema for (key, _), schema in by_key.items()}
        self.components: dict[str, Json] = dict(sorted(rest.get("$defs", {}).items()))

    def of(self, model: type[object]) -> Json:
        """Schema (mostly a reference) of a model."""
        return dict(self._by_name[model.__qualname__])


def _operation(route: Route, schemas: _Schemas) -> Json:
    everyone = route.access is Visitors.EVERYONE
    operation: Json = {
        "operationId": route.operation,
        "summary": route.summary,
        "x-roles": ["everyone"] if isinstance(route.access, Visitors) else _roles(route.access),
        "security": [] if everyone else [_security(route)],
        "parameters": _parameters(route),
        "responses": _responses(route, schemas),
    }
    if isinstance(route.body, JsonBody):
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas.of(route.body.model)}},
        }
    elif isinstance(route.body, UploadBody):
        form = {
            "type": "object",
            "properties": {route.body.field: {"type": "string", "contentMediaType": "text/csv"}},
            "required": [route.body.field],
        }
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form}}}
    if isinstance(route.answer, SocketAnswer):
        messages = [schemas.of(message) for message in route.answer.messages]
        operation["x-websocket"] = {"subprotocol": route.answer.subprotocol, "messages": messages}
    return operation


def _roles(access: frozenset[Role]) -> list[str]:
    return sorted(role.value for role in access)


def _security(route: Route) -> Json:
    return {"session": []} if route.method is Method.GET else {"session": [], "csrf": []}


def _parameters(route: Route) -> list[Json]:
    found: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"},
        }
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    schema = route.query.model_json_schema(ref_template=REF)
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        found.append({"name": name, "in": "query", "required": name in required, "schema": field})
    if takes_key(route):
        found.append(
            {
                "name": KEY_HEADER,
                "in": "header",
                "required": False,
                "description": f"The same request under the same key is done once; its answer is kept {KEPT_HOURS} hours",
                "schema": {"type": "string", "pattern": KEY_PATTERN},
            }
        )
    return found


def _responses(route: Route, schemas: _Schemas) -> Json:
    responses: dict[str, Json] = {}
    match route.answer:
        case JsonAnswer(kind):
            responses["200"] = {
                "description": "Done",
                "content": {"application/json": {"schema": schemas.of(kind)}},
            }
        case FileAnswer(content_type):
            is_json = content_type.endswith("json")
            binary = {"type": "object"} if is_json else {"type": "string", "contentMediaType": content_type}
            responses["200"] = {"description": "The bytes", "content": {content_type: {"schema": binary}}}
        case NoAnswer():
            responses["204"] = {"description": "Done"}
        case SocketAnswer():
            responses["101"] = {"description": "The connection is a WebSocket now"}
    faults: dict[int, list[str]] = {}
    for fault in possible_faults(route):
        faults.setdefault(fault.status, []).append(fault.code)
    if route.may_decline:
        faults.setdefault(STATUS_DECLINED, []).append("the service's own code")
    for status, codes in sorted(faults.items()):
        responses[str(status)] = {
            "description": " | ".join(codes),
            "content": {PROBLEM_TYPE: {"schema": schemas.of(Problem)}},
        }
    return responses


def possible_faults(route: Route) -> tuple[Fault, ...]:
    """Every error that the address may answer with: its own and the guard's."""
    found = [Fault.ORIGIN_REFUSED, Fault.INTERNAL, Fault.UNAVAILABLE, *route.errors]
    if not isinstance(route.access, Visitors):
        found += [Fault.LOGIN_REQUIRED, Fault.ROLE_FORBIDDEN, Fault.SECOND_FACTOR_OWED]
        if route.method is not Method.GET:
            found.append(Fault.CSRF_REFUSED)
    if "{" in route.path:
        found.append(Fault.NOT_FOUND)
    if takes_key(route):
        found += [Fault.KEY_INVALID, Fault.KEY_REUSED, Fault.KEY_UNANSWERED]
    if route.body is not None:
        found += [Fault.BODY_INVALID, Fault.BODY_TOO_LARGE, Fault.BODY_TYPE]
    elif route.query.model_fields:
        found.append(Fault.BODY_INVALID)
    if isinstance(route.answer, SocketAnswer):
        found += [Fault.TOO_MANY_SOCKETS, Fault.PHONE_NOT_GIVEN]
    return tuple(dict.fromkeys(found))


if __name__ == "__main__":
    COMMITTED.write_text(text(), encoding="utf-8")
