"""An agent whose browser may use nothing but the relay: a talk through coturn, by the credential that the API gives.

That the two networks reach each other through the relay alone is the story of tests/integration/test_turn.py.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dialer.demo.stage import free_port
from tests.acceptance.browser.test_talk_on_the_product import AGENT_HZ, HEARD_DB, talking
from tests.acceptance.whole_product import CALLEE_HZ

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

SECRET = "shared-with-the-relay"
RELAY_ALONE = """
    window.connections = [];
    window.RTCPeerConnection = class extends window.RTCPeerConnection {
        constructor(given) {
            super({ ...given, iceTransportPolicy: 'relay' });
            window.connections.push(this);
        }
    };
"""
"""Before any script of the page: the browser may send through a relay or not at all."""
WAY = """async () => {
    const stats = [...(await window.connections.at(-1).getStats()).values()];
    const pair = stats.find(s => s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded');
    return stats.find(s => s.id === pair.localCandidateId).candidateType;
}"""


def own_address() -> str:
    """This host's address on its network: no relay forwards to a loopback. No packet is sent."""
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.connect(("192.0.2.254", 9))
        return str(asking.getsockname()[0])


@asynccontextmanager
async def relay(folder: Path, address: str) -> AsyncIterator[int]:
    """coturn on this host; its port."""
    port = free_port(socket.SOCK_DGRAM)
    process = await asyncio.create_subprocess_exec(
        "turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--lt-cred-mech", "--use-auth-secret",
        f"--static-auth-secret={SECRET}", "--realm=calls.example", f"--listening-port={port}",
        f"--listening-ip={address}", f"--relay-ip={address}",
        f"--pidfile={folder}/turn.pid", f"--userdb={folder}/turn.db", f"--log-file={folder}/turn.log",
        "--simple-log", "--no-stdout-log",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield port
    finally:
        process.terminate()
        await process.wait()


async def test_a_browser_that_may_use_the_relay_alone_talks_through_it_and_both_are_heard(
    tmp_path: Path, built_console: Path
) -> None:
    del built_console
    secret = tmp_path / "turn.secret"
    secret.write_text(f"{SECRET}\n")
    secret.chmod(0o600)
    address = own_address()
    async with relay(tmp_path, address) as port:
        settings = f"""
[media.turn]
urls = ["turn:{address}:{port}?transport=udp"]
secret_file = "{secret}"
"""
        async with talking(tmp_path, 3, before=RELAY_ALONE, settings=settings, media_address=address) as talk:
            assert await talk.page.evaluate(WAY) == "relay"
            assert await talk.hears("agent", AGENT_HZ) > HEARD_DB, "the callee hears the agent"
            assert await talk.hears("callee", CALLEE_HZ) > HEARD_DB, "the callee's words are on the line"
            assert await talk.page.locator(".strip-attention").count() == 0, "the desk hears the callee"
            await talk.end()
            assert "attempt.abandoned" not in await talk.leaves()
