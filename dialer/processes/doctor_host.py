"""What `dialer doctor` sees around the installation: secrets that the settings name, the relay, the firewall."""

import asyncio
import os
import shutil
import struct
from pathlib import Path
from typing import Final

from dialer.processes.host_files import FOLDER, TABLE
from dialer.services.findings import Finding, finding
from dialer.settings import Settings

STUN_PORT: Final = 3478
STUN_MAGIC: Final = 0x2112A442
BINDING_REQUEST, BINDING_ANSWER = 0x0001, 0x0101
ANSWER_SECONDS_MAX: Final = 3.0
COMMAND_SECONDS_MAX: Final = 10.0


async def look_at_host(settings: Settings) -> tuple[Finding, ...]:
    """Missing secrets, a relay that is silent, firewall rules that lie there and aren't in force."""
    return (*_secrets(settings), *await _relays(settings), *await _firewall(settings))


def _secrets(settings: Settings) -> list[Finding]:
    mail, hook = settings.alerts.mail, settings.alerts.webhook
    named = (
        settings.media.turn and settings.media.turn.secret_file,
        settings.openid and settings.openid.client_secret_file,
        mail and mail.password_file,
        hook and hook.secret_file,
    )
    return [finding("secret.missing", path.name) for path in named if path and not os.access(path, os.R_OK)]


async def _relays(settings: Settings) -> list[Finding]:
    """Whether each relay that is reached by UDP answers a STUN question; those of TLS and TCP are not asked."""
    turn = settings.media.turn
    urls = (*settings.media.stun, *(turn.urls if turn is not None else ()))
    asked = [url for url in urls if url.startswith(("stun:", "turn:")) and not url.endswith("transport=tcp")]
    answers = await asyncio.gather(*(_answers(*_host_and_port(url)) for url in asked))
    return [finding("turn.silent", url) for url, is_there in zip(asked, answers, strict=True) if not is_there]


def _host_and_port(url: str) -> tuple[str, int]:
    place = url.split(":", 1)[1].split("?", 1)[0]
    host, _, port = place.rpartition(":") if place.rpartition(":")[2].isdigit() else (place, "", "")
    return host.strip("[]"), int(port) if port else STUN_PORT


class _Answer(asyncio.DatagramProtocol):
    def __init__(self, transaction: bytes) -> None:
        self._transaction = transaction
        self.came = asyncio.Event()

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        del addr
        if (
            len(data) >= 20
            and data[8:20] == self._transaction
            and data[:2] == struct.pack("!H", BINDING_ANSWER)
        ):
            self.came.set()


async def _answers(host: str, port: int) -> bool:
    """Whether a STUN binding request (RFC 8489) is answered."""
    transaction = os.urandom(12)
    request = struct.pack("!HHI", BINDING_REQUEST, 0, STUN_MAGIC) + transaction
    loop = asyncio.get_running_loop()
    try:
        transport, answer = await loop.create_datagram_endpoint(
            lambda: _Answer(transaction), remote_addr=(host, port)
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            while not answer.came.is_set():
                transport.sendto(request)
                try:
                    await asyncio.wait_for(answer.came.wait(), 0.5)
                except TimeoutError:
                    continue
    except TimeoutError:
        return False
    finally:
        transport.close()
    return True


async def _firewall(settings: Settings) -> list[Finding]:
    """Only root may ask what is loaded; for anybody else nothing is known, and nothing is said."""
    rules: Path = settings.folders.keys.parent / FOLDER / "dialer.nft"
    program = shutil.which("nft")
    if not rules.exists() or program is None or os.geteuid() != 0:
        return []
    asked = await asyncio.create_subprocess_exec(
        program,
        "list",
        "table",
        *TABLE.split(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        loaded = await asyncio.wait_for(asked.wait(), COMMAND_SECONDS_MAX) == 0
    except TimeoutError:
        asked.kill()
        await asked.wait()
        return []
    return [] if loaded else [finding("firewall.not_loaded", rules.name)]
