"""The example of a client in the documents does what it says, against the real API."""

import asyncio
import importlib.util
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from aiohttp import web

from dialer.api.app import build_app
from dialer.api.deps import WebSettings
from dialer.services.views.session import Role
from dialer.services.webhooks import shown_secret, signature_of
from tests.unit.api.api_seed import HOME, NUMBER, PASSWORD, login_of
from tests.unit.api.api_world import EXCHANGE_NOWHERE, Rooms

EXAMPLE = Path(__file__).parents[3] / "docs/examples/client.py"
SECONDS_MAX = 120


def _example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("client_example", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_example_enters_a_refusal_walks_the_attempts_and_hears_the_status(
    rooms: Rooms, tmp_path: Path
) -> None:
    # the address is known once the port is, and the application checks it
    settings = WebSettings(frozenset({"http://127.0.0.1:0"}), EXCHANGE_NOWHERE, tmp_path)
    probe = web.AppRunner(build_app(replace(rooms.deps, settings=settings)))
    await probe.setup()
    await web.TCPSite(probe, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{probe.addresses[0][1]}"
    object.__setattr__(settings, "origins", frozenset({address}))
    ran = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        address,
        login_of(HOME, Role.SUPERVISOR),
        NUMBER,
        env={**os.environ, "DIALER_PASSWORD": PASSWORD},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await asyncio.wait_for(ran.communicate(), SECONDS_MAX)
    await probe.cleanup()
    assert ran.returncode == 0, complaint.decode()
    lines = said.decode().splitlines()
    assert lines[0] == "logged in as supervisor"
    assert lines[1].startswith("refusal entered in force since 2026-")
    assert f"attempt attempt-made-{HOME} sealed" in lines
    assert lines[-1].startswith("dialling ")


def test_the_example_believes_our_signature_and_no_other() -> None:
    example, secret, body = _example(), b"k" * 32, b'{"type": "attempt.sealed"}'
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1790000000",
        "webhook-signature": signature_of(secret, "msg_1", "1790000000", body),
    }
    assert example.is_from_dialer(shown_secret(secret), headers, body)
    assert not example.is_from_dialer(shown_secret(secret), headers, body + b" ")
    assert not example.is_from_dialer(shown_secret(b"x" * 32), headers, body)
