"""The verifiers that this installation publishes, each one file with its hash: a page for a browser, a program for Python.

Nobody has to trust the copy that comes from here: bundles name the same hashes, and who pins one compares it.
"""

import asyncio
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import Nothing
from dialer.api.route import Call, Download, Visitors, file_get, json_get
from dialer.evidence.onefile import one_file

PAGE: Final = "verifier.html"
PROGRAM: Final = "verify_evidence.py"


@dataclass(frozen=True, slots=True)
class VerifierView:
    """One verifier: its file's name, where it is to be had, length, and SHA-256 (64 hex)."""

    name: str
    address: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class VerifiersView:
    """What there is to verify with."""

    items: tuple[VerifierView, ...]


def published(console: Path) -> dict[str, bytes]:
    """The files by name; without the page where the console was not built."""
    found = {PROGRAM: _program()}
    page = console / PAGE
    if page.is_file():
        found[PAGE] = page.read_bytes()
    return found


@cache
def _program() -> bytes:
    return one_file().encode()


async def _files(call: Call[Nothing, Nothing]) -> dict[str, bytes]:
    return await asyncio.to_thread(published, call.deps.settings.console)


async def _listed(call: Call[Nothing, Nothing]) -> VerifiersView:
    files = await _files(call)
    return VerifiersView(
        tuple(
            VerifierView(name, f"/api/verifiers/{name}", len(content), sha256(content).hexdigest())
            for name, content in sorted(files.items())
        )
    )


async def _page(call: Call[Nothing, Nothing]) -> Download | Problem:
    content = (await _files(call)).get(PAGE)
    return problem(Fault.NOT_FOUND) if content is None else Download(content, PAGE)


async def _python(call: Call[Nothing, Nothing]) -> Download | Problem:
    return Download((await _files(call))[PROGRAM], PROGRAM)


VERIFIERS: Final = (
    json_get(
        "/api/verifiers",
        "getVerifiers",
        "The verifiers that this installation publishes, with their hashes",
        Visitors.EVERYONE,
        query=Nothing,
        answer=VerifiersView,
        handle=_listed,
    ),
    file_get(
        f"/api/verifiers/{PAGE}",
        "getVerifierPage",
        "The verifier as one page that needs a browser alone",
        Visitors.EVERYONE,
        content_type="text/html",
        handle=_page,
        errors=(Fault.NOT_FOUND,),
    ),
    file_get(
        f"/api/verifiers/{PROGRAM}",
        "getVerifierProgram",
        "The verifier as one file that needs Python and cryptography alone",
        Visitors.EVERYONE,
        content_type="text/x-python",
        handle=_python,
    ),
)
