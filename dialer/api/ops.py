"""For the people who run the installation: is it alive, is it ready, its metrics, and the API's own document."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from prometheus_client import generate_latest

from dialer.api.errors import Fault, FieldFault, Problem, problem
from dialer.api.models import Nothing
from dialer.api.route import Call, Download


@dataclass(frozen=True, slots=True)
class ReadyView:
    """The process can do its work."""

    ready: bool


@cache
def _document() -> bytes:
    return files("dialer.api").joinpath("openapi.json").read_bytes()


async def openapi(call: Call[Nothing, Nothing]) -> Download:
    """The committed OpenAPI document; a test holds it against the route table."""
    del call
    return Download(_document(), "")


async def healthz(call: Call[Nothing, Nothing]) -> Download:
    """Alive."""
    del call
    return Download(b"ok\n", "")


async def readyz(call: Call[Nothing, Nothing]) -> ReadyView | Problem:
    """Ready, or the parts that don't answer."""
    failing = await call.deps.readiness.failing()
    if failing:
        named = tuple(
            FieldFault(at=part, code="unavailable", message=f"{part} does not answer") for part in failing
        )
        return problem(Fault.UNAVAILABLE, errors=named)
    return ReadyView(ready=True)


async def metrics(call: Call[Nothing, Nothing]) -> Download:
    """The registry in Prometheus' text format."""
    return Download(generate_latest(call.deps.metrics), "")
