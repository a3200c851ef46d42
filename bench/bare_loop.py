"""The same two Asterisks without the product: a gate that says yes, and a loop of originates on a bare AMI line."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aiohttp import web

from dialer.demo.sample_leads import number_of
from dialer.demo.sample_organisation import CALLER_ID
from dialer.processes.gate import tls_of
from tests.acceptance.whole_product import Product, until

RECORDING_NOTICE = "recording-zh"
"""What the product's own callees hear first."""


@dataclass
class YesMan:
    """A permit gate that says yes to whatever it knows, and keeps nothing: the least that the egress can be given."""

    numbers: dict[str, str] = field(default_factory=dict)

    async def permit(self, request: web.Request) -> web.Response:
        """The egress asks."""
        number = self.numbers.pop(request.query["token"], None)
        if number is None:
            return web.Response(status=404)
        answer = {"uid": request.query["uid"], "num": number, "cid": CALLER_ID, "cname": "bench"}
        return web.Response(text=urlencode(answer | {"ring": "30", "max": "600"}))

    async def outcome(self, request: web.Request) -> web.Response:
        """The egress reports."""
        del request
        return web.Response(status=204)


class BareLine:
    """AMI with nothing around it: writes originates, counts hang-ups."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.up: set[str] = set()
        self.changed = asyncio.Event()

    async def read(self) -> None:
        """Hear who is gone."""
        event, uniqueid = "", ""
        while line := (await self._reader.readline()).decode(errors="replace").strip("\r\n") + "\n":
            word, _, value = line.strip().partition(": ")
            if word == "Event":
                event = value
            elif word == "Uniqueid":
                uniqueid = value
            elif not word:
                if event == "Hangup" and uniqueid in self.up:
                    self.up.discard(uniqueid)
                    self.changed.set()
                event = uniqueid = ""

    def act(self, *headers: str) -> None:
        """Send one action."""
        self._writer.write(("\r\n".join(headers) + "\r\n\r\n").encode())

    def originate(self, token: str, patience_ms: int, prompt: str) -> str:
        """One call, as the product's own exchange room words it."""
        attempt = secrets.token_hex(16)
        self.up.add(attempt)
        self.act(
            "Action: Originate",
            f"Channel: PJSIP/{token}@egress",
            f"ChannelId: {attempt}",
            "Context: callee",
            "Exten: s",
            "Priority: 1",
            "Timeout: 60000",
            "Async: true",
            f"Variable: ATTEMPT={attempt}",
            f"Variable: PATIENCE_MS={patience_ms}",
            f"Variable: RECNOTICE={prompt}",
            "Variable: RECORDING=at_start",
        )
        return attempt


@dataclass
class Bare:
    """The two Asterisks without us."""

    product: Product
    line: BareLine
    gate: YesMan

    def call(self, ending: int, patience_ms: int) -> str:
        """Place one call."""
        token = "pt" + secrets.token_hex(16)
        self.gate.numbers[token] = number_of(ending)
        return self.line.originate(token, patience_ms, RECORDING_NOTICE)

    async def run(self, endings: list[int], at_once: int) -> None:
        """Place all of them, never more than so many at once."""
        for ending in endings:
            while len(self.line.up) >= at_once:
                self.line.changed.clear()
                await self.line.changed.wait()
            self.call(ending, 60_000)
        await until(lambda: not self.line.up, 60)


@asynccontextmanager
async def bare_loop(product: Product) -> AsyncIterator[Bare]:
    """Take the place of dialer and gate, which have to be stopped."""
    settings = product.stage.settings
    gate, app = YesMan(), web.Application()
    app.router.add_get("/permit", gate.permit)
    app.router.add_get("/outcome", gate.outcome)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, settings.gate.host, settings.gate.port, ssl_context=tls_of(settings)).start()
    line = BareLine(*await asyncio.open_connection(settings.exchange.ami_host, settings.exchange.ami_port))
    reading = asyncio.create_task(line.read())
    line.act("Action: Login", "Username: dialer", f"Secret: {product.stage.ami_secret}")
    await asyncio.sleep(0.5)
    try:
        yield Bare(product, line, gate)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await runner.cleanup()
