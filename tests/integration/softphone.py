"""A softphone of a few lines: SIP over WebSocket, enough to register and to dial."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp

CLOSING = aiohttp.ClientWSTimeout(ws_close=0.2)
FINGERPRINT = ":".join(["AB"] * 32)


def offer() -> str:
    """A WebRTC offer of audio; nobody ever answers its checks, which come after the 200."""
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "c=IN IP4 127.0.0.1",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        f"a=ice-ufrag:{secrets.token_hex(4)}",
        f"a=ice-pwd:{secrets.token_hex(16)}",
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        "a=setup:actpass",
        "a=rtpmap:0 PCMU/8000",
        "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
    ]
    return "".join(f"{line}\r\n" for line in lines)


@dataclass(slots=True)
class Softphone:
    """One browser's phone. `user` is who it says it is, `login` with `secret` what it answers a challenge with."""

    port: int
    user: str
    secret: str
    login: str = ""
    _tag: str = field(default_factory=lambda: secrets.token_hex(6))
    _session: aiohttp.ClientSession | None = None
    _socket: aiohttp.ClientWebSocketResponse | None = None

    async def __aenter__(self) -> Self:
        """Open the WebSocket."""
        self._session = aiohttp.ClientSession()
        address = f"http://127.0.0.1:{self.port}/ws"
        self._socket = await self._session.ws_connect(address, protocols=("sip",), timeout=CLOSING)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it, as a closed tab does."""
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    async def register(self) -> int:
        """Register; the final status."""
        return await self._ask("REGISTER", "sip:dialer.invalid", self.user, "")

    async def dial(self, exten: str) -> int:
        """Call an extension; the final status."""
        return await self._ask("INVITE", f"sip:{exten}@dialer.invalid", exten, offer())

    async def _ask(self, method: str, uri: str, to: str, body: str) -> int:
        call = secrets.token_hex(8)
        status, challenge = await self._send(method, uri, to, body, call, 1, "")
        if status != 401:
            return status
        status, _ = await self._send(method, uri, to, body, call, 2, self._answer(challenge, method, uri))
        return status

    def _answer(self, challenge: str, method: str, uri: str) -> str:
        parts = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
        user, cnonce = self.login or self.user, secrets.token_hex(4)
        one = _md5(f"{user}:{parts['realm']}:{self.secret}")
        two = _md5(f"{method}:{uri}")
        response = _md5(f"{one}:{parts['nonce']}:00000001:{cnonce}:auth:{two}")
        return (
            f'Authorization: Digest username="{user}", realm="{parts["realm"]}", nonce="{parts["nonce"]}", '
            f'uri="{uri}", response="{response}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc=00000001'
        )

    async def _send(
        self, method: str, uri: str, to: str, body: str, call: str, number: int, answer: str
    ) -> tuple[int, str]:
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/WS tab.invalid;branch=z9hG4bK{secrets.token_hex(6)}",
            f"From: <sip:{self.user}@dialer.invalid>;tag={self._tag}",
            f"To: <sip:{to}@dialer.invalid>",
            f"Call-ID: {call}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:{self.user}@tab.invalid;transport=ws>",
            "Max-Forwards: 10",
            *([answer] if answer else []),
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        assert self._socket is not None
        await self._socket.send_str("\r\n".join(lines) + "\r\n\r\n" + body)
        return await self._final(call, number)

    async def _final(self, call: str, number: int) -> tuple[int, str]:
        assert self._socket is not None
        async with asyncio.timeout(10):
            while True:
                text = await self._socket.receive_str()
                first, _, rest = text.partition("\r\n")
                mine = f"Call-ID: {call}" in rest and re.search(rf"^CSeq: {number} ", rest, re.MULTILINE)
                if first.startswith("SIP/2.0 ") and mine and int(first.split()[1]) >= 200:
                    found = re.search(r"^WWW-Authenticate: (.*)\r?$", rest, re.MULTILINE)
                    return int(first.split()[1]), found.group(1) if found else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
