"""Writes problems and read models as HTTP answers."""

import traceback
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any, cast

from aiohttp import web
from pydantic import TypeAdapter

from dialer.api.errors import PROBLEM_TYPE, Fault, FieldFault, Problem, problem

_PROBLEM = TypeAdapter(Problem)


@cache
def adapter(kind: Hashable) -> TypeAdapter[Any]:
    """The writer of one read model."""
    return TypeAdapter(cast(Any, kind))


def json_response(kind: Hashable, answer: object) -> web.Response:
    """200 with a read model. Text goes out verbatim: the content type says that it is not a page."""
    body = adapter(kind).dump_json(answer)
    return web.Response(body=body, content_type="application/json", charset="utf-8")


def write_problem(found: Problem) -> web.Response:
    """The HTTP answer of a problem."""
    response = web.Response(body=_PROBLEM.dump_json(found), status=found.status, content_type=PROBLEM_TYPE)
    if found.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(found.retry_after_seconds)
    return response


def problem_response(fault: Fault, *, errors: tuple[FieldFault, ...] = ()) -> web.Response:
    """The HTTP answer of one of our own errors."""
    return write_problem(problem(fault, errors=errors))


def place_of(bug: BaseException) -> str:
    """Where an exception was raised, for the log: file and line. Its text stays out, it may repeat what somebody typed."""
    frames = traceback.extract_tb(bug.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
